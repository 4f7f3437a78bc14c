//! The instructions on floats, on the floats' bits.
//!
//! The VM follows WebAssembly's deterministic profile: every NaN that an arithmetic instruction gives is the
//! canonical one, with a positive sign. `abs`, `neg`, `copysign` and the reinterpretations change at most the
//! sign of a NaN.

use crate::full::isa::{Op, Trap};
use crate::full::program::Value::{self, I32, I64};

/// The bits of the canonical NaN of 32 bits.
pub const NAN32: u32 = 0x7fc0_0000;
/// The bits of the canonical NaN of 64 bits.
pub const NAN64: u64 = 0x7ff8_0000_0000_0000;

/// The value that an instruction on floats computes. `None` for any other instruction.
///
/// # Errors
/// The trap, where the instruction traps on these operands.
pub(super) fn evaluate(op: Op, operands: &[Value]) -> Result<Option<Value>, Trap> {
    let value = match *operands {
        [a] => match unary(op, a) {
            Some(value) => Some(value),
            None => truncated(op, a)?,
        },
        [I32(a), I32(b)] => binary32(op, a, b),
        [I64(a), I64(b)] => binary64(op, a, b),
        _ => None,
    };
    Ok(value)
}

/// The instructions of one operand that do not trap.
fn unary(op: Op, operand: Value) -> Option<Value> {
    let bits = operand.bits();
    let (a, b) = (f32::from_bits(bits as u32), f64::from_bits(bits));
    Some(match op {
        Op::F32Abs => bits32(a.abs()),
        Op::F32Neg => bits32(-a),
        Op::F32Ceil => float32(a.ceil()),
        Op::F32Floor => float32(a.floor()),
        Op::F32Trunc => float32(a.trunc()),
        Op::F32Nearest => float32(a.round_ties_even()),
        Op::F32Sqrt => float32(a.sqrt()),
        Op::F64Abs => bits64(b.abs()),
        Op::F64Neg => bits64(-b),
        Op::F64Ceil => float64(b.ceil()),
        Op::F64Floor => float64(b.floor()),
        Op::F64Trunc => float64(b.trunc()),
        Op::F64Nearest => float64(b.round_ties_even()),
        Op::F64Sqrt => float64(b.sqrt()),
        Op::F32DemoteF64 => float32(b as f32),
        Op::F64PromoteF32 => float64(f64::from(a)),
        Op::F32ConvertI32S => float32(bits as i32 as f32),
        Op::F32ConvertI32U => float32(bits as u32 as f32),
        Op::F32ConvertI64S => float32(bits as i64 as f32),
        Op::F32ConvertI64U => float32(bits as f32),
        Op::F64ConvertI32S => float64((bits as i32).into()),
        Op::F64ConvertI32U => float64((bits as u32).into()),
        Op::F64ConvertI64S => float64(bits as i64 as f64),
        Op::F64ConvertI64U => float64(bits as f64),
        Op::I32ReinterpretF32 | Op::I64ReinterpretF64 | Op::F32ReinterpretI32 | Op::F64ReinterpretI64 => operand,
        // Rust's conversions are saturating, and give 0 for a NaN.
        Op::I32TruncSatF32S => I32(a as i32),
        Op::I32TruncSatF32U => I32(a as u32 as i32),
        Op::I32TruncSatF64S => I32(b as i32),
        Op::I32TruncSatF64U => I32(b as u32 as i32),
        Op::I64TruncSatF32S => I64(a as i64),
        Op::I64TruncSatF32U => I64(a as u64 as i64),
        Op::I64TruncSatF64S => I64(b as i64),
        Op::I64TruncSatF64U => I64(b as u64 as i64),
        _ => return None,
    })
}

/// The conversions to integers that trap.
fn truncated(op: Op, operand: Value) -> Result<Option<Value>, Trap> {
    let bits = operand.bits();
    // Every f32 is an f64 too.
    let float = match op {
        Op::I32TruncF32S | Op::I32TruncF32U | Op::I64TruncF32S | Op::I64TruncF32U => f32::from_bits(bits as u32).into(),
        Op::I32TruncF64S | Op::I32TruncF64U | Op::I64TruncF64S | Op::I64TruncF64U => f64::from_bits(bits),
        _ => return Ok(None),
    };
    if float.is_nan() {
        return Err(Trap::InvalidConversion);
    }
    let float = float.trunc();
    // The limits are powers of two, so they are exact as floats.
    let within = |(first, beyond): (f64, f64)| if (first..beyond).contains(&float) { Ok(()) } else { Err(Trap::IntegerOverflow) };
    let two = |exponent: i32| 2f64.powi(exponent);
    Ok(Some(match op {
        Op::I32TruncF32S | Op::I32TruncF64S => within((-two(31), two(31))).map(|()| I32(float as i32))?,
        Op::I32TruncF32U | Op::I32TruncF64U => within((0.0, two(32))).map(|()| I32(float as u32 as i32))?,
        Op::I64TruncF32S | Op::I64TruncF64S => within((-two(63), two(63))).map(|()| I64(float as i64))?,
        _ => within((0.0, two(64))).map(|()| I64(float as u64 as i64))?,
    }))
}

/// The instructions of two operands of one width, for both widths.
macro_rules! binary {
    ($name:ident, $int:ty, $bits:ty, $float:ty, $result:ident, $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident
     $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $copysign:ident, $copied:ident) => {
        fn $name(op: Op, a: $int, b: $int) -> Option<Value> {
            let (a, b) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let truth = |holds: bool| I32(holds.into());
            Some(match op {
                Op::$eq => truth(a == b),
                Op::$ne => truth(a != b),
                Op::$lt => truth(a < b),
                Op::$gt => truth(a > b),
                Op::$le => truth(a <= b),
                Op::$ge => truth(a >= b),
                Op::$add => $result(a + b),
                Op::$sub => $result(a - b),
                Op::$mul => $result(a * b),
                Op::$div => $result(a / b),
                // Equal operands may be zeros of different signs; the sum of a NaN and any float is a NaN.
                Op::$min if a == b => $result(if a.is_sign_negative() { a } else { b }),
                Op::$max if a == b => $result(if a.is_sign_negative() { b } else { a }),
                Op::$min => $result(if a.is_nan() || b.is_nan() {
                    a + b
                } else if a < b {
                    a
                } else {
                    b
                }),
                Op::$max => $result(if a.is_nan() || b.is_nan() {
                    a + b
                } else if a > b {
                    a
                } else {
                    b
                }),
                Op::$copysign => $copied(a.copysign(b)),
                _ => return None,
            })
        }
    };
}

binary!(binary32, i32, u32, f32, float32, F32Eq F32Ne F32Lt F32Gt F32Le F32Ge
    F32Add F32Sub F32Mul F32Div F32Min F32Max F32Copysign, bits32);
binary!(binary64, i64, u64, f64, float64, F64Eq F64Ne F64Lt F64Gt F64Le F64Ge
    F64Add F64Sub F64Mul F64Div F64Min F64Max F64Copysign, bits64);

/// The result of an arithmetic instruction: a NaN becomes the canonical one.
fn float32(float: f32) -> Value {
    I32(if float.is_nan() { NAN32 } else { float.to_bits() } as i32)
}

fn float64(float: f64) -> Value {
    I64(if float.is_nan() { NAN64 } else { float.to_bits() } as i64)
}

/// The float's bits as they are.
fn bits32(float: f32) -> Value {
    I32(float.to_bits() as i32)
}

fn bits64(float: f64) -> Value {
    I64(float.to_bits() as i64)
}
