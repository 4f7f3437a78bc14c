//! What an engine is: anything that turns a program into a trace.

use std::ops::ControlFlow;

use thiserror::Error;

use crate::byte::program::{Files, Header, Program};
use crate::byte::trace::{End, State, Step};
use crate::transformer::{Observer, Stage};

/// A program and what it starts with.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The program.
    pub program: &'a Program,
    /// The files' contents at the start.
    pub files: &'a Files,
}

/// One step as an engine reports it while it runs.
pub struct Observed<'a> {
    /// The step.
    pub step: Step,
    /// The logits that the token was chosen from, by token, where the engine is a transformer. Computing the
    /// list costs something, so it is made on request.
    pub logits: Option<&'a dyn Fn() -> Vec<f64>>,
}

/// Sees each step as it is made, and may stop the run.
pub type Watch<'w> = dyn FnMut(&Observed<'_>) -> ControlFlow<()> + 'w;

/// Sees each row's residual stream, `[d_model]`, after each stage.
pub struct Residuals<'r>(pub &'r mut dyn FnMut(Stage, &[f32]));

impl Observer<f32> for Residuals<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[f32]) {
        (self.0)(stage, lanes);
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// The state at the end.
    pub state: State,
}

impl Run {
    /// The header of a program that is expected to run like this.
    pub fn header(&self, about: impl Into<String>, files: &Files) -> Header {
        let trap = if let End::Trap(trap) = self.end { Some(trap) } else { None };
        Header::new(about, files, &self.state.outputs, &self.state.files, trap)
    }
}

/// Why an engine could not run a case at all.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{engine}: {}", crate::shown::message(reason))]
pub struct EngineError {
    /// The engine.
    pub engine: String,
    /// What prevented it.
    pub reason: String,
}

/// Anything that turns a program into a trace.
pub trait Engine {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// Whether its steps come with logits.
    fn has_logits(&self) -> bool {
        false
    }

    /// The steps that it is compared on at most: all, unless they would take too long.
    fn most_steps(&self) -> usize {
        usize::MAX
    }

    /// Runs a case, reporting each step to `watch` before the next is made.
    ///
    /// # Errors
    /// Where the engine cannot run the case; a run that goes wrong is no error but has a different trace.
    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError>;

    /// As [`Engine::run`], with a look at the residual streams where the engine is a transformer within this process.
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, _residuals: Residuals<'_>) -> Result<Run, EngineError> {
        self.run(case, watch)
    }

    /// The names of its lanes, where it has some.
    fn lanes(&self) -> &[String] {
        &[]
    }
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
    let run = engine.run(case, &mut |observed| {
        steps.push(observed.step);
        if steps.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(Recorded { steps, run })
}
