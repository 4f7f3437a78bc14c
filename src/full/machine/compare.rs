//! Comparisons, and whether an operand is 0.

use super::fetch::Instruction;
use super::float;
use super::gate::{BEYOND_HALF, all, not};
use super::own::HALF;
use super::slots::Operands;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// The results of comparing a half of second with the same half of top.
pub(super) struct Halves {
    /// second < top and second > top, each unsigned and signed.
    pub less: [Lane; 2],
    pub greater: [Lane; 2],
}

/// Whether the halves of top are not 0.
pub struct NotZero {
    pub low: Lane,
    pub high: Lane,
}

impl NotZero {
    /// Compares the halves of operand top with 0.
    pub fn place(g: &mut Graph, o: &Operands) -> NotZero {
        NotZero { low: g.step_lane("low half is not 0", o.top.low - 1), high: g.step_lane("high half is not 0", o.top.high - 1) }
    }
}

/// The result of the comparison.
pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, not_zero: &NotZero) -> Form {
    let (top, second) = (&o.top, &o.second);
    let mut halves = |name: &str, x: Lane, y: Lane, x_negative: Lane, y_negative: Lane| {
        let mut steps = |relation: &str, x: [Form; 2], y: [Form; 2]| {
            let [unsigned, signed] = [0, 1].map(|k| g.step_lane(format!("{name} half {relation}"), &y[k] - &x[k] - 1));
            [unsigned, signed]
        };
        let (x, y) = ([x.into(), x - x_negative * HALF], [y.into(), y - y_negative * HALF]);
        Halves { less: steps("less", x.clone(), y.clone()), greater: steps("greater", y, x) }
    };
    let low = halves("low", second.low, top.low, second.negative[0], top.negative[0]);
    let high = halves("high", second.high, top.high, second.negative[1], top.negative[1]);

    let mut result = i.is(Feature::Inverted) + float::place(g, i, second, top, &low, &high);
    for width in Width::ALL {
        let wide = width == Width::W64;
        let mut unequal = low.less[0] + low.greater[0];
        let mut top_not_zero = Form::from(not_zero.low);
        if wide {
            unequal += high.less[0] + high.greater[0];
            top_not_zero += not_zero.high;
        }
        let [eq, ne, eqz] = [Feature::Eq(width), Feature::Ne(width), Feature::Eqz(width)].map(|feature| i.is(feature));
        result += g.relu(eq - &unequal) + ne - g.relu(ne - unequal) + g.relu(eqz - top_not_zero);
        for (greater, signed, inverted) in [false, true]
            .into_iter()
            .flat_map(|greater| [(greater, false), (greater, true)])
            .flat_map(|(greater, signed)| [(greater, signed, false), (greater, signed, true)])
        {
            let is = i.is(Feature::Compare { width, greater, signed, inverted });
            let of = |half: &Halves| if greater { (half.greater, half.less) } else { (half.less, half.greater) };
            let holds = if wide {
                let ((wanted, other), (low_wanted, _)) = (of(&high), of(&low));
                let signed = usize::from(signed);
                let by_high = all(g, &[is, wanted[signed]]);
                by_high + g.relu(is + low_wanted[0] - wanted[signed] - other[signed] - 1)
            } else {
                all(g, &[is, of(&low).0[usize::from(signed)]])
            };
            result += holds * if inverted { -1 } else { 1 };
        }
    }
    result
}

/// Per half, `third` if top is not 0, else `second`.
pub fn select(g: &mut Graph, i: &Instruction, o: &Operands, not_zero: &NotZero) -> [Form; 2] {
    let closed = not(i.is(Feature::Select)) * BEYOND_HALF;
    [(o.third.low, o.second.low), (o.third.high, o.second.high)].map(|(yes, no)| {
        let yes = g.relu(yes - not(not_zero.low) * BEYOND_HALF - &closed);
        yes + g.relu(no - not_zero.low * BEYOND_HALF - &closed)
    })
}
