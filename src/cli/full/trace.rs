//! `wasmformer trace` on a full program.

use std::io::Write;

use super::FullInput;
use super::run::follow;
use crate::cli::results::Results;
use crate::cli::run::Leash;
use crate::cli::{CliError, Outcome};
use crate::full::trace::{HEADING, step_line};

pub(in crate::cli) fn trace(input: &FullInput, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    writeln!(out, "{HEADING}")?;
    let mut index = 0;
    let leash = Leash::new(None, out);
    let followed = follow(input, leash, |step| {
        index += 1;
        writeln!(out, "{}", step_line(&input.invoked.loaded.program, index - 1, step))
    })?;
    Ok(followed.outcome)
}
