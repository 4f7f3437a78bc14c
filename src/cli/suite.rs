//! `wasmformer suite`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::input::{EngineName, Transformers};
use super::jobs::Progress;
use super::results::Results;
use super::{CliError, Outcome};
use crate::byte;
use crate::harness::compliance::{Entry, GROUPS, STEP_LIMIT, suite};
use crate::harness::margins::Margins;
use crate::harness::{Case, Engine, Recorded, VmEngine, WasmiEngine, compare, record};

#[derive(Args)]
pub(super) struct Suite {
    /// Run only this engine, instead of all
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// Run the transformer with the weights in this folder instead of those compiled
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Print the smallest margins of logits and attention scores after the table
    #[arg(long)]
    margins: bool,
}

impl Suite {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let weights = self.weights.as_deref();
        let entries = suite()?;
        let programs = entries.len() * if self.margins { 2 } else { 1 };
        let progress = Progress::new(programs, "programs", out);
        // Loaded once, as what is to be said of weights is said then.
        let transformers = if self.engine.is_none() || self.margins { Some(Transformers::load(weights)?) } else { None };
        let dense = transformers.as_ref().map(|transformers| transformers.dense.clone()).filter(|_| self.margins);
        let engines: Vec<Box<dyn Engine>> = match self.engine {
            Some(name) => vec![name.load(weights)?],
            None => {
                let judges: [Box<dyn Engine>; 2] = [Box::new(VmEngine), Box::new(WasmiEngine::default())];
                judges.into_iter().chain(transformers.into_iter().flat_map(Transformers::into_engines)).collect()
            }
        };

        let heading: String = engines.iter().map(|engine| format!("  {:>9}", engine.name())).collect();
        writeln!(out, "{:<24}  programs{heading}", "group")?;
        let mut total = (0, vec![0; engines.len()]);
        let mut failures = Vec::new();
        for (group, title) in GROUPS {
            let (mut programs, mut passed) = (0, vec![0; engines.len()]);
            for entry in entries.iter().filter(|entry| entry.group() == group) {
                if progress.is_stopped() {
                    break;
                }
                let case = Case { program: &entry.module.program, files: &entry.module.header.files() };
                let expected = record(&VmEngine, case, STEP_LIMIT)?;
                for (engine, passed) in engines.iter().zip(&mut passed) {
                    match failure(entry, case, &expected, engine.as_ref())? {
                        None => *passed += 1,
                        Some(failure) => failures.push(format!("{} on {}: {failure}", entry.path, engine.name())),
                    }
                }
                programs += 1;
                let _ = progress.tick();
            }
            progress.suspend(|| print_row(out, title, programs, &passed))?;
            total.0 += programs;
            total.1.iter_mut().zip(passed).for_each(|(total, passed)| *total += passed);
        }
        progress.suspend(|| print_row(out, "all", total.0, &total.1))?;
        if total.0 < entries.len() {
            writeln!(out, "stopped after {} of {} programs", total.0, entries.len())?;
        }
        if let Some(dense) = dense.filter(|_| !progress.is_stopped()) {
            let mut margins = Margins::default();
            for entry in &entries {
                let case = Case { program: &entry.module.program, files: &entry.module.header.files() };
                margins.measure(dense.model(), case)?;
                if progress.tick().is_break() {
                    break;
                }
            }
            progress.suspend(|| write!(out, "\n{}", margins.table(&byte::machine::circuit())))?;
        }
        drop(progress);
        for failure in &failures {
            writeln!(out, "failed: {failure}")?;
        }
        Ok(if failures.is_empty() { Outcome::Good } else { Outcome::Bad })
    }
}

fn print_row(out: &mut dyn Write, title: &str, programs: usize, passed: &[usize]) -> Result<(), CliError> {
    let cells: String = passed.iter().map(|passed| format!("  {:>9}", format!("{passed}/{programs}"))).collect();
    writeln!(out, "{title:<24}  {programs:>8}{cells}")?;
    Ok(())
}

/// Why an engine does not pass a program: a trace other than the reference VM's, or a result other than the
/// header expects.
fn failure(entry: &Entry, case: Case<'_>, expected: &Recorded, engine: &dyn Engine) -> Result<Option<String>, CliError> {
    if let Some(difference) = compare::differs(case, expected, engine, &mut compare::Logits::Ignored)? {
        let (engine, reference) = (engine.name().to_string(), VmEngine.name().to_string());
        return Ok(Some(compare::Report { engine, reference, difference, origin: None }.to_string()));
    }
    Ok(entry.failure(&expected.run))
}
