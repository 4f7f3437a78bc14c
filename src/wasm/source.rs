//! Sources of programs, places in them, and the error that names both.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use thiserror::Error;

use crate::file::{ReadFault, read_bounded};
use crate::shown;

/// The maximum size of a program's file, in bytes. Everything that a module can hold takes less.
pub const MAX_FILE: u64 = 128 << 20;

/// The origin of a program's bytes, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// A source with this name.
    pub fn named(name: impl Into<String>) -> Source {
        Source(name.into())
    }

    /// The error for a source that cannot be read at all.
    pub fn unreadable(&self, reason: &dyn fmt::Display) -> ReadError {
        self.error(None, format_args!("cannot be read: {reason}"))
    }

    pub(crate) fn error(&self, position: Option<Position>, reason: impl fmt::Display) -> ReadError {
        ReadError { source_name: self.0.clone(), position, reason: reason.to_string() }
    }
}

/// A program's bytes, and their origin. Programs are read from these bytes, not from a path, so a pipe works
/// as well as a file.
#[derive(Clone, Debug)]
pub struct Bytes {
    /// The origin of the bytes.
    pub source: Source,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Bytes {
    /// Reads a file to its end, once. The path `-` is standard input.
    ///
    /// # Errors
    /// If the file cannot be read, or has more than [`MAX_FILE`] bytes.
    pub fn read(path: &Path) -> Result<Bytes, ReadError> {
        let is_input = path.as_os_str() == "-";
        let source = if is_input { Source::named("standard input") } else { Source::named(path.display().to_string()) };
        let read = match is_input {
            true => read_bounded(io::stdin().lock(), MAX_FILE),
            false => File::open(path).map_err(ReadFault::Io).and_then(|file| read_bounded(file, MAX_FILE)),
        };
        match read {
            Ok(bytes) => Ok(Bytes { source, bytes }),
            Err(ReadFault::Io(error)) => Err(source.error(None, format!("cannot be read: {error}"))),
            Err(ReadFault::TooLong) => Err(source.error(None, format!("has more than {MAX_FILE} bytes, the limit of a program's file"))),
        }
    }
}

/// A place in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Line and column of a text, both counted from 1.
    Line(usize, usize),
    /// Byte offset in a binary.
    Byte(u64),
}

/// Why a source is not a program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ReadError {
    /// The name of the file, or of what takes its place.
    pub source_name: String,
    /// The place in the source, if the error belongs to one place.
    pub position: Option<Position>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, reason) = (shown::message(&self.source_name), shown::message(&self.reason));
        match self.position {
            None => write!(f, "{name}: {reason}"),
            Some(Position::Line(line, column)) => write!(f, "{name}:{line}:{column}: {reason}"),
            Some(Position::Byte(offset)) => write!(f, "{name}: at byte {offset:#x}: {reason}"),
        }
    }
}

/// A part of a module that an error can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Import(usize),
    Function(usize),
    /// An instruction of a defined function: the indices of the function and of the instruction.
    Instruction(usize, usize),
    /// A section by its name, and the index of an item in it.
    Section(&'static str, usize),
}
