//! What each token adds to the running sums.

use super::machine::Machine;
use crate::full::listing::FIRST_PC;
use crate::full::listing::operation::Operation;
use crate::full::listing::token::{Event, Family, Mark, RADIX, SHIFT_ZERO, Shifted, Token};
use crate::prove::Failure;
use crate::prove::obligation::Tally;

/// What a token adds to the sum of a lane.
fn wanted(lane: &str, token: Token) -> i64 {
    let number = i64::from(token.number);
    let radix = i64::from(RADIX);
    let shifted = |what: Shifted| match token.family {
        Family::Shift(of, 0) if of == what => number,
        Family::Shift(of, _) if of == what => (number - i64::from(SHIFT_ZERO)) << 8,
        _ => 0,
    };
    let immediate = |half: u8| match token.family {
        Family::Immediate(place) if place / 4 == half => number << (8 * (place % 4)),
        _ => 0,
    };
    let is_mark = |mark: Mark| i64::from(token.mark() == Some(mark));
    match (lane, token.family) {
        ("one", _) => 1,
        ("is opcode", Family::Opcode) => 1,
        ("is element", Family::Mark) => is_mark(Mark::Element),
        ("immediate low", _) => immediate(0),
        ("immediate high", _) => immediate(1),
        ("immediate mod 4", Family::Immediate(0)) => number % 4,
        ("index", Family::Index(place)) => number << (8 * place),
        ("shift of top", _) => shifted(Shifted::Top),
        ("shift of second", _) => shifted(Shifted::Second),
        ("shift of third", _) => shifted(Shifted::Third),
        ("shift of result", _) => shifted(Shifted::Result),
        ("top is below", Family::Mark) => is_mark(Mark::Below(Shifted::Top)),
        ("second is below", Family::Mark) => is_mark(Mark::Below(Shifted::Second)),
        ("third is below", Family::Mark) => is_mark(Mark::Below(Shifted::Third)),
        ("result is below", Family::Mark) => is_mark(Mark::Below(Shifted::Result)),
        ("adds", Family::Mark) => is_mark(Mark::Adds),
        ("height delta", Family::Opcode) => Operation::all()[usize::from(token.number)].delta(),
        ("height delta", Family::Raise) => number,
        ("height delta", Family::Lower) => -number,
        ("pc delta", Family::Byte(0) | Family::Ones(0) | Family::Output | Family::Error | Family::Send) => 1,
        ("pc delta", Family::Event) => i64::from(token.event() == Some(Event::Step)),
        ("pc delta", Family::Forward(place)) => {
            if place == 0 {
                number
            } else {
                number * radix
            }
        }
        ("pc delta", Family::Back(place)) => {
            if place == 0 {
                -number
            } else {
                -number * radix
            }
        }
        ("pc delta", Family::Mark) => FIRST_PC * is_mark(Mark::Go),
        ("frame delta", Family::Enter) => number,
        ("frame delta", Family::Leave) => -number,
        ("depth delta", Family::Enter) => 1,
        ("depth delta", Family::Leave) => -1,
        ("address delta", Family::Data(_)) => 1,
        ("address delta", Family::Ahead(place)) => number << (8 * place),
        ("max pages", Family::MaxPages) => number,
        _ => 0,
    }
}

/// What a lane of a token that is not summed up, but which the arguments rest on, holds.
fn says(lane: &str, token: Token) -> i64 {
    let high = i64::from(token.number) * i64::from(RADIX);
    match (lane, token.family) {
        ("place", Family::Byte(place) | Family::Ones(place)) => place.into(),
        ("place", _) => {
            if let Some(Mark::Place(place)) = token.mark() {
                place.into()
            } else {
                0
            }
        }
        ("jump high", Family::Forward(1)) => high,
        ("jump high", Family::Back(1)) => -high,
        ("is jump high", Family::Forward(1) | Family::Back(1)) | ("is leave", Family::Leave) => 1,
        _ => 0,
    }
}

/// Checks what every token of the vocabulary adds to the sum of every lane that is summed up, and that the
/// change of the height is also in the lane by which the height before the instruction is found. Also what
/// the token says of its place in a value, and of the progress of a jump.
pub(super) fn changes(machine: &Machine<'_>, tally: &mut Tally) -> Result<(), Failure> {
    for lane in super::machine::summed() {
        let index = machine.lane(lane)?;
        for (id, token) in machine.vocabulary.all() {
            tally.cases += 1;
            let (adds, wanted) = (machine.network.tokens[id].weight(index), wanted(lane, token));
            if adds != wanted {
                return Err(Failure::new(format!("the token {token} adds {adds} to the sum of {lane} instead of {wanted}")));
            }
        }
    }
    for lane in ["place", "jump high", "is jump high", "is leave"] {
        let index = machine.lane(lane)?;
        for (id, token) in machine.vocabulary.all() {
            tally.cases += 1;
            let (held, wanted) = (machine.network.tokens[id].weight(index), says(lane, token));
            if held != wanted {
                return Err(Failure::new(format!("the lane {lane} of the token {token} holds {held} instead of {wanted}")));
            }
        }
    }
    let delta = machine.lane("delta")?;
    for operation in Operation::all() {
        tally.cases += 1;
        let held = machine.network.tokens[machine.opcode(*operation)].weight(delta);
        if held != operation.delta() {
            return Err(Failure::new(format!("the lane delta of {operation} holds {held} instead of {}", operation.delta())));
        }
    }
    Ok(())
}
