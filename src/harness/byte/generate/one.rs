//! Programs around one instruction: its operands, the instruction, and code that makes its result observable.

use arbitrary::{Result, Unstructured};

use super::{Generated, byte, descriptor, files};
use crate::byte::isa::{Immediate, Op, TABLE};
use crate::byte::program::{Files, Instr, Program};

/// A program around any one instruction that takes a step.
pub(super) fn generate(u: &mut Unstructured<'_>) -> Result<Generated> {
    let executed: Vec<Op> = TABLE.iter().map(|row| row.op).filter(|op| !op.is_marker()).collect();
    let op = *u.choose(&executed)?;
    let (arg, operands) = (byte(u)?, [byte(u)?, byte(u)?]);
    let prepared = u.arbitrary()?;
    let files = files(u)?;
    let file = descriptor(u)?;
    Ok(around(op, arg, operands, prepared, file, files))
}

/// The program around `op`. Where the instruction reads a local or a cell, `prepared` says whether the
/// program first writes it, with the second operand. Where the instruction uses a file, `prepared` says
/// whether the program first opens the file.
pub fn around(op: Op, arg: u8, [first, second]: [u8; 2], prepared: bool, file: u8, files: Files) -> Generated {
    let row = op.row();
    let arg = if row.immediate == Immediate::None || op == Op::BrIf { 0 } else { arg };
    let mut code: Vec<Instr> = Vec::new();
    if prepared {
        match op {
            Op::I32Load => code.extend([constant(first), constant(second), Instr::new(Op::I32Store, arg)]),
            Op::LocalGet => code.extend([constant(second), Instr::new(Op::LocalSet, arg)]),
            _ if op.takes_descriptor() => code.extend([constant(file), Op::FdOpen.into(), Op::Output.into()]),
            _ => {}
        }
    }
    if op == Op::BrIf {
        // Counts down from the operand, so that the branch is taken until the count is 0.
        let counter = |op| Instr::new(op, 0);
        code.extend([constant(first), counter(Op::LocalSet), Op::Loop.into()]);
        code.extend([counter(Op::LocalGet), constant(1), Op::I32Sub.into(), counter(Op::LocalTee), op.into(), Op::EndLoop.into()]);
    } else {
        code.extend([first, second].map(constant).into_iter().take(row.pops - usize::from(op.takes_descriptor())));
        if op.takes_descriptor() {
            code.push(constant(file));
        }
        code.push(Instr::new(op, arg));
    }
    match op {
        Op::I32Store => code.extend([constant(first), Instr::new(Op::I32Load, arg), Op::Output.into()]),
        Op::LocalSet | Op::LocalTee => code.extend([Instr::new(Op::LocalGet, arg), Op::Output.into()]),
        _ => {}
    }
    if row.pushes == 1 {
        code.push(Op::Output.into());
    }
    let program = Program::from_code(code).unwrap_or_else(|refusal| unreachable!("{op} in a valid frame: {refusal}"));
    Generated { program, files }
}

fn constant(value: u8) -> Instr {
    Instr::new(Op::I32Const, value)
}
