//! Divergences are shrunk, whichever instruction is wrong, and whether the engine reports steps or only
//! results.

use std::ops::ControlFlow;

use wasmformer::full::isa::{Op, TABLE};
use wasmformer::full::program::Value;
use wasmformer::full::trace::{Effect, Step};
use wasmformer::harness::full::{Case, Generated, Run, Watch};
use wasmformer::harness::generate::{Generate, Shrunk};
use wasmformer::harness::soak::{self, Sampled};
use wasmformer::harness::{Engine, EngineError, Full, VmEngine, on_steps};

use crate::common::{Random, binary, instructions};

/// The reference VM, except for a fault in one instruction.
struct Wrong {
    op: Op,
    fault: Fault,
}

#[derive(Clone, Copy)]
enum Fault {
    /// The instruction writes another value.
    Writes,
    /// The instruction writes another value from its second execution on.
    WritesLater,
    /// The run continues at another instruction.
    GoesAstray,
}

impl Engine<Full> for Wrong {
    fn name(&self) -> &str {
        "wrong"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let (mut executed, mut before) = (0, None);
        let mut changed = |step: Step| {
            let op = case.program.code[step.pc as usize].op;
            let is_wrong = op == self.op;
            executed += usize::from(is_wrong);
            let effect = match self.fault {
                Fault::Writes if is_wrong => other(step.effect),
                Fault::WritesLater if is_wrong && executed > 1 => other(step.effect),
                _ => step.effect,
            };
            let is_astray = matches!(self.fault, Fault::GoesAstray) && before == Some(self.op);
            before = Some(op);
            watch(&wasmformer::harness::Observed::Step(Step { pc: if is_astray { step.pc ^ 1 } else { step.pc }, effect }))
        };
        VmEngine.run(case, &mut on_steps(&mut changed))
    }
}

/// An effect that differs from this one.
fn other(effect: Effect) -> Effect {
    match effect {
        Effect::Push(Value::I32(value)) => Effect::Push(Value::I32(value ^ 1)),
        Effect::Push(Value::I64(value)) => Effect::Push(Value::I64(value ^ (1 << 63))),
        Effect::Local(index, value) => Effect::Local(index + 1, value),
        Effect::Global(index, value) => Effect::Global(index + 1, value),
        Effect::Memory { address, width, value } => Effect::Memory { address, width, value: value ^ 1 },
        Effect::Output(byte) => Effect::Output(byte ^ 1),
        other => other,
    }
}

/// An engine that executes one instruction as another, and reports only the results.
struct Taken {
    op: Op,
    for_op: Op,
}

impl Engine<Full> for Taken {
    fn name(&self) -> &str {
        "taken"
    }

    fn tells_steps(&self) -> bool {
        false
    }

    fn run(&self, case: Case<'_>, _: &mut Watch<'_>) -> Result<Run, EngineError> {
        let program = case.program.clone().edited_unchecked(|program| {
            program.code.iter_mut().filter(|instr| instr.op == self.op).for_each(|instr| instr.op = self.for_op);
        });
        let mut steps = 0;
        let case = Case::new(&program, case.calls, case.input);
        VmEngine.run(
            case,
            &mut on_steps(|_| {
                steps += 1;
                if steps < Full::STEP_LIMIT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }),
        )
    }
}

/// A module of about ten thousand instructions in functions that call each other, with `inside` deep inside.
fn large(inside: &str) -> Generated {
    let mut random = Random::new(7);
    let operators = ["add", "sub", "mul", "xor", "and", "or", "shl", "shr_u"];
    let mut functions = String::new();
    for function in 0..20 {
        let mut body = String::new();
        for statement in 0..110 {
            let [a, b] = [(); 2].map(|()| random.below(3));
            let constant = random.below(1000);
            let operator = operators[random.below(operators.len())];
            body += &match random.below(6) {
                0 => format!("(if (i32.lt_u (local.get {a}) (i32.const {constant})) (then (local.set {b} (i32.const {constant}))))\n"),
                1 => format!("(i32.store (i32.and (local.get {a}) (i32.const 0xfff0)) (local.get {b}))\n"),
                2 => format!("(block (br_if 0 (local.get {a})) (global.set 0 (i64.extend_i32_u (local.get {b}))))\n"),
                _ => format!("(local.set {b} (i32.{operator} (local.get {a}) (i32.const {constant})))\n"),
            };
            if function == 13 && statement == 60 {
                body += inside;
            }
        }
        let next = if function < 19 { format!("(call {} (local.get 0))", function + 1) } else { "(local.get 1)".to_string() };
        functions += &format!("(func (export \"f{function}\") (param i32) (result i32) (local i32 i32)\n{body}{next})\n");
    }
    let text = format!("(module (memory 1) (global (mut i64) (i64.const 0)) (table 1 funcref) (elem (i32.const 0) 0)\n{functions})");
    Generated { wasm: binary(&text), choices: vec![0], numbers: vec![12], input: b"input".to_vec() }
}

/// Shrinks a module that an engine runs wrongly.
fn shrunk(generated: &Generated, engine: &dyn Engine<Full>) -> Shrunk<Generated> {
    Full::shrink(generated, &[&VmEngine, engine], Full::STEP_LIMIT).unwrap().expect("the engine is wrong")
}

/// Instructions, their faults, and the code that contains the instruction in a large module.
const INSIDE: [(Op, Fault, &str); 6] = [
    (Op::I32Rotl, Fault::Writes, "(local.set 1 (i32.rotl (local.get 2) (local.get 1)))"),
    (Op::I64Load32S, Fault::Writes, "(global.set 0 (i64.load32_s (i32.and (local.get 0) (i32.const 0xff))))"),
    (Op::I64Store16, Fault::Writes, "(i64.store16 (i32.const 9) (i64.const -2))"),
    (Op::BrTable, Fault::GoesAstray, "(block (block (br_table 0 1 0 (i32.and (local.get 1) (i32.const 3)))) (local.set 1 (i32.const 3)))"),
    (Op::Select, Fault::Writes, "(local.set 2 (select (local.get 0) (local.get 1) (local.get 2)))"),
    (Op::I32Rotr, Fault::WritesLater, "(local.set 1 (i32.rotr (i32.rotr (local.get 2) (i32.const 1)) (local.get 1)))"),
];

#[test]
fn ten_thousand_instructions_become_twenty_at_most() {
    for (op, fault, inside) in INSIDE {
        let large = large(inside);
        assert!(instructions(&large.wasm) > 10_000, "{}", instructions(&large.wasm));
        let engine = Wrong { op, fault };
        let small = shrunk(&large, &engine);
        let most = if matches!(fault, Fault::WritesLater) { 20 } else { 5 };
        let count = instructions(&small.generated.wasm);
        assert!(count <= most, "{op}: {count} instructions: {}", small.report);
        assert!(small.report.to_string().contains(op.row().mnemonic), "{op}: {}", small.report);
    }
}

#[test]
fn what_tells_only_its_results_shrinks_too() {
    for (op, for_op, inside) in [
        (Op::I32Rotl, Op::I32Rotr, "(i32.store (i32.const 65528) (i32.rotl (i32.const 5) (i32.const 3)))"),
        (Op::I64Store16, Op::I64Store8, "(i64.store16 (i32.const 65530) (i64.const -2))"),
    ] {
        let small = shrunk(&large(inside), &Taken { op, for_op });
        assert!(instructions(&small.generated.wasm) <= 5, "{op}: {}", small.report);
    }
}

#[test]
fn shrinking_is_repeatable() {
    let (op, fault, inside) = INSIDE[5];
    let large = large(inside);
    assert_eq!(shrunk(&large, &Wrong { op, fault }), shrunk(&large, &Wrong { op, fault }));
}

/// Shrinks what a soak finds where every `stride`-th instruction is wrong.
fn findings_are_small(stride: usize) {
    for row in TABLE.iter().filter(|row| row.op != Op::Refused).step_by(stride) {
        // An instruction on references is not isolated: what it does depends on the tables.
        let most = if ["table.", "ref.", "elem."].iter().any(|of| row.mnemonic.starts_with(of)) { 30 } else { 5 };
        for fault in [Fault::Writes, Fault::GoesAstray] {
            let engine = Wrong { op: row.op, fault };
            let batch = soak::run::<Full>(5, 0..24, &[&VmEngine, &engine], Sampled::default(), None).unwrap();
            for finding in batch.findings {
                let Shrunk { generated, report, .. } = finding.shrunk;
                assert!(
                    instructions(&generated.wasm) <= most,
                    "{}: {} instructions of {}: {report}",
                    row.mnemonic,
                    instructions(&generated.wasm),
                    instructions(&finding.original.wasm)
                );
            }
        }
    }
}

#[test]
fn findings_of_a_soak_are_five_instructions_at_most() {
    findings_are_small(4);
}

#[test]
#[ignore = "a minute"]
fn findings_of_any_instruction_are_five_instructions_at_most() {
    findings_are_small(1);
}
