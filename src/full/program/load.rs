//! From a file to a program that can be run: read, joined with what it needs, closed.

use std::path::Path;

use thiserror::Error;

use super::join::join;
use super::reader::{File, read_bytes};
use super::{Header, Module, Program, Value, close};
use crate::full::isa::ValType;
use crate::full::wasi::{self, Process};
use crate::shown;
use crate::wasm::{Bytes, ReadError, Source};

/// A program with the module it was made of.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The module, joined with what it needs.
    pub module: Module,
    /// The program.
    pub program: Program,
    /// The `;;!` header; the default one for binary files.
    pub header: Header,
    /// Whether it asks for WASI, and so may be given arguments and an environment.
    pub is_process: bool,
}

/// The functions that a program is run by where nothing else is said, in the order in which they are looked for.
pub const ENTRIES: [&str; 2] = ["_start", "main"];

/// Exported functions that a message names, at most.
const EXPORTS_SHOWN: usize = 20;

/// Loads a `.wat` or `.wasm` file, or standard input for `-`. A WASI program is started with `process`.
///
/// # Errors
/// Where the file cannot be read, is outside the profile, or imports what is not there.
pub fn load_file(path: &Path, process: &Process) -> Result<Loaded, ReadError> {
    let Bytes { source, bytes } = Bytes::read(path)?;
    load(&source, &bytes, process)
}

/// As [`load_file`], from memory.
///
/// # Errors
/// As [`load_file`].
pub fn load(source: &Source, bytes: &[u8], process: &Process) -> Result<Loaded, ReadError> {
    Loaded::of(source, read_bytes(source, bytes)?, process)
}

/// Why a program cannot be invoked as it is asked to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvocationError {
    /// No function of that name is exported. The second string lists those that are.
    #[error("no function \"{0}\" is exported{1}")]
    NotExported(String, String),
    /// Nothing is exported that is run by itself. The string lists the functions that are exported.
    #[error("nothing to run: neither {entries} is exported{0}", entries = ENTRIES.join(" nor "))]
    NothingToRun(String),
    /// Another number of arguments.
    #[error("the function takes {takes} argument(s), not {given}")]
    Count {
        /// As many as the function takes.
        takes: usize,
        /// As many as are given.
        given: usize,
    },
    /// An argument would be a float.
    #[error("a parameter of type {0}: floats are not in the profile")]
    Float(ValType),
    /// An argument is beyond its type.
    #[error("{0} does not fit {1}")]
    DoesNotFit(i128, ValType),
}

/// What a reactor has for `_start`: a function to run once before any other.
const INITIALIZE: &str = "_initialize";

/// A reactor's `_initialize`.
fn initialize(program: &Program) -> Option<u32> {
    let function = program.exported_function(INITIALIZE)?;
    let ty = program.type_of(function);
    let is_reactor = program.exported_function(ENTRIES[0]).is_none() && ty.params.is_empty() && ty.results.is_empty();
    is_reactor.then_some(function)
}

impl Loaded {
    /// As [`load_file`], of a file read already.
    ///
    /// # Errors
    /// As [`load_file`].
    pub fn of(source: &Source, File { module, header }: File, process: &Process) -> Result<Loaded, ReadError> {
        let is_process = module.imports.iter().any(|import| wasi::is_wasi(&import.module));
        let module = join(source, module, process)?;
        let mut program = close(source, &module)?;
        let initialize = initialize(&program);
        program.parts.starts.extend(initialize);
        Ok(Loaded { module, program, header, is_process })
    }

    /// The function to invoke: the one named, else the header's, else one of [`ENTRIES`]; none where only what runs before any
    /// other is there to run.
    ///
    /// # Errors
    /// Where there is no such function, or nothing at all to run.
    pub fn entry(&self, named: Option<&str>) -> Result<Option<u32>, InvocationError> {
        if let Some(name) = named.or(self.header.invoke.as_deref()) {
            let function = self.program.exported_function(name);
            if name == INITIALIZE && function.is_some_and(|function| self.program.starts.contains(&function)) {
                return Ok(None);
            }
            return function.map(Some).ok_or_else(|| InvocationError::NotExported(shown::shown(name), self.exported()));
        }
        match ENTRIES.iter().find_map(|name| self.program.exported_function(name)) {
            None if self.module.start.is_none() => Err(InvocationError::NothingToRun(self.exported())),
            entry => Ok(entry),
        }
    }

    /// The function that the header has invoked, with its arguments.
    ///
    /// # Errors
    /// Where there is no such function, or they do not fit it.
    pub fn invocation(&self) -> Result<(Option<u32>, Vec<Value>), InvocationError> {
        let function = self.entry(None)?;
        let numbers: Vec<i128> = self.header.arguments.iter().copied().map(i128::from).collect();
        let arguments = function.map(|function| self.arguments(function, &numbers)).transpose()?;
        Ok((function, arguments.unwrap_or_default()))
    }

    /// The exported functions, for messages: not all of very many.
    fn exported(&self) -> String {
        let functions = self.program.exports.iter().filter(|(_, export)| matches!(export, super::Export::Function(_)));
        match shown::list(functions.map(|(name, _)| &name[..]), EXPORTS_SHOWN) {
            none if none.is_empty() => String::new(),
            names => format!("; there is {names}"),
        }
    }

    /// Numbers as arguments of a function: signed, or unsigned of as many bits.
    ///
    /// # Errors
    /// Where they are not what its parameters take.
    pub fn arguments(&self, function: u32, numbers: &[i128]) -> Result<Vec<Value>, InvocationError> {
        let params = &self.program.type_of(function).params;
        if params.len() != numbers.len() {
            return Err(InvocationError::Count { takes: params.len(), given: numbers.len() });
        }
        let value = |(ty, number): (&ValType, &i128)| {
            let bits = match ty {
                ValType::I32 => 32,
                ValType::I64 => 64,
                ValType::F32 | ValType::F64 => return Err(InvocationError::Float(*ty)),
            };
            if !(-(1i128 << (bits - 1))..1i128 << bits).contains(number) {
                return Err(InvocationError::DoesNotFit(*number, *ty));
            }
            Ok(Value::from_bits(*ty, *number as u64))
        };
        params.iter().zip(numbers).map(value).collect()
    }
}
