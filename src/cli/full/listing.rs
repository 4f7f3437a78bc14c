//! `wasmformer listing --model full`.

use std::io::Write;
use std::path::Path;

use crate::cli::{CliError, Outcome};
use crate::machine::full::lower::{ListingForm, lower};
use crate::machine::full::token::Vocabulary;
use crate::program::full::load_file;
use crate::program::full::wasi::Process;

/// Prints the prompt: the tokens that begin a run of a program as its header says, or by `_start` or `main`. A line a token
/// with its identifier; or one JSON document, for engines with a host of their own.
pub(in crate::cli) fn listing(path: &Path, form: ListingForm, json: bool, out: &mut dyn Write) -> Result<Outcome, CliError> {
    let usage = |reason: String| CliError::Usage(format!("{}: {reason}", path.display()));
    let loaded = load_file(path, &Process::default())?;
    let (function, arguments) = loaded.invocation().map_err(usage)?;
    let lowered = lower(&loaded.program, function, &arguments, form).map_err(|error| usage(error.to_string()))?;
    let vocabulary = Vocabulary::new();
    let tokens = lowered.listing.tokens(&loaded.program, |function| lowered.entries[function as usize]);
    if json {
        let tokens: Vec<usize> = tokens.iter().map(|token| vocabulary.id(*token)).collect();
        writeln!(out, "{}", serde_json::json!({ "tokens": tokens, "input": loaded.header.input() }))?;
    } else {
        tokens.iter().try_for_each(|token| writeln!(out, "{:>5}  {token}", vocabulary.id(*token)))?;
    }
    Ok(Outcome::Good)
}
