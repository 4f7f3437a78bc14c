//! What jumps, calls and returns must emit.

use super::check::{Stop, Wanted};
use super::expr::Expr;
use super::fetch;
use super::given::{Given, TOP, event};
use super::machine::{HEIGHT, Phase, Registers, number_of_token};
use super::region::Region;
use super::spec;
use super::symbols::Symbols;
use crate::full::isa::{Op, Trap};
use crate::full::listing::MAX_LISTING;
use crate::full::listing::operation::Operation;
use crate::full::listing::token::{Event, Family, RADIX};
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS};

const DIGIT: i128 = RADIX as i128;

/// What the tokens of a jump say: first, whether it is taken.
fn jump(given: &mut Given<'_>, distance: &Expr) -> Result<Wanted, Stop> {
    let token = |family: Family, number: Expr, unit| Ok(Wanted::Token { first: family.token(0), number, unit });
    let back = distance.times(-1);
    let phase = given.phase;
    match phase {
        // The high digit has been emitted.
        Phase::Forward => token(Family::Forward(0), left(given.symbols, distance, Family::Forward(1)), 1),
        Phase::Back => token(Family::Back(0), left(given.symbols, &back, Family::Back(1)), 1),
        _ if given.at_least(distance, DIGIT)? => token(Family::Forward(1), distance.clone(), DIGIT),
        _ if given.at_least(distance, 0)? => token(Family::Forward(0), distance.clone(), 1),
        _ if given.at_least(&back, DIGIT)? => token(Family::Back(1), back, DIGIT),
        _ => token(Family::Back(0), back, 1),
    }
}

/// What is left of a jump's length after the high digit, which is the number of the row's token.
fn left(symbols: &mut Symbols, length: &Expr, family: Family) -> Expr {
    length.minus(&number_of_token(symbols, family).times(DIGIT))
}

/// The operations of control.
pub(super) fn phases(operation: Operation) -> Option<&'static [Phase]> {
    use Phase::{Back, Begin, Entered, Forward, Left};
    Some(match operation {
        Operation::Wasm(Op::Br | Op::BrIf) | Operation::BranchIfZero | Operation::BranchIf(_) => &[Begin, Forward, Back],
        // The jumps are the lines after it.
        Operation::Wasm(Op::BrTable) => &[Begin, Forward],
        Operation::Wasm(Op::Call) | Operation::CallValue | Operation::CallHost | Operation::CallRoutine => &[Begin, Entered, Forward, Back],
        Operation::Wasm(Op::Return) => &[Begin, Left, Forward, Back],
        _ => return None,
    })
}

/// How far the instruction jumps, if it does.
fn distance(given: &mut Given<'_>, operation: Operation) -> Result<Expr, Stop> {
    let pc = pc(given.symbols);
    let target = fetch::between(given.symbols, 0).get("immediate low").cloned().unwrap_or_default();
    let top = given.half(TOP, 0);
    Ok(match operation {
        Operation::Wasm(Op::Return) => caller(given.symbols).minus(&pc).add(1),
        Operation::CallValue | Operation::CallHost => top.minus(&pc),
        // The immediate is the number of targets but the last one.
        Operation::Wasm(Op::BrTable) if given.at_least(&top.minus(&target), 0)? => target.add(1),
        Operation::Wasm(Op::BrTable) if given.at_least(&top, MAX_LISTING as i128)? => return Err(Stop::Void),
        Operation::Wasm(Op::BrTable) => top.add(1),
        _ => target.minus(&pc),
    })
}

fn pc(symbols: &mut Symbols) -> Expr {
    symbols.free("pc", 3, MAX_LISTING as i128 - 1)
}

/// The pc of the call that made the frame.
fn caller(symbols: &mut Symbols) -> Expr {
    Registers::unknown(symbols, "the caller").get("pc delta").cloned().unwrap_or_default()
}

/// The slots by which that call moved the frame.
fn moved(symbols: &mut Symbols) -> Expr {
    symbols.free("entered of the caller", 0, MAX_FRAME_SLOTS.into())
}

/// The token of an operation of control.
pub(super) fn wanted(operation: Operation, given: &mut Given<'_>) -> Result<Wanted, Stop> {
    let calls = matches!(operation, Operation::Wasm(Op::Call) | Operation::CallValue | Operation::CallHost | Operation::CallRoutine);
    let counts = matches!(operation, Operation::Wasm(Op::Call) | Operation::CallValue);
    if let Operation::BranchIf(comparison) = operation
        && !spec::holds(comparison, given).unwrap_or_else(|| Err(Stop::Fail("nothing is stated".to_string())))?
    {
        // In the middle of a jump, the comparison holds.
        return if given.phase == Phase::Begin { event(Event::Step.token()) } else { Err(Stop::Void) };
    }
    if given.phase == Phase::Begin {
        let condition = given.half(TOP, 0);
        match operation {
            Operation::Wasm(Op::BrIf) if !given.at_least(&condition, 1)? => return event(Event::Step.token()),
            Operation::BranchIfZero if given.at_least(&condition, 1)? => return event(Event::Step.token()),
            Operation::Wasm(Op::Return) => {
                let number = moved(given.symbols);
                return Ok(Wanted::Token { first: Family::Leave.token(0), number, unit: 1 });
            }
            _ if calls => {
                let depth = Registers::unknown(given.symbols, "in the row").get("depth delta").cloned().unwrap_or_default();
                if counts && given.at_least(&depth, MAX_CALL_DEPTH.into())? {
                    return event(Event::Trap(Trap::CallStackExhausted).token());
                }
                return Ok(Wanted::Token { first: Family::Enter.token(0), number: frame_shift(given.symbols), unit: 1 });
            }
            _ => {}
        }
    }
    let distance = distance(given, operation)?;
    jump(given, &distance)
}

/// The slots by which a call moves the frame: those below the arguments, whose number is the index.
fn frame_shift(symbols: &mut Symbols) -> Expr {
    let index = fetch::between(symbols, 0).get("index").cloned().unwrap_or_default();
    symbols.free("height", 0, HEIGHT).minus(&index)
}

/// The cases that can arise: a jump stays within the listing, and in its middle the digit emitted is right.
pub(super) fn start(symbols: &mut Symbols, operation: Operation, phase: Phase) -> Vec<Region> {
    let region = Region::default();
    let mut given = Given { symbols, region: &region, phase };
    let target = fetch::between(given.symbols, 0).get("immediate low").cloned().unwrap_or_default();
    let top = given.half(TOP, 0);
    let listing = MAX_LISTING as i128;
    let mut known = Vec::new();
    let lengths = match operation {
        Operation::Wasm(Op::BrTable) => {
            known.push(target.times(-1).add(listing - 2));
            // One of both is the length, minus 1: the number on the stack, or the immediate where that is
            // less.
            vec![(top.add(1), Some(target.minus(&top).add(-1))), (target.add(1), Some(top.minus(&target)))]
        }
        _ => distance(&mut given, operation).into_iter().map(|distance| (distance, None)).collect(),
    };
    match operation {
        Operation::Wasm(Op::BrIf) if phase != Phase::Begin => known.push(top.add(-1)),
        Operation::BranchIfZero if phase != Phase::Begin => known.push(top.times(-1)),
        Operation::Wasm(Op::Call) | Operation::CallValue | Operation::CallHost | Operation::CallRoutine => {
            let shift = frame_shift(given.symbols);
            known.extend([shift.clone(), shift.times(-1).add(MAX_FRAME_SLOTS.into())]);
        }
        _ => {}
    }
    let case = |(distance, condition): (Expr, Option<Expr>)| {
        let mut known: Vec<Expr> = known.iter().cloned().chain(condition).collect();
        known.extend([distance.add(listing - 1), distance.times(-1).add(listing - 1)]);
        let signed = match phase {
            Phase::Forward => Some((distance.clone(), Family::Forward(1))),
            Phase::Back => Some((distance.times(-1), Family::Back(1))),
            _ => None,
        };
        if let Some((length, family)) = signed {
            let left = left(given.symbols, &length, family);
            known.extend([length.add(-DIGIT), left.clone(), left.times(-1).add(DIGIT - 1)]);
        }
        known.iter().try_fold(Region::default(), |region, gate| given.symbols.assume(&region, gate))
    };
    lengths.into_iter().filter_map(case).collect()
}
