//! Layer 7: file bytes by cross-attention, and the last step of the wrap-around.
//!
//! Each file is an external store with one row per offset, padded with zeros. So an exact match always
//! exists, and a read at the end gives 0.

use super::lanes::Lanes;
use super::locals::SHUT;
use super::meaning::Flag;
use crate::circuit::{Circuit, Head, Interval, gadgets};
use crate::transformer::{Attention, Stage};

const LAYER: usize = 7;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    for (file, (offset, byte)) in lanes.offsets.into_iter().zip(lanes.file_bytes).enumerate() {
        circuit.head(
            LAYER,
            Head {
                name: format!("file {file}"),
                kind: Attention::Cross(file),
                query: lanes.query(offset),
                key: lanes.index_key(),
                value: vec![lanes.value()],
                output: vec![byte.into()],
            },
        );
        let off = lanes.top() - lanes.constant(file as i64) + (lanes.flag(Flag::FdRead) - lanes.one) * SHUT;
        gadgets::select(circuit, LAYER, &format!("file {file}"), lanes.one, off, byte, lanes.result);
    }
    let whole = lanes.quotient_4096 * 4096 + lanes.quotient_256 * 256;
    circuit.neuron(LAYER, "wrap-around", lanes.one, -whole, lanes.result);
    circuit.state(Stage::Ffn(LAYER), lanes.result, Interval::new(0, 255), "the quotients take every multiple of 256 from the result");
}
