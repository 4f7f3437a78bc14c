//! The commands on programs of the full profile.

mod diff;
mod input;
mod run;
mod trace;

use std::path::Path;

use clap::ValueEnum;

pub(super) use diff::{Said, diff};
pub(super) use input::{FullInput, Invocation};
pub(super) use run::run;
pub(super) use trace::trace;

use crate::program::reader;

/// A machine, and the profile of programs that it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Machine {
    /// One function, byte values, four small files
    Byte,
    /// Any integer module of WebAssembly 1.0
    Full,
}

impl Machine {
    /// The smallest machine whose profile has the program; the full one for what no machine can run, so that its refusal is
    /// what is said.
    pub(super) fn of(path: &Path) -> Machine {
        match reader::read_file(path) {
            Ok(_) => Machine::Byte,
            Err(_) => Machine::Full,
        }
    }
}
