//! An engine that comparisons run for so many steps and no more.

use crate::harness::engine::{Case, Engine, EngineError, Residuals, Run, Watch};

/// An engine whose cost grows faster than the trace: of a longer one only the beginning is compared.
pub struct Bounded<'e> {
    engine: &'e (dyn Engine + Sync),
    most_steps: usize,
}

impl<'e> Bounded<'e> {
    /// An engine, and the most steps that it is compared on.
    pub fn new(engine: &'e (dyn Engine + Sync), most_steps: usize) -> Bounded<'e> {
        Bounded { engine, most_steps }
    }
}

impl Engine for Bounded<'_> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn has_logits(&self) -> bool {
        self.engine.has_logits()
    }

    fn most_steps(&self) -> usize {
        self.most_steps
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        self.engine.run(case, watch)
    }

    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, residuals: Residuals<'_>) -> Result<Run, EngineError> {
        self.engine.run_seen(case, watch, residuals)
    }

    fn lanes(&self) -> &[String] {
        self.engine.lanes()
    }
}
