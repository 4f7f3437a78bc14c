//! Shrinking a diverging module.
//!
//! The place of the divergence is used first: [`isolate`] makes a module of the diverging instruction alone,
//! with the operands that it had. Then the module itself is reduced: [`bodies`] deletes code, [`items`]
//! deletes items that nothing refers to any more, and [`given`] lowers arguments and input. wasm-shrink runs
//! last. A candidate is taken if it is valid and still diverges in the same manner. Random numbers come from
//! a fixed seed only, and time is not measured, so the same module always shrinks to the same result.

mod alone;
mod bodies;
mod draft;
mod given;
mod isolate;
mod items;

use wasm_shrink::WasmShrink;
use wasmparser::Validator;

use super::{Full, Generated};
use crate::full::program::reader::FEATURES;
use crate::harness::compare::{Verdict, compare};
use crate::harness::engine::{Engine, EngineError};
use crate::harness::generate::{Generate, Shrunk};
use crate::harness::report::{Difference, Report};

/// The number of changes that wasm-shrink tries without success before it stops.
const ATTEMPTS: u32 = 400;

/// The maximum total cost of all candidates. It is about a minute.
const BUDGET: u64 = 400_000_000;

/// The cost per candidate besides its bytes and steps.
const CANDIDATE: u64 = 5_000;

/// The cost per step of a transformer. A step of any other engine costs 1.
const STEP_OF_TRANSFORMER: u64 = 200;

/// The number of steps that a candidate may make beyond the steps of the current module.
const MORE_STEPS: usize = 100;

/// Shrinks a module on which the engines diverge, with its calls and input. `None` if the engines do not
/// diverge.
///
/// # Errors
/// Where the first engine cannot run the module.
pub(super) fn shrink(generated: &Generated, engines: &[&dyn Engine<Full>], limit: usize) -> Result<Option<Shrunk<Generated>>, EngineError> {
    let Some((report, steps)) = judge(generated, engines, limit)? else { return Ok(None) };
    let shrunk = Shrunk { generated: generated.clone(), report, candidates: 0 };
    let mut shrinker = Shrinker::new(shrunk, engines, limit, steps);
    isolate::isolate(&mut shrinker);
    shrinker.reduce();
    // Not part of the loop of `reduce`: where functions call each other, repeating it may not end.
    if bodies::shorten_calls(&mut shrinker) {
        shrinker.reduce();
    }
    // Other executions of the instruction are among the first now.
    if isolate::isolate(&mut shrinker) {
        shrinker.reduce();
    }
    shrinker.finish();
    Ok(Some(shrinker.shrunk))
}

/// How the engines diverge on a module, and the number of steps of the first engine. `None` if the engines do
/// not diverge.
fn judge(generated: &Generated, engines: &[&dyn Engine<Full>], limit: usize) -> Result<Option<(Report, usize)>, EngineError> {
    let judged = Full::with_case(generated, |case| compare(case, engines, limit));
    // A module that the language refuses does not count as a divergence.
    let Ok(judged) = judged else { return Ok(None) };
    let (verdict, recorded) = judged?;
    Ok(if let Verdict::Diverge(report) = verdict { Some((*report, recorded.steps.len())) } else { None })
}

struct Shrinker<'e> {
    /// The engine whose trace is expected, and the engines that the report names.
    engines: Vec<&'e dyn Engine<Full>>,
    /// Whether all these engines report their steps.
    tells_steps: bool,
    shrunk: Shrunk<Generated>,
    /// The number of steps of the current module. `limit` is the step limit of all runs.
    steps: usize,
    limit: usize,
    /// The budget left for candidates.
    budget: u64,
}

impl<'e> Shrinker<'e> {
    fn new(shrunk: Shrunk<Generated>, engines: &[&'e dyn Engine<Full>], limit: usize, steps: usize) -> Shrinker<'e> {
        let Report { engine, reference, .. } = &shrunk.report;
        let named = |index: usize| index == 0 || [engine, reference].iter().any(|name| *name == engines[index].name());
        let engines: Vec<_> = (0..engines.len()).filter(|index| named(*index)).map(|index| engines[index]).collect();
        let tells_steps = engines.iter().all(|engine| engine.tells_steps());
        Shrinker { engines, tells_steps, shrunk, steps, limit, budget: BUDGET }
    }

    /// The current module.
    fn wasm(&self) -> &[u8] {
        &self.shrunk.generated.wasm
    }

    /// The current module with its calls and input.
    fn given(&self) -> &Generated {
        &self.shrunk.generated
    }

    /// Takes a module, with calls of the same names, if it is valid and diverges in the same manner.
    fn accept_wasm(&mut self, wasm: Vec<u8>) -> bool {
        if Validator::new_with_features(FEATURES).validate_all(&wasm).is_err() {
            return false;
        }
        let names = invoked(&self.shrunk.generated);
        invoking(&self.shrunk.generated, wasm, &names).is_some_and(|candidate| self.accept(candidate))
    }

    /// Takes a module if it diverges in the same manner.
    fn accept(&mut self, candidate: Generated) -> bool {
        let transformers = self.engines.iter().filter(|engine| engine.transformer().is_some()).count() as u64;
        let steps = self.steps as u64 * (1 + STEP_OF_TRANSFORMER * transformers);
        let cost = CANDIDATE + candidate.wasm.len() as u64 + steps;
        if candidate == self.shrunk.generated || self.budget < cost {
            return false;
        }
        self.budget -= cost;
        self.shrunk.candidates += 1;
        let limit = self.limit.min(self.steps + MORE_STEPS);
        match judge(&candidate, &self.engines, limit) {
            Ok(Some((report, steps))) if self.is_alike(&report) => {
                (self.shrunk.generated, self.shrunk.report, self.steps) = (candidate, report, steps);
                true
            }
            _ => false,
        }
    }

    /// Whether a report has the same manner. For an engine that does not report steps, every difference in
    /// end or state counts as the same manner, because a fault can show in any of the results.
    fn is_alike(&self, report: &Report) -> bool {
        let at_end = |report: &Report| matches!(report.difference, Difference::End { .. } | Difference::State { .. });
        let is_same_end = !self.tells_steps && at_end(report) && at_end(&self.shrunk.report);
        report.manner() == self.shrunk.report.manner() || (is_same_end && report.engine == self.shrunk.report.engine)
    }

    /// Tries all reductions in turn until none applies.
    fn reduce(&mut self) {
        while bodies::reduce(self) | items::reduce(self) | given::reduce(self) {}
    }

    /// Shrinks the module further with wasm-shrink.
    fn finish(&mut self) {
        let wasm = self.wasm().to_vec();
        // The only error means that nothing smaller was found.
        let _ = WasmShrink::default().attempts(ATTEMPTS).run(wasm, &mut |wasm: &[u8]| Ok(self.accept_wasm(wasm.to_vec())));
    }
}

/// The export names of the functions that are called.
fn invoked(generated: &Generated) -> Vec<String> {
    let Ok(loaded) = generated.load() else { return Vec::new() };
    let calls = generated.calls(&loaded);
    calls.iter().filter_map(|call| loaded.program.export_of(call.function)).map(str::to_string).collect()
}

/// The same calls on another module, if that module has the functions.
fn invoking(generated: &Generated, wasm: Vec<u8>, names: &[String]) -> Option<Generated> {
    let candidate = Generated { wasm, ..generated.clone() };
    let program = candidate.load().ok()?.program;
    let choice = |name: &String| {
        let function = program.exported_function(name)?;
        program.exported_functions().position(|exported| exported == function)
    };
    Some(Generated { choices: names.iter().map(choice).collect::<Option<_>>()?, ..candidate })
}
