//! The dense forward pass as an engine.

use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::engine::{Case, Engine, EngineError, Observed, Run, Watch};
use crate::machine::byte::{self, ByteHost};
use crate::trace::{End, Replay};
use crate::transformer::{Model, Observer, Session, generate};

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
        let (model, bounds) = byte::compile().expect("the byte machine compiles, as the tests show");
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
        let host = ByteHost::new(case.program, case.files, &self.model.config);
        let mut host = host.map_err(|reason| EngineError { engine: self.name().to_string(), reason })?;
        let mut replay = Replay::new(case.program);
        let mut session = Session::new(&self.model);
        generate(&mut session, &mut host, observer, |host: &ByteHost<'_>, token, logits| {
            let step = host.as_step(token);
            replay.step(step.pc, step.token);
            let logits = || logits.iter().map(|logit| f64::from(*logit)).collect();
            watch(&Observed { step, logits: Some(&logits) }).is_continue()
        });
        let end = host.end().unwrap_or(End::Stopped);
        let (outputs, files) = host.into_outputs_and_files();
        Ok(Run { end, state: replay.into_state(outputs, files) })
    }
}

impl Engine for DenseEngine {
    fn name(&self) -> &str {
        "dense"
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
}
