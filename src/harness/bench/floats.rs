//! Tokens per instruction on floats, on usual operands: numbers of both signs, neither tiny nor huge.

use std::ops::ControlFlow;

use crate::full::floats::is_on_floats;
use crate::full::isa::{Immediate, Op, Row, ValType};
use crate::full::program::{Call, Value, load};
use crate::full::wasi::Process;
use crate::harness::EngineError;
use crate::harness::engine::Observed;
use crate::harness::full::generate::one;
use crate::harness::full::{Case, Full, NetworkEngine};
use crate::wasm::Source;

/// The number of usual operands of an instruction of one operand. Instructions of two operands are measured
/// on all pairs.
const OPERANDS: usize = 6;

/// The instructions that compute floats or convert them.
fn rows() -> impl Iterator<Item = &'static Row> {
    one::instructions().filter(|row| is_on_floats(row.op) && row.immediate == Immediate::None)
}

/// The usual operands of a type.
fn usual(ty: ValType) -> Vec<Value> {
    let numbers = (0..OPERANDS).map(|index| {
        let sign = if index % 2 == 0 { 1.0 } else { -1.0 };
        sign * 0.37 * 3.1f64.powi(index as i32)
    });
    let value = |number: f64| match ty {
        ValType::F32 => Value::from_bits(ty, u64::from((number as f32).to_bits())),
        ValType::F64 => Value::from_bits(ty, number.to_bits()),
        _ => Value::from_bits(ty, (number * 1000.0) as i64 as u64),
    };
    numbers.map(value).collect()
}

/// Tokens per execution of each instruction, on a network.
///
/// # Errors
/// Where the network cannot run a program.
pub fn costs(network: &NetworkEngine) -> Result<Vec<(Op, f64)>, EngineError> {
    rows().map(|row| Ok((row.op, cost(network, row)?))).collect()
}

fn cost(network: &NetworkEngine, row: &Row) -> Result<f64, EngineError> {
    let mut cases: Vec<Vec<Value>> = vec![Vec::new()];
    for ty in row.params().unwrap_or_default() {
        // A conversion to an unsigned integer traps for a negative number.
        let traps = row.mnemonic.contains(".trunc_") && !row.signed;
        let values = usual(ty).into_iter().step_by(1 + usize::from(traps));
        cases = values.flat_map(|value| cases.iter().map(move |case| [&case[..], &[value]].concat()).collect::<Vec<_>>()).collect();
    }
    let loaded = load(&Source::named(row.mnemonic), &one::module(row.op, &cases, 0), &Process::default());
    let loaded = loaded.map_err(|error| EngineError::new(row.mnemonic, error.to_string()))?;
    let calls: Vec<Call> = loaded.program.exported_functions().map(|main| Call::new(main, &[])).collect();
    // A step is complete at the token with which the next one begins, or at its own last token.
    let (mut since, mut spent, mut times) = (0, 0, 0);
    let watch = &mut |observed: &Observed<'_, Full>| {
        match observed {
            Observed::Token(_) => since += 1,
            Observed::Step(step) => {
                if loaded.program.code[step.pc as usize].op == row.op {
                    spent += since;
                    times += 1;
                }
                since = 0;
            }
        }
        ControlFlow::Continue(())
    };
    network.run_observed(Case::of(&loaded, &calls, b""), watch, &mut ())?;
    Ok(f64::from(spent) / f64::from(times.max(1)))
}
