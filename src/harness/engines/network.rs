//! The transformer as an engine: forward passes, and a reader of what their tokens did.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::engine::{Case, Emitted, Engine, EngineError, Observed, Run, Transformer, Watch};
use crate::harness::machine::{Machine, Reader, Size};
use crate::harness::residuals::Residuals;
use crate::transformer::{
    Batched, Config, Generation, IndexedModel, IndexedSession, Model, Network, Number, Observer, Session, generate, teacher_forced,
};

/// Tokens without a step among them after which a run is lost. The most that a full program takes is before the first: globals
/// of eight bytes each; or a branch that moves a whole frame, eight bytes a slot, read and written.
const LOST_AFTER: u64 = 1 << 18;

/// Tokens after which it is looked again how much memory a run keeps.
const WEIGHED_EVERY: u64 = 4096;

/// How the passes are computed.
#[derive(Clone, Debug)]
enum Passes<T: Number> {
    /// Every weight multiplied, every past key scored.
    Dense(Arc<Model<T>>),
    /// Only what can matter.
    Indexed(Arc<IndexedModel<T>>),
}

/// A machine's network.
///
/// It generates; or, [forced](NetworkEngine::forced), it is fed a run's tokens in batches, and each position must emit the next
/// one: by induction the same claim. Its trace is then read off the tokens that the positions emit, up to the first that
/// differs: after that they would answer another question.
#[derive(Clone, Debug)]
pub struct NetworkEngine<L: Machine> {
    name: String,
    config: Arc<Config>,
    passes: Passes<L::Number>,
    /// What generates the tokens that are fed in, where the reference VM's steps do not tell them.
    teacher: Option<Passes<L::Number>>,
    vocabulary: L::Vocabulary,
    form: L::Form,
    /// What every lane is held against, in debug builds.
    bounds: Option<Arc<Bounds>>,
    /// Bytes that may be kept of a run's rows, those of the prompt among them.
    memory: u64,
}

impl<L: Machine> NetworkEngine<L> {
    /// The machine as compiled, every pass computed in full.
    pub fn dense() -> NetworkEngine<L> {
        let (model, bounds) = L::compiled();
        let bounds = cfg!(debug_assertions).then(|| bounds.into());
        NetworkEngine { bounds, ..NetworkEngine::any(model) }
    }

    /// The machine as compiled, its passes indexed.
    pub fn indexed() -> NetworkEngine<L> {
        let (model, bounds) = L::compiled();
        let bounds = (cfg!(debug_assertions) && L::CHECKS_INDEXED).then(|| bounds.into());
        NetworkEngine { bounds, ..NetworkEngine::exact(&model) }
    }

    /// Other weights, every pass computed in full. Nothing is proven of them, so nothing is checked but their results.
    ///
    /// # Errors
    /// Where they are not for this machine.
    pub fn new(model: impl Into<Arc<Model<L::Number>>>) -> Result<NetworkEngine<L>, EngineError> {
        let model = model.into();
        L::supports(&model.config).map_err(|error| EngineError::new("dense", error.to_string()))?;
        Ok(NetworkEngine::any(model))
    }

    /// The indexed passes of these weights, if they are the machine's as compiled, of which it is proven that every order of
    /// summation gives the same bits. Of others nothing is proven: `None`.
    pub fn proven(model: &Model<L::Number>) -> Option<NetworkEngine<L>> {
        (L::compiled().0 == *model).then(|| NetworkEngine::exact(model))
    }

    /// The indexed passes of weights of which the caller knows that every partial sum is an exact integer.
    pub fn exact(model: &Model<L::Number>) -> NetworkEngine<L> {
        NetworkEngine::of(model.config.clone(), Passes::Indexed(IndexedModel::new(model).into()))
    }

    fn any(model: impl Into<Arc<Model<L::Number>>>) -> NetworkEngine<L> {
        let model = model.into();
        NetworkEngine::of(model.config.clone(), Passes::Dense(model))
    }

    fn of(config: Config, passes: Passes<L::Number>) -> NetworkEngine<L> {
        NetworkEngine {
            name: String::new(),
            config: config.into(),
            passes,
            teacher: None,
            vocabulary: L::Vocabulary::default(),
            form: L::Form::default(),
            bounds: None,
            memory: u64::MAX,
        }
        .named()
    }

    fn named(mut self) -> NetworkEngine<L> {
        let name = match (&self.passes, &self.teacher) {
            (Passes::Dense(_), None) => "dense",
            (Passes::Dense(_), Some(_)) => "dense-forced",
            (Passes::Indexed(_), None) => "indexed",
            (Passes::Indexed(_), Some(_)) => "forced",
        };
        self.name = match L::form_name(self.form) {
            None => name.to_string(),
            Some(form) if name == "indexed" => form.to_string(),
            Some(form) => format!("{name}, {form}"),
        };
        self
    }

    /// With another name in reports.
    #[must_use]
    pub fn called(self, name: &str) -> NetworkEngine<L> {
        NetworkEngine { name: name.to_string(), ..self }
    }

    /// Fed the tokens of the reference VM's run; or, where its steps do not tell tokens, those that its own passes generate.
    #[must_use]
    pub fn forced(self) -> NetworkEngine<L> {
        let teacher = self.passes.clone();
        NetworkEngine { teacher: Some(teacher), ..self }.named()
    }

    /// As [`NetworkEngine::forced`], where the reference VM's steps do not tell tokens with those that another engine's passes generate.
    #[must_use]
    pub fn forced_by(self, teacher: &NetworkEngine<L>) -> NetworkEngine<L> {
        NetworkEngine { teacher: Some(teacher.passes.clone()), ..self }.named()
    }

    /// On programs in another form, by the same weights.
    #[must_use]
    pub fn in_form(self, form: L::Form) -> NetworkEngine<L> {
        NetworkEngine { form, ..self }.named()
    }

    /// With so many bytes of memory for what is kept of a run, beside the network itself; a program that needs more is not run,
    /// or no further.
    #[must_use]
    pub fn with_memory(self, bytes: u64) -> NetworkEngine<L> {
        NetworkEngine { memory: bytes, ..self }
    }

    /// With every lane of every pass held against the proven bounds.
    #[must_use]
    pub fn checked(self) -> NetworkEngine<L> {
        NetworkEngine { bounds: Some(L::compiled().1.into()), ..self }
    }

    /// The weights' config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The weights, where every pass is computed in full.
    pub fn model(&self) -> Option<&Model<L::Number>> {
        match &self.passes {
            Passes::Dense(model) => Some(model),
            Passes::Indexed(_) => None,
        }
    }

    /// The model, where its passes are indexed.
    pub fn indexed_model(&self) -> Option<&IndexedModel<L::Number>> {
        match &self.passes {
            Passes::Dense(_) => None,
            Passes::Indexed(model) => Some(model),
        }
    }

    /// As [`Engine::run`], with a look into each forward pass.
    ///
    /// # Errors
    /// Where the program cannot be lowered, or needs more memory than it may have.
    pub fn run_observed(
        &self,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        match &self.passes {
            Passes::Dense(model) => self.run_by(&mut Session::new(model), case, watch, observer),
            Passes::Indexed(model) => self.run_by(&mut IndexedSession::new(model), case, watch, observer),
        }
    }

    /// Runs a case by a network of this engine's weights.
    fn run_by<N: Batched<L::Number>>(
        &self,
        network: &mut N,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        let lowered = self.lower(case)?;
        let size = L::size(&lowered);
        let of_prompt = size.host + self.kept_of(&size);
        if of_prompt > self.memory {
            return Err(self.too_much(&format!("its prompt of {} rows takes about", size.rows), of_prompt));
        }
        let surround =
            || L::surround(case.shorten(), &lowered, &self.vocabulary, &self.config).map_err(|error| self.error(error.to_string()));
        let surroundings = surround()?;
        match (&self.teacher, L::lessons(case)) {
            (None, _) => self.generate(network, &size, surroundings, watch, observer),
            (Some(_), Some(lessons)) => self.force(network, lessons, surroundings, watch, observer),
            (Some(Passes::Dense(model)), None) => {
                let tokens = Generation::new(Session::new(model), surround()?.0);
                self.force(network, tokens.map(|token| (token, L::Lesson::default())), surroundings, watch, observer)
            }
            (Some(Passes::Indexed(model)), None) => {
                let tokens = Generation::new(IndexedSession::new(model), surround()?.0);
                self.force(network, tokens.map(|token| (token, L::Lesson::default())), surroundings, watch, observer)
            }
        }
    }

    /// Runs a case by generating with a network: any that answers as one of this engine's weights should.
    ///
    /// # Errors
    /// As [`NetworkEngine::run_observed`].
    #[cfg(test)]
    pub(super) fn generate_by<N: Network<L::Number>>(
        &self,
        network: &mut N,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
    ) -> Result<Run<L>, EngineError> {
        let lowered = self.lower(case)?;
        let surroundings =
            L::surround(case.shorten(), &lowered, &self.vocabulary, &self.config).map_err(|error| self.error(error.to_string()))?;
        self.generate(network, &L::size(&lowered), surroundings, watch, &mut ())
    }

    fn lower(&self, case: Case<'_, L>) -> Result<L::Lowered, EngineError> {
        L::lower(case, self.form).map_err(|error| self.error(error.to_string()))
    }

    fn generate<N: Network<L::Number>>(
        &self,
        network: &mut N,
        size: &Size,
        (mut host, mut reader): (L::Host<'_>, L::Reader<'_>),
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        let (mut stopped, mut silent) = (false, 0);
        let (mut unweighed, mut kept) = (WEIGHED_EVERY, 0);
        generate(network, &mut host, observer, |host, token, network| {
            let logits = || network.logits().into_iter().map(Number::to_f64).collect();
            stopped = watch(&Observed::Token(&Emitted { token, logits: Some(&logits) })).is_break();
            let steps = reader.take(host, token);
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped |= tell(steps, watch).is_break();
            unweighed += 1;
            if unweighed > WEIGHED_EVERY {
                (unweighed, kept) = (0, size.host + network.kept() as u64);
            }
            !stopped && silent < LOST_AFTER && reader.end().is_none() && kept <= self.memory
        });
        if kept > self.memory && !stopped && reader.end().is_none() {
            return Err(self.too_much("its run takes", kept));
        }
        let (end, state) = reader.finish(host);
        let otherwise = || match (stopped, silent) {
            (true, _) => L::stopped(),
            (false, LOST_AFTER) => L::lost(format!("{LOST_AFTER} tokens without a step")),
            _ => L::lost("the run ended without a token that ends it".to_string()),
        };
        Ok(Run { end: end.unwrap_or_else(otherwise), state })
    }

    fn force<N: Batched<L::Number>>(
        &self,
        network: &mut N,
        mut lessons: impl Iterator<Item = (usize, L::Lesson)>,
        (mut host, mut reader): (L::Host<'_>, L::Reader<'_>),
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        // Tokens fed in whose positions have not been watched yet.
        let ahead: RefCell<VecDeque<(usize, L::Lesson)>> = RefCell::default();
        let continuation = std::iter::from_fn(|| {
            let (token, lesson) = lessons.next()?;
            ahead.borrow_mut().push_back((token, lesson));
            Some(token)
        });
        let (mut differs, mut stopped, mut silent, mut emitted) = (None, false, 0, 0);
        let (mut unweighed, mut kept) = (WEIGHED_EVERY, 0);
        teacher_forced(network, &mut host, continuation, observer, |network, row, token| {
            let Some((expected, lesson)) = ahead.borrow_mut().pop_front() else { return false };
            let logits = || network.logits_at(row).into_iter().map(Number::to_f64).collect();
            stopped = watch(&Observed::Token(&Emitted { token, logits: Some(&logits) })).is_break();
            let steps = reader.take_for(lesson, token);
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped |= tell(steps, watch).is_break();
            differs = (token != expected).then(|| other_token::<L>(emitted, token, expected));
            emitted += 1;
            unweighed += 1;
            if unweighed > WEIGHED_EVERY {
                (unweighed, kept) = (0, network.kept() as u64);
            }
            !stopped && differs.is_none() && silent < LOST_AFTER && kept <= self.memory
        });
        if kept > self.memory && !stopped && reader.end().is_none() {
            return Err(self.too_much("its run takes", kept));
        }
        let is_ahead = !ahead.borrow().is_empty();
        let (end, state) = reader.finish(host);
        let end = match (differs, end) {
            (Some(how), _) => L::lost(how),
            (None, Some(end)) if !is_ahead => end,
            (None, _) => L::stopped(),
        };
        Ok(Run { end, state })
    }

    /// Bytes that the network will keep of a prompt, about.
    fn kept_of(&self, size: &Size) -> u64 {
        match &self.passes {
            Passes::Indexed(_) => size.indexed,
            Passes::Dense(model) => size.rows * model.config.bytes_a_row::<L::Number>(),
        }
    }

    fn too_much(&self, what: &str, bytes: u64) -> EngineError {
        let limit = self.memory;
        self.error(format!("{what} {} of memory, and {} are allowed: --max-memory sets how much", in_bytes(bytes), in_bytes(limit)))
    }

    fn error(&self, reason: String) -> EngineError {
        EngineError::new(&self.name, reason)
    }
}

/// How a position differs from what is fed in.
fn other_token<L: Machine>(index: usize, token: usize, expected: usize) -> String {
    format!("token {index} is {} where {} was fed in", L::token_name(token), L::token_name(expected))
}

/// Tells steps to a watch, until it stops the run.
fn tell<L: Machine>(steps: &[L::Step], watch: &mut Watch<'_, L>) -> ControlFlow<()> {
    steps.iter().try_for_each(|step| watch(&Observed::Step(*step)))
}

/// A number of bytes as people write it.
fn in_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

impl<L: Machine> Engine<L> for NetworkEngine<L> {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError> {
        let Some(bounds) = &self.bounds else { return self.run_observed(case, watch, &mut ()) };
        let mut check = RangeCheck::new(bounds);
        let run = self.run_observed(case, watch, &mut check)?;
        match check.violation {
            Some(violation) => Err(EngineError::fault(&self.name, violation.to_string())),
            None => Ok(run),
        }
    }

    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        Some(self)
    }
}

impl<L: Machine> Transformer<L> for NetworkEngine<L> {
    fn has_logits(&self) -> bool {
        true
    }

    fn lanes(&self) -> Option<&[String]> {
        Some(&self.config.lanes)
    }

    fn prompt_rows(&self, case: Case<'_, L>) -> Result<usize, EngineError> {
        Ok(L::size(&self.lower(case)?).rows as usize)
    }

    fn form(&self) -> &str {
        L::form_name(self.form).unwrap_or_default()
    }

    fn run_seen(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>, mut residuals: Residuals<'_>) -> Result<Run<L>, EngineError> {
        self.run_observed(case, watch, &mut residuals)
    }
}
