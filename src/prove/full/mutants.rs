//! Proofs of changed weights of the full machine.

use super::{NotFull, prove};
use crate::harness::mutate::Mutant;
use crate::harness::random::mix;
use crate::prove::Refutation;
use crate::transformer::Model;

/// Mutants chosen by a seed, each once: any weights that are not 0, changed in any way. Some are equivalent.
pub fn sample(model: &Model<f64>, count: usize, seed: u64) -> Vec<Mutant> {
    let all = Mutant::all(model).into_iter().zip(0..);
    let mut mutants: Vec<(u64, Mutant)> = all.map(|(mutant, index)| (mix(mix(seed) ^ index), mutant)).collect();
    mutants.sort_unstable();
    mutants.into_iter().take(count).map(|(_, mutant)| mutant).collect()
}

/// The proof of a mutant: `None` if it is proved.
///
/// # Errors
/// If the config is not a full machine's.
pub fn refutation(model: &Model<f64>, mutant: Mutant) -> Result<Option<Refutation>, NotFull> {
    Ok(prove(&mutant.of(model))?.refutation)
}
