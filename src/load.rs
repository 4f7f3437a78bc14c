//! Loads a program from a file and finds out its language.

use std::fmt;
use std::path::Path;

use crate::byte::isa::HALT_IMPORT;
use crate::full::program::Import;
use crate::shown;
use crate::wasm::{Binary, Bytes, ReadError};
use crate::{byte, full};

/// A language, and the machine that runs its programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum LanguageName {
    /// One function, byte values, four small files
    Byte,
    /// Any module of WebAssembly 2.0 without vectors
    Full,
}

impl fmt::Display for LanguageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LanguageName::Byte => "byte",
            LanguageName::Full => "full",
        })
    }
}

/// A program of one of the languages, as read from a file.
#[derive(Clone, Debug)]
pub enum Program {
    /// A byte program with its header.
    Byte(Box<byte::program::reader::Module>),
    /// A module of the full language with its header. [`full::program::Loaded::of`] prepares it for running.
    Full(Box<full::program::reader::File>),
}

impl Program {
    /// The program's language.
    pub fn language(&self) -> LanguageName {
        match self {
            Program::Byte(_) => LanguageName::Byte,
            Program::Full(_) => LanguageName::Full,
        }
    }
}

/// Reads a `.wat` or `.wasm` file once, or standard input for `-`. The program's language is byte if the byte
/// language has the program, else full.
///
/// # Errors
/// If the file cannot be read, is not valid WebAssembly, or breaks a rule of its language. The reported rule
/// is one of the byte language if the program imports something that only the byte machine has, else one of
/// the full language.
pub fn load(path: &Path) -> Result<Program, ReadError> {
    load_bytes(&Bytes::read(path)?, None)
}

/// Does the same as [`load`], from memory. If a language is given, the program is read in that language.
///
/// # Errors
/// The errors of [`load`].
pub fn load_bytes(Bytes { source, bytes }: &Bytes, language: Option<LanguageName>) -> Result<Program, ReadError> {
    let binary = Binary::read(source, bytes)?;
    let as_byte = || byte::program::reader::read(&binary).map(|module| Program::Byte(module.into()));
    let as_full = || full::program::reader::read(&binary).map(|file| Program::Full(file.into()));
    match language {
        Some(LanguageName::Byte) => as_byte(),
        Some(LanguageName::Full) => as_full(),
        // The byte language is defined by the checks of its reader: a program that passes them is a byte
        // program.
        None => match as_byte() {
            Ok(program) => Ok(program),
            Err(refusal) => of_byte_only(&refusal, as_full()?),
        },
    }
}

/// Returns a full program, unless the program imports something that only the byte machine has. Such a
/// program is refused, with the reason why it is not a byte program.
fn of_byte_only(refusal: &ReadError, program: Program) -> Result<Program, ReadError> {
    let Program::Full(file) = &program else { return Ok(program) };
    let is_of_byte = |import: &&Import| import.module == FILES || (&import.module[..], &import.name[..]) == HALT_IMPORT;
    match file.module.imports.iter().find(is_of_byte) {
        None => Ok(program),
        Some(Import { module, name, .. }) => {
            let import = shown::shown(&format!("{module}.{name}"));
            let reason = format!("{} (the program imports {import}, which only the byte machine has)", refusal.reason);
            Err(ReadError { reason, ..refusal.clone() })
        }
    }
}

/// The module of the functions on files, which only the byte machine has.
const FILES: &str = "fs";
