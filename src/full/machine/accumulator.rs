//! The results that instructions compute from their operands, before they are wrapped and divided into bytes.

use super::own::HALF;
use crate::circuit::{Form, Graph, Lane};

/// Sums that all instructions add to. An instruction that is not executed adds 0. A result is `(low + 2^32 ·
/// low_carry) + 2^32 · (high + shifted_high)`. Carries of 2^32 have a sum of their own, because a neuron that
/// reads large numbers must not be scaled.
#[derive(Default)]
pub struct Accumulator {
    pub low: Form,
    pub low_carry: Form,
    pub high: Form,
    /// The upper half of the result of a shift to the right, in units of 1/256.
    pub shifted_high: Form,
    /// A remainder before wrapping. It is added to the lower half, but not to the number that gives the place
    /// of the first byte.
    pub wrapped: Form,
}

/// The sums as lanes. Each sum is complete in the FFN of the layer that reads the operands.
pub struct Totals {
    /// The lower half before wrapping, which gives the place of the first byte.
    pub low: Form,
    pub high: Form,
    pub shifted_high: Lane,
    pub wrapped: Lane,
}

impl Accumulator {
    /// Gathers the sums in lanes.
    pub fn gather(self, g: &mut Graph) -> Totals {
        let one_of = "one instruction's result";
        let low = g.lane("sum low", self.low);
        g.state(low, (-(1 << 33), 1 << 43), one_of);
        let carry = g.lane("sum low carry", self.low_carry);
        g.state(carry, (-1, 1), one_of);
        let high = g.lane("sum high", self.high);
        g.state(high, (-(1 << 33), 1 << 43), one_of);
        let shifted_high = g.lane("shifted high", self.shifted_high);
        g.state(shifted_high, (0, 1 << 40), one_of);
        let wrapped = g.lane("remainder to wrap", self.wrapped);
        g.state(wrapped, (0, (1 << 42) + (1 << 32)), one_of);
        Totals { low: low + carry * HALF, high: high + shifted_high, shifted_high, wrapped }
    }
}
