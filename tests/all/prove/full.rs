//! The proof of the full machine's weights: it holds for the compiled ones, and fails where a fault is
//! planted, in the obligation that the fault concerns.

use wasmformer::full;
use wasmformer::full::isa::{Op, TABLE};
use wasmformer::full::listing::operation::Operation;
use wasmformer::full::listing::token::{Family, Vocabulary};
use wasmformer::prove::certificate::Certificate;
use wasmformer::prove::full::prove_some;
use wasmformer::prove::{Kind, Method, Refutation};
use wasmformer::transformer::Model;

fn compiled() -> Model<f64> {
    full::machine::compile().unwrap().0
}

/// Some operations of each kind of statement. All of them take minutes: `wasmformer prove --machine full`.
const SOME: [Op; 7] = [Op::Nop, Op::I32Add, Op::I32Extend16S, Op::I32Mul, Op::I32Load8U, Op::BrIf, Op::I64LtS];

#[test]
fn the_compiled_weights_are_proved() {
    let model = compiled();
    let proof = prove_some(&model, |of| SOME.iter().any(|op| [Operation::Wasm(*op), Operation::BranchIf(*op)].contains(&of))).unwrap();
    assert_eq!(proof.refutation, None);
    let claim = |op: Op| proof.claims.iter().find(|claim| claim.instruction == op.row().mnemonic).unwrap();
    for op in SOME.into_iter().filter(|op| *op != Op::BrIf) {
        assert!(claim(op).proved && claim(op).cases > 0, "{:?}", claim(op));
    }
    // A branch that keeps operands is several operations, not all of which were asked for.
    for op in [Op::BrIf, Op::I32Sub, Op::I32DivU, Op::F32Add, Op::CallIndirect] {
        assert!(!claim(op).proved && claim(op).cases == 0, "{:?}", claim(op));
    }
    let samples = proof.obligations.iter().filter(|obligation| obligation.method == Method::Samples);
    assert!(samples.into_iter().all(|sampled| sampled.name.ends_with("the reference VM") && sampled.cases > 100));

    let certificate: serde_json::Value = serde_json::from_slice(&Certificate::new(&proof, &model, None).bytes()).unwrap();
    assert_eq!((&certificate["holds"], &certificate["machine"]), (&true.into(), &"full".into()));
    assert_eq!(certificate["instructions"].as_array().unwrap().len(), TABLE.len());
}

/// The refutation of the compiled weights after a change, by the proof of an operation.
fn planted(operation: Op, change: impl FnOnce(&mut Model<f64>)) -> Refutation {
    let mut model = compiled();
    change(&mut model);
    prove_some(&model, |of| of == Operation::Wasm(operation)).unwrap().refutation.expect("the fault is found")
}

#[test]
fn each_kind_of_obligation_fails_on_a_planted_fault() {
    let lane = |name: &str| {
        let lanes = &compiled().config.lanes;
        let first = lanes.iter().position(|lane| lane.split(" / ").next() == Some(name));
        first.or_else(|| lanes.iter().position(|lane| lane.split(" / ").any(|of| of == name))).unwrap()
    };
    let vocabulary = Vocabulary::new();
    let [pc_delta, byte] = ["pc delta", "byte"].map(lane);
    let [step_back, three] = [Family::Back(0).token(7), Family::Byte(0).token(3)].map(|token| vocabulary.id(token));
    type Change = Box<dyn FnOnce(&mut Model<f64>)>;
    let faults: [(Op, Kind, Change); 5] = [
        // A jump back by 7 goes back by 6.
        (Op::Nop, Kind::Induction, Box::new(move |model| *model.embedding.get_mut(step_back, pc_delta) = -6.0)),
        // The byte 3 of an operand counts as 4.
        (Op::I32Add, Kind::Retrieval, Box::new(move |model| *model.embedding.get_mut(three, byte) = 4.0)),
        (Op::Nop, Kind::Computation, Box::new(move |model| *model.unembedding.get_mut(three, byte) += 1.0)),
        // A head of the operands asks for twice the slot.
        (
            Op::Nop,
            Kind::Retrieval,
            Box::new(|model| {
                let query = &mut model.layers[2].query;
                let column = (0..query.columns()).find(|column| query.get(0, *column) != 0.0).unwrap();
                *query.get_mut(0, column) *= 2.0;
            }),
        ),
        (Op::Nop, Kind::Exactness, Box::new(move |model| *model.embedding.get_mut(three, byte) = 0.5)),
    ];
    for (operation, kind, change) in faults {
        let refutation = planted(operation, change);
        assert_eq!(refutation.kind, kind, "{refutation}");
    }
}

#[test]
fn a_fault_in_one_instruction_does_not_touch_others() {
    let mut model = compiled();
    let vocabulary = Vocabulary::new();
    let opcode = vocabulary.id(Operation::Wasm(Op::I32Xor).token());
    let common = model.config.lanes.iter().position(|lane| lane.starts_with("own CommonBits")).unwrap();
    *model.embedding.get_mut(opcode, common) = -1.0;
    let proof = prove_some(&model, |of| [Op::I32Xor, Op::I32Or].map(Operation::Wasm).contains(&of)).unwrap();
    let names: Vec<&str> = proof.obligations.iter().map(|obligation| obligation.name.as_str()).collect();
    assert!(names.contains(&"i32.or") && !names.contains(&"i32.xor"), "{names:?}");
    assert_eq!(proof.refutation.map(|refutation| (refutation.kind, refutation.name)), Some((Kind::Computation, "i32.xor".to_string())));
}
