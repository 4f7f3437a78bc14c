//! Layer 5: local variables, found by their index, and the first step of the wrap-around.

use super::lanes::Lanes;
use super::meaning::Flag;
use crate::circuit::{Circuit, Form, Head, Interval, Lane, gadgets};
use crate::transformer::{Attention, Stage};

const LAYER: usize = 5;

/// Lowers the tag of a row that does not hold a value of the wanted kind, so that the tag is below every
/// index. Any number above the greatest index, 510, would do.
pub const NO_TAG: i64 = 1000;
/// Closes a selection whose flag is 0: the selection's input, lowered by this number, is never 0, because
/// this number is greater than every tag.
pub const SHUT: i64 = 512;
/// The greatest quotient of one step of the wrap-around. The two steps cover results below 16·16·256 =
/// 65,536, which exceeds every result.
pub const QUOTIENTS: i64 = 15;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    // The head finds the latest row that wrote the wanted local; other rows score lower. For a local that was
    // never written, the head finds another row, and the tag of that row shows this.
    let index = lanes.written_operand;
    let wrote_local = lanes.wrote - lanes.one;
    circuit.head(
        LAYER,
        Head {
            name: "local".to_string(),
            kind: Attention::HardMax,
            query: lanes.query(lanes.operand),
            key: vec![index * 2, wrote_local.clone() - lanes.written_operand_squared],
            value: vec![lanes.value(), wrote_local * NO_TAG + index],
            output: vec![lanes.local_value.into(), lanes.local_tag.into()],
        },
    );
    let off = lanes.local_tag - lanes.operand + (lanes.flag(Flag::LocalGet) - lanes.one) * SHUT;
    gadgets::select(circuit, LAYER, "local", lanes.one, off, lanes.local_value, lanes.result);

    place_quotient(circuit, lanes, LAYER, lanes.result.into(), 4096, lanes.quotient_4096);
    circuit.state(
        Stage::Ffn(LAYER),
        lanes.result,
        Interval::new(0, 255 * 255),
        "an instruction switches on one way to a result: the greatest is a product, and a local's value is added to 0",
    );
}

/// Adds to `output` how many times `unit` goes into `number`: one step gadget per multiple of `unit`. The
/// steps have weight 1, so that no partial sum grows.
pub fn place_quotient(circuit: &mut Circuit, lanes: &Lanes, layer: usize, number: Form, unit: i64, output: Lane) {
    for multiple in (1..=QUOTIENTS).map(|k| k * unit) {
        let reached = number.clone() - lanes.constant(multiple - 1);
        gadgets::step(circuit, layer, &format!("reaches {multiple}"), lanes.one, reached, lanes.one, output);
    }
    circuit.state(Stage::Ffn(layer), output, Interval::new(0, i128::from(QUOTIENTS)), "each pair of neurons is a step from 0 to 1");
}
