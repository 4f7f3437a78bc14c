//! The output of current compilers with their default flags: programs and libraries built by
//! `corpus/toolchains/check`. On the reference VM, on wasmi and on the network in both forms, they must do
//! what was recorded under Node.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wasmformer::full::program::{Loaded, Value, load_file};
use wasmformer::full::trace::{End, State};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::{Case, WasmiEngine};
use wasmformer::harness::{Engine, Full, VmEngine, compare};

use crate::common::full::{called, unchecked};

const FOLDER: &str = "corpus/toolchains";

/// The largest number of steps of a run. Tests have no time for more forward passes.
const LIMIT: usize = 200_000;

/// `cases.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    programs: Vec<Program>,
    calls: Vec<Call>,
}

/// A run of `_start`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    source: String,
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    input: String,
    output: String,
    errors: String,
    status: u8,
}

/// A call of an export.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    source: String,
    invoke: String,
    arguments: Vec<Argument>,
    results: String,
}

/// A number is an i32, and a string is an i64, because JavaScript's numbers cannot hold every i64.
#[derive(Deserialize)]
#[serde(untagged)]
enum Argument {
    I32(i32),
    I64(String),
}

fn cases() -> Cases {
    serde_json::from_slice(&fs::read(Path::new(FOLDER).join("cases.json")).unwrap()).unwrap()
}

/// The path of the module built from a source, in one of the folders of modules.
fn built(folder: &str, source: &str) -> PathBuf {
    Path::new(folder).join(source.replace('.', "-")).with_extension("wasm")
}

/// The end and state of a run; asserts that all engines agree.
fn run(loaded: &Loaded, entry: &str, arguments: &[Value], input: &[u8]) -> (End, State) {
    let fused = unchecked().clone().fused();
    let calls = called(loaded.program.exported_function(entry), arguments);
    let case = Case::of(loaded, &calls, input);
    let engines: [&dyn Engine<Full>; 4] = [&VmEngine, &WasmiEngine::default(), unchecked(), &fused];
    let (verdict, recorded) = compare(case, &engines, LIMIT).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    (recorded.run.end, recorded.run.state)
}

#[test]
fn what_compilers_emit_by_default_runs_as_in_node() {
    for program in cases().programs {
        let path = built(&format!("{FOLDER}/built"), &program.source);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let arguments = [name].into_iter().chain(program.arguments).collect();
        let loaded = load_file(&path, &Process::new(arguments, Vec::new()).unwrap()).unwrap();
        let (end, state) = run(&loaded, "_start", &[], program.input.as_bytes());
        let status = match end {
            End::Returned(_) => 0,
            End::Exited(status) => status,
            other => panic!("{}: {other}", path.display()),
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = (text(state.outputs), text(state.errors), status);
        assert_eq!(ran, (program.output, program.errors, program.status), "{}", path.display());
    }
}

#[test]
fn libraries_give_what_they_give_in_node() {
    for call in cases().calls {
        let path = built("tests/libraries", &call.source);
        let loaded = load_file(&path, &Process::default()).unwrap();
        let value = |argument: &Argument| match argument {
            Argument::I32(number) => Value::I32(*number),
            Argument::I64(digits) => Value::I64(digits.parse().unwrap()),
        };
        let arguments: Vec<_> = call.arguments.iter().map(value).collect();
        let (end, _) = run(&loaded, &call.invoke, &arguments, &[]);
        let End::Returned(values) = end else { panic!("{}: {end}", path.display()) };
        let results: Vec<_> = values.iter().map(|value| value.signed().to_string()).collect();
        assert_eq!(results.join(" "), call.results, "{} {}", path.display(), call.invoke);
    }
}
