//! The byte machine's proof, and its mutants.

use std::collections::BTreeMap;
use std::io::Write;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Prove, checked, obligations};
use crate::cli::engines::load;
use crate::cli::jobs::Progress;
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome};
use crate::harness::Byte;
use crate::harness::generate::Generate;
use crate::harness::mutate::Mutant;
use crate::prove::byte::mutants::Mutants;
use crate::prove::byte::witness::{self, Witness};
use crate::prove::byte::{Specification, prove};
use crate::prove::{Proof, Refutation};
use crate::transformer::Model;

impl Prove {
    pub(super) fn byte(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let pool = self.jobs.pool()?;
        let specification = pool.install(Specification::new);
        if let Some(count) = self.mutants {
            return judge(&pool, count as usize, self.seed, &specification, out);
        }
        let model = match &self.weights {
            Some(folder) => load::<Byte>(folder)?,
            None => crate::byte::machine::compile().map_err(|error| CliError::Usage(error.to_string()))?.0,
        };
        let proof = pool.install(|| prove(&model, &specification)).map_err(|error| CliError::Usage(error.to_string()))?;
        report(&proof, &specification, out)?;
        let witness = match &proof.refutation {
            Some(refutation) => refuted(&model, refutation, out)?,
            None => None,
        };
        self.certify(&proof, &model, witness.map(|witness| text(&witness)))
    }
}

fn report(proof: &Proof, specification: &Specification, out: &mut dyn Write) -> Result<(), CliError> {
    obligations(proof, out)?;
    let (checked, arguments) = checked(proof);
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
