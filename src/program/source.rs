//! Sources of programs, places in them, and the error that names both.

use std::fmt;

use thiserror::Error;

/// Where a program's bytes came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// A source by its name.
    pub fn named(name: impl Into<String>) -> Source {
        Source(name.into())
    }

    pub(super) fn error(&self, position: Option<Position>, reason: impl fmt::Display) -> ReadError {
        ReadError { source_name: self.0.clone(), position, reason: reason.to_string() }
    }
}

/// A place in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Line and column of a text, from 1.
    Line(usize, usize),
    /// Byte offset in a binary.
    Byte(u64),
}

/// Why a source is no program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ReadError {
    /// The file, or what stands for it.
    pub source_name: String,
    /// Where in it, if a place is to blame.
    pub position: Option<Position>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            None => write!(f, "{}: {}", self.source_name, self.reason),
            Some(Position::Line(line, column)) => write!(f, "{}:{line}:{column}: {}", self.source_name, self.reason),
            Some(Position::Byte(offset)) => write!(f, "{}: at byte {offset:#x}: {}", self.source_name, self.reason),
        }
    }
}

/// A part of a module that a refusal can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Import(usize),
    Function(usize),
    /// An instruction of a defined function.
    Instruction(usize, usize),
    /// A section by name, and an item in it.
    Section(&'static str, usize),
}
