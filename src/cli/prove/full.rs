//! The full machine's proof, with what is claimed of each instruction.

use std::collections::BTreeMap;
use std::io::Write;

use rayon::ThreadPool;

use super::{Prove, checked, obligations};
use crate::cli::engines::load;
use crate::cli::jobs::Progress;
use crate::cli::results::Results;
use crate::cli::{CliError, Outcome};
use crate::harness::mutate::{Mutant, Trials, full};
use crate::harness::{EngineError, Full};
use crate::prove::full::{mutants, prove};
use crate::prove::{Method, Proof};
use crate::transformer::Model;

impl Prove {
    pub(super) fn full(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let pool = self.jobs.pool()?;
        let model = match &self.weights {
            Some(folder) => load::<Full>(folder)?,
            None => crate::full::machine::compile().map_err(|error| CliError::Usage(error.to_string()))?.0,
        };
        if let Some(count) = self.mutants {
            return judge(&pool, &model, count as usize, self.seed, out);
        }
        let proof = pool.install(|| prove(&model)).map_err(|error| CliError::Usage(error.to_string()))?;
        report(&proof, out)?;
        self.certify(&proof, &model, None)
    }
}

fn report(proof: &Proof, out: &mut dyn Write) -> Result<(), CliError> {
    obligations(proof, out)?;
    if let Some(refutation) = &proof.refutation {
        writeln!(out, "refuted: {refutation}")?;
        return Ok(());
    }
    writeln!(out, "\n{:<20}  {:<10}  {:>9}  of", "instruction", "claim", "cases")?;
    for claim in &proof.claims {
        let (cases, is) = if claim.proved { (claim.cases.to_string(), "proved") } else { ("–".to_string(), "not proved") };
        writeln!(out, "{:<20}  {is:<10}  {cases:>9}  {}", claim.instruction, claim.of)?;
    }
    let (checked, arguments) = checked(proof);
    let samples: Vec<u64> =
        proof.obligations.iter().filter(|obligation| obligation.method == Method::Samples).map(|obligation| obligation.cases).collect();
    let proved = proof.claims.iter().filter(|claim| claim.proved).count();
    writeln!(out, "\n{} obligations with {} cases, and {} samples", checked - samples.len(), proof.cases(), samples.iter().sum::<u64>())?;
    writeln!(
        out,
        "{proved} of {} instructions are proved, with {arguments} arguments on paper; the others are tested",
        proof.claims.len()
    )?;
    Ok(())
}

/// Tries to prove mutants, and runs the programs of `mutate` on those that are proved.
fn judge(pool: &ThreadPool, model: &Model<f64>, count: usize, seed: u64, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let sample = mutants::sample(model, count, seed);
    let progress = Progress::new(sample.len(), "mutants", out);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut proved = Vec::new();
    let mut judged = 0;
    for mutant in sample {
        if progress.is_stopped() {
            break;
        }
        judged += 1;
        match pool.install(|| mutants::refutation(model, mutant)).map_err(|error| CliError::Usage(error.to_string()))? {
            Some(refutation) => *kinds.entry(refutation.kind.to_string()).or_default() += 1,
            None => proved.push(mutant),
        }
        let _ = progress.tick();
    }
    drop(progress);
    writeln!(out, "{} of {judged} mutants are refuted", judged - proved.len())?;
    for (kind, count) in kinds {
        writeln!(out, "  {count:>5} by {kind}")?;
    }
    let usage = |error: EngineError| CliError::Usage(error.to_string());
    let trials = pool.install(|| Trials::new(model, full::programs(model, full::GENERATED)?)).map_err(usage)?;
    let mut noticed = 0;
    for mutant in proved {
        let fate = pool.install(|| trials.judge(mutant)).map_err(usage)?;
        let Mutant { site, change } = mutant;
        let killer = fate.killer.map_or("no program notices it".to_string(), |(origin, _)| {
            noticed += 1;
            format!("noticed by {origin}")
        });
        writeln!(out, "proved: {} [{}, {}] {change}: {killer}", site.tensor, site.row, site.column)?;
    }
    Ok(if noticed == 0 { Outcome::Good } else { Outcome::Bad })
}
