//! From a file to a program that can be run: the module is read, joined with its providers, and closed.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::join::join;
use super::reader::{File, read_bytes};
use super::typed::ValueError;
use super::{Call, Header, Module, Program, Value, close};
use crate::full::wasi::world::System;
use crate::full::wasi::{self, Process};
use crate::shown;
use crate::wasm::{Bytes, ReadError, Source};

/// A program with the module that it was made from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The joined module.
    pub module: Module,
    /// The program.
    pub program: Program,
    /// The `;;!` header; the default header for binary files.
    pub header: Header,
    /// Whether the program imports from WASI, and so can get arguments and an environment.
    pub is_process: bool,
    /// The system that the header describes.
    pub system: Arc<System>,
}

/// The exported functions that a run invokes by default, in the order in which they are looked for.
pub const ENTRIES: [&str; 2] = ["_start", "main"];

/// Maximum number of exported functions that a message names.
const EXPORTS_SHOWN: usize = 20;

/// Loads a `.wat` or `.wasm` file, or standard input for `-`. A WASI program is started with `process`.
///
/// # Errors
/// Where the file cannot be read, is outside the profile, or has an import that cannot be resolved.
pub fn load_file(path: &Path, process: &Process) -> Result<Loaded, ReadError> {
    let Bytes { source, bytes } = Bytes::read(path)?;
    load(&source, &bytes, process)
}

/// Like [`load_file`], from memory.
///
/// # Errors
/// The same as [`load_file`].
pub fn load(source: &Source, bytes: &[u8], process: &Process) -> Result<Loaded, ReadError> {
    Loaded::of(source, read_bytes(source, bytes)?, process)
}

/// Why a program cannot be invoked as requested.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvocationError {
    /// The program does not export a function of that name. The second string lists the exported functions.
    #[error("the program does not export a function \"{0}\"{1}")]
    NotExported(String, String),
    /// The program does not export a function that is run by default. The string lists the exported
    /// functions.
    #[error("nothing to run: the program exports neither {entries}{0}", entries = ENTRIES.join(" nor "))]
    NothingToRun(String),
    /// The number of arguments is not the number of parameters.
    #[error("the {} {takes} argument(s), not {given}", if *.functions == 1 { "function takes" } else { "functions take" })]
    Count {
        /// The number of functions called.
        functions: usize,
        /// The number of arguments that these functions take.
        takes: usize,
        /// The number of arguments given.
        given: usize,
    },
    /// An argument is not a value of its type.
    #[error("argument {0}")]
    Argument(#[from] ValueError),
}

/// The export of a reactor, which has no `_start`: a function to run once before any other function.
const INITIALIZE: &str = "_initialize";

/// The index of `_initialize`, if the program is a reactor.
fn initialize(program: &Program) -> Option<u32> {
    let function = program.exported_function(INITIALIZE)?;
    let ty = program.type_of(function);
    let is_reactor = program.exported_function(ENTRIES[0]).is_none() && ty.params.is_empty() && ty.results.is_empty();
    is_reactor.then_some(function)
}

impl Loaded {
    /// Like [`load_file`], of a file that is already read.
    ///
    /// # Errors
    /// The same as [`load_file`].
    pub fn of(source: &Source, File { module, header }: File, process: &Process) -> Result<Loaded, ReadError> {
        let is_process = module.imports.iter().any(|import| wasi::is_wasi(&import.module));
        let folders: Vec<_> = header.folder().into_iter().collect();
        let process = process.clone().with_folders(process.has_folders() || !folders.is_empty());
        let module = join(source, module, &process)?;
        let mut program = close(source, &module)?;
        let initialize = initialize(&program);
        program.parts.starts.extend(initialize);
        Ok(Loaded { module, program, header, is_process, system: System { folders, ..System::default() }.into() })
    }

    /// The function to invoke: the one named, else the header's, else one of [`ENTRIES`]. `None` if only the
    /// functions that run before any other are to be run.
    ///
    /// # Errors
    /// Where there is no such function, or the program has nothing to run.
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

    /// The call that the header asks for, or else the call of the function that is run by default.
    ///
    /// # Errors
    /// Where there is no such function, or the arguments do not fit the function.
    pub fn invocation(&self) -> Result<Vec<Call>, InvocationError> {
        let arguments: Vec<String> = self.header.arguments.iter().map(i64::to_string).collect();
        self.calls_of(&self.entry(None)?.into_iter().collect::<Vec<_>>(), &arguments)
    }

    /// Calls of exported functions of one instance. `arguments` holds the arguments of the first call, then
    /// those of the next, spelled as in the text format.
    ///
    /// # Errors
    /// Where there is no such function, or the arguments do not fit the functions.
    pub fn calls(&self, names: &[impl AsRef<str>], arguments: &[impl AsRef<str>]) -> Result<Vec<Call>, InvocationError> {
        let functions = names.iter().map(|name| self.entry(Some(name.as_ref()))).collect::<Result<Vec<_>, _>>()?;
        self.calls_of(&functions.into_iter().flatten().collect::<Vec<_>>(), arguments)
    }

    /// Like [`Loaded::calls`], of functions by index.
    ///
    /// # Errors
    /// Where the arguments do not fit.
    ///
    /// # Panics
    /// If the program does not have a function of that index.
    pub fn calls_of(&self, functions: &[u32], arguments: &[impl AsRef<str>]) -> Result<Vec<Call>, InvocationError> {
        let params = |function: u32| &self.program.type_of(function).params;
        let takes = functions.iter().map(|function| params(*function).len()).sum();
        if takes != arguments.len() {
            return Err(InvocationError::Count { functions: functions.len(), takes, given: arguments.len() });
        }
        let mut texts = arguments.iter();
        let call = |function: &u32| {
            let values = params(*function).iter().zip(&mut texts).map(|(ty, text)| Value::parse(text.as_ref(), *ty));
            Ok(Call { function: *function, arguments: values.collect::<Result<_, _>>()? })
        };
        functions.iter().map(call).collect()
    }

    /// The exported functions, for messages: at most [`EXPORTS_SHOWN`] of them.
    fn exported(&self) -> String {
        let functions = self.program.exports.iter().filter(|(_, export)| matches!(export, super::Export::Function(_)));
        match shown::list(functions.map(|(name, _)| &name[..]), EXPORTS_SHOWN) {
            none if none.is_empty() => String::new(),
            names => format!("; it exports {names}"),
        }
    }
}
