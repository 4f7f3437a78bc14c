//! The state of a run, and the part of it that a trace alone implies.

use super::Token;
use crate::byte::isa::{Op, Reports};
use crate::byte::profile::CELLS;
use crate::byte::program::{Files, Instr, Program};

/// Everything that can be observed at the end of a run, besides the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The output bytes, in order.
    pub outputs: Vec<u8>,
    /// The byte cells of memory; there are always [`CELLS`] of them.
    pub memory: Vec<u8>,
    /// The locals.
    pub locals: Vec<u8>,
    /// The files' contents.
    pub files: Files,
}

/// Operand stack, locals and memory as a trace implies them.
///
/// Each step reports the byte that it pushed or consumed, so replaying the steps in order gives every value
/// without any arithmetic. In this way the trace of an engine without a state of its own (a transformer)
/// yields a state, and reports show the stack before a step.
#[derive(Clone, Debug)]
pub struct Replay<'p> {
    program: &'p Program,
    stack: Vec<u8>,
    locals: Vec<u8>,
    memory: Vec<u8>,
}

impl<'p> Replay<'p> {
    /// The state before the first step of `program`.
    pub fn new(program: &'p Program) -> Replay<'p> {
        Replay { program, stack: Vec::new(), locals: vec![0; program.locals()], memory: vec![0; CELLS] }
    }

    /// Replays one step. A step that reports a special changes nothing, because it ends the run.
    ///
    /// If an operand of the step is missing, the operand counts as 0, so that the trace of a faulty engine
    /// can be replayed too.
    pub fn step(&mut self, pc: usize, token: Token) {
        let (Some(&Instr { op, arg }), Token::Byte(byte)) = (self.program.code().get(pc), token) else { return };
        let row = op.row();
        let below = self.stack.len().saturating_sub(row.pops);
        match op {
            Op::LocalSet | Op::LocalTee => self.locals[usize::from(arg)] = byte,
            Op::I32Store => {
                let address = self.stack.get(below).copied().unwrap_or(0);
                self.memory[usize::from(address) + usize::from(arg)] = byte;
            }
            _ => {}
        }
        self.stack.truncate(below);
        if row.reports == Reports::Pushed {
            self.stack.push(byte);
        }
    }

    /// The operand stack, from the bottom to the top.
    pub fn stack(&self) -> &[u8] {
        &self.stack
    }

    /// The state that the trace implies, completed by the outputs and files that the host kept.
    pub fn into_state(self, outputs: Vec<u8>, files: Files) -> State {
        State { outputs, memory: self.memory, locals: self.locals, files }
    }
}
