//! Division: one digit of the quotient a token, as by hand.
//!
//! With the digits above place m known, the digit there is ⌊R / D⌋ for D the divisor and R what is left of
//! the dividend's bytes m and above, which is less than 256·D and so less than 2^40: it can be computed
//! modulo 2^40, from the dividend's five bytes m to m + 4 and the four digits before. The division itself is
//! the unembedding's. Only divisors below 2^32, and no signs.

use super::fetch::Instruction;
use super::gate::{BEYOND_HALF, all, not, step_if, times};
use super::own::Own;
use super::slots::{Operand, Operands};
use super::value::Value;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// What a division gives to digits and traps.
pub struct Division {
    /// R for the next digit, below 2^40.
    pub rest: Lane,
    pub divisor: Lane,
    /// By place: 1 if the quotient's first digit is there.
    pub first: [Form; 8],
    /// 1 if the operands are such that the instruction jumps instead.
    pub jumps: Form,
    /// 1 if the divisor is 0, and if the quotient is 2^31 or 2^63 where it must not.
    pub by_zero: Form,
    pub overflows: Form,
}

/// Bytes `from..from + count` of a number, the lowest worth 1.
fn window(operand: &Operand, from: usize, count: usize, of: usize) -> Form {
    (0..count).filter(|k| from + k < of).map(|k| operand.bytes[from + k] * (1 << (8 * k))).sum()
}

impl Division {
    /// Places it.
    pub fn place(g: &mut Graph, own: &Own, i: &Instruction, o: &Operands, value: &Value) -> Division {
        let (divisor, dividend) = (&o.top, &o.second);
        let is = Width::ALL.map(|width| i.is(Feature::Divide(width)));
        let divides = g.lane("divides", is[0] + is[1]);
        g.state(divides, (0, 1), "one instruction");
        let in_middle = divides + value.middle - 1;

        // 2^50 keeps it above 0; it is a multiple of 2^40.
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
            // Whether the dividend's bytes from a place on are at least the divisor.
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

        let divisor_if = g.neuron(divides, divisor.low);
        let by_zero = step_if(g, -divisor.low, is[0], BEYOND_HALF) + step_if(g, -divisor.low - divisor.high, is[1], BEYOND_HALF);
        let mut overflows = Form::default();
        for (width, half) in [(Width::W32, o.top.low), (Width::W64, o.top.high)] {
            // The magnitude of the quotient is 2^31 or 2^63, and the divisor negative: then the dividend is
            // too.
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

/// How many reasons there are not to divide: the divisor reaches 2^32, or an operand of a signed division is
/// negative.
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
