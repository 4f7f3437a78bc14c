//! Sums and products of the significands of floats, whose operands are third and second.
//!
//! Here `larger` is the operand of the larger magnitude, `smaller` the other one, and n is the difference of
//! their exponents. The smaller significand has to be shifted by n = 8u + v to the right, where v is at least
//! 2 for the sake of rounding, and u at least −1. It is shifted by u whole bytes only, and the larger one by
//! v to the left instead. If a byte that is not 0 is dropped, the last bit of the result says so:
//!
//! `S = larger · 2^(v + 1) ± (2 · ⌊smaller / 256^u⌋ + [a byte is dropped])`
//!
//! From n = 57 on, n makes no difference to the rounded sum, and neither does the smaller operand's leading
//! bit: so it may be a zero. `align` leaves 62 + n for these sums. This is −2 + n modulo 64; as a shift
//! distance, its lower three bits are v − 2, and its upper three are u modulo 8. The token says by its family
//! which operand is the larger one.

use super::accumulator::Accumulator;
use super::fetch::Instruction;
use super::gate::{not, step_guarded};
use super::own::HALF;
use super::slots::{Operand, Operands};
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// The greatest difference of exponents that matters.
pub const FARTHEST: i64 = 57;
/// More than several bytes: subtracting it makes the gates of many factors negative together.
pub const CLOSED: i64 = 1 << 12;

/// What is known of the two operands as floats.
pub struct Ordered {
    /// The larger exponent, or the sum of both for a product; and the difference, at most [`FARTHEST`].
    pub exponent: Lane,
    pub apart: Lane,
    /// Whether the magnitude of third is less than that of second, or greater, judged by the upper halves;
    /// and whether its lower half is less. For 32 bits the first two decide.
    pub less: Lane,
    pub greater: Lane,
    pub low_less: Lane,
    /// The signs of third and of second; the latter as it is added.
    pub signs: [Lane; 2],
    /// Whether the significands are subtracted from each other.
    pub subtracts: Lane,
    /// The bytes of the smaller significand.
    pub smaller: [Lane; 7],
    /// The number of reasons not to multiply.
    pub exceptions: Form,
    /// The number of bytes 0 at the lower ends of 64-bit factors, among six bytes of each.
    pub low_zeros: Lane,
}

/// The biased exponent.
pub fn exponent(x: &Operand, width: Width) -> Form {
    match width {
        Width::W32 => x.exponent[0] + x.bytes[3] * 2 - x.negative[0] * 256,
        Width::W64 => x.exponent[1] + x.bytes[7] * 16 - x.negative[1] * 2048,
    }
}

/// The byte of the significand that has the leading bit; it is always 1 here.
fn leading(x: &Operand, width: Width) -> Form {
    match width {
        Width::W32 => x.bytes[2] - x.exponent[0] * 128 + 128,
        Width::W64 => x.bytes[6] - x.exponent[1] * 16 + 16,
    }
}

/// The bytes of the significand.
fn significand(x: &Operand, width: Width) -> Vec<Form> {
    let below = if width == Width::W32 { 2 } else { 6 };
    x.bytes[..below].iter().map(|byte| Form::from(*byte)).chain([leading(x, width)]).collect()
}

/// The greatest biased exponent, that of infinities.
pub fn infinite(width: Width) -> i64 {
    if width == Width::W32 { 255 } else { 2047 }
}

/// Adds the sums and products to the sums of all instructions.
pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) -> Ordered {
    let (third, second) = (&o.third, &o.second);
    let swapped = o.top.negative[0];
    let either = |feature: fn(Width) -> Feature| i.is(feature(Width::W32)) + i.is(feature(Width::W64));
    let adds = either(Feature::AddAligned);
    let mut exponents = Form::default();
    let mut apart = Form::default();
    let [mut less, mut greater, mut low_less] = [(); 3].map(|()| Form::default());
    let mut signs = [(); 2].map(|()| Form::default());
    let mut subtracts = Form::default();
    let mut exceptions = Form::default();
    for width in Width::ALL {
        let index = width as usize;
        let [a, b] = [third, second].map(|operand| exponent(operand, width));
        let ordered = i.is(Feature::Ordered(width));
        let difference = &a - &b;
        exponents += g.neuron(ordered, &b) + g.neuron(&difference, ordered);
        for difference in [difference.clone(), -difference] {
            apart += g.neuron(&difference, ordered) - g.neuron(difference - FARTHEST, ordered);
        }
        let half =
            |operand: &Operand| (if width == Width::W32 { operand.low } else { operand.high }) - operand.negative[index] * (HALF / 2);
        less += step_guarded(g, half(second) - half(third) - 1, ordered);
        greater += step_guarded(g, half(third) - half(second) - 1, ordered);
        if width == Width::W64 {
            low_less += step_guarded(g, second.low - third.low - 1, ordered);
        }
        let negates = i.is(Feature::Subtracts);
        let packs = i.is(Feature::Pack(width));
        let [of_third, of_second] = [third, second].map(|operand| operand.negative[index]);
        signs[0] += g.neuron(of_third, packs);
        let both = g.neuron(of_second + negates - 1, packs);
        signs[1] += g.neuron(of_second, packs) + g.neuron(negates, packs) - both * 2;
        // Whether an odd number of the three holds.
        let (odd, is) = (of_third + of_second + negates, i.is(Feature::AddAligned(width)));
        subtracts += g.neuron(&odd, is) - g.neuron(&odd - 1, is) * 2 + g.neuron(odd - 2, is) * 2;

        for (larger, when) in [(third, not(swapped)), (second, swapped.into())] {
            let gate = o.factor - not(is) * CLOSED - not(when) * 256;
            let bytes = significand(larger, width);
            let half = |from: usize| bytes.iter().skip(from).take(4).enumerate().map(|(k, byte)| byte * (1 << (8 * k))).sum::<Form>();
            sum.low += g.neuron(&gate, half(0)) * 8;
            if width == Width::W64 {
                sum.high += g.neuron(gate, half(4)) * 8;
            }
        }
        exponents += g.neuron(i.is(Feature::RoundProduct(width)), &a + &b);
    }
    for (width, is) in [(Width::W32, i.is(Feature::MultiplySignificands)), (Width::W64, i.is(Feature::MultiplyLow))] {
        exceptions += unfit(g, o, width, is);
    }
    multiply(g, i, o, sum);
    multiply_low(g, i, o, sum);
    multiply_high(g, i, o, sum);
    let low_zeros = low_zeros(g, i, o);
    let smaller = std::array::from_fn(|place| {
        let mut byte = Form::default();
        let [narrow, wide] = Width::ALL.map(|width| Form::from(i.is(Feature::AddAligned(width))));
        for (operand, when) in [(second, not(swapped)), (third, swapped.into())] {
            let mut add = |number: Form, is: &Form| byte += g.neuron(number - not(when.clone()) * 256, is);
            match place {
                0 | 1 => add(operand.bytes[place].into(), &adds),
                2 => {
                    add(operand.bytes[place].into(), &wide);
                    add(leading(operand, Width::W32), &narrow);
                }
                6 => add(leading(operand, Width::W64), &wide),
                _ => add(operand.bytes[place].into(), &wide),
            }
        }
        let lane = g.lane(format!("byte {place} of the smaller significand"), byte);
        g.state(lane, (0, 255), "of one operand, in one width");
        lane
    });
    let mut bit = |name: &str, form: Form| {
        let lane = g.lane(name, form);
        g.state(lane, (0, 1), "of one width");
        lane
    };
    let (less, greater, low_less) =
        (bit("third is less", less), bit("third is greater", greater), bit("third's low half is less", low_less));
    let [of_third, of_second] = signs;
    let signs = [bit("sign of third", of_third), bit("sign of second as added", of_second)];
    let subtracts = bit("significands are subtracted", subtracts);
    let exponent = g.lane("larger exponent", exponents);
    g.state(exponent, (-2048, 2 * 4095), "of one width, or the sum of two");
    let apart = g.lane("difference of exponents", apart);
    g.state(apart, (0, i128::from(FARTHEST)), "capped, of one width");
    Ordered { exponent, apart, less, greater, low_less, signs, subtracts, smaller, exceptions, low_zeros }
}

/// The part of `256^place · bytes` from `256^from` on and below `256^to`, in units of `256^from`.
fn part(bytes: &[Form], place: usize, from: usize, to: usize) -> Form {
    let within = bytes.iter().enumerate().map(|(k, byte)| (k + place, byte)).filter(|(k, _)| (from..to).contains(k));
    within.map(|(k, byte)| byte * (1 << (8 * (k - from)))).sum()
}

/// The number of reasons not to multiply: a zero, a subnormal number, an infinity or a NaN, or a product that
/// may not be a normal number.
fn unfit(g: &mut Graph, o: &Operands, width: Width, is: Lane) -> Form {
    let (bias, infinite) = (infinite(width) / 2, infinite(width));
    let [a, b] = [&o.third, &o.second].map(|operand| exponent(operand, width));
    let total = &a + &b;
    let cases = [-&a, -&b, a - infinite, b - infinite, -&total + bias, total - (infinite - 1 + bias)];
    cases.into_iter().map(|case| step_guarded(g, case, is)).sum()
}

/// The product of the significands of 32-bit floats.
fn multiply(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let is = i.is(Feature::MultiplySignificands);
    let bytes = significand(&o.second, Width::W32);
    for (place, factor) in significand(&o.third, Width::W32).into_iter().enumerate() {
        let gate = factor - not(is) * CLOSED;
        sum.low += g.neuron(&gate, part(&bytes, place, 0, 4));
        sum.high += g.neuron(gate, part(&bytes, place, 4, 8));
    }
}

/// The sum of the products of bytes below 2^48, times 2^16: what the product carries out of 2^48 is what this
/// carries out of 2^64.
fn multiply_low(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let is = i.is(Feature::MultiplyLow);
    let bytes = significand(&o.second, Width::W64);
    for (place, factor) in significand(&o.third, Width::W64).into_iter().enumerate().take(6) {
        let gate = factor - not(is) * CLOSED;
        sum.low += g.neuron(&gate, part(&bytes, place, 0, 2)) * (1 << 16);
        sum.high += g.neuron(gate, part(&bytes, place, 2, 6));
    }
}

/// The products of bytes from 2^48 on, and the carry.
fn multiply_high(g: &mut Graph, i: &Instruction, o: &Operands, sum: &mut Accumulator) {
    let is = i.is(Feature::MultiplyHigh);
    let bytes = significand(&o.second, Width::W64);
    for (place, factor) in significand(&o.third, Width::W64).into_iter().enumerate() {
        let gate = factor - not(is) * CLOSED;
        sum.low += g.neuron(&gate, part(&bytes, place, 6, 10));
        sum.high += g.neuron(gate, part(&bytes, place, 10, 14));
    }
    sum.low += g.neuron(is, o.top.bytes[1] * 32 + o.top.bytes[0]);
}

/// See [`Ordered::low_zeros`]. If there are six such bytes or more, the lowest 48 bits of the product are 0;
/// if there are four or less, they are not.
fn low_zeros(g: &mut Graph, i: &Instruction, o: &Operands) -> Lane {
    let is = i.is(Feature::MultiplyLow) + i.is(Feature::MultiplyHigh);
    let mut zeros = &is * 12;
    for operand in [&o.third, &o.second] {
        for place in 0..6 {
            let up_to: Form = operand.bytes[..=place].iter().map(|byte| Form::from(*byte)).sum();
            zeros -= step_guarded(g, up_to - 1, &is);
        }
    }
    let lane = g.lane("bytes 0 at the lower ends", zeros);
    g.state(lane, (0, 12), "of two factors, six each");
    lane
}
