//! `wasmformer gen`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::files::write_file;
use super::findings::Written;
use super::results::Results;
use super::{CliError, Outcome};
use crate::harness::generate::program;
use crate::harness::{Byte, Full};
use crate::load::LanguageName;
use crate::shown;

#[derive(Args)]
pub(super) struct Gen {
    /// The machine whose programs are generated
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    /// The seed of the sequence of programs; the same seed gives the same programs
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The number of programs
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// Write each program to files in this folder instead of printing them as text
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Gen {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        match self.machine {
            LanguageName::Byte => self.write::<Byte>(out),
            LanguageName::Full => self.write::<Full>(out),
        }
    }

    fn write<L: Written>(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if let Some(folder) = &self.output {
            fs::create_dir_all(folder).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", shown::path(folder))))?;
        }
        for index in 0..self.count {
            if out.stop().is_requested() {
                break;
            }
            let generated = program::<L>(self.seed, index);
            let about = format!("generated: seed {}, program {index}", self.seed);
            let files = L::files(&generated, &about);
            match &self.output {
                None => {
                    let text = files.iter().find(|(extension, _)| *extension == "wat");
                    text.map_or(Ok(()), |(_, text)| out.write_all(text))?;
                }
                Some(folder) => {
                    for (extension, contents) in &files {
                        let path = folder.join(format!("seed-{}-{index:06}.{extension}", self.seed));
                        write_file(&path, contents)?;
                        writeln!(out, "{}", shown::path(&path))?;
                    }
                }
            }
        }
        Ok(Outcome::Good)
    }
}
