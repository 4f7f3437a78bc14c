//! What an engine of the full profile is.

use std::ops::ControlFlow;

use crate::full::program::{Input, Loaded, Module, Program, Value};
use crate::full::trace::{End, State, Step};
use crate::harness::EngineError;

/// A program, what to do with it, and what it reads. The program's start function, where it has one, runs first.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The program.
    pub program: &'a Program,
    /// The module it was made of, for engines that run WebAssembly themselves; `None` where it is linked of several.
    pub module: Option<&'a Module>,
    /// The function to invoke, by index; its results are the run's.
    pub function: Option<u32>,
    /// The arguments, of the types of its parameters.
    pub arguments: &'a [Value],
    /// What `host.input` gives.
    pub input: Input<'a>,
}

impl<'a> Case<'a> {
    /// A loaded program run by one of its functions.
    pub fn of(loaded: &'a Loaded, function: Option<u32>, arguments: &'a [Value], input: impl Into<Input<'a>>) -> Case<'a> {
        Case { program: &loaded.program, module: Some(&loaded.module), function, arguments, input: input.into() }
    }
}

/// Sees each step after it is made, and may stop the run.
pub type Watch<'w> = dyn FnMut(Step) -> ControlFlow<()> + 'w;

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// The state at the end.
    pub state: State,
}

/// Anything that turns a case into a trace.
pub trait Engine {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// Runs a case, reporting each step to `watch` before the next is made.
    ///
    /// # Errors
    /// Where the engine cannot run the case; a run that goes wrong is no error but has a different trace.
    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError>;
}
