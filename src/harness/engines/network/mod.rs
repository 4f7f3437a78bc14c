//! The transformer as an engine: forward passes, and a reader that turns their tokens into steps.

mod run;

use std::sync::Arc;

use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::harness::engine::{Case, Engine, EngineError, Run, Transformer, Watch};
use crate::harness::machine::Machine;
use crate::harness::residuals::Residuals;
use crate::harness::specialize;
use crate::transformer::{CompiledModel, Config, IndexedModel, Model, Number};

/// How the passes are computed.
#[derive(Clone, Debug)]
enum Passes<T: Number> {
    /// Every weight is multiplied, and every past key is scored.
    Dense(Arc<Model<T>>),
    /// Only the weights and keys that can affect the result are computed with.
    Indexed(Arc<IndexedModel<T>>),
    /// The same, with the code of what rows do compiled while they are passed.
    Compiled(Arc<CompiledModel<T>>),
}

/// A machine's network.
///
/// The network generates, or it is [forced](NetworkEngine::forced): it is fed a run's tokens in batches, and
/// each position must emit the next token. By induction this shows the same as generating. The trace of a
/// forced run is read from the tokens that the positions emit, up to the first token that differs from the
/// token fed in. The positions after it have another prefix than generation would have.
#[derive(Clone, Debug)]
pub struct NetworkEngine<L: Machine> {
    name: String,
    config: Arc<Config>,
    passes: Passes<L::Number>,
    /// The passes that generate the tokens to be fed in, where these cannot be derived from the reference
    /// VM's steps.
    teacher: Option<Passes<L::Number>>,
    vocabulary: L::Vocabulary,
    form: L::Form,
    /// The proven bounds that every lane is checked against. Set in debug builds or by
    /// [`NetworkEngine::checked`].
    bounds: Option<Arc<Bounds>>,
    /// The maximum number of bytes stored for a run's rows, including the rows of the prompt.
    memory: u64,
}

impl<L: Machine> NetworkEngine<L> {
    /// The machine as compiled, with dense passes.
    pub fn dense() -> NetworkEngine<L> {
        let (model, bounds) = L::compiled();
        let bounds = cfg!(debug_assertions).then(|| bounds.into());
        NetworkEngine { bounds, ..NetworkEngine::any(model) }
    }

    /// The machine as compiled, with indexed passes.
    pub fn indexed() -> NetworkEngine<L> {
        let (model, bounds) = L::compiled();
        let bounds = (cfg!(debug_assertions) && L::CHECKS_INDEXED).then(|| bounds.into());
        NetworkEngine { bounds, ..NetworkEngine::exact(&model) }
    }

    /// The machine as compiled, with compiled passes. They compute no residual streams, so no bound is
    /// checked on them: a run that is checked or observed is passed by their indexed passes.
    pub fn compiled() -> NetworkEngine<L> {
        let (model, bounds) = L::compiled();
        NetworkEngine::compiled_from(&model, &bounds)
    }

    fn compiled_from(model: &Model<L::Number>, bounds: &Bounds) -> NetworkEngine<L> {
        NetworkEngine::of(model.config.clone(), Passes::Compiled(CompiledModel::new(model, &bounds.ranges()).into()))
    }

    /// Other weights, with dense passes. Nothing is proven about these weights, so only their results are
    /// checked, not bounds.
    ///
    /// # Errors
    /// Where the weights are not for this machine.
    pub fn new(model: impl Into<Arc<Model<L::Number>>>) -> Result<NetworkEngine<L>, EngineError> {
        let model = model.into();
        L::supports(&model.config).map_err(|error| EngineError::new("dense", error.to_string()))?;
        Ok(NetworkEngine::any(model))
    }

    /// The indexed passes of these weights, if they are the machine's weights as compiled, or those of the
    /// machine with a program in them. For such weights it is proven that every order of summation gives the
    /// same bits. `None` for other weights, since nothing is proven about them.
    pub fn proven(model: &Model<L::Number>) -> Option<NetworkEngine<L>> {
        let bounds = match &model.config.specialized {
            Some(specialized) => Some(specialize::bounds::<L>(model, specialized)?),
            None if L::compiled().0 == *model => None,
            None => return None,
        };
        let bounds = bounds.filter(|_| cfg!(debug_assertions) && L::CHECKS_INDEXED).map(Arc::new);
        Some(NetworkEngine { bounds, ..NetworkEngine::exact(model) })
    }

    /// The compiled passes of these weights, for the weights that [`NetworkEngine::proven`] is for.
    pub fn proven_compiled(model: &Model<L::Number>) -> Option<NetworkEngine<L>> {
        match &model.config.specialized {
            Some(specialized) => Some(NetworkEngine::compiled_from(model, &specialize::bounds::<L>(model, specialized)?)),
            None => (L::compiled().0 == *model).then(NetworkEngine::compiled),
        }
    }

    /// The engine, whose passes are compiled for what more than this number of rows did.
    #[must_use]
    pub fn with_patience(mut self, rows: u32) -> NetworkEngine<L> {
        if let Passes::Compiled(model) = &self.passes {
            self.passes = Passes::Compiled(Arc::new(CompiledModel::clone(model).with_patience(rows)));
        }
        self
    }

    /// The indexed passes of these weights. The caller must know that every partial sum is an exact integer.
    pub fn exact(model: &Model<L::Number>) -> NetworkEngine<L> {
        NetworkEngine::of(model.config.clone(), Passes::Indexed(IndexedModel::new(model).into()))
    }

    fn any(model: impl Into<Arc<Model<L::Number>>>) -> NetworkEngine<L> {
        let model = model.into();
        NetworkEngine::of(model.config.clone(), Passes::Dense(model))
    }

    fn of(config: Config, passes: Passes<L::Number>) -> NetworkEngine<L> {
        let form = form_of::<L>(&config);
        NetworkEngine {
            name: String::new(),
            config: config.into(),
            passes,
            teacher: None,
            vocabulary: L::Vocabulary::default(),
            form,
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
            (Passes::Compiled(_), None) => "compiled",
            (Passes::Compiled(_), Some(_)) => "compiled-forced",
        };
        self.name = match L::form_name(self.form) {
            None => name.to_string(),
            Some(form) if name == "indexed" => form.to_string(),
            Some(form) => format!("{name}, {form}"),
        };
        self
    }

    /// The engine with another name in reports.
    #[must_use]
    pub fn called(self, name: &str) -> NetworkEngine<L> {
        NetworkEngine { name: name.to_string(), ..self }
    }

    /// The engine, fed the tokens of the reference VM's run. Where these cannot be derived from the VM's
    /// steps, the engine is fed the tokens that its own passes generate.
    #[must_use]
    pub fn forced(self) -> NetworkEngine<L> {
        let teacher = self.passes.clone();
        NetworkEngine { teacher: Some(teacher), ..self }.named()
    }

    /// Like [`NetworkEngine::forced`]. Where the tokens cannot be derived from the reference VM's steps, the
    /// engine is fed the tokens that another engine's passes generate.
    #[must_use]
    pub fn forced_by(self, teacher: &NetworkEngine<L>) -> NetworkEngine<L> {
        NetworkEngine { teacher: Some(teacher.passes.clone()), ..self }.named()
    }

    /// The engine with programs in another form and the same weights.
    #[must_use]
    pub fn in_form(self, form: L::Form) -> NetworkEngine<L> {
        NetworkEngine { form, ..self }.named()
    }

    /// The engine with a limit on the bytes stored for a run, not counting the network itself. A program that
    /// needs more is not run, or its run is ended when it exceeds the limit.
    #[must_use]
    pub fn with_memory(self, bytes: u64) -> NetworkEngine<L> {
        NetworkEngine { memory: bytes, ..self }
    }

    /// The engine with every lane of every pass checked against the proven bounds.
    #[must_use]
    pub fn checked(self) -> NetworkEngine<L> {
        NetworkEngine { bounds: Some(L::compiled().1.into()), ..self }
    }

    /// The weights' config.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The weights, where the passes are dense.
    pub fn model(&self) -> Option<&Model<L::Number>> {
        match &self.passes {
            Passes::Dense(model) => Some(model),
            Passes::Indexed(_) | Passes::Compiled(_) => None,
        }
    }

    /// The model, where the passes are compiled.
    pub fn compiled_model(&self) -> Option<&CompiledModel<L::Number>> {
        match &self.passes {
            Passes::Compiled(model) => Some(model),
            Passes::Dense(_) | Passes::Indexed(_) => None,
        }
    }

    /// The model for indexed passes, where the passes are indexed or compiled.
    pub fn indexed_model(&self) -> Option<&IndexedModel<L::Number>> {
        match &self.passes {
            Passes::Dense(_) => None,
            Passes::Indexed(model) => Some(model),
            Passes::Compiled(model) => Some(model.indexed()),
        }
    }
}

/// The form of programs that weights with this config take: that of the program that they hold, or else the
/// default form.
pub(in crate::harness) fn form_of<L: Machine>(config: &Config) -> L::Form {
    let held = config.specialized.as_ref().map(|specialized| &specialized.form[..]);
    let named = |form: &&L::Form| held == Some(L::form_name(**form).unwrap_or_default());
    L::FORMS.iter().find(named).copied().unwrap_or_default()
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
        Ok(self.size(&self.lower(case)?).rows as usize)
    }

    fn form(&self) -> &str {
        L::form_name(self.form).unwrap_or_default()
    }

    fn run_seen(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>, mut residuals: Residuals<'_>) -> Result<Run<L>, EngineError> {
        self.run_observed(case, watch, &mut residuals)
    }
}
