//! Margins: what is measured on single programs, and added up.

use wasmformer::harness::Generated;
use wasmformer::harness::margins::Margins;
use wasmformer::machine::byte;

#[test]
fn the_nearest_rival_is_always_one_away_or_more() {
    let (model, _) = byte::compile::<f32>().unwrap();
    let mut total = Margins::default();
    for seed in 0..40 {
        let generated = Generated::from_seed(seed);
        let mut margins = Margins::default();
        margins.measure(&model, generated.case()).unwrap();
        assert!(margins.logit >= Some(1.0) && margins.smallest_gap() >= Some(1.0), "seed {seed}: {margins:?}");
        total.merge(&margins);
    }
    // Heads that find rows by an index of their own never need the rule for ties; the stack and the cells do.
    for (layer, head, margins) in total.heads() {
        assert_eq!(margins.ties == 0, [0, 7].contains(&layer) || (layer, head) == (4, 1), "layer {layer}, head {head}: {margins:?}");
    }
    assert!(total.table(&byte::circuit()).contains("layer 6, memory cell"));
}

#[test]
fn the_margin_is_the_best_logit_less_the_second() {
    let mut margins = Margins::default();
    margins.logits(&[3.0, 9.0, 4.0]);
    margins.logits(&[7.0, -1.0, 0.0]);
    assert_eq!((margins.steps, margins.logit), (2, Some(5.0)));
}
