//! From a result to its bytes: wrapping, the place of the first byte, and the rest that is still to be
//! emitted.
//!
//! The unembedding computes ⌊Rem / (256^m · D)⌋. It needs Rem, the result minus the part already emitted; the
//! unit D; and the place m. The place of the first byte is found by comparing the result with powers of 256.
//! A result whose upper bytes are all 255 begins with a token of family `X`. The place of each further byte
//! is one below the place of the row's own byte.

use super::Row;
use super::accumulator::Totals;
use super::divide::Division;
use super::fetch::Instruction;
use super::gate::{BEYOND_RESULT, not, step_if, times};
use super::own::HALF;
use super::value::Value;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;

/// Parts that other files add to a result after the first sums, per half.
pub struct Late {
    pub low: Form,
    pub high: Form,
    /// A part of the lower half, in units of 2^32.
    pub carry: Form,
    pub loaded: [Lane; 8],
    /// Per half: the exponent and sign of a float, whose significand is in `low` and `high`.
    pub packed: [Form; 2],
    /// An upper bound of a remainder, which gives the place of its first byte.
    pub remainder_bound: Form,
}

/// The lanes that the unembedding reads.
pub struct Digits {
    /// Per half: the rest that is still to be emitted.
    pub rest: [Lane; 2],
    /// The number that represents 1 in the result: 1, or 256 for shifts to the right. 0 where there is no
    /// result.
    pub unit: Lane,
    /// Per place: 1 if the next byte is at this place. `ones`: 1 if the next byte is the first at this place,
    /// and all bytes above are 255.
    pub bytes: [Lane; 8],
    pub ones: [Lane; 7],
}

/// Whether this row has to begin a 32-bit result (`narrow`) or a 64-bit result (`wide`).
pub struct Begins {
    pub narrow: Lane,
    pub wide: Lane,
}

impl Begins {
    /// A result begins where no byte of it has been emitted yet.
    pub fn place(g: &mut Graph, i: &Instruction, value: &Value) -> Begins {
        let [narrow, wide] = [Feature::Result32, Feature::Result64].map(|feature| {
            let begins = g.relu(i.is(feature) - value.middle);
            g.lane(format!("begins {feature:?}"), begins)
        });
        Begins { narrow, wide }
    }
}

impl Digits {
    /// Places the neurons of these lanes.
    pub fn place(g: &mut Graph, row: &Row, begins: &Begins, totals: &Totals, division: &Division, late: Late) -> Digits {
        let Row { own, instruction: i, value, .. } = row;
        let is = |feature| i.is(feature);
        let fraction = is(Feature::Fraction);
        let given: Vec<(u8, Lane)> = i.given_places().collect();
        let given_form: Form = given.iter().map(|(_, lane)| Form::from(*lane)).sum();
        let unit_form = is(Feature::Result32) + is(Feature::Result64) + fraction * 255 + given_form - is(Feature::MultiplyLow);
        let unit = g.lane("unit", unit_form.clone());
        g.state(unit, (0, 256), "one width, and 256 for shifts to the right");
        let loaded = |half: usize| (0..4).map(|k| late.loaded[4 * half + k] * (1 << (8 * k))).sum::<Form>();

        // 2^32 is added to a half that is below 0. A sum of upper halves can also reach 2^32, which is then
        // subtracted.
        let low_negative = g.step(-&totals.low - 1);
        let low_carry = g.lane("late carry", late.carry + low_negative);
        g.state(low_carry, (0, 256), "one instruction's");
        let high_wrap = g.step(-&totals.high - 1) - step_if(g, &totals.high - HALF, is(Feature::Add), BEYOND_RESULT);
        let high_wrap = g.lane("high wrap", high_wrap);
        let low_late = g.lane("late low", late.low);
        let high_late = g.lane("late high", late.high);
        for late in [low_late, high_late] {
            g.state(late, (-2 * HALF as i128, 2 * HALF as i128), "one instruction's, or twice what sums of operands counted too often");
        }
        let to_wrap = &totals.low + totals.wrapped;
        let low = &to_wrap + low_late + low_carry * HALF;
        let high = &totals.high + high_late + high_wrap * HALF;
        let shown = &totals.low + low_late + low_carry * HALF + late.remainder_bound;

        // Carries out of 2^32 are counted first in steps of 2^37, then in steps of 2^32; not for a result in
        // units of 1/256.
        let fractional = fraction * BEYOND_RESULT;
        let low_coarse = times(g, "low in 2^37", &(to_wrap - &fractional), 1 << 37, 32, 32);
        let high_coarse = times(g, "high in 2^37", &(&totals.high - &fractional), 1 << 37, 64, 64);
        let low_rest = &low - &low_coarse * (1 << 37);
        let high_alone = &high - &high_coarse * (1 << 37);
        let high_rest = &high_alone + &low_coarse * 32;
        let low_fine = times(g, "low in 2^32", &(&low_rest - &fractional), 1 << 32, 33, 33);
        let high_fine = times(g, "high in 2^32", &(&high_rest - &fractional), 1 << 32, 32, 32);
        // In a rotation, bits that leave the upper half enter the lower half.
        let rotation = is(Feature::Rotation);
        let round_coarse = g.neuron(rotation, &high_coarse) * 32;
        let round_fine = times(g, "round in 2^32", &(&high_alone - not(rotation) * BEYOND_RESULT), 1 << 32, 31, 31);

        let [emitted_low, emitted_high] = value.emitted;
        let emitted_low = g.neuron(emitted_low, unit_form.clone());
        let emitted_high = g.neuron(emitted_high, unit_form);
        let low_left = &low_rest - &low_fine * HALF + round_coarse + round_fine - emitted_low + loaded(0) + &late.packed[0];
        let high_left = &high_rest - high_fine * HALF + &low_fine - emitted_high + loaded(1) + &late.packed[1];
        // The carry of a product: the number of times that 2^64 is in the sum, digit by digit in units of 32
        // and of 1. The divisor is 2^32.
        let carries = is(Feature::MultiplyLow);
        let unused = &low_rest - &low_fine * HALF;
        let first = g.neuron(carries - value.middle, &high_coarse * HALF - &unused);
        let second = g.neuron(carries + value.middle - 1, &high_rest + &low_fine - unused);
        let rest = [g.lane("rest low", low_left + first + second), g.relay("rest high", high_left)];
        for half in rest {
            g.state(half, (-(1 << 41), 1 << 41), "less than 256 units of 2^32 are left");
        }

        let shown = g.relay("low, for the first place", shown);
        g.state(shown, (-(1 << 44), 1 << 44), "an unwrapped result");
        let shown_high = g.relay("high, for the first place", high);
        g.state(shown_high, (-(1 << 44), 1 << 44), "an unwrapped result");
        let (shown, shown_high) = (shown + loaded(0), shown_high + loaded(1));
        let [mut bytes, ones] = first_places(g, begins, unit, &shown, &shown_high);
        for (place, is) in given {
            bytes[usize::from(place)] += g.neuron(not(value.middle), is);
        }
        let bytes = std::array::from_fn(|place| {
            let next = if place < 7 { Form::from(own.places[place + 1]) } else { Form::default() };
            // The digits of a quotient come from `division`, but their places follow the same rule: after
            // each byte, the next place below.
            let lane = g.lane(format!("wants byte {place}"), &bytes[place] + next + &division.first[place]);
            g.state(lane, (-4, 4), "a place is begun or gone on with");
            lane
        });
        let ones = std::array::from_fn(|place| {
            let lane = g.lane(format!("wants ones from {place}"), &ones[place]);
            g.state(lane, (-4, 4), "as above");
            lane
        });
        Digits { rest, unit, bytes, ones }
    }
}

/// Per place: whether the result begins there with a plain byte, and whether it begins there with a byte
/// below bytes 255.
fn first_places(g: &mut Graph, begins: &Begins, unit: Lane, low: &Form, high: &Form) -> [Vec<Form>; 2] {
    let both = begins.narrow + begins.wide;
    let mut at_least = |x: &Form, bound: i64, when: &Form| {
        let lane = step_if(g, x - unit * bound, when, BEYOND_RESULT);
        Form::from(g.lane("reaches a place", lane))
    };
    let wide = Form::from(begins.wide);
    let narrow = Form::from(begins.narrow);
    // `reach`: the least half whose bytes from a place on are not all 0. `all_ones_above`: the least half
    // whose bytes above a place are all 255.
    let reach = |place: u32| 1i64 << (8 * place);
    let all_ones_above = |place: u32| HALF - (1i64 << (8 * (place + 1)));
    let low_from: Vec<Form> = (1..4).map(|place| at_least(low, reach(place), &both)).collect();
    let high_from: Vec<Form> = (0..4).map(|place| at_least(high, reach(place), &wide)).collect();
    let high_ones: Vec<Form> =
        (-1..3).map(|place: i32| at_least(high, if place < 0 { HALF - 1 } else { all_ones_above(place as u32) }, &wide)).collect();
    let low_ones: Vec<Form> = (0..3).map(|place| at_least(low, all_ones_above(place), &both)).collect();
    let low_ones_narrow = at_least(low, all_ones_above(2), &narrow);
    let beyond_narrow = at_least(low, HALF, &narrow);
    let beyond = at_least(low, HALF, &wide) + at_least(high, HALF, &wide);
    let bytes = vec![
        &both - &low_from[0] - &high_from[0],
        &low_from[0] - &low_from[1] - &high_from[0],
        &low_from[1] - &low_from[2] - &high_from[0],
        &low_from[2] - &low_ones_narrow + &beyond_narrow - &high_from[0],
        &high_from[0] - &high_from[1],
        &high_from[1] - &high_from[2],
        &high_from[2] - &high_from[3],
        &high_from[3] - &high_ones[3] + beyond * 2,
    ];
    let ones = vec![
        &low_ones[0] + &high_ones[0] - &wide - &beyond_narrow,
        &low_ones[1] - &low_ones[0] + &high_ones[0] - &wide,
        &low_ones[2] - &low_ones[1] + &high_ones[0] - &wide,
        &high_ones[0] - &low_ones[2],
        &high_ones[1] - &high_ones[0],
        &high_ones[2] - &high_ones[1],
        &high_ones[3] - &high_ones[2],
    ];
    [bytes, ones]
}
