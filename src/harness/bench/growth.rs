//! The cost per token at a given length of the trace.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::memory;
use crate::harness::{EngineError, Tick};

/// The cost is measured over the next `length / SHARE` tokens.
const SHARE: u64 = 10;
/// The maximum number of tokens that are timed together.
const WINDOW: u64 = 20_000;
/// The maximum number of runs per length. Short traces are run more often than long ones, but not for longer
/// than [`PATIENCE`].
const RUNS: u64 = 50;
const PATIENCE: Duration = Duration::from_secs(5);

/// The cost per token at one length of the trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The number of tokens before the measurement.
    pub length: u64,
    /// Nanoseconds per token over the next tenth of the length: the minimum over the windows in it and over
    /// several runs.
    pub nanoseconds: f64,
    /// Resident memory of the process in bytes after the measurement, where the system reports it.
    pub memory: Option<u64>,
}

/// Starts a new run that makes tokens. The run calls the closure after each token, and continues until it
/// ends or the closure returns a break.
pub type Tokens<'a> = dyn FnMut(&mut dyn FnMut() -> ControlFlow<()>) -> Result<(), EngineError> + 'a;

/// Measures the cost per token at increasing lengths of a trace. Lengths that the run does not reach are left
/// out. `tick` is called after each length. Once it returns a break, the remaining lengths are left out.
///
/// # Errors
/// Where the run fails.
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
