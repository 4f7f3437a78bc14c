//! Engines as the command line names them, of either language.

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
    /// The transformer by sparse kernels and attention indexes
    Indexed,
    /// The transformer on a known run's tokens, in batches, by the same kernels and indexes
    Forced,
    /// The transformer's dense forward pass
    Dense,
    /// The transformer by sparse kernels and attention indexes, on the program in the fused form; of the full
    /// machine
    Fused,
    /// The reference stack VM
    Vm,
    /// wasmi, on the instrumented module
    Wasmi,
    /// wasmtime, of the full machine's programs: how runs end and what they leave
    #[cfg(feature = "wasmtime")]
    Wasmtime,
}

/// What commands need of a language besides what the harness does.
pub(super) trait Commanded: Generate + Machine {
    /// Steps that the dense pass is compared on, and rows of a prompt for which it is, where nothing else is
    /// said: it takes a few seconds for them.
    const DENSE: (usize, usize);

    /// Whether the dense pass is fast enough to be compared where nobody asks for it.
    const DENSE_UNASKED: bool;

    /// Whether the reference VM's steps tell the machine's tokens, so that forced passes need no run of the
    /// network first.
    const STEPS_TELL_TOKENS: bool;

    /// Generated programs between two checkpoints.
    const BATCH: u64;

    /// wasmi.
    fn wasmi() -> SharedEngine<Self>;

    /// The reference VM.
    fn vm() -> SharedEngine<Self>;

    /// wasmtime, where it runs programs of the language.
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

/// Weights of a folder.
struct Loaded<L: Commanded> {
    model: Arc<Model<L::Number>>,
    /// Their indexed passes, where it is proven that these give the same bits.
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
                let reason = "these are not the weights as compiled, so nothing is proven of them; the dense pass alone runs them";
                complain(&format!("note: {}: {reason}", weights.display()));
            }
            Ok::<_, CliError>(Loaded { model: model.into(), indexed })
        });
        Ok(Networks { loaded: loaded.transpose()?, memory })
    }

    /// Every pass computed in full.
    pub(super) fn dense(&self) -> Result<NetworkEngine<L>, CliError> {
        let dense = match &self.loaded {
            Some(Loaded { model, .. }) => NetworkEngine::new(Arc::clone(model))?,
            None => NetworkEngine::dense(),
        };
        Ok(dense.with_memory(self.memory.bytes()))
    }

    /// The indexed passes, where it is proven that they give the same bits.
    pub(super) fn indexed(&self) -> Option<NetworkEngine<L>> {
        let indexed = match &self.loaded {
            Some(Loaded { indexed, .. }) => indexed.clone(),
            None => Some(NetworkEngine::indexed()),
        };
        indexed.map(|indexed| indexed.with_memory(self.memory.bytes()))
    }

    /// The fastest passes.
    pub(super) fn fastest(&self) -> Result<NetworkEngine<L>, CliError> {
        self.indexed().map_or_else(|| self.dense(), Ok)
    }

    /// The fastest passes on known tokens: those of the machine as compiled, where the weights are others.
    fn forced(&self) -> Result<NetworkEngine<L>, CliError> {
        Ok(match self.indexed() {
            Some(indexed) => indexed.forced(),
            None => self.dense()?.forced_by(&NetworkEngine::indexed()),
        })
    }

    /// What programs are compared on with the reference VM: the engines of these names, or all that are fast
    /// enough; dense passes on `most` steps, and on prompts of so many rows.
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
            engines.push(match name.network(self)? {
                Some(network) => ready(network),
                None => name.load(self)?,
            });
        }
        // Where nothing is proven of the weights, the fastest passes are the dense ones.
        let mut seen = HashSet::new();
        engines.retain(|engine| seen.insert(engine.name().to_string()));
        Ok(engines)
    }

    /// The machine as compiled, where the weights are others: what they are held against, lane by lane.
    pub(super) fn compiled(&self) -> Option<NetworkEngine<L>> {
        let is_other = self.indexed().is_none();
        is_other.then(|| NetworkEngine::indexed().called("compiled").with_memory(self.memory.bytes()))
    }

    /// Whether the weights are those of a folder.
    fn are_given(&self) -> bool {
        self.loaded.is_some()
    }

    /// The fastest passes on every form of programs; where they are indexed, forced ones too if the reference
    /// VM's steps tell tokens, so that these cost little.
    pub(super) fn all_fast(&self) -> Result<Vec<NetworkEngine<L>>, CliError> {
        let fastest = self.fastest()?;
        let mut engines: Vec<_> = L::FORMS.iter().map(|form| fastest.clone().in_form(*form)).collect();
        if L::STEPS_TELL_TOKENS && self.indexed().is_some() {
            engines.push(fastest.forced());
        }
        Ok(engines)
    }
}

impl EngineName {
    /// Whether it is there for the full machine alone.
    pub(super) fn is_of_full_alone(self) -> bool {
        match self {
            EngineName::Fused => true,
            #[cfg(feature = "wasmtime")]
            EngineName::Wasmtime => true,
            _ => false,
        }
    }

    /// The engine.
    pub(super) fn load<L: Commanded>(self, networks: &Networks<L>) -> Result<SharedEngine<L>, CliError> {
        match (self.network(networks)?, self) {
            (Some(network), _) => Ok(Box::new(network)),
            (None, _) if networks.are_given() => {
                Err(CliError::Usage("--weights is for the transformer: --engine indexed, forced, fused or dense".to_string()))
            }
            #[cfg(feature = "wasmtime")]
            (None, EngineName::Wasmtime) => {
                L::wasmtime().ok_or_else(|| CliError::Usage("--engine wasmtime is for the full machine".to_string()))
            }
            (None, EngineName::Wasmi) => Ok(L::wasmi()),
            (None, _) => Ok(L::vm()),
        }
    }

    /// The network that it is, if it is one.
    pub(super) fn network<L: Commanded>(self, networks: &Networks<L>) -> Result<Option<NetworkEngine<L>>, CliError> {
        Ok(Some(match self {
            EngineName::Indexed => networks.fastest()?,
            EngineName::Forced => networks.forced()?,
            EngineName::Dense => networks.dense()?,
            EngineName::Fused => match L::FORMS {
                [_, fused, ..] => networks.fastest()?.in_form(*fused),
                _ => return Err(CliError::Usage("--engine fused is for the full machine".to_string())),
            },
            EngineName::Vm | EngineName::Wasmi => return Ok(None),
            #[cfg(feature = "wasmtime")]
            EngineName::Wasmtime => return Ok(None),
        }))
    }
}

/// The machine that the weights in a folder are for. Whether they really are the byte machine's is told by
/// who loads them.
pub(super) fn machine_of_weights(folder: &Path) -> Result<LanguageName, FolderError> {
    let machine = folder::machine(folder)?;
    Ok(if machine == crate::full::machine::NAME { LanguageName::Full } else { LanguageName::Byte })
}

/// A machine's weights in a folder.
pub(super) fn load<L: Commanded>(folder: &Path) -> Result<Model<L::Number>, CliError> {
    let model = folder::load(folder)?;
    L::supports(&model.config).map_err(|error| CliError::Usage(format!("{}: {error}", folder.display())))?;
    Ok(model)
}

/// Engines to be run by reference.
pub(super) fn by_reference<L: Commanded>(engines: &[SharedEngine<L>]) -> Vec<&dyn Engine<L>> {
    engines.iter().map(|engine| engine.as_ref() as &dyn Engine<L>).collect()
}
