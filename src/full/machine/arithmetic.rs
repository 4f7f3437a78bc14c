//! Copies, constants, addition, subtraction, sign extension, signs and magnitudes, lengths of memory.

use super::accumulator::Accumulator;
use super::fetch::Instruction;
use super::gate::{BEYOND_HALF, all, step_if};
use super::own::HALF;
use super::slots::Operands;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// Adds these results to the sums.
pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let is = |feature| i.is(feature);
    let (top, second) = (&o.top, &o.second);

    sum.low += g.neuron(is(Feature::Const), i.immediate[0]);
    sum.high += g.neuron(is(Feature::Const), i.immediate[1]);
    sum.low += g.neuron(is(Feature::CopyTop), top.low) + g.neuron(is(Feature::CopyLow), top.low);
    sum.high += g.neuron(is(Feature::CopyTop), top.high);

    for both in [Feature::Add, Feature::BothOperands] {
        sum.low += g.neuron(is(both), second.low + top.low);
        sum.high += g.neuron(is(both), second.high + top.high);
    }
    sum.low += g.neuron(is(Feature::Sub), second.low - top.low);
    sum.high += g.neuron(is(Feature::Sub), second.high - top.high);
    let carry = step_if(g, second.low + top.low - HALF, is(Feature::Add), BEYOND_HALF);
    let borrow = step_if(g, top.low - second.low - 1, is(Feature::Sub), BEYOND_HALF);
    sum.low_carry += &borrow - &carry;
    sum.high += carry - borrow;

    extend(g, i, o, sum);
    magnitude(g, i, o, sum);
    for width in Width::ALL {
        sign(g, i, o, sum, width);
    }
    sum.low += g.neuron(is(Feature::MemorySize), o.pages) + g.neuron(is(Feature::GrowTry), o.pages + top.low);
    // The new length minus the pages added. Where the new length is −1, nothing is subtracted.
    let difference = second.low - (Form::from(1) - is(Feature::GrowFix) + top.negative[0]) * BEYOND_HALF;
    sum.low += g.neuron(is(Feature::GrowFix), top.low) - g.relu(difference);
}

fn extend(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let bytes = &o.top.bytes;
    let [by_8, by_16, by_32] = [Feature::Extend8, Feature::Extend16, Feature::Extend32].map(|feature| i.is(feature));
    // A byte is at most 255. With such a small gating constant, the steps can be scaled directly.
    let ones_8 = step_if(g, bytes[0] - 128, by_8, 256);
    let ones_16 = step_if(g, bytes[1] - 128, by_16, 256);
    let ones_32 = all(g, &[by_32, o.top.negative[0]]);
    sum.low += g.neuron(by_8, bytes[0]) + g.neuron(by_16, bytes[0] + bytes[1] * 256) + g.neuron(by_32, o.top.low);
    sum.low += &ones_8 * (HALF - 256) + &ones_16 * (HALF - 65536);
    sum.high += (ones_8 + ones_16 + ones_32) * (HALF - 1);
}

/// `x`, or `−x` if x is negative: `x − 2x`. If the lower half is not 0, it borrows 2^32 from the upper half.
fn magnitude(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let x = &o.second;
    for (width, negative) in Width::ALL.into_iter().zip(x.negative) {
        let is = i.is(Feature::Magnitude(width));
        let negates = Form::from(is) + negative - 1;
        let borrow = step_if(g, x.low - 1 - (Form::from(1) - negative) * BEYOND_HALF, is, BEYOND_HALF);
        sum.low += g.neuron(is, x.low) - g.neuron(&negates, x.low) * 2;
        sum.low_carry += &borrow;
        if width == Width::W64 {
            sum.high += g.neuron(is, x.high) - g.neuron(&negates, x.high) * 2 + g.relu(negates) * HALF - borrow;
        }
    }
}

/// The magnitude in operand top, with the sign that follows from divisor (second) and dividend (third).
fn sign(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator, width: Width) {
    let (magnitude, wide) = (&o.top, width == Width::W64);
    let (divisor, dividend): (Lane, Lane) = (o.second.negative[wide as usize], o.third.negative[wide as usize]);
    let (quotient, remainder) = (i.is(Feature::SignQuotient(width)), i.is(Feature::SignRemainder(width)));
    // At most one of these cases holds. A negated lower half borrows from the upper half.
    let cases = [quotient + dividend - divisor - 1, quotient + divisor - dividend - 1, remainder + dividend - 1];
    let applies = quotient + remainder;
    sum.low += g.neuron(&applies, magnitude.low);
    if wide {
        sum.high += g.neuron(&applies, magnitude.high);
    }
    for negates in cases {
        let borrow = g.step(magnitude.low - 1 - (Form::from(1) - &negates) * BEYOND_HALF);
        sum.low -= g.neuron(&negates, magnitude.low) * 2;
        sum.low_carry += &borrow;
        if wide {
            sum.high -= g.neuron(negates, magnitude.high) * 2;
            sum.high -= borrow;
        }
    }
}
