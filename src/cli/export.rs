//! `wasmformer export`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Outcome};
use crate::harness::DenseEngine;
use crate::transformer::folder;

#[derive(Args)]
pub(super) struct Export {
    /// The folder to write to; files of the same names that wasmformer did not write are not replaced
    folder: PathBuf,
}

impl Export {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        folder::save(DenseEngine::compiled().model(), &self.folder)?;
        for name in [folder::WEIGHTS_FILE, folder::CONFIG_FILE] {
            writeln!(out, "{}", self.folder.join(name).display())?;
        }
        Ok(Outcome::Good)
    }
}
