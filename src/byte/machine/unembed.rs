//! The unembedding: from the result to a token.
//!
//! `logit(t) = 2t·R − t²` is a parabola whose peak over the bytes is at t = R, with value R². The logit of a
//! special is −1, below every peak. The logit of the wanted special is raised above the peak.

use super::lanes::Lanes;
use super::meaning::Flag;
use crate::byte::trace::Token;
use crate::circuit::Circuit;

/// Raises the logit of `trap` above every peak, R² ≤ 65,025: a trap overrides whatever the instruction would
/// report.
const TRAP: i64 = 1 << 17;

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    for token in Token::all() {
        let logit = match token {
            Token::Byte(byte) => {
                let t = i64::from(byte);
                lanes.result * (2 * t) - lanes.constant(t * t)
            }
            // The result of `halt` is 0, so the highest logit of a byte is 0.
            Token::Halt => lanes.flag(Flag::Halt) * 2 - lanes.one,
            Token::Trap => lanes.fault * TRAP - lanes.one,
            Token::Start | Token::Pad => -lanes.one,
        };
        circuit.unembed(token.id(), logit);
    }
}
