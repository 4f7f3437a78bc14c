//! Layer 0: the instruction at pc, and the effect of the previous step.
//!
//! Keys `(2j, −j²)` and queries `(i, 1)` score `2ij − j²`, which is highest at j = i: the quadratic key
//! trick. Eleven heads copy the flags of the opcode at pc, two flags per head. One head copies whether the
//! instruction at the previous pc pushed, and the kind of place that it wrote. One head copies the operand at
//! pc.

use super::lanes::Lanes;
use super::meaning::Flag;
use crate::circuit::{Circuit, Form, Head};
use crate::transformer::Attention;

const LAYER: usize = 0;

/// Where heads find the instruction of an index.
pub struct Listing {
    /// The kind of these heads.
    pub kind: Attention,
    /// The key of the row that has the opcode, and of the row that has the operand.
    pub opcode: Vec<Form>,
    pub operand: Vec<Form>,
}

impl Listing {
    /// In the prompt, two rows per instruction.
    pub fn in_prompt(lanes: &Lanes) -> Listing {
        let key = |mark| lanes.marked_index_key(mark);
        Listing { kind: Attention::HardMax, opcode: key(lanes.is_opcode), operand: key(lanes.is_operand) }
    }

    /// In a store, one row per instruction.
    pub fn in_store(lanes: &Lanes, store: usize) -> Listing {
        Listing { kind: Attention::Cross(store), opcode: lanes.index_key(), operand: lanes.index_key() }
    }
}

pub fn place(circuit: &mut Circuit, lanes: &Lanes, listing: &Listing) {
    for pair in Flag::ALL.chunks(2) {
        let names = pair.iter().map(|(_, name)| *name).collect::<Vec<_>>();
        circuit.head(
            LAYER,
            Head {
                name: format!("fetch {}", names.join(", ")),
                kind: listing.kind,
                query: lanes.query(lanes.pc),
                key: listing.opcode.clone(),
                value: pair.iter().map(|(flag, _)| lanes.own(*flag).into()).collect(),
                output: pair.iter().map(|(flag, _)| lanes.flag(*flag).into()).collect(),
            },
        );
    }
    circuit.head(
        LAYER,
        Head {
            name: "fetch previous".to_string(),
            kind: listing.kind,
            query: lanes.query(lanes.previous_pc),
            key: listing.opcode.clone(),
            value: vec![lanes.own_pushes.into(), lanes.own(Flag::LocalSet) + lanes.own(Flag::LocalTee) - lanes.own(Flag::Store)],
            output: vec![lanes.pushed.into(), lanes.wrote.into()],
        },
    );
    circuit.head(
        LAYER,
        Head {
            name: "fetch operand".to_string(),
            kind: listing.kind,
            query: lanes.query(lanes.pc),
            key: listing.operand.clone(),
            value: vec![lanes.value()],
            output: vec![lanes.operand.into()],
        },
    );
}
