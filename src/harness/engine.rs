//! What an engine is: anything that turns a program into a trace, or at the least into its results.

use std::ops::{ControlFlow, Deref};

use thiserror::Error;

use super::language::Language;
use super::residuals::Residuals;
use crate::shown;

/// A program and what a run of it begins with, whose parts are reached through it.
#[derive(Debug)]
pub struct Case<'a, L: Language> {
    /// The program.
    pub program: &'a L::Program,
    /// What a run begins with.
    pub given: L::Given<'a>,
}

// Derived, these would ask for programs that can be copied.
impl<L: Language> Clone for Case<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Language> Copy for Case<'_, L> {}

impl<'a, L: Language> Case<'a, L> {
    /// The case for a shorter time.
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

/// What an engine tells while it runs.
pub enum Observed<'a, L: Language> {
    /// A token that a transformer emits, before the step that it completes.
    Token(&'a Emitted<'a>),
    /// A step, before the next one is made.
    Step(L::Step),
}

/// A token as a transformer emits it.
pub struct Emitted<'a> {
    /// Its identifier.
    pub token: usize,
    /// The logits that it was chosen from, by token, where the engine shows them. Computing the list costs
    /// something, so it is made on request.
    pub logits: Option<&'a dyn Fn() -> Vec<f64>>,
}

/// Sees what an engine does as it does it, and may stop the run.
pub type Watch<'w, L> = dyn FnMut(&Observed<'_, L>) -> ControlFlow<()> + 'w;

/// A watch that looks at steps only.
pub fn on_steps<L: Language>(mut see: impl FnMut(L::Step) -> ControlFlow<()>) -> impl FnMut(&Observed<'_, L>) -> ControlFlow<()> {
    move |observed| match observed {
        Observed::Step(step) => see(*step),
        Observed::Token(_) => ControlFlow::Continue(()),
    }
}

/// A watch that looks at tokens only.
pub fn on_tokens<L: Language>(mut see: impl FnMut(&Emitted<'_>) -> ControlFlow<()>) -> impl FnMut(&Observed<'_, L>) -> ControlFlow<()> {
    move |observed| match observed {
        Observed::Token(emitted) => see(emitted),
        Observed::Step(_) => ControlFlow::Continue(()),
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<L: Language> {
    /// How it ended.
    pub end: L::End,
    /// The state at the end.
    pub state: L::State,
}

/// Why an engine could not run a case at all, or no further.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{engine}: {}", shown::message(reason))]
pub struct EngineError {
    /// The engine.
    pub engine: String,
    /// What prevented it.
    pub reason: String,
    /// Whether it shows a fault: a bound that is proven and does not hold. Such a case is never passed over.
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

/// Anything that turns a case into a trace, or at the least into its results.
pub trait Engine<L: Language> {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// Whether it tells its steps; of one that does not, only the end and the state are compared.
    fn tells_steps(&self) -> bool {
        true
    }

    /// The steps of a case that it is compared on at most: all, unless they would take too long.
    fn most_steps(&self, _case: Case<'_, L>) -> usize {
        usize::MAX
    }

    /// Runs a case, telling `watch` what it does.
    ///
    /// # Errors
    /// Where the engine cannot run the case; a wrong run is not an error: it has a different trace.
    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError>;

    /// What can be seen of its forward passes, where it is a transformer.
    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        None
    }
}

/// An engine that threads may share.
pub type SharedEngine<L> = Box<dyn Engine<L> + Send + Sync>;

/// What only a transformer can show.
pub trait Transformer<L: Language> {
    /// Whether its tokens come with logits.
    fn has_logits(&self) -> bool;

    /// The names of its lanes, where it shows residual streams.
    fn lanes(&self) -> Option<&[String]>;

    /// Rows of the prompt of a case, where it takes one. The last of them emits the first token.
    fn prompt_rows(&self, case: Case<'_, L>) -> Result<usize, EngineError>;

    /// The form in which it takes programs. Engines of one form are given the same rows, so that their logits
    /// are the same.
    fn form(&self) -> &str {
        ""
    }

    /// As [`Engine::run`], with a look at the residual streams.
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

/// Runs a case and keeps its trace; stops after `limit` steps.
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
