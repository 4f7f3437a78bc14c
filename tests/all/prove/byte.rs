//! The proof of the byte machine's weights: it holds for the compiled ones, and fails where a fault is
//! planted, in the obligation that the fault concerns.

use wasmformer::byte;
use wasmformer::prove::byte::mutants::Mutants;
use wasmformer::prove::byte::{Specification, prove, witness};
use wasmformer::prove::certificate::Certificate;
use wasmformer::prove::{Kind, Method, Refutation};
use wasmformer::transformer::Model;

/// The number of mutants here that must be refuted; `wasmformer prove --mutants` takes more.
const NOTICED: usize = 40;
/// Each so many-th equivalent mutant is tried here.
const STRIDE: usize = 20;

fn compiled() -> Model<f32> {
    byte::machine::compile().unwrap().0
}

#[test]
fn the_compiled_weights_are_proved() {
    let (model, specification) = (compiled(), Specification::new());
    let proof = prove(&model, &specification).unwrap();
    assert_eq!(proof.refutation, None);
    let of = |kind| proof.obligations.iter().filter(|obligation| obligation.kind == kind).count();
    let heads: usize = model.config.heads_per_layer().iter().sum();
    // All heads but the one that sums up.
    assert_eq!(of(Kind::Retrieval), heads - 1);
    let steps = byte::isa::TABLE.iter().filter(|row| !row.op.is_marker()).count();
    // Rows that execute nothing too; and besides the instructions the wrap-around and traps.
    assert_eq!((of(Kind::Independence), of(Kind::Computation), of(Kind::Exactness)), (steps + 1, steps + 2, 1));
    let arguments = proof.obligations.iter().filter(|obligation| obligation.method == Method::Argument);
    assert!(arguments.into_iter().all(|argument| argument.cases == 0));
    for op in ["i32.add", "i32.mul", "i32.lt_s"] {
        let obligation = proof.obligations.iter().find(|obligation| obligation.name == op).unwrap();
        assert_eq!(obligation.cases, 65_536, "{op}");
    }

    let certificate: serde_json::Value = serde_json::from_slice(&Certificate::new(&proof, &model, None).bytes()).unwrap();
    assert_eq!(certificate["holds"], true);
    assert_eq!(certificate["obligations"].as_array().unwrap().len(), proof.obligations.len());
    assert_eq!(certificate["weights_sha256"].as_str().unwrap().len(), 64);
}

/// The refutation of the compiled weights after a change.
fn planted(specification: &Specification, change: impl FnOnce(&mut Model<f32>)) -> (Model<f32>, Refutation) {
    let mut model = compiled();
    change(&mut model);
    let refutation = prove(&model, specification).unwrap().refutation.expect("the fault is found");
    (model, refutation)
}

#[test]
fn each_kind_of_obligation_fails_on_a_planted_fault() {
    let specification = Specification::new();
    let lane = |name: &str| compiled().config.lane(name).unwrap();
    type Change = Box<dyn FnOnce(&mut Model<f32>)>;
    let [index, is_opcode, depth, delta, top_bit, result, sum, one] =
        ["index", "is_opcode", "depth", "own_delta", "top_bit_3", "result", "sum", "one"].map(lane);
    let faults: [(Kind, &str, Change); 8] = [
        (Kind::Retrieval, "layer 0, head 0", Box::new(move |model| *model.layers[0].key.get_mut(0, index) = 3.0)),
        (Kind::Retrieval, "layer 0, head 4", Box::new(move |model| *model.layers[0].key.get_mut(9, is_opcode) = 0.0)),
        (Kind::Induction, "layer 1: sum of depths", Box::new(move |model| *model.embedding.get_mut(0x6a, delta) = -2.0)),
        (Kind::Retrieval, "layer 3, head 0", Box::new(move |model| *model.layers[3].query.get_mut(0, depth) = 2.0)),
        (Kind::Induction, "layer 3: values", Box::new(move |model| *model.layers[3].output.get_mut(top_bit, 3) = 2.0)),
        // Instructions that do not add open the neuron that adds.
        (
            Kind::Independence,
            "i32.load: independence",
            Box::new(move |model| {
                let gates = &mut model.layers[4].ffn_gate;
                let neuron = (0..gates.rows()).find(|neuron| gates.get(*neuron, sum) != 0.0).unwrap();
                *gates.get_mut(neuron, one) = 1.0;
            }),
        ),
        (Kind::Computation, "i32.const", Box::new(move |model| *model.unembedding.get_mut(77, result) += 1.0)),
        // The logit of padding stays below all others, so no program shows it.
        (Kind::Exactness, "integers", Box::new(move |model| *model.unembedding.get_mut(259, result) = 0.001)),
    ];
    for (kind, name, change) in faults {
        let (model, refutation) = planted(&specification, change);
        assert_eq!((refutation.kind, refutation.name.as_str()), (kind, name), "{refutation}");
        if kind != Kind::Exactness {
            let witness = witness::find(&model, refutation.failure.situation).unwrap();
            assert!(witness.is_some_and(|witness| witness.actual != witness.expected), "{refutation}");
        }
    }
}

#[test]
fn a_reader_of_a_lane_without_a_meaning_is_refused() {
    let specification = Specification::new();
    let (_, refutation) = planted(&specification, |model| {
        let fault = model.config.lane("fault").unwrap();
        *model.layers[3].key.get_mut(0, fault) = 1.0;
    });
    assert!(refutation.failure.reason.contains("reads the lane fault"), "{refutation}");
}

#[test]
fn mutants_that_programs_notice_are_refuted_and_equivalent_ones_proved() {
    let specification = Specification::new();
    let mutants = Mutants::new().unwrap();
    assert!(mutants.sample(NOTICED, 1) != mutants.sample(NOTICED, 2));
    for mutant in mutants.sample(NOTICED, 1) {
        assert!(mutants.refutation(mutant, &specification).unwrap().is_some(), "{mutant:?}");
    }
    for (mutant, class) in mutants.equivalent.iter().step_by(STRIDE) {
        let refutation = mutants.refutation(*mutant, &specification).unwrap();
        // Intervals do not show that the sums of these stay exact.
        let stricter = (class.name == "selection by tag").then_some(Kind::Exactness);
        assert_eq!(refutation.as_ref().map(|refutation| refutation.kind), stricter, "{class:?}, {mutant:?}: {refutation:?}");
    }
}
