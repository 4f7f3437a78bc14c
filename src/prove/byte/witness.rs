//! From a case at which an obligation fails to a program that shows it.
//!
//! The programs put the machine into the case, and into others of its kind. A program counts only if the
//! weights, run by the dense pass, emit another token than the reference VM.

use crate::byte::isa::{Immediate, Op, TABLE};
use crate::byte::profile::{FILES, Files};
use crate::byte::program::{Instr, Program};
use crate::byte::trace::Token;
use crate::harness::byte::{Byte, Generated};
use crate::harness::engine::{EngineError, record};
use crate::harness::vm::VmEngine;
use crate::harness::{Engine, NetworkEngine};
use crate::transformer::Model;

use super::situation::Situation;

/// A program on which weights emit another token than the reference VM.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The program with its files.
    pub generated: Generated,
    /// The first step that differs.
    pub step: usize,
    /// The reference VM's token.
    pub expected: Token,
    /// The token that the weights give.
    pub actual: Token,
}

/// The number of generated programs that are tried where no program built for the case differs.
const GENERATED: u64 = 200;
/// The number of steps of a program that are compared.
const STEPS: usize = 3000;
/// An odd number, so that its multiples are all bytes.
const SPREAD: i64 = 37;

/// A program that shows a failure of these weights, if one is found: among those built for the case, and else
/// among generated ones.
///
/// # Errors
/// If the weights cannot be run.
pub fn find(model: &Model<f32>, situation: Option<Situation>) -> Result<Option<Witness>, EngineError> {
    let engine = NetworkEngine::<Byte>::new(model.clone())?;
    let built = situation.map(programs).unwrap_or_default();
    let general = general().into_iter().chain((0..GENERATED).map(Generated::from_seed));
    for generated in built.into_iter().chain(general) {
        if let Some(witness) = differs(&engine, generated)? {
            return Ok(Some(witness));
        }
    }
    Ok(None)
}

fn differs(engine: &dyn Engine<Byte>, generated: Generated) -> Result<Option<Witness>, EngineError> {
    let expected = record(&VmEngine, generated.case(), STEPS)?.steps;
    let actual = record(engine, generated.case(), expected.len())?.steps;
    let place = expected.iter().zip(&actual).position(|(expected, actual)| expected != actual);
    Ok(place.map(|step| Witness { step, expected: expected[step].token, actual: actual[step].token, generated }))
}

/// A listing in progress.
#[derive(Default)]
struct Code(Vec<Instr>);

impl Code {
    fn op(&mut self, op: Op, operand: i64) -> &mut Code {
        self.0.push(Instr::new(op, operand as u8));
        self
    }

    fn constant(&mut self, value: i64) -> &mut Code {
        self.op(Op::I32Const, value.rem_euclid(256))
    }

    fn output(&mut self) -> &mut Code {
        self.op(Op::Output, 0)
    }

    /// The program, if the listing is one.
    fn finish(self, files: Files) -> Option<Generated> {
        let program = Program::from_code(self.0).ok()?;
        Some(Generated { program, files })
    }
}

/// Programs for a case.
fn programs(situation: Situation) -> Vec<Generated> {
    let programs = match situation {
        Situation::Instruction { op, operand, top, second } => vec![
            instruction(op, operand.into(), top.into(), second.into()),
            instruction(op, operand.into(), second.into(), top.into()),
            instruction(op, 1, 255, 255),
        ],
        Situation::Trap { op } => vec![instruction(op, 0, 1, 1), closed(op)],
        Situation::Operand { byte } => vec![instruction(Op::I32Const, byte.into(), 0, 0)],
        Situation::Fetch { wanted, found } => vec![ladder(wanted.max(found) + 2)],
        Situation::Stack { depth, found } => vec![tower(depth.max(found) + 1)],
        Situation::Local { local, found } => vec![locals(local, found), locals(found, local)],
        Situation::Cell { base, offset, found } => vec![cells((base, offset), found), cells(found, (base, offset))],
        Situation::File { file, .. } => vec![reads(file as i64)],
    };
    programs.into_iter().flatten().collect()
}

/// Programs of every kind, where a case says too little.
fn general() -> Vec<Generated> {
    let mut programs = vec![ladder(40), tower(20), locals(100, 101), locals(100, 99), cells((40, 60), (40, 61)), cells((255, 255), (0, 0))];
    programs.extend((0..FILES).map(|file| reads(file as i64)));
    let steps = TABLE.iter().filter(|row| !row.op.is_marker());
    programs.extend(steps.clone().flat_map(|row| [(3, 5), (200, 100), (255, 255), (0, 0)].map(|(t, s)| instruction(row.op, 1, t, s))));
    programs.extend(steps.map(|row| closed(row.op)));
    programs.into_iter().flatten().collect()
}

/// One instruction on these operands; what it leaves is output.
fn instruction(op: Op, operand: i64, top: i64, second: i64) -> Option<Generated> {
    let row = op.row();
    let mut code = Code::default();
    let top = if op.takes_descriptor() { top % FILES as i64 } else { top };
    if op.takes_descriptor() && op != Op::FdOpen {
        code.constant(top).op(Op::FdOpen, 0).output();
    }
    if op == Op::BrIf {
        // With the branch taken once at most.
        code.constant(top).op(Op::LocalSet, 0).op(Op::Loop, 0).op(Op::LocalGet, 0).constant(0).op(Op::LocalSet, 0);
        code.op(Op::BrIf, 0).op(Op::EndLoop, 0);
        return code.finish(files());
    }
    if row.pops == 2 {
        code.constant(second);
    }
    if row.pops >= 1 {
        code.constant(top);
    }
    code.op(op, if row.immediate == Immediate::None { 0 } else { operand });
    if row.pushes == 1 {
        code.output();
    }
    code.constant(7).output();
    code.finish(files())
}

/// An instruction that traps: on a closed descriptor, or as the first of an iteration too many. The first
/// instruction of an iteration has no operands.
fn closed(op: Op) -> Option<Generated> {
    let mut code = Code::default();
    match op {
        Op::FdRead => code.constant(1).op(op, 0).output(),
        Op::FdWrite => code.constant(9).constant(1).op(op, 0),
        Op::I32Const | Op::LocalGet => code.op(Op::Loop, 0).op(op, 1).output().constant(1).op(Op::BrIf, 0).op(Op::EndLoop, 0),
        _ => return None,
    };
    code.finish(files())
}

fn files() -> Files {
    std::array::from_fn(|file| (0..8).map(|offset| (64 * file as i64 + SPREAD * offset + 5) as u8).collect())
}

/// So many instructions, each with another operand.
fn ladder(instructions: i64) -> Option<Generated> {
    let mut code = Code::default();
    for index in 0..=instructions.min(2040) / 2 {
        code.constant(index * SPREAD + 11).output();
    }
    code.finish(files())
}

/// So many values on the stack, then sums that take them off.
fn tower(height: i64) -> Option<Generated> {
    let mut code = Code::default();
    let height = height.clamp(3, 1000);
    for index in 0..height {
        code.constant(index * SPREAD + 11);
    }
    code.op(Op::LocalTee, 0).op(Op::LocalGet, 0).op(Op::I32Sub, 0);
    for _ in 1..height {
        code.op(Op::I32Sub, 0).op(Op::LocalTee, 0);
    }
    code.output();
    code.finish(files())
}

/// A local that is written, and one that is read, before and after.
fn locals(read: i64, written: i64) -> Option<Generated> {
    let mut code = Code::default();
    code.constant(201).op(Op::LocalSet, written).op(Op::LocalGet, read).output();
    code.constant(77).op(Op::LocalTee, read).output().constant(55).op(Op::LocalSet, written);
    code.op(Op::LocalGet, read).output().op(Op::LocalGet, written).output();
    code.finish(files())
}

/// A cell that is written, and one that is read, before and after.
fn cells((base, offset): (i64, i64), found: (i64, i64)) -> Option<Generated> {
    let mut code = Code::default();
    code.constant(found.0).constant(201).op(Op::I32Store, found.1).constant(base).op(Op::I32Load, offset).output();
    code.constant(base).constant(77).op(Op::I32Store, offset).constant(found.0).constant(55).op(Op::I32Store, found.1);
    code.constant(base).op(Op::I32Load, offset).output().constant(found.0).op(Op::I32Load, found.1).output();
    code.finish(files())
}

/// All bytes of a file, with a write in between, and reads at the end.
fn reads(file: i64) -> Option<Generated> {
    let mut code = Code::default();
    for file in 0..FILES as i64 {
        code.constant(file).op(Op::FdOpen, 0).output();
    }
    for _ in 0..4 {
        code.constant(file).op(Op::FdRead, 0).output();
    }
    code.constant(99).constant(file).op(Op::FdWrite, 0);
    for _ in 0..6 {
        code.constant(file).op(Op::FdRead, 0).output();
    }
    code.constant(file).op(Op::FdClose, 0);
    code.finish(files())
}
