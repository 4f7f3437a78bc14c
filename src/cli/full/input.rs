//! A full program to be run on one engine.

use std::io::{self, Read, Write};
use std::path::Path;

use clap::Args;

use super::SystemArgs;
use super::bytes::{Put, put, supply};
use crate::cli::CliError;
use crate::cli::engines::{EngineName, Networks};
use crate::cli::memory::MaxMemory;
use crate::full::isa::ValType;
use crate::full::program::input::Stream;
use crate::full::program::reader::File;
use crate::full::program::{Call, Input, Loaded};
use crate::full::wasi::Process;
use crate::full::wasi::world::System;
use crate::harness::Full;
use crate::harness::corpus::Place;
use crate::harness::engine::SharedEngine;
use crate::harness::full::{Case, Generated};
use crate::shown;
use crate::wasm::Source;

/// What of a full program is run, and with what.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct Invocation {
    /// The exported function to run instead of _start or main; may be repeated: the functions of one instance
    /// are called in order
    #[arg(long, value_name = "NAME")]
    pub invoke: Vec<String>,
    /// A variable of a WASI program's environment; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub environment: Vec<String>,
    /// The value of an import: the result of the function, or the value of the global; empty for a function
    /// without a result; may be repeated
    #[arg(long = "import", value_name = "MODULE.NAME=VALUE")]
    pub imports: Vec<String>,
    /// Bytes for the functions that --invoke names: the contents of FILE, put where the exported function
    /// ALLOCATOR says, or at an address. An argument NAME is their address, NAME.length their number
    #[arg(long, value_name = "NAME=FILE:ALLOCATOR or NAME=FILE@ADDRESS")]
    pub bytes: Vec<String>,
    #[command(flatten)]
    pub system: SystemArgs,
    /// With --invoke, the arguments of the functions, in order, as numbers in WebAssembly's text format; else
    /// the arguments of a WASI program
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub arguments: Vec<String>,
}

impl Invocation {
    /// Whether an option or argument is given that only full programs have.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.invoke.is_empty()
            || !self.environment.is_empty()
            || !self.imports.is_empty()
            || !self.arguments.is_empty()
            || self.system.is_given()
            || !self.bytes.is_empty()
    }
}

/// A full program, and the calls to run.
pub(in crate::cli) struct Invoked {
    pub loaded: Loaded,
    pub calls: Vec<Call>,
    pub system: System,
    /// The bytes that the program is given.
    pub put: Vec<Put>,
}

impl Invoked {
    /// Prepares a program, already read from `path`, and its calls. The file name of `path` is the program's
    /// `argv[0]`.
    pub(in crate::cli) fn load(path: &Path, source: &Source, file: File, invocation: &Invocation) -> Result<Invoked, CliError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let given = &invocation.arguments;
        let argv = if invocation.invoke.is_empty() { given.clone() } else { Vec::new() };
        let process = Process::new([name].into_iter().chain(argv).collect(), invocation.environment.clone());
        let process = process.and_then(|process| invocation.imports.iter().try_fold(process, |process, given| process.constant(given)));
        let process = process.map_err(|error| CliError::Usage(error.to_string()))?.with_folders(invocation.system.has_folders());
        if !invocation.bytes.is_empty() && invocation.invoke.is_empty() {
            return Err(CliError::Usage("--bytes is for functions that --invoke names".to_string()));
        }
        let given_bytes = invocation.bytes.iter().map(|given| supply(given)).collect::<Result<Vec<_>, _>>()?;
        let process = given_bytes.into_iter().fold(process, Process::supply);
        let loaded = Loaded::of(source, file, &process)?;
        let usage = |reason: String| CliError::Usage(format!("{}: {reason}", shown::path(path)));
        if invocation.invoke.is_empty() && !loaded.is_process && !(given.is_empty() && invocation.environment.is_empty()) {
            let reason = "arguments need a function named by --invoke, or a program that imports WASI";
            return Err(usage(reason.to_string()));
        }
        let system = invocation.system.system(&loaded.header)?;
        let put = put(&loaded, process.supplies(), &system).map_err(usage)?;
        let calls = match &invocation.invoke[..] {
            [] => loaded.invocation(),
            names => loaded.calls(names, &put.iter().fold(given.clone(), |given, put| put.named_in(given))),
        };
        let mut calls = calls.map_err(|error| usage(error.to_string()))?;
        calls.splice(..0, put.iter().map(|put| put.call.clone()));
        Ok(Invoked { loaded, calls, system, put })
    }

    /// The case of a run with this input.
    pub(in crate::cli) fn case<'a>(&'a self, input: impl Into<Input<'a>>) -> Case<'a> {
        Case::of(&self.loaded, &self.calls, input.into().within(&self.system))
    }

    /// The types of the calls' results.
    pub(in crate::cli) fn results(&self) -> Vec<ValType> {
        self.loaded.program.results(&self.calls)
    }
}

/// A full program with everything that a run of it needs.
pub(in crate::cli) struct FullInput {
    pub invoked: Invoked,
    pub engine: SharedEngine<Full>,
    /// Standard input, from which `host.input` reads if the header has no input.
    stream: Stream,
}

impl FullInput {
    pub(in crate::cli) fn new(
        invoked: Invoked,
        engine: Option<EngineName>,
        weights: Option<&Path>,
        memory: MaxMemory,
    ) -> Result<FullInput, CliError> {
        let engine = engine.unwrap_or(EngineName::Indexed).load(&Networks::load(weights, memory)?)?;
        if !engine.tells_steps() {
            return Err(CliError::Usage(format!("the engine {} reports no steps: only diff, soak and shrink can use it", engine.name())));
        }
        Ok(FullInput { engine, invoked, stream: Stream::new(StandardInput) })
    }

    pub(in crate::cli) fn case(&self) -> Case<'_> {
        let input = match self.invoked.loaded.header.input() {
            [] => Input::from(&self.stream),
            bytes => Input::from(bytes),
        };
        self.invoked.case(input)
    }

    /// The error that ended the reading of standard input, if there was one.
    pub(in crate::cli) fn failure(&self) -> Option<io::Error> {
        self.stream.failure()
    }
}

/// Standard input. Before each read, standard output is flushed, because the output may be a question that
/// the input answers.
struct StandardInput;

impl Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // An error of standard output is reported where the output is written.
        let _ = io::stdout().flush();
        io::stdin().lock().read(buffer)
    }
}

/// A program with its invocation, in the representation of generated programs, so that it can be shrunk.
pub(in crate::cli) fn generated(path: &Path, source: &Source, file: File, invocation: &Invocation) -> Result<Generated, CliError> {
    let mut input = file.header.input().to_vec();
    if input.is_empty() {
        // `diff` takes its input from the same file.
        input = Place::File(path.to_path_buf()).beside("in").unwrap_or_default();
    }
    let Invoked { loaded, calls, .. } = Invoked::load(path, source, file, invocation)?;
    let numbers = calls.iter().flat_map(|call| &call.arguments).map(|argument| argument.bits()).collect();
    let choice = |call: &Call| loaded.program.exported_functions().position(|exported| exported == call.function);
    let choices = calls.iter().filter_map(choice).collect();
    Ok(Generated { wasm: loaded.module.wasm, choices, numbers, input })
}
