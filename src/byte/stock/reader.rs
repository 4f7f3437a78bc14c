//! From the words of a run to steps, end and state. The reader computes nothing: a byte in memory is at the
//! address that was told, a byte in a file at the offset that was told.

use thiserror::Error;

use super::prompt::label;
use super::words::{HALT, Word};
use crate::byte::isa::{Op, Trap};
use crate::byte::profile::{CELLS, FILE_CAPACITY};
use crate::byte::program::{Files, Instr, Program};
use crate::byte::trace::{End, State, Step, Token};

/// A word that cannot come next.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{word} cannot come after {after}")]
pub struct Unreadable {
    /// The word.
    pub word: String,
    /// The word before it.
    pub after: Word,
}

/// Reads a run, beginning with the last word of the prompt.
#[derive(Clone, Debug)]
pub struct Reader<'p> {
    program: &'p Program,
    last: Word,
    pc: usize,
    address: usize,
    byte: u8,
    state: State,
    end: Option<End>,
}

impl<'p> Reader<'p> {
    /// Before the first word that is generated.
    pub fn new(program: &'p Program, files: &Files) -> Reader<'p> {
        let state = State { outputs: Vec::new(), memory: vec![0; CELLS], locals: vec![0; program.locals()], files: files.clone() };
        Reader { program, last: Word::Pc(0), pc: 0, address: 0, byte: 0, state, end: None }
    }

    /// How the run ended, if it has.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The state that the words read so far say.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Takes a word, and gives the step that the word completes.
    ///
    /// # Errors
    /// If the word cannot come next; `None` is no word at all.
    pub fn take(&mut self, word: Option<Word>) -> Result<Option<Step>, Unreadable> {
        let after = self.last;
        let unreadable = || Unreadable { word: word.map_or("what is no word".to_string(), |word| word.to_string()), after };
        let Some(word) = word else { return Err(unreadable()) };
        let op = self.program.code()[self.pc].op;
        let step = match (after, word) {
            (Word::Pc(_), Word::Address(address)) if matches!(op, Op::I32Load | Op::I32Store) => {
                self.address = usize::from(address);
                None
            }
            (Word::Pc(_) | Word::Address(_), Word::Byte(byte)) if !op.is_marker() => Some(self.report(byte)),
            (Word::Pc(_), Word::Count(_)) if op == Op::Loop => None,
            (Word::Byte(_), Word::Count(_)) if op == Op::BrIf => None,
            (Word::Byte(_), Word::Offset(offset)) if op.takes_descriptor() => {
                self.move_to(op, usize::from(offset)).ok_or_else(unreadable)?;
                None
            }
            (_, Word::Pc(pc)) if usize::from(pc) < self.program.code().len() => {
                self.pc = pc.into();
                None
            }
            (Word::Pc(_), HALT) => Some(self.end_with(End::Halt, self.pc, Token::Halt)),
            (Word::Byte(_), Word::Trap(Trap::LoopLimit)) if op == Op::BrIf => {
                Some(self.end_with(End::Trap(Trap::LoopLimit), self.after_branch(), Token::Trap))
            }
            (Word::Pc(_), Word::Trap(trap)) if trap != Trap::LoopLimit => Some(self.end_with(End::Trap(trap), self.pc, Token::Trap)),
            _ => return Err(unreadable()),
        };
        self.last = word;
        Ok(step)
    }

    /// The step that reports a byte.
    fn report(&mut self, byte: u8) -> Step {
        let Instr { op, arg } = self.program.code()[self.pc];
        match op {
            Op::LocalSet | Op::LocalTee => self.state.locals[usize::from(arg)] = byte,
            Op::I32Store => self.state.memory[self.address] = byte,
            Op::Output => self.state.outputs.push(byte),
            _ => {}
        }
        self.byte = byte;
        Step { pc: self.pc, token: Token::Byte(byte) }
    }

    /// The offset of a file after an instruction. A byte that was written is right before it. `None` if it
    /// cannot be.
    fn move_to(&mut self, op: Op, offset: usize) -> Option<()> {
        if op != Op::FdWrite {
            return Some(());
        }
        let descriptor = self.program.code()[self.pc.checked_sub(1)?].arg;
        let file = self.state.files.get_mut(usize::from(descriptor))?;
        let place = offset.checked_sub(1).filter(|place| *place < FILE_CAPACITY && *place <= file.len())?;
        match file.get_mut(place) {
            Some(old) => *old = self.byte,
            None => file.push(self.byte),
        }
        Some(())
    }

    /// The instruction that an iteration too many begins with, which is the one that traps.
    fn after_branch(&self) -> usize {
        let start = label(self.program, self.pc).unwrap_or(self.pc);
        let code = self.program.code().iter().enumerate().skip(start);
        code.filter(|(_, instr)| !instr.op.is_marker()).map(|(pc, _)| pc).next().unwrap_or(start)
    }

    fn end_with(&mut self, end: End, pc: usize, token: Token) -> Step {
        self.end = Some(end);
        Step { pc, token }
    }
}
