//! The lockstep comparison of engines on full programs.
//!
//! The first engine's trace is the expected one. Every other engine is stopped at its first step that differs; where no step
//! does, the ends and the final states are compared: outputs, memory with its length, globals.

use std::fmt;
use std::ops::ControlFlow;

use super::engine::{Case, Engine, Run};
use crate::full::isa::ValType;
use crate::full::program::Program;
use crate::full::program::limits::PAGE;
use crate::full::trace::{Effect, End, State, Step};
use crate::harness::EngineError;
use crate::shown::{apart, bytes};

/// The result of comparing engines on one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All engines did the same.
    Agree,
    /// Two engines differ.
    Diverge(Box<Report>),
    /// Nothing could be said.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

/// How an engine differs from the one it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The engine that differs.
    pub engine: String,
    /// The engine whose trace was expected.
    pub reference: String,
    /// What differs.
    pub difference: Difference,
}

/// What differs between two runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// A step.
    Step {
        /// Its index in the trace.
        index: usize,
        /// The instruction at the expected pc.
        instruction: String,
        /// The expected step; `None` if the trace should have ended before.
        expected: Option<Step>,
        /// The actual step; `None` if the trace ended before.
        actual: Option<Step>,
    },
    /// The way in which the run ended, after equal steps.
    End {
        /// How it should have ended.
        expected: End,
        /// How it ended.
        actual: End,
        /// The types of the results.
        results: Vec<ValType>,
    },
    /// A part of the final state, after equal steps and ends.
    State(String),
}

/// A run with its trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The steps.
    pub steps: Vec<Step>,
    /// The result.
    pub run: Run,
}

/// Runs a case and keeps its trace; stops after `limit` steps.
///
/// # Errors
/// As [`Engine::run`].
pub fn record(engine: &dyn Engine, case: Case<'_>, limit: usize) -> Result<Recorded, EngineError> {
    let mut steps = Vec::new();
    let run = engine.run(case, &mut |step| {
        steps.push(step);
        if steps.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(Recorded { steps, run })
}

/// Runs a case on all engines and compares each with the first; gives the first one's trace too. A run of more than
/// `limit` steps, or one that reaches an instruction outside the profile, is inconclusive; so is one that an engine other
/// than the first cannot run at all, unless others differ.
///
/// # Errors
/// Where the first engine cannot run the case.
pub fn compare(case: Case<'_>, engines: &[&dyn Engine], limit: usize) -> Result<(Verdict, Recorded), EngineError> {
    let [reference, others @ ..] = engines else {
        return Err(EngineError { engine: "none".to_string(), reason: "there is nothing to compare".to_string() });
    };
    let expected = record(*reference, case, limit)?;
    if expected.run.end == End::Stopped {
        return Ok((Verdict::Inconclusive { reason: format!("more than {limit} steps") }, expected));
    }
    let mut doubt = None;
    for engine in others {
        match differs(case, &expected, *engine) {
            Ok(None) => {}
            Ok(Some(difference)) => {
                let (engine, reference) = (engine.name().to_string(), reference.name().to_string());
                return Ok((Verdict::Diverge(Report { engine, reference, difference }.into()), expected));
            }
            Err(error) => doubt = doubt.or_else(|| Some(error.to_string())),
        }
    }
    let refused = match &expected.run.end {
        End::Refused(what) => Some(what.reason()),
        _ => None,
    };
    Ok((doubt.or(refused).map_or(Verdict::Agree, |reason| Verdict::Inconclusive { reason }), expected))
}

/// How an engine's run differs from the expected one, if it does.
///
/// # Errors
/// Where the engine cannot run the case at all.
pub fn differs(case: Case<'_>, expected: &Recorded, engine: &dyn Engine) -> Result<Option<Difference>, EngineError> {
    let mut index = 0;
    let mut found = None;
    let run = engine.run(case, &mut |step| {
        if expected.steps.get(index) != Some(&step) {
            found = Some(step_difference(case.program, expected, index, Some(step)));
            return ControlFlow::Break(());
        }
        index += 1;
        ControlFlow::Continue(())
    })?;
    if found.is_none() && index < expected.steps.len() {
        found = Some(step_difference(case.program, expected, index, None));
    }
    Ok(match found {
        None if run.end != expected.run.end => {
            let results = case.program.results(case.function).to_vec();
            Some(Difference::End { expected: expected.run.end.clone(), actual: run.end, results })
        }
        None => state_difference(&expected.run.state, &run.state).map(Difference::State),
        found => found,
    })
}

fn step_difference(program: &Program, expected: &Recorded, index: usize, actual: Option<Step>) -> Difference {
    let expected = expected.steps.get(index).copied();
    let pc = expected.or(actual).map_or(0, |step| step.pc);
    let instruction = program.code.get(pc as usize).map_or_else(|| "no instruction".to_string(), ToString::to_string);
    Difference::Step { index, instruction, expected, actual }
}

fn state_difference(expected: &State, actual: &State) -> Option<String> {
    if expected.outputs != actual.outputs {
        return Some(format!("outputs: expected {}, actual {}", bytes(&expected.outputs), bytes(&actual.outputs)));
    }
    if expected.errors != actual.errors {
        return Some(format!("error messages: expected {}, actual {}", bytes(&expected.errors), bytes(&actual.errors)));
    }
    let differing = expected.globals.iter().zip(&actual.globals).position(|(expected, actual)| expected != actual);
    if let Some(index) = differing {
        let (expected, actual) = apart(&expected.globals[index], &actual.globals[index]);
        return Some(format!("global {index}: expected {expected}, actual {actual}"));
    }
    if expected.globals.len() != actual.globals.len() {
        return Some(format!("globals: expected {}, actual {}", expected.globals.len(), actual.globals.len()));
    }
    if expected.memory.len() != actual.memory.len() {
        let pages = |state: &State| state.memory.len() / PAGE as usize;
        return Some(format!("memory: expected {} pages, actual {}", pages(expected), pages(actual)));
    }
    let address = expected.memory.iter().zip(&actual.memory).position(|(expected, actual)| expected != actual)?;
    Some(format!("memory at {address}: expected {}, actual {}", expected.memory[address], actual.memory[address]))
}

/// A step of a trace, or that it has ended.
struct Shown(Option<Step>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the end of the trace"),
            Some(Step { pc, effect: Effect::Nothing }) => write!(f, "pc {pc}"),
            Some(Step { pc, effect }) => {
                write!(f, "pc {pc} → ")?;
                effect.fmt(f)
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { engine, reference, difference } = self;
        match difference {
            Difference::Step { index, instruction, expected, actual } => {
                let (expected, actual) = apart(&Shown(*expected), &Shown(*actual));
                write!(f, "{engine} differs from {reference} at step {index}, {instruction}: expected {expected}, actual {actual}")
            }
            Difference::End { expected, actual, results } => {
                let (expected, actual) = apart(&expected.typed(results), &actual.typed(results));
                write!(f, "{engine} ends differently from {reference}: expected {expected}, actual {actual}")
            }
            Difference::State(what) => write!(f, "{engine} leaves another state than {reference}: {what}"),
        }
    }
}
