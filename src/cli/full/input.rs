//! A full program to be run on one engine.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use clap::Args;

use crate::cli::CliError;
use crate::cli::input::{EngineName, say_unproven};
use crate::harness::full::{Case, Engine, NetworkEngine, VmEngine, WasmiEngine};
use crate::isa::full::Op;
use crate::program::full::wasi::Process;
use crate::program::full::{Loaded, Value, load_file};
use crate::transformer::folder;

/// What of a full program is run, and with what.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct Invocation {
    /// The exported function to run, instead of _start or main
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// A variable of a WASI program's environment; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// A value for an import: what the function results in, or the global is; nothing for a function without a result; may be
    /// repeated
    #[arg(long = "import", value_name = "MODULE.NAME=VALUE")]
    imports: Vec<String>,
    /// With --invoke, the function's arguments; else those of a WASI program
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    arguments: Vec<String>,
}

impl Invocation {
    /// Whether something is asked for that only full programs have.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.invoke.is_some() || !self.environment.is_empty() || !self.imports.is_empty() || !self.arguments.is_empty()
    }
}

/// A full program with all that a run of it takes.
pub(in crate::cli) struct FullInput {
    pub loaded: Loaded,
    pub engine: Box<dyn Engine>,
    function: Option<u32>,
    arguments: Vec<Value>,
    input: Vec<u8>,
}

impl FullInput {
    pub(in crate::cli) fn load(
        path: &Path,
        engine: Option<EngineName>,
        weights: Option<&Path>,
        invocation: &Invocation,
    ) -> Result<FullInput, CliError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let given = &invocation.arguments;
        let argv = if invocation.invoke.is_some() { Vec::new() } else { given.clone() };
        let process = Process::new([name].into_iter().chain(argv).collect(), invocation.environment.clone());
        let process = process.and_then(|process| invocation.imports.iter().try_fold(process, |process, given| process.constant(given)));
        let loaded = load_file(path, &process.map_err(|error| CliError::Usage(error.to_string()))?)?;
        if invocation.invoke.is_none() && !loaded.is_process && !(given.is_empty() && invocation.environment.is_empty()) {
            let reason = "arguments are for a function that --invoke names, or for a program that asks for WASI";
            return Err(CliError::Usage(format!("{}: {reason}", path.display())));
        }
        let usage = |reason: String| CliError::Usage(format!("{}: {reason}", path.display()));
        let (function, arguments) = match &invocation.invoke {
            None => loaded.invocation(),
            Some(name) => given.iter().map(|text| number(text)).collect::<Result<Vec<_>, _>>().and_then(|numbers| {
                let function = loaded.entry(Some(name))?;
                let arguments = function.map(|function| loaded.arguments(function, &numbers)).transpose()?;
                Ok((function, arguments.unwrap_or_default()))
            }),
        }
        .map_err(usage)?;
        let input = input(&loaded)?;
        Ok(FullInput { engine: engine_named(engine, weights)?, function, arguments, input, loaded })
    }

    pub(in crate::cli) fn case(&self) -> Case<'_> {
        Case::of(&self.loaded, self.function, &self.arguments, &self.input)
    }
}

/// The engine of a name; the network by indexed passes where none is named, with the compiled weights, or with those in a
/// folder.
pub(super) fn engine_named(name: Option<EngineName>, weights: Option<&Path>) -> Result<Box<dyn Engine>, CliError> {
    match (name, weights) {
        (None | Some(EngineName::Indexed), _) => Ok(Box::new(network(weights)?)),
        (Some(EngineName::Fused), _) => Ok(Box::new(network(weights)?.fused())),
        (Some(EngineName::Dense), None) => Ok(Box::new(NetworkEngine::dense())),
        (Some(EngineName::Dense), Some(folder)) => Ok(Box::new(loaded(folder)?.0)),
        (Some(EngineName::Vm | EngineName::Wasmi), Some(_)) => {
            Err(CliError::Usage("--weights is for the transformer: --engine indexed, fused or dense".to_string()))
        }
        (Some(EngineName::Vm), None) => Ok(Box::new(VmEngine)),
        (Some(EngineName::Wasmi), None) => Ok(Box::new(WasmiEngine::default())),
        (Some(EngineName::Forced), _) => Err(CliError::Usage("--engine forced is for byte programs".to_string())),
    }
}

/// The network by the fastest passes that its weights allow.
pub(super) fn network(weights: Option<&Path>) -> Result<NetworkEngine, CliError> {
    let Some(folder) = weights else { return Ok(NetworkEngine::indexed()) };
    let (dense, indexed) = loaded(folder)?;
    Ok(indexed.unwrap_or_else(|| {
        say_unproven(folder);
        dense
    }))
}

/// The network of a folder's weights by dense passes; by indexed ones too, where they are the weights as compiled.
fn loaded(folder: &Path) -> Result<(NetworkEngine, Option<NetworkEngine>), CliError> {
    let model = folder::load(folder)?;
    let indexed = NetworkEngine::proven(&model);
    let dense = NetworkEngine::new(model).map_err(|reason| CliError::Usage(format!("{}: {reason}", folder.display())))?;
    Ok((dense, indexed))
}

/// What `host.input` gives: the header's bytes, else standard input, which is read only for a program that asks for it.
fn input(loaded: &Loaded) -> Result<Vec<u8>, CliError> {
    let mut input = loaded.header.input().to_vec();
    let asks = loaded.program.code.iter().any(|instr| instr.op == Op::Input);
    if asks && input.is_empty() && !io::stdin().is_terminal() {
        io::stdin().read_to_end(&mut input).map_err(|error| CliError::Usage(format!("standard input cannot be read: {error}")))?;
    }
    Ok(input)
}

fn number(text: &str) -> Result<i128, String> {
    let negative = text.strip_prefix('-');
    let digits = negative.unwrap_or(text);
    let parsed = match digits.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let number = parsed.map_err(|_| format!("argument {text:?} is no integer"))?;
    Ok(if negative.is_some() { -number } else { number })
}
