//! Planted faults in the listings of full programs, which measure how well the generators find faults.
//!
//! Each fault changes the listing that lowering makes, as a wrong rule of lowering would. Among the first
//! [`PROGRAMS`] generated programs of one fixed seed, one must find the fault.

use std::collections::HashSet;
use std::sync::OnceLock;

use wasmformer::full;
use wasmformer::full::isa::{Op, Writes};
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::listing::operation::Operation;
use wasmformer::full::listing::token::Vocabulary;
use wasmformer::full::listing::{Listing, Place};
use wasmformer::full::machine::decode::Decoder;
use wasmformer::full::machine::host::FullHost;
use wasmformer::full::program::Program;
use wasmformer::full::trace::End;
use wasmformer::harness::full::{Case, Given, Run, Statistics, Watch};
use wasmformer::harness::generate::program;
use wasmformer::harness::soak::judge;
use wasmformer::harness::{Engine, EngineError, Full, Observed, VmEngine};
use wasmformer::transformer::{IndexedModel, IndexedSession, generate};

const SEED: u64 = 1;
const PROGRAMS: u64 = 6000;
const STEP_LIMIT: usize = 100_000;

/// The network on the fused form, with a changed listing.
struct Relisted(Fault);

type Fault = fn(&mut Listing, &Program);

fn model() -> &'static IndexedModel<f64> {
    static MODEL: OnceLock<IndexedModel<f64>> = OnceLock::new();
    MODEL.get_or_init(|| IndexedModel::new(&full::machine::compile().unwrap().0))
}

impl Engine<Full> for Relisted {
    fn name(&self) -> &str {
        "relisted"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let (program, Given { calls, input, .. }) = (case.program, case.given);
        let mut lowered = lower(program, calls, ListingForm::Fused).unwrap();
        (self.0)(&mut lowered.listing, program);
        let tokens = lowered.listing.tokens(program, |function| lowered.entries[function as usize]);
        let vocabulary = Vocabulary::new();
        let mut host = FullHost::new(&vocabulary, &tokens, input);
        let mut decoder = Decoder::new(program, &lowered.listing, program.results(calls), input);
        let (mut stopped, mut silent) = (false, 0);
        generate(&mut IndexedSession::new(model()), &mut host, &mut (), |_, token, _| {
            let steps = vocabulary.token(token).map_or(&[][..], |token| decoder.take(token));
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped = steps.iter().any(|step| watch(&Observed::Step(*step)).is_break());
            !stopped && silent < 10_000 && decoder.end().is_none()
        });
        let end = decoder.end().cloned().filter(|_| !stopped).unwrap_or(End::Stopped);
        Ok(Run { end, state: decoder.into_state() })
    }
}

/// Fails unless the fault is found.
fn found(fault: &str, planted: Fault) {
    let engines: [&dyn Engine<Full>; 2] = [&VmEngine, &Relisted(planted)];
    let mut statistics = Statistics::default();
    for index in 0..PROGRAMS {
        if let Some(report) = judge(&program::<Full>(SEED, index), &engines, STEP_LIMIT, &mut statistics).unwrap() {
            println!("{fault}: program {index}: {report}");
            return;
        }
    }
    panic!("{fault}: not found in {PROGRAMS} programs");
}

#[test]
fn none_is_found_where_none_is_planted() {
    let engines: [&dyn Engine<Full>; 2] = [&VmEngine, &Relisted(|_, _| {})];
    let mut statistics = Statistics::default();
    for index in 0..40 {
        assert_eq!(judge(&program::<Full>(SEED, index), &engines, STEP_LIMIT, &mut statistics).unwrap(), None);
    }
    assert!(statistics.agree > 30, "{statistics}");
}

/// A fault that unwinding once had: a result is written directly to the place where the caller finds it,
/// while an instruction folded before the next line still reads the local at this place.
#[test]
fn a_result_put_into_a_local_before_it_is_read() {
    found("a result put into a local before it is read", |listing, program| {
        let targets: HashSet<u32> = program.code.iter().flat_map(|instr| program.branches_of(instr)).map(|branch| branch.target).collect();
        for index in 1..listing.lines.len() {
            let [line, next] = &mut listing.lines[index - 1..=index] else { continue };
            let (Operation::Wasm(op), Some(pc)) = (line.operation, next.begins) else { continue };
            let pushes = op.row().writes == Writes::Pushed && line.begins.is_some() && line.folded.result.is_none();
            let on_top = i64::from(line.height) + line.operation.delta() == i64::from(next.height) && next.folded.operands[0].is_none();
            let returns = program.code[pc as usize].op == Op::Return && next.operation == Operation::Wasm(Op::LocalSet);
            // No branch goes to the instructions folded in between.
            let alone = !next.folded.before.is_empty() && next.folded.before.iter().chain([&pc]).all(|pc| !targets.contains(pc));
            if pushes && on_top && returns && alone {
                line.folded.result = Some(Place::Local(next.index.into()));
                next.operation = Operation::Wasm(Op::Nop);
            }
        }
    });
}

#[test]
fn a_call_of_the_host_that_counts() {
    found("a call of the host through the table counts", |listing, _| {
        for line in listing.lines.iter_mut().filter(|line| line.operation == Operation::CallHost) {
            line.operation = Operation::CallValue;
        }
    });
}

#[test]
fn in_what_a_line_does() {
    let faults: [(&str, Fault); 5] = [
        ("locals that are read unset are not 0", |listing, _| {
            for line in listing.lines.iter_mut().filter(|line| line.begins.is_none() && line.folded.before.is_empty()) {
                if matches!(line.operation, Operation::Wasm(Op::I32Const | Op::I64Const)) && line.immediate == 0 {
                    line.operation = Operation::Wasm(Op::Nop);
                }
            }
        }),
        ("a branch does not move what it takes along", |listing, program| {
            for line in listing.lines.iter_mut().filter(|line| line.operation == Operation::Wasm(Op::LocalSet)) {
                if line.begins.is_none_or(|pc| matches!(program.code[pc as usize].op, Op::Br | Op::Return)) {
                    line.operation = Operation::Wasm(Op::Nop);
                }
            }
        }),
        ("an operand is in the local before", |listing, _| {
            for line in &mut listing.lines {
                if let Some(Place::Local(local)) = &mut line.folded.operands[1] {
                    *local = local.saturating_sub(1);
                }
            }
        }),
        ("the upper half is not stored", |listing, _| {
            for line in listing.lines.iter_mut().filter(|line| line.operation == Operation::StoreHigh) {
                line.operation = Operation::Wasm(Op::Nop);
            }
        }),
        ("a result is not put into a local", |listing, _| {
            listing.lines.iter_mut().for_each(|line| line.folded.result = None);
        }),
    ];
    for (fault, planted) in faults {
        found(fault, planted);
    }
}
