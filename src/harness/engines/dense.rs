//! The dense forward pass as an engine.

use super::generating;
use crate::byte;
use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::engine::{Case, Engine, EngineError, Residuals, Run, Watch};
use crate::transformer::{Model, Observer, Session};

/// The plain transformer: every weight multiplied, every past key scored.
#[derive(Clone, Debug)]
pub struct DenseEngine {
    model: Model<f32>,
    /// The proof that every run is held against, where there is one.
    bounds: Option<Bounds>,
}

impl DenseEngine {
    /// The byte machine as compiled. With debug assertions every pass is checked against its bounds.
    pub fn compiled() -> DenseEngine {
        let (model, bounds) = byte::machine::compile().expect("the byte machine compiles, as the tests show");
        DenseEngine { model, bounds: cfg!(debug_assertions).then_some(bounds) }
    }

    /// Any weights. Nothing is proved of them, so nothing is checked but their results.
    pub fn new(model: Model<f32>) -> DenseEngine {
        DenseEngine { model, bounds: None }
    }

    /// The weights.
    pub fn model(&self) -> &Model<f32> {
        &self.model
    }

    /// As [`Engine::run`], with a look into each forward pass.
    ///
    /// # Errors
    /// Where the model is not a byte machine.
    pub fn run_observed(&self, case: Case<'_>, watch: &mut Watch<'_>, observer: &mut impl Observer<f32>) -> Result<Run, EngineError> {
        generating::run(self.name(), &mut Session::new(&self.model), &self.model.config, case, watch, observer)
    }
}

impl Engine for DenseEngine {
    fn name(&self) -> &str {
        "dense"
    }

    fn has_logits(&self) -> bool {
        true
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let Some(bounds) = &self.bounds else {
            return self.run_observed(case, watch, &mut ());
        };
        let mut check = RangeCheck::new(bounds);
        let run = self.run_observed(case, watch, &mut check)?;
        match check.violation {
            Some(violation) => Err(EngineError { engine: self.name().to_string(), reason: violation.to_string() }),
            None => Ok(run),
        }
    }
    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, mut residuals: Residuals<'_>) -> Result<Run, EngineError> {
        self.run_observed(case, watch, &mut residuals)
    }

    fn lanes(&self) -> &[String] {
        &self.model.config.lanes
    }
}
