//! `wasmformer gen`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Outcome};
use crate::harness::engine::record;
use crate::harness::soak::{STEP_LIMIT, program};
use crate::harness::{Generated, VmEngine};

#[derive(Args)]
pub(super) struct Gen {
    /// The seed of the sequence of programs; the same seed gives the same programs
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many programs of the sequence
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// Write one file a program to this folder instead of printing them
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Gen {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if let Some(folder) = &self.output {
            fs::create_dir_all(folder).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", folder.display())))?;
        }
        for index in 0..self.count {
            let text = wat(&program(self.seed, index), &format!("generated: seed {}, program {index}", self.seed))?;
            match &self.output {
                None => write!(out, "{text}")?,
                Some(folder) => {
                    let path = folder.join(format!("seed-{}-{index:06}.wat", self.seed));
                    write_file(&path, &text)?;
                    writeln!(out, "{}", path.display())?;
                }
            }
        }
        Ok(Outcome::Good)
    }
}

/// A generated program as a `.wat` file whose header expects what the reference VM does.
pub(super) fn wat(generated: &Generated, about: &str) -> Result<String, CliError> {
    let run = record(&VmEngine, generated.case(), STEP_LIMIT)?.run;
    Ok(generated.program.to_wat(&run.header(about, &generated.files)))
}

/// Writes a whole file or none of it.
pub(super) fn write_file(path: &std::path::Path, text: &str) -> Result<(), CliError> {
    let fail = |error: std::io::Error| CliError::Usage(format!("{}: cannot be written: {error}", path.display()));
    let partial = path.with_extension("partial");
    fs::write(&partial, text).and_then(|()| fs::rename(&partial, path)).map_err(|error| {
        let _ = fs::remove_file(&partial);
        fail(error)
    })
}
