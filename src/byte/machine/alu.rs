//! Layer 4: arithmetic, comparisons, bitwise operations, and the place that the previous step wrote.
//!
//! Each operation is gated by its flag: if the flag is 0, the gate is not positive and the neuron outputs 0.
//! The result is not yet wrapped to a byte; layers 5 to 7 do that.

use super::fetch::Listing;
use super::lanes::Lanes;
use super::meaning::Flag;
use super::operands::stack_key;
use crate::circuit::{Circuit, Head, gadgets};
use crate::transformer::Attention;

const LAYER: usize = 4;

pub fn place(circuit: &mut Circuit, lanes: &Lanes, listing: &Listing) {
    place_written(circuit, lanes, listing);
    place_arithmetic(circuit, lanes);
    place_comparisons(circuit, lanes);
    place_copies(circuit, lanes);
}

/// The place that the previous step wrote: the popped address if the step was a store, and the operand byte
/// of its instruction (the index of the local, or the offset). The address was popped from just above the
/// current depth, and its row is still the latest row with a pushed value at that depth.
fn place_written(circuit: &mut Circuit, lanes: &Lanes, listing: &Listing) {
    let base = (Attention::HardMax, lanes.query(lanes.depth + lanes.one), stack_key(lanes), lanes.written_base);
    let operand = (listing.kind, lanes.query(lanes.previous_pc), listing.operand.clone(), lanes.written_operand);
    for (name, (kind, query, key, output)) in [("written base", base), ("written operand", operand)] {
        let name = name.to_string();
        circuit.head(LAYER, Head { name, kind, query, key, value: vec![lanes.value()], output: vec![output.into()] });
    }
    let operand = lanes.written_operand;
    circuit.neuron(LAYER, "written operand squared", operand, operand, lanes.written_operand_squared);
    let address = lanes.written_base + operand;
    circuit.neuron(LAYER, "written address squared", address.clone(), address, lanes.written_address_squared);
}

fn place_arithmetic(circuit: &mut Circuit, lanes: &Lanes) {
    let (top, second, result) = (lanes.top(), lanes.second(), lanes.result);
    let flag = |flag| lanes.flag(flag);
    circuit.neuron(LAYER, "constant", flag(Flag::Constant), lanes.operand, result);
    circuit.neuron(LAYER, "sum", flag(Flag::Sum), second.clone() + top.clone(), result);
    circuit.neuron(LAYER, "difference", flag(Flag::Difference), second.clone() - top.clone() + lanes.constant(256), result);
    // Multiplication by gating: the gate is top itself if the flag is 1, and not positive if the flag is 0.
    let gate = top + (flag(Flag::Product) - lanes.one) * 255;
    circuit.neuron(LAYER, "product", gate, second, result);
    for (i, (t, s)) in lanes.top_bits.into_iter().zip(lanes.second_bits).enumerate() {
        circuit.neuron(LAYER, format!("common bit {i}"), t + s - lanes.one, flag(Flag::CommonBits) * (1 << i), result);
    }
}

/// A comparison is Equal + (Above − Equal)·[second > top] + (Below − Equal)·[second < top].
fn place_comparisons(circuit: &mut Circuit, lanes: &Lanes) {
    let above = lanes.second() - lanes.top();
    let equal = lanes.flag(Flag::Equal);
    circuit.neuron(LAYER, "equal", lanes.one, equal, lanes.result);
    gadgets::step(circuit, LAYER, "above", lanes.one, above.clone(), lanes.flag(Flag::Above) - equal, lanes.result);
    gadgets::step(circuit, LAYER, "below", lanes.one, -above, lanes.flag(Flag::Below) - equal, lanes.result);
}

/// Instructions that report an operand unchanged.
fn place_copies(circuit: &mut Circuit, lanes: &Lanes) {
    let copies_top = [Flag::Store, Flag::LocalSet, Flag::LocalTee, Flag::FdOpen, Flag::FdClose, Flag::BrIf, Flag::Output];
    let gate = copies_top.into_iter().map(|flag| lanes.flag(flag).into()).sum::<crate::circuit::Form>();
    circuit.neuron(LAYER, "copy of top", gate, lanes.top(), lanes.result);
    circuit.neuron(LAYER, "copy of second", lanes.flag(Flag::FdWrite), lanes.second(), lanes.result);
}
