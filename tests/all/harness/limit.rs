//! Programs that are stopped at the limit of steps: their steps up to the limit are compared like those of
//! any other program.

use std::cell::Cell;
use std::ops::ControlFlow;

use wasmformer::full::program::Loaded;
use wasmformer::full::trace::Effect;
use wasmformer::harness::full::{Case, NetworkEngine, Run, WasmiEngine, Watch};
use wasmformer::harness::{Engine, EngineError, Full, Observed, Verdict, VmEngine, compare};

use crate::common::full::{called, program};

const LIMIT: usize = 200;

fn endless() -> Loaded {
    let text = r#"(module (func (export "main") (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 3))) (br 0))))"#;
    program(text)
}

/// The verdict on engines and the reference VM for a program that does not end.
fn verdict(engines: &[&dyn Engine<Full>]) -> Verdict {
    let loaded = endless();
    let calls = called(loaded.program.exported_function("main"), &[]);
    let case = Case::of(&loaded, &calls, &[]);
    let engines: Vec<&dyn Engine<Full>> = [&VmEngine as &dyn Engine<Full>].into_iter().chain(engines.iter().copied()).collect();
    compare(case, &engines, LIMIT).unwrap().0
}

/// The reference VM, except that one step writes nothing.
struct Wrong {
    at: usize,
}

impl Engine<Full> for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut index = 0;
        VmEngine.run(case, &mut |observed| {
            let Observed::Step(mut step) = *observed else { return watch(observed) };
            if index == self.at {
                step.effect = Effect::Nothing;
            }
            index += 1;
            watch(&Observed::Step(step))
        })
    }
}

/// An engine that reports results only, no steps. It must not be run on a program that does not end, because
/// nothing would stop it.
#[derive(Default)]
struct Results {
    was_run: Cell<bool>,
}

impl Engine<Full> for Results {
    fn name(&self) -> &str {
        "results"
    }

    fn tells_steps(&self) -> bool {
        false
    }

    fn run(&self, case: Case<'_>, _: &mut Watch<'_>) -> Result<Run, EngineError> {
        self.was_run.set(true);
        VmEngine.run(case, &mut |_| ControlFlow::Break(()))
    }
}

#[test]
fn a_fault_before_the_limit_is_found() {
    // A round of the loop has five steps; the fourth step writes the local.
    for at in [3, 103, LIMIT - 2] {
        let Verdict::Diverge(report) = verdict(&[&WasmiEngine::default(), &Wrong { at }]) else { panic!("not found at {at}") };
        assert_eq!((report.engine.as_str(), report.difference.step()), ("wrong", Some(at)), "{report}");
    }
}

#[test]
fn without_a_fault_before_the_limit_nothing_is_said() {
    let network = NetworkEngine::indexed();
    let (fused, results) = (network.clone().fused(), Results::default());
    let said = verdict(&[&WasmiEngine::default(), &network, &fused, &Wrong { at: LIMIT + 3 }, &results]);
    assert_eq!(said, Verdict::Inconclusive { reason: format!("more than {LIMIT} steps") });
    assert!(!results.was_run.get(), "a run without an end has no results");
}
