//! Tests that faults planted in the indexes of the indexed passes, and in compiled passes, are found by
//! comparison with the dense passes.

use super::NetworkEngine;
use crate::harness::engine::{Case, Engine, EngineError, Run, Transformer, Watch};
use crate::harness::generate::program;
use crate::harness::residuals::Residuals;
use crate::harness::{Byte, Verdict, VmEngine, compare};
use crate::transformer::compiled::faults as compiled;
use crate::transformer::indexed::faults::{FAULTS, Fault, Faulty};
use crate::transformer::{CompiledModel, CompiledSession, IndexedModel, IndexedSession};

const SEED: u64 = 1;
const PROGRAMS: u64 = 2000;
const STEP_LIMIT: usize = 2000;

/// A model with a planted fault.
enum Spoiled {
    Indexed(Box<IndexedModel<f32>>, Option<Fault>),
    Compiled(Box<CompiledModel<f32>>, Option<compiled::Fault>),
}

/// An engine with a planted fault.
struct Planted {
    engine: NetworkEngine<Byte>,
    model: Spoiled,
}

impl Planted {
    fn indexed(fault: Option<Fault>) -> Planted {
        let engine = NetworkEngine::indexed();
        let mut model = engine.indexed_model().unwrap().clone();
        if let Some(Fault::Model(spoil)) = fault {
            spoil(&mut model);
        }
        Planted { engine, model: Spoiled::Indexed(model.into(), fault) }
    }

    fn compiled(fault: Option<compiled::Fault>) -> Planted {
        let engine = NetworkEngine::compiled();
        let model = compiled::spoiled(engine.compiled_model().unwrap(), fault);
        Planted { engine, model: Spoiled::Compiled(model.into(), fault) }
    }

    /// The first program on which this engine differs from the dense engine or the VM, and the report.
    fn found(&self, dense: &NetworkEngine<Byte>, programs: u64) -> Option<(u64, String)> {
        (0..programs).find_map(|index| {
            let (verdict, _) = compare(program::<Byte>(SEED, index).case(), &[&VmEngine, dense, self], STEP_LIMIT).unwrap();
            if let Verdict::Diverge(report) = verdict { Some((index, report.to_string())) } else { None }
        })
    }
}

impl Engine<Byte> for Planted {
    fn name(&self) -> &str {
        "planted"
    }

    fn run(&self, case: Case<'_, Byte>, watch: &mut Watch<'_, Byte>) -> Result<Run<Byte>, EngineError> {
        match &self.model {
            Spoiled::Indexed(model, fault) => {
                self.engine.generate_by(&mut Faulty { session: IndexedSession::new(model), fault: *fault }, case, watch)
            }
            Spoiled::Compiled(model, fault) => {
                self.engine.generate_by(&mut compiled::Faulty { session: CompiledSession::new(model), fault: *fault }, case, watch)
            }
        }
    }

    fn transformer(&self) -> Option<&dyn Transformer<Byte>> {
        Some(self)
    }
}

impl Transformer<Byte> for Planted {
    fn has_logits(&self) -> bool {
        true
    }

    fn lanes(&self) -> Option<&[String]> {
        None
    }

    fn prompt_rows(&self, case: Case<'_, Byte>) -> Result<usize, EngineError> {
        self.engine.prompt_rows(case)
    }

    fn run_seen(&self, case: Case<'_, Byte>, watch: &mut Watch<'_, Byte>, _: Residuals<'_>) -> Result<Run<Byte>, EngineError> {
        self.run(case, watch)
    }
}

/// Asserts that each fault is found, and that nothing is found without a fault.
fn all_are_found<F: Copy>(faults: &[(&str, F)], planted: fn(Option<F>) -> Planted) {
    let dense = NetworkEngine::dense();
    assert_eq!(planted(None).found(&dense, 20), None, "without a fault nothing is found");
    let mut missed = Vec::new();
    for (name, fault) in faults {
        match planted(Some(*fault)).found(&dense, PROGRAMS) {
            Some((index, report)) => println!("{name}: program {index}: {report}"),
            None => missed.push(name),
        }
    }
    assert!(missed.is_empty(), "not found in {PROGRAMS} programs: {missed:?}");
}

#[test]
fn a_planted_fault_in_each_index_is_found() {
    all_are_found(&FAULTS, Planted::indexed);
}

#[test]
fn a_planted_fault_in_compiled_passes_is_found() {
    all_are_found(&compiled::FAULTS, Planted::compiled);
}
