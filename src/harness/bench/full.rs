//! The full machine: how many tokens an instruction of WebAssembly takes, and how many instructions a second are executed.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::harness::EngineError;
use crate::harness::full::{Case, Engine, NetworkEngine};

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generation {
    /// Instructions of WebAssembly that were executed.
    pub steps: u64,
    /// Tokens that the network emitted for them.
    pub tokens: u64,
    /// From the first emitted token to the last: the listing has been passed before.
    pub time: Duration,
}

impl Generation {
    /// Tokens an instruction.
    pub fn tokens_per_step(&self) -> f64 {
        self.tokens as f64 / self.steps as f64
    }

    /// Instructions a second.
    pub fn steps_per_second(&self) -> f64 {
        self.steps as f64 / self.time.as_secs_f64()
    }
}

/// Runs a case by the network, stopped after `limit` steps.
///
/// # Errors
/// Where the network cannot run it, or makes another number of steps than `reference`.
pub fn generation(case: Case<'_>, network: &NetworkEngine, reference: &dyn Engine, limit: u64) -> Result<Generation, EngineError> {
    let mut expected = 0;
    reference.run(case, &mut |_| count(&mut expected, limit))?;
    let (mut steps, mut tokens, mut started) = (0, 0, None);
    network.run_by_token(case, &mut |_| count(&mut steps, limit), &mut || {
        started.get_or_insert_with(Instant::now);
        tokens += 1;
    })?;
    if steps != expected {
        let reason = format!("made {steps} steps, where {expected} were expected");
        return Err(EngineError { engine: network.name().to_string(), reason });
    }
    Ok(Generation { steps, tokens, time: started.map_or(Duration::ZERO, |started| started.elapsed()) })
}

fn count(steps: &mut u64, limit: u64) -> ControlFlow<()> {
    *steps += 1;
    if *steps < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}
