//! From a program with its files to the prompt, and from a trace of the language to the words of its run.

use super::words::{CLOSED, HALT, Word};
use crate::byte::isa::{Op, Trap};
use crate::byte::profile::{FILES, MAX_ITERATIONS};
use crate::byte::program::{Files, Instr, Program};
use crate::byte::trace::{End, Replay, Step, Token};

/// The prompt of a program with the files' contents at the start. The last word is the first of the run.
pub fn prompt(program: &Program, files: &Files) -> Vec<Word> {
    let mut words = vec![Word::Begin];
    for (pc, instr) in program.code().iter().enumerate() {
        words.extend([Word::Pc(pc as u16), Word::Instr(*instr), Word::Height(program.height(pc) as u16)]);
        words.extend(label(program, pc).map(|label| Word::Label(label as u16)));
    }
    for (file, bytes) in files.iter().enumerate() {
        for (offset, byte) in bytes.iter().enumerate() {
            words.extend([Word::Place(file as u8, offset as u8), Word::Content(*byte)]);
        }
    }
    words.push(Word::Pc(0));
    words
}

/// The pc of the loop that the instruction at `pc` enters or branches to.
pub(super) fn label(program: &Program, pc: usize) -> Option<usize> {
    match program.code()[pc].op {
        Op::Loop => Some(pc),
        Op::BrIf => Some(program.branch_target(pc)),
        _ => None,
    }
}

/// The words after the prompt of a run with this trace and end, as a machine without a fault generates them:
/// what the tests and other runtimes are compared with. A run that was stopped has no last words.
pub fn run(program: &Program, files: &Files, steps: &[Step], end: End) -> Vec<Word> {
    let mut run = RunWords {
        program,
        replay: Replay::new(program),
        counts: vec![0; program.code().len()],
        offsets: [CLOSED; FILES],
        lengths: std::array::from_fn(|file| files[file].len() as u8),
        pc: 0,
        words: Vec::new(),
    };
    run.words.push(Word::Pc(0));
    for step in steps {
        let is_exhausted = end == End::Trap(Trap::LoopLimit) && step.token == Token::Trap;
        if !is_exhausted {
            run.pass_markers(step.pc);
        }
        run.step(*step, end);
    }
    // The first word is the last of the prompt.
    run.words.remove(0);
    run.words
}

/// The words of a run so far, and what they depend on.
struct RunWords<'p> {
    program: &'p Program,
    replay: Replay<'p>,
    /// Per pc of a `loop`, its iterations.
    counts: Vec<u32>,
    offsets: [u8; FILES],
    lengths: [u8; FILES],
    /// The pc of the last word for a pc.
    pc: usize,
    words: Vec<Word>,
}

impl RunWords<'_> {
    fn go_to(&mut self, pc: usize) {
        self.pc = pc;
        self.words.push(Word::Pc(pc as u16));
    }

    /// The words of the markers up to a step.
    fn pass_markers(&mut self, to: usize) {
        while self.pc < to {
            if self.program.code()[self.pc].op == Op::Loop {
                self.counts[self.pc] = 1;
                self.words.push(Word::Count(1));
            }
            self.go_to(self.pc + 1);
        }
    }

    fn step(&mut self, Step { pc, token }: Step, end: End) {
        let Token::Byte(byte) = token else {
            let last = if let End::Trap(trap) = end { Word::Trap(trap) } else { HALT };
            self.words.extend([last, Word::End]);
            return;
        };
        let Instr { op, arg } = self.program.code()[pc];
        if matches!(op, Op::I32Load | Op::I32Store) {
            let stack = self.replay.stack();
            let base = stack[stack.len() - op.row().pops];
            self.words.push(Word::Address(u16::from(base) + u16::from(arg)));
        }
        let descriptor = self.replay.stack().last().copied().unwrap_or(0);
        self.words.push(Word::Byte(byte));
        self.replay.step(pc, token);
        let mut next = pc + 1;
        match op {
            Op::BrIf if byte != 0 => {
                let start = self.program.branch_target(pc);
                self.counts[start] += 1;
                if self.counts[start] > MAX_ITERATIONS {
                    return;
                }
                self.words.push(Word::Count(self.counts[start] as u16));
                next = start + 1;
            }
            _ if op.takes_descriptor() => self.use_file(op, descriptor),
            _ => {}
        }
        self.go_to(next);
    }

    /// The word for a file's offset after an instruction that uses the file.
    fn use_file(&mut self, op: Op, descriptor: u8) {
        let (offset, length) = (&mut self.offsets[usize::from(descriptor)], &mut self.lengths[usize::from(descriptor)]);
        match op {
            Op::FdOpen => *offset = 0,
            Op::FdClose => *offset = CLOSED,
            Op::FdRead => *offset = (*offset + 1).min(*length),
            _ => {
                *offset += 1;
                *length = (*length).max(*offset);
            }
        }
        self.words.push(Word::Offset(*offset));
    }
}
