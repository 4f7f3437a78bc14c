//! Weight mutation, on a sample of the mutants; and the rules of equivalence, on all mutants.

use wasmformer::byte;
use wasmformer::harness::mutate::byte::equivalence::Rules;
use wasmformer::harness::mutate::{self, Change, Mutant, Trials};

/// The number of mutants judged here; `wasmformer mutate` judges all.
const SAMPLE: usize = 60;

#[test]
fn every_weight_is_mutated_in_three_ways() {
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    let mutants = Mutant::all(&model);
    assert_eq!(mutants.len(), 3 * model.non_zeros());
    for mutant in mutants.iter().step_by(97) {
        let changed = mutant.of(&model);
        let differing: usize = changed
            .matrices()
            .iter()
            .zip(model.matrices())
            .map(|((_, new), (_, old))| new.elements().zip(old.elements()).filter(|(new, old)| new != old).count())
            .sum();
        assert_eq!(differing, 1);
        assert_eq!(mutant.site.weight(&changed), mutant.change.apply(mutant.site.weight(&model)));
    }
}

#[test]
fn a_sample_is_killed_or_equivalent_and_never_both() {
    let circuit = byte::machine::circuit();
    let (model, bounds) = circuit.compile::<f32>().unwrap();
    let trials = Trials::new(&model, mutate::byte::programs(&model.config, 50).unwrap()).unwrap();
    let rules = Rules::new(&model, &circuit, &bounds);
    let mutants = Mutant::all(&model);
    for mutant in mutants.iter().step_by(mutants.len() / SAMPLE) {
        let (fate, class) = (trials.judge(*mutant).unwrap(), rules.class(*mutant));
        assert_ne!(fate.killer.is_some(), class.is_some(), "{fate:?}, {class:?}: {}", mutant.site.describe(&circuit));
    }
}

#[test]
fn the_rules_explain_few_mutants() {
    let circuit = byte::machine::circuit();
    let (model, bounds) = circuit.compile::<f32>().unwrap();
    let rules = Rules::new(&model, &circuit, &bounds);
    let mutants = Mutant::all(&model);
    let equivalent = mutants.iter().filter(|mutant| rules.class(**mutant).is_some()).count();
    assert!((1..mutants.len() / 20).contains(&equivalent), "{equivalent} of {}", mutants.len());
    // Weights that are not equivalent: the stack's depth is computed from each step's delta.
    let depth = model.config.lane("own_delta").unwrap();
    let decisive = mutants.iter().filter(|mutant| mutant.site.column == depth && mutant.change == Change::Removed);
    assert!(decisive.into_iter().any(|mutant| rules.class(*mutant).is_none()));
}
