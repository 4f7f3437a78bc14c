//! Generated full programs on the engines: edge cases of every instruction, whole modules, and the detection
//! of planted faults.

use std::ops::ControlFlow;

use wasmformer::full::isa::{Op, TABLE, Writes};
use wasmformer::full::program::Value;
use wasmformer::full::trace::{Effect, Step};
use wasmformer::harness::full::exhaustive::{self, Domain, domains};
use wasmformer::harness::full::{Case, NetworkEngine, Run, WasmiEngine, Watch};
use wasmformer::harness::generate::program;
use wasmformer::harness::soak::{self, Sampled};
use wasmformer::harness::{Engine, EngineError, Full, Observed, VmEngine, on_steps};

/// Runs every `stride`-th module of each instruction on the reference VM and on wasmi.
fn at_its_edges(stride: usize) {
    let (vm, wasmi) = (VmEngine, WasmiEngine::default());
    let (mut cases, mut trapping) = (0, 0);
    for domain in domains().map(|domain| domain.each(stride)) {
        let (statistics, reports) = exhaustive::run(&domain, &[&vm, &wasmi], &|| ControlFlow::Continue(())).unwrap();
        assert!(reports.is_empty(), "{reports:#?}");
        assert!(statistics.executed(domain.op.row().mnemonic) > 0, "{}", domain.op);
        assert!(statistics.refused.is_empty() && statistics.inconclusive.is_empty(), "{statistics}");
        cases += domain.cases();
        trapping += domain.trapping();
    }
    assert!(cases > 60_000 / stride && trapping > 1000 / stride, "{cases} cases, of which {trapping} trap");
}

#[test]
fn every_instruction_at_some_of_its_edges() {
    at_its_edges(4);
}

#[test]
#[ignore = "a minute"]
fn every_instruction_at_its_edges() {
    at_its_edges(1);
}

#[test]
fn whole_modules_agree_and_reach_every_instruction() {
    let vm = VmEngine;
    let wasmi = WasmiEngine::default();
    let batch = soak::run::<Full>(1, 0..3000, &[&vm, &wasmi], Sampled::default(), None).unwrap();
    let reports: Vec<_> = batch.findings.iter().map(|finding| (finding.index, &finding.shrunk.report)).collect();
    assert!(reports.is_empty(), "{reports:#?}");
    let statistics = batch.statistics;
    // A program that ends at an instruction outside the profile or at a call of an import that nothing
    // provides is compared up to that point.
    assert!(statistics.agree > 2600 && statistics.inconclusive.is_empty(), "{statistics}");
    let missed: Vec<_> = TABLE.iter().map(|row| row.mnemonic).filter(|mnemonic| statistics.executed(mnemonic) == 0).collect();
    assert!(missed.is_empty(), "{missed:?}\n{statistics}");
    for routine in ["memory.copy", "memory.fill", "memory.init", "data.drop"] {
        assert!(statistics.executed(routine) > 50, "{routine}: {statistics}");
    }
    let absent = statistics.cut_short.iter().filter(|(reason, _)| reason.contains("env.absent"));
    assert!(absent.map(|(_, count)| count).sum::<u64>() > 10, "{statistics}");
}

/// This module imports all functions that a generated module can import.
#[test]
fn a_module_with_all_imports_is_made() {
    let generated = program::<Full>(1, 10_461);
    assert!(generated.load().is_ok_and(|loaded| !generated.calls(&loaded).is_empty()));
}

#[test]
fn whole_modules_agree_on_the_network() {
    let (vm, network) = (VmEngine, NetworkEngine::indexed());
    let fused = network.clone().fused();
    let batch = soak::run::<Full>(2, 0..100, &[&vm, &network, &fused], Sampled::default(), None).unwrap();
    let reports: Vec<_> = batch.findings.iter().map(|finding| (finding.index, &finding.shrunk.report)).collect();
    assert!(reports.is_empty(), "{reports:#?}");
    assert!(batch.statistics.agree > 70 && batch.statistics.inconclusive.is_empty(), "{}", batch.statistics);
}

#[test]
fn a_seed_gives_the_same_program_each_time() {
    assert_eq!(program::<Full>(3, 14), program::<Full>(3, 14));
    assert_ne!(program::<Full>(3, 14), program::<Full>(3, 15));
}

/// The reference VM, except that the result of one instruction is wrong.
struct Wrong(Op);

impl Engine<Full> for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut changed = |step: Step| {
            let wrong = case.program.code[step.pc as usize].op == self.0;
            let effect = match step.effect {
                Effect::Push(Value::I32(value)) if wrong => Effect::Push(Value::I32(value ^ 1)),
                Effect::Push(Value::I64(value)) if wrong => Effect::Push(Value::I64(value ^ (1 << 63))),
                other => other,
            };
            watch(&Observed::Step(Step { effect, ..step }))
        };
        VmEngine.run(case, &mut on_steps(&mut changed))
    }
}

#[test]
fn a_wrong_bit_of_any_numeric_instruction_is_found() {
    let vm = VmEngine;
    for domain in domains().filter(|domain| domain.op.row().writes == Writes::Pushed) {
        let first = Domain { modules: domain.modules[..1].to_vec(), ..domain };
        let (_, reports) = exhaustive::run(&first, &[&vm, &Wrong(first.op)], &|| ControlFlow::Continue(())).unwrap();
        assert!(matches!(&reports[..], [report] if report.contains(first.op.row().mnemonic)), "{}: {reports:?}", first.op);
    }
}

#[test]
fn what_diverges_is_made_small() {
    let vm = VmEngine;
    let batch = soak::run::<Full>(5, 0..40, &[&vm, &Wrong(Op::I32Eqz)], Sampled::default(), None).unwrap();
    assert_eq!(batch.statistics.diverge, batch.findings.len() as u64);
    let sizes = batch.findings.iter().map(|finding| (finding.shrunk.generated.wasm.len(), program::<Full>(5, finding.index).wasm.len()));
    let (small, original) = sizes.fold((0, 0), |sum, (small, original)| (sum.0 + small, sum.1 + original));
    assert!(!batch.findings.is_empty() && small < original / 2, "{small} of {original} bytes");
    assert!(batch.findings.iter().all(|finding| finding.shrunk.report.to_string().contains("i32.eqz")));
}
