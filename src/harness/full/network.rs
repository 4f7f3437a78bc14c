//! The full machine's network as an engine: forward passes, and the decoder that reads off their tokens what they did.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::engine::{Case, Engine, Run, Watch};
use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::full;
use crate::full::listing::lower::{ListingForm, Lowered, lower};
use crate::full::listing::size::Size;
use crate::full::listing::token::{Token, Vocabulary};
use crate::full::machine::decode::Decoder;
use crate::full::machine::host::FullHost;
use crate::full::trace::End;
use crate::harness::EngineError;
use crate::transformer::{Config, IndexedModel, IndexedSession, Model, Network, Observer, Session, generate};

/// How the passes are computed.
#[derive(Clone, Debug)]
enum Passes {
    /// Every weight multiplied, every past key scored.
    Dense(Arc<Model<f64>>),
    /// Only what can matter.
    Indexed(Arc<IndexedModel<f64>>),
}

/// Tokens without a step among them after which a run is lost. The most that one takes is before the first: globals of eight
/// bytes each; or a branch that moves a whole frame, eight bytes a slot, read and written.
const LOST_AFTER: u64 = 1 << 18;

/// Tokens after which it is looked again how much memory a run keeps.
const WEIGHED_EVERY: u64 = 4096;

/// Sees each token of a run when it is emitted, before the step that it completes, and may stop the run.
pub type Tokens<'t> = dyn FnMut(&Emitted<'_>) -> ControlFlow<()> + 't;

/// A token as the network emits it.
pub struct Emitted<'a> {
    /// Its identifier.
    pub token: usize,
    /// The logits that it was chosen from, by token. Computing the list costs something, so it is made on request.
    pub logits: &'a dyn Fn() -> Vec<f64>,
}

/// The full machine's network.
#[derive(Clone, Debug)]
pub struct NetworkEngine {
    vocabulary: Vocabulary,
    passes: Passes,
    /// What it makes of programs.
    form: ListingForm,
    /// What every lane is held against, in debug builds.
    bounds: Option<Bounds>,
    /// Bytes that may be kept of a run's rows, the prompt's tokens and lines among them.
    memory: u64,
}

impl NetworkEngine {
    /// The machine as compiled, every pass computed in full.
    ///
    /// # Panics
    /// If the machine does not compile; the tests show that it does.
    pub fn dense() -> NetworkEngine {
        let (model, bounds) = full::machine::compile().expect("the full machine compiles, as the tests show");
        NetworkEngine::of(Passes::Dense(model.into()), cfg!(debug_assertions).then_some(bounds))
    }

    /// The machine as compiled, its passes indexed.
    ///
    /// # Panics
    /// As [`NetworkEngine::dense`].
    pub fn indexed() -> NetworkEngine {
        let (model, bounds) = full::machine::compile().expect("the full machine compiles, as the tests show");
        let passes = Passes::Indexed(IndexedModel::new(&model).into());
        NetworkEngine::of(passes, cfg!(debug_assertions).then_some(bounds))
    }

    /// Other weights, every pass computed in full. Nothing is proven of them, so nothing is checked but their results.
    ///
    /// # Errors
    /// Where they are not for this machine.
    pub fn new(model: Model<f64>) -> Result<NetworkEngine, String> {
        let vocabulary = Vocabulary::new();
        let Config { machine, vocab_size, .. } = &model.config;
        if machine != full::machine::NAME {
            return Err(format!("these weights are for the machine {machine:?}, not for {:?}", full::machine::NAME));
        }
        if *vocab_size != vocabulary.size() {
            return Err(format!("the config has {vocab_size} tokens, the full machine {}", vocabulary.size()));
        }
        Ok(NetworkEngine::of(Passes::Dense(model.into()), None))
    }

    /// The indexed passes of these weights, if they are the machine's as compiled, of which it is proven that every order of
    /// summation gives the same bits. Of others nothing is proven: `None`.
    pub fn proven(model: &Model<f64>) -> Option<NetworkEngine> {
        let (compiled, _) = full::machine::compile().ok()?;
        (compiled == *model).then(|| NetworkEngine::of(Passes::Indexed(IndexedModel::new(model).into()), None))
    }

    fn of(passes: Passes, bounds: Option<Bounds>) -> NetworkEngine {
        NetworkEngine { vocabulary: Vocabulary::new(), passes, form: ListingForm::Plain, bounds, memory: u64::MAX }
    }

    /// On programs in the fused form, by the same weights.
    #[must_use]
    pub fn fused(mut self) -> NetworkEngine {
        self.form = ListingForm::Fused;
        self
    }

    /// With so many bytes of memory for what is kept of a run, beside the network itself; a program that needs more is not run,
    /// or no further.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> NetworkEngine {
        self.memory = bytes;
        self
    }

    /// With every lane of every pass held against the proven bounds.
    #[must_use]
    pub fn checked(mut self) -> NetworkEngine {
        self.bounds = full::machine::compile::<f64>().ok().map(|(_, bounds)| bounds);
        self
    }

    /// As [`Engine::run`], with a look at each token and into each forward pass.
    ///
    /// # Errors
    /// Where the program cannot be lowered, or needs more memory than it may have.
    pub fn run_observed(
        &self,
        case: Case<'_>,
        watch: &mut Watch<'_>,
        tokens: &mut Tokens<'_>,
        observer: &mut impl Observer<f64>,
    ) -> Result<Run, EngineError> {
        let lowered = self.lower(case)?;
        match &self.passes {
            Passes::Dense(model) => self.generate(&mut Session::new(model), case, &lowered, observer, tokens, watch),
            Passes::Indexed(model) => self.generate(&mut IndexedSession::new(model), case, &lowered, observer, tokens, watch),
        }
    }

    /// The tokens that begin a case's run.
    ///
    /// # Errors
    /// Where the program cannot be lowered.
    pub fn prompt(&self, case: Case<'_>) -> Result<Vec<Token>, EngineError> {
        Ok(prompt(case, &self.lower(case)?))
    }

    fn lower(&self, case: Case<'_>) -> Result<Lowered, EngineError> {
        lower(case.program, case.function, case.arguments, self.form).map_err(|error| self.error(error.to_string()))
    }

    fn generate<N: Network<f64>>(
        &self,
        network: &mut N,
        case: Case<'_>,
        lowered: &Lowered,
        observer: &mut impl Observer<f64>,
        tokens: &mut Tokens<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Run, EngineError> {
        let program = case.program;
        let size = lowered.listing.size(program, |function| lowered.entries[function as usize]);
        let of_prompt = size.of_host() + self.kept_of(&size);
        if of_prompt > self.memory {
            return Err(self.too_much(&format!("its prompt of {} rows takes about", size.rows), of_prompt));
        }
        let listing = prompt(case, lowered);
        let mut host = FullHost::new(&self.vocabulary, &listing, case.input);
        let results = case.function.map_or(&[][..], |function| &program.type_of(function).results);
        let mut decoder = Decoder::new(program, &lowered.listing, results, case.input);
        let (mut stopped, mut silent) = (false, 0);
        let (mut unweighed, mut kept) = (WEIGHED_EVERY, 0);
        generate(network, &mut host, observer, |_, token, network| {
            stopped = tokens(&Emitted { token, logits: &|| network.logits() }).is_break();
            let steps = self.vocabulary.token(token).map_or(&[][..], |token| decoder.take(token));
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped |= steps.iter().any(|step| watch(*step).is_break());
            stopped &= decoder.end().is_none();
            unweighed += 1;
            if unweighed > WEIGHED_EVERY {
                (unweighed, kept) = (0, size.of_host() + network.kept() as u64);
            }
            !stopped && silent < LOST_AFTER && decoder.end().is_none() && kept <= self.memory
        });
        if kept > self.memory && !stopped && decoder.end().is_none() {
            return Err(self.too_much("its run takes", kept));
        }
        let lost = || {
            End::Lost(match silent {
                LOST_AFTER => format!("{LOST_AFTER} tokens without a step"),
                _ => "the run ended without a token that ends it".to_string(),
            })
        };
        let end = if stopped { End::Stopped } else { decoder.end().cloned().unwrap_or_else(lost) };
        Ok(Run { end, state: decoder.into_state() })
    }

    /// Bytes that the network will keep of a prompt, about.
    fn kept_of(&self, size: &Size) -> u64 {
        match &self.passes {
            Passes::Indexed(_) => size.of_indexed(),
            Passes::Dense(model) => size.rows * model.config.bytes_a_row::<f64>(),
        }
    }

    fn too_much(&self, what: &str, bytes: u64) -> EngineError {
        let limit = self.memory;
        self.error(format!("{what} {} of memory, and {} are allowed: --max-memory sets how much", in_bytes(bytes), in_bytes(limit)))
    }

    fn observed<N: Network<f64>>(
        &self,
        network: &mut N,
        case: Case<'_>,
        lowered: &Lowered,
        watch: &mut Watch<'_>,
    ) -> Result<Run, EngineError> {
        let Some(bounds) = &self.bounds else { return self.generate(network, case, lowered, &mut (), &mut go_on, watch) };
        let mut check = RangeCheck::new(bounds);
        let run = self.generate(network, case, lowered, &mut check, &mut go_on, watch)?;
        match check.violation {
            Some(violation) => Err(self.error(violation.to_string())),
            None => Ok(run),
        }
    }

    fn error(&self, reason: String) -> EngineError {
        EngineError { engine: self.name().to_string(), reason }
    }
}

/// A number of bytes as people write it.
fn in_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The tokens that begin a run.
fn prompt(case: Case<'_>, lowered: &Lowered) -> Vec<Token> {
    lowered.listing.tokens(case.program, |function| lowered.entries[function as usize])
}

fn go_on(_: &Emitted<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

impl Engine for NetworkEngine {
    fn name(&self) -> &str {
        match (&self.passes, self.form) {
            (Passes::Dense(_), ListingForm::Plain) => "dense",
            (Passes::Indexed(_), ListingForm::Plain) => "indexed",
            (Passes::Dense(_), ListingForm::Fused) => "dense, fused",
            (Passes::Indexed(_), ListingForm::Fused) => "fused",
        }
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let lowered = self.lower(case)?;
        match &self.passes {
            Passes::Dense(model) => self.observed(&mut Session::new(model), case, &lowered, watch),
            Passes::Indexed(model) => self.observed(&mut IndexedSession::new(model), case, &lowered, watch),
        }
    }
}
