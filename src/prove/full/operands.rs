//! Layer 2: the operands, found by the number of their slot, and the memory's length.

use super::control;
use super::expr::Expr;
use super::fetch::{self, Finds, Latest, Role, any_latest, asked, number};
use super::given::{ADDEND, Operand, SECOND, THIRD, TOP};
use super::machine::{FRAMES, Group, HEIGHT, Machine, Phase, Registers, SHIFT, latest_call, number_of_token};
use super::region::Region;
use super::symbols::Symbols;
use super::value::{self, Retrieved};
use crate::full::isa::{Op, Writes};
use crate::full::listing::operation::Operation;
use crate::full::listing::token::Family;
use crate::prove::Failure;
use crate::prove::network::Linear;
use crate::prove::obligation::Tally;
use crate::transformer::Attention;

/// What a group of heads of layer 2 finds.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// The latest row that wrote the slot of an operand: 0 is top, 1 second, 2 third, 3 the addend. What its
    /// heads retrieve.
    Operand(usize, Retrieved),
    /// The latest row that set the memory's length.
    Pages,
}

/// The slot that the row after an operation writes. `below`: whether its result is below all frames.
fn written(symbols: &mut Symbols, operation: Operation, frame: &Expr, below: bool) -> Expr {
    let before = fetch::between(symbols, 1);
    let of = |lane: &str| before.get(lane).cloned().unwrap_or_default();
    let height = symbols.free("height", 0, HEIGHT);
    match operation.writes() {
        Writes::Local => frame.plus(&of("index")).add(1),
        Writes::Global => of("index").add(1),
        _ if below => height.plus(&of("shift of result")),
        _ => frame.plus(&height).plus(&of("shift of result")),
    }
}

/// Checks by which number rows are found that write slots, and which rows set the memory's length. Gives
/// whether the group finds slots; else it finds the memory's length.
pub(super) fn keys(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    roles: &[Role],
    group: &Group<'_>,
    tally: &mut Tally,
) -> Result<bool, Failure> {
    if group.kind != Attention::HardMax {
        return Err(Failure::new(format!("it is of the kind {}", group.kind)));
    }
    let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, 0)).collect();
    let frame = Registers::unknown(symbols, "in the row").get("frame delta").cloned().unwrap_or_default();
    let (mut slots, mut pages) = (true, true);
    let mut shown = String::new();
    // The slot of `local.set` and `global.set` follows from their index, wherever results are.
    let results = Operation::all().iter().flat_map(|operation| [false, true].map(|below| (operation, below)));
    let results = results.filter(|(operation, below)| !below || !matches!(operation.writes(), Writes::Local | Writes::Global));
    for (operation, below) in results {
        let slot = written(symbols, *operation, &frame, below);
        let region = fetch::marked(symbols, 1, &[("result is below", below)]);
        let region = symbols.assume(&region, &slot.add(-1)).unwrap_or_default();
        let region = symbols.assume(&region, &slot.times(-1).add(FRAMES + HEIGHT + SHIFT)).unwrap_or_default();
        let before = machine.own(machine.opcode(*operation));
        let finds = Finds { before: Some(&before), ..Finds::of_run(&latest) };
        for family in [Family::Byte(0), Family::Ones(0)] {
            let own = machine.any(symbols, &format!("a token {family:?}"), machine.ids(family));
            let lanes = fetch::row(machine, symbols, &region, roles, own, &finds)?;
            let number = number(symbols, &region, group.key, &lanes)?;
            let grows = *operation == Operation::GrowTry && family == Family::Byte(0);
            slots &= number == slot;
            pages &= number == Expr::constant(grows.into());
            if !(slots || pages) && shown.is_empty() {
                shown = format!("a row of {family:?} after {operation} has the number {}", symbols.shown(&number));
            }
            tally.cases += 1;
        }
    }
    let marks = fetch::marks(machine, symbols);
    for family in Family::all().filter(|family| !matches!(family, Family::Byte(0) | Family::Ones(0))) {
        let finds = if family.is_emitted() { Finds::of_run(&latest) } else { Finds { listed: true, ..Finds::of_run(&marks) } };
        let own = machine.any(symbols, &format!("a token {family:?}"), machine.ids(family));
        let lanes = fetch::row(machine, symbols, &Region::default(), roles, own, &finds)?;
        let number = number(symbols, &Region::default(), group.key, &lanes)?;
        slots &= number.is_zero();
        pages &= number == Expr::constant((family == Family::Pages).into());
        if !(slots || pages) && shown.is_empty() {
            shown = format!("a row of {family:?} has the number {}", symbols.shown(&number));
        }
        tally.cases += 1;
    }
    if slots || pages { Ok(slots) } else { Err(Failure::new(shown)) }
}

/// What a case says of marks before an instruction: whether it has them.
type Marks = [(&'static str, bool)];

/// The cases of an operand: of the marks on which its slot depends.
fn cases(operand: Operand) -> &'static [&'static Marks] {
    match operand {
        TOP => &[&[("top is below", false)], &[("top is below", true)]],
        SECOND => &[&[("second is below", false)], &[("second is below", true)]],
        THIRD => &[&[("third is below", false)], &[("third is below", true)]],
        _ => &[&[("adds", false)], &[("adds", true), ("third is below", false)], &[("adds", true), ("third is below", true)]],
    }
}

/// The slot of an operand of an instruction in a case; of the addend it is 0 if there is none.
fn wanted(symbols: &mut Symbols, operation: Operation, frame: &Expr, operand: Operand, case: &Marks) -> Expr {
    let here = fetch::between(symbols, 0);
    let of = |lane: &str| here.get(lane).cloned().unwrap_or_default();
    let height = symbols.free("height", 0, HEIGHT);
    let on_stack = frame.plus(&height);
    // The address of a store is top, and lies below the value.
    let stores = i128::from(operation.writes() == Writes::Memory);
    let (slot, shift) = match (operand, operation) {
        (TOP, Operation::Wasm(Op::LocalGet)) => (frame.plus(&of("index")).add(1), "shift of top"),
        (TOP, Operation::Wasm(Op::GlobalGet)) => (of("index").add(1), "shift of top"),
        (TOP, _) => (on_stack.add(-stores), "shift of top"),
        (SECOND, _) => (on_stack.add(stores - 1), "shift of second"),
        _ if case.contains(&("adds", false)) => return Expr::default(),
        _ => (on_stack.add(-2), "shift of third"),
    };
    let is_below = case.iter().any(|(mark, is)| *is && *mark != "adds");
    slot.plus(&of(shift)).minus(&if is_below { frame.clone() } else { Expr::default() })
}

fn is_call_of_value(operation: Operation) -> bool {
    matches!(operation, Operation::CallValue | Operation::CallHost)
}

/// The rows within a jump or a call of which an operand decides something, each with the number of slots
/// below the instruction's frame: a call has moved the frame before it jumps.
fn within(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    operation: Operation,
    frame: &Expr,
) -> Result<Vec<(String, Vec<Expr>, Expr)>, Failure> {
    let calls = is_call_of_value(operation);
    if !calls && !matches!(operation, Operation::Wasm(Op::BrIf | Op::BrTable) | Operation::BranchIfZero | Operation::BranchIf(_)) {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for phase in control::phases(operation).unwrap_or_default().iter().copied().filter(|phase| *phase != Phase::Begin) {
        let own = machine.row(symbols, phase)?;
        let moved = match phase {
            Phase::Entered => number_of_token(symbols, Family::Enter),
            _ if calls => {
                let registers = Registers::unknown(symbols, "in the row");
                latest_call(symbols, &registers)
            }
            _ => Expr::default(),
        };
        rows.push((format!("in the phase {phase:?}"), own, frame.minus(&moved)));
    }
    Ok(rows)
}

/// Checks that a group of heads asks for the slot of the same operand, in every instruction and phase.
pub(super) fn operand(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    roles: &[Role],
    group: &Group<'_>,
    tally: &mut Tally,
) -> Result<usize, Failure> {
    let mut which = vec![TOP, SECOND, THIRD, ADDEND];
    let frame = Registers::unknown(symbols, "in the row").get("frame delta").cloned().unwrap_or_default();
    let middle: Vec<usize> = (1..8).flat_map(|place| machine.tokens(Phase::Middle(place))).collect();
    let rows = [("begins", machine.tokens(Phase::Begin)), ("is in the middle", middle)];
    let rows = rows.map(|(name, tokens)| (name, machine.any(symbols, &format!("the row that {name}"), tokens)));
    let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, 0)).collect();
    for operation in Operation::all() {
        // The operands that decide something within a jump or a call: top, and of a comparison second.
        let decide = if matches!(operation, Operation::BranchIf(_)) { 2 } else { 1 };
        let mut rows: Vec<(String, Vec<Expr>, Expr)> =
            rows.iter().map(|(name, own)| (format!("that {name}"), own.clone(), frame.clone())).collect();
        let begins_or_continues = rows.len();
        rows.extend(within(machine, symbols, *operation, &frame)?);
        for (index, (phase, own, frame)) in rows.iter().enumerate() {
            let is_within = index >= begins_or_continues;
            // The pc that is called is on the stack: where the frame has moved, no other slot can be asked
            // for.
            let on_stack = is_within && is_call_of_value(*operation);
            let opcode = machine.own(machine.opcode(*operation));
            let finds = Finds { opcode: Some(&opcode), ..Finds::of_run(&latest) };
            let mut left = Vec::new();
            let mut failed = String::new();
            for operand in which {
                let decides = !is_within || operand < decide;
                let cases = cases(operand).iter().filter(|case| decides && !(on_stack && case.contains(&("top is below", true))));
                let mut asks = true;
                for case in cases {
                    let region = fetch::marked(symbols, 0, case);
                    let lanes = fetch::row(machine, symbols, &region, roles, own.clone(), &finds)?;
                    let asked = asked(symbols, &region, group.query, &lanes)?;
                    let wanted = wanted(symbols, *operation, frame, operand, case);
                    tally.cases += 1;
                    asks = asked == symbols.normal(&region, &wanted);
                    if !asks {
                        failed = symbols.shown(&asked);
                        break;
                    }
                }
                if asks {
                    left.push(operand);
                }
            }
            which = left;
            if which.is_empty() {
                return Err(Failure::new(format!("of {operation}, in a row {phase}, it asks for the slot {failed}")));
            }
        }
    }
    which.first().copied().ok_or_else(|| Failure::new("it asks for no operand"))
}

/// Checks that 0 is retrieved of all rows that write no slot, which have the number 0.
fn nothing(machine: &Machine<'_>, symbols: &mut Symbols, roles: &[Role], group: &Group<'_>, tally: &mut Tally) -> Result<(), Failure> {
    let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, 0)).collect();
    let marks = fetch::marks(machine, symbols);
    for family in Family::all().filter(|family| !matches!(family, Family::Byte(0) | Family::Ones(0))) {
        let finds = if family.is_emitted() { Finds::of_run(&latest) } else { Finds { listed: true, ..Finds::of_run(&marks) } };
        let own = machine.any(symbols, &format!("a token {family:?}"), machine.ids(family));
        let lanes = fetch::row(machine, symbols, &Region::default(), roles, own, &finds)?;
        for value in group.heads.iter().flat_map(|head| &machine.network.layers[2].heads[*head].value) {
            let held = symbols.normal(&Region::default(), &Expr::of(value, &lanes));
            tally.cases += 1;
            if !held.is_zero() {
                return Err(Failure::new(format!("of a row of {family:?}, {} is retrieved", symbols.shown(&held))));
            }
        }
    }
    Ok(())
}

/// Checks a group of heads of layer 2.
pub(super) fn found(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    roles: &[Role],
    group: &Group<'_>,
    tally: &mut Tally,
) -> Result<Found, Failure> {
    if keys(machine, symbols, roles, group, tally)? {
        let operand = operand(machine, symbols, roles, group, tally)?;
        if operand == ADDEND {
            nothing(machine, symbols, roles, group, tally)?;
        }
        return Ok(Found::Operand(operand, value::retrieved(machine, symbols, roles, &group.heads, tally)?));
    }
    for phase in [Phase::Begin, Phase::Entered, Phase::Left, Phase::Forward, Phase::Back].into_iter().chain((1..8).map(Phase::Middle)) {
        let own = machine.any(symbols, "the row", machine.tokens(phase));
        let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, 0)).collect();
        let finds = Finds::of_run(&latest);
        let lanes = fetch::row(machine, symbols, &Region::default(), roles, own, &finds)?;
        let asked = asked(symbols, &Region::default(), group.query, &lanes)?;
        tally.cases += 1;
        if asked != Expr::constant(1) {
            return Err(Failure::new(format!("in the phase {phase:?}, it asks for {}", symbols.shown(&asked))));
        }
    }
    length(machine, symbols, roles, group, tally)?;
    Ok(Found::Pages)
}

/// Checks that the memory's length is retrieved: the number of a token for pages, or the lower half of the
/// value.
fn length(machine: &Machine<'_>, symbols: &mut Symbols, roles: &[Role], group: &Group<'_>, tally: &mut Tally) -> Result<(), Failure> {
    let region = Region::default();
    let values: Vec<&Linear> = group.heads.iter().flat_map(|head| &machine.network.layers[2].heads[*head].value).collect();
    let wrong = |symbols: &Symbols, held: &Expr| Failure::new(format!("as the memory's length, {} is retrieved", symbols.shown(held)));
    let bytes: Vec<Expr> = (0..4).map(|place| symbols.byte(value::VALUE + place)).collect();
    let low = Expr::sum((0..).zip(&bytes).map(|(place, byte)| (byte, 1 << (8 * place))));
    let retrieved = value::retrieved(machine, symbols, roles, &group.heads, tally)?;
    for (held, form) in retrieved.iter().flatten().zip(&values).filter(|(_, form)| !form.is_zero()) {
        if *held != low {
            return Err(wrong(symbols, held));
        }
        let marks = fetch::marks(machine, symbols);
        for (number, token) in (0..).zip(machine.ids(Family::Pages)) {
            let finds = Finds { listed: true, ..Finds::of_run(&marks) };
            let lanes = fetch::row(machine, symbols, &region, roles, machine.own(token), &finds)?;
            let held = symbols.normal(&region, &Expr::of(form, &lanes));
            tally.cases += 1;
            if held != Expr::constant(number) {
                return Err(wrong(symbols, &held));
            }
        }
    }
    Ok(())
}
