//! Engines by their names on the command line, for both languages.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;

use super::memory::MaxMemory;
use super::{CliError, complain};
use crate::harness::engine::SharedEngine;
use crate::harness::engines::Bounded;
use crate::harness::generate::Generate;
use crate::harness::machine::Machine;
use crate::harness::{Byte, Engine, Full, NetworkEngine, VmEngine, byte, full};
use crate::load::LanguageName;
use crate::transformer::Model;
use crate::transformer::folder::{self, FolderError};

/// An engine by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineName {
    /// The transformer, computed by sparse kernels and attention indexes
    Indexed,
    /// The same, specialised for what rows do: code that is compiled from the weights while a program runs
    Compiled,
    /// The transformer on the tokens of a known run, in batches, with the same kernels and indexes
    Forced,
    /// The transformer's dense forward pass
    Dense,
    /// Full machine: the transformer, computed by sparse kernels and attention indexes, on the program in the
    /// fused form
    Fused,
    /// Full machine: compiled like that, on the program in the fused form
    CompiledFused,
    /// Byte machine: the stock machine, a Llama, by this program's own softmax pass
    Stock,
    /// The reference stack VM
    Vm,
    /// wasmi, on the instrumented module
    Wasmi,
    /// wasmtime, of the full machine's programs: how runs end and what they leave
    #[cfg(feature = "wasmtime")]
    Wasmtime,
}

/// What commands need of a language in addition to the harness's traits.
pub(super) trait Commanded: Generate + Machine {
    /// Default limits for comparing the dense pass: a number of steps, and a number of prompt rows. Up to
    /// these limits the dense pass takes a few seconds.
    const DENSE: (usize, usize);

    /// Whether the dense pass is fast enough to be compared by default.
    const DENSE_UNASKED: bool;

    /// Whether the reference VM's steps determine the machine's tokens, so that forced passes do not need a
    /// run of the network before them.
    const STEPS_TELL_TOKENS: bool;

    /// The number of generated programs between two checkpoints.
    const BATCH: u64;

    /// The wasmi engine.
    fn wasmi() -> SharedEngine<Self>;

    /// The reference VM.
    fn vm() -> SharedEngine<Self>;

    /// The stock machine, if it runs programs of the language.
    fn stock() -> Option<SharedEngine<Self>> {
        None
    }

    /// The wasmtime engine, if it runs programs of the language.
    #[cfg(feature = "wasmtime")]
    fn wasmtime() -> Option<SharedEngine<Self>> {
        None
    }
}

impl Commanded for Byte {
    const DENSE: (usize, usize) = (30_000, usize::MAX);
    const DENSE_UNASKED: bool = true;
    const STEPS_TELL_TOKENS: bool = true;
    const BATCH: u64 = 512;

    fn wasmi() -> SharedEngine<Byte> {
        Box::new(byte::WasmiEngine::default())
    }

    fn vm() -> SharedEngine<Byte> {
        Box::new(VmEngine)
    }

    fn stock() -> Option<SharedEngine<Byte>> {
        Some(Box::new(byte::StockEngine::default()))
    }
}

impl Commanded for Full {
    const DENSE: (usize, usize) = (300, 1_500);
    const DENSE_UNASKED: bool = false;
    const STEPS_TELL_TOKENS: bool = false;
    const BATCH: u64 = 64;

    fn wasmi() -> SharedEngine<Full> {
        Box::new(full::WasmiEngine::default())
    }

    #[cfg(feature = "wasmtime")]
    fn wasmtime() -> Option<SharedEngine<Full>> {
        Some(Box::new(full::WasmtimeEngine))
    }

    fn vm() -> SharedEngine<Full> {
        Box::new(VmEngine)
    }
}

/// The weights loaded from a folder.
struct Loaded<L: Commanded> {
    model: Arc<Model<L::Number>>,
    /// The indexed passes with these weights; `None` if it is not proven that they give the same bits as
    /// dense passes.
    indexed: Option<NetworkEngine<L>>,
}

/// A machine's network with the compiled weights, or with those in a folder.
pub(super) struct Networks<L: Commanded> {
    loaded: Option<Loaded<L>>,
    memory: MaxMemory,
}

impl<L: Commanded> Networks<L> {
    pub(super) fn load(weights: Option<&Path>, memory: MaxMemory) -> Result<Networks<L>, CliError> {
        let loaded = weights.map(|weights| {
            let model: Model<L::Number> = load::<L>(weights)?;
            let indexed = NetworkEngine::proven(&model);
            if indexed.is_none() {
                let reason = "these weights are not the compiled ones, so no bound is proven for them; only the dense engine runs them";
                complain(&format!("note: {}: {reason}", weights.display()));
            }
            Ok::<_, CliError>(Loaded { model: model.into(), indexed })
        });
        Ok(Networks { loaded: loaded.transpose()?, memory })
    }

    /// The network with dense passes.
    pub(super) fn dense(&self) -> Result<NetworkEngine<L>, CliError> {
        let dense = match &self.loaded {
            Some(Loaded { model, .. }) => NetworkEngine::new(Arc::clone(model))?,
            None => NetworkEngine::dense(),
        };
        Ok(dense.with_memory(self.memory.bytes()))
    }

    /// The network with indexed passes; `None` if it is not proven that they give the same bits as dense
    /// passes.
    pub(super) fn indexed(&self) -> Option<NetworkEngine<L>> {
        let indexed = match &self.loaded {
            Some(Loaded { indexed, .. }) => indexed.clone(),
            None => Some(NetworkEngine::indexed()),
        };
        indexed.map(|indexed| indexed.with_memory(self.memory.bytes()))
    }

    /// The network with compiled passes; `None` if it is not proven that they give the same bits as dense
    /// passes.
    fn compiled(&self) -> Option<NetworkEngine<L>> {
        let compiled = match &self.loaded {
            Some(Loaded { model, .. }) => NetworkEngine::proven_compiled(model),
            None => Some(NetworkEngine::compiled()),
        };
        compiled.map(|compiled| compiled.with_memory(self.memory.bytes()))
    }

    /// The network with the fastest passes: indexed passes if they are proven, else dense passes.
    pub(super) fn fastest(&self) -> Result<NetworkEngine<L>, CliError> {
        self.indexed().map_or_else(|| self.dense(), Ok)
    }

    /// The network with the fastest passes on known tokens. If nothing is proven of the weights, the known
    /// tokens are those of the machine as compiled.
    fn forced(&self) -> Result<NetworkEngine<L>, CliError> {
        Ok(match self.indexed() {
            Some(indexed) => indexed.forced(),
            // The universal machine takes another prompt.
            None if self.are_specialized() => self.dense()?.forced(),
            None => self.dense()?.forced_by(&NetworkEngine::indexed()),
        })
    }

    /// The engines to compare with the reference VM: the engines of these names, or without names all engines
    /// that are fast enough. Dense passes are limited to `most`: a number of steps, and a number of prompt
    /// rows.
    pub(super) fn engines(&self, names: &[EngineName], most: (usize, usize)) -> Result<Vec<SharedEngine<L>>, CliError> {
        let ready = |network: NetworkEngine<L>| -> SharedEngine<L> {
            if network.model().is_some() { Box::new(Bounded::new(Box::new(network), most)) } else { Box::new(network) }
        };
        let mut engines = Vec::new();
        if names.is_empty() {
            engines.push(L::wasmi());
            if L::DENSE_UNASKED {
                engines.push(ready(self.dense()?));
            }
            engines.extend(self.all_fast()?.into_iter().map(ready));
        }
        for name in names {
            // Code that is compared is compiled at once, for most programs are short.
            engines.push(match name.network(self)? {
                Some(network) => ready(network.with_patience(1)),
                None => name.load(self)?,
            });
        }
        // If nothing is proven of the weights, the fastest passes are the dense passes, so the same engine
        // may be listed twice.
        let mut seen = HashSet::new();
        engines.retain(|engine| seen.insert(engine.name().to_string()));
        Ok(engines)
    }

    /// The machine as compiled, if nothing is proven of the given weights: they are compared with it, lane by
    /// lane. Weights that hold a program have other lanes.
    pub(super) fn as_compiled(&self) -> Option<NetworkEngine<L>> {
        let is_other = self.indexed().is_none() && !self.are_specialized();
        is_other.then(|| NetworkEngine::indexed().called("the compiled weights").with_memory(self.memory.bytes()))
    }

    /// Whether the weights hold a program.
    fn are_specialized(&self) -> bool {
        self.loaded.as_ref().is_some_and(|Loaded { model, .. }| model.config.specialized.is_some())
    }

    /// Whether the weights were loaded from a folder.
    fn are_given(&self) -> bool {
        self.loaded.is_some()
    }

    /// The fastest passes on every form of programs. Forced passes are added if passes are indexed and the
    /// reference VM's steps determine the tokens, because then forced passes cost little.
    pub(super) fn all_fast(&self) -> Result<Vec<NetworkEngine<L>>, CliError> {
        let fastest = self.fastest()?;
        // Weights that hold a program hold it in one form.
        let mut engines: Vec<_> = match fastest.config().specialized {
            None => L::FORMS.iter().map(|form| fastest.clone().in_form(*form)).collect(),
            Some(_) => vec![fastest.clone()],
        };
        if L::STEPS_TELL_TOKENS && self.indexed().is_some() {
            engines.push(fastest.forced());
        }
        Ok(engines)
    }
}

impl EngineName {
    /// Whether the engine exists for the full machine only.
    pub(super) fn is_of_full_alone(self) -> bool {
        match self {
            EngineName::Fused | EngineName::CompiledFused => true,
            #[cfg(feature = "wasmtime")]
            EngineName::Wasmtime => true,
            _ => false,
        }
    }

    /// The engine of this name, run with `networks` if it is a transformer.
    pub(super) fn load<L: Commanded>(self, networks: &Networks<L>) -> Result<SharedEngine<L>, CliError> {
        match (self.network(networks)?, self) {
            (Some(network), _) => Ok(Box::new(network)),
            (None, _) if networks.are_given() => Err(CliError::Usage(
                "--weights needs an engine of the transformer: --engine indexed, compiled, forced, fused or dense".to_string(),
            )),
            #[cfg(feature = "wasmtime")]
            (None, EngineName::Wasmtime) => {
                L::wasmtime().ok_or_else(|| CliError::Usage("--engine wasmtime runs only programs of the full machine".to_string()))
            }
            (None, EngineName::Stock) => {
                L::stock().ok_or_else(|| CliError::Usage("--engine stock runs only programs of the byte machine".to_string()))
            }
            (None, EngineName::Wasmi) => Ok(L::wasmi()),
            (None, _) => Ok(L::vm()),
        }
    }

    /// The engine of this name if it is a transformer, else `None`.
    pub(super) fn network<L: Commanded>(self, networks: &Networks<L>) -> Result<Option<NetworkEngine<L>>, CliError> {
        Ok(Some(match self {
            EngineName::Indexed => networks.fastest()?,
            EngineName::Compiled => networks.compiled().map_or_else(|| networks.dense(), Ok)?,
            EngineName::Forced => networks.forced()?,
            EngineName::Dense => networks.dense()?,
            EngineName::Fused => in_fused_form("fused", networks.fastest()?)?,
            EngineName::CompiledFused => in_fused_form("compiled-fused", networks.compiled().map_or_else(|| networks.dense(), Ok)?)?,
            EngineName::Stock | EngineName::Vm | EngineName::Wasmi => return Ok(None),
            #[cfg(feature = "wasmtime")]
            EngineName::Wasmtime => return Ok(None),
        }))
    }
}

fn in_fused_form<L: Commanded>(name: &str, network: NetworkEngine<L>) -> Result<NetworkEngine<L>, CliError> {
    match L::FORMS {
        [_, fused, ..] => Ok(network.in_form(*fused)),
        _ => Err(CliError::Usage(format!("--engine {name} runs only programs of the full machine"))),
    }
}

/// The machine that the weights in a folder are for. Every name but the full machine's counts as byte here;
/// [`load`] checks that the config is really the byte machine's.
pub(super) fn machine_of_weights(folder: &Path) -> Result<LanguageName, FolderError> {
    let machine = folder::machine(folder)?;
    Ok(if machine == crate::full::machine::NAME { LanguageName::Full } else { LanguageName::Byte })
}

/// Loads a machine's weights from a folder.
pub(super) fn load<L: Commanded>(folder: &Path) -> Result<Model<L::Number>, CliError> {
    let model = folder::load(folder)?;
    L::supports(&model.config).map_err(|error| CliError::Usage(format!("{}: {error}", folder.display())))?;
    Ok(model)
}

/// References to engines.
pub(super) fn by_reference<L: Commanded>(engines: &[SharedEngine<L>]) -> Vec<&dyn Engine<L>> {
    engines.iter().map(|engine| engine.as_ref() as &dyn Engine<L>).collect()
}
