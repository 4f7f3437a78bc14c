//! What the reference VM reports for an instruction, by running the VM.

use rayon::prelude::*;

use crate::byte::isa::{Immediate, Op, TABLE};
use crate::byte::profile::{FILES, Files};
use crate::byte::program::{Instr, Program};
use crate::byte::trace::Token;
use crate::byte::vm::Vm;

/// The token of every instruction, by what it depends on in the reference VM: the operands on the stack, and
/// of `i32.const` the immediate. What instructions report that read locals, cells or files is not here.
#[derive(Clone, Debug)]
pub struct Specification {
    /// By instruction, then by `second · 256 + top`, or by the immediate.
    tokens: Vec<Vec<Token>>,
    /// The number of runs of the reference VM.
    pub runs: usize,
}

impl Specification {
    /// Runs the reference VM on each instruction with all operands.
    pub fn new() -> Specification {
        let of = |op: Op| -> Vec<Token> {
            let cases = match (op, op.row().pops) {
                _ if op.is_marker() || reads_a_place(op) => 0,
                (Op::Halt, _) => 1,
                (_, 2) => 256 * 256,
                _ => 256,
            };
            (0..cases).into_par_iter().map(|case| run(op, (case / 256) as u8, (case % 256) as u8)).collect()
        };
        let tokens: Vec<Vec<Token>> = TABLE.iter().map(|row| of(row.op)).collect();
        let runs = tokens.iter().map(Vec::len).sum();
        Specification { tokens, runs }
    }

    /// The token of a step; `None` if it depends on a local, a cell or a file.
    pub(super) fn token(&self, op: Op, operand: u8, top: u8, second: u8) -> Option<Token> {
        let tokens = &self.tokens[op as usize];
        let case = match op.row().pops {
            2 => usize::from(second) * 256 + usize::from(top),
            1 => usize::from(top),
            _ if op.row().immediate == Immediate::Value => usize::from(operand),
            _ => 0,
        };
        tokens.get(case).copied()
    }
}

impl Default for Specification {
    fn default() -> Specification {
        Specification::new()
    }
}

/// Whether an instruction's token is the byte of a local, a cell or a file.
pub(super) fn reads_a_place(op: Op) -> bool {
    matches!(op, Op::LocalGet | Op::I32Load | Op::FdRead)
}

/// The operands that an instruction's top can be: validation lets descriptors through only.
pub(super) fn tops(op: Op) -> std::ops::Range<i64> {
    if op.takes_descriptor() { 0..FILES as i64 } else { 0..256 }
}

/// The token of the step of one instruction. `Token::Pad` if the operands cannot be given to it.
fn run(op: Op, second: u8, top: u8) -> Token {
    if !tops(op).contains(&i64::from(top)) {
        return Token::Pad;
    }
    let mut code: Vec<Instr> = Vec::new();
    if op == Op::FdWrite {
        code.extend([Instr::new(Op::I32Const, top), Op::FdOpen.into(), Op::Output.into()]);
    }
    if op == Op::BrIf {
        code.push(Op::Loop.into());
    }
    let operands = [second, top].into_iter().skip(2 - op.row().pops);
    code.extend(operands.map(|value| Instr::new(Op::I32Const, value)));
    let pc = code.len();
    let operand = if op.row().immediate == Immediate::Value { top } else { 0 };
    code.push(Instr::new(op, operand));
    if op == Op::BrIf {
        code.push(Op::EndLoop.into());
    }
    if op.row().pushes == 1 {
        code.push(Op::Output.into());
    }
    let program = Program::new(code, 1).unwrap_or_else(|refusal| unreachable!("one instruction is valid: {refusal}"));
    let files = Files::default();
    let mut vm = Vm::new(&program, &files);
    loop {
        match vm.step() {
            Some(step) if step.pc == pc => return step.token,
            Some(_) => {}
            None => unreachable!("the instruction is executed"),
        }
    }
}
