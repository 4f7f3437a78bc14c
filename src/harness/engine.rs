//! Engines. An engine is anything that turns a program into a trace, or at least into the program's results.

use std::ops::{ControlFlow, Deref};

use thiserror::Error;

use super::language::Language;
use super::residuals::Residuals;
use crate::shown;

/// A program and the inputs of its run. Dereferences to the inputs.
#[derive(Debug)]
pub struct Case<'a, L: Language> {
    /// The program.
    pub program: &'a L::Program,
    /// The inputs of a run.
    pub given: L::Given<'a>,
}

// Not derived: a derived implementation would require `L::Program: Clone` or `Copy`.
impl<L: Language> Clone for Case<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Language> Copy for Case<'_, L> {}

impl<'a, L: Language> Case<'a, L> {
    /// The case with a shorter lifetime.
    pub fn shorten<'s>(self) -> Case<'s, L>
    where
        'a: 's,
    {
        Case { program: self.program, given: L::shorten(self.given) }
    }
}

impl<'a, L: Language> Deref for Case<'a, L> {
    type Target = L::Given<'a>;

    fn deref(&self) -> &L::Given<'a> {
        &self.given
    }
}

/// What an engine reports while it runs.
pub enum Observed<'a, L: Language> {
    /// A token that a transformer emits. It is reported before the step that the token completes.
    Token(&'a Emitted<'a>),
    /// A step. It is reported before the next step is made.
    Step(L::Step),
}

/// A token as a transformer emits it.
pub struct Emitted<'a> {
    /// The token's identifier.
    pub token: usize,
    /// The logits that the token was chosen from, indexed by token, where the engine shows logits. Computing
    /// the list has a cost, so it is computed on request only.
    pub logits: Option<&'a dyn Fn() -> Vec<f64>>,
    /// The digest of the logits, where the engine gives it instead of them.
    pub digest: Option<u64>,
}

/// A callback that receives what an engine reports while it runs, and may stop the run.
pub type Watch<'w, L> = dyn FnMut(&Observed<'_, L>) -> ControlFlow<()> + 'w;

/// A watch that sees steps only.
pub fn on_steps<L: Language>(mut see: impl FnMut(L::Step) -> ControlFlow<()>) -> impl FnMut(&Observed<'_, L>) -> ControlFlow<()> {
    move |observed| match observed {
        Observed::Step(step) => see(*step),
        Observed::Token(_) => ControlFlow::Continue(()),
    }
}

/// A watch that sees tokens only.
pub fn on_tokens<L: Language>(mut see: impl FnMut(&Emitted<'_>) -> ControlFlow<()>) -> impl FnMut(&Observed<'_, L>) -> ControlFlow<()> {
    move |observed| match observed {
        Observed::Token(emitted) => see(emitted),
        Observed::Step(_) => ControlFlow::Continue(()),
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<L: Language> {
    /// How the run ended.
    pub end: L::End,
    /// The state at the end.
    pub state: L::State,
}

/// Why an engine could not run a case at all, or could not continue running it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{engine}: {}", shown::message(reason))]
pub struct EngineError {
    /// The engine.
    pub engine: String,
    /// What prevented the run.
    pub reason: String,
    /// Whether the error shows a fault: a proven bound that does not hold. A case with such an error is never
    /// skipped.
    pub is_fault: bool,
}

impl EngineError {
    /// What prevents an engine from running a case.
    pub fn new(engine: impl Into<String>, reason: impl Into<String>) -> EngineError {
        EngineError { engine: engine.into(), reason: reason.into(), is_fault: false }
    }

    /// A fault that an engine found in itself.
    pub fn fault(engine: impl Into<String>, reason: impl Into<String>) -> EngineError {
        EngineError { is_fault: true, ..EngineError::new(engine, reason) }
    }
}

/// Anything that turns a case into a trace, or at least into the case's results.
pub trait Engine<L: Language> {
    /// The engine's name in reports.
    fn name(&self) -> &str;

    /// Whether the engine reports its steps. Where it does not, only the end and the state are compared.
    fn tells_steps(&self) -> bool {
        true
    }

    /// The maximum number of steps of a case on which the engine is compared: all, unless they would take too
    /// long.
    fn most_steps(&self, _case: Case<'_, L>) -> usize {
        usize::MAX
    }

    /// Runs a case, and reports to `watch` what the engine does.
    ///
    /// # Errors
    /// Where the engine cannot run the case. A wrong run is not an error: it has a different trace.
    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError>;

    /// Access to the engine's forward passes, where the engine is a transformer.
    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        None
    }
}

/// An engine that threads may share.
pub type SharedEngine<L> = Box<dyn Engine<L> + Send + Sync>;

/// What only a transformer can show.
pub trait Transformer<L: Language> {
    /// Whether the engine's tokens come with logits.
    fn has_logits(&self) -> bool;

    /// The names of the engine's lanes, where it shows residual streams.
    fn lanes(&self) -> Option<&[String]>;

    /// The number of rows of a case's prompt, where the engine takes a prompt. The last of these rows emits
    /// the first token.
    fn prompt_rows(&self, case: Case<'_, L>) -> Result<usize, EngineError>;

    /// The form in which the engine takes programs. Engines of the same form are given the same rows, so
    /// their logits are the same.
    fn form(&self) -> &str {
        ""
    }

    /// Like [`Engine::run`], but with the logits, if [`Engine::run`] gives only their digests. `None` if it
    /// gives the logits anyway.
    fn run_with_logits(&self, _case: Case<'_, L>, _watch: &mut Watch<'_, L>) -> Option<Result<Run<L>, EngineError>> {
        None
    }

    /// Like [`Engine::run`], and shows the residual streams too.
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn run_seen(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>, residuals: Residuals<'_>) -> Result<Run<L>, EngineError>;
}

/// A run with its trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<L: Language> {
    /// The steps.
    pub steps: Vec<L::Step>,
    /// The result.
    pub run: Run<L>,
}

/// Runs a case and keeps its trace. The run stops after `limit` steps.
///
/// # Errors
/// As [`Engine::run`].
pub fn record<L: Language>(engine: &dyn Engine<L>, case: Case<'_, L>, limit: usize) -> Result<Recorded<L>, EngineError> {
    let mut steps = Vec::new();
    let run = engine.run(
        case,
        &mut on_steps(|step| {
            steps.push(step);
            if steps.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }),
    )?;
    Ok(Recorded { steps, run })
}
