//! Layers 0 and 1: the instruction that a row is about, and what the row's byte is.
//!
//! Every row finds the pc that was told last, so the rows of the listing know their pc, and the rows of a run
//! that of their step. With this pc a row finds the instruction, its height and its label in the listing.

use super::keys::{copies, latest, row_of, signs};
use super::lanes::{FILE, Lanes, number};
use crate::byte::machine::meaning::Flag;
use crate::circuit::{Circuit, Form, Interval, ONE, gadgets};
use crate::transformer::Stage;

const LATEST: usize = 0;
const FETCH: usize = 1;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    let pc = [copies(&lanes.bits, &lanes.pc), copies(&lanes.below, &lanes.pc_before)].concat();
    circuit.head(LATEST, latest("latest pc", lanes.is.pc, pc));
    circuit.head(LATEST, latest("latest place", lanes.is.address + lanes.is.place, copies(&lanes.bits, &lanes.place)));

    let instruction = [copies(&lanes.own.all(), &lanes.here.all()), copies(&lanes.bits, &lanes.immediate)].concat();
    let descriptor = copies(&lanes.bits[..FILE], &lanes.descriptor);
    let heights = [(&lanes.bits, &lanes.height), (&lanes.below, &lanes.top_slot), (&lanes.below_two, &lanes.second_slot)];
    let heights = heights.map(|(from, to)| copies(from, to)).concat();
    let key = || signs(&lanes.pc);
    circuit.head(FETCH, row_of("instruction", lanes.is.instr, &lanes.pc, key(), instruction));
    circuit.head(FETCH, row_of("descriptor", lanes.is.instr, &lanes.pc_before, key(), descriptor));
    circuit.head(FETCH, row_of("height", lanes.is.height, &lanes.pc, key(), heights));
    circuit.head(FETCH, row_of("label", lanes.is.label, &lanes.pc, key(), copies(&lanes.bits, &lanes.label)));
    place_roles(circuit, lanes);
}

/// What the row's byte is to later rows.
fn place_roles(circuit: &mut Circuit, lanes: &Lanes) {
    let here = &lanes.here;
    for (gate, slot) in here.pushes.into_iter().zip([&lanes.height, &lanes.top_slot, &lanes.second_slot]) {
        for (sign, key) in signs(slot).into_iter().zip(lanes.slot_key) {
            circuit.neuron(FETCH, "slot key", gate, sign, key);
        }
    }
    for key in lanes.slot_key {
        circuit.state(Stage::Ffn(FETCH), key, Interval::new(-1, 1), "an instruction pushes into one slot at most");
    }
    let byte_and = |what: Form| what + lanes.is.byte - ONE;
    let pushes = here.pushes.into_iter().map(Form::from).sum();
    circuit.neuron(FETCH, "is slot", byte_and(pushes), ONE, lanes.is_slot);
    circuit.neuron(FETCH, "is local", byte_and(here.any([Flag::LocalSet, Flag::LocalTee])), ONE, lanes.is_local);
    circuit.neuron(FETCH, "is cell", byte_and(here.any([Flag::Store])), ONE, lanes.is_cell);
    // The byte, if the row is that of a br_if, and not positive otherwise.
    let condition = number(&lanes.bits[..8]) + byte_and(here.any([Flag::BrIf])) * 255 - ONE * 255;
    gadgets::step(circuit, FETCH, "branches", ONE, condition, ONE, lanes.branches);
}
