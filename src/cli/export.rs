//! `wasmformer export`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Outcome, card};
use crate::harness::DenseEngine;
use crate::transformer::folder;

/// The Python files of a model folder.
const PYTHON: [(&str, &str); 4] = [
    ("numpy_wasmformer.py", include_str!("../../python/wasmformer/numpy_wasmformer.py")),
    ("torch_wasmformer.py", include_str!("../../python/wasmformer/torch_wasmformer.py")),
    ("configuration_wasmformer.py", include_str!("../../python/wasmformer/configuration_wasmformer.py")),
    ("modeling_wasmformer.py", include_str!("../../python/wasmformer/modeling_wasmformer.py")),
];

#[derive(Args)]
pub(super) struct Export {
    /// The folder to write to; files of the same names that wasmformer did not write are not replaced
    folder: PathBuf,
}

impl Export {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let dense = DenseEngine::compiled();
        let mut texts = vec![("README.md".to_string(), card::of(dense.model()))];
        texts.extend(PYTHON.map(|(name, text)| (name.to_string(), folder::marked() + text)));
        folder::save_with(dense.model(), &texts, &self.folder)?;
        for name in [folder::WEIGHTS_FILE, folder::CONFIG_FILE].into_iter().chain(texts.iter().map(|(name, _)| &name[..])) {
            writeln!(out, "{}", self.folder.join(name).display())?;
        }
        Ok(Outcome::Good)
    }
}
