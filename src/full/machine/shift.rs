//! Shifts to the right, in units of 1/256.
//!
//! A shift by s = 8u + v drops u bytes and multiplies by 2^(8−v). This gives 256 times the result; its lowest
//! byte is the fraction, which is dropped. The copies of the sign bit are bytes 255 above the number's bytes,
//! and the topmost bits are added separately.

use super::accumulator::{Accumulator, Totals};
use super::fetch::Instruction;
use super::gate::{BEYOND_RESULT, not};
use super::own::HALF;
use super::slots::Operands;
use super::value::Value;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// Adds the shifts to the right to the sums.
pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let bytes = &o.second.bytes;
    // `window`: bytes `from..from + 4` of a number of `of` bytes. `ones`: 255 at the places beyond its last
    // byte.
    let window = |from: usize, of: usize| (0..4).filter(|k| from + k < of).map(|k| bytes[from + k] * (1 << (8 * k))).sum::<Form>();
    let ones = |from: usize, of: usize| 255 * (0..4).filter(|k| from + k >= of).map(|k| 1i64 << (8 * k)).sum::<i64>();
    for (width, negative) in Width::ALL.into_iter().zip(o.second.negative) {
        let of = width.bytes();
        let [unsigned, signed] = [Feature::ShrU(width), Feature::ShrS(width)].map(|feature| i.is(feature));
        for u in 0..of {
            let power = if width == Width::W64 { o.shift_right[u].into() } else { o.shift_right[u] + o.shift_right[u + 4] };
            let [unsigned, signed] = [unsigned, signed].map(|is| &power - not(is) * 256);
            sum.low += g.neuron(&unsigned, window(u, of)) + g.neuron(&signed, window(u, of) + negative * ones(u, of));
            if width == Width::W64 {
                let (window, ones) = (window(u + 4, of), ones(u + 4, of));
                sum.shifted_high += g.neuron(unsigned, &window) + g.neuron(signed, window + negative * ones);
            }
        }
        let power: Form = o.shift_right.iter().map(|lane| Form::from(*lane)).sum();
        let top = g.neuron(signed + negative - 1, Form::from(256) - power) * HALF;
        match width {
            Width::W32 => sum.low += top,
            Width::W64 => sum.shifted_high += top,
        }
    }
}

/// The fraction of the upper half of a 64-bit shift, which belongs to the lower half, in units of 2^32/256.
/// Before the first byte is emitted, this fraction is needed only where the upper half is all zeros or all
/// ones, because otherwise the first byte does not depend on the lower half. After the upper bytes are
/// emitted, the fraction is the upper half minus the bytes emitted.
pub fn handed_down(g: &mut Graph, i: &Instruction, value: &Value, totals: &Totals, begins_64: Lane) -> Lane {
    let high = totals.shifted_high;
    let closed = not(begins_64) * BEYOND_RESULT;
    let all_ones = 256 * (HALF - 1);
    let below_256 = g.relu(Form::from(256) - high - &closed);
    let below_255 = g.relu(Form::from(255) - high - &closed);
    let above_ones = g.relu(high - all_ones - &closed);
    let shifts = i.is(Feature::ShrU(Width::W64)) + i.is(Feature::ShrS(Width::W64));
    let left = g.neuron(&value.low_half_next + shifts - 1, high - value.emitted[1] * 256);
    let lane = g.lane("handed down", below_256 * 255 - below_255 * 256 + above_ones + left);
    g.state(lane, (0, 256), "a byte: of the three cases one applies");
    lane
}
