//! Values as text, by their type: a float is stored as its bits, and displayed as its number.

use std::fmt;

use thiserror::Error;
use wast::parser::{Parse, ParseBuffer, parse};
use wast::token::{F32, F64};

use super::Value;
use super::integer::{IntegerError, integer};
use crate::full::isa::ValType;

/// A value with a type of the same width. The format `{:#}` puts the type before the value.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    value: Value,
    ty: ValType,
}

impl Value {
    /// The value with this type.
    pub fn typed(self, ty: ValType) -> Typed {
        Typed { value: self, ty }
    }

    /// The value of a type that the text spells in WebAssembly's text format. An integer may be signed or
    /// unsigned, of the type's width.
    ///
    /// # Errors
    /// Where the text is not a value of the type.
    pub fn parse(text: &str, ty: ValType) -> Result<Value, ValueError> {
        let bits = match ty {
            ValType::I32 => integer_of(text, ty, 32)?,
            ValType::I64 => integer_of(text, ty, 64)?,
            ValType::F32 => float_of::<F32>(text, ty)?.bits.into(),
            ValType::F64 => float_of::<F64>(text, ty)?.bits,
            ValType::FuncRef | ValType::ExternRef => reference_of(text, ty)?.bits(),
        };
        Ok(Value::from_bits(ty, bits))
    }
}

/// Why a text is not a value of a type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// The text is not an integer.
    #[error(transparent)]
    Integer(#[from] IntegerError),
    /// The integer does not fit the type.
    #[error("{0} does not fit {1}")]
    DoesNotFit(i128, ValType),
    /// The text is not a float.
    #[error("{0:?} is not a number of type {1}")]
    Float(String, ValType),
    /// The text is not a reference that can be given from outside.
    #[error("{0:?} is not a reference of type {1}; `null` is, and for externref a number")]
    Reference(String, ValType),
}

fn integer_of(text: &str, ty: ValType, bits: u32) -> Result<u64, ValueError> {
    let number = integer(text)?;
    let fits = (-(1i128 << (bits - 1))..1i128 << bits).contains(&number);
    fits.then_some(number as u64).ok_or(ValueError::DoesNotFit(number, ty))
}

/// `null`, or the number of something of the host's. The longer forms of scripts are read too.
fn reference_of(text: &str, ty: ValType) -> Result<Value, ValueError> {
    if matches!(text, "null" | "ref.null") {
        return Ok(Value::reference(None));
    }
    let wrong = || ValueError::Reference(text.to_string(), ty);
    let number = text.strip_prefix("ref.extern ").unwrap_or(text);
    let number: u32 = number.parse().map_err(|_| wrong())?;
    (ty == ValType::ExternRef && number < u32::MAX).then_some(Value::reference(Some(number))).ok_or_else(wrong)
}

fn float_of<F: for<'a> Parse<'a>>(text: &str, ty: ValType) -> Result<F, ValueError> {
    let parsed = ParseBuffer::new(text).and_then(|buffer| parse(&buffer));
    parsed.map_err(|_| ValueError::Float(text.to_string(), ty))
}

/// Values with these types. Where there are fewer types than values, the other values are integers.
pub fn typed(values: &[Value], types: &[ValType]) -> Vec<Typed> {
    values.iter().enumerate().map(|(index, value)| value.typed(types.get(index).copied().unwrap_or(value.ty()))).collect()
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Typed { value, ty } = self;
        if f.alternate() {
            write!(f, "{ty} ")?;
        }
        match ty {
            ValType::I32 | ValType::I64 => write!(f, "{}", value.signed()),
            ValType::F32 => f.write_str(&float32(value.bits() as u32)),
            ValType::F64 => f.write_str(&float64(value.bits())),
            ValType::FuncRef => write_reference(f, "ref.func", *value),
            ValType::ExternRef => write_reference(f, "ref.extern", *value),
        }
    }
}

fn write_reference(f: &mut fmt::Formatter<'_>, kind: &str, value: Value) -> fmt::Result {
    match value.referred() {
        Some(index) => write!(f, "{kind} {index}"),
        None => f.write_str("ref.null"),
    }
}

/// The float with these bits in WebAssembly's text format: the shortest decimal that reads back as the same
/// float, `inf`, `nan`, or `nan:0x…` if the payload is not the canonical one.
fn float32(bits: u32) -> String {
    let float = f32::from_bits(bits);
    if float.is_nan() { nan(bits >> 31 == 1, u64::from(bits & 0x7f_ffff), 1 << 22) } else { decimal(format!("{float:?}")) }
}

fn float64(bits: u64) -> String {
    let float = f64::from_bits(bits);
    if float.is_nan() { nan(bits >> 63 == 1, bits & 0xf_ffff_ffff_ffff, 1 << 51) } else { decimal(format!("{float:?}")) }
}

fn nan(negative: bool, payload: u64, canonical: u64) -> String {
    let sign = if negative { "-" } else { "" };
    if payload == canonical { format!("{sign}nan") } else { format!("{sign}nan:{payload:#x}") }
}

/// The digits without a fraction of `.0`.
fn decimal(digits: String) -> String {
    digits.strip_suffix(".0").map_or(digits.clone(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_in_the_text_format() {
        let f32 = |bits: u32| Value::from_bits(ValType::F32, u64::from(bits)).typed(ValType::F32).to_string();
        let f64 = |float: f64| Value::from_bits(ValType::F64, float.to_bits()).typed(ValType::F64).to_string();
        for (bits, text) in [
            (0x3fc0_0000, "1.5"),
            (0, "0"),
            (0x8000_0000, "-0"),
            (0x3dcc_cccd, "0.1"),
            (1, "1e-45"),
            (0x7f7f_ffff, "3.4028235e38"),
            (0x7f80_0000, "inf"),
            (0xff80_0000, "-inf"),
            (0x7fc0_0000, "nan"),
            (0xffc0_0000, "-nan"),
            (0x7fa0_0001, "nan:0x200001"),
        ] {
            assert_eq!(f32(bits), text, "{bits:#x}");
            assert_eq!(Value::parse(text, ValType::F32), Ok(Value::from_bits(ValType::F32, u64::from(bits))), "{text}");
        }
        for (float, text) in [(-2.25, "-2.25"), (3.0, "3"), (1e300, "1e300"), (0.1, "0.1"), (f64::INFINITY, "inf"), (-f64::NAN, "-nan")] {
            assert_eq!(f64(float), text);
            assert_eq!(Value::parse(text, ValType::F64), Ok(Value::from_bits(ValType::F64, float.to_bits())), "{text}");
        }
        assert_eq!(format!("{:#}", Value::I64(-1).typed(ValType::I64)), "i64 -1");
    }

    #[test]
    fn what_is_not_a_value_of_its_type_is_refused() {
        assert_eq!(Value::parse("4294967295", ValType::I32), Ok(Value::I32(-1)));
        assert_eq!(Value::parse("4294967296", ValType::I32), Err(ValueError::DoesNotFit(1 << 32, ValType::I32)));
        for (text, ty) in [("1.5", ValType::I32), ("", ValType::I64), ("", ValType::F32), ("x", ValType::F64), ("1 2", ValType::F64)] {
            Value::parse(text, ty).unwrap_err();
        }
    }
}
