//! WebAssembly's division instructions, by what the machine must know of them.

use super::operation::Width;
use crate::full::isa::Op;

/// One of WebAssembly's divisions and remainders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Division {
    pub(super) width: Width,
    pub(super) signed: bool,
    pub(super) remainder: bool,
}

impl Division {
    /// The division, if the instruction is one.
    pub(super) fn of(op: Op) -> Option<Division> {
        let (row, remainder) = (op.row(), op.gives_remainder()?);
        Some(Division { width: Width::of(row.pops[0]), signed: row.signed, remainder })
    }

    /// Whether the division may take the slow path.
    pub(super) fn may_jump(self) -> bool {
        self.signed || self.width == Width::W64
    }
}
