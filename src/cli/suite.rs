//! `wasmformer suite`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::engines::{Commanded, EngineName, Networks};
use super::jobs::Progress;
use super::memory::MaxMemory;
use super::results::Results;
use super::{CliError, Outcome};
use crate::byte;
use crate::byte::stock;
use crate::harness::byte::compliance::{Entry, GROUPS, STEP_LIMIT, suite};
use crate::harness::byte::{Case, Recorded, StockEngine};
use crate::harness::compare::{Logits, differs};
use crate::harness::engine::SharedEngine;
use crate::harness::margins::{Margins, measure};
use crate::harness::vm::VM;
use crate::harness::{Byte, Engine, Report, VmEngine, record};

/// A machine of the byte language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ByteMachine {
    /// The published one
    Byte,
    /// The one on the Llama architecture
    Stock,
}

#[derive(Args)]
pub(super) struct Suite {
    /// The machine that is held against the reference VM and wasmi
    #[arg(long, alias = "model", value_enum, default_value_t = ByteMachine::Byte)]
    machine: ByteMachine,
    /// Run only this engine instead of all engines
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// Run the transformer with the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Print the smallest margins of logits and attention scores after the table
    #[arg(long)]
    margins: bool,
}

impl Suite {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if self.machine == ByteMachine::Stock && (self.weights.is_some() || self.margins) {
            let reason = "--weights and --margins are for the published machine; `info --machine stock` has the stock machine's margins";
            return Err(CliError::Usage(reason.to_string()));
        }
        let weights = self.weights.as_deref();
        let entries = suite()?;
        let programs = entries.len() * if self.margins { 2 } else { 1 };
        let progress = Progress::new(programs, "programs", out);
        // Loaded only once, because loading prints notes about the weights.
        let networks = Networks::<Byte>::load(weights, MaxMemory::default())?;
        let dense = if self.margins { Some(networks.dense()?.forced()) } else { None };
        let engines: Vec<SharedEngine<Byte>> = match self.engine {
            Some(name) => vec![name.load(&networks)?],
            None if self.machine == ByteMachine::Stock => vec![Byte::vm(), Byte::wasmi(), Box::new(StockEngine::default())],
            None => {
                let fast = if networks.indexed().is_some() { networks.all_fast()? } else { Vec::new() };
                let judges = [Byte::vm(), Byte::wasmi(), Box::new(networks.dense()?)];
                judges.into_iter().chain(fast.into_iter().map(|engine| Box::new(engine) as _)).collect()
            }
        };

        let heading: String = engines.iter().map(|engine| format!("  {:>9}", engine.name())).collect();
        writeln!(out, "{:<24}  programs{heading}", "group")?;
        let mut total = (0, vec![0; engines.len()]);
        let (mut failures, mut too_long) = (Vec::new(), Vec::new());
        for (group, title) in GROUPS {
            let (mut programs, mut passed) = (0, vec![0; engines.len()]);
            for entry in entries.iter().filter(|entry| entry.group() == group) {
                if progress.is_stopped() {
                    break;
                }
                let files = entry.module.header.files();
                let case = Case::new(&entry.module.program, &files);
                let expected = record(&VmEngine, case, STEP_LIMIT)?;
                let rows = if self.runs_stock() { stock_rows(case, &expected) } else { 0 };
                if rows > stock::MAX_ROWS {
                    too_long.push(format!("{}: {rows} words", entry.path));
                    continue;
                }
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
        if total.0 + too_long.len() < entries.len() {
            writeln!(out, "stopped after {} of {} programs", total.0 + too_long.len(), entries.len())?;
        }
        if let Some(dense) = dense.filter(|_| !progress.is_stopped()) {
            let mut margins = Margins::default();
            for entry in &entries {
                let files = entry.module.header.files();
                let case = Case::new(&entry.module.program, &files);
                measure(&dense, case, &mut margins)?;
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
        for program in &too_long {
            writeln!(out, "not run: {program}; the stock machine is proven up to {}", stock::MAX_ROWS)?;
        }
        Ok(if failures.is_empty() { Outcome::Good } else { Outcome::Bad })
    }
}

impl Suite {
    fn runs_stock(&self) -> bool {
        self.machine == ByteMachine::Stock && self.engine.is_none() || self.engine == Some(EngineName::Stock)
    }
}

/// The number of words of a program's prompt and run on the stock machine.
fn stock_rows(case: Case<'_>, expected: &Recorded) -> usize {
    stock::prompt(case.program, case.files).len() + stock::run(case.program, case.files, &expected.steps, expected.run.end).len()
}

fn print_row(out: &mut dyn Write, title: &str, programs: usize, passed: &[usize]) -> Result<(), CliError> {
    let cells: String = passed.iter().map(|passed| format!("  {:>9}", format!("{passed}/{programs}"))).collect();
    writeln!(out, "{title:<24}  {programs:>8}{cells}")?;
    Ok(())
}

/// Why an engine does not pass a program: its trace differs from the reference VM's, or its result from the
/// one that the header expects.
fn failure(entry: &Entry, case: Case<'_>, expected: &Recorded, engine: &dyn Engine<Byte>) -> Result<Option<String>, CliError> {
    if let Some(difference) = differs(case, expected, engine, &mut Logits::ignored())? {
        let (engine, reference) = (engine.name().to_string(), VM.to_string());
        return Ok(Some(Report { engine, reference, difference, origin: None }.to_string()));
    }
    Ok(entry.failure(&expected.run))
}
