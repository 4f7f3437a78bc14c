//! Generated full programs on both engines: every instruction at its edges, whole modules, and that nothing goes unnoticed.

use wasmformer::harness::full::generate::{Generated, one};
use wasmformer::harness::full::soak::{self, Statistics, judge};
use wasmformer::harness::full::{Engine, VmEngine, WasmiEngine};
use wasmformer::isa::full::{Op, Row, Signature, TABLE};
use wasmformer::program::full::Value;
use wasmformer::program::full::limits::PAGE;
use wasmformer::vm::full::numeric;

/// Operands, and the offset of an access.
type Situation = (Vec<Value>, u32);

/// All operands of an instruction at the edges, with the offset of the access. Those that trap are apart.
fn cases(row: &Row) -> (Vec<Situation>, Vec<Situation>) {
    let Signature::Fixed(params, result) = row.signature else { panic!("{}", row.mnemonic) };
    let mut operands: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, ty) in params.iter().enumerate() {
        let values: Vec<Value> = match (row.op.access_width() > 0, index) {
            (true, 0) => one::ADDRESSES.iter().map(|address| Value::I32(*address as i32)).collect(),
            (true, _) => one::edges(*ty).step_by(5).collect(),
            (false, _) => one::edges(*ty).collect(),
        };
        operands = operands.iter().flat_map(|before| values.iter().map(|value| [&before[..], &[*value]].concat())).collect();
    }
    let offsets: &[u32] = if row.op.access_width() > 0 { &[0, 1, 3, PAGE - 8, u32::MAX] } else { &[0] };
    let all = operands.into_iter().flat_map(|operands| offsets.iter().map(move |offset| (operands.clone(), *offset)));
    all.partition(|(operands, offset)| match row.op {
        Op::Unreachable => false,
        op if op.access_width() > 0 => operands[0].bits() + u64::from(*offset) + u64::from(op.access_width()) <= u64::from(PAGE),
        Op::Nop | Op::MemorySize | Op::MemoryGrow | Op::I32Const | Op::I64Const => true,
        op => result.is_some() && numeric::evaluate(op, operands).is_ok(),
    })
}

/// Runs modules on both engines; all must agree.
fn agree(wasm: Vec<u8>, statistics: &mut Statistics) {
    let engines: [&dyn Engine; 3] = [&VmEngine, &WasmiEngine::default(), super::full_machine::network()];
    let generated = Generated { wasm, choice: 0, numbers: [0; 4], input: Vec::new() };
    if let Some(report) = judge(&generated, &engines, statistics).unwrap() {
        panic!("{report}");
    }
}

#[test]
fn every_instruction_at_its_edges() {
    let mut statistics = Statistics::default();
    let (mut together, mut trapping) = (0, 0);
    for row in one::instructions() {
        let (plain, traps) = cases(row);
        for offset in [0, 1, 3, PAGE - 8, u32::MAX] {
            let of_offset: Vec<_> = plain.iter().filter(|(_, other)| *other == offset).map(|(operands, _)| operands.clone()).collect();
            if !of_offset.is_empty() {
                agree(one::module(row.op, &of_offset, offset), &mut statistics);
                together += of_offset.len() as u64;
            }
        }
        for (operands, offset) in traps {
            agree(one::module(row.op, &[operands], offset), &mut statistics);
            trapping += 1;
        }
    }
    for row in one::instructions() {
        assert!(statistics.executed(row.mnemonic) > 0, "{}", row.mnemonic);
    }
    assert!(statistics.refused.is_empty() && statistics.inconclusive.is_empty(), "{statistics}");
    assert!(together > 60_000 && trapping > 1000, "{together} cases together, {trapping} that trap");
}

#[test]
fn whole_modules_agree_and_reach_every_instruction() {
    let vm = VmEngine;
    let wasmi = WasmiEngine::default();
    let batch = soak::run(1, 0..1500, &[&vm, &wasmi]).unwrap();
    let reports: Vec<_> = batch.findings.iter().map(|finding| (finding.index, &finding.report)).collect();
    assert!(reports.is_empty(), "{reports:#?}");
    let statistics = batch.statistics;
    assert!(statistics.agree > 1400, "{statistics}");
    let missed: Vec<_> = TABLE.iter().map(|row| row.mnemonic).filter(|mnemonic| statistics.executed(mnemonic) == 0).collect();
    assert_eq!(missed, [Op::Refused.row().mnemonic], "{statistics}");
}

#[test]
fn a_seed_gives_the_same_program_each_time() {
    assert_eq!(soak::program(3, 14), soak::program(3, 14));
    assert_ne!(soak::program(3, 14), soak::program(3, 15));
}

/// An engine that is the reference VM but for one instruction's result.
struct Wrong(Op);

impl Engine for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn run(
        &self,
        case: wasmformer::harness::full::Case<'_>,
        watch: &mut wasmformer::harness::full::Watch<'_>,
    ) -> Result<wasmformer::harness::full::Run, wasmformer::harness::EngineError> {
        use wasmformer::trace::full::{Effect, Step};
        VmEngine.run(case, &mut |step| {
            let wrong = case.program.code[step.pc as usize].op == self.0;
            let effect = match step.effect {
                Effect::Push(Value::I32(value)) if wrong => Effect::Push(Value::I32(value ^ 1)),
                Effect::Push(Value::I64(value)) if wrong => Effect::Push(Value::I64(value ^ (1 << 63))),
                other => other,
            };
            watch(Step { effect, ..step })
        })
    }
}

#[test]
fn a_wrong_bit_of_any_numeric_instruction_is_found() {
    for row in one::instructions().filter(|row| matches!(row.signature, Signature::Fixed(_, Some(_)))) {
        let (plain, _) = cases(row);
        let (operands, offset) = &plain[0];
        let engines: [&dyn Engine; 2] = [&VmEngine, &Wrong(row.op)];
        let generated =
            Generated { wasm: one::module(row.op, std::slice::from_ref(operands), *offset), choice: 0, numbers: [0; 4], input: Vec::new() };
        let report = judge(&generated, &engines, &mut Statistics::default()).unwrap();
        assert!(report.is_some_and(|report| report.contains(row.mnemonic)), "{}", row.mnemonic);
    }
}
