//! The commands on programs of the full profile.

mod diff;
mod exhaustive;
mod imports;
mod input;
mod listing;
mod numbers;
mod run;
mod soak;
mod trace;

use std::path::Path;

use clap::ValueEnum;

pub(super) use crate::harness::full::Engine;
pub(super) use diff::{Said, diff, engines};
pub(super) use exhaustive::exhaustive;
pub(super) use imports::list_imports;
pub(super) use input::{FullInput, Invocation, Invoked};
pub(super) use listing::listing;
pub(super) use numbers::plain_numbers;
pub(super) use run::run;
pub(super) use soak::Soaked;
pub(super) use trace::trace;

use crate::byte::isa::HALT_IMPORT;
use crate::byte::program::reader;
use crate::full::program::{Import, reader as full_reader};
use crate::shown;
use crate::transformer::folder::{self, FolderError};
use crate::wasm::{Bytes, ReadError};

/// A machine, and the profile of programs that it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Machine {
    /// One function, byte values, four small files
    Byte,
    /// Any integer module of WebAssembly 1.0
    Full,
}

impl Machine {
    /// The machine that the weights in a folder are for.
    pub(super) fn of_weights(folder: &Path) -> Result<Machine, FolderError> {
        let machine = folder::machine(folder)?;
        // Whether they really are the byte machine's is told by who loads them.
        Ok(if machine == crate::full::machine::NAME { Machine::Full } else { Machine::Byte })
    }
}

/// A program of one of the profiles, read.
pub(super) enum AnyProgram {
    Byte(Box<reader::Module>),
    Full(Box<full_reader::File>),
}

/// Reads a program for a machine, or for the smallest whose profile has it.
///
/// What none can run is refused for the reason that is true of it: the byte machine's where it imports what only that one
/// has, else the full machine's.
pub(super) fn read(Bytes { source, bytes }: &Bytes, machine: Option<Machine>) -> Result<AnyProgram, ReadError> {
    let of_byte = match machine {
        Some(Machine::Byte) => return reader::read_bytes(source, bytes).map(|module| AnyProgram::Byte(module.into())),
        Some(Machine::Full) => return full_reader::read_bytes(source, bytes).map(|file| AnyProgram::Full(file.into())),
        None => match reader::read_bytes(source, bytes) {
            Ok(module) => return Ok(AnyProgram::Byte(module.into())),
            Err(error) => error,
        },
    };
    let file = full_reader::read_bytes(source, bytes)?;
    let of_byte_only = |import: &&Import| import.module == FILES || (&import.module[..], &import.name[..]) == HALT_IMPORT;
    match file.module.imports.iter().find(of_byte_only) {
        None => Ok(AnyProgram::Full(file.into())),
        Some(Import { module, name, .. }) => {
            let import = format!("{module}.{name}");
            let reason = format!("{} (the program imports {}, which only the byte machine has)", of_byte.reason, shown::shown(&import));
            Err(ReadError { reason, ..of_byte })
        }
    }
}

/// The module of the functions on files, which only the byte machine has.
const FILES: &str = "fs";
