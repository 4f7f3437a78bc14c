//! That what is stated of an instruction is what the reference VM does: on samples of operands.

use super::check::{Stop, Wanted};
use super::given::Given;
use super::machine::Phase;
use super::region::Region;
use super::site::OPERANDS;
use super::spec;
use super::symbols::Symbols;
use crate::full::isa::{Op, Operand, ValType, Writes};
use crate::full::listing::operation::Operation;
use crate::full::program::Value;
use crate::full::vm::numeric::evaluate;
use crate::harness::random::mix;
use crate::prove::Failure;
use crate::prove::obligation::Tally;

/// The number of random operands, besides all pairs of corners.
const RANDOM: u64 = 400;

/// Numbers at which carries, signs and bytes change.
fn corners() -> impl Iterator<Item = u64> + Clone {
    let around = [0u32, 7, 8, 15, 16, 31, 32, 33, 63].into_iter().flat_map(|bit| {
        let power = 1u64 << bit;
        [power, power.wrapping_sub(1), power.wrapping_neg(), !power]
    });
    around.chain([5, 0x0102_0304_0506_0708, 0x80ff_7f01_00fe_8101, 64, 200])
}

/// Whether an instruction computes a number from numbers, and something is stated of it.
pub(super) fn is_sampled(operation: Operation) -> Option<Op> {
    let Operation::Wasm(op) = operation else { return None };
    let row = op.row();
    let integer = |operand: &Operand| matches!(operand.ty(), Some(ValType::I32 | ValType::I64));
    let computes = row.writes == Writes::Pushed && !row.accesses() && !row.uses_memory() && !row.pops.is_empty();
    let all = row.pops.iter().chain(row.pushes).all(integer);
    (computes && all && !matches!(op, Op::LocalTee | Op::Select | Op::RefIsNull)).then_some(op)
}

/// Compares what is stated of an instruction with the reference VM.
pub(super) fn agrees(symbols: &mut Symbols, operation: Operation, tally: &mut Tally) -> Result<(), Failure> {
    let Some(op) = is_sampled(operation) else { return Ok(()) };
    let pops = op.row().pops;
    let pairs = corners().flat_map(|second| corners().map(move |top| [top, second]));
    let random = (0..RANDOM).map(|index| [mix(2 * index), mix(2 * index + 1)]);
    let unary = |pair: &[u64; 2]| pops.len() == 2 || pair[1] == 1;
    for operands in pairs.filter(unary).chain(random) {
        let value = |operand: &Operand, bits: u64| Value::from_bits(operand.ty().unwrap_or(ValType::I64), bits);
        // The last operand was on top.
        let values: Vec<Value> = pops.iter().rev().zip(operands).map(|(operand, bits)| value(operand, bits)).rev().collect();
        let Ok(expected) = evaluate(op, &values) else { continue };
        let stated =
            stated(symbols, operation, operands).map_err(|stop| Failure::new(format!("{operation} of {operands:x?}: {stop:?}")))?;
        tally.cases += 1;
        if Value::from_bits(expected.ty(), stated) != expected {
            return Err(Failure::new(format!("{operation} of {values:?} is stated to be {stated:#x}, and is {expected:?}")));
        }
    }
    Ok(())
}

/// The number that is stated, on these operands: top first.
fn stated(symbols: &mut Symbols, operation: Operation, operands: [u64; 2]) -> Result<u64, Stop> {
    let mut region = Region::default();
    for (operand, bits) in operands.into_iter().enumerate() {
        for (place, byte) in bits.to_le_bytes().into_iter().enumerate() {
            region = region.restrict(OPERANDS[operand] + place, |value| value == usize::from(byte)).unwrap_or_default();
        }
    }
    let number = |wanted: Wanted, half: usize| match wanted {
        Wanted::Value { unit, halves, .. } => {
            Ok(halves[half].as_ref().and_then(super::expr::Expr::as_constant).map(|half| half.div_euclid(unit)))
        }
        Wanted::Token { first, .. } => Err(Stop::Fail(format!("it is the token {first}"))),
    };
    let wanted = |symbols: &mut Symbols, region: &Region, phase: Phase| {
        let given = &mut Given { symbols, region, phase };
        spec::wanted(operation, given).unwrap_or_else(|| Err(Stop::Fail("nothing is stated".to_string())))
    };
    let begins = wanted(symbols, &region, Phase::Begin)?;
    let high = number(begins.clone(), 1)?.unwrap_or_default();
    let low = match number(begins, 0)? {
        Some(low) => low,
        // Before the upper half has been emitted, the lower one does not matter.
        None => number(wanted(symbols, &region, Phase::Middle(1))?, 0)?.unwrap_or_default(),
    };
    Ok((high as u64) << 32 | low as u64)
}
