//! Why a run of a full program traps.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a run trapped, by WebAssembly's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trap {
    /// `unreachable` was reached.
    Unreachable,
    /// Division or remainder by 0.
    DivisionByZero,
    /// A quotient that does not fit, which is the least number divided by -1, or a float that does not fit an
    /// integer.
    IntegerOverflow,
    /// A NaN to convert to an integer.
    InvalidConversion,
    /// A load or store beyond the memory's end.
    MemoryOutOfBounds,
    /// `call_indirect` beyond the table's end.
    TableOutOfBounds,
    /// `call_indirect` of a place that does not hold a function.
    UninitializedElement,
    /// `call_indirect` of a function of another type.
    IndirectCallType,
    /// More calls in progress than [`MAX_CALL_DEPTH`](crate::full::program::limits::MAX_CALL_DEPTH).
    CallStackExhausted,
}

impl Trap {
    /// All traps.
    pub const ALL: [Trap; 9] = [
        Trap::Unreachable,
        Trap::DivisionByZero,
        Trap::IntegerOverflow,
        Trap::InvalidConversion,
        Trap::MemoryOutOfBounds,
        Trap::TableOutOfBounds,
        Trap::UninitializedElement,
        Trap::IndirectCallType,
        Trap::CallStackExhausted,
    ];

    /// The trap's name.
    pub const fn name(self) -> &'static str {
        match self {
            Trap::Unreachable => "unreachable",
            Trap::DivisionByZero => "division-by-zero",
            Trap::IntegerOverflow => "integer-overflow",
            Trap::InvalidConversion => "invalid-conversion",
            Trap::MemoryOutOfBounds => "memory-out-of-bounds",
            Trap::TableOutOfBounds => "table-out-of-bounds",
            Trap::UninitializedElement => "uninitialized-element",
            Trap::IndirectCallType => "indirect-call-type",
            Trap::CallStackExhausted => "call-stack-exhausted",
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
