//! `wasmformer exhaustive`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::engines::load;
use super::external::ExternalArgs;
use super::full;
use super::jobs::{Jobs, Progress};
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::byte;
use crate::harness::exhaustive::{self, Tally, domains};
use crate::harness::{Byte, EngineError};
use crate::load::LanguageName;

#[derive(Args)]
pub(super) struct Exhaustive {
    /// The machine whose domains are run
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    #[command(flatten)]
    jobs: Jobs,
    /// Run the transformer with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Run only each N-th program of each domain; on the full machine, each N-th module
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    stride: u32,
    #[command(flatten)]
    external: ExternalArgs,
}

/// The number of reports printed per domain.
const SHOWN: usize = 3;

impl Exhaustive {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if self.machine == LanguageName::Full {
            return full::exhaustive(&self.jobs.pool()?, self.weights.as_deref(), self.stride as usize, &self.external, out);
        }
        if !self.external.is_empty() {
            let reason = "--engine-cmd is for --machine full: the byte machine's domains are checked by passes on known tokens";
            return Err(CliError::Usage(reason.to_string()));
        }
        let (compiled, bounds) = byte::machine::compile::<f32>().map_err(|error| CliError::Usage(error.to_string()))?;
        let model = self.weights.as_deref().map(load::<Byte>).transpose()?.unwrap_or(compiled);
        let pool = self.jobs.pool()?;
        let domains = domains();
        let stride = self.stride as usize;
        let programs = domains.iter().map(|domain| domain.programs.div_ceil(stride)).sum();
        let progress = Progress::new(programs, "programs", out);
        let start = Instant::now();

        writeln!(out, "{:<44}  {:>8}  {:>8}  {:>9}  divergences", "domain", "of", "cases", "steps")?;
        let mut total = Tally::default();
        let mut of = 0;
        let mut reports = Vec::new();
        for domain in &domains {
            if progress.is_stopped() {
                break;
            }
            let tally = pool.install(|| exhaustive::run(domain, &model, &bounds, stride, &|| progress.tick()));
            let tally = tally.map_err(|error| self.about_weights(error))?;
            progress.suspend(|| line(out, &domain.name, domain.cases, &tally))?;
            reports
                .extend(tally.divergences.iter().take(SHOWN).map(|(index, report)| format!("{}, program {index}: {report}", domain.name)));
            of += domain.cases;
            total.programs += tally.programs;
            total.cases += tally.cases;
            total.steps += tally.steps;
            total.lane_values += tally.lane_values;
            total.divergences.extend(tally.divergences);
        }
        drop(progress);
        line(out, "all", of, &total)?;
        if total.programs < programs {
            writeln!(out, "stopped after {} of {programs} programs", total.programs)?;
        }
        writeln!(out, "{} programs; {} lane values compared with their ranges", total.programs, total.lane_values)?;
        for report in &reports {
            writeln!(out, "diverged: {report}")?;
        }
        complain(&format!("{:.1} s", start.elapsed().as_secs_f64()));
        Ok(if total.divergences.is_empty() { Outcome::Good } else { Outcome::Bad })
    }

    /// Adds the folder of the weights, if there is one, to an error of forward passes.
    fn about_weights(&self, error: EngineError) -> CliError {
        match &self.weights {
            Some(folder) => CliError::Usage(format!("{}: {error}", folder.display())),
            None => error.into(),
        }
    }
}

fn line(out: &mut dyn Write, name: &str, of: usize, tally: &Tally) -> Result<(), CliError> {
    let Tally { cases, steps, divergences, .. } = tally;
    writeln!(out, "{name:<44}  {of:>8}  {cases:>8}  {steps:>9}  {:>11}", divergences.len())?;
    out.flush()?;
    Ok(())
}
