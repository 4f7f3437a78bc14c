//! `wasmformer listing` of a full program.

use std::io::Write;

use super::Invoked;
use crate::cli::{CliError, Outcome};
use crate::full::listing::lower::{ListingForm, lower};
use crate::full::listing::token::Vocabulary;
use crate::wasm::Source;

/// Prints the prompt: the tokens with which a run of the invocation begins. The output is one line per token,
/// with the token's identifier, or one JSON document for engines that have a host of their own.
pub(in crate::cli) fn listing(
    invoked: &Invoked,
    source: &Source,
    form: ListingForm,
    json: bool,
    out: &mut dyn Write,
) -> Result<Outcome, CliError> {
    let Invoked { loaded, calls, .. } = invoked;
    let lowered = lower(&loaded.program, calls, form).map_err(|error| source.error(None, error))?;
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
