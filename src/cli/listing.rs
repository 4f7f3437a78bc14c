//! `wasmformer listing`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::full::{self, AnyProgram, Invocation, Invoked, Machine};
use super::{CliError, Outcome};
use crate::full::listing::lower::ListingForm;
use crate::harness::engines::external::message::Listing;
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct ListingArgs {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// The machine [default: the smallest whose profile has the program]; of the full one, the prompt as tokens
    #[arg(long, value_enum)]
    model: Option<Machine>,
    /// Of the full machine: the program in the fused form
    #[arg(long)]
    fused: bool,
    /// Print it as JSON for engines with a host of their own: opcode and operand bytes, and the files' contents; or identifiers of
    /// tokens, and the input
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    invocation: Invocation,
}

impl ListingArgs {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let is_of_full = self.fused || self.invocation.is_given();
        let model = if is_of_full { self.model.or(Some(Machine::Full)) } else { self.model };
        if model == Some(Machine::Byte) && is_of_full {
            return Err(CliError::Usage("--fused, --invoke, --env and arguments are for the full machine".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        match full::read(&bytes, model)? {
            AnyProgram::Byte(module) if self.json => {
                let json = serde_json::to_string(&Listing::new(&module.program, &module.header.files()));
                writeln!(out, "{}", json.expect("a listing is plain data"))?;
                Ok(Outcome::Good)
            }
            AnyProgram::Byte(module) => {
                write!(out, "{}", module.program.listing())?;
                Ok(Outcome::Good)
            }
            AnyProgram::Full(file) => {
                let form = if self.fused { ListingForm::Fused } else { ListingForm::Plain };
                let invoked = Invoked::load(&self.file, &bytes.source, *file, &self.invocation)?;
                full::listing(&invoked, &bytes.source, form, self.json, out)
            }
        }
    }
}
