//! An engine that comparisons run for a limited number of steps.

use crate::harness::engine::SharedEngine;
use crate::harness::engine::{Case, Engine, EngineError, Run, Transformer, Watch};
use crate::harness::language::Language;

/// An engine whose cost grows faster than the sequence's length. Of a trace with more than `most_steps` steps
/// only the beginning is compared. A case whose prompt has more than `most_rows` rows is not compared at all.
pub struct Bounded<L: Language> {
    engine: SharedEngine<L>,
    most_steps: usize,
    most_rows: usize,
}

impl<L: Language> Bounded<L> {
    /// Limits an engine to a maximum number of steps that are compared and a maximum number of prompt rows.
    pub fn new(engine: SharedEngine<L>, (most_steps, most_rows): (usize, usize)) -> Bounded<L> {
        Bounded { engine, most_steps, most_rows }
    }
}

impl<L: Language> Engine<L> for Bounded<L> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn most_steps(&self, case: Case<'_, L>) -> usize {
        let rows = || self.engine.transformer().and_then(|transformer| transformer.prompt_rows(case).ok());
        let is_too_long = self.most_rows < usize::MAX && rows().is_some_and(|rows| rows > self.most_rows);
        if is_too_long { 0 } else { self.most_steps }
    }

    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError> {
        self.engine.run(case, watch)
    }

    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        self.engine.transformer()
    }
}
