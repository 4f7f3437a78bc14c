//! Proofs of changed weights: those that some program notices must be refuted.

use rayon::prelude::*;

use super::{Specification, prove};
use crate::byte::machine::{self, ConfigError};
use crate::circuit::CircuitError;
use crate::harness::mutate::Mutant;
use crate::harness::mutate::byte::equivalence::Rules;
use crate::harness::mutate::equivalence::Class;
use crate::harness::random::mix;
use crate::prove::Refutation;
use crate::transformer::Model;

/// The mutants of the compiled byte machine, as `wasmformer mutate` makes them.
pub struct Mutants {
    model: Model<f32>,
    /// Mutants that no rule calls equivalent: some program notices each of them.
    pub noticed: Vec<Mutant>,
    /// Mutants that a rule calls equivalent, with the rule.
    pub equivalent: Vec<(Mutant, Class)>,
}

impl Mutants {
    /// All mutants.
    ///
    /// # Errors
    /// If the machine does not compile.
    pub fn new() -> Result<Mutants, CircuitError> {
        let circuit = machine::circuit();
        let (model, bounds) = circuit.compile()?;
        let rules = Rules::new(&model, &circuit, &bounds);
        let classes: Vec<(Mutant, Option<Class>)> =
            Mutant::all(&model).into_par_iter().map(|mutant| (mutant, rules.class(mutant))).collect();
        let noticed = classes.iter().filter(|(_, class)| class.is_none()).map(|(mutant, _)| *mutant).collect();
        let equivalent = classes.iter().filter_map(|(mutant, class)| class.map(|class| (*mutant, class))).collect();
        Ok(Mutants { model, noticed, equivalent })
    }

    /// The proof of a mutant: `None` if it is proved.
    ///
    /// # Errors
    /// If the config is not a byte machine's.
    pub fn refutation(&self, mutant: Mutant, specification: &Specification) -> Result<Option<Refutation>, ConfigError> {
        Ok(prove(&mutant.of(&self.model), specification)?.refutation)
    }

    /// So many mutants that programs notice, chosen by a seed, each once; all if there are not so many.
    pub fn sample(&self, count: usize, seed: u64) -> Vec<Mutant> {
        let mut mutants: Vec<(u64, Mutant)> =
            self.noticed.iter().zip(0..).map(|(mutant, index)| (mix(mix(seed) ^ index), *mutant)).collect();
        mutants.sort_unstable();
        mutants.into_iter().take(count).map(|(_, mutant)| mutant).collect()
    }
}
