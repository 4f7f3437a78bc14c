//! Weight mutation of the full machine, on a few mutants.

use wasmformer::full::listing::token::Vocabulary;
use wasmformer::full::machine;
use wasmformer::harness::mutate::equivalence::General;
use wasmformer::harness::mutate::{Change, Mutant, Origin, Programs, Site, Tensor, Trials, full};

#[test]
fn weights_that_decide_are_told_and_a_constant_in_a_key_is_not() {
    let circuit = machine::circuit();
    let (model, bounds) = circuit.compile::<f64>().unwrap();
    let trials = Trials::new(&model, full::programs(&model, 0).unwrap()).unwrap();
    let rules = General::new(&model, &circuit, &bounds);
    let all = Site::non_zero(&model);

    // What a byte adds to the program counter, and a lane by which the instruction there is fetched.
    let removed = |site: Site| Mutant { site, change: Change::Removed };
    let pc = model.config.lanes.iter().position(|lane| lane.split(" / ").next() == Some("pc delta")).unwrap();
    let step = *all.iter().find(|site| site.tensor == Tensor::Embedding && site.column == pc).unwrap();
    let is_killed = |site: Site| trials.judge(removed(site)).unwrap().killer.is_some();
    assert!(is_killed(step), "{}", step.describe(&circuit));
    assert_eq!(rules.class(removed(step)), None);
    assert!(all.iter().any(|site| site.tensor == Tensor::Query(1) && site.row == 0 && is_killed(*site)));

    let keys = all.iter().copied().filter(|site| matches!(site.tensor, Tensor::Key(_))).map(removed);
    let constants: Vec<Mutant> = keys.filter(|mutant| rules.class(*mutant).is_some()).collect();
    for mutant in constants.into_iter().take(3) {
        assert_eq!(trials.judge(mutant).unwrap().killer, None, "{mutant:?}: {}", mutant.site.describe(&circuit));
    }
}

#[test]
fn a_token_is_told_by_a_probe_or_is_not_exercised() {
    let (model, _) = machine::compile::<f64>().unwrap();
    // Probes alone.
    let programs = full::programs(&model, 0).unwrap();
    let trials = Trials::new(&model, Programs { tapes: Vec::new(), probe: programs.probe }).unwrap();
    let unembedded = |name: &str| {
        let vocabulary = Vocabulary::new();
        let (row, _) = vocabulary.all().find(|(_, token)| token.to_string() == name).unwrap();
        // What lifts the family above all others.
        let of_token = Site::non_zero(&model).into_iter().filter(|site| site.tensor == Tensor::Unembedding && site.row == row);
        let site = of_token.max_by(|a, b| a.weight(&model).total_cmp(&b.weight(&model))).unwrap();
        trials.judge(Mutant { site, change: Change::Removed }).unwrap()
    };
    for name in ["V3:200", "X2:7", "F:300", "U:300", "out:77", "exit:9"] {
        let fate = unembedded(name);
        assert!(fate.exercised, "{name}");
        assert!(matches!(fate.killer, Some((Origin::Probe(ref probe), _)) if probe == name), "{name}: {:?}", fate.killer);
    }
    let fate = unembedded("J+1:1000");
    assert_eq!((fate.killer, fate.exercised), (None, false));
}
