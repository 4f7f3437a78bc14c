//! What commands take: a program with its files, an engine, weights.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::full::{self, AnyProgram, FullInput, Invocation, Invoked, Machine};
use super::memory::MaxMemory;
use super::{CliError, complain};
use crate::byte::machine::ByteHost;
use crate::byte::profile::{FILE_CAPACITY, FILES};
use crate::byte::program::reader::Module;
use crate::byte::program::{Files, Program};
use crate::file::{ReadFault, read_bounded};
use crate::harness::engines::TeacherForcedEngine;
use crate::harness::{Case, DenseEngine, Engine, IndexedEngine, VmEngine, WasmiEngine};
use crate::shown;
use crate::transformer::{Model, folder};
use crate::wasm::Bytes;

/// An engine by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineName {
    /// The transformer by sparse kernels and attention indexes
    Indexed,
    /// The transformer on the reference VM's trace, in batches, by the same kernels and indexes
    Forced,
    /// The transformer's dense forward pass
    Dense,
    /// The transformer by sparse kernels and attention indexes, on the program in the fused form; of the full machine
    Fused,
    /// The reference stack VM
    Vm,
    /// wasmi, on the narrowed and instrumented module
    Wasmi,
}

impl EngineName {
    /// The engine; a transformer with the compiled weights, or with those in a folder.
    pub(super) fn load(self, weights: Option<&Path>) -> Result<Box<dyn Engine>, CliError> {
        Ok(match (self, weights) {
            (EngineName::Indexed, _) => Transformers::load(weights)?.fastest(),
            (EngineName::Forced, _) => {
                let indexed = Transformers::load(weights)?.indexed;
                let indexed = indexed.ok_or_else(|| CliError::Usage("--engine forced is for the weights as compiled".to_string()))?;
                Box::new(TeacherForcedEngine::indexed(&indexed))
            }
            (EngineName::Dense, Some(folder)) => Box::new(DenseEngine::new(load(folder)?)),
            (EngineName::Dense, None) => Box::new(DenseEngine::compiled()),
            (EngineName::Fused, _) => return Err(CliError::Usage("--engine fused is for the full machine".to_string())),
            (EngineName::Vm | EngineName::Wasmi, Some(_)) => {
                return Err(CliError::Usage("--weights is for the transformer: --engine indexed or dense".to_string()));
            }
            (EngineName::Vm, None) => Box::new(VmEngine),
            (EngineName::Wasmi, None) => Box::new(WasmiEngine::default()),
        })
    }
}

/// A program to be run on one engine.
#[derive(Args)]
pub(super) struct Input {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// What runs it [default: the fastest that computes by the network]
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// The machine that runs it [default: the smallest whose profile has the program]
    #[arg(long, value_enum)]
    model: Option<Machine>,
    /// Run with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Give descriptor N (0 to 3) the contents of PATH; may be repeated
    #[arg(long = "file", value_name = "N=PATH", value_parser = parse_file)]
    files: Vec<(usize, PathBuf)>,
    #[command(flatten)]
    memory: MaxMemory,
    #[command(flatten)]
    invocation: Invocation,
}

/// A program of one of the profiles.
pub(super) enum Either {
    Byte(Box<Loaded>),
    Full(Box<FullInput>),
}

/// A program, its files, and the engine to run it on.
pub(super) struct Loaded {
    pub program: Program,
    files: Files,
    pub engine: Box<dyn Engine>,
}

impl Input {
    /// The program's path.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn load(&self) -> Result<Either, CliError> {
        let weights = self.weights.as_deref();
        let model = match (self.model, weights) {
            (Some(model), _) => Some(model),
            (None, Some(weights)) => Some(Machine::of_weights(weights)?),
            (None, None) if self.invocation.is_given() || self.engine == Some(EngineName::Fused) => Some(Machine::Full),
            (None, None) => None,
        };
        if model == Some(Machine::Byte) && self.invocation.is_given() {
            return Err(CliError::Usage("a byte program has one function, main, without arguments".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        match full::read(&bytes, model)? {
            AnyProgram::Byte(module) => self.load_byte(*module).map(|loaded| Either::Byte(Box::new(loaded))),
            AnyProgram::Full(_) if !self.files.is_empty() => Err(CliError::Usage("--file is for byte programs".to_string())),
            AnyProgram::Full(file) => {
                let invoked = Invoked::load(&self.file, &bytes.source, *file, &self.invocation)?;
                Ok(Either::Full(Box::new(FullInput::new(invoked, self.engine, weights, self.memory)?)))
            }
        }
    }

    fn load_byte(&self, Module { program, header, .. }: Module) -> Result<Loaded, CliError> {
        let mut files = header.files();
        for (descriptor, path) in &self.files {
            files[*descriptor] = contents(path).map_err(|reason| CliError::Usage(format!("{}: {reason}", shown::path(path))))?;
        }
        let engine = self.engine.unwrap_or(EngineName::Indexed);
        Ok(Loaded { program, files, engine: engine.load(self.weights.as_deref())? })
    }
}

/// What a file of a byte program begins with: no more is read than such a file can hold.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let read = std::fs::File::open(path).map_err(ReadFault::Io).and_then(|file| read_bounded(file, FILE_CAPACITY as u64));
    read.map_err(|fault| match fault {
        ReadFault::Io(error) => format!("cannot be read: {error}"),
        ReadFault::TooLong => format!("has more than the {FILE_CAPACITY} bytes that fit"),
    })
}

impl Loaded {
    pub(super) fn case(&self) -> Case<'_> {
        Case { program: &self.program, files: &self.files }
    }
}

/// The transformer's engines with the compiled weights, or with those in a folder.
pub(super) struct Transformers {
    pub dense: DenseEngine,
    /// The indexed engine, where it is proven that it gives the same bits.
    pub indexed: Option<IndexedEngine>,
    /// It again, on known traces.
    pub forced: Option<TeacherForcedEngine<'static>>,
}

impl Transformers {
    pub(super) fn load(weights: Option<&Path>) -> Result<Transformers, CliError> {
        let Some(folder) = weights else {
            let dense = DenseEngine::compiled();
            let indexed = IndexedEngine::exact(dense.model());
            return Ok(Transformers::new(dense, Some(indexed)));
        };
        let model = load(folder)?;
        let indexed = IndexedEngine::proven(&model);
        if indexed.is_none() {
            say_unproven(folder);
        }
        Ok(Transformers::new(DenseEngine::new(model), indexed))
    }

    fn new(dense: DenseEngine, indexed: Option<IndexedEngine>) -> Transformers {
        let forced = indexed.as_ref().map(TeacherForcedEngine::indexed);
        Transformers { dense, indexed, forced }
    }

    /// All but the dense one.
    pub(super) fn fast(&self) -> impl Iterator<Item = &dyn Engine> {
        let forced = self.forced.as_ref().map(|engine| engine as &dyn Engine);
        self.indexed.as_ref().map(|engine| engine as &dyn Engine).into_iter().chain(forced)
    }

    /// All of them, to keep.
    pub(super) fn into_engines(self) -> impl Iterator<Item = Box<dyn Engine>> {
        let indexed = self.indexed.map(|engine| Box::new(engine) as Box<dyn Engine>);
        let forced = self.forced.map(|engine| Box::new(engine) as Box<dyn Engine>);
        [Box::new(self.dense) as Box<dyn Engine>].into_iter().chain(indexed).chain(forced)
    }

    /// The fastest.
    fn fastest(self) -> Box<dyn Engine> {
        match self.indexed {
            Some(indexed) => Box::new(indexed),
            None => Box::new(self.dense),
        }
    }
}

/// Says why the indexed pass does not run the weights in a folder.
pub(super) fn say_unproven(folder: &Path) {
    let reason = "these are not the weights as compiled, so nothing is proven of them; the dense pass alone runs them";
    complain(&format!("note: {}: {reason}", folder.display()));
}

/// A model that the byte machine's host can run.
pub(super) fn load(folder: &Path) -> Result<Model<f32>, CliError> {
    let model = folder::load(folder)?;
    ByteHost::supports(&model.config).map_err(|reason| CliError::Usage(format!("{}: {reason}", folder.display())))?;
    Ok(model)
}

fn parse_file(text: &str) -> Result<(usize, PathBuf), String> {
    let (descriptor, path) = text.split_once('=').ok_or("expected N=PATH")?;
    match descriptor.parse() {
        Ok(descriptor) if descriptor < FILES => Ok((descriptor, PathBuf::from(path))),
        _ => Err(format!("descriptor {descriptor:?} is not 0 to {}", FILES - 1)),
    }
}
