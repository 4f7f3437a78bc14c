//! Benchmarks: engines on the same programs in one run, and what a token costs as the trace grows.
//!
//! Engines take turns, round after round, and the best round of each counts: whatever else the machine is
//! doing can only make a round slower, and ratios within one run mean more than its figures.

pub mod growth;
pub mod plot;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::engine::{Case, Engine, EngineError};

/// Rounds in which all engines take turns.
const ROUNDS: usize = 5;

/// The nested loops that show what a token costs at any length of the trace.
pub const NESTED_LOOPS: &str = include_str!("../../../benches/nested-loops.wat");

/// How fast an engine ran some cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Steps of all cases.
    pub steps: u64,
    /// Tokens of all cases: prefixes and one a step.
    pub tokens: u64,
    /// The best round.
    pub time: Duration,
}

impl Speed {
    /// Steps a second.
    pub fn steps_per_second(&self) -> f64 {
        self.steps as f64 / self.time.as_secs_f64()
    }

    /// Tokens a second.
    pub fn tokens_per_second(&self) -> f64 {
        self.tokens as f64 / self.time.as_secs_f64()
    }
}

/// Runs cases on engines, each stopped after `limit` steps, and returns the engines' speeds in their order.
///
/// # Errors
/// Where an engine cannot run a case, or makes another number of steps than the first engine.
pub fn race(cases: &[Case<'_>], engines: &[&(dyn Engine + Sync)], limit: u64) -> Result<Vec<Speed>, EngineError> {
    let mut speeds: Vec<Option<Speed>> = vec![None; engines.len()];
    for _ in 0..ROUNDS {
        for (engine, best) in engines.iter().zip(&mut speeds) {
            let speed = round(cases, *engine, limit)?;
            if best.is_none_or(|best| speed.time < best.time) {
                *best = Some(speed);
            }
        }
    }
    let speeds: Vec<Speed> = speeds.into_iter().flatten().collect();
    match engines.iter().zip(&speeds).find(|(_, speed)| speed.steps != speeds[0].steps) {
        Some((engine, speed)) => {
            let reason = format!("made {} steps, where {} were expected", speed.steps, speeds[0].steps);
            Err(EngineError { engine: engine.name().to_string(), reason })
        }
        None => Ok(speeds),
    }
}

fn round(cases: &[Case<'_>], engine: &dyn Engine, limit: u64) -> Result<Speed, EngineError> {
    let started = Instant::now();
    let (mut steps, mut tokens) = (0, 0);
    for case in cases {
        let before = steps;
        engine.run(*case, &mut |_| {
            steps += 1;
            if steps - before < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        tokens += 1 + 2 * case.program.code().len() as u64 + steps - before;
    }
    Ok(Speed { steps, tokens, time: started.elapsed() })
}

/// The resident memory of this process in bytes, where the system tells.
pub fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
