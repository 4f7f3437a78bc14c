//! Layer 1: the instruction at pc, its neighbours, the calls, and the latest byte at each place.

use super::expr::Expr;
use super::machine::{Group, HALF, HEIGHT, Machine, Phase, ROWS, Registers, SHIFT};
use super::region::{Byte, Region};
use super::symbols::Symbols;
use crate::full::listing::token::{Family, Mark};
use crate::full::listing::{FIRST_PC, MAX_LISTING};
use crate::prove::Failure;
use crate::prove::network::Linear;
use crate::prove::obligation::Tally;
use crate::transformer::Attention;

/// Which row a group of heads of layer 1 chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The opcode of the instruction so many before the one at pc.
    Fetch(u8),
    /// The token of the call that made the current frame.
    Caller,
    /// The latest byte at a place.
    Latest(u8),
}

/// The number by which rows are found: the number itself is half of the first dimension of the key.
pub(super) fn number(symbols: &mut Symbols, region: &Region, key: &[Linear], lanes: &[Expr]) -> Result<Expr, Failure> {
    let twice = symbols.normal(region, &Expr::of(&key[0], lanes));
    let square = symbols.normal(region, &Expr::of(&key[1], lanes));
    let is_even = twice.constant % 2 == 0 && twice.terms.iter().all(|(_, coefficient)| coefficient % 2 == 0);
    if !is_even {
        return Err(Failure::new("the first dimension of a key is not twice a number"));
    }
    let half = Expr { terms: twice.terms.iter().map(|(symbol, weight)| (*symbol, weight / 2)).collect(), constant: twice.constant / 2 };
    let wanted = match half.as_constant() {
        Some(number) => Expr::constant(-number * number),
        None if symbols.range(region, &half).low < 0 => return Err(Failure::new("the number of a row can be negative")),
        None => match symbols.gated_by_bytes(region, &half, &half) {
            Some(square) => square.times(-1),
            None => symbols.gated(&half, &half).times(-1),
        },
    };
    if square != wanted {
        let [number, square] = [&half, &square].map(|expr| symbols.shown(expr));
        return Err(Failure::new(format!("the number of a row is {number}, and the second dimension of its key is {square}")));
    }
    Ok(half)
}

/// The number that a query asks for. The other dimension of the query must be 1.
pub(super) fn asked(symbols: &mut Symbols, region: &Region, query: &[Linear], lanes: &[Expr]) -> Result<Expr, Failure> {
    let one = symbols.normal(region, &Expr::of(&query[1], lanes));
    if one != Expr::constant(1) {
        return Err(Failure::new(format!("the second dimension of a query is {}", symbols.shown(&one))));
    }
    Ok(symbols.normal(region, &Expr::of(&query[0], lanes)))
}

/// The pc of the instruction of a row, and the registers of the row.
pub(super) fn registers(machine: &Machine<'_>, symbols: &mut Symbols, own: &[Expr], listed: bool) -> Result<(Expr, Registers), Failure> {
    let mut registers = Registers::unknown(symbols, "in the row");
    let pc = if listed { Expr::default() } else { symbols.free("pc", FIRST_PC.into(), MAX_LISTING as i128 - 1) };
    registers.set("pc delta", pc.plus(&own[machine.lane("jump high")?]));
    Ok((pc, registers))
}

/// The rows that keys of layer 1 tell apart, and what number each of them has.
struct Numbers {
    /// A token for each number that is a constant, and whether the number is that of opcodes, of calls.
    constants: Vec<i128>,
    by_opcode: bool,
    by_call: bool,
}

/// The numbers that all tokens of the vocabulary have for a group.
fn numbers(machine: &Machine<'_>, symbols: &mut Symbols, group: &Group<'_>, tally: &mut Tally) -> Result<Numbers, Failure> {
    let region = Region::default();
    let registers = Registers::unknown(symbols, "in any row");
    let [count, depth] = ["is opcode", "depth delta"].map(|lane| registers.get(lane).cloned().unwrap_or_default());
    let opcodes = machine.opcodes();
    let calls = machine.ids(Family::Enter);
    let mut constants = Vec::new();
    let (mut by_opcode, mut by_call) = (true, true);
    let read: Vec<usize> = group.key.iter().flat_map(Linear::terms).map(|(lane, _)| lane).collect();
    let neurons: Vec<_> =
        machine.network.layers[0].neurons.iter().filter(|neuron| read.iter().any(|lane| neuron.output.weight(*lane) != 0)).collect();
    for token in 0..machine.network.tokens.len() {
        let mut lanes = machine.own(token);
        machine.sum_up(&mut lanes, &registers)?;
        super::forward::pass(symbols, &region, neurons.iter().copied(), &mut lanes);
        let number = number(symbols, &region, group.key, &lanes)?;
        let is_opcode = opcodes.contains(&token);
        by_opcode &= number == if is_opcode { count.clone() } else { Expr::default() };
        by_call &= number == if calls.contains(&token) { depth.clone() } else { Expr::default() };
        constants.push(number.as_constant().unwrap_or(i128::MIN));
        tally.cases += 1;
    }
    Ok(Numbers { constants, by_opcode, by_call })
}

/// Checks what a group of heads of layer 1 chooses.
pub(super) fn role(machine: &Machine<'_>, symbols: &mut Symbols, group: &Group<'_>, tally: &mut Tally) -> Result<Role, Failure> {
    if group.kind != Attention::HardMax {
        return Err(Failure::new(format!("it is of the kind {}", group.kind)));
    }
    let numbers = numbers(machine, symbols, group, tally)?;
    let region = Region::default();
    let mut roles = Vec::new();
    let phases = [Phase::Begin, Phase::Entered, Phase::Left, Phase::Forward, Phase::Back];
    for phase in phases.into_iter().chain((1..8).map(Phase::Middle)) {
        let own = machine.any(symbols, "the row", machine.tokens(phase));
        let (pc, registers) = registers(machine, symbols, &own, false)?;
        let depth = registers.get("depth delta").cloned().unwrap_or_default();
        let lanes = machine.begin(symbols, &region, own.clone(), &registers)?;
        let asked = asked(symbols, &region, group.query, &lanes)?;
        // The call that made the frame: in the middle of a return, the depth has already fallen.
        let fallen = own[machine.lane("is leave")?].plus(&own[machine.lane("is jump high")?]);
        let caller = symbols.normal(&region, &depth.plus(&fallen));
        let role = if numbers.by_opcode {
            (0..3u8).find(|before| asked == pc.add(-i128::from(*before))).map(Role::Fetch)
        } else if numbers.by_call && asked == caller {
            Some(Role::Caller)
        } else {
            asked.as_constant().and_then(|kind| {
                let has_kind = |token: usize| numbers.constants[token] == kind;
                let exactly = |wanted: Vec<usize>| {
                    !wanted.is_empty()
                        && numbers.constants.iter().filter(|number| **number == kind).count() == wanted.len()
                        && wanted.into_iter().all(has_kind)
                };
                let place = |place: &u8| exactly(latest(machine, *place));
                (1..8).find(place).map(Role::Latest)
            })
        };
        let shown = symbols.shown(&asked);
        roles.push(role.ok_or_else(|| Failure::new(format!("in the phase {phase:?} it asks for {shown}, which no row is found by")))?);
        tally.cases += 1;
    }
    match roles.iter().find(|role| **role != roles[0]) {
        Some(other) => Err(Failure::new(format!("it chooses {:?} in some rows, and {other:?} in others", roles[0]))),
        None => Ok(roles[0]),
    }
}

/// Checks that a group of heads of layer 0 finds the latest call, and retrieves the slots by which that call
/// moved the frame, in one number.
pub(super) fn latest_call(machine: &Machine<'_>, symbols: &mut Symbols, group: &Group<'_>, tally: &mut Tally) -> Result<(), Failure> {
    if group.kind != Attention::HardMax {
        return Err(Failure::new(format!("it is of the kind {}", group.kind)));
    }
    let region = Region::default();
    let calls = machine.ids(Family::Enter);
    let heads = &machine.network.layers[0].heads;
    for token in 0..machine.network.tokens.len() {
        let own = machine.own(token);
        let asked = asked(symbols, &region, group.query, &own)?;
        let number = number(symbols, &region, group.key, &own)?;
        tally.cases += 1;
        let is_call = calls.contains(&token);
        if (number == asked) != is_call || number.as_constant().is_none() {
            return Err(Failure::new(format!("token {token} has the number {}", symbols.shown(&number))));
        }
        let moved = token.wrapping_sub(calls.start) as i128;
        let values = group.heads.iter().flat_map(|head| heads[*head].value.iter().filter(|value| !value.is_zero()));
        if is_call && values.map(|value| Expr::of(value, &own)).any(|value| value != Expr::constant(moved)) {
            return Err(Failure::new(format!("of the call by {moved} slots, another number is retrieved")));
        }
    }
    Ok(())
}

/// The tokens at a place, and the mark for the place.
pub(super) fn latest(machine: &Machine<'_>, place: u8) -> Vec<usize> {
    let ones = (place < 7).then(|| machine.ids(Family::Ones(place)));
    let mark = machine.id(Mark::Place(place).token());
    machine.ids(Family::Byte(place)).chain(ones.into_iter().flatten()).chain([mark]).collect()
}

/// The token at a place that the row's heads find: what is known of it.
pub(super) struct Latest {
    pub own: Vec<Expr>,
    /// The position where its value ends minus the position where the value ends to which the row's token
    /// belongs: 0 if the token belongs to the same value, else negative.
    pub late: Expr,
}

/// What a row of layer 1 finds.
#[derive(Clone, Copy)]
pub(super) struct Finds<'f> {
    /// The lanes of the instruction's opcode, if it is known.
    pub opcode: Option<&'f [Expr]>,
    /// The lanes of the opcode before, if it is known.
    pub before: Option<&'f [Expr]>,
    /// Per place from 1 on.
    pub latest: &'f [Latest],
    /// Whether it is a row of the listing: its pc is 0, and all opcodes sought are a row that is no opcode.
    pub listed: bool,
}

impl<'f> Finds<'f> {
    /// What a row of the run finds.
    pub fn of_run(latest: &'f [Latest]) -> Finds<'f> {
        Finds { opcode: None, before: None, latest, listed: false }
    }
}

/// The lanes of the embedding of a token that is no opcode.
pub(super) fn no_opcode(machine: &Machine<'_>, symbols: &mut Symbols) -> Vec<Expr> {
    let others = Family::all().filter(|family| *family != Family::Opcode && !family.is_emitted());
    machine.any(symbols, "a row that is no opcode", others.flat_map(|family| machine.ids(family)))
}

/// What the heads for the latest byte at each place find in a row of the listing: the marks.
pub(super) fn marks(machine: &Machine<'_>, symbols: &mut Symbols) -> Vec<Latest> {
    let mark = |place: u8| {
        let own = machine.own(machine.id(Mark::Place(place).token()));
        Latest { own, late: symbols.free(format!("lateness of the mark {place}"), -ROWS - 8, 8) }
    };
    (1..8).map(mark).collect()
}

/// The lowest byte of the immediate of the instruction at pc; the next one is that of the instruction before.
const IMMEDIATES: Byte = 32;

/// What tokens between two opcodes add up to, by the embedding's lane, with the range. The low half of the
/// immediate is left out.
const BETWEEN: [(&str, i128, i128); 11] = [
    ("immediate high", 0, HALF - 1),
    ("index", 0, 65535),
    ("shift of top", -SHIFT, SHIFT - 1),
    ("shift of second", -SHIFT, SHIFT - 1),
    ("shift of third", -SHIFT, SHIFT - 1),
    ("shift of result", -SHIFT, SHIFT - 1),
    ("top is below", 0, 1),
    ("second is below", 0, 1),
    ("third is below", 0, 1),
    ("result is below", 0, 1),
    ("adds", 0, 1),
];

/// The sums of what stands before the opcode so many before the one at pc, and after the opcode before it.
/// The lowest byte of the immediate is an unknown byte.
pub(super) fn between(symbols: &mut Symbols, before: u8) -> Registers {
    let of = format!("of the instruction {before} before");
    let byte = IMMEDIATES + usize::from(before);
    let rest = symbols.of_byte(&Region::default(), byte, |byte| byte as i128 % 4);
    let low = symbols.byte(byte).plus(&symbols.free(format!("immediate div 256 {of}"), 0, (1 << 24) - 1).times(256));
    let others = BETWEEN.map(|(lane, low, high)| (lane, symbols.free(format!("{lane} {of}"), low, high)));
    Registers([("immediate low", low), ("immediate mod 4", rest)].into_iter().chain(others).collect())
}

/// The case in which the instruction so many before the one at pc has marks or not.
pub(super) fn marked(symbols: &mut Symbols, before: u8, marks: &[(&str, bool)]) -> Region {
    let between = between(symbols, before);
    let mut region = Region::default();
    for (mark, is) in marks {
        let mark = between.get(mark).cloned().unwrap_or_default();
        let is = if *is { mark.add(-1) } else { mark.times(-1) };
        region = symbols.assume(&region, &is).unwrap_or(region);
    }
    region
}

/// The registers of the opcode so many before the one at pc. What stands between two opcodes adds up.
fn registers_of(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    (before, listed): (u8, bool),
    pc: &Expr,
    own: &[Expr],
) -> Result<Registers, Failure> {
    let start = Registers::unknown(symbols, "of the instruction 2 before");
    let mut registers = Registers::unknown(symbols, &format!("of the instruction {before} before"));
    let gains: Vec<Registers> = (before..2).map(|before| between(symbols, before)).collect();
    for (lane, _) in between(symbols, 0).0 {
        let gained = gains.iter().filter_map(|gains| gains.get(lane));
        registers.set(lane, Expr::sum(start.get(lane).into_iter().chain(gained).map(|part| (part, 1))));
    }
    if !listed {
        registers.set("is opcode", pc.add(-i128::from(before)));
    }
    if before == 0 {
        let height = symbols.free("height", 0, HEIGHT);
        registers.set("height delta", height.plus(&own[machine.lane("delta")?]));
    }
    Ok(registers)
}

/// Passes a row through the attention of layer 1.
fn attend(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    roles: &[Role],
    finds: &Finds<'_>,
    (pc, place): (&Expr, &Expr),
    lanes: &mut [Expr],
) -> Result<(), Failure> {
    let region = Region::default();
    let position = Registers::unknown(symbols, "in the row").get("one").cloned().unwrap_or_default();
    let mut added: Vec<(usize, Expr)> = Vec::new();
    for (group, role) in machine.groups[1].iter().zip(roles) {
        let (own, registers) = match role {
            Role::Fetch(before) => {
                let known = [finds.opcode, finds.before, None][usize::from(*before)];
                let own = match known {
                    Some(own) => own.to_vec(),
                    None if finds.listed => no_opcode(machine, symbols),
                    None => machine.any(symbols, &format!("the opcode {before} before"), machine.opcodes()),
                };
                let registers = registers_of(machine, symbols, (*before, finds.listed), pc, &own)?;
                (own, registers)
            }
            Role::Caller => {
                let own = machine.any(symbols, "the caller", machine.ids(Family::Enter));
                (own, Registers::unknown(symbols, "the caller"))
            }
            Role::Latest(at) => {
                let latest = &finds.latest[usize::from(*at) - 1];
                let mut registers = Registers::unknown(symbols, &format!("of the latest at place {at}"));
                let due = position.plus(place).plus(&latest.late);
                registers.set("one", due.minus(&latest.own[machine.lane("place")?]));
                (latest.own.clone(), registers)
            }
        };
        let found = machine.begin(symbols, &region, own, &registers)?;
        for head in &group.heads {
            let head = &machine.network.layers[1].heads[*head];
            for (lane, dimension, weight) in head.writes() {
                added.push((lane, Expr::of(&head.value[dimension], &found).times(weight.into())));
            }
        }
    }
    for (lane, value) in added {
        lanes[lane] = symbols.normal(&region, &lanes[lane].plus(&value));
    }
    Ok(())
}

/// The tokens at the places of a row about which nothing is known but that they are not too late.
pub(super) fn any_latest(machine: &Machine<'_>, symbols: &mut Symbols, place: u8, most: i128) -> Latest {
    let own = machine.any(symbols, &format!("the latest at place {place}"), latest(machine, place));
    let late = symbols.free(format!("lateness of place {place}, at most {most}"), -ROWS - 8, most);
    Latest { own, late }
}

/// Passes a row through layers 0 and 1.
pub(super) fn row(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    region: &Region,
    roles: &[Role],
    own: Vec<Expr>,
    finds: &Finds<'_>,
) -> Result<Vec<Expr>, Failure> {
    let (pc, registers) = registers(machine, symbols, &own, finds.listed)?;
    let place = own[machine.lane("place")?].clone();
    let mut lanes = machine.begin(symbols, &Region::default(), own, &registers)?;
    attend(machine, symbols, roles, finds, (&pc, &place), &mut lanes)?;
    super::forward::pass(symbols, region, &machine.network.layers[1].neurons, &mut lanes);
    Ok(lanes)
}
