//! `wasmformer listing`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::full::{self, Machine};
use super::{CliError, Outcome};
use crate::harness::engines::external::message::Listing;
use crate::program::reader::read_file;

#[derive(Args)]
pub(super) struct ListingArgs {
    /// The program, .wat or .wasm
    file: PathBuf,
    /// The machine: of the full one, the prompt as tokens
    #[arg(long, value_enum, default_value_t = Machine::Byte)]
    model: Machine,
    /// Print it as JSON for engines with a host of their own: opcode and operand bytes, and the files' contents; or identifiers of
    /// tokens, and the input
    #[arg(long)]
    json: bool,
}

impl ListingArgs {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if self.model == Machine::Full {
            return full::listing(&self.file, self.json, out);
        }
        let module = read_file(&self.file)?;
        if self.json {
            let json = serde_json::to_string(&Listing::new(&module.program, &module.header.files()));
            writeln!(out, "{}", json.expect("a listing is plain data"))?;
        } else {
            write!(out, "{}", module.program.listing())?;
        }
        Ok(Outcome::Good)
    }
}
