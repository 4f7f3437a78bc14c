//! `wasmformer prove`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::engines::load;
use super::files::write_file;
use super::jobs::{Jobs, Progress};
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::harness::Byte;
use crate::harness::generate::Generate;
use crate::harness::mutate::Mutant;
use crate::prove::byte::mutants::Mutants;
use crate::prove::byte::witness::{self, Witness};
use crate::prove::byte::{Specification, prove};
use crate::prove::certificate::Certificate;
use crate::prove::{Method, Proof, Refutation};
use crate::transformer::Model;

#[derive(Args)]
pub(super) struct Prove {
    /// Prove the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Write a certificate to this file: every obligation with its method, cases and time, as JSON
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Instead, try to prove changed weights: this many of those that `mutate` says some program notices, all
    /// of which must be refuted, and all of those that it says are equivalent
    #[arg(long, value_name = "N", conflicts_with_all = ["weights", "certificate"])]
    mutants: Option<u32>,
    /// The seed by which the mutants are chosen
    #[arg(long, value_name = "S", default_value_t = 0, requires = "mutants")]
    seed: u64,
    #[command(flatten)]
    jobs: Jobs,
}

impl Prove {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let pool = self.jobs.pool()?;
        let start = Instant::now();
        let specification = pool.install(Specification::new);
        let outcome = match self.mutants {
            Some(count) => judge(&pool, count as usize, self.seed, &specification, out),
            None => self.prove(&pool, &specification, out),
        };
        complain(&format!("{:.1} s", start.elapsed().as_secs_f64()));
        outcome
    }

    fn prove(&self, pool: &ThreadPool, specification: &Specification, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let model = match &self.weights {
            Some(folder) => load::<Byte>(folder)?,
            None => crate::byte::machine::compile().map_err(|error| CliError::Usage(error.to_string()))?.0,
        };
        let proof = pool.install(|| prove(&model, specification)).map_err(|error| CliError::Usage(error.to_string()))?;
        report(&proof, specification, out)?;
        let witness = match &proof.refutation {
            Some(refutation) => refuted(&model, refutation, out)?,
            None => None,
        };
        if let Some(path) = &self.certificate {
            let program = witness.map(|witness| text(&witness));
            write_file(path, &Certificate::new(&proof, &model, program).bytes())?;
        }
        Ok(if proof.holds() { Outcome::Good } else { Outcome::Bad })
    }
}

fn report(proof: &Proof, specification: &Specification, out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(out, "theorem: {}", proof.theorem)?;
    for assumption in proof.assumptions {
        writeln!(out, "assumed: {assumption}")?;
    }
    writeln!(out, "\n{:<12}  {:<11}  {:>9}  obligation", "kind", "method", "cases")?;
    for obligation in &proof.obligations {
        let (kind, method) = (obligation.kind.to_string(), obligation.method.to_string());
        writeln!(out, "{kind:<12}  {method:<11}  {:>9}  {}", obligation.cases, obligation.name)?;
    }
    let arguments = proof.obligations.iter().filter(|obligation| obligation.method == Method::Argument).count();
    let checked = proof.obligations.len() - arguments;
    writeln!(out, "\n{checked} obligations with {} cases; {} runs of the reference VM", proof.cases(), specification.runs)?;
    if proof.holds() {
        writeln!(out, "proved, with {arguments} arguments on paper")?;
    }
    Ok(())
}

/// Prints the failure of a proof, and a program that shows it if one is found.
fn refuted(model: &Model<f32>, refutation: &Refutation, out: &mut dyn Write) -> Result<Option<Witness>, CliError> {
    writeln!(out, "refuted: {refutation}")?;
    let witness = witness::find(model, refutation.failure.situation)?;
    match &witness {
        Some(witness) => {
            let Witness { step, expected, actual, .. } = witness;
            writeln!(out, "at step {step} of this program the token is {actual} instead of {expected}:\n{}", text(witness))?;
        }
        None => writeln!(out, "no program was found that shows it: the case may not arise")?,
    }
    Ok(witness)
}

/// A witness's program, with what the reference VM does with it in the header.
fn text(Witness { generated, .. }: &Witness) -> String {
    Byte::text(generated, "tokens differ from the reference VM's")
}

/// Tries to prove mutants.
fn judge(pool: &ThreadPool, count: usize, seed: u64, specification: &Specification, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let mutants = pool.install(Mutants::new).map_err(|error| CliError::Usage(error.to_string()))?;
    let sample = mutants.sample(count, seed);
    let progress = Progress::new(sample.len() + mutants.equivalent.len(), "mutants", out);
    let judge = |mutant: Mutant| {
        if progress.is_stopped() {
            return Ok(None);
        }
        let refutation = mutants.refutation(mutant, specification).map_err(|error| CliError::Usage(error.to_string()));
        let _ = progress.tick();
        refutation.map(Some)
    };
    let noticed = pool.install(|| sample.par_iter().map(|mutant| judge(*mutant)).collect::<Result<Vec<_>, _>>())?;
    let equivalent = pool.install(|| mutants.equivalent.par_iter().map(|(mutant, _)| judge(*mutant)).collect::<Result<Vec<_>, _>>())?;
    drop(progress);
    let judged = noticed.iter().flatten().count();
    let refuted = noticed.iter().flatten().flatten().count();
    writeln!(out, "{refuted} of {judged} mutants that some program notices are refuted ({} exist)", mutants.noticed.len())?;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    noticed.iter().flatten().flatten().for_each(|refutation| *kinds.entry(refutation.kind.to_string()).or_default() += 1);
    for (kind, count) in kinds {
        writeln!(out, "  {count:>5} by {kind}")?;
    }
    for (mutant, _) in sample.iter().zip(&noticed).filter(|(_, judged)| matches!(judged, Some(None))) {
        writeln!(
            out,
            "proved, but a program notices it: {} [{}, {}] {}",
            mutant.site.tensor, mutant.site.row, mutant.site.column, mutant.change
        )?;
    }
    let mut classes: BTreeMap<&str, (usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    for ((_, class), judged) in mutants.equivalent.iter().zip(&equivalent) {
        match (judged, classes.entry(class.name).or_default()) {
            (Some(None), (proved, _)) => *proved += 1,
            (Some(Some(refutation)), (_, stricter)) => *stricter.entry(&refutation.name).or_default() += 1,
            (None, _) => {}
        }
    }
    for (class, (proved, stricter)) in classes {
        let all = proved + stricter.values().sum::<usize>();
        writeln!(out, "equivalent, {class}: {proved} of {all} proved")?;
        for (name, count) in stricter {
            writeln!(out, "  {count:>5} not proved: the obligation \"{name}\" is stricter")?;
        }
    }
    Ok(if refuted == judged { Outcome::Good } else { Outcome::Bad })
}
