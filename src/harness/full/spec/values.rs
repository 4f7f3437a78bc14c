//! The values in a script: arguments, and what is expected of results.

use wast::core::{NanPattern, WastArgCore, WastRetCore};
use wast::{WastArg, WastRet};

use crate::full::isa::ValType;
use crate::full::program::Value;
use crate::full::vm::float::{NAN32, NAN64};

/// What a script expects of one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// This value, to the bit.
    Exactly(Value),
    /// Any reference but null.
    AnyReference,
    /// A canonical NaN of the type: of either sign, the highest bit of its fraction alone is 1.
    CanonicalNan(ValType),
    /// Any NaN of the type, of which the highest bit of the fraction is 1.
    ArithmeticNan(ValType),
}

impl Expected {
    /// What is expected of a result. `None` for a vector.
    pub fn of(result: &WastRet<'_>) -> Option<Expected> {
        use Expected::{ArithmeticNan, CanonicalNan, Exactly};
        let WastRet::Core(result) = result else { return None };
        let (f32, f64) = (ValType::F32, ValType::F64);
        Some(match result {
            WastRetCore::I32(value) => Exactly(Value::I32(*value)),
            WastRetCore::I64(value) => Exactly(Value::I64(*value)),
            WastRetCore::F32(NanPattern::Value(float)) => Exactly(Value::from_bits(f32, float.bits.into())),
            WastRetCore::F64(NanPattern::Value(float)) => Exactly(Value::from_bits(f64, float.bits)),
            WastRetCore::F32(NanPattern::CanonicalNan) => CanonicalNan(f32),
            WastRetCore::F64(NanPattern::CanonicalNan) => CanonicalNan(f64),
            WastRetCore::F32(NanPattern::ArithmeticNan) => ArithmeticNan(f32),
            WastRetCore::F64(NanPattern::ArithmeticNan) => ArithmeticNan(f64),
            WastRetCore::RefNull(_) => Exactly(Value::reference(None)),
            WastRetCore::RefExtern(Some(number)) => Exactly(Value::reference(Some(*number))),
            WastRetCore::RefExtern(None) | WastRetCore::RefFunc(_) => Expected::AnyReference,
            _ => return None,
        })
    }

    /// Whether a result is as expected.
    pub fn admits(self, value: Value) -> bool {
        let nan = |ty| if ty == ValType::F32 { NAN32.into() } else { NAN64 };
        let magnitude = |ty: ValType| value.bits() & !(1 << (ty.bits() - 1));
        match self {
            Expected::Exactly(expected) => value == expected,
            Expected::AnyReference => value.referred().is_some(),
            Expected::CanonicalNan(ty) => magnitude(ty) == nan(ty),
            Expected::ArithmeticNan(ty) => magnitude(ty) & nan(ty) == nan(ty),
        }
    }
}

/// An argument. `None` for a vector.
pub(super) fn argument(argument: &WastArg<'_>) -> Option<Value> {
    let WastArg::Core(argument) = argument else { return None };
    Some(match argument {
        WastArgCore::I32(value) => Value::I32(*value),
        WastArgCore::I64(value) => Value::I64(*value),
        WastArgCore::F32(float) => Value::from_bits(ValType::F32, float.bits.into()),
        WastArgCore::F64(float) => Value::from_bits(ValType::F64, float.bits),
        WastArgCore::RefNull(_) => Value::reference(None),
        WastArgCore::RefExtern(number) => Value::reference(Some(*number)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_nans_admit_their_nans_only() {
        let f32 = |bits: u32| Value::I32(bits as i32);
        let f64 = |bits: u64| Value::I64(bits as i64);
        let (canonical, arithmetic) = (Expected::CanonicalNan(ValType::F32), Expected::ArithmeticNan(ValType::F32));
        for (bits, is_canonical, is_arithmetic) in [
            (0x7fc0_0000, true, true),
            (0xffc0_0000, true, true),
            (0x7fc0_0001, false, true),
            (0x7fa0_0000, false, false),
            (0x7f80_0000, false, false),
        ] {
            assert_eq!((canonical.admits(f32(bits)), arithmetic.admits(f32(bits))), (is_canonical, is_arithmetic), "{bits:#x}");
        }
        assert!(Expected::CanonicalNan(ValType::F64).admits(f64(0xfff8_0000_0000_0000)));
        assert!(!Expected::ArithmeticNan(ValType::F64).admits(f64(0x7ff4_0000_0000_0000)));
        assert!(!Expected::Exactly(f32(0)).admits(f32(0x8000_0000)), "zeros of different signs differ");
    }
}
