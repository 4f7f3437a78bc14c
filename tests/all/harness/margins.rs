//! Margins: measured on single programs, and added up.

use std::ops::Range;
use std::path::Path;

use wasmformer::full::listing::token::{Family, Vocabulary};
use wasmformer::full::program::load_file;
use wasmformer::full::wasi::Process;
use wasmformer::harness::Full;
use wasmformer::harness::byte::{self as of_byte, Generated};
use wasmformer::harness::full::{Case, NetworkEngine};
use wasmformer::harness::machine::Machine;
use wasmformer::harness::margins::{Margins, Measured, measure};
use wasmformer::{byte, full};

use crate::common::command::{good, text};

/// Measures generated programs of the byte machine.
fn margins_of(seeds: Range<u64>) {
    let dense = of_byte::NetworkEngine::dense().forced();
    let mut total = Margins::default();
    for seed in seeds {
        let generated = Generated::from_seed(seed);
        let mut margins = Margins::default();
        assert_eq!(measure(&dense, generated.case(), &mut margins).unwrap(), Measured::Added);
        assert!(margins.logit >= Some(1.0) && margins.smallest_gap() >= Some(1.0), "seed {seed}: {margins:?}");
        total.merge(&margins);
    }
    // Heads that find rows by a unique index never need the rule for ties. Heads that find stack slots and
    // memory cells do.
    for (layer, head, margins) in total.heads() {
        assert_eq!(margins.ties == 0, [0, 7].contains(&layer) || (layer, head) == (4, 1), "layer {layer}, head {head}: {margins:?}");
    }
    assert!(total.table(&byte::machine::circuit()).contains("layer 6, memory cell"));
}

#[test]
fn the_nearest_rival_is_one_away_or_more() {
    margins_of(0..10);
}

#[test]
#[ignore = "a minute"]
fn the_nearest_rival_is_one_away_or_more_in_more_programs() {
    margins_of(10..60);
}

#[test]
fn the_margin_is_the_best_logit_less_the_second() {
    let mut margins = Margins::default();
    margins.logits(&[3.0, 9.0, 4.0]);
    margins.logits(&[7.0, -1.0, 0.0]);
    assert_eq!((margins.steps, margins.logit), (2, Some(5.0)));
}

/// The margins of a program of the corpus, run from its usual entry without input.
fn measured(dense: &NetworkEngine, path: &str) -> (Measured, Margins) {
    let loaded = load_file(Path::new(path), &Process::default()).unwrap();
    let calls = loaded.invocation().unwrap();
    let mut margins = Margins::default();
    let measured = measure(dense, Case::of(&loaded, &calls, &[]), &mut margins).unwrap();
    (measured, margins)
}

#[test]
fn the_full_machine_s_dense_pass_is_measured_and_compared() {
    let (mut model, _) = full::machine::compile::<f64>().unwrap();
    let network = NetworkEngine::indexed();
    let compiled = NetworkEngine::new(model.clone()).unwrap().forced_by(&network);
    let (_, tokens) = Full::MEASURED;
    let (found, margins) = measured(&compiled, "corpus/programs/xorshift.wat");
    assert_eq!((found, margins.steps), (Measured::Added, tokens), "a long run is measured at its beginning");
    assert!(margins.logit >= Some(1.0) && margins.smallest_gap() >= Some(1.0), "{margins:?}");
    let table = margins.table(&full::machine::circuit());
    assert!(table.contains("layer 1, latest at place 1 (3 heads)") && table.contains("over 1000 tokens"), "{table}");
    let (found, margins) = measured(&compiled, "corpus/full/traps/division-by-zero.wat");
    assert_eq!(found, Measured::Added);
    assert!((1..tokens).contains(&margins.steps), "{margins:?}");

    let (found, margins) = measured(&compiled, "corpus/programs/wasi/words.wasm");
    assert_eq!((found, margins), (Measured::TooLong, Margins::default()));

    // With this change the byte 7 is never emitted.
    let seven = Vocabulary::new().id(Family::Byte(0).token(7));
    (0..model.config.d_model).for_each(|lane| *model.unembedding.get_mut(seven, lane) = 0.0);
    let spoiled = NetworkEngine::new(model).unwrap().forced_by(&network);
    let (found, _) = measured(&spoiled, "corpus/programs/xorshift.wat");
    assert!(matches!(&found, Measured::Differs(how) if how.to_string().contains("where V0:7 was fed in")), "{found:?}");
}

#[test]
fn soaking_the_full_machine_prints_margins() {
    let output = tempfile::tempdir().unwrap();
    let ran = good(["soak", "--model", "full", "--count", "33", "--margins", "--output", text(output.path())]);
    let printed = ran.stdout();
    assert!(printed.contains("\nmargins of 6 runs\n"), "{printed}");
    assert!(printed.contains("smallest logit margin 1 over ") && printed.contains("layer 4, memory family 0"), "{printed}");
}
