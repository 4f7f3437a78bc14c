//! Layer 4: bytes of memory, found by their address plus 1 in four families, by the address modulo 4.

use super::check::{Stop, Wanted};
use super::expr::Expr;
use super::fetch::{self, number};
use super::given::{ADDEND, Given, SECOND, TOP, event};
use super::machine::{Group, HALF, Machine, Phase, Registers};
use super::region::Region;
use super::site::{Heads, Site, in_memory, pages};
use super::symbols::Symbols;
use crate::full::isa::{Trap, Writes};
use crate::full::listing::operation::{Operation, Width};
use crate::full::listing::token::{Event, Family};
use crate::full::program::limits::{MAX_PAGES, PAGE};
use crate::prove::Failure;
use crate::prove::network::Linear;
use crate::prove::obligation::Tally;
use crate::transformer::Attention;

/// The bytes of the largest memory.
const MEMORY: i128 = (MAX_PAGES * PAGE) as i128;

/// The bytes that an operation loads or stores, the bytes that must be within the memory, and the first byte
/// of the operand that it stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub bytes: usize,
    there: usize,
    first: usize,
    pub stores: bool,
    /// Whether it accesses the bank, which is always long enough, and where a byte's number is 1 more.
    bank: bool,
}

/// How an operation accesses memory; `None` if it does not.
pub(super) fn access(operation: Operation) -> Option<Access> {
    match operation {
        Operation::Wasm(op) if op.row().accesses() => {
            let row = op.row();
            let bytes = row.bytes as usize;
            Some(Access { bytes, there: bytes, first: 0, stores: row.writes == Writes::Memory, bank: false })
        }
        Operation::StoreLow => Some(Access { bytes: 4, there: 8, first: 0, stores: true, bank: false }),
        Operation::StoreHigh => Some(Access { bytes: 4, there: 4, first: 4, stores: true, bank: false }),
        Operation::BankLoad | Operation::BankStore => {
            Some(Access { bytes: 4, there: 4, first: 0, stores: operation == Operation::BankStore, bank: true })
        }
        _ => None,
    }
}

/// The number of the first byte of an access; `None` if the access traps. The case is void if an address that
/// is within the memory is beyond the largest memory.
fn address(given: &mut Given<'_>, access: Access) -> Result<Option<Expr>, Stop> {
    let here = fetch::between(given.symbols, 0);
    let of = |lane: &str| here.get(lane).cloned().unwrap_or_default();
    let [top, addend] = [TOP, ADDEND].map(|operand| given.half(operand, 0));
    // No address in the bank has an addend.
    if access.bank && given.at_least(&addend, 1)? {
        return Err(Stop::Void);
    }
    let sum = given.normal(&top.plus(&addend));
    let wraps = given.at_least(&sum, HALF)?;
    let offset = of("immediate low");
    let length = pages(given.symbols).times(PAGE.into());
    let beyond = given.normal(&sum.plus(&offset).minus(&length));
    // Without an addend nothing wraps, and 2^32 is beyond every memory.
    if wraps && (access.bank || !given.at_least(&beyond, 1 - access.there as i128)?) {
        return Err(Stop::Void);
    }
    let start = if wraps { sum.add(-HALF) } else { sum };
    let address = given.normal(&start.plus(&offset));
    let end = address.minus(&length);
    if !access.bank && given.at_least(&end, 1 - access.there as i128)? {
        return Ok(None);
    }
    if given.at_least(&offset, MEMORY)? || given.at_least(&start, MEMORY)? || given.at_least(&address, MEMORY)? {
        return Err(Stop::Void);
    }
    Ok(Some(address.add(1 + i128::from(access.bank))))
}

/// The residue modulo 4 of the address of an access, which is made known: by the sum of the residues of its
/// parts, which has fewer values than these have together.
fn residue(given: &mut Given<'_>) -> Result<usize, Stop> {
    let parts = [TOP, ADDEND].map(|operand| given.of(operand, 0, |byte| byte % 4));
    let offset = fetch::between(given.symbols, 0).get("immediate mod 4").cloned().unwrap_or_default();
    let sum = parts[0].plus(&parts[1]).plus(&offset);
    let mut residue = 0;
    for least in 1..=9 {
        residue += usize::from(given.at_least(&sum, least)?);
    }
    Ok(residue % 4)
}

/// What an access must emit.
pub(super) fn wanted(given: &mut Given<'_>, site: &Site<'_>, access: Access, width: Option<Width>) -> Result<Wanted, Stop> {
    let first = address(given, access)?;
    let trap = event(Event::Trap(Trap::MemoryOutOfBounds).token());
    if access.stores {
        return if first.is_some() { event(Event::Step.token()) } else { trap };
    }
    let residue = residue(given)?;
    let Some(first) = first else { return trap };
    let asked = site.asked_of_memory(given.symbols, given.region)?;
    let mut halves = [Expr::default(), Expr::default()];
    for byte in 0..access.bytes {
        let key = given.normal(&first.add(byte as i128));
        let Some(group) = asked.iter().position(|asked| *asked == (key.clone(), (residue + byte) % 4)) else {
            return Err(Stop::Fail(format!("no head asks for the address of byte {byte}")));
        };
        let [found, number] = in_memory(given.symbols, group);
        let there = given.symbols.equal(&number.minus(&key), &found);
        halves[byte / 4] = halves[byte / 4].plus(&there.times(1 << (8 * (byte % 4))));
    }
    let halves = halves.map(|half| Some(given.normal(&half)));
    Ok(Wanted::Value { wide: width == Some(Width::W64), unit: 1, halves, emitted: None })
}

/// Checks what a group of heads of layer 4 finds: rows of stores and of the listing's data, by the address
/// plus 1 of the byte that they write in one family; the value is that byte.
pub(super) fn keys(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    heads: &Heads,
    others: &[Other],
    index: usize,
    tally: &mut Tally,
) -> Result<usize, Failure> {
    let group = &machine.groups[4][index];
    if group.kind != Attention::HardMax {
        return Err(Failure::new(format!("it is of the kind {}", group.kind)));
    }
    let values: Vec<_> = group.heads.iter().flat_map(|head| &machine.network.layers[4].heads[*head].value).collect();
    let [byte, key, rest @ ..] = &values[..] else { return Err(Failure::new("it retrieves less than a byte and its number")) };
    if rest.iter().any(|value| !value.is_zero()) {
        return Err(Failure::new("it retrieves more than a byte and its number"));
    }
    if group.key[0].terms().ne(key.terms().map(|(lane, weight)| (lane, weight * 2))) {
        return Err(Failure::new("the second number retrieved is not that by which rows are found"));
    }
    tally.cases += nothing(symbols, group, others)?;
    let forms: Vec<&Linear> = group.key.iter().chain([*byte]).collect();
    let mut families = [true; 4];
    for operation in Operation::all() {
        let Some(access) = access(*operation).filter(|access| access.stores) else { continue };
        let own = machine.row(symbols, Phase::Begin)?;
        let site = Site::whole(machine, symbols, heads, machine.opcode(*operation), own, None)?.before(symbols, &forms)?;
        let mut failed = String::new();
        let settled = super::check::explore(symbols, vec![Region::default()], |symbols, region| {
            let mut given = Given { symbols, region, phase: Phase::Begin };
            let written = match address(&mut given, access)? {
                Some(first) => Some((first, residue(&mut given)?)),
                None => None,
            };
            let lanes = site.before_memory(symbols, region)?;
            let twice = symbols.normal(region, &Expr::of(&group.key[0], &lanes));
            let held = symbols.normal(region, &Expr::of(byte, &lanes));
            // Where the store traps, what the row would hold does not matter.
            let decides = [Some(&twice), written.as_ref().map(|_| &held)];
            if let Some(gate) = decides.into_iter().flatten().find_map(|expr| symbols.undecided(region, expr)) {
                return Err(Stop::Split(gate));
            }
            let number = number(symbols, region, group.key, &lanes)?;
            for (family, is) in families.iter_mut().enumerate() {
                let written = written.as_ref().map(|(first, residue)| (first, (family + 4 - residue) % 4));
                *is &= match written.filter(|(_, ahead)| *ahead < access.bytes) {
                    Some((first, ahead)) => {
                        let stored = symbols.byte(super::site::OPERANDS[SECOND] + access.first + ahead);
                        number == symbols.normal(region, &first.add(ahead as i128)) && held == symbols.normal(region, &stored)
                    }
                    None => number.is_zero(),
                };
            }
            if families == [false; 4] {
                failed = format!("{operation} gives its row the number {}, and {}", symbols.shown(&number), symbols.shown(&held));
                return Err(Stop::Fail(failed.clone()));
            }
            Ok(())
        });
        tally.cases += settled.map_err(|failed| Failure::new(failed.1))?;
    }
    let family = families.iter().position(|family| *family).ok_or_else(|| Failure::new("it is of no family"))?;
    data(machine, symbols, heads, index, family, tally)?;
    Ok(family)
}

/// The lanes, before the attention of layer 4, of rows of an operation that stores nothing, in a case.
pub(super) struct Other {
    operation: Operation,
    region: Region,
    lanes: Vec<Expr>,
}

/// The cases of an operation that loads: the sum of top and the addend does not reach 2^32, or it does and so
/// is beyond every memory.
fn cases_of_load(symbols: &mut Symbols, access: Access) -> Vec<Region> {
    let given = &mut Given { symbols, region: &Region::default(), phase: Phase::Begin };
    let [top, addend] = [TOP, ADDEND].map(|operand| given.half(operand, 0));
    let sum = top.plus(&addend);
    let offset = fetch::between(given.symbols, 0).get("immediate low").cloned().unwrap_or_default();
    let beyond = sum.plus(&offset).minus(&pages(given.symbols).times(PAGE.into())).add(access.there as i128 - 1);
    let below = symbols.assume(&Region::default(), &sum.times(-1).add(HALF - 1));
    let wraps = symbols.assume(&Region::default(), &sum.add(-HALF)).filter(|_| !access.bank);
    below.into_iter().chain(wraps.and_then(|region| symbols.assume(&region, &beyond))).collect()
}

/// The lanes, before the attention of layer 4, of rows of the operations that store nothing.
pub(super) fn others(machine: &Machine<'_>, symbols: &mut Symbols, heads: &Heads) -> Result<Vec<Other>, Failure> {
    let emitted = Family::all().filter(|family| family.is_emitted()).flat_map(|family| machine.ids(family));
    let own = machine.any(symbols, "any emitted token", emitted);
    let keys: Vec<&Linear> = machine.groups[4].iter().flat_map(|group| group.key).collect();
    let mut rows = Vec::new();
    for operation in Operation::all().iter().filter(|operation| !access(**operation).is_some_and(|access| access.stores)) {
        let site = Site::whole(machine, symbols, heads, machine.opcode(*operation), own.clone(), None)?.before(symbols, &keys)?;
        let cases = access(*operation).map_or(vec![Region::default()], |access| cases_of_load(symbols, access));
        for region in cases {
            let lanes = site.before_memory(symbols, &region)?;
            rows.push(Other { operation: *operation, region, lanes });
        }
    }
    Ok(rows)
}

/// Checks that rows of an instruction that stores nothing are not found.
fn nothing(symbols: &mut Symbols, group: &Group<'_>, others: &[Other]) -> Result<u64, Failure> {
    for Other { operation, region, lanes } in others {
        let number = number(symbols, region, group.key, lanes)?;
        if !number.is_zero() {
            return Err(Failure::new(format!("a row of {operation} has the number {}", symbols.shown(&number))));
        }
    }
    Ok(others.len() as u64)
}

/// Checks the rows of the listing, where no instruction is at pc: a byte of data is found by its address plus
/// 1, which is the sum of all addresses' changes.
fn data(
    machine: &Machine<'_>,
    symbols: &mut Symbols,
    heads: &Heads,
    index: usize,
    family: usize,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let group = &machine.groups[4][index];
    let values: Vec<_> = group.heads.iter().flat_map(|head| &machine.network.layers[4].heads[*head].value).collect();
    let address = Registers::unknown(symbols, "in the row").get("address delta").cloned().unwrap_or_default();
    for of in Family::all().filter(|family| !family.is_emitted()) {
        let is_data = matches!(of, Family::Data(_));
        let own = if is_data {
            machine.digit(symbols, of, super::value::VALUE)
        } else {
            machine.any(symbols, &format!("a token {of:?}"), machine.ids(of))
        };
        let forms: Vec<&Linear> = group.key.iter().chain([values[0]]).collect();
        let site = Site::of_listing(machine, symbols, heads, own)?.before(symbols, &forms)?;
        // The sum at a byte of data is at least 1, which that byte adds.
        let region = if is_data { symbols.assume(&Region::default(), &address.add(-1)) } else { Some(Region::default()) };
        let region = region.unwrap_or_default();
        let lanes = site.before_memory(symbols, &region)?;
        let number = number(symbols, &region, group.key, &lanes)?;
        let is_of_family = of == Family::Data(family as u8);
        tally.cases += 1;
        if number != if is_of_family { address.clone() } else { Expr::default() } {
            return Err(Failure::new(format!("a token of {of:?} has the number {}", symbols.shown(&number))));
        }
        let held = symbols.normal(&region, &Expr::of(values[0], &lanes));
        let wanted = symbols.byte(super::value::VALUE);
        if is_of_family && held != wanted {
            return Err(Failure::new(format!("a byte of data holds {}", symbols.shown(&held))));
        }
    }
    Ok(())
}
