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
}

impl Trace {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let loaded = match self.input.load()? {
            Either::Byte(loaded) => loaded,
            Either::Full(input) => return full::trace(&input, out),
        };
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
