//! Layer 0: the instruction at pc, and the effect of the previous step.
//!
//! Keys `(2j, −j²)` and queries `(i, 1)` score `2ij − j²`, which is highest at j = i: the quadratic key
//! trick. Eleven heads copy the flags of the opcode at pc, two flags per head. One head copies whether the
//! instruction at the previous pc pushed, and the kind of place that it wrote. One head copies the operand at
//! pc.

use super::lanes::Lanes;
use super::meaning::Flag;
use crate::circuit::{Circuit, Head};
use crate::transformer::Attention;

const LAYER: usize = 0;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    for pair in Flag::ALL.chunks(2) {
        let names = pair.iter().map(|(_, name)| *name).collect::<Vec<_>>();
        circuit.head(
            LAYER,
            Head {
                name: format!("fetch {}", names.join(", ")),
                kind: Attention::HardMax,
                query: lanes.query(lanes.pc),
                key: lanes.marked_index_key(lanes.is_opcode),
                value: pair.iter().map(|(flag, _)| lanes.own(*flag).into()).collect(),
                output: pair.iter().map(|(flag, _)| lanes.flag(*flag).into()).collect(),
            },
        );
    }
    circuit.head(
        LAYER,
        Head {
            name: "fetch previous".to_string(),
            kind: Attention::HardMax,
            query: lanes.query(lanes.previous_pc),
            key: lanes.marked_index_key(lanes.is_opcode),
            value: vec![lanes.own_pushes.into(), lanes.own(Flag::LocalSet) + lanes.own(Flag::LocalTee) - lanes.own(Flag::Store)],
            output: vec![lanes.pushed.into(), lanes.wrote.into()],
        },
    );
    circuit.head(
        LAYER,
        Head {
            name: "fetch operand".to_string(),
            kind: Attention::HardMax,
            query: lanes.query(lanes.pc),
            key: lanes.marked_index_key(lanes.is_operand),
            value: vec![lanes.value()],
            output: vec![lanes.operand.into()],
        },
    );
}
