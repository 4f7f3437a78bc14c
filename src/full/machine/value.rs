//! The value that the row's token belongs to: the bytes emitted so far.
//!
//! A value's bytes are consecutive tokens, the highest place first. So the position of a byte plus its place
//! is the position where the value ends. A byte belongs to the same value as this row's token if this sum is
//! the same for both.

use super::fetch::Registers;
use super::own::{HALF, Own};
use crate::circuit::{Form, Graph, Key, Lane};

/// The value in progress, or the value that ends in this row.
pub struct Value {
    /// Whether this row ends the value, and whether it is in the middle of the value.
    pub ends: Lane,
    pub middle: Lane,
    /// Whether the next byte is in the lower half.
    pub low_half_next: Form,
    /// The value's bytes, where the value ends.
    pub bytes: [Lane; 8],
    /// The number of bytes of the lower half that are not 0, where the value ends.
    pub low_filled: Lane,
    /// Whether the value is negative as a number of 32 and of 64 bits.
    pub negative: [Lane; 2],
    /// The lowest bit of the exponent of a 32-bit float, and the lowest four of a 64-bit one.
    pub exponent: [Lane; 2],
    /// The part of the value that has been emitted, per half, where the value does not end.
    pub emitted: [Lane; 2],
    /// In the middle of a value, per distance: the digit that number of places above the next digit to emit.
    pub digits: [Form; 5],
}

impl Value {
    /// Collects the value from the latest token at each place.
    pub fn collect(g: &mut Graph, own: &Own, registers: &Registers) -> Value {
        let kind = Key { key: own.kind.into(), square: own.kind_squared.into() };
        let due = g.neuron(1, registers.position + own.place);
        // Per place: the lateness of the latest token at that place (0 if the token belongs to this value,
        // else negative), and the token's lanes. Place 0 can only be the row's own token.
        let mut late = vec![Form::default()];
        let mut latest = vec![(own.byte, own.ones, own.worth, own.high_bit, own.not_zero)];
        let upper: Form = (0..4).map(|bit| own.bits[4 + bit] * (1 << bit)).sum();
        let mut upper_of_6 = own.byte;
        for place in 1..8 {
            let mut values = vec![&due + own.kind * own.kinds.apart];
            values.extend([own.byte, own.ones, own.worth, own.high_bit, own.not_zero].map(Form::from));
            values.push(upper.clone());
            let found = g.nearest_of(&format!("latest at place {place}"), own.kinds.places[place], &kind, values);
            let [due_then, byte, ones, worth, high_bit, not_zero] = std::array::from_fn(|k| found[k]);
            if place == 6 {
                upper_of_6 = found[6];
            }
            let kinds = &own.kinds;
            let lateness = g.lane(format!("lateness of place {place}"), due_then - &due - kinds.apart * kinds.places[place]);
            let most = super::MAX_ROWS as i128 + i128::from(kinds.apart * kinds.enter);
            g.state(lateness, (-most, 0), "no byte of an earlier value ends after this one");
            late.push(lateness.into());
            latest.push((byte, ones, worth, high_bit, not_zero));
        }
        let ends = own.places[0];
        let low_half_next = own.places[1..5].iter().map(|place| Form::from(*place)).sum();
        // Two gates. `ended` is 1 if the byte at this place belongs to the value and the value ends in this
        // row. `going` is 1 if the byte belongs to the value and the value does not end in this row.
        let ended = |place: usize| &late[place] + ends;
        let going = |place: usize| &late[place] + 1 - ends;

        let mut bytes = vec![own.byte];
        let mut ones_so_far = Form::from(own.ones_at_0);
        for (place, (byte, ones, ..)) in latest.iter().copied().enumerate().skip(1) {
            let own_byte = g.neuron(ended(place), byte);
            let lane = g.lane(format!("byte {place}"), own_byte + &ones_so_far * 255);
            g.state(lane, (0, 255), "above the first byte all are 0, or all are 255");
            bytes.push(lane);
            ones_so_far += g.neuron(ended(place), ones);
        }
        let ones_up_to = |g: &mut Graph, last: usize| {
            (1..=last).fold(Form::from(own.ones_at_0), |sum, place| sum + g.neuron(ended(place), latest[place].1))
        };
        // A byte of 255 above the first byte counts too.
        let mut filled = Form::from(own.not_zero);
        for (place, latest) in latest.iter().enumerate().take(4).skip(1) {
            filled += g.neuron(ended(place), latest.4) + ones_up_to(g, place - 1);
        }
        let low_filled = g.lane("bytes of the lower half", filled);
        g.state(low_filled, (0, 4), "one per byte");
        let negative = [3, 7].map(|top: usize| {
            let high_bit = g.neuron(ended(top), latest[top].3);
            let form = high_bit + ones_up_to(g, top - 1);
            let lane = g.lane(format!("negative as {} bytes", top + 1), form);
            g.state(lane, (0, 1), "there is one byte above which all are 255, or the highest byte is there");
            lane
        });
        let exponent = [(2, latest[2].3, 1), (6, upper_of_6, 15)].map(|(place, upper, all_ones)| {
            let upper = g.neuron(ended(place), upper);
            let form = upper + ones_up_to(g, place - 1) * all_ones;
            let lane = g.lane(format!("upper bits of byte {place}"), form);
            g.state(lane, (0, i128::from(all_ones)), "there is one byte above which all are 255, or this byte is there");
            lane
        });
        let worth =
            |g: &mut Graph, places: std::ops::Range<usize>| places.map(|place| g.neuron(going(place), latest[place].2)).sum::<Form>();
        let low = worth(g, 1..4);
        let filled: Form = (1..4).map(|place| g.neuron(going(place), latest[place].1)).sum();
        let high = worth(g, 4..8) + filled * (HALF - 1);
        let emitted = [g.lane("emitted low", low), g.lane("emitted high", high)];
        g.state(emitted[0], (0, HALF as i128 - 1), "bytes at different places");
        g.state(emitted[1], (0, HALF as i128), "bytes at different places, or the carry alone");

        let mut digits = [(); 5].map(|()| Form::default());
        digits[1] = own.byte - ends * 256;
        for (distance, digit) in digits.iter_mut().enumerate().skip(2) {
            let at = |place: usize| &late[place] + own.places[place - distance + 1];
            let form: Form = (distance..8).map(|place| g.neuron(at(place), latest[place].0)).sum();
            let lane = g.lane(format!("digit {distance} before"), form);
            g.state(lane, (0, 255), "one digit");
            *digit = lane.into();
        }
        Value {
            ends,
            middle: own.middle,
            low_half_next,
            bytes: bytes.try_into().unwrap_or([own.byte; 8]),
            low_filled,
            negative,
            exponent,
            emitted,
            digits,
        }
    }
}
