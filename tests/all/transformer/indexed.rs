//! The indexed and the compiled pass compared with the dense pass, bit by bit, and with planted faults.

use wasmformer::byte;
use wasmformer::byte::program::reader::read_file;
use wasmformer::harness::byte::NetworkEngine;
use wasmformer::harness::generate::program;
use wasmformer::harness::{Byte, Engine, Verdict, VmEngine, compare, record};
use wasmformer::transformer::indexed::keys::Keys;
use wasmformer::transformer::{IndexedModel, IndexedSession, Network};

const SEED: u64 = 4;
const PROGRAMS: u64 = 300;
const STEP_LIMIT: usize = 2000;

#[test]
fn gives_the_dense_logits_to_the_bit() {
    let (dense, indexed) = (NetworkEngine::dense(), NetworkEngine::indexed());
    let forced = indexed.clone().forced();
    let compiled = NetworkEngine::compiled().with_patience(2);
    for index in 0..PROGRAMS {
        let generated = program::<Byte>(SEED, index);
        let verdict = compare(generated.case(), &[&VmEngine, &dense, &indexed, &compiled, &forced], STEP_LIMIT).unwrap().0;
        assert!(matches!(verdict, Verdict::Agree { .. }), "program {index}: {verdict:?}");
    }
}

#[test]
fn a_wrong_logit_is_a_divergence_even_if_the_token_is_right() {
    let dense = NetworkEngine::dense();
    let mut model = dense.model().unwrap().clone();
    let (_, unembedding) = model.matrices_mut().pop().unwrap();
    let one = byte::machine::compile::<f32>().unwrap().0.config.lane("one").unwrap();
    *unembedding.get_mut(259, one) = -2.0;
    let generated = program::<Byte>(SEED, 0);
    let Verdict::Diverge(report) = compare(generated.case(), &[&VmEngine, &dense, &NetworkEngine::exact(&model)], STEP_LIMIT).unwrap().0
    else {
        panic!("the changed logit went unnoticed")
    };
    assert_eq!(report.manner(), ("indexed", "logits"));
    assert!(report.to_string().contains("token pad, expected -1, actual -2"), "{report}");
}

/// The report names the stage and lane of the one changed weight, for generating and for teacher forcing.
#[test]
fn where_the_residual_streams_part_is_told() {
    let dense = NetworkEngine::dense();
    let mut model = dense.model().unwrap().clone();
    let lane = model.config.lane("result").unwrap();
    let neuron = byte::machine::circuit().layers()[4].neurons.iter().position(|neuron| neuron.name == "product").unwrap();
    let down = &mut model.layers[4].ffn_down;
    *down.get_mut(lane, neuron) += 1.0;
    let indexed = NetworkEngine::exact(&model);
    let forced = indexed.clone().forced();
    for engine in [&indexed as &dyn Engine<Byte>, &forced] {
        let report = (0..PROGRAMS).find_map(|index| {
            match compare(program::<Byte>(SEED, index).case(), &[&VmEngine, &dense, engine], STEP_LIMIT).unwrap().0 {
                Verdict::Diverge(report) => Some(report),
                _ => None,
            }
        });
        let report = report.expect("a product is told from twice the product");
        let origin = report.origin.as_ref().expect("both engines show their lanes");
        assert_eq!((origin.stage.as_str(), origin.lane.as_str()), ("layer 4's FFN", "result"), "{report}");
        assert!(report.to_string().contains("first in lane result after layer 4's FFN of "), "{report}");
    }
}

#[test]
fn only_proven_weights_are_taken() {
    let (mut model, _) = byte::machine::compile::<f32>().unwrap();
    assert!(NetworkEngine::proven(&model).is_some());
    *model.matrices_mut()[0].1.get_mut(0, 0) += 1.0;
    assert!(NetworkEngine::proven(&model).is_none());
}

#[test]
fn memory_follows_the_state_and_not_the_trace() {
    let module = read_file("corpus/long/three-nested-loops.wat".as_ref()).unwrap();
    let (program, files) = (&module.program, module.header.files());
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    let (config, model) = (model.config.clone(), IndexedModel::new(&model));
    let mut session = IndexedSession::new(&model);
    let mut host = byte::machine::ByteHost::new(program, &files, &config).unwrap();
    let (mut steps, mut early) = (0, 0);
    wasmformer::transformer::generate(&mut session, &mut host, &mut (), |_, _, session| {
        steps += 1;
        if steps == 10_000 {
            early = session.distinct_keys();
        }
        true
    });
    assert!(steps > 20_000);
    let late = session.distinct_keys();
    assert!(late <= early + 16 && late < 1000, "{early} distinct keys after 10,000 steps, {late} after {steps}");
    assert_ne!(session.token(), 0);
}

/// The index (with dropped rows, the direct look-up, the hull and the scan) is compared with scoring every
/// row that was ever added.
#[test]
fn an_index_finds_what_a_scan_of_all_rows_finds() {
    let mut state = 7u64;
    let mut random = move |limit: i64| {
        state = wasmformer::harness::random::mix(state);
        (state % limit as u64) as i64
    };
    for round in 0..300 {
        let mut keys: Keys<f64> = Keys::new(2, 1);
        let mut rows: Vec<([i64; 2], f64)> = Vec::new();
        for position in 0..60 {
            let j = random(9);
            let key = match round % 3 {
                0 => [2 * j, -j * j - random(3)],
                1 => [random(7) - 3, random(7) - 3],
                _ => [2 * j, -j * j - random(2) + random(2)],
            };
            keys.insert(&key.map(|x| x as f64), position, &[position as f64]);
            rows.push((key, position as f64));
            for query in [[random(12) - 2, 1], [random(9) - 4, random(5) - 2]] {
                let score = |key: &[i64; 2]| query[0] * key[0] + query[1] * key[1];
                let latest = rows.iter().max_by_key(|(key, position)| (score(key), *position as i64)).unwrap();
                assert_eq!(keys.best(&query.map(|x| x as f64)), Some(&[latest.1][..]), "query {query:?} on {rows:?}");
            }
        }
    }
}

#[test]
fn runs_a_trace_as_the_vm_does_without_the_dense_pass() {
    let module = read_file("corpus/long/three-nested-loops.wat".as_ref()).unwrap();
    let files = module.header.files();
    let case = wasmformer::harness::byte::Case::new(&module.program, &files);
    let engine: &dyn Engine<Byte> = &NetworkEngine::indexed();
    assert_eq!(record(engine, case, 1_000_000).unwrap(), record(&VmEngine, case, 1_000_000).unwrap());
}
