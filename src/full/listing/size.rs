//! What a listing's prompt takes of memory.
//!
//! A row of a prompt is kept only as its token, unless heads find it by a key of its own: those of
//! instructions, of places of the table and of bytes of memory. So these are counted before anything is
//! passed, and a test holds the sum to what the indexed network then keeps.

use super::token::{Family, Mark, Token};
use super::{Folded, Line};

/// The rows of a prompt, by what is kept of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// All of them.
    pub rows: u64,
    /// Instructions.
    pub instructions: u64,
    /// Ends of the table's places.
    pub places: u64,
    /// Bytes of memory.
    pub data: u64,
}

/// Bytes for a row: its token.
pub const ROW: u64 = size_of::<Token>() as u64;
/// Bytes for an instruction, the rows of its immediates apart: its line, and in the network its key and
/// values.
pub const INSTRUCTION: u64 = LINE + 220;
/// Bytes for a line, and for what it may do besides.
const LINE: u64 = (size_of::<Line>() + size_of::<Folded>()) as u64;
/// Bytes for a place of the table.
pub const PLACE: u64 = 100;
/// Bytes for a byte of memory that is not 0.
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

    /// Bytes that the host keeps of such a prompt.
    pub fn of_host(&self) -> u64 {
        self.rows * ROW + self.instructions * LINE
    }

    /// Bytes that the indexed network keeps of it, about.
    pub fn of_indexed(&self) -> u64 {
        let Size { instructions, places, data, .. } = *self;
        instructions * (INSTRUCTION - LINE) + places * PLACE + data * DATA
    }
}

/// All of these, by name.
pub const COSTS: [(&str, u64); 4] =
    [("row", ROW), ("instruction", INSTRUCTION), ("place of the table", PLACE), ("byte of memory that is not 0", DATA)];
