//! Isolating the instruction that diverges.

use std::collections::BTreeSet;

use super::alone::Situation;
use super::{Full, Shrinker};
use crate::full::program::Program;
use crate::full::trace::Step;
use crate::full::vm::Vm;
use crate::harness::generate::Generate;
use crate::harness::report::{Difference, Report};

/// The maximum number of executions that are tried per instruction, where the report does not name a step.
/// Only executions with different effects are tried.
const EXECUTIONS: usize = 3;

/// Tries modules with one instruction: the instruction that the report names, or else any instruction that is
/// executed. The first smaller module that diverges in the same manner is taken. Returns whether one was.
pub(super) fn isolate(shrinker: &mut Shrinker<'_>) -> bool {
    let report = &shrinker.shrunk.report;
    let situations = Full::with_case(shrinker.given(), |case| {
        let mut vm = Vm::new(case.program, case.calls, case.input);
        let trace: Vec<Step> = std::iter::from_fn(|| vm.step()).take(shrinker.steps).collect();
        let steps = named(report).unwrap_or_else(|| executions(case.program, &trace));
        let mut vm = Vm::new(case.program, case.calls, case.input);
        let mut situations = Vec::new();
        for (index, step) in trace.into_iter().enumerate() {
            if steps.contains(&index) {
                situations.push(Situation::new(case.program, &vm, step));
            }
            vm.step();
        }
        situations
    });
    let modules = situations.unwrap_or_default().into_iter().filter_map(|situation| situation.module());
    let size = shrinker.wasm().len();
    modules.filter(|module| module.wasm.len() < size).any(|module| shrinker.accept(module))
}

/// The steps at which the difference can begin according to a report. `None` where the report does not name a
/// step.
fn named(report: &Report) -> Option<BTreeSet<usize>> {
    let around = |step: usize| [step.saturating_sub(1), step];
    match &report.difference {
        Difference::Step(at) if at.after.is_some() => Some([at.step.saturating_sub(1)].into()),
        Difference::Step(at) => Some(around(at.step).into()),
        Difference::Logits(at) => Some(around(at.step + 1).into()),
        Difference::End { .. } | Difference::State { .. } => None,
    }
}

/// The indices of some executions of every instruction.
fn executions(program: &Program, trace: &[Step]) -> BTreeSet<usize> {
    let mut seen = Vec::new();
    let mut is_new = |step: &Step| {
        let op = program.code[step.pc as usize].op;
        let is_new = seen.iter().filter(|(other, _)| *other == op).count() < EXECUTIONS && !seen.contains(&(op, step.effect));
        if is_new {
            seen.push((op, step.effect));
        }
        is_new
    };
    (0..trace.len()).filter(|index| is_new(&trace[*index])).collect()
}
