//! `wasmformer shrink`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::diff::DENSE_STEPS;
use super::r#gen::wat;
use super::input::Transformers;
use super::{CliError, Outcome, complain};
use crate::byte::program::reader::read_file;
use crate::harness::compliance::STEP_LIMIT;
use crate::harness::engines::Bounded;
use crate::harness::shrink::shrink;
use crate::harness::{Engine, Generated, VmEngine, WasmiEngine};

#[derive(Args)]
pub(super) struct Shrink {
    /// A program on which the engines diverge
    file: PathBuf,
    /// Run the transformer with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
}

impl Shrink {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let module = read_file(&self.file)?;
        let (vm, wasmi, transformers) = (VmEngine, WasmiEngine::default(), Transformers::load(self.weights.as_deref())?);
        let mut engines: Vec<&dyn Engine> = vec![&vm, &wasmi];
        let dense = Bounded::new(&transformers.dense, DENSE_STEPS as usize);
        engines.push(&dense);
        engines.extend(transformers.fast());
        let generated = Generated { files: module.header.files(), program: module.program };
        match shrink(&generated, &engines, STEP_LIMIT)? {
            None => {
                complain(&format!(
                    "{}: the engines agree, dense on {DENSE_STEPS} steps at most; there is nothing to shrink",
                    self.file.display()
                ));
                Ok(Outcome::Good)
            }
            Some(shrunk) => {
                write!(out, "{}", wat(&shrunk.generated, &shrunk.report.to_string())?)?;
                let (before, after) = (generated.program.code().len(), shrunk.generated.program.code().len());
                complain(&format!("{}\n{before} instructions shrunk to {after} in {} runs", shrunk.report, shrunk.candidates));
                Ok(Outcome::Bad)
            }
        }
    }
}
