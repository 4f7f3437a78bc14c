//! `wasmformer spec`.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::jobs::Progress;
use super::results::Results;
use super::{CliError, Outcome};
use crate::harness::Tick;
use crate::harness::full::NetworkEngine;
use crate::harness::full::spec::{self, FileResults, StoreBackend, Version, WasmiBackend};
use crate::harness::{Engine, VmEngine};

/// What the suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum On {
    /// The reference VM
    Vm,
    /// wasmi
    Wasmi,
    /// The full machine's network, its passes indexed
    Indexed,
    /// The full machine's network, its passes compiled
    Compiled,
    /// The full machine's network, its passes indexed, on modules in the fused form
    Fused,
    /// The full machine's network, every pass computed in full
    Dense,
}

#[derive(Args)]
pub(super) struct Spec {
    /// Only the files whose names contain this
    #[arg(default_value = "")]
    filter: String,
    /// The version of the suite
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=2), default_value_t = 1)]
    version: u8,
    /// The engine that runs the suite; may be repeated [default: all engines but dense]
    #[arg(long, value_enum)]
    engine: Vec<On>,
    /// Compare every lane of every pass with its proven bounds
    #[arg(long)]
    check: bool,
}

impl Spec {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let engines = if self.engine.is_empty() { &[On::Vm, On::Wasmi, On::Indexed, On::Fused][..] } else { &self.engine };
        let version = if self.version == 1 { Version::One } else { Version::Two };
        let files = spec::files(version, &self.filter);
        if files.is_empty() {
            return Err(CliError::Usage(format!("no file of the suite has {:?} in its name", self.filter)));
        }
        let progress = Progress::new(engines.len() * files.len(), "files", out);
        let mut outcome = Outcome::Good;
        for (index, engine) in engines.iter().enumerate() {
            if progress.is_stopped() {
                break;
            }
            let (name, results) = self.run(version, *engine, &files, &|| progress.tick());
            let told = progress.suspend(|| {
                if index > 0 {
                    writeln!(out)?;
                }
                tell(&name, &results, files.len(), out)
            });
            if told? == Outcome::Bad {
                outcome = Outcome::Bad;
            }
        }
        Ok(outcome)
    }

    fn run(&self, version: Version, on: On, files: &[(&str, &str)], tick: &Tick<'_>) -> (String, Vec<FileResults>) {
        let vm = VmEngine;
        match on {
            On::Vm => ("vm".to_string(), spec::run(version, files, &|| Box::new(StoreBackend::new(&vm)), tick)),
            On::Indexed | On::Compiled | On::Fused | On::Dense => {
                let network = match on {
                    On::Dense => NetworkEngine::dense(),
                    On::Compiled => NetworkEngine::compiled().with_patience(1),
                    On::Fused => NetworkEngine::indexed().fused(),
                    _ => NetworkEngine::indexed(),
                };
                let network = if self.check { network.checked() } else { network };
                (network.name().to_string(), spec::run(version, files, &|| Box::new(StoreBackend::new(&network)), tick))
            }
            On::Wasmi => ("wasmi".to_string(), spec::run(version, files, &|| Box::new(WasmiBackend::default()), tick)),
        }
    }
}

/// Prints an engine's results on the files. `all` is the number of files to run; there are fewer results if
/// the command was stopped.
fn tell(name: &str, files: &[FileResults], all: usize, out: &mut dyn Write) -> Result<Outcome, CliError> {
    writeln!(out, "{name:<32}  passed  skipped  failed")?;
    for file in files {
        let results = &file.results;
        let (passed, skipped): (usize, usize) = (results.passed.values().sum(), results.skipped.values().sum());
        writeln!(out, "{:<32}  {passed:>6}  {skipped:>7}  {:>6}", file.file, results.failed.len())?;
    }
    let total = spec::total(files);
    if files.len() < all {
        writeln!(out, "stopped after {} of {all} files", files.len())?;
    }
    for failure in &total.failed {
        writeln!(out, "failed: {failure}")?;
    }
    for (reason, count) in &total.skipped {
        writeln!(out, "{count:>6} skipped: {reason}")?;
    }
    for (kind, count) in &total.passed {
        writeln!(out, "{count:>6} passed: {kind}")?;
    }
    let (passed, skipped): (usize, usize) = (total.passed.values().sum(), total.skipped.values().sum());
    let failed = total.failed.len();
    writeln!(out, "{name}: {} files, {passed} assertions passed, {skipped} skipped, {failed} failed", files.len())?;
    Ok(if failed == 0 { Outcome::Good } else { Outcome::Bad })
}
