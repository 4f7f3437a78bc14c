//! `wasmformer listing`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::full::{self, Invocation, Invoked};
use super::{CliError, Outcome};
use crate::byte::program::reader::Module;
use crate::byte::stock;
use crate::full::listing::lower::ListingForm;
use crate::harness::byte::compliance::STEP_LIMIT;
use crate::harness::machine::Machine as _;
use crate::harness::{Byte, VmEngine, byte, record};
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
    /// Byte machine: print the prompt of the stock machine. With --json, the identifiers of its words, and of
    /// those of the run as the reference VM makes it
    #[arg(long, conflicts_with = "fused")]
    stock: bool,
    #[command(flatten)]
    invocation: Invocation,
}

impl ListingArgs {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let is_of_full = self.fused || self.invocation.is_given();
        let machine = if is_of_full { self.machine.or(Some(LanguageName::Full)) } else { self.machine };
        let machine = if self.stock { Some(LanguageName::Byte) } else { machine };
        if machine == Some(LanguageName::Byte) && is_of_full {
            return Err(CliError::Usage("--fused, --invoke, --env and arguments can be used only with the full machine".to_string()));
        }
        let bytes = Bytes::read(&self.file)?;
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) if self.stock => self.stock(&module, out),
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

    fn stock(&self, module: &Module, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let files = module.header.files();
        let prompt = stock::prompt(&module.program, &files);
        if !self.json {
            writeln!(out, "{}", stock::text(&prompt).trim_start())?;
            return Ok(Outcome::Good);
        }
        let vocabulary = stock::Vocabulary::new();
        let ids = |words: &[stock::Word]| words.iter().map(|word| vocabulary.id(*word)).collect::<Vec<_>>();
        let recorded = record(&VmEngine, byte::Case::new(&module.program, &files), STEP_LIMIT)?;
        let run = stock::run(&module.program, &files, &recorded.steps, recorded.run.end);
        let description = json!({
            "text": stock::text(&prompt),
            "prompt": ids(&prompt),
            "run": ids(&run),
            "run_text": stock::text(&run),
            "max_rows": stock::MAX_ROWS,
            "steps": recorded.steps.len(),
        });
        writeln!(out, "{description}")?;
        Ok(Outcome::Good)
    }
}
