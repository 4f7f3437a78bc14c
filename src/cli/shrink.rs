//! `wasmformer shrink`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::diff::DenseLimits;
use super::engines::{Commanded, EngineName, Networks, by_reference, machine_of_weights};
use super::external::ExternalArgs;
use super::findings::Written;
use super::full::{self, Invocation};
use super::memory::MaxMemory;
use super::{CliError, Outcome, complain};
use crate::byte::program::reader::Module;
use crate::harness::byte::compliance::STEP_LIMIT;
use crate::harness::{Byte, Engine, Full, Stop, byte};
use crate::load::{LanguageName, Program, load_bytes};
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct Shrink {
    /// A program on which the engines diverge
    file: PathBuf,
    /// Run the transformer with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Compare only this engine with the reference VM instead of all engines; may be repeated
    #[arg(long = "engine", value_enum, value_name = "ENGINE")]
    engines: Vec<EngineName>,
    #[command(flatten)]
    external: ExternalArgs,
    #[command(flatten)]
    dense: DenseLimits,
    /// The machine that runs the program [default: the smallest machine that can run it]
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    #[command(flatten)]
    memory: MaxMemory,
    #[command(flatten)]
    invocation: Invocation,
}

impl Shrink {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let machine = match (self.machine, self.weights.as_deref()) {
            (None, Some(weights)) => Some(machine_of_weights(weights)?),
            (None, None) if self.engines.iter().any(|engine| engine.is_of_full_alone()) => Some(LanguageName::Full),
            (machine, _) => machine,
        };
        let bytes = Bytes::read(&self.file)?;
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) => {
                let Module { program, header, .. } = *module;
                let before = program.code().len();
                self.shrink::<Byte>(&byte::Generated { files: header.files(), program }, before, |small| small.program.code().len(), out)
            }
            Program::Full(file) => {
                let generated = full::generated(&self.file, &bytes.source, *file, &self.invocation)?;
                let length = |generated: &crate::harness::full::Generated| generated.load().map_or(0, |loaded| loaded.program.code.len());
                self.shrink::<Full>(&generated, length(&generated), length, out)
            }
        }
    }

    /// Prints a smaller program with the same divergence. `length` counts the instructions of a program, and
    /// `before` is the length of `generated`.
    fn shrink<L: Commanded + Written>(
        &self,
        generated: &L::Generated,
        before: usize,
        length: impl Fn(&L::Generated) -> usize,
        out: &mut dyn Write,
    ) -> Result<Outcome, CliError> {
        let networks = Networks::<L>::load(self.weights.as_deref(), self.memory)?;
        let most = self.dense.of::<L>();
        let mut engines = vec![L::vm()];
        engines.extend(networks.engines(&self.engines, most)?);
        let started = self.external.start(self.weights.as_deref(), || networks.dense(), &Stop::default())?;
        let mut compared = by_reference(&engines);
        compared.extend(started.engines.iter().map(|(engine, _)| engine as &dyn Engine<L>));
        match L::shrink(generated, &compared, STEP_LIMIT)? {
            None => {
                let dense = engines.iter().find(|engine| engine.name() == "dense");
                let bound = dense.map(|_| format!(", dense on {} steps at most", most.0)).unwrap_or_default();
                complain(&format!("{}: the engines agree{bound}; there is nothing to shrink", self.file.display()));
                Ok(Outcome::Good)
            }
            Some(shrunk) => {
                let files = L::files(&shrunk.generated, &shrunk.report.to_string());
                let text = files.iter().find(|(extension, _)| *extension == "wat");
                text.map_or(Ok(()), |(_, text)| out.write_all(text))?;
                let after = length(&shrunk.generated);
                complain(&format!("{}\n{before} instructions shrunk to {after} in {} runs", shrunk.report, shrunk.candidates));
                Ok(Outcome::Bad)
            }
        }
    }
}
