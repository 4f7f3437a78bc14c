//! Comparisons of floats, by the integers with the same bits.
//!
//! Without NaNs, floats are in the order of these integers, signed, except that two negative floats are in
//! the opposite order, and that −0 and 0 are equal. A float is a NaN if its magnitude, as an integer, is
//! above that of infinity.

use super::compare::Halves;
use super::fetch::Instruction;
use super::gate::{all, not};
use super::own::HALF;
use super::slots::Operand;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::{Feature, Relation};
use crate::full::listing::operation::Width;

/// The bits of infinity: all of a 32-bit float, and the upper half of a 64-bit one, whose lower half is 0.
const INFINITY: [i64; 2] = [0x7f80_0000, 0x7ff0_0000];
/// The bits of −0: all of a 32-bit float, and the upper half of a 64-bit one.
const MINUS_ZERO: i64 = HALF / 2;

/// What is found about an operand, per width.
struct Found {
    /// Whether the operand is a NaN.
    nan: Lane,
    /// Conditions that hold together only for 0, and only for −0.
    zero: Vec<Form>,
    minus_zero: Vec<Form>,
}

/// The result of a comparison of floats, without [`Feature::Inverted`].
pub fn place(g: &mut Graph, i: &Instruction, second: &Operand, top: &Operand, low: &Halves, high: &Halves) -> Form {
    let mut result = Form::default();
    for width in Width::ALL {
        let [second_is, top_is] = [second, top].map(|operand| find(g, width, operand));
        let index = width as usize;
        let both_negative = all(g, &[second.negative[index], top.negative[index]]);
        let both_negative = Form::from(g.lane("both are negative", both_negative));
        let nans = second_is.nan + top_is.nan;
        for inverted in [false, true] {
            let is = |relation| i.is(Feature::Float { width, relation, inverted });
            let [less, greater, unordered] = [Relation::Less, Relation::Greater, Relation::Unordered].map(is);
            let mut holds = g.relu(unordered * 2 + &nans - 2) - g.relu(unordered * 2 + &nans - 3);
            // `by`: the order of the integers; `against`: the opposite order.
            let orders = [
                (less, [low.less, high.less], [low.greater, high.greater], &second_is.minus_zero, &top_is.zero),
                (greater, [low.greater, high.greater], [low.less, high.less], &second_is.zero, &top_is.minus_zero),
            ];
            for (is, by, against, second_zero, top_zero) in orders {
                let ordered = |g: &mut Graph, [low, high]: [[Lane; 2]; 2], opposite: [Lane; 2], signs: &Form| match width {
                    Width::W32 => g.relu(is + low[1] + signs - &nans - 1),
                    // Either the upper halves decide, or they are equal.
                    Width::W64 => {
                        let by_high = g.relu(is + high[1] + signs - &nans - 1);
                        by_high + g.relu(is + low[0] - high[1] - opposite[1] + signs - &nans - 1)
                    }
                };
                holds += ordered(g, by, against[1], &-both_negative.clone());
                holds += ordered(g, against, by[1], &(&both_negative - 1));
                let zeros: Vec<Form> = [is.into()].into_iter().chain(second_zero.iter().chain(top_zero).cloned()).collect();
                holds -= all(g, &zeros);
            }
            result += holds * if inverted { -1 } else { 1 };
        }
    }
    result
}

/// Finds whether an operand of a width is a NaN, or a zero.
fn find(g: &mut Graph, width: Width, operand: &Operand) -> Found {
    let low_is_zero = not(g.step_lane("low half is not 0", operand.low - 1));
    let magnitude = |half: Lane| half - operand.negative[width as usize] * MINUS_ZERO;
    let is = |g: &mut Graph, half: Lane, number: i64| {
        let is = g.is_zero(half - number);
        Form::from(g.lane("is this half", is))
    };
    match width {
        Width::W32 => Found {
            nan: g.step_lane("is a NaN of 32 bits", magnitude(operand.low) - INFINITY[0] - 1),
            zero: vec![low_is_zero],
            minus_zero: vec![is(g, operand.low, MINUS_ZERO)],
        },
        // The lower half has up to 4 bytes that are not 0: the upper half is compared in units of 4.
        Width::W64 => Found {
            nan: g.step_lane("is a NaN of 64 bits", (magnitude(operand.high) - INFINITY[1]) * 4 + operand.low_filled - 1),
            zero: vec![low_is_zero.clone(), not(g.step_lane("high half is not 0", operand.high - 1))],
            minus_zero: vec![low_is_zero, is(g, operand.high, MINUS_ZERO)],
        },
    }
}
