//! Values: what rows that end a value hold, and what is known in the middle of a value.
//!
//! A value's tokens are consecutive, the highest place first; all bytes above the first are 0, or all are
//! 255. So a value in progress has a shape: the place and family of its first token, and the place of the
//! latest.

use super::expr::Expr;
use super::fetch::{self, Finds, Latest, Role, any_latest};
use super::machine::{HALF, Machine};
use super::region::{BYTES, Byte, Region};
use super::symbols::{Meaning, Symbols};
use crate::full::listing::token::Family;
use crate::prove::Failure;
use crate::prove::obligation::Tally;

/// The bytes of the value in progress: byte k has this number plus k.
pub(super) const VALUE: Byte = 24;

/// A value in progress.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// The place and the family of the first token.
    first: u8,
    ones: bool,
    /// The place of the latest token.
    last: u8,
    /// Whether the first token is byte 256, a zero that carries.
    carries: bool,
}

impl Shape {
    fn all() -> impl Iterator<Item = Shape> {
        let plain = (0..8).flat_map(|first| [false, true].map(|ones| (first, ones, false)));
        plain
            .filter(|(first, ones, _)| !(*ones && *first == 7))
            .chain([(7, false, true)])
            .flat_map(|(first, ones, carries)| (0..=first).map(move |last| Shape { first, ones, last, carries }))
    }

    fn family(self, place: u8) -> Family {
        if self.ones && place == self.first { Family::Ones(place) } else { Family::Byte(place) }
    }

    /// The lanes of the token at a place.
    fn token(self, machine: &Machine<'_>, symbols: &mut Symbols, place: u8) -> Vec<Expr> {
        if self.carries && place == self.first {
            return machine.own(machine.ids(Family::Byte(7)).start + BYTES);
        }
        machine.digit(symbols, self.family(place), VALUE + usize::from(place))
    }

    /// Byte k of the value, if it is not 0 or 255 by the shape.
    fn byte(self, place: u8) -> Result<Byte, i128> {
        match place {
            place if place > self.first => Err(if self.ones { 255 } else { 0 }),
            7 if self.carries => Err(0),
            place => Ok(VALUE + usize::from(place)),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Shape { first, last, ones, carries } = self;
        let family = if *ones { "X" } else { "V" };
        write!(f, "from {family}{first}{} to place {last}", if *carries { ":256" } else { "" })
    }
}

/// The lanes of a row that has a shape's latest token, after layer 1.
fn row(machine: &Machine<'_>, symbols: &mut Symbols, roles: &[Role], shape: Shape) -> Result<Vec<Expr>, Failure> {
    let own = shape.token(machine, symbols, shape.last);
    let of_place = |symbols: &mut Symbols, place: u8| {
        if (shape.last..=shape.first).contains(&place) {
            Latest { own: shape.token(machine, symbols, place), late: Expr::default() }
        } else {
            any_latest(machine, symbols, place, -1)
        }
    };
    let latest: Vec<Latest> = (1..8).map(|place| of_place(symbols, place)).collect();
    fetch::row(machine, symbols, &Region::default(), roles, own, &Finds::of_run(&latest))
}

/// What heads that find an operand retrieve: for each head of layer 2 and each dimension, a function of the
/// bytes of the value.
pub(super) type Retrieved = Vec<Vec<Expr>>;

/// Checks that every value that these heads of layer 2 retrieve is the same function of the value's bytes,
/// whatever the shape; gives these functions.
pub(super) fn retrieved(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    roles: &[Role],
    heads: &[usize],
    tally: &mut Tally,
) -> Result<Retrieved, Failure> {
    let of = |lanes: &[Expr]| -> Retrieved {
        let head = |head: &usize| machine.network.layers[2].heads[*head].value.iter().map(|value| Expr::of(value, lanes)).collect();
        heads.iter().map(head).collect()
    };
    let whole = Shape { first: 7, ones: false, last: 0, carries: false };
    let lanes = row(machine, symbols, roles, whole)?;
    let mut general = of(&lanes);
    let region = Region::default();
    for (head, values) in general.iter_mut().enumerate() {
        for (dimension, value) in values.iter_mut().enumerate() {
            *value = symbols.normal(&region, value);
            let is_byte = |symbol: u32| matches!(symbols.meaning(symbol), Meaning::Of(byte, _) if (VALUE..VALUE + 8).contains(byte));
            if !value.terms.iter().all(|(symbol, _)| is_byte(*symbol)) {
                let shown = symbols.shown(value);
                return Err(Failure::new(format!("head {}, dimension {dimension} retrieves {shown}", heads[head])));
            }
        }
    }
    for shape in Shape::all().filter(|shape| shape.last == 0) {
        let lanes = row(machine, symbols, roles, shape)?;
        let found = of(&lanes);
        for (head, (values, general)) in found.iter().zip(&general).enumerate() {
            for (dimension, (value, general)) in values.iter().zip(general).enumerate() {
                let wanted = moved(symbols, general, |byte| shape.byte((byte - VALUE) as u8));
                let value = symbols.normal(&region, value);
                tally.cases += 1;
                if value != wanted {
                    let [value, wanted] = [&value, &wanted].map(|expr| symbols.shown(expr));
                    let which = format!("head {}, dimension {dimension}", heads[head]);
                    return Err(Failure::new(format!("of a value {shape}, {which} retrieves {value} instead of {wanted}")));
                }
            }
        }
    }
    Ok(general)
}

/// A function of bytes, of other bytes or of known ones.
pub(super) fn moved(symbols: &mut Symbols, expr: &Expr, to: impl Fn(Byte) -> Result<Byte, i128>) -> Expr {
    let region = Region::default();
    let mut parts = vec![Expr::constant(expr.constant)];
    for (symbol, coefficient) in &expr.terms {
        let Meaning::Of(byte, table) = symbols.meaning(*symbol).clone() else {
            parts.push(Expr { terms: vec![(*symbol, *coefficient)], constant: 0 });
            continue;
        };
        parts.push(match to(byte) {
            Ok(byte) => symbols.of_byte(&region, byte, |value| table[value] * coefficient),
            Err(known) => Expr::constant(table[known as usize] * coefficient),
        });
    }
    let sum = Expr::sum(parts.iter().map(|part| (part, 1)));
    symbols.normal(&region, &sum)
}

/// Checks that in the middle of a value, the lanes of what has been emitted hold the bytes emitted, and those
/// above them: in each half, the bytes at their places.
pub(super) fn emitted(machine: &Machine<'_>, symbols: &mut Symbols, roles: &[Role], tally: &mut Tally) -> Result<(), Failure> {
    let region = Region::default();
    let lanes_of_halves = HALVES_EMITTED.map(|name| machine.lane(name));
    for shape in Shape::all().filter(|shape| shape.last > 0) {
        let lanes = row(machine, symbols, roles, shape)?;
        for (half, lane) in (0..2u8).zip(lanes_of_halves.clone()) {
            let mut wanted = Expr::default();
            for place in 4 * half..4 * half + 4 {
                let worth = 1 << (8 * (place - 4 * half));
                let byte = match shape.byte(place) {
                    _ if place < shape.last => continue,
                    Ok(byte) => symbols.byte(byte),
                    Err(_) if shape.carries && place == 7 => Expr::constant(256),
                    Err(known) => Expr::constant(known),
                };
                wanted = wanted.plus(&byte.times(worth));
            }
            let wanted = symbols.normal(&region, &wanted);
            let held = symbols.normal(&region, &lanes[lane?]);
            tally.cases += 1;
            if held != wanted {
                let [held, wanted] = [&held, &wanted].map(|expr| symbols.shown(expr));
                return Err(Failure::new(format!("of a value {shape}, half {half} emitted is {held} instead of {wanted}")));
            }
        }
    }
    Ok(())
}

/// Checks that nothing counts as emitted where no value is in progress.
pub(super) fn nothing_emitted(machine: &Machine<'_>, symbols: &mut Symbols, roles: &[Role], tally: &mut Tally) -> Result<(), Failure> {
    use super::machine::Phase::{Back, Begin, Entered, Forward, Left};
    let region = Region::default();
    for phase in [Begin, Entered, Left, Forward, Back] {
        let ends = |token: &usize| machine.ids(Family::Byte(0)).contains(token) || machine.ids(Family::Ones(0)).contains(token);
        let (ending, others): (Vec<usize>, Vec<usize>) = machine.tokens(phase).into_iter().partition(ends);
        // Bytes of the value that ends in the row are not late; all other bytes are.
        for (tokens, most) in [(ending, 0), (others, -1)].into_iter().filter(|(tokens, _)| !tokens.is_empty()) {
            let own = machine.any(symbols, "the row", tokens);
            let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, most)).collect();
            let lanes = fetch::row(machine, symbols, &region, roles, own, &Finds::of_run(&latest))?;
            for name in HALVES_EMITTED {
                let held = symbols.normal(&region, &lanes[machine.lane(name)?]);
                tally.cases += 1;
                if !held.is_zero() {
                    return Err(Failure::new(format!("in the phase {phase:?}, the lane {name} holds {}", symbols.shown(&held))));
                }
            }
        }
    }
    Ok(())
}

/// The lanes of what has been emitted.
pub(super) const HALVES_EMITTED: [&str; 2] = ["emitted low", "emitted high"];

/// The greatest number that each half emitted can hold.
pub(super) const EMITTED: [i128; 2] = [HALF - 1, HALF];
