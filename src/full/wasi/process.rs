//! The arguments and the environment of a process, as functions that are made when the program is joined, and
//! the values given for imports.
//!
//! The strings become immediates of store instructions. A data segment would need a place in the program's
//! memory, but no place there is known to be free: an allocator uses all memory that `memory.size` reports.

use thiserror::Error;
use wasm_encoder::{Function, InstructionSink, MemArg, MemArgTarget};

use crate::full::program::imports::Given;
use crate::full::program::join::Supply;

/// The arguments and environment of a WASI process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    arguments: Vec<String>,
    environment: Vec<String>,
    /// The values given for imports, with the module and name of the import.
    constants: Vec<(String, Given)>,
    has_folders: bool,
    supplies: Vec<Supply>,
}

/// Why a process cannot be started with these strings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProcessError {
    /// A string contains a NUL byte. A C program would read only the part before it.
    #[error("a NUL byte in {0:?}")]
    Nul(String),
    /// A string of the environment is not of the form `NAME=VALUE`.
    #[error("{0:?} is not of the form NAME=VALUE")]
    Variable(String),
    /// A text for an import is not of the form `MODULE.NAME=VALUE`, or its value is neither a number nor
    /// empty.
    #[error("{0:?} is not of the form MODULE.NAME=VALUE with a number, or nothing, for VALUE")]
    Constant(String),
}

impl Process {
    /// A process with these arguments and this environment. By convention, `arguments` begins with the
    /// program's name. `environment` is a list of `NAME=VALUE`.
    ///
    /// # Errors
    /// Where a string has a NUL byte, or a variable has no name or no `=`.
    pub fn new(arguments: Vec<String>, environment: Vec<String>) -> Result<Process, ProcessError> {
        if let Some(string) = arguments.iter().chain(&environment).find(|string| string.contains('\0')) {
            return Err(ProcessError::Nul(string.clone()));
        }
        if let Some(variable) = environment.iter().find(|variable| variable.find('=').is_none_or(|at| at == 0)) {
            return Err(ProcessError::Variable(variable.clone()));
        }
        Ok(Process { arguments, environment, constants: Vec::new(), has_folders: false, supplies: Vec::new() })
    }

    /// Adds a value for an import, given as `MODULE.NAME=VALUE` with the import's module and name. The value
    /// is the result of a function, or the value of a global. An empty value is for a function without a
    /// result.
    ///
    /// # Errors
    /// Where the text is not of that form, or the value is not a number.
    pub fn constant(mut self, given: &str) -> Result<Process, ProcessError> {
        let parsed = given.rsplit_once('=').and_then(|(path, value)| Some((path.to_string(), Given::parse(value)?)));
        self.constants.push(parsed.ok_or_else(|| ProcessError::Constant(given.to_string()))?);
        Ok(self)
    }

    /// Adds bytes that are put into the memory by a function of their own.
    #[must_use]
    pub fn supply(mut self, supply: Supply) -> Process {
        self.supplies.push(supply);
        self
    }

    /// The bytes to be put into the memory.
    pub fn supplies(&self) -> &[Supply] {
        &self.supplies
    }

    /// Says whether the process is given folders, so that its descriptors are not only the standard streams.
    #[must_use]
    pub fn with_folders(self, has_folders: bool) -> Process {
        Process { has_folders, ..self }
    }

    /// Whether the process is given folders.
    pub fn has_folders(&self) -> bool {
        self.has_folders
    }

    /// The values for imports, with the module and name of each import.
    pub fn constants(&self) -> impl Iterator<Item = (&String, &Given)> {
        self.constants.iter().map(|(path, given)| (path, given))
    }

    /// The function that the routines import as `list.name`; `None` if there is no such function.
    pub(in crate::full) fn function(&self, list: &str, name: &str) -> Option<Function> {
        let strings = match list {
            "arguments" => &self.arguments,
            "environment" => &self.environment,
            _ => return None,
        };
        let bytes: Vec<u8> = strings.iter().flat_map(|string| string.bytes().chain([0])).collect();
        let mut function = Function::new([]);
        let mut body = function.instructions();
        match name {
            "count" => drop(body.i32_const(strings.len() as i32)),
            "size" => drop(body.i32_const(bytes.len() as i32)),
            "copy" => store(&mut body, &bytes),
            "point" => point(&mut body, strings),
            _ => return None,
        }
        body.end();
        Some(function)
    }
}

/// The memory argument of a store at this offset from the address on the stack.
fn at(offset: usize) -> MemArg {
    MemArg { offset: offset as u64, align: 0, target: MemArgTarget::Memory(0), ordering: None }
}

/// Stores `bytes` from the address in local 0 on. Each i32 constant holds four bytes.
fn store(body: &mut InstructionSink<'_>, bytes: &[u8]) {
    let (words, rest) = bytes.as_chunks::<4>();
    for (index, &word) in words.iter().enumerate() {
        body.local_get(0).i32_const(i32::from_le_bytes(word)).i32_store(at(4 * index));
    }
    for (index, &byte) in rest.iter().enumerate() {
        body.local_get(0).i32_const(i32::from(byte)).i32_store8(at(4 * words.len() + index));
    }
}

/// Stores the address of each string, from the address in local 1 on. The strings begin at the address in
/// local 0.
fn point(body: &mut InstructionSink<'_>, strings: &[String]) {
    let mut begin = 0;
    for (index, string) in strings.iter().enumerate() {
        body.local_get(1).local_get(0).i32_const(begin).i32_add().i32_store(at(4 * index));
        begin += string.len() as i32 + 1;
    }
}
