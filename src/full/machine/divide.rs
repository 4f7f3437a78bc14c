//! Division: one digit of the quotient per token, as in long division.
//!
//! When the digits above place m are known, the digit at m is ⌊R / D⌋. D is the divisor; R is the rest of the
//! dividend's bytes m and above. R is less than 256·D and so less than 2^40. So it can be computed modulo
//! 2^40, from the dividend's five bytes m to m + 4 and the four digits before. The unembedding does the
//! division itself. Divisors are below 2^32, and the numbers are unsigned.

use super::fetch::Instruction;
use super::gate::{BEYOND_HALF, all, not, step_if, times};
use super::own::{HALF, Own};
use super::slots::{Operand, Operands};
use super::value::Value;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// The lanes of a division that `digits`, `control` and `unembed` read.
pub struct Division {
    /// R for the next digit, below 2^40.
    pub rest: Lane,
    pub divisor: Lane,
    /// Per place: 1 if the quotient's first digit is at this place.
    pub first: [Form; 8],
    /// Not 0 if the operands make the instruction jump instead of dividing.
    pub jumps: Form,
    /// `by_zero` is 1 if the divisor is 0. `overflows` is 1 if a signed quotient would be 2^31 or 2^63.
    pub by_zero: Form,
    pub overflows: Form,
}

/// Bytes `from..from + count` of a number of `of` bytes, as a number whose lowest byte is byte `from`.
fn window(operand: &Operand, from: usize, count: usize, of: usize) -> Form {
    (0..count).filter(|k| from + k < of).map(|k| operand.bytes[from + k] * (1 << (8 * k))).sum()
}

impl Division {
    /// Places the division.
    pub fn place(g: &mut Graph, own: &Own, i: &Instruction, o: &Operands, value: &Value) -> Division {
        let (divisor, dividend) = (&o.top, &o.second);
        let is = Width::ALL.map(|width| i.is(Feature::Divide(width)));
        let divides = g.lane("divides", is[0] + is[1]);
        g.state(divides, (0, 1), "one instruction");
        let in_middle = divides + value.middle - 1;

        // 2^50 keeps the rest above 0. It is a multiple of 2^40, so it does not change the rest modulo 2^40.
        let mut rest = g.relu(in_middle) * (1 << 50);
        for distance in 1..5 {
            let digit = &value.digits[distance] - not(divides) * 256;
            let place = |k: usize| divisor.bytes[k] * (1 << (8 * (k + distance)));
            rest -= g.neuron(digit, (0..5 - distance).filter(|k| *k < 4).map(place).sum::<Form>());
        }
        let mut first = std::array::from_fn(|_| Form::default());
        let mut first_rest = Form::default();
        let jumps = exceptions(g, i, o);
        let jumps_lane = g.lane("exceptions", jumps);
        for (width, is) in Width::ALL.into_iter().zip(is) {
            let of = width.bytes();
            for place in 0..of - 1 {
                rest += g.neuron(own.places[place + 1] + is - 1, window(dividend, place, 5, of));
            }
            // `reaches`: whether the dividend's bytes from a place on are, as a number, at least the divisor.
            let begins = g.relu(is - value.middle);
            let begins = g.lane("division begins", begins);
            let mut reaches = vec![Form::from(1)];
            for place in 1..of {
                let above: Form = dividend.bytes[(place + 4).min(of)..of].iter().map(|byte| Form::from(*byte)).sum();
                let reach = window(dividend, place, 4, of) - divisor.low + above * (1 << 33);
                reaches.push(g.step_lane("reaches the divisor", reach).into());
            }
            reaches.push(Form::default());
            for place in 0..of {
                let here = &reaches[place] - &reaches[place + 1] - not(begins) - jumps_lane;
                first[place] += g.relu(&here);
                first_rest += g.neuron(here, window(dividend, place, 5, of));
            }
        }
        let rest = g.lane("rest", rest);
        g.state(rest, (0, 1 << 51), "2^50 and the dividend's bytes, less at most four digits times 2^40");
        let coarse = times(g, "rest in 2^45", &rest.into(), 1 << 45, 32, 2);
        let fine = times(g, "rest in 2^40", &(rest - &coarse * (1 << 45)), 1 << 40, 31, 1);
        let rest = g.relay("rest of dividend", rest - coarse * (1 << 45) - fine * (1 << 40) + first_rest);
        g.state(rest, (0, (1 << 40) - 1), "modulo 2^40");

        // In a product of floats, the carry out of 2^64 is divided by 2^32.
        let divisor_if = g.neuron(divides, divisor.low) + i.is(Feature::MultiplyLow) * HALF;
        let by_zero = step_if(g, -divisor.low, is[0], BEYOND_HALF) + step_if(g, -divisor.low - divisor.high, is[1], BEYOND_HALF);
        let mut overflows = Form::default();
        for (width, half) in [(Width::W32, o.top.low), (Width::W64, o.top.high)] {
            // The quotient overflows if its magnitude is 2^31 or 2^63 and the divisor is negative: then the
            // dividend is negative too.
            let positive = not(o.second.negative[width as usize]) * BEYOND_HALF;
            overflows += step_if(g, half - (1 << 31) - positive, i.is(Feature::SignQuotient(width)), BEYOND_HALF);
        }
        Division {
            rest,
            divisor: g.lane("divisor", divisor_if),
            first,
            jumps: jumps_lane.into(),
            by_zero: g.lane("divides by 0", by_zero).into(),
            overflows: g.lane("overflows", overflows).into(),
        }
    }
}

/// The number of reasons not to divide. A reason is a divisor of 2^32 or more, or a negative operand of a
/// signed division.
fn exceptions(g: &mut Graph, i: &Instruction, o: &Operands) -> Form {
    let mut reasons = step_if(g, o.top.high - 1, i.is(Feature::Divide(Width::W64)), BEYOND_HALF);
    for width in Width::ALL {
        let signed = i.is(Feature::Signed(width));
        reasons += all(g, &[signed, o.second.negative[width as usize]]);
        if width == Width::W32 {
            reasons += all(g, &[signed, o.top.negative[0]]);
        }
    }
    reasons
}
