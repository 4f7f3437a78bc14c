//! Programs: WebAssembly that the profile accepts, ready to run.
//!
//! A [`Program`] is the body of a module's one function: a flat listing of [`Instr`]uctions, structural
//! markers included, with its control flow resolved. A program counter (*pc*) is an index into that listing.
//! The [`reader`] makes programs of real `.wat` or `.wasm` files; [`Program::new`] makes them of listings.
//! Both apply the same checks of the [profile], so that every engine may run every program.

pub mod header;
pub mod listing;
mod print;
pub mod reader;

use std::fmt;

use super::isa::{Immediate, Op};
use super::profile;
pub use super::profile::{Files, Refusal};
pub use header::Header;

/// One instruction of a listing: the operation, and its operand byte (0 if the operation has no immediate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instr {
    /// The instruction.
    pub op: Op,
    /// The immediate, as the operand byte of the token prefix.
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

/// A program of the profile. Every value of this type satisfies all rules of the [profile].
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
    /// A `halt` is appended if the listing can run past its end.
    ///
    /// # Errors
    /// The first rule of the profile that the listing breaks, with the pc of the instruction that breaks it.
    pub fn new(code: Vec<Instr>, locals: usize) -> Result<Program, Refusal> {
        profile::check(code, locals)
    }

    /// Like [`Program::new`], but the number of locals is as many as the listing uses.
    ///
    /// # Errors
    /// The same as for [`Program::new`].
    pub fn from_code(code: Vec<Instr>) -> Result<Program, Refusal> {
        let used = code.iter().filter(|instr| instr.op.row().immediate == Immediate::Local).map(|instr| usize::from(instr.arg) + 1);
        let locals = used.max().unwrap_or(0);
        Program::new(code, locals)
    }

    /// The listing. It is never empty.
    pub fn code(&self) -> &[Instr] {
        &self.code
    }

    /// The number of locals.
    pub fn locals(&self) -> usize {
        self.locals
    }

    /// The operand stack's height before the instruction at `pc`. This height is the same each time, because
    /// the program is validated WebAssembly without unwinding branches.
    pub fn height(&self, pc: usize) -> usize {
        self.heights[pc]
    }

    /// The pc of the `loop` marker that the `br_if` at `pc` branches to.
    pub fn branch_target(&self, pc: usize) -> usize {
        self.targets[pc]
    }

    /// Whether the loop whose marker is at `pc` leaves a value on the operand stack.
    pub fn loop_leaves_value(&self, pc: usize) -> bool {
        self.leaves[pc]
    }

    /// Whether the `end_loop` at `pc` cannot be reached, because the code ends with a `halt` before it.
    /// WebAssembly accepts any operand stack there.
    pub(crate) fn is_dead_end(&self, pc: usize) -> bool {
        self.code[pc..].iter().all(|instr| instr.op == Op::EndLoop)
    }

    /// The listing as text: one line per instruction, with its pc first. Loop bodies are indented.
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
