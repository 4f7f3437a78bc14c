//! The full machine's network as an engine: forward passes, and the decoder that reads off their tokens what they did.

use std::ops::ControlFlow;

use super::engine::{Case, Engine, Run, Watch};
use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::EngineError;
use crate::machine::full;
use crate::machine::full::decode::Decoder;
use crate::machine::full::host::FullHost;
use crate::machine::full::lower::{Lowered, lower};
use crate::machine::full::token::Vocabulary;
use crate::trace::full::End;
use crate::transformer::{IndexedModel, IndexedSession, Model, Network, Observer, Session, generate};

/// How the passes are computed.
#[derive(Clone, Debug)]
enum Passes {
    /// Every weight multiplied, every past key scored.
    Dense(Box<Model<f64>>),
    /// Only what can matter.
    Indexed(Box<IndexedModel<f64>>),
}

/// The full machine's network.
#[derive(Clone, Debug)]
pub struct NetworkEngine {
    vocabulary: Vocabulary,
    passes: Passes,
    /// What every lane is held against, in debug builds.
    bounds: Option<Bounds>,
}

impl NetworkEngine {
    /// The machine as compiled, every pass computed in full.
    ///
    /// # Panics
    /// If the machine does not compile; the tests show that it does.
    pub fn dense() -> NetworkEngine {
        let (model, bounds) = full::compile().expect("the full machine compiles, as the tests show");
        NetworkEngine {
            vocabulary: Vocabulary::new(),
            passes: Passes::Dense(model.into()),
            bounds: cfg!(debug_assertions).then_some(bounds),
        }
    }

    /// The machine as compiled, its passes indexed.
    ///
    /// # Panics
    /// As [`NetworkEngine::dense`].
    pub fn indexed() -> NetworkEngine {
        let (model, bounds) = full::compile().expect("the full machine compiles, as the tests show");
        let passes = Passes::Indexed(IndexedModel::new(&model).into());
        NetworkEngine { vocabulary: Vocabulary::new(), passes, bounds: cfg!(debug_assertions).then_some(bounds) }
    }

    /// With every lane of every pass held against the proven bounds.
    #[must_use]
    pub fn checked(mut self) -> NetworkEngine {
        self.bounds = full::compile::<f64>().ok().map(|(_, bounds)| bounds);
        self
    }

    fn generate<N: Network<f64>>(
        &self,
        network: &mut N,
        case: Case<'_>,
        lowered: &Lowered,
        observer: &mut impl Observer<f64>,
        watch: &mut Watch<'_>,
    ) -> Run {
        let program = case.program;
        let tokens = lowered.listing.tokens(program, |function| lowered.entries[function as usize]);
        let mut host = FullHost::new(&self.vocabulary, &tokens, case.input);
        let results = case.function.map_or(&[][..], |function| &program.type_of(function).results);
        let mut decoder = Decoder::new(program, &lowered.listing, results, case.input);
        let mut stopped = false;
        generate(network, &mut host, observer, |_, token, _| {
            let step = self.vocabulary.token(token).and_then(|token| decoder.take(token));
            if let Some(step) = step {
                stopped = watch(step) == ControlFlow::Break(()) && decoder.end().is_none();
            }
            !stopped && decoder.end().is_none()
        });
        let lost = || End::Lost("the run ended without a token that ends it".to_string());
        let end = if stopped { End::Stopped } else { decoder.end().cloned().unwrap_or_else(lost) };
        Run { end, state: decoder.into_state() }
    }

    fn observed<N: Network<f64>>(
        &self,
        network: &mut N,
        case: Case<'_>,
        lowered: &Lowered,
        watch: &mut Watch<'_>,
    ) -> Result<Run, EngineError> {
        let Some(bounds) = &self.bounds else { return Ok(self.generate(network, case, lowered, &mut (), watch)) };
        let mut check = RangeCheck::new(bounds);
        let run = self.generate(network, case, lowered, &mut check, watch);
        match check.violation {
            Some(violation) => Err(self.error(violation.to_string())),
            None => Ok(run),
        }
    }

    fn error(&self, reason: String) -> EngineError {
        EngineError { engine: self.name().to_string(), reason }
    }
}

impl Engine for NetworkEngine {
    fn name(&self) -> &str {
        match self.passes {
            Passes::Dense(_) => "dense",
            Passes::Indexed(_) => "indexed",
        }
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let lowered = lower(case.program, case.function, case.arguments).map_err(|error| self.error(error.to_string()))?;
        match &self.passes {
            Passes::Dense(model) => self.observed(&mut Session::new(model), case, &lowered, watch),
            Passes::Indexed(model) => self.observed(&mut IndexedSession::new(model), case, &lowered, watch),
        }
    }
}
