//! `wasmformer specialize`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::engines::Commanded;
use super::export::{labels, write_folder};
use super::full::{Invocation, Invoked};
use super::{CliError, Outcome, card};
use crate::full::listing::lower::ListingForm;
use crate::harness::tokens::Tokens;
use crate::harness::{Byte, Case, Full, Specialization};
use crate::load::{LanguageName, Program, load_bytes};
use crate::transformer::folder::Storage;
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct Specialize {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// The folder to write to; files of the same names that wasmformer did not write are not replaced
    folder: PathBuf,
    /// The machine [default: the smallest machine that can run the program]
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    /// Full machine: take the program in the fused form
    #[arg(long)]
    fused: bool,
    /// Write all weights, not only those that are not 0, with their places
    #[arg(long)]
    dense: bool,
    #[command(flatten)]
    invocation: Invocation,
}

impl Specialize {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let is_of_full = self.fused || self.invocation.is_given();
        let machine = if is_of_full { self.machine.or(Some(LanguageName::Full)) } else { self.machine };
        if machine == Some(LanguageName::Byte) && is_of_full {
            return Err(CliError::Usage("--fused, --invoke, --env and arguments can be used only with the full machine".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) => {
                let files = module.header.files();
                self.write::<Byte>(Case::<Byte>::new(&module.program, &files), (), &name, &Tokens::byte(), out)
            }
            Program::Full(file) => {
                let form = if self.fused { ListingForm::Fused } else { ListingForm::Plain };
                let invoked = Invoked::load(&self.file, &bytes.source, *file, &self.invocation)?;
                self.write::<Full>(invoked.case(&b""[..]), form, &name, &Tokens::full(), out)
            }
        }
    }

    fn write<L: Commanded>(
        &self,
        case: Case<'_, L>,
        form: L::Form,
        name: &str,
        tokens: &Tokens,
        out: &mut dyn Write,
    ) -> Result<Outcome, CliError> {
        let refuse = |error: String| CliError::Usage(format!("{}: {error}", self.file.display()));
        let specialization = Specialization::<L>::of(case, form, name).map_err(|error| refuse(error.to_string()))?;
        let Specialization { model, bounds, circuit, rows } = &specialization;
        let storage = if self.dense { Storage::Dense } else { Storage::Sparse };
        let labels = labels(circuit, tokens, rows);
        write_folder(model, labels, tokens, &|_| card::specialized(model, bounds), storage, &self.folder, out)
    }
}
