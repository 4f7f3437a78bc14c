//! `wasmformer diff` on a full program.

use std::path::Path;

use serde::Serialize;

use super::input::{Invocation, Invoked, engine_named, network};
use crate::cli::CliError;
use crate::cli::input::EngineName;
use crate::cli::memory::MaxMemory;
use crate::full::program::reader::File;
use crate::harness::corpus::Place;
use crate::harness::full::{Case, Engine, Run, Verdict, VmEngine, WasmiEngine, compare, failure};
use crate::wasm::Source;

/// What is said of one full program.
#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub(in crate::cli) enum Said {
    /// All engines did the same.
    Agree { steps: usize },
    /// Two differ, or the run is not what the header expects.
    Diverge { report: String },
    /// Nothing could be said.
    Inconclusive { reason: String },
    /// It cannot be read, or not be run.
    Unreadable { reason: String },
}

/// The engines that are compared: the reference VM with those named, or with wasmi and the network on both forms.
pub(in crate::cli) fn engines(named: &[EngineName], weights: Option<&Path>, memory: MaxMemory) -> Result<Vec<Box<dyn Engine>>, CliError> {
    let vm: Box<dyn Engine> = Box::new(VmEngine);
    if named.is_empty() {
        let network = network(weights, memory)?;
        return Ok(vec![vm, Box::new(WasmiEngine::default()), Box::new(network.clone()), Box::new(network.fused())]);
    }
    [Ok(vm)].into_iter().chain(named.iter().map(|name| engine_named(Some(*name), weights, memory))).collect()
}

/// Runs a program as it is invoked, or else as its header says, on all engines, and compares. A program that reads has its
/// input in the header, or in the file `.in` beside it.
pub(in crate::cli) fn diff(
    (place, source): (&Place, &Source),
    file: File,
    invocation: &Invocation,
    engines: &[Box<dyn Engine>],
    limit: usize,
) -> Result<Said, CliError> {
    let Invoked { loaded, function, arguments } = match Invoked::load(place.path(), source, file, invocation) {
        Ok(invoked) => invoked,
        // What was asked for cannot be done; without being asked for, it is the file that cannot.
        Err(error) if invocation.is_given() => return Err(error),
        Err(error) => return Ok(Said::Unreadable { reason: error.to_string() }),
    };
    let beside = place.beside("in").unwrap_or_default();
    let input = if loaded.header.input().is_empty() { &beside } else { loaded.header.input() };
    let engines: Vec<&dyn Engine> = engines.iter().map(AsRef::as_ref).collect();
    let (verdict, recorded) = compare(Case::of(&loaded, function, &arguments, input), &engines, limit)?;
    // The header says what to expect of its own invocation.
    let expected = |run: &Run| failure(&loaded.header, run, loaded.program.results(function));
    let failure = if invocation.is_given() { None } else { expected(&recorded.run) };
    Ok(match (verdict, failure) {
        (Verdict::Diverge(report), _) => Said::Diverge { report: report.to_string() },
        (Verdict::Inconclusive { reason }, _) => Said::Inconclusive { reason },
        (Verdict::Agree, Some(failure)) => Said::Diverge { report: failure },
        (Verdict::Agree, None) => Said::Agree { steps: recorded.steps.len() },
    })
}
