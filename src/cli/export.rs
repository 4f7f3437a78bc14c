//! `wasmformer export`.

use std::io::Write;
use std::iter;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Outcome, card};
use crate::load::LanguageName;
use crate::transformer::folder::{self, Contents, Storage};
use crate::transformer::{Model, Number};
use crate::{byte, full};

/// The Python files of the byte machine's folder. They run the byte machine only. The first file is in the
/// full machine's folder too: it reports that the Python files cannot run that machine.
const PYTHON: [(&str, &str); 4] = [
    ("configuration_wasmformer.py", include_str!("../../engines/python/wasmformer/configuration_wasmformer.py")),
    ("modeling_wasmformer.py", include_str!("../../engines/python/wasmformer/modeling_wasmformer.py")),
    ("numpy_wasmformer.py", include_str!("../../engines/python/wasmformer/numpy_wasmformer.py")),
    ("torch_wasmformer.py", include_str!("../../engines/python/wasmformer/torch_wasmformer.py")),
];

#[derive(Args)]
pub(super) struct Export {
    /// The folder to write to; files of the same names that wasmformer did not write are not replaced
    folder: PathBuf,
    /// The machine
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    /// Write only the weights that are not 0, with their places
    #[arg(long)]
    sparse: bool,
}

impl Export {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        match self.machine {
            LanguageName::Byte => {
                let (model, _) = byte::machine::compile::<f32>().map_err(|error| CliError::Usage(error.to_string()))?;
                self.save(out, &model, card::byte(&model), &PYTHON)
            }
            LanguageName::Full => {
                let (model, _) = full::machine::compile::<f64>().map_err(|error| CliError::Usage(error.to_string()))?;
                self.save(out, &model, card::full(&model), &PYTHON[..1])
            }
        }
    }

    fn save<T: Number>(&self, out: &mut dyn Write, model: &Model<T>, card: String, python: &[(&str, &str)]) -> Result<Outcome, CliError> {
        let python = python.iter().map(|(name, text)| (name.to_string(), folder::marked() + text));
        let texts: Vec<(String, String)> = iter::once(("README.md".to_string(), card)).chain(python).collect();
        let storage = if self.sparse { Storage::Sparse } else { Storage::Dense };
        let contents = Contents { storage, texts, ..Contents::default() };
        folder::save_with(model, &contents, &self.folder)?;
        for name in [folder::WEIGHTS_FILE, folder::CONFIG_FILE].into_iter().chain(contents.texts.iter().map(|(name, _)| &name[..])) {
            writeln!(out, "{}", self.folder.join(name).display())?;
        }
        Ok(Outcome::Good)
    }
}
