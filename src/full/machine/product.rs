//! Products: multiplication, shifts to the left, rotations, and the product for a remainder.
//!
//! `second · top = Σ topᵢ · 256^i · second`. In each summand, the lower half of the result needs the bytes of
//! `second` that stay below 2^32. The upper half needs the bytes that reach 2^32 and stay below 2^64. So each
//! half is a sum below 2^43. A shift by s is a product with 2^s. The only byte of 2^s that is not 0 is 2^(s
//! mod 8), at place s div 8.

use super::accumulator::Accumulator;
use super::fetch::Instruction;
use super::gate::not;
use super::slots::Operands;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// The number, below 2^32, that consists of these bytes at these places.
fn part(bytes: impl Iterator<Item = (usize, Lane)>) -> Form {
    bytes.map(|(place, byte)| byte * (1 << (8 * place))).sum()
}

/// `256^i · bytes`, below 2^32.
pub fn shifted_low(bytes: &[Lane], i: usize) -> Form {
    part((0..4 - i.min(4)).map(|k| (k + i, bytes[k])))
}

/// The part of `256^i · bytes` from 2^32 on and below 2^64, in units of 2^32.
fn shifted_high(bytes: &[Lane], i: usize) -> Form {
    part((0..8).filter(|k| (4..8).contains(&(k + i))).map(|k| (k + i - 4, bytes[k])))
}

/// The half that starts at place `start`, of the lowest `of` bytes rotated by i places.
fn rotated(bytes: &[Lane], i: usize, of: usize, start: usize) -> Form {
    part((0..4).map(|k| (k, bytes[(k + start + of - i) % of])))
}

/// Adds the products to the sums.
pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    // A factor is a byte, or a power of 2 up to 256. So subtracting 256 closes its neuron.
    let if_is = |feature: Feature, factor: Form| factor - not(i.is(feature)) * 256;
    let bytes = &o.second.bytes;
    let narrow = |powers: &[Lane; 8], place: usize| powers[place] + powers[place + 4];
    for place in 0..8 {
        let (low, high) = (shifted_low(bytes, place), shifted_high(bytes, place));
        let factor = if_is(Feature::Mul, o.top.bytes[place].into());
        let power = if_is(Feature::Shl(Width::W64), o.shift_left[place].into());
        sum.high += g.neuron(&factor, &high) + g.neuron(&power, &high);
        if place < 4 {
            let power_32 = if_is(Feature::Shl(Width::W32), narrow(&o.shift_left, place));
            sum.low += g.neuron(factor, &low) + g.neuron(power, &low) + g.neuron(power_32, &low);
        }
    }
    // Rotations to the left by s. A rotation to the right by s is a rotation to the left by 8 − s mod 8 bits
    // and by whole bytes.
    for place in 0..8 {
        let (low, high) = (rotated(bytes, place, 8, 0), rotated(bytes, place, 8, 4));
        let left = if_is(Feature::Rotl(Width::W64), o.shift_left[place].into());
        let right = if_is(Feature::Rotr(Width::W64), o.shift_right[7 - place].into());
        for factor in [left, right] {
            sum.low += g.neuron(&factor, &low);
            sum.high += g.neuron(&factor, &high);
        }
        if place < 4 {
            let half = rotated(bytes, place, 4, 0);
            let left = if_is(Feature::Rotl(Width::W32), narrow(&o.shift_left, place));
            let right = if_is(Feature::Rotr(Width::W32), narrow(&o.shift_right, 3 - place));
            for factor in [left, right] {
                // The product is added to both halves, since bits that leave the upper half enter the lower
                // half.
                let product = g.neuron(factor, &half);
                sum.low += &product;
                sum.high += product;
            }
        }
    }
    remainder(g, i, o, sum);
}

/// `third − top · second`, modulo 2^32: the remainder is less than the divisor, which is less than 2^32. 2^42
/// is added to keep the difference above 0.
fn remainder(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let is = i.is(Feature::Remainder(Width::W32)) + i.is(Feature::Remainder(Width::W64));
    let product: Form = (0..4).map(|place| g.neuron(o.top.bytes[place] - not(&is) * 256, shifted_low(&o.second.bytes, place))).sum();
    sum.wrapped += g.neuron(&is, o.third.low) + g.relu(is) * (1 << 42) - product;
}
