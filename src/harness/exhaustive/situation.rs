//! The state before a step, as far as the domains need it to find the case that the step tests.

use crate::byte::isa::Op;
use crate::byte::profile::{CELLS, FILES, descriptor};
use crate::byte::program::{Files, Program};
use crate::byte::trace::{Replay, Step, Token};

/// The state of a run before a step.
pub struct Situation<'p> {
    program: &'p Program,
    replay: Replay<'p>,
    /// The instruction that last wrote each local.
    local_writers: Vec<Option<Op>>,
    written_cells: Vec<bool>,
    cursors: [Option<usize>; FILES],
    lengths: [usize; FILES],
}

impl<'p> Situation<'p> {
    /// The state before the first step.
    pub fn new(program: &'p Program, files: &Files) -> Situation<'p> {
        Situation {
            program,
            replay: Replay::new(program),
            local_writers: vec![None; program.locals()],
            written_cells: vec![false; CELLS],
            cursors: [None; FILES],
            lengths: files.each_ref().map(Vec::len),
        }
    }

    /// The operand `below` places below the top.
    pub fn operand(&self, below: usize) -> usize {
        let stack = self.replay.stack();
        stack.len().checked_sub(1 + below).map_or(0, |at| usize::from(stack[at]))
    }

    /// The operand stack's height.
    pub fn height(&self) -> usize {
        self.replay.stack().len()
    }

    /// The instruction that last wrote a local. `None` if the local was never written.
    pub fn local_writer(&self, local: u8) -> Option<Op> {
        self.local_writers[usize::from(local)]
    }

    /// Whether a memory cell has been written.
    pub fn cell_is_written(&self, address: usize) -> bool {
        self.written_cells[address]
    }

    /// File, offset and length of the descriptor that the instruction at `pc` uses. The offset is `None`
    /// while the file is closed. The result is `None` if the instruction does not use a descriptor.
    pub fn file(&self, pc: usize) -> Option<(usize, Option<usize>, usize)> {
        descriptor(self.program, pc).map(|file| (file, self.cursors[file], self.lengths[file]))
    }

    /// Updates the state by a step.
    pub fn step(&mut self, step: Step) {
        let Step { pc, token } = step;
        if !matches!(token, Token::Byte(_)) {
            return;
        }
        let instr = self.program.code()[pc];
        let file = self.file(pc);
        match (instr.op, file) {
            (Op::LocalSet | Op::LocalTee, _) => self.local_writers[usize::from(instr.arg)] = Some(instr.op),
            (Op::I32Store, _) => {
                let address = self.operand(1) + usize::from(instr.arg);
                self.written_cells[address] = true;
            }
            (Op::FdOpen, Some((file, ..))) => self.cursors[file] = Some(0),
            (Op::FdClose, Some((file, ..))) => self.cursors[file] = None,
            (Op::FdRead, Some((file, Some(cursor), length))) => self.cursors[file] = Some((cursor + 1).min(length)),
            (Op::FdWrite, Some((file, Some(cursor), length))) => {
                self.cursors[file] = Some(cursor + 1);
                self.lengths[file] = length.max(cursor + 1);
            }
            _ => {}
        }
        self.replay.step(pc, token);
    }
}
