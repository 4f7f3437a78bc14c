//! The input of commands: a program with its files, an engine, weights.

use std::path::{Path, PathBuf};

use clap::Args;

use super::CliError;
use super::engines::{EngineName, Networks, machine_of_weights};
use super::full::{FullInput, Invocation, Invoked};
use super::memory::MaxMemory;
use crate::byte::profile::{FILE_CAPACITY, FILES};
use crate::byte::program::reader::Module;
use crate::byte::program::{self, Files};
use crate::file::{ReadFault, read_bounded};
use crate::harness::engine::SharedEngine;
use crate::harness::{Byte, byte};
use crate::load::{LanguageName, Program, load_bytes};
use crate::shown;
use crate::wasm::Bytes;

/// A program to be run on one engine.
#[derive(Args)]
pub(super) struct Input {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// The engine that runs the program [default: the fastest engine that uses the network]
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// The machine that runs the program [default: the smallest machine that can run it]
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    /// Run with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Fill the file of descriptor N (0 to 3) with the contents of PATH; may be repeated
    #[arg(long = "file", value_name = "N=PATH", value_parser = parse_file)]
    files: Vec<(usize, PathBuf)>,
    #[command(flatten)]
    memory: MaxMemory,
    #[command(flatten)]
    invocation: Invocation,
}

/// A loaded program of one of the two languages.
pub(super) enum Either {
    Byte(Box<Loaded>),
    Full(Box<FullInput>),
}

/// A byte program, its files, and the engine to run it on.
pub(super) struct Loaded {
    pub program: program::Program,
    files: Files,
    pub engine: SharedEngine<Byte>,
}

impl Input {
    /// The program's path.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn load(&self) -> Result<Either, CliError> {
        let weights = self.weights.as_deref();
        let machine = match (self.machine, weights) {
            (Some(machine), _) => Some(machine),
            (None, Some(weights)) => Some(machine_of_weights(weights)?),
            (None, None) if self.invocation.is_given() || self.engine.is_some_and(EngineName::is_of_full_alone) => Some(LanguageName::Full),
            (None, None) => None,
        };
        if machine == Some(LanguageName::Byte) && self.invocation.is_given() {
            return Err(CliError::Usage("a byte program has one function, main, without arguments".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) => self.load_byte(*module).map(|loaded| Either::Byte(Box::new(loaded))),
            Program::Full(_) if !self.files.is_empty() => Err(CliError::Usage("--file can be used only with byte programs".to_string())),
            Program::Full(file) => {
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
        let networks = Networks::load(self.weights.as_deref(), self.memory)?;
        Ok(Loaded { program, files, engine: engine.load(&networks)? })
    }
}

/// Reads the initial contents of a byte program's file: at most one byte more than such a file can hold.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let read = std::fs::File::open(path).map_err(ReadFault::Io).and_then(|file| read_bounded(file, FILE_CAPACITY as u64));
    read.map_err(|fault| match fault {
        ReadFault::Io(error) => format!("cannot be read: {error}"),
        ReadFault::TooLong => format!("has more than {FILE_CAPACITY} bytes, the capacity of a file"),
    })
}

impl Loaded {
    pub(super) fn case(&self) -> byte::Case<'_> {
        byte::Case::new(&self.program, &self.files)
    }
}

fn parse_file(text: &str) -> Result<(usize, PathBuf), String> {
    let (descriptor, path) = text.split_once('=').ok_or("expected N=PATH")?;
    match descriptor.parse() {
        Ok(descriptor) if descriptor < FILES => Ok((descriptor, PathBuf::from(path))),
        _ => Err(format!("descriptor {descriptor:?} is not in the range 0 to {}", FILES - 1)),
    }
}
