//! The programs of `corpus/programs`, short and long, on the reference VM and on wasmi: each must print what stands beside it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use wasmformer::harness::full::{Case, Engine, VmEngine};
use wasmformer::program::Source;
use wasmformer::program::full::{self, reader};
use wasmformer::program::reader::find_programs;
use wasmformer::trace::full::End;

use crate::common::console::{self, Ran};

const FOLDER: &str = "corpus/programs";

/// The most steps of a short run: what a test can afford of forward passes.
const SHORT: usize = 200_000;

/// A program in one of its sizes.
struct Sized {
    path: PathBuf,
    entry: &'static str,
    input: Vec<u8>,
    expected: Vec<u8>,
}

/// All programs that need nothing but a console, as `main` and as `long`. A long run reads `NAME.long.in`, if there is one.
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

/// The module of a file.
pub fn read(path: &Path) -> full::Module {
    reader::read_file(path).unwrap().module
}

/// Runs an exported function of a module on the reference VM. Returns the steps too.
pub fn on_vm(module: full::Module, entry: &str, input: &[u8]) -> (Ran, usize) {
    let wasm = module.wasm.clone();
    let program = full::close(&Source::named(entry), module).unwrap();
    let function = program.exported_function(entry);
    let case = Case { program: &program, wasm: &wasm, function, arguments: &[], input };
    let mut steps = 0;
    let run = VmEngine.run(case, &mut |_| {
        steps += 1;
        ControlFlow::Continue(())
    });
    let run = run.unwrap();
    let end = match run.end {
        End::Returned(_) => Ok(0),
        End::Exited(status) => Ok(i32::from(status)),
        other => Err(other.to_string()),
    };
    (Ran { output: run.state.outputs, end }, steps)
}

#[test]
fn print_what_stands_beside_them() {
    let programs = programs();
    assert!(programs.len() >= 2 * 16, "only {} programs found", programs.len());
    for Sized { path, entry, input, expected } in programs {
        let name = format!("{} {entry}", path.display());
        let module = read(&path);
        let expected = Ran { output: expected, end: Ok(0) };
        assert!(console::run(&module.wasm, entry, &input) == expected, "{name}: wasmi");
        let (ran, steps) = on_vm(module, entry, &input);
        assert!(ran == expected, "{name}: reference VM");
        println!("{name}: {steps} steps");
        assert!(entry == "long" || steps <= SHORT, "{name}: {steps} steps");
    }
}

#[test]
fn have_no_floats() {
    for path in find_programs(Path::new(FOLDER)).unwrap() {
        let module = read(&path);
        let refused = module.code.iter().find(|instr| instr.op == wasmformer::isa::full::Op::Refused);
        assert_eq!(refused, None, "{}", path.display());
    }
}
