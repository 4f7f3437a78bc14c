//! What a token costs at a length of the trace.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::memory;
use crate::harness::{EngineError, Tick};

/// The share of the length over which the cost is measured.
const SHARE: u64 = 10;
/// Tokens that are timed together at most.
const WINDOW: u64 = 20_000;
/// Runs of a length at most; short traces are run more often, but not for longer than [`PATIENCE`].
const RUNS: u64 = 50;
const PATIENCE: Duration = Duration::from_secs(5);

/// The cost of a token at one length of the trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Tokens before.
    pub length: u64,
    /// Nanoseconds a token over the next tenth of the length: the least of its windows and of several runs.
    pub nanoseconds: f64,
    /// Resident memory of the process then, where the system tells.
    pub memory: Option<u64>,
}

/// Runs something anew that makes tokens, saying so at each, until it ends or is told to stop.
pub type Tokens<'a> = dyn FnMut(&mut dyn FnMut() -> ControlFlow<()>) -> Result<(), EngineError> + 'a;

/// Measures what tokens cost at rising lengths of a trace. Lengths that it does not reach are left out.
/// `tick` is called after each length; once it says so, the others are left out.
///
/// # Errors
/// Where it cannot be run.
pub fn costs(run: &mut Tokens<'_>, lengths: &[u64], tick: &Tick<'_>) -> Result<Vec<Cost>, EngineError> {
    let mut costs = Vec::new();
    for length in lengths {
        let mut best: Option<Cost> = None;
        let started = Instant::now();
        for again in 0..(WINDOW * SHARE / length).clamp(1, RUNS) {
            if again > 0 && started.elapsed() > PATIENCE {
                break;
            }
            cost(run, *length, &mut best)?;
        }
        costs.extend(best);
        if tick().is_break() {
            break;
        }
    }
    Ok(costs)
}

fn cost(run: &mut Tokens<'_>, length: u64, best: &mut Option<Cost>) -> Result<(), EngineError> {
    let window = (length / SHARE).clamp(1, WINDOW);
    let (mut tokens, mut started) = (0, Instant::now());
    run(&mut || {
        tokens += 1;
        if tokens < length || !(tokens - length).is_multiple_of(window) {
            return ControlFlow::Continue(());
        }
        if tokens > length {
            let nanoseconds = started.elapsed().as_nanos() as f64 / window as f64;
            if best.is_none_or(|best| nanoseconds < best.nanoseconds) {
                *best = Some(Cost { length, nanoseconds, memory: memory::resident() });
            }
        }
        started = Instant::now();
        if tokens < length + length / SHARE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}
