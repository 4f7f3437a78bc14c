//! The byte machine's shape, bounds and weights.

use wasmformer::byte;
use wasmformer::byte::program::reader::read_file;
use wasmformer::circuit::Budget;
use wasmformer::harness::byte::compliance::{STEP_LIMIT, suite};
use wasmformer::harness::byte::{Case, Lowering, NetworkEngine, WasmiEngine, lower};
use wasmformer::harness::{Verdict, VmEngine, compare};
use wasmformer::transformer::Number;

#[test]
fn has_the_published_shape() {
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    let config = &model.config;
    assert_eq!(config.heads_per_layer(), [13, 1, 0, 8, 2, 1, 1, 4]);
    assert_eq!((config.d_model, config.d_head, config.d_ffn, config.vocab_size), (100, 2, 100, 260));
    assert_eq!(config.parameters(), 316_000);
    let elements: usize = model.matrices().iter().map(|(_, matrix)| matrix.rows() * matrix.columns()).sum();
    assert_eq!(elements, 316_000);
}

#[test]
fn uses_every_head_of_its_budget() {
    let circuit = byte::machine::circuit();
    let Budget { heads_per_layer, .. } = circuit.budget();
    let used: Vec<usize> = circuit.layers().iter().map(|layer| layer.heads.len()).collect();
    assert_eq!(&used, heads_per_layer);
}

#[test]
fn stays_within_the_exact_integers() {
    let (_, bounds) = byte::machine::compile::<f32>().unwrap();
    assert!(bounds.worst.iter().all(|worst| worst.bound < f32::EXACT), "{:?}", bounds.largest());
    assert_eq!(bounds, byte::machine::compile::<f64>().unwrap().1);
}

#[test]
fn runs_a_trace_of_more_than_20_000_steps() {
    let module = read_file("corpus/long/three-nested-loops.wat".as_ref()).unwrap();
    let files = module.header.files();
    let case = Case::new(&module.program, &files);
    let verdict = compare(case, &[&VmEngine, &WasmiEngine::default(), &NetworkEngine::dense()], STEP_LIMIT).unwrap().0;
    assert!(matches!(verdict, Verdict::Agree { steps: 20_000.., .. }), "{verdict:?}");
}

#[test]
fn lowered_programs_are_valid_webassembly() {
    for entry in suite().unwrap() {
        for lowering in [Lowering::NARROWED, Lowering::UNNARROWED] {
            let wasm = lower(&entry.module.program, lowering);
            wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::WASM1).validate_all(&wasm).unwrap();
        }
    }
}
