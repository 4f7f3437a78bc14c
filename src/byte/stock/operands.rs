//! Layers 2 and 3: what a step reads. A value is in the latest row that wrote it.

use super::keys::{copies, row_of, row_or_begin, signs};
use super::lanes::{ADDRESS, BYTE, FILE, Lanes, OFFSET, number};
use super::words::CLOSED;
use crate::byte::machine::meaning::Flag;
use crate::circuit::{Circuit, Form, Head, Interval, Lane, ONE};
use crate::transformer::{Attention, Stage};

const OPERANDS: usize = 2;
const STORE: usize = 3;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    let slot = || lanes.slot_key.map(Form::from).to_vec();
    circuit.head(OPERANDS, row_of("top", lanes.is_slot, &lanes.top_slot, slot(), copies(&lanes.bits[..BYTE], &lanes.top)));
    circuit.head(OPERANDS, row_of("second", lanes.is_slot, &lanes.second_slot, slot(), copies(&lanes.bits[..BYTE], &lanes.second)));
    // A file that was never opened or closed is as one that is closed.
    let cursor = lanes.bits.iter().zip(lanes.cursor).enumerate();
    let cursor = cursor.map(|(bit, (from, to))| (*from + lanes.is.begin * i64::from(CLOSED >> bit & 1), to.into())).collect();
    circuit.head(OPERANDS, row_or_begin(lanes, "cursor", lanes.is.offset, &lanes.descriptor, &lanes.descriptor, cursor));
    place_content_keys(circuit, lanes);

    circuit.head(STORE, content(lanes));
    let value = |to: Lane| vec![(number(&lanes.bits[..BYTE]), to.into())];
    circuit.head(STORE, row_or_begin(lanes, "local", lanes.is_local, &lanes.immediate, &lanes.immediate, value(lanes.local)));
    circuit.head(STORE, row_or_begin(lanes, "cell", lanes.is_cell, &lanes.bits[..ADDRESS], &lanes.place, value(lanes.cell)));
    let count = vec![(number(&lanes.bits[..ADDRESS]), lanes.count.into())];
    circuit.head(STORE, row_of("count", lanes.is.count, &lanes.label, signs(&lanes.label), count));
}

/// The place in a file whose byte a row has: said by the listing, or the place that `fd_write` writes.
fn place_content_keys(circuit: &mut Circuit, lanes: &Lanes) {
    let written = lanes.here.flag(Flag::FdWrite) + lanes.is.byte - ONE;
    let at_cursor = lanes.cursor.iter().chain(&lanes.descriptor);
    for ((key, listed), at_cursor) in lanes.content_key.into_iter().zip(lanes.place).zip(at_cursor) {
        circuit.neuron(OPERANDS, "content key, listed", lanes.is.content, listed * 2 - ONE, key);
        circuit.neuron(OPERANDS, "content key, written", written.clone(), *at_cursor * 2 - ONE, key);
        circuit.state(Stage::Ffn(OPERANDS), key, Interval::new(-1, 1), "a row is of the listing or of the run");
    }
}

/// The byte of the descriptor's file at the cursor. Keys are 0 in all rows without a byte of a file. Of n
/// bits, the row with the byte scores n, the one that begins the sequence n − 1, any other n − 2 at most.
fn content(lanes: &Lanes) -> Head {
    let cursor: Vec<Lane> = lanes.cursor.into_iter().chain(lanes.descriptor).collect();
    let mut query = signs(&cursor);
    query.push(ONE * (OFFSET + FILE - 1) as i64);
    let mut key = lanes.content_key.map(Form::from).to_vec();
    key.push(lanes.is.begin.into());
    let value = vec![number(&lanes.bits[..BYTE]), lanes.is.content + lanes.is.byte];
    let output = vec![lanes.content.into(), lanes.has_content.into()];
    Head { name: "content".to_string(), kind: Attention::HardMax, query, key, value, output }
}
