//! The number types that activations and weights can have.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use safetensors::Dtype;

/// A floating-point type of a model.
pub trait Number:
    wasmformer_native::Number
    + Copy
    + Debug
    + Default
    + Display
    + PartialEq
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Mul<Output = Self>
    + Sub<Output = Self>
    + Sum
    + Send
    + Sync
    + 'static
{
    /// All integers up to this magnitude are exact.
    const EXACT: i128;
    /// The type's name in a safetensors file.
    const DTYPE: Dtype;
    /// Negative infinity.
    const LOWEST: Self;

    /// The number nearest to an integer. It is exact up to [`Self::EXACT`].
    fn from_integer(integer: i64) -> Self;
    /// The number as an `f64`.
    fn to_f64(self) -> f64;
    /// The number as an integer. The number must be an integer of magnitude at most [`Self::EXACT`].
    fn to_integer(self) -> i64;
    /// Appends the little-endian bytes of the number.
    fn write_le(self, bytes: &mut Vec<u8>);
    /// Reads a number from its little-endian bytes. Their count must be the size of the type.
    fn read_le(bytes: &[u8]) -> Self;

    /// The larger of two numbers.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// `max(0, self)`.
    #[inline(always)]
    fn relu(self) -> Self {
        if self > Self::default() { self } else { Self::default() }
    }
}

macro_rules! number {
    ($type:ident, $exact:expr, $dtype:expr, $to_integer:expr) => {
        impl Number for $type {
            const EXACT: i128 = $exact;
            const DTYPE: Dtype = $dtype;
            const LOWEST: Self = $type::NEG_INFINITY;

            #[inline(always)]
            fn from_integer(integer: i64) -> Self {
                integer as $type
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn to_integer(self) -> i64 {
                $to_integer(self)
            }

            fn write_le(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn read_le(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$type>()];
                array.copy_from_slice(bytes);
                $type::from_le_bytes(array)
            }
        }
    };
}

/// If an integer of magnitude up to 2^51 is added to this number, the low bits of the sum are the integer.
const LOW_BITS: f64 = 1.5 * (1u64 << 52) as f64;

// For f32 a cast is avoided: a cast must handle non-integers. Without a cast the conversion is vectorised.
number!(f32, 1 << 24, Dtype::F32, |number| (f64::from(number) + LOW_BITS).to_bits() as i64 - LOW_BITS.to_bits() as i64);
number!(f64, 1 << 53, Dtype::F64, |number| number as i64);
