//! `wasmformer gen`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::results::Results;
use super::{CliError, Outcome};
use crate::file::{self, Lock};
use crate::harness::engine::record;
use crate::harness::soak::{STEP_LIMIT, program};
use crate::harness::{Generated, VmEngine};
use crate::shown;

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
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if let Some(folder) = &self.output {
            fs::create_dir_all(folder).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", shown::path(folder))))?;
        }
        for index in 0..self.count {
            if out.stop().is_requested() {
                break;
            }
            let text = wat(&program(self.seed, index), &format!("generated: seed {}, program {index}", self.seed))?;
            match &self.output {
                None => write!(out, "{text}")?,
                Some(folder) => {
                    let path = folder.join(format!("seed-{}-{index:06}.wat", self.seed));
                    write_file(&path, &text)?;
                    writeln!(out, "{}", shown::path(&path))?;
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
pub(super) fn write_file(path: &Path, contents: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), CliError> {
    file::write_whole(path, contents.as_ref())
        .map_err(|error| CliError::Usage(format!("{}: cannot be written: {error}", shown::path(path))))
}

/// Has a path to this process alone, as long as what is returned is kept.
pub(super) fn lock(path: &Path) -> Result<Lock, CliError> {
    let fail = |reason: String| CliError::Usage(format!("{}: {reason}", shown::path(path)));
    let lock = Lock::take(&path.with_extension("lock")).map_err(|error| fail(format!("cannot be locked: {error}")))?;
    lock.ok_or_else(|| fail("another process is at work on it".to_string()))
}
