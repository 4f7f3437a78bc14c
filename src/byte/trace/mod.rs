//! Traces: tokens, steps, how a run ends, and the state that a trace implies.
//!
//! A run of a program is a sequence of [`Step`]s, each the pc that was executed and the one [`Token`] it
//! reported. These types belong to no engine: every engine speaks them, so that any two can be compared.
//! [`render`] is their one text form.

pub mod render;
mod state;

pub use crate::byte::isa::Trap;
pub use state::{Replay, State};

/// One vocabulary entry: a byte or a special. Its identifier ([`Token::id`]) is the byte itself, or 256
/// and up for the specials.
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
    /// Fills the batches of a teacher-forced pass; no machine emits it.
    Pad,
}

impl Token {
    /// Entries in the vocabulary.
    pub const COUNT: usize = 260;
    /// The specials, in the order of their identifiers, with their names.
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

    /// The token of an identifier, if there is one.
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
    /// What the step reported.
    pub token: Token,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By `halt`.
    Halt,
    /// By a trap.
    Trap(Trap),
    /// Whoever watched it stopped it.
    Stopped,
    /// The engine did what the profile has no word for, so that nothing can follow: a token that no step can
    /// report, or a trap of WebAssembly's own.
    Lost,
}
