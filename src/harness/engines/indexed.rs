//! The indexed forward pass as an engine.

use std::sync::Arc;

use super::generating;
use crate::byte;
use crate::harness::engine::{Case, Engine, EngineError, Residuals, Run, Watch};
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
        let (model, _) = byte::machine::compile().expect("the byte machine compiles, as the tests show");
        IndexedEngine::exact(&model)
    }

    /// These weights, if they are the byte machine's as compiled, of which it is proven that every order of
    /// summation gives the same bits. Of others nothing is proven: `None`.
    pub fn proven(model: &Model<f32>) -> Option<IndexedEngine> {
        let (compiled, _) = byte::machine::compile().ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::{DenseEngine, Verdict, VmEngine, compare, soak};
    use crate::transformer::indexed::faults::{FAULTS, Fault, Faulty};

    const SEED: u64 = 1;
    const PROGRAMS: u64 = 2000;
    const STEP_LIMIT: usize = 2000;

    /// The indexed engine with a fault planted in it.
    struct Planted {
        engine: IndexedEngine,
        fault: Option<Fault>,
    }

    impl Planted {
        fn new(fault: Option<Fault>) -> Planted {
            let mut engine = IndexedEngine::compiled();
            if let Some(Fault::Model(spoil)) = fault {
                spoil(Arc::make_mut(&mut engine.model));
            }
            Planted { engine, fault }
        }

        /// The first program that tells it from the dense engine or the VM, and the report.
        fn found(&self, dense: &DenseEngine, programs: u64) -> Option<(u64, String)> {
            (0..programs).find_map(|index| {
                let verdict = compare(soak::program(SEED, index).case(), &[&VmEngine, dense, self], STEP_LIMIT).unwrap();
                if let Verdict::Diverge(report) = verdict { Some((index, report.to_string())) } else { None }
            })
        }
    }

    impl Engine for Planted {
        fn name(&self) -> &str {
            "planted"
        }

        fn has_logits(&self) -> bool {
            true
        }

        fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
            let session = IndexedSession::new(&self.engine.model);
            generating::run(self.name(), &mut Faulty { session, fault: self.fault }, &self.engine.config, case, watch, &mut ())
        }
    }

    #[test]
    fn a_planted_fault_in_each_index_is_found() {
        let dense = DenseEngine::compiled();
        assert_eq!(Planted::new(None).found(&dense, 20), None, "without a fault nothing is found");
        let mut missed = Vec::new();
        for (name, fault) in FAULTS {
            match Planted::new(Some(fault)).found(&dense, PROGRAMS) {
                Some((index, report)) => println!("{name}: program {index}: {report}"),
                None => missed.push(name),
            }
        }
        assert!(missed.is_empty(), "not found in {PROGRAMS} programs: {missed:?}");
    }
}
