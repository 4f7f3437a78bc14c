//! The programs of `corpus/programs`, short and long, on the reference VM and on wasmi. Each must print the
//! contents of the file beside it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use wasmformer::full::isa::{Op, ValType};
use wasmformer::full::program::{Loaded, Value, load_file};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::{Case, WasmiEngine};
use wasmformer::harness::{Engine, VmEngine, compare};
use wasmformer::wasm::find::find_programs;

use crate::common::console::Ran;
use crate::common::full::called;
use crate::common::lockstep::{SHORT, as_it_is, lockstep};

const FOLDER: &str = "corpus/programs";

/// A program in one of its sizes.
struct Sized {
    path: PathBuf,
    entry: &'static str,
    input: Vec<u8>,
    expected: Vec<u8>,
}

/// All programs that need only a console, as `main` and as `long`. A long run reads `NAME.long.in`, if this
/// file exists.
fn programs() -> Vec<Sized> {
    let beside = |path: &Path, extension: &str| fs::read(path.with_extension(extension)).ok();
    let here = find_programs(Path::new(FOLDER)).unwrap().into_iter().filter(|path| path.parent() == Some(Path::new(FOLDER)));
    here.flat_map(|path| {
        ["main", "long"].map(|entry| {
            let short = beside(&path, "in").unwrap_or_default();
            let (input, output) = match entry {
                "long" => (beside(&path, "long.in").unwrap_or(short), "long.out"),
                _ => (short, "out"),
            };
            let expected = beside(&path, output).unwrap_or_else(|| panic!("{}: no {output} beside it", path.display()));
            Sized { path: path.clone(), entry, input, expected }
        })
    })
    .collect()
}

/// Does the same as [`lockstep`], but compares only the results.
fn by_results(loaded: &Loaded, entry: &str, input: &[u8]) -> Ran {
    let calls = called(loaded.program.exported_function(entry), &[]);
    let case = Case::of(loaded, &calls, input);
    let run = VmEngine.run(case, &mut |_| ControlFlow::Continue(())).unwrap();
    as_it_is(loaded, run, entry, input)
}

fn load(path: &Path) -> Loaded {
    load_file(path, &Process::default()).unwrap()
}

#[test]
fn print_what_stands_beside_them() {
    let programs = programs();
    assert!(programs.len() >= 2 * 16, "only {} programs found", programs.len());
    for Sized { path, entry, input, expected } in programs {
        let run = if entry == "long" { by_results } else { lockstep };
        let ran = run(&load(&path), entry, &input);
        assert_eq!(ran, Ran { output: expected, errors: Vec::new(), end: Ok(0) }, "{} {entry}", path.display());
    }
}

#[test]
fn have_floats_only_where_they_are_about_floats() {
    let is_float = |ty: &ValType| matches!(ty, ValType::F32 | ValType::F64);
    let mut with_floats = Vec::new();
    for path in find_programs(Path::new(FOLDER)).unwrap() {
        let module = load(&path).module;
        let refused = module.code.iter().find(|instr| instr.op == Op::Refused);
        assert_eq!(refused, None, "{}", path.display());
        let signatures = module.types.iter().flat_map(|ty| ty.params.iter().chain(&ty.results));
        let mut types = signatures.chain(module.functions.iter().flat_map(|function| &function.locals));
        if types.any(is_float) {
            with_floats.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(with_floats, ["mandelbrot", "nbody", "solver", "spectral", "doubles", "numbers"]);
}

#[test]
fn run_in_any_size() {
    let loaded = load(&Path::new(FOLDER).join("queens.wasm"));
    let run = loaded.program.exported_function("run");
    for (size, expected) in [(1, "1\n"), (4, "1 0 0 2\n"), (7, "1 0 0 2 10 4 40\n")] {
        let calls = called(run, &[Value::I32(size)]);
        let case = Case::of(&loaded, &calls, b"");
        let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default()], SHORT).unwrap();
        assert_eq!((verdict.is_agreement(), recorded.run.state.outputs), (true, expected.as_bytes().to_vec()));
    }
}
