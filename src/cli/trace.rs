//! `wasmformer trace`.

use std::io::Write;

use clap::Args;

use super::full;
use super::input::{Either, Input};
use super::results::Results;
use super::run::{Leash, follow};
use super::{CliError, Outcome};
use crate::byte::trace::render;

#[derive(Args)]
pub(super) struct Trace {
    #[command(flatten)]
    input: Input,
    /// Full machine: print the reference VM's state before these steps instead, each as a line of JSON: calls
    /// in progress with locals and operands, globals, and the bytes of memory that are not 0
    #[arg(long = "at", value_name = "STEP", value_delimiter = ',')]
    states: Vec<u64>,
}

impl Trace {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let loaded = match self.input.load()? {
            Either::Byte(loaded) => loaded,
            Either::Full(input) if !self.states.is_empty() => return full::states(&input, &self.states, out),
            Either::Full(input) => return full::trace(&input, out),
        };
        if !self.states.is_empty() {
            return Err(CliError::Usage("--at can be used only with the full machine; xray shows the byte machine's steps".to_string()));
        }
        writeln!(out, "{}", render::HEADING)?;
        let mut index = 0;
        let leash = Leash::new(None, out);
        follow(&loaded, leash, |step| {
            writeln!(out, "{}", render::step_line(&loaded.program, index, step))?;
            index += 1;
            Ok(())
        })
    }
}
