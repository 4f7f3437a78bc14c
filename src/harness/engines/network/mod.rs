//! The transformer as an engine: forward passes, and a reader of what their tokens did.

mod run;

use std::sync::Arc;

use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::engine::{Case, Engine, EngineError, Run, Transformer, Watch};
use crate::harness::machine::Machine;
use crate::harness::residuals::Residuals;
use crate::transformer::{Config, IndexedModel, Model, Number};

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
/// It generates; or, [forced](NetworkEngine::forced), it is fed a run's tokens in batches, and each position
/// must emit the next one: by induction the same claim. Its trace is then read off the tokens that the
/// positions emit, up to the first that differs: after that they would answer another question.
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

    /// Other weights, every pass computed in full. Nothing is proven of them, so nothing is checked but their
    /// results.
    ///
    /// # Errors
    /// Where they are not for this machine.
    pub fn new(model: impl Into<Arc<Model<L::Number>>>) -> Result<NetworkEngine<L>, EngineError> {
        let model = model.into();
        L::supports(&model.config).map_err(|error| EngineError::new("dense", error.to_string()))?;
        Ok(NetworkEngine::any(model))
    }

    /// The indexed passes of these weights, if they are the machine's as compiled, of which it is proven that
    /// every order of summation gives the same bits. Of others nothing is proven: `None`.
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

    /// Fed the tokens of the reference VM's run; or, where its steps do not tell tokens, those that its own
    /// passes generate.
    #[must_use]
    pub fn forced(self) -> NetworkEngine<L> {
        let teacher = self.passes.clone();
        NetworkEngine { teacher: Some(teacher), ..self }.named()
    }

    /// As [`NetworkEngine::forced`], where the reference VM's steps do not tell tokens with those that
    /// another engine's passes generate.
    #[must_use]
    pub fn forced_by(self, teacher: &NetworkEngine<L>) -> NetworkEngine<L> {
        NetworkEngine { teacher: Some(teacher.passes.clone()), ..self }.named()
    }

    /// On programs in another form, by the same weights.
    #[must_use]
    pub fn in_form(self, form: L::Form) -> NetworkEngine<L> {
        NetworkEngine { form, ..self }.named()
    }

    /// With so many bytes of memory for what is kept of a run, beside the network itself; a program that
    /// needs more is not run, or no further.
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
