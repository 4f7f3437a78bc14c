//! The computation of one operation: in every phase, the token is what is stated of the operation.

use super::check::{self, Case, Stop, Wanted};
use super::families::Logits;
use super::given::Given;
use super::machine::{Machine, Phase};
use super::region::Region;
use super::site::{Heads, Site};
use super::spec;
use super::symbols::Symbols;
use super::{control, memory};
use crate::full::isa::Op;
use crate::full::listing::operation::Operation;
use crate::prove::Failure;
use crate::prove::obligation::Tally;

/// Whether it is stated what an operation emits.
pub(super) fn is_stated(symbols: &Symbols, operation: Operation) -> bool {
    let mut symbols = symbols.clone();
    let mut given = Given { symbols: &mut symbols, region: &Region::default(), phase: Phase::Begin };
    control::phases(operation).is_some() || memory::access(operation).is_some() || spec::wanted(operation, &mut given).is_some()
}

/// What is stated of an operation.
fn wanted(operation: Operation, given: &mut Given<'_>, site: &Site<'_>) -> Result<Wanted, Stop> {
    if control::phases(operation).is_some() {
        return control::wanted(operation, given);
    }
    if let Some(access) = memory::access(operation) {
        return memory::wanted(given, site, access, spec::writes_value(operation));
    }
    spec::wanted(operation, given).unwrap_or_else(|| Err(Stop::Fail("nothing is stated".to_string())))
}

/// The statement of the obligation.
pub(super) fn statement(operation: Operation) -> &'static str {
    if control::phases(operation).is_some() {
        "for all targets, frames and operands: the tokens of the jump, the call or the return, or of the step"
    } else if memory::access(operation).is_some() {
        "for all addresses, offsets and lengths, and whatever rows are found: the trap, the step, or the bytes of the value"
    } else if spec::writes_value(operation).is_some() {
        "for all operands and immediates: the first token of the result, and in the middle of it the next byte"
    } else {
        "for all operands: the token"
    }
}

/// The phases in which an operation emits a token.
fn phases(operation: Operation) -> Vec<Phase> {
    // The byte from outside is a token of the host's.
    let asks = matches!(operation, Operation::Wasm(Op::Input | Op::Poll | Op::Receive));
    let places = spec::writes_value(operation).filter(|_| !asks).map_or(1, |width| width.bytes() as u8);
    let of_value = || [Phase::Begin].into_iter().chain((1..places).map(Phase::Middle)).collect();
    control::phases(operation).map_or_else(of_value, <[Phase]>::to_vec)
}

/// Proves the tokens of an operation. Gives the number of neurons that are shut, in all phases.
pub(super) fn computation(
    machine: &Machine<'_>,
    mut symbols: Symbols,
    heads: &Heads,
    logits: &[Logits],
    operation: Operation,
    tally: &mut Tally,
) -> Result<u64, Failure> {
    let symbols = &mut symbols;
    let mut shut = 0;
    for phase in phases(operation) {
        let site = Site::new(machine, symbols, heads, logits, operation, phase)?;
        shut += site.shut;
        let start = match control::phases(operation) {
            Some(_) => control::start(symbols, operation, phase),
            None => spec::start(operation),
        };
        let case = Case { site: &site, logits, phase };
        let cases = check::explore(symbols, start, |symbols, region| {
            let wanted = wanted(operation, &mut Given { symbols, region, phase }, &site)?;
            case.settle(symbols, region, &wanted)
        });
        tally.cases += cases.map_err(|failed| {
            let (region, reason) = *failed;
            Failure::new(format!("{operation}, in the phase {phase:?}: {reason}; where {}", symbols.example(&region)))
        })?;
    }
    Ok(shut)
}
