//! `wasmformer listing`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::full::{self, Machine};
use super::{CliError, Outcome};
use crate::harness::engines::external::message::Listing;
use crate::machine::full::lower::ListingForm;
use crate::program::reader::read_file;

#[derive(Args)]
pub(super) struct ListingArgs {
    /// The program, .wat or .wasm
    file: PathBuf,
    /// The machine: of the full one, the prompt as tokens
    #[arg(long, value_enum, default_value_t = Machine::Byte)]
    model: Machine,
    /// Of the full machine: the program in the fused form
    #[arg(long)]
    fused: bool,
    /// Print it as JSON for engines with a host of their own: opcode and operand bytes, and the files' contents; or identifiers of
    /// tokens, and the input
    #[arg(long)]
    json: bool,
}

impl ListingArgs {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if self.model == Machine::Full {
            let form = if self.fused { ListingForm::Fused } else { ListingForm::Plain };
            return full::listing(&self.file, form, self.json, out);
        }
        if self.fused {
            return Err(CliError::Usage("--fused is for the full machine".to_string()));
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
