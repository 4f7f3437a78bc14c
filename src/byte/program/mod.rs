//! Programs: what the profile accepts of WebAssembly, ready to run.
//!
//! A [`Program`] is the body of a module's one function as a flat listing of [`Instr`]uctions, structural
//! markers included, with its control flow resolved. A program counter (*pc*) is an index into that
//! listing. Programs come from real `.wat` or `.wasm` files by way of the [`reader`], or are made directly
//! with [`Program::new`]; both go through the same checks in the [profile], so that every program that
//! exists may be run by every engine.

pub mod header;
pub mod listing;
mod print;
pub mod reader;

use std::fmt;

use super::isa::{Immediate, Op};
use super::profile;
pub use super::profile::{Files, Refusal};
pub use header::Header;

/// One instruction of a listing: what it is, and its operand byte (0 where it has no immediate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instr {
    /// The instruction.
    pub op: Op,
    /// Its immediate as the operand byte of the token prefix.
    pub arg: u8,
}

impl Instr {
    /// An instruction with its operand byte.
    pub fn new(op: Op, arg: u8) -> Instr {
        Instr { op, arg }
    }
}

impl From<Op> for Instr {
    fn from(op: Op) -> Instr {
        Instr::new(op, 0)
    }
}

impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.op.row().immediate {
            Immediate::None => write!(f, "{}", self.op),
            Immediate::Offset if self.arg == 0 => write!(f, "{}", self.op),
            Immediate::Offset => write!(f, "{} offset={}", self.op, self.arg),
            Immediate::Value | Immediate::Local | Immediate::Label => write!(f, "{} {}", self.op, self.arg),
        }
    }
}

/// A program of the profile. Every value of this type satisfies all of the [profile]'s rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(super) code: Vec<Instr>,
    pub(super) locals: usize,
    pub(super) heights: Vec<usize>,
    pub(super) targets: Vec<usize>,
    pub(super) leaves: Vec<bool>,
}

impl Program {
    /// Checks a listing and resolves its control flow. `locals` is the number of declared locals.
    ///
    /// A `halt` is appended where the listing can fall off its end.
    ///
    /// # Errors
    /// The first rule of the profile that the listing breaks, with the pc where it does.
    pub fn new(code: Vec<Instr>, locals: usize) -> Result<Program, Refusal> {
        profile::check(code, locals)
    }

    /// As [`Program::new`], with as many locals as the listing uses.
    ///
    /// # Errors
    /// As [`Program::new`].
    pub fn from_code(code: Vec<Instr>) -> Result<Program, Refusal> {
        let used = code.iter().filter(|instr| instr.op.row().immediate == Immediate::Local).map(|instr| usize::from(instr.arg) + 1);
        let locals = used.max().unwrap_or(0);
        Program::new(code, locals)
    }

    /// The listing; never empty.
    pub fn code(&self) -> &[Instr] {
        &self.code
    }

    /// The number of locals.
    pub fn locals(&self) -> usize {
        self.locals
    }

    /// The operand stack's height before the instruction at `pc`. Validated WebAssembly without unwinding
    /// branches has the same height there each time.
    pub fn height(&self, pc: usize) -> usize {
        self.heights[pc]
    }

    /// The pc of the `loop` marker that the `br_if` at `pc` goes to.
    pub fn branch_target(&self, pc: usize) -> usize {
        self.targets[pc]
    }

    /// Whether the loop whose marker is at `pc` leaves a value on the operand stack.
    pub fn loop_leaves_value(&self, pc: usize) -> bool {
        self.leaves[pc]
    }

    /// Whether the `end_loop` at `pc` cannot be reached, because the code ends by a `halt` before it.
    /// WebAssembly lets any stack stand there.
    pub(crate) fn is_dead_end(&self, pc: usize) -> bool {
        self.code[pc..].iter().all(|instr| instr.op == Op::EndLoop)
    }

    /// The listing as text: one instruction per line after its pc, loop bodies indented.
    pub fn listing(&self) -> String {
        let mut text = String::new();
        let mut depth = 0;
        for (pc, instr) in self.code.iter().enumerate() {
            depth -= usize::from(instr.op == Op::EndLoop);
            text += &format!("{pc:>4}  {:indent$}{instr}\n", "", indent = 2 * depth);
            depth += usize::from(instr.op == Op::Loop);
        }
        text
    }
}
