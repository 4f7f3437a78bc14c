//! The commands on programs of the full profile.

mod diff;
mod exhaustive;
mod imports;
mod input;
mod listing;
mod run;
mod soak;
mod trace;

use std::path::Path;

use clap::ValueEnum;

pub(super) use diff::{Said, diff, engines};
pub(super) use exhaustive::exhaustive;
pub(super) use imports::list_imports;
pub(super) use input::{FullInput, Invocation};
pub(super) use listing::listing;
pub(super) use run::run;
pub(super) use soak::{Soaked, soak};
pub(super) use trace::trace;

use crate::program::{full, reader};
use crate::transformer::folder::{self, FolderError};

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
        Ok(if machine == crate::machine::full::NAME { Machine::Full } else { Machine::Byte })
    }

    /// The smallest machine whose profile has the program. For what none can run, the one whose refusal should be heard:
    /// the byte machine's where it imports files, which only that one has.
    pub(super) fn of(path: &Path) -> Machine {
        if reader::read_file(path).is_ok() {
            return Machine::Byte;
        }
        let wants_files = |file: &full::reader::File| file.module.imports.iter().any(|import| import.module == "fs");
        match full::reader::read_file(path) {
            Ok(file) if wants_files(&file) => Machine::Byte,
            _ => Machine::Full,
        }
    }
}
