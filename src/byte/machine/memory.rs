//! Layer 6: memory cells, found by their address, and the second step of the wrap-around.

use super::lanes::Lanes;
use super::locals::{NO_TAG, SHUT, place_quotient};
use super::meaning::Flag;
use crate::circuit::{Circuit, Head, gadgets};
use crate::transformer::Attention;

const LAYER: usize = 6;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    let address = lanes.top() + lanes.operand;
    let written = lanes.written_base + lanes.written_operand;
    // 0 in rows of stores, negative in all other rows.
    let wrote_cell = -lanes.wrote - lanes.one;
    circuit.head(
        LAYER,
        Head {
            name: "memory cell".to_string(),
            kind: Attention::HardMax,
            query: lanes.query(address.clone()),
            key: vec![written.clone() * 2, wrote_cell.clone() - lanes.written_address_squared],
            value: vec![lanes.value(), wrote_cell * NO_TAG + written],
            output: vec![lanes.cell_value.into(), lanes.cell_tag.into()],
        },
    );
    let off = lanes.cell_tag - address + (lanes.flag(Flag::Load) - lanes.one) * SHUT;
    gadgets::select(circuit, LAYER, "memory cell", lanes.one, off, lanes.cell_value, lanes.result);

    place_quotient(circuit, lanes, LAYER, lanes.result - lanes.quotient_4096 * 4096, 256, lanes.quotient_256);
}
