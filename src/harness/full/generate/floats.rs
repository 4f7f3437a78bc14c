//! Floats at which the behaviour of arithmetic and of conversions changes.

use std::sync::LazyLock;

use crate::full::isa::ValType;

/// Magnitudes as numbers: those around which rounding and conversions change.
const MAGNITUDES: [f64; 33] = [
    0.1,
    0.25,
    0.49999997,
    0.5,
    0.75,
    1.0,
    1.5,
    2.0,
    2.5,
    3.0,
    3.5,
    10.0,
    std::f64::consts::PI,
    127.0,
    128.5,
    255.0,
    256.0,
    32767.5,
    65536.0,
    8388607.5,
    8388608.0,
    8388609.0,
    16777216.0,
    16777217.0,
    2147483648.0,
    4294967296.0,
    4503599627370495.5,
    9007199254740992.0,
    9007199254740993.0,
    9223372036854775808.0,
    18446744073709551616.0,
    1e30,
    2e-39,
];

/// The bits of the edge values of a float type: zeros, the ends of the subnormal and of the normal range,
/// numbers and their neighbours, infinities and NaNs, each with both signs.
///
/// # Panics
/// Where the type is not a float type.
pub fn edges(ty: ValType) -> &'static [u64] {
    static EDGES: LazyLock<[Vec<u64>; 2]> = LazyLock::new(|| [of_width(32, 23), of_width(64, 52)]);
    match ty {
        ValType::F32 => &EDGES[0],
        ValType::F64 => &EDGES[1],
        _ => unreachable!("{ty} is not a float type"),
    }
}

/// The edge values of floats with this number of bits, of which `fraction` are the fraction.
fn of_width(bits: u32, fraction: u32) -> Vec<u64> {
    let sign = 1u64 << (bits - 1);
    let normal = 1u64 << fraction;
    let infinity = sign - normal;
    let quiet = 1u64 << (fraction - 1);
    let mut magnitudes = vec![0, 1, 2, normal - 1, normal, normal + 1, 2 * normal, infinity - 1, infinity];
    magnitudes.extend([infinity + quiet, infinity + 1, infinity + quiet + 5, sign - 1]);
    for number in MAGNITUDES {
        let own = if bits == 32 { u64::from((number as f32).to_bits()) } else { number.to_bits() };
        magnitudes.extend([own - 1, own, own + 1]);
    }
    magnitudes.sort_unstable();
    magnitudes.dedup();
    magnitudes.iter().flat_map(|magnitude| [*magnitude, magnitude | sign]).collect()
}
