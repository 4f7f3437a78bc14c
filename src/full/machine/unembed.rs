//! The unembedding: from numbers to the token. It also does the division.
//!
//! The logit of byte b at place m is `2b·Rem + b·D' − (b² + b)·256^m·D` with D' = 1. This is a parabola in b
//! with its maximum at b = ⌊Rem / (256^m·D)⌋. A constant lifts the logits of the wanted family above all
//! others. The logit of a token that occurs only in listings is 0.

use super::control::Control;
use super::digits::Digits;
use super::divide::Division;
use super::own::HALF;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::token::{Family, RADIX, Token, Vocabulary};

/// The constant that lifts a family: more than any parabola, 2b·Rem ≤ 510 · 2^41.
const WANTED: i64 = 1 << 50;

/// Sets the logits.
pub fn place(g: &mut Graph, vocabulary: &Vocabulary, digits: &Digits, division: &Division, control: &Control) {
    let flags = Flags::gather(g, control);
    for (id, token) in vocabulary.all().filter(|(_, token)| token.family.is_emitted()) {
        let logit = logit(token, digits, division, control, &flags);
        g.unembed(id, logit);
    }
}

/// Lanes for the families other than those of bytes.
struct Flags {
    high: [Lane; 2],
    low: [Lane; 2],
    enters: Lane,
    leaves: Lane,
    outputs: Lane,
    errors: Lane,
    sends: Lane,
    exits: Lane,
    events: Vec<Lane>,
}

impl Flags {
    fn gather(g: &mut Graph, control: &Control) -> Flags {
        let mut lane = |name: &str, form: &Form| {
            let lane = g.lane(format!("wants {name}"), form);
            g.state(lane, (-5, 5), "wanted once, traps a few times");
            lane
        };
        Flags {
            high: [lane("J+1", &control.high[0]), lane("J-1", &control.high[1])],
            low: [lane("J+0", &control.low[0]), lane("J-0", &control.low[1])],
            enters: lane("F", &control.enters),
            leaves: lane("U", &control.leaves),
            outputs: lane("output", &control.outputs),
            errors: lane("error", &control.errors),
            sends: lane("send", &control.sends),
            exits: lane("exit", &control.exits),
            events: control.events.iter().map(|(event, form)| lane(&event.token().to_string(), form)).collect(),
        }
    }
}

/// The parabola that is highest at ⌊number / unit⌋.
fn digit(b: i64, number: Lane, unit: i64) -> Form {
    number * (2 * b) + b - (b * b + b) * unit
}

fn logit(token: Token, digits: &Digits, division: &Division, control: &Control, flags: &Flags) -> Form {
    let b = i64::from(token.number);
    let squared = b * b + b;
    let radix = i64::from(RADIX);
    match token.family {
        Family::Byte(place) => {
            let (half, worth) = (usize::from(place / 4), 1i64 << (8 * (place % 4)));
            let quotient = division.rest * (2 * b) - division.divisor * squared;
            digits.bytes[usize::from(place)] * WANTED + digits.rest[half] * (2 * b) + b - digits.unit * (squared * worth) + quotient
        }
        Family::Ones(place) => {
            let (half, worth) = (usize::from(place / 4), 1i64 << (8 * (place % 4)));
            let above = if place == 3 { 0 } else { HALF - (worth << 8) };
            digits.ones[usize::from(place)] * WANTED + digits.rest[half] * (2 * b) + b - digits.unit * (squared * worth + 2 * b * above)
        }
        Family::Forward(place) | Family::Back(place) => {
            let flags = if place == 0 { &flags.low } else { &flags.high };
            let flag = flags[usize::from(matches!(token.family, Family::Back(_)))];
            flag * WANTED + digit(b, control.distance, if place == 0 { 1 } else { radix })
        }
        Family::Enter => flags.enters * WANTED + digit(b, control.shift, 1),
        Family::Leave => flags.leaves * WANTED + digit(b, control.shift, 1),
        Family::Output => flags.outputs * WANTED + digit(b, control.byte, 1),
        Family::Error => flags.errors * WANTED + digit(b, control.byte, 1),
        Family::Send => flags.sends * WANTED + digit(b, control.byte, 1),
        Family::Exit => flags.exits * WANTED + digit(b, control.byte, 1),
        _ => flags.events[usize::from(token.number)] * WANTED,
    }
}
