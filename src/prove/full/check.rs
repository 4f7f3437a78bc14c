//! That an instruction's token is right in every case: cases are split where a gate is not decided.

use super::expr::Expr;
use super::families::{Held, Logits};
use super::machine::{HALF, Phase};
use super::region::Region;
use super::site::Site;
use super::symbols::Symbols;
use super::value::{EMITTED, HALVES_EMITTED};
use crate::full::listing::token::{Family, Token};
use crate::prove::Failure;

/// Maximum number of cases of one obligation.
const MOST: u64 = 1 << 20;

/// Why a case is not settled.
#[derive(Debug)]
pub(super) enum Stop {
    /// It must be split: by whether this is at least 0.
    Split(Expr),
    /// It cannot arise.
    Void,
    Fail(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Fail(failure.reason)
    }
}

/// What the token of an instruction must be.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// The next byte of a number, whose halves are these divided by the unit, rounded down. A half that is
    /// not given does not matter in the case. `emitted` is the upper half, where all of it has been emitted
    /// and the rest depends on it.
    Value { wide: bool, unit: i128, halves: [Option<Expr>; 2], emitted: Option<Expr> },
    /// The token of a family whose number is this divided by the unit, rounded down.
    Token { first: Token, number: Expr, unit: i128 },
}

/// Splits a case until each part is settled. Gives the number of parts.
pub(super) fn explore(
    symbols: &mut Symbols,
    start: Vec<Region>,
    mut settle: impl FnMut(&mut Symbols, &Region) -> Result<(), Stop>,
) -> Result<u64, Box<(Region, String)>> {
    let mut open = start;
    let (mut cases, mut settled) = (0, 0);
    while let Some(region) = open.pop() {
        match settle(symbols, &region) {
            Ok(()) => (cases, settled) = (cases + 1, settled + 1),
            Err(Stop::Void) => cases += 1,
            Err(Stop::Fail(reason)) => return Err(Box::new((region, reason))),
            Err(Stop::Split(gate)) => {
                for part in [gate.clone(), gate.times(-1).add(-1)] {
                    let Some(part_of_case) = symbols.assume(&region, &part) else { continue };
                    let decided = symbols.resolved(&part_of_case, &part);
                    if symbols.range(&part_of_case, &decided).low < 0 {
                        return Err(Box::new((region, format!("a split by {} decides nothing", symbols.shown(&gate)))));
                    }
                    open.push(part_of_case);
                }
            }
        }
        if cases + open.len() as u64 > MOST {
            return Err(Box::new((Region::default(), "there are too many cases".to_string())));
        }
    }
    // A statement about no case would say nothing.
    if settled > 0 { Ok(cases) } else { Err(Box::new((Region::default(), "no case can arise".to_string()))) }
}

/// Splits where a sum is undecided, or fails.
pub(super) fn undecided<'e>(
    symbols: &Symbols,
    region: &Region,
    exprs: impl IntoIterator<Item = &'e Expr>,
    reason: impl FnOnce() -> String,
) -> Stop {
    match exprs.into_iter().find_map(|expr| symbols.undecided(region, expr)) {
        Some(gate) => Stop::Split(gate),
        None => Stop::Fail(reason()),
    }
}

/// An instruction in a phase, with what its token must be.
pub(super) struct Case<'c> {
    pub site: &'c Site<'c>,
    pub logits: &'c [Logits],
    pub phase: Phase,
}

/// Which token is chosen in a case, and what decides the number in its family.
struct Chosen<'c> {
    logits: &'c Logits,
    held: Held,
}

impl<'c> Case<'c> {
    /// Settles one case.
    pub fn settle(&self, symbols: &mut Symbols, region: &Region, wanted: &Wanted) -> Result<(), Stop> {
        let emitted = if let Wanted::Value { emitted, .. } = wanted { emitted.as_ref() } else { None };
        let chosen = self.chosen(symbols, region, emitted)?;
        let first = chosen.logits.first;
        match wanted {
            Wanted::Token { first: wanted, number, unit } => {
                if first != *wanted {
                    return Err(undecided(symbols, region, [&chosen.held.constant], || {
                        format!("the token is {first} instead of {wanted}")
                    }));
                }
                if chosen.logits.size == 1 {
                    return Ok(());
                }
                let range = symbols.range(region, number);
                if range.low < 0 || range.high >= unit * chosen.logits.size {
                    let shown = symbols.shown(number);
                    return Err(undecided(symbols, region, [number], || format!("{shown} is beyond the numbers of {first}")));
                }
                digit(symbols, region, &chosen, number, *unit)
            }
            Wanted::Value { wide, unit, halves, .. } => match (self.phase, first.family) {
                (Phase::Begin, Family::Byte(place)) => {
                    let half = begins(symbols, region, place, *wide, *unit, halves)?;
                    digit(symbols, region, &chosen, &half, unit << (8 * (place % 4)))
                }
                (Phase::Begin, Family::Ones(place)) => {
                    let half = begins_with_ones(symbols, region, place, *wide, *unit, halves)?;
                    digit(symbols, region, &chosen, &half, unit << (8 * (place % 4)))
                }
                (Phase::Middle(above), Family::Byte(place)) if place + 1 == above => {
                    let index = usize::from(place / 4);
                    let name = HALVES_EMITTED[index];
                    let emitted = symbols.free(name, 0, EMITTED[index]);
                    let half = needed(halves, index)?.minus(&emitted.times(*unit));
                    digit(symbols, region, &chosen, &half, unit << (8 * (place % 4)))
                }
                (phase, _) => Err(Stop::Fail(format!("in the phase {phase:?}, the token is of the family of {first}"))),
            },
        }
    }

    /// The family whose best logit is more than all others'.
    fn chosen(&self, symbols: &mut Symbols, region: &Region, emitted: Option<&Expr>) -> Result<Chosen<'c>, Stop> {
        let (lanes, _) = self.site.lanes(symbols, region, emitted)?;
        let held: Vec<Held> = self.logits.iter().map(|logits| logits.held(symbols, region, &lanes)).collect();
        let ranges: Vec<_> = held.iter().zip(self.logits).map(|(held, logits)| held.range(symbols, region, logits.size)).collect();
        let best = (0..ranges.len()).max_by_key(|index| (ranges[*index].low.max(0), ranges[*index].high)).unwrap_or(0);
        let rivals: Vec<usize> = (0..ranges.len()).filter(|index| *index != best && ranges[*index].high >= ranges[best].low).collect();
        if ranges[best].low <= 0 || !rivals.is_empty() {
            let all = || [best].into_iter().chain(rivals.iter().copied());
            let constants = all().map(|index| &held[index].constant).collect::<Vec<_>>().into_iter();
            let others = all().flat_map(|index| [&held[index].slope, &held[index].curve]);
            let gate = constants.clone().chain(others).find_map(|expr| symbols.undecided(region, expr));
            // What is wanted is 1 or 0, and can be a function of a byte.
            if let Some(gate) = gate.or_else(|| constants.clone().find_map(|expr| symbols.unknown_byte(region, expr))) {
                return Err(Stop::Split(gate));
            }
            return Err(Stop::Fail({
                let name = |index: usize| format!("{} ({})", self.logits[index].first, symbols.shown(&held[index].constant));
                let rivals: Vec<String> = rivals.iter().map(|rival| name(*rival)).collect();
                format!("the family of {} is not surely the best: {}", name(best), rivals.join("; "))
            }));
        }
        Ok(Chosen { logits: &self.logits[best], held: held.into_iter().nth(best).unwrap_or_else(|| unreachable!("there are families")) })
    }
}

fn needed(halves: &[Option<Expr>; 2], half: usize) -> Result<Expr, Stop> {
    halves[half].clone().ok_or_else(|| Stop::Fail("a half is read that does not matter".to_string()))
}

/// Checks that the number in the chosen family is this divided by the unit, rounded down.
fn digit(symbols: &mut Symbols, region: &Region, chosen: &Chosen<'_>, number: &Expr, unit: i128) -> Result<(), Stop> {
    let first = chosen.logits.first;
    let difference = symbols.normal(region, &Expr::sum([(&chosen.held.slope, 1), (number, -2), (&Expr::constant(1), -1)]));
    if !difference.is_zero() {
        let shown = symbols.shown(&difference);
        return Err(undecided(symbols, region, [&difference], || format!("of {first}, what is divided is wrong by ({shown}) / 2")));
    }
    if chosen.held.curve != Expr::constant(-unit) {
        let shown = symbols.shown(&chosen.held.curve);
        return Err(undecided(symbols, region, [&chosen.held.curve], || {
            format!("of {first}, the divisor is −({shown}) instead of {unit}")
        }));
    }
    Ok(())
}

/// What the first token divides, if it is a byte at a place: all bytes above must be 0.
fn begins(symbols: &mut Symbols, region: &Region, place: u8, wide: bool, unit: i128, halves: &[Option<Expr>; 2]) -> Result<Expr, Stop> {
    let half = needed(halves, usize::from(place / 4))?;
    let half = symbols.normal(region, &half);
    // At place 7, the number 256 stands for a byte 0.
    let numbers = if place == 7 { 257 } else { 256 };
    let range = symbols.range(region, &half);
    let fits = range.low >= 0 && range.high < (unit * numbers) << (8 * (place % 4));
    let mut above = vec![&half];
    let high = if wide && place < 4 { Some(needed(halves, 1)?) } else { None };
    let high = high.map(|high| symbols.normal(region, &high));
    let is_zero = high.as_ref().is_none_or(|high| symbols.range(region, high).high < unit);
    above.extend(&high);
    if !(fits && is_zero) || (place >= 4 && !wide) {
        return Err(undecided(symbols, region, above, || format!("the first byte is at place {place}, but bytes above need not be 0")));
    }
    Ok(half)
}

/// The same for a byte below bytes 255.
fn begins_with_ones(
    symbols: &mut Symbols,
    region: &Region,
    place: u8,
    wide: bool,
    unit: i128,
    halves: &[Option<Expr>; 2],
) -> Result<Expr, Stop> {
    let half = needed(halves, usize::from(place / 4))?;
    let half = symbols.normal(region, &half);
    let above = unit * (HALF - (1 << (8 * (place % 4 + 1))));
    let range = symbols.range(region, &half);
    let fits = range.low >= above && range.high < unit * HALF;
    let mut parts = vec![&half];
    let high = if wide && place < 4 { Some(needed(halves, 1)?) } else { None };
    let high = high.map(|high| symbols.normal(region, &high));
    let is_full = high.as_ref().is_none_or(|high| symbols.range(region, high).low >= unit * (HALF - 1));
    parts.extend(&high);
    if !(fits && is_full) || (place >= 3 && !wide) {
        return Err(undecided(symbols, region, parts, || format!("the first byte is at place {place}, but bytes above need not be 255")));
    }
    Ok(half.add(-above))
}
