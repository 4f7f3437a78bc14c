//! Layers 2 and 3, neurons: the byte that a step reports.
//!
//! The result is computed in every row, and matters only where the next word is a byte: the rows of a pc, and
//! of an address. It is taken mod 256 by counting how often 256 goes into it.

use super::lanes::{BYTE, Lanes, number};
use crate::byte::machine::meaning::Flag;
use crate::circuit::{Circuit, Form, Interval, ONE, gadgets};
use crate::transformer::Stage;

const COMPUTE: usize = 2;
const WRAP: usize = 3;
/// The largest result: a product without 256 times the product of the upper halves, which counts for nothing.
pub const LARGEST: i64 = 15 * 15 + 2 * 16 * 15 * 15;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    place_arithmetic(circuit, lanes);
    place_comparisons(circuit, lanes);
    circuit.state(
        Stage::Ffn(COMPUTE),
        lanes.result,
        Interval::new(0, LARGEST.into()),
        "one instruction switches on what it computes, and nothing that it computes is negative",
    );
    place_selection(circuit, lanes);
    for wrap in 1..=LARGEST / 256 {
        gadgets::step(circuit, WRAP, &format!("wrap at {}", 256 * wrap), ONE, lanes.result - ONE * (256 * wrap - 1), ONE, lanes.wraps);
    }
}

fn place_arithmetic(circuit: &mut Circuit, lanes: &Lanes) {
    let (top, second) = (number(&lanes.top), number(&lanes.second));
    let flag = |flag| Form::from(lanes.here.flag(flag));
    let mut neuron = |name: &str, gate: Form, value: Form| circuit.neuron(COMPUTE, name, gate, value, lanes.result);
    neuron("constant", flag(Flag::Constant), number(&lanes.immediate));
    neuron("sum", flag(Flag::Sum), second.clone() + &top);
    neuron("difference", flag(Flag::Difference), second.clone() - &top + 256);
    // Multiplication by gating: the gate is the factor if the flag is 1, and not positive if the flag is 0.
    let half = BYTE / 2;
    let (top_low, top_high) = (number(&lanes.top[..half]), number(&lanes.top[half..]));
    let (second_low, second_high) = (number(&lanes.second[..half]), number(&lanes.second[half..]));
    let factor = |factor: &Form| factor + (flag(Flag::Product) - ONE) * 15;
    neuron("product, low by low", factor(&top_low), second_low.clone());
    neuron("product, high by low", factor(&top_high), second_low * 16);
    neuron("product, low by high", factor(&second_high), top_low * 16);
    for (bit, (top, second)) in lanes.top.into_iter().zip(lanes.second).enumerate() {
        neuron(&format!("common bit {bit}"), top + second - ONE, flag(Flag::CommonBits) * (1 << bit));
    }
    let copies = [Flag::Store, Flag::LocalSet, Flag::LocalTee, Flag::FdOpen, Flag::FdClose, Flag::BrIf, Flag::Output];
    neuron("copy of top", lanes.here.any(copies), top);
    neuron("copy of second", flag(Flag::FdWrite), second);
}

/// A comparison is Equal + (Above − Equal)·[second > top] + (Below − Equal)·[second < top].
fn place_comparisons(circuit: &mut Circuit, lanes: &Lanes) {
    let above = number(&lanes.second) - number(&lanes.top);
    let [equal, over, under] = [Flag::Equal, Flag::Above, Flag::Below].map(|flag| lanes.here.flag(flag));
    circuit.neuron(COMPUTE, "equal", ONE, equal, lanes.result);
    gadgets::step(circuit, COMPUTE, "above", ONE, above.clone(), over - equal, lanes.result);
    gadgets::step(circuit, COMPUTE, "below", ONE, -above, under - equal, lanes.result);
}

/// What was found in locals, memory and files.
fn place_selection(circuit: &mut Circuit, lanes: &Lanes) {
    let found = [("local", Flag::LocalGet, lanes.local), ("cell", Flag::Load, lanes.cell), ("content", Flag::FdRead, lanes.content)];
    for (name, flag, value) in found {
        circuit.neuron(WRAP, name, lanes.here.flag(flag), value, lanes.result);
    }
}
