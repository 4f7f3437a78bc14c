//! The indexed forward pass as an engine.

use std::sync::Arc;

use super::generating;
use crate::harness::engine::{Case, Engine, EngineError, Residuals, Run, Watch};
use crate::machine::byte;
use crate::transformer::{Config, IndexedModel, IndexedSession, Model, Observer};

/// The transformer by sparse kernels and attention indexes: the dense pass's logits, to the bit.
#[derive(Clone, Debug)]
pub struct IndexedEngine {
    config: Arc<Config>,
    model: Arc<IndexedModel<f32>>,
}

impl IndexedEngine {
    /// The byte machine as compiled.
    pub fn compiled() -> IndexedEngine {
        let (model, _) = byte::compile().expect("the byte machine compiles, as the tests show");
        IndexedEngine::exact(&model)
    }

    /// These weights, if they are the byte machine's as compiled, of which it is proven that every order of
    /// summation gives the same bits. Of others nothing is proven: `None`.
    pub fn proven(model: &Model<f32>) -> Option<IndexedEngine> {
        let (compiled, _) = byte::compile().ok()?;
        (compiled == *model).then(|| IndexedEngine::exact(model))
    }

    /// Weights of which the caller knows that every partial sum is an exact integer.
    pub fn exact(model: &Model<f32>) -> IndexedEngine {
        IndexedEngine { config: Arc::new(model.config.clone()), model: Arc::new(IndexedModel::new(model)) }
    }

    /// The model's config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The compiled model.
    pub fn model(&self) -> &IndexedModel<f32> {
        &self.model
    }

    /// As [`Engine::run`], with a look into each forward pass.
    ///
    /// # Errors
    /// Where the model is not a byte machine.
    pub fn run_observed(&self, case: Case<'_>, watch: &mut Watch<'_>, observer: &mut impl Observer<f32>) -> Result<Run, EngineError> {
        generating::run(self.name(), &mut IndexedSession::new(&self.model), &self.config, case, watch, observer)
    }
}

impl Engine for IndexedEngine {
    fn name(&self) -> &str {
        "indexed"
    }

    fn has_logits(&self) -> bool {
        true
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        self.run_observed(case, watch, &mut ())
    }
    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, mut residuals: Residuals<'_>) -> Result<Run, EngineError> {
        self.run_observed(case, watch, &mut residuals)
    }

    fn lanes(&self) -> &[String] {
        &self.config.lanes
    }
}
