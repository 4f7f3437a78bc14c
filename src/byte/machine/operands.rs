//! Layer 3: the bits of the stack's top and of the value below it.
//!
//! A pushed value lies in the row that carries its token, at that row's depth. The latest row with a pushed
//! value at a depth holds the value that is there now, because older values at the same depth have been
//! popped since. The key of a row without a pushed value scores one lower. One is enough, because a row with
//! a pushed value at the wanted depth always exists.

use super::lanes::Lanes;
use crate::circuit::{Circuit, Form, Head};
use crate::transformer::Attention;

const LAYER: usize = 3;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    let below = lanes.depth - lanes.one;
    for (what, depth, bits) in [("top", lanes.depth.into(), lanes.top_bits), ("second", below, lanes.second_bits)] {
        for i in (0..8).step_by(2) {
            circuit.head(
                LAYER,
                Head {
                    name: format!("{what} bits {i}, {}", i + 1),
                    kind: Attention::HardMax,
                    query: lanes.query(depth.clone()),
                    key: stack_key(lanes),
                    value: vec![lanes.bits[i].into(), lanes.bits[i + 1].into()],
                    output: vec![bits[i].into(), bits[i + 1].into()],
                },
            );
        }
    }
}

/// The key of the value that a row pushed: the row's depth.
pub fn stack_key(lanes: &Lanes) -> Vec<Form> {
    vec![lanes.depth * 2, -lanes.depth_squared - lanes.one + lanes.pushed]
}
