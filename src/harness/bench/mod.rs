//! Benchmarks: engines on the same programs in one run, and what a token costs as the trace grows.
//!
//! Engines take turns, round after round, and the best round of each counts: whatever else the machine is
//! doing can only make a round slower, and ratios within one run mean more than its figures.

pub mod full;
pub mod growth;
pub mod memory;
pub mod plot;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::byte::{Byte, Case};
use super::engine::{Engine, EngineError, on_steps};

/// The nested loops that show what a token of the byte machine costs at any length of the trace.
pub const NESTED_LOOPS: &str = include_str!("../../../benches/nested-loops.wat");

/// How fast an engine ran something.
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// Steps.
    pub steps: u64,
    /// Tokens made in this time; 0 where an engine makes none.
    pub tokens: u64,
    /// The time.
    pub time: Duration,
    /// What came before it, where that is timed apart.
    pub prompt: Option<Prompt>,
    /// The most resident memory of the process meanwhile, where it was asked for and the system tells.
    pub peak: Option<u64>,
    /// What was output: the same by all engines.
    pub outputs: Vec<u8>,
}

/// What a network takes in before it emits anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Its rows.
    pub rows: u64,
    /// The time until the first token is there.
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

/// An engine in a race.
pub struct Contestant<'a> {
    /// Its name.
    pub name: &'a str,
    /// Runs once what the race is about.
    pub round: &'a (dyn Fn() -> Result<Speed, EngineError> + Sync),
}

/// Why there are no speeds to compare.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RaceError {
    /// An engine cannot run it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An engine made another number of steps than the first.
    #[error("{name} made {steps} steps, where {expected} were expected")]
    Steps {
        /// The engine.
        name: String,
        /// The steps that it made.
        steps: u64,
        /// Those that the first made.
        expected: u64,
    },
    /// An engine output something else than the first.
    #[error("{name} output something else than {first}")]
    Outputs {
        /// The engine.
        name: String,
        /// The first.
        first: String,
    },
}

/// Lets engines run the same thing in turns, and returns the best speed of each in their order.
///
/// # Errors
/// Where an engine cannot run it, or does something else than the first.
pub fn race(rounds: usize, contestants: &[Contestant<'_>]) -> Result<Vec<Speed>, RaceError> {
    let mut best: Vec<Speed> = Vec::new();
    for round in 0..rounds {
        for (index, Contestant { name, round: run }) in contestants.iter().enumerate() {
            let speed = run()?;
            let first = best.first().unwrap_or(&speed);
            if speed.steps != first.steps {
                return Err(RaceError::Steps { name: name.to_string(), steps: speed.steps, expected: first.steps });
            }
            if speed.outputs != first.outputs {
                return Err(RaceError::Outputs { name: name.to_string(), first: contestants[0].name.to_string() });
            }
            match best.get_mut(index) {
                None => best.push(speed),
                Some(best) if speed.time < best.time => *best = speed,
                Some(_) => debug_assert!(round > 0),
            }
        }
    }
    Ok(best)
}

/// Runs cases of the byte machine on an engine, each stopped after `limit` steps. Tokens are those of the
/// prefixes and one a step; all are made in the time that counts.
///
/// # Errors
/// Where the engine cannot run a case.
pub fn round(cases: &[Case<'_>], engine: &dyn Engine<Byte>, limit: u64) -> Result<Speed, EngineError> {
    let started = Instant::now();
    let (mut steps, mut tokens, mut outputs) = (0, 0, Vec::new());
    for case in cases {
        let before = steps;
        let run = engine.run(
            *case,
            &mut on_steps(|_| {
                steps += 1;
                if steps - before < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }),
        )?;
        tokens += 1 + 2 * case.program.code().len() as u64 + steps - before;
        outputs.extend(run.state.outputs);
    }
    Ok(Speed { steps, tokens, time: started.elapsed(), prompt: None, peak: None, outputs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_round_counts_and_whoever_differs_is_told() {
        let times = std::sync::atomic::AtomicU64::new(0);
        let speed = |steps, milliseconds, outputs: &[u8]| {
            let time = Duration::from_millis(milliseconds);
            Ok(Speed { steps, tokens: 0, time, prompt: None, peak: None, outputs: outputs.to_vec() })
        };
        let quickening = || speed(3, 9 - times.fetch_add(1, std::sync::atomic::Ordering::Relaxed), b"a");
        let (steady, longer, other) = (|| speed(3, 5, b"a"), || speed(4, 5, b"a"), || speed(3, 5, b"b"));
        let one = Contestant { name: "one", round: &quickening };
        let against = |name, round| {
            race(2, &[Contestant { name: "one", round: &steady }, Contestant { name, round }]).map_err(|error| error.to_string())
        };
        let best = race(3, &[one]).unwrap();
        assert_eq!(best.iter().map(|speed| speed.time.as_millis()).collect::<Vec<_>>(), [7]);
        assert_eq!(against("two", &steady).map(|speeds| speeds.len()), Ok(2));
        assert_eq!(against("two", &longer), Err("two made 4 steps, where 3 were expected".to_string()));
        assert_eq!(against("two", &other), Err("two output something else than one".to_string()));
    }
}
