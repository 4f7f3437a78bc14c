//! What a token costs, and what is remembered, as the trace grows.

use std::ops::ControlFlow;
use std::time::Instant;

use super::resident_memory;
use crate::harness::engine::{Case, Engine, EngineError};

/// A length is looked at over this share of itself.
const SHARE: u64 = 10;
/// Tokens that are timed together at most.
const WINDOW: u64 = 20_000;
/// Runs of a length at most; short traces are run more often.
const RUNS: u64 = 50;

/// The cost of a token at one length of the trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Steps before.
    pub length: u64,
    /// Nanoseconds a token over the next tenth of the length: the least of its windows and of several runs.
    pub nanoseconds: f64,
    /// Resident memory of the process then, where the system tells.
    pub memory: Option<u64>,
}

/// Measures an engine at rising lengths of a case's trace. Lengths that the trace does not reach are left out.
///
/// # Errors
/// Where the engine cannot run the case.
pub fn costs(case: Case<'_>, engine: &dyn Engine, lengths: &[u64]) -> Result<Vec<Cost>, EngineError> {
    let mut costs = Vec::new();
    for length in lengths {
        let mut best: Option<Cost> = None;
        for _ in 0..(WINDOW * SHARE / length).clamp(1, RUNS) {
            cost(case, engine, *length, &mut best)?;
        }
        costs.extend(best);
    }
    Ok(costs)
}

fn cost(case: Case<'_>, engine: &dyn Engine, length: u64, best: &mut Option<Cost>) -> Result<(), EngineError> {
    let window = (length / SHARE).clamp(1, WINDOW);
    let (mut steps, mut started) = (0, Instant::now());
    engine.run(case, &mut |_| {
        steps += 1;
        if steps < length || !(steps - length).is_multiple_of(window) {
            return ControlFlow::Continue(());
        }
        if steps > length {
            let nanoseconds = started.elapsed().as_nanos() as f64 / window as f64;
            if best.is_none_or(|best| nanoseconds < best.nanoseconds) {
                *best = Some(Cost { length, nanoseconds, memory: resident_memory() });
            }
        }
        started = Instant::now();
        if steps < length + length / SHARE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(())
}
