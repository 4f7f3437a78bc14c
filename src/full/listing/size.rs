//! The memory that a listing's prompt takes.
//!
//! Most rows of a prompt are stored only as their tokens. Heads find instructions, places of the table and
//! bytes of memory by a key per row, so these rows take more memory. They are counted before the first
//! forward pass, and a test compares the sum to what the indexed network then keeps.

use super::token::{Family, Mark, Token};
use super::{Folded, Line};

/// The number of rows of a prompt, by what is kept of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// All rows.
    pub rows: u64,
    /// Instructions.
    pub instructions: u64,
    /// Marks that end a place of the table.
    pub places: u64,
    /// Bytes of memory.
    pub data: u64,
}

/// Bytes per row, for the row's token.
pub const ROW: u64 = size_of::<Token>() as u64;
/// Bytes per instruction, without the rows of its immediates: its [`Line`], and in the network its key and
/// values.
pub const INSTRUCTION: u64 = LINE + 220;
/// Bytes per line, with the [`Folded`] that it may have.
const LINE: u64 = (size_of::<Line>() + size_of::<Folded>()) as u64;
/// Bytes per place of the table.
pub const PLACE: u64 = 100;
/// Bytes per byte of memory that is not 0.
pub const DATA: u64 = 128;

impl Size {
    /// Counts a token.
    pub(in crate::full) fn count(&mut self, token: Token) {
        self.rows += 1;
        match token.family {
            Family::Opcode => self.instructions += 1,
            Family::Data(_) => self.data += 1,
            Family::Mark if token == Mark::Element.token() => self.places += 1,
            _ => {}
        }
    }

    /// Bytes that the host keeps of a prompt of this size.
    pub fn of_host(&self) -> u64 {
        self.rows * ROW + self.instructions * LINE
    }

    /// Approximate number of bytes that the indexed network keeps of a prompt of this size.
    pub fn of_indexed(&self) -> u64 {
        let Size { instructions, places, data, .. } = *self;
        instructions * (INSTRUCTION - LINE) + places * PLACE + data * DATA
    }
}

/// The costs in bytes, by name.
pub const COSTS: [(&str, u64); 4] =
    [("row", ROW), ("instruction", INSTRUCTION), ("place of the table", PLACE), ("byte of memory that is not 0", DATA)];
