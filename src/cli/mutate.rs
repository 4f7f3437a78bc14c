//! `wasmformer mutate`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;

use super::jobs::{Jobs, Progress};
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::byte;
use crate::circuit::Circuit;
use crate::harness::mutate::equivalence::{Class, Rules};
use crate::harness::mutate::{Fate, Mutant, Origin, Tensor, Trials};
use crate::transformer::Model;

#[derive(Args)]
pub(super) struct Mutate {
    #[command(flatten)]
    jobs: Jobs,
    /// Judge this many mutants only, taken evenly from all
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
}

/// A mutant's fate beside what the rules say of it.
struct Judged {
    fate: Fate,
    class: Option<Class>,
}

/// Mutants counted by what became of them.
#[derive(Clone, Copy, Default)]
struct Counts {
    suite: usize,
    generated: usize,
    probes: usize,
    equivalent: usize,
    unexplained: usize,
}

impl Mutate {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let circuit = byte::machine::circuit();
        let (model, bounds) = circuit.compile::<f32>().map_err(|error| CliError::Usage(error.to_string()))?;
        let pool = self.jobs.pool()?;
        let start = Instant::now();

        let all = Mutant::all(&model);
        let wanted = self.sample.map_or(all.len(), |sample| all.len().min(sample as usize));
        let mutants: Vec<Mutant> = (0..wanted).map(|index| all[index * all.len() / wanted]).collect();
        let progress = Progress::new(mutants.len(), "mutants", out);
        let trials = pool.install(|| Trials::new(&model))?;
        let rules = Rules::new(&model, &circuit, &bounds);
        let judge = |mutant: &Mutant| {
            if progress.is_stopped() {
                return Ok(None);
            }
            let judged = Judged { fate: trials.judge(*mutant)?, class: rules.class(*mutant) };
            let _ = progress.tick();
            Ok(Some(judged))
        };
        let judged = pool.install(|| mutants.par_iter().map(judge).collect::<Result<Vec<Option<Judged>>, CliError>>())?;
        let judged: Vec<Judged> = judged.into_iter().flatten().collect();
        drop(progress);

        if judged.len() < mutants.len() {
            writeln!(out, "stopped after {} of {} mutants", judged.len(), mutants.len())?;
        }
        writeln!(out, "{} of {} mutants of {} weights; {} programs", judged.len(), all.len(), model.non_zeros(), trials.len())?;
        table(out, &judged)?;
        survivors(out, &judged, &model, &circuit)?;
        complain(&format!("{:.1} s", start.elapsed().as_secs_f64()));
        let sound = judged.iter().all(|j| j.fate.killer.is_some() != j.class.is_some());
        Ok(if sound { Outcome::Good } else { Outcome::Bad })
    }
}

impl Counts {
    fn count(&mut self, judged: &Judged) {
        *match (&judged.fate.killer, judged.class) {
            (Some((Origin::Suite(_), _)), _) => &mut self.suite,
            (Some((Origin::Generated(_), _)), _) => &mut self.generated,
            (Some((Origin::Probe(_), _)), _) => &mut self.probes,
            (None, Some(_)) => &mut self.equivalent,
            (None, None) => &mut self.unexplained,
        } += 1;
    }

    fn killed(self) -> usize {
        self.suite + self.generated + self.probes
    }

    fn all(self) -> usize {
        self.killed() + self.equivalent + self.unexplained
    }
}

/// Mutants by matrix: killed, and by which programs first; equivalent; and what neither is.
fn table(out: &mut dyn Write, judged: &[Judged]) -> Result<(), CliError> {
    let mut by_tensor: BTreeMap<usize, (Tensor, Counts)> = BTreeMap::new();
    let mut total = Counts::default();
    let tensors = Tensor::all(byte::machine::budget().heads_per_layer.len());
    for judged in judged {
        let tensor = judged.fate.mutant.site.tensor;
        let place = tensors.iter().position(|other| *other == tensor).unwrap_or_default();
        by_tensor.entry(place).or_insert((tensor, Counts::default())).1.count(judged);
        total.count(judged);
    }
    writeln!(out, "{:<26}  mutants  killed  by suite  generated  probes  equivalent  unexplained", "matrix")?;
    for (tensor, counts) in by_tensor.values() {
        row(out, &tensor.to_string(), *counts)?;
    }
    row(out, "all", total)?;
    let tellable = total.killed() + total.unexplained;
    writeln!(
        out,
        "{} of {tellable} mutants that are not equivalent are killed: {:.2} %",
        total.killed(),
        percent(total.killed(), tellable)
    )?;
    writeln!(out, "the suite alone: {} of {tellable}, {:.2} %", total.suite, percent(total.suite, tellable))?;
    Ok(())
}

fn row(out: &mut dyn Write, name: &str, counts: Counts) -> Result<(), CliError> {
    let Counts { suite, generated, probes, equivalent, unexplained } = counts;
    let (all, killed) = (counts.all(), counts.killed());
    writeln!(out, "{name:<26}  {all:>7}  {killed:>6}  {suite:>8}  {generated:>9}  {probes:>6}  {equivalent:>10}  {unexplained:>11}")?;
    Ok(())
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Survivors by class with the reason, then those that no rule explains, then rules that a program refutes.
fn survivors(out: &mut dyn Write, judged: &[Judged], model: &Model<f32>, circuit: &Circuit) -> Result<(), CliError> {
    let line = |mutant: Mutant| {
        let site = mutant.site;
        let names = site.describe(circuit);
        format!("{} [{}, {}] {} {}: {names}", site.tensor, site.row, site.column, site.weight(model), mutant.change)
    };
    let mut classes: BTreeMap<Class, Vec<Mutant>> = BTreeMap::new();
    for judged in judged.iter().filter(|judged| judged.fate.killer.is_none()) {
        judged.class.iter().for_each(|class| classes.entry(*class).or_default().push(judged.fate.mutant));
    }
    for (class, mutants) in &classes {
        let proof = format!("{:?}", class.proof).to_lowercase();
        writeln!(out, "\nequivalent, {}: {} ({proof}: {})", class.name, mutants.len(), class.reason)?;
        mutants.iter().try_for_each(|mutant| writeln!(out, "  {}", line(*mutant)))?;
    }
    for Judged { fate, class } in judged {
        match (&fate.killer, class) {
            (None, None) => writeln!(out, "\nunexplained: {}", line(fate.mutant))?,
            (Some((origin, step)), Some(class)) => {
                writeln!(
                    out,
                    "\nrefuted: {} is said to be equivalent ({}), but {origin} tells at step {step}",
                    line(fate.mutant),
                    class.name
                )?;
            }
            _ => {}
        }
    }
    Ok(())
}
