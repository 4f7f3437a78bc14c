//! `wasmformer listing`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::full::{self, Invocation, Invoked};
use super::{CliError, Outcome};
use crate::full::listing::lower::ListingForm;
use crate::harness::machine::Machine as _;
use crate::harness::{Byte, byte};
use crate::load::{LanguageName, Program, load_bytes};
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct ListingArgs {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// The machine [default: the smallest machine that can run the program]. For the full machine, the prompt
    /// is printed as tokens
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    /// Full machine: print the program in the fused form
    #[arg(long)]
    fused: bool,
    /// Print the listing as JSON, for engines that have their own host. Byte machine: opcode and operand
    /// bytes, and the contents of the files. Full machine: identifiers of tokens, and the input
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    invocation: Invocation,
}

impl ListingArgs {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let is_of_full = self.fused || self.invocation.is_given();
        let machine = if is_of_full { self.machine.or(Some(LanguageName::Full)) } else { self.machine };
        if machine == Some(LanguageName::Byte) && is_of_full {
            return Err(CliError::Usage("--fused, --invoke, --env and arguments can be used only with the full machine".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) if self.json => {
                let files = module.header.files();
                let case = byte::Case::new(&module.program, &files);
                let lowered = Byte::lower(case, ()).map_err(|error| CliError::Usage(error.to_string()))?;
                writeln!(out, "{}", Byte::program_json(case, &lowered, &()))?;
                Ok(Outcome::Good)
            }
            Program::Byte(module) => {
                write!(out, "{}", module.program.listing())?;
                Ok(Outcome::Good)
            }
            Program::Full(file) => {
                let form = if self.fused { ListingForm::Fused } else { ListingForm::Plain };
                let invoked = Invoked::load(&self.file, &bytes.source, *file, &self.invocation)?;
                full::listing(&invoked, &bytes.source, form, self.json, out)
            }
        }
    }
}
