//! What lanes can hold when neurons of layers 4 to 7 read them, as ranges.

use super::attention::{ByToken, Retrieved, executed, opcode, previous};
use super::invariant::{BYTE, Holds, Invariant, LAST, carried, hull, range};
use super::places::Found;
use crate::byte::isa::{Immediate, Op};
use crate::byte::profile::FILE_CAPACITY;
use crate::circuit::Interval;
use crate::prove::network::Network;

/// Everything that the lanes of a row can hold.
#[derive(Clone, Copy)]
pub(super) struct Ranges<'a> {
    pub invariant: &'a Invariant,
    pub network: &'a Network,
    pub lanes: &'a ByToken,
    pub found: &'a Found,
}

impl Ranges<'_> {
    /// The range of each lane in rows that execute an instruction, or nothing. Results and quotients are left
    /// at 0.
    pub fn of(&self, op: Option<Op>) -> Vec<Interval> {
        let flag = |lane: usize| Interval::point(self.lanes.of(lane, opcode(op)).into());
        (0..self.network.d_model).map(|lane| self.lane(lane, op, flag)).collect()
    }

    /// The range of each lane in all rows.
    pub fn all(&self) -> Vec<Interval> {
        let flag = |lane: usize| hull(executed().map(|op| self.lanes.of(lane, opcode(op))));
        (0..self.network.d_model).map(|lane| self.lane(lane, Some(Op::I32Const), flag)).collect()
    }

    /// The range of each lane in the rows of files.
    pub fn of_files(&self) -> Vec<Interval> {
        let lane = |lane: usize| match self.invariant.holds(lane) {
            Holds::One => Interval::point(1),
            Holds::Index => range(0, FILE_CAPACITY as i64),
            Holds::IndexSquared => range(0, (FILE_CAPACITY * FILE_CAPACITY) as i64),
            Holds::Own => self.own(lane),
            _ => Interval::point(0),
        };
        (0..self.network.d_model).map(lane).collect()
    }

    fn own(&self, lane: usize) -> Interval {
        hull(carried().map(|token| self.network.tokens[token.id()].weight(lane)))
    }

    fn lane(&self, lane: usize, op: Option<Op>, flag: impl Fn(usize) -> Interval) -> Interval {
        match self.invariant.holds(lane) {
            Holds::Nothing | Holds::Result | Holds::Quotient4096 | Holds::Quotient256 => Interval::point(0),
            Holds::One => Interval::point(1),
            Holds::Index | Holds::Pc | Holds::PreviousPc => range(-1, LAST),
            Holds::IndexSquared => range(0, LAST * LAST),
            Holds::IsOpcode | Holds::IsOperand | Holds::Fault | Holds::Top(_) | Holds::Second(_) => range(0, 1),
            Holds::Offset(_) => range(0, FILE_CAPACITY as i64),
            Holds::Own => self.own(lane),
            Holds::Flag => flag(lane),
            // Without an immediate, the operand byte is 0.
            Holds::Operand if op.is_some_and(|op| op.row().immediate == Immediate::None) => Interval::point(0),
            Holds::Operand | Holds::Base | Holds::Written | Holds::FileByte(_) => range(0, BYTE),
            Holds::Previous => hull(previous().map(|op| self.lanes.of(lane, opcode(op)))),
            Holds::Depth => range(0, LAST),
            Holds::DepthSquared => range(0, LAST * LAST),
            Holds::WrittenSquared => range(0, BYTE * BYTE),
            Holds::AddressSquared => range(0, 4 * BYTE * BYTE),
            Holds::LocalValue => of(&self.found.local[0]),
            Holds::LocalTag => of(&self.found.local[1]),
            Holds::CellValue => of(&self.found.cell[0]),
            Holds::CellTag => of(&self.found.cell[1]),
        }
    }
}

/// The range of what is retrieved from any row.
fn of(retrieved: &Retrieved) -> Interval {
    let byte = range(0, BYTE);
    let own = hull(carried().map(|token| retrieved.token[token.id()]));
    own + hull(retrieved.previous.iter().copied()) + byte * retrieved.written + byte * retrieved.base
}
