//! Layers 1 and 2: the depth of the operand stack, and its square.
//!
//! One head sums the stack deltas of all steps so far. The sum includes the delta of this row's own step, so
//! one neuron subtracts that delta. The result is the depth before the step.

use super::lanes::Lanes;
use super::meaning::Flag;
use crate::byte::profile::MAX_INSTRUCTIONS;
use crate::circuit::{Circuit, Head, Interval};
use crate::transformer::{Attention, Stage};

const SUM_LAYER: usize = 1;
const SQUARE_LAYER: usize = 2;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    circuit.head(
        SUM_LAYER,
        Head {
            name: "sum of deltas".to_string(),
            kind: Attention::Sum,
            query: vec![],
            key: vec![],
            value: vec![lanes.flag(Flag::Delta).into()],
            output: vec![lanes.depth.into()],
        },
    );
    let depths = Interval::new(0, MAX_INSTRUCTIONS as i128 - 1);
    circuit.state(
        Stage::Attention(SUM_LAYER),
        lanes.depth,
        depths,
        "the sum is the stack's depth after the step: validation gives each pc one height, and no height exceeds the pushes before it",
    );
    circuit.neuron(SUM_LAYER, "less the own delta", lanes.one, -lanes.flag(Flag::Delta), lanes.depth);
    circuit.state(Stage::Ffn(SUM_LAYER), lanes.depth, depths, "it is the stack's depth before the step");

    circuit.neuron(SQUARE_LAYER, "depth squared", lanes.depth, lanes.depth, lanes.depth_squared);
}
