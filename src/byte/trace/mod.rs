//! Traces: tokens, steps, the ends of runs, and the state that a trace implies.
//!
//! A run of a program is a sequence of [`Step`]s. Each step has the pc of the executed instruction and the
//! one [`Token`] that the instruction reported. These types do not belong to one engine: every engine uses
//! them, so that any two engines can be compared. [`render`] writes traces as text, in one form only.

pub mod render;
mod state;

pub use crate::byte::isa::Trap;
pub use state::{Replay, State};

/// One vocabulary entry: a byte or a special. The identifier ([`Token::id`]) of a byte is the byte itself;
/// the identifiers of the specials start at 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A value, an opcode or an operand.
    Byte(u8),
    /// The first token of every sequence: "instruction −1".
    Start,
    /// The step that ends a run.
    Halt,
    /// The step that traps.
    Trap,
    /// Padding in the batches of a teacher-forced pass; a machine never emits it.
    Pad,
}

impl Token {
    /// Number of entries in the vocabulary.
    pub const COUNT: usize = 260;
    /// The specials with their names, in the order of the identifiers.
    pub const SPECIALS: [(&'static str, Token); 4] =
        [("start", Token::Start), ("halt", Token::Halt), ("trap", Token::Trap), ("pad", Token::Pad)];

    /// Every token, in the order of the identifiers.
    pub fn all() -> impl Iterator<Item = Token> {
        (0..=255).map(Token::Byte).chain(Self::SPECIALS.iter().map(|special| special.1))
    }

    /// The identifier, `0..COUNT`.
    pub fn id(self) -> usize {
        match self {
            Token::Byte(byte) => usize::from(byte),
            Token::Start => 256,
            Token::Halt => 257,
            Token::Trap => 258,
            Token::Pad => 259,
        }
    }

    /// The token with this identifier, if there is one.
    pub fn from_id(id: usize) -> Option<Token> {
        match u8::try_from(id) {
            Ok(byte) => Some(Token::Byte(byte)),
            Err(_) => Self::SPECIALS.get(id - 256).map(|special| special.1),
        }
    }
}

/// One executed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The pc of the instruction.
    pub pc: usize,
    /// The token that the step reported.
    pub token: Token,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The program executed `halt`.
    Halt,
    /// The program trapped.
    Trap(Trap),
    /// An observer stopped the run.
    Stopped,
    /// The engine reported something that the profile does not have, so the run cannot go on: a token that no
    /// step can report, or a trap that WebAssembly itself defines.
    Lost,
}
