//! Benchmarks: engines on the same programs in one run, and the cost per token as the trace grows.
//!
//! Engines take turns, round after round, and the best round of each engine counts, because other load on the
//! computer can only make a round slower. Ratios within one run are more meaningful than absolute numbers.

pub mod figures;
pub mod floats;
pub mod full;
pub mod growth;
pub mod memory;
pub mod plot;
pub mod specialized;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::byte::{Byte, Case};
use super::engine::{Engine, EngineError, on_steps};

/// A program with nested loops, for measuring the byte machine's cost per token at any length of the trace.
pub const NESTED_LOOPS: &str = include_str!("../../../benches/nested-loops.wat");

/// The speed of one run of an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// The number of steps.
    pub steps: u64,
    /// The number of tokens made in this time. 0 where the engine does not make tokens.
    pub tokens: u64,
    /// The time of the run.
    pub time: Duration,
    /// The prompt, where it is timed separately. Its time is not part of `time`.
    pub prompt: Option<Prompt>,
    /// The maximum resident memory of the process during the run in bytes, where it was measured and the
    /// system reports it.
    pub peak: Option<u64>,
    /// The outputs. They must be the same for all engines.
    pub outputs: Vec<u8>,
}

/// The prompt that a network processes before it emits the first token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The number of rows of the prompt.
    pub rows: u64,
    /// The time until the first token.
    pub time: Duration,
}

impl Speed {
    /// Steps per second.
    pub fn steps_per_second(&self) -> f64 {
        self.steps as f64 / self.time.as_secs_f64()
    }

    /// Tokens per second.
    pub fn tokens_per_second(&self) -> f64 {
        self.tokens as f64 / self.time.as_secs_f64()
    }
}

/// An engine in a race.
pub struct Contestant<'a> {
    /// The engine's name.
    pub name: &'a str,
    /// Runs one round.
    pub round: &'a (dyn Fn() -> Result<Speed, EngineError> + Sync),
}

/// The reason why a race has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RaceError {
    /// An engine cannot run the round.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An engine's number of steps differs from the first engine's.
    #[error("{name} made {steps} steps; {expected} were expected")]
    Steps {
        /// The engine.
        name: String,
        /// The engine's number of steps.
        steps: u64,
        /// The first engine's number of steps.
        expected: u64,
    },
    /// The traces of a program with universal and with specialised weights differ.
    #[error("with {name} in the weights, token {at} of the trace differs")]
    Tokens {
        /// The program.
        name: String,
        /// The first token that differs, counted from 0.
        at: usize,
    },
    /// An engine's outputs differ from the first engine's.
    #[error("the outputs of {name} differ from those of {first}")]
    Outputs {
        /// The engine.
        name: String,
        /// The first engine.
        first: String,
    },
}

/// Runs the engines' rounds in turns, and returns the best speed of each engine, in the order of
/// `contestants`.
///
/// # Errors
/// Where an engine cannot run its round, or its steps or outputs differ from the first engine's.
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

/// Runs cases of the byte machine on an engine. Each case is stopped after `limit` steps. The number of
/// tokens is the rows of the prompts plus one token per step. The time includes all of them. The outputs are
/// those of the cases that were not stopped.
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
        // A run of batches is stopped after the batch with the last step, and has that batch's outputs.
        if steps - before < limit {
            outputs.extend(run.state.outputs);
        }
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
        assert_eq!(against("two", &longer), Err("two made 4 steps; 3 were expected".to_string()));
        assert_eq!(against("two", &other), Err("the outputs of two differ from those of one".to_string()));
    }
}
