//! A run on the reference VM and on wasmi, where wasmi runs the instrumented module and the module as it is.

use wasmformer::full::program::Loaded;
use wasmformer::full::trace::End;
use wasmformer::harness::full::{Case, Run, WasmiEngine};
use wasmformer::harness::{VmEngine, compare};

use super::console::{self, Ran};
use super::full::called;

/// The largest number of steps of a short run. Tests have no time for more forward passes.
pub const SHORT: usize = 200_000;

/// Runs an exported function on the reference VM and on wasmi. wasmi runs the instrumented module, compared
/// step by step, and then the module as it is. All runs must agree, and a run of more than [`SHORT`] steps
/// fails.
pub fn lockstep(loaded: &Loaded, entry: &str, input: &[u8]) -> Ran {
    let calls = called(loaded.program.exported_function(entry), &[]);
    let case = Case::of(loaded, &calls, input);
    let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default()], SHORT).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    as_it_is(loaded, recorded.run, entry, input)
}

/// The outputs and end of a run; asserts that wasmi repeats them with the module as it is.
pub fn as_it_is(loaded: &Loaded, run: Run, entry: &str, input: &[u8]) -> Ran {
    let end = match run.end {
        End::Returned(_) => Ok(0),
        End::Exited(status) => Ok(i32::from(status)),
        other => Err(other.to_string()),
    };
    let ran = Ran { output: run.state.outputs, errors: run.state.errors, end };
    let repeated = console::run(&loaded.module.wasm, entry, input);
    // Messages of traps are not compared, because each engine has its own.
    assert_eq!((&repeated.output, &repeated.errors, repeated.end.ok()), (&ran.output, &ran.errors, ran.end.clone().ok()));
    ran
}
