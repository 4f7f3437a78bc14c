//! Planted faults, which measure how well the harness finds faults.
//!
//! Each fault is planted in one engine, in a place where such a fault could occur: an arm of an interpreter,
//! a rule of narrowing, the host, a weight, the tie rule of attention. Among the first [`PROGRAMS`] generated
//! programs of one fixed seed, one must find the fault. Shrinking must reduce this program to at most
//! [`INSTRUCTIONS`].

use wasmformer::byte::isa::{Narrowing, Op};
use wasmformer::byte::profile::MAX_ITERATIONS;
use wasmformer::byte::program::{Instr, Program};
use wasmformer::harness::byte::shrink::shrink;
use wasmformer::harness::byte::{Case, Lowering, NetworkEngine, Run, WasmiEngine, Watch};
use wasmformer::harness::generate::program;
use wasmformer::harness::{Byte, Engine, EngineError, Verdict, VmEngine, compare};
use wasmformer::transformer::{Config, Model, Next};

use crate::common::network::{HostFault, Network};

const SEED: u64 = 1;
const PROGRAMS: u64 = 2000;
const INSTRUCTIONS: usize = 8;
const STEP_LIMIT: usize = 2000;

/// Fails unless the fault is found and its program is shrunk.
fn found(fault: &str, engine: &dyn Engine<Byte>) {
    let engines: [&dyn Engine<Byte>; 2] = [&VmEngine, engine];
    for index in 0..PROGRAMS {
        let generated = program::<Byte>(SEED, index);
        if let Verdict::Diverge(_) = compare(generated.case(), &engines, STEP_LIMIT).unwrap().0 {
            let shrunk = shrink(&generated, &engines, STEP_LIMIT).unwrap().unwrap();
            let small = shrunk.generated.program;
            println!("{fault}: program {index}, shrunk from {} to {}", generated.program.code().len(), small.code().len());
            assert!(small.code().len() <= INSTRUCTIONS, "{fault}: shrunk no further than\n{}{}", small.listing(), shrunk.report);
            return;
        }
    }
    panic!("{fault}: not found in {PROGRAMS} programs");
}

/// An interpreter with a wrong arm: the reference VM, which runs a changed program.
struct WrongArm(Arm);

type Arm = fn(Instr) -> Instr;

impl Engine<Byte> for WrongArm {
    fn name(&self) -> &str {
        "wrong arm"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let code = case.program.code().iter().map(|instr| (self.0)(*instr)).collect();
        let program = Program::new(code, 256).expect("the faults keep the stack as it is");
        let mut run = VmEngine.run(Case::new(&program, case.files), watch)?;
        run.state.locals.truncate(case.program.locals());
        Ok(run)
    }
}

fn swap(instr: Instr, from: Op, to: Op) -> Instr {
    if instr.op == from { Instr::new(to, instr.arg) } else { instr }
}

#[test]
fn in_an_arm_of_an_interpreter() {
    let faults: [(&str, Arm); 9] = [
        ("lt_s includes equality", |instr| swap(instr, Op::I32LtS, Op::I32LeS)),
        ("gt_s is lt_s", |instr| swap(instr, Op::I32GtS, Op::I32LtS)),
        ("ge_s excludes equality", |instr| swap(instr, Op::I32GeS, Op::I32GtS)),
        ("ne is gt_s", |instr| swap(instr, Op::I32Ne, Op::I32GtS)),
        ("or adds", |instr| swap(instr, Op::I32Or, Op::I32Add)),
        ("and multiplies", |instr| swap(instr, Op::I32And, Op::I32Mul)),
        ("sub adds", |instr| swap(instr, Op::I32Sub, Op::I32Add)),
        ("load ignores its offset", |instr| if instr.op == Op::I32Load { Op::I32Load.into() } else { instr }),
        ("local 255 is local 254", |instr| match instr.op {
            Op::LocalGet | Op::LocalSet | Op::LocalTee => Instr::new(instr.op, instr.arg.min(254)),
            _ => instr,
        }),
    ];
    for (fault, arm) in faults {
        found(fault, &WrongArm(arm));
    }
}

#[test]
fn in_a_rule_of_narrowing() {
    let lowering = |narrowing| Lowering { narrowing, ..Lowering::NARROWED };
    let limit = |max_iterations| Lowering { max_iterations, ..Lowering::NARROWED };
    let faults = [
        ("add is not masked", lowering(|row| if row.op == Op::I32Add { Narrowing::Exact } else { row.narrowing })),
        ("sub is not masked", lowering(|row| if row.op == Op::I32Sub { Narrowing::Exact } else { row.narrowing })),
        ("load takes four bytes", lowering(|row| if row.op == Op::I32Load { Narrowing::Exact } else { row.narrowing })),
        ("store writes four bytes", lowering(|row| if row.op == Op::I32Store { Narrowing::Exact } else { row.narrowing })),
        ("one iteration too many", limit(MAX_ITERATIONS + 1)),
        ("one iteration too few", limit(MAX_ITERATIONS - 1)),
    ];
    for (fault, lowering) in faults {
        found(fault, &WasmiEngine::new(lowering));
    }
}

#[test]
fn in_the_host() {
    let set = |next: &mut Next<f32>, config: &Config, lane: &str, change: fn(f32) -> f32| {
        let lane = config.lane(lane).unwrap();
        for row in &mut next.rows {
            row.positional.iter_mut().filter(|(l, _)| *l == lane).for_each(|(_, value)| *value = change(*value));
        }
    };
    let faults: [(&str, Box<HostFault<'_>>); 5] = [
        ("a cursor off by one", Box::new(move |next, config| set(next, config, "offset_2", |offset| (offset + 1.0).min(32.0)))),
        ("a fault not told", Box::new(move |next, config| set(next, config, "fault", |_| 0.0))),
        ("the previous pc off by one", Box::new(move |next, config| set(next, config, "previous_pc", |pc| pc - 1.0))),
        (
            "a cursor that stays",
            Box::new(move |next, config| set(next, config, "offset_0", |offset| if offset < 32.0 { 0.0 } else { offset })),
        ),
        (
            "a write one row too far",
            Box::new(|next, _| {
                let running = next.rows.len() == 1;
                next.stores.iter_mut().filter(|_| running).for_each(|write| write.index = (write.index + 1).min(32));
            }),
        ),
    ];
    let dense = NetworkEngine::dense();
    for (fault, change) in faults {
        found(fault, &Network::new(dense.model().unwrap(), Some(&*change), false));
    }
}

#[test]
fn in_the_tie_rule() {
    let dense = NetworkEngine::dense();
    found("ties go to the earliest", &Network::new(dense.model().unwrap(), None, true));
}

/// The compiled model with one changed weight, given by tensor, row and column.
fn with_weight(tensor: &str, row: usize, column: usize, change: impl Fn(f32) -> f32) -> Model<f32> {
    let mut model = NetworkEngine::dense().model().unwrap().clone();
    let (_, matrix) = model.matrices_mut().into_iter().find(|(name, _)| name == tensor).unwrap();
    let weight = matrix.get_mut(row, column);
    assert_ne!(change(*weight), *weight, "{tensor} [{row}, {column}]");
    *weight = change(*weight);
    model
}

/// The index of a neuron of a layer, by name.
fn neuron(layer: usize, name: &str) -> usize {
    let circuit = wasmformer::byte::machine::circuit();
    circuit.layers()[layer].neurons.iter().position(|neuron| neuron.name == name).unwrap()
}

#[test]
fn in_the_weights() {
    let config = NetworkEngine::dense().model().unwrap().config.clone();
    let lane = |name: &str| config.lane(name).unwrap();
    let silent = |layer: usize, name: &str| {
        let tensor = format!("layers.{layer}.ffn.down");
        let mut model = NetworkEngine::dense().model().unwrap().clone();
        let (_, matrix) = model.matrices_mut().into_iter().find(|(name, _)| *name == tensor).unwrap();
        (0..matrix.rows()).for_each(|row| *matrix.get_mut(row, neuron(layer, name)) = 0.0);
        model
    };
    let faults = [
        ("neuron of the highest common bit", silent(4, "common bit 7")),
        ("neuron of the product", silent(4, "product")),
        ("neuron of a step of the wrap-around", silent(6, "reaches 256 +")),
        ("neuron of a high step of the wrap-around", silent(5, "reaches 4096 -")),
        ("neuron that selects a local", silent(5, "local at")),
        ("neuron that takes back the own delta", silent(1, "less the own delta")),
        ("bit 6 of the byte 127", with_weight("embedding", 127, lane("bit_6"), |_| 0.0)),
        ("bit 0 of the byte 255", with_weight("embedding", 255, lane("bit_0"), |_| 2.0)),
        ("the logit of 128", with_weight("unembedding", 128, lane("one"), |weight| weight + 300.0)),
        ("the delta of local.tee", with_weight("embedding", 0x21, lane("own_delta"), |_| 0.0)),
        ("the penalty of rows that were not pushed", with_weight("layers.3.attention.key", 1, lane("pushed"), |_| 0.0)),
    ];
    for (fault, model) in faults {
        found(fault, &NetworkEngine::new(model).unwrap());
    }
}
