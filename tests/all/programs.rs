//! The programs of `corpus/programs`, short and long, on the reference VM and on wasmi: each must print what stands beside it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use wasmformer::harness::full::{Case, Engine, Run, Verdict, VmEngine, WasmiEngine, compare};
use wasmformer::program::Source;
use wasmformer::program::full::{self, Value, reader};
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

/// A module by itself, ready to run.
pub struct Loaded {
    module: full::Module,
    program: full::Program,
}

impl Loaded {
    pub fn new(module: full::Module) -> Loaded {
        let program = full::close(&Source::named("module"), &module).unwrap();
        Loaded { module, program }
    }

    fn case<'a>(&'a self, entry: &str, input: &'a [u8]) -> Case<'a> {
        let function = self.program.exported_function(entry);
        Case { program: &self.program, module: Some(&self.module), function, arguments: &[], input }
    }

    /// Runs an exported function on the reference VM and on wasmi, step by step as instrumented and once more as it is; all
    /// must agree. A run of more than [`SHORT`] steps fails.
    pub fn lockstep(&self, entry: &str, input: &[u8]) -> Ran {
        let (verdict, recorded) = compare(self.case(entry, input), &[&VmEngine, &WasmiEngine::default()], SHORT).unwrap();
        let Verdict::Agree = verdict else { panic!("{verdict:?}") };
        self.as_it_is(recorded.run, entry, input)
    }

    /// As [`Loaded::lockstep`], but only the results are compared.
    pub fn by_results(&self, entry: &str, input: &[u8]) -> Ran {
        let run = VmEngine.run(self.case(entry, input), &mut |_| ControlFlow::Continue(())).unwrap();
        self.as_it_is(run, entry, input)
    }

    /// What a run was that the module as it is repeats on wasmi.
    fn as_it_is(&self, run: Run, entry: &str, input: &[u8]) -> Ran {
        let ran = Ran {
            output: run.state.outputs,
            end: match run.end {
                End::Returned(_) => Ok(0),
                End::Exited(status) => Ok(i32::from(status)),
                other => Err(other.to_string()),
            },
        };
        let repeated = console::run(&self.module.wasm, entry, input);
        // Engines have words of their own for traps.
        assert_eq!((&repeated.output, repeated.end.ok()), (&ran.output, ran.end.clone().ok()));
        ran
    }
}

#[test]
fn print_what_stands_beside_them() {
    let programs = programs();
    assert!(programs.len() >= 2 * 16, "only {} programs found", programs.len());
    for Sized { path, entry, input, expected } in programs {
        let loaded = Loaded::new(reader::read_file(&path).unwrap().module);
        let ran = if entry == "long" { loaded.by_results(entry, &input) } else { loaded.lockstep(entry, &input) };
        assert_eq!(ran, Ran { output: expected, end: Ok(0) }, "{} {entry}", path.display());
    }
}

#[test]
fn have_no_floats() {
    for path in find_programs(Path::new(FOLDER)).unwrap() {
        let module = reader::read_file(&path).unwrap().module;
        let refused = module.code.iter().find(|instr| instr.op == wasmformer::isa::full::Op::Refused);
        assert_eq!(refused, None, "{}", path.display());
    }
}

#[test]
fn run_in_any_size() {
    let loaded = Loaded::new(reader::read_file(&Path::new(FOLDER).join("queens.wasm")).unwrap().module);
    for (size, expected) in [(1, "1\n"), (4, "1 0 0 2\n"), (7, "1 0 0 2 10 4 40\n")] {
        let case = Case { arguments: &[Value::I32(size)], ..loaded.case("run", b"") };
        let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default()], SHORT).unwrap();
        assert_eq!((verdict, recorded.run.state.outputs), (Verdict::Agree, expected.as_bytes().to_vec()));
    }
}
