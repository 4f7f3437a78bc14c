//! The forward pass on small models whose results are computed by hand.

use wasmformer::circuit::{Budget, Circuit, CircuitError, Head, Interval, gadgets};
use wasmformer::transformer::{Attention, Network, Row, Session, Stage};

fn budget(heads_per_layer: Vec<usize>) -> Budget {
    Budget { machine: "test", d_model: 8, d_head: 2, d_ffn: 4, heads_per_layer, vocab_size: 4 }
}

/// A model whose rows have a number, their key and value, in lane 0 and the constant 1 in lane 1. One head
/// writes to lanes 2 and 3.
fn one_head(kind: Attention, query: [i64; 2]) -> Circuit {
    let mut circuit = Circuit::new(budget(vec![1]));
    let number = circuit.positional_lane("number", "value of the row", Interval::new(0, 9));
    let one = circuit.positional_lane("one", "1", Interval::point(1));
    let (found, twice) = (circuit.lane("found", "value found"), circuit.lane("twice", "twice that"));
    circuit.head(
        0,
        Head {
            name: "head".to_string(),
            kind,
            query: vec![one * query[0], one * query[1]],
            key: vec![number.into(), one.into()],
            value: vec![number.into(), number.into()],
            output: vec![found.into(), twice * 2],
        },
    );
    if kind == Attention::Sum {
        for lane in [found, twice] {
            circuit.state(Stage::Attention(0), lane, Interval::new(0, 1000), "the test sums few rows");
        }
    }
    circuit
}

fn row(number: i32) -> Row<f32> {
    Row { token: 0, positional: vec![(0, number as f32), (1, 1.0)] }
}

/// Lanes 2 and 3 of each row after the pass.
fn results(circuit: &Circuit, stores: &[i32], numbers: &[i32]) -> Vec<(f32, f32)> {
    let (model, _) = circuit.compile().unwrap();
    let mut session = Session::new(&model);
    for (index, number) in stores.iter().enumerate() {
        session.write_store(0, index, &row(*number));
    }
    let rows: Vec<_> = numbers.iter().map(|number| row(*number)).collect();
    let lanes = session.forward(&rows, &mut ());
    lanes.chunks(8).map(|lanes| (lanes[2], lanes[3])).collect()
}

#[test]
fn hard_max_takes_the_highest_score() {
    let found = results(&one_head(Attention::HardMax, [1, 0]), &[], &[3, 1, 7, 2]);
    assert_eq!(found, [(3.0, 6.0), (3.0, 6.0), (7.0, 14.0), (7.0, 14.0)]);
}

#[test]
fn of_equal_scores_the_latest_wins() {
    let numbers: Vec<i32> = (0..200).map(|i| i % 9).collect();
    let found = results(&one_head(Attention::HardMax, [0, 1]), &[], &numbers);
    let own: Vec<_> = numbers.iter().map(|n| (*n as f32, 2.0 * *n as f32)).collect();
    assert_eq!(found, own);
}

#[test]
fn sum_adds_all_rows_so_far() {
    let found = results(&one_head(Attention::Sum, [0, 0]), &[], &[3, 1, 7]);
    assert_eq!(found, [(3.0, 6.0), (4.0, 8.0), (11.0, 22.0)]);
}

#[test]
fn cross_attends_to_the_store_only() {
    let found = results(&one_head(Attention::Cross(0), [-1, 0]), &[5, 4, 8], &[1, 9]);
    assert_eq!(found, [(4.0, 8.0); 2]);
    assert_eq!(results(&one_head(Attention::Cross(0), [1, 0]), &[], &[1]), [(0.0, 0.0)], "an empty store gives 0");
}

#[test]
fn a_store_row_can_be_replaced() {
    let (model, _) = one_head(Attention::Cross(0), [1, 0]).compile::<f32>().unwrap();
    let mut session = Session::new(&model);
    for (index, number) in [(0, 5), (1, 8), (1, 2)] {
        session.write_store(0, index, &row(number));
    }
    assert_eq!(session.forward(&[row(0)], &mut ())[2], 5.0);
}

#[test]
fn a_batch_gives_what_its_rows_give_one_by_one() {
    let (model, _) = one_head(Attention::HardMax, [1, 3]).compile::<f32>().unwrap();
    let rows: Vec<_> = [4, 9, 9, 0, 2, 5, 9, 1, 3].map(row).into();
    let batch = Session::new(&model).forward(&rows, &mut ());
    let mut session = Session::new(&model);
    let single: Vec<f32> = rows.iter().flat_map(|row| session.forward(std::slice::from_ref(row), &mut ())).collect();
    assert_eq!(batch, single);
}

#[test]
fn gadgets_step_and_select() {
    let mut circuit = Circuit::new(Budget { d_ffn: 5, ..budget(vec![0]) });
    let number = circuit.positional_lane("number", "x", Interval::new(-9, 9));
    let one = circuit.positional_lane("one", "1", Interval::point(1));
    let (positive, zero) = (circuit.lane("positive", "3 if x > 0"), circuit.lane("zero", "7 if x = 0"));
    gadgets::step(&mut circuit, 0, "positive", one, number, one * 3, positive);
    gadgets::select(&mut circuit, 0, "zero", one, number, one * 7, zero);
    for x in -9..=9 {
        let expected = (if x > 0 { 3.0 } else { 0.0 }, if x == 0 { 7.0 } else { 0.0 });
        assert_eq!(results(&circuit, &[], &[x]), [expected], "x = {x}");
    }
}

#[test]
fn budgets_are_kept_by_name() {
    let mut circuit = Circuit::new(Budget { d_model: 1, ..budget(vec![0]) });
    let one = circuit.lane("one", "");
    assert!(circuit.compile::<f32>().is_ok());
    circuit.lane("another", "");
    let error = circuit.compile::<f32>().unwrap_err();
    assert_eq!(error, CircuitError::TooManyLanes { lane: "another".to_string(), budget: 1 });

    let mut circuit = Circuit::new(Budget { d_ffn: 1, ..budget(vec![0]) });
    let lane = circuit.lane("lane", "");
    circuit.neuron(0, "first", lane, lane, lane);
    assert!(circuit.compile::<f32>().is_ok());
    circuit.neuron(0, "second", lane, lane, lane);
    let error = circuit.compile::<f32>().unwrap_err();
    assert_eq!(error, CircuitError::TooManyNeurons { layer: 0, neuron: "second".to_string(), budget: 1 });

    let mut circuit = Circuit::new(budget(vec![1]));
    let head = |name: &str, width| Head {
        name: name.to_string(),
        kind: Attention::HardMax,
        query: vec![one.into(); width],
        key: vec![],
        value: vec![],
        output: vec![],
    };
    circuit.lane("one", "");
    circuit.head(0, head("first", 2));
    assert!(circuit.compile::<f32>().is_ok());
    circuit.head(0, head("second", 2));
    let error = circuit.compile::<f32>().unwrap_err();
    assert_eq!(error, CircuitError::TooManyHeads { layer: 0, head: "second".to_string(), budget: 1 });

    let mut circuit = Circuit::new(budget(vec![1]));
    circuit.lane("one", "");
    circuit.head(0, head("wide", 3));
    let error = circuit.compile::<f32>().unwrap_err();
    assert_eq!(error, CircuitError::HeadTooWide { layer: 0, head: "wide".to_string(), budget: 2 });
}

#[test]
fn numbers_that_may_not_be_exact_are_refused() {
    let circuit = |range| {
        let mut circuit = Circuit::new(budget(vec![0]));
        let (x, square) = (circuit.positional_lane("x", "", Interval::new(0, range)), circuit.lane("square", ""));
        circuit.neuron(0, "square", x, x, square);
        circuit
    };
    assert!(circuit(4095).compile::<f32>().is_ok());
    assert!(matches!(circuit(4096).compile::<f32>(), Err(CircuitError::NotExact { bound: 16_777_216, .. })));
    assert!(circuit(4096).compile::<f64>().is_ok());

    // The sum is small, but its terms are large: some orders of summation would exceed the exact integers.
    let mut cancelling = Circuit::new(budget(vec![0]));
    let x = cancelling.positional_lane("x", "", Interval::new(0, 1 << 20));
    let (y, zero) = (cancelling.positional_lane("y", "", Interval::new(0, 1 << 20)), cancelling.lane("zero", ""));
    cancelling.neuron(0, "cancel", x * 9 - y * 9, x, zero);
    assert!(matches!(cancelling.compile::<f32>(), Err(CircuitError::NotExact { .. })));
}

#[test]
fn sums_need_a_stated_range_and_statements_must_not_contradict() {
    let mut circuit = one_head(Attention::HardMax, [1, 0]);
    let found = wasmformer::circuit::Lane(2);
    circuit.state(Stage::Attention(0), found, Interval::new(10, 20), "it is not");
    assert!(matches!(circuit.compile::<f32>(), Err(CircuitError::Contradiction { .. })));

    let mut circuit = Circuit::new(budget(vec![1]));
    let one = circuit.positional_lane("one", "1", Interval::point(1));
    let total = circuit.lane("total", "");
    circuit.head(
        0,
        Head {
            name: "sum".to_string(),
            kind: Attention::Sum,
            query: vec![],
            key: vec![],
            value: vec![one.into()],
            output: vec![total.into()],
        },
    );
    assert!(matches!(circuit.compile::<f32>(), Err(CircuitError::Unbounded { .. })));
}
