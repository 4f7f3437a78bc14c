//! The meaning of each instruction to the network: the operations of the machine that the instruction
//! switches on.
//!
//! An instruction is a row of flags in the embedding of its opcode byte. A flag is one operation of the
//! layers, scaled by the flag's weight. Related instructions share operations: `i32.or` is the sum minus the
//! common bits, and a comparison is a truth table over the three possible orders of two numbers.

use crate::byte::isa::{Op, Row};

/// An operation of the layers that an instruction switches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The operand byte.
    Constant,
    /// second + top.
    Sum,
    /// second − top + 256.
    Difference,
    /// second · top.
    Product,
    /// The bits that top and second have in common, as a number.
    CommonBits,
    /// 1 if second > top.
    Above,
    /// 1 if second < top.
    Below,
    /// 1 if second = top.
    Equal,
    /// The memory cell at top + operand.
    Load,
    /// top, written to the memory cell at second + operand.
    Store,
    /// The local of the operand.
    LocalGet,
    /// top, written to the local of the operand.
    LocalSet,
    /// top, written to the local of the operand and kept on the stack.
    LocalTee,
    /// top, the descriptor.
    FdOpen,
    /// The byte at the offset of descriptor top.
    FdRead,
    /// second, the byte written.
    FdWrite,
    /// top, the descriptor.
    FdClose,
    /// top, the condition.
    BrIf,
    /// top.
    Output,
    /// The token `halt`.
    Halt,
    /// Pushes minus pops: the change of the stack's depth by the step.
    Delta,
}

impl Flag {
    /// Every flag, with its name in the lanes.
    pub const ALL: [(Flag, &str); 21] = [
        (Flag::Constant, "constant"),
        (Flag::Sum, "sum"),
        (Flag::Difference, "difference"),
        (Flag::Product, "product"),
        (Flag::CommonBits, "common_bits"),
        (Flag::Above, "above"),
        (Flag::Below, "below"),
        (Flag::Equal, "equal"),
        (Flag::Load, "load"),
        (Flag::Store, "store"),
        (Flag::LocalGet, "local_get"),
        (Flag::LocalSet, "local_set"),
        (Flag::LocalTee, "local_tee"),
        (Flag::FdOpen, "fd_open"),
        (Flag::FdRead, "fd_read"),
        (Flag::FdWrite, "fd_write"),
        (Flag::FdClose, "fd_close"),
        (Flag::BrIf, "br_if"),
        (Flag::Output, "output"),
        (Flag::Halt, "halt"),
        (Flag::Delta, "delta"),
    ];
}

/// The operations that an instruction switches on, with their weights. Markers take no step, so they switch
/// on nothing. [`Flag::Delta`] is not listed, because [`delta`] computes it from the table of instructions.
pub fn meaning(op: Op) -> &'static [(Flag, i64)] {
    match op {
        Op::I32Const => &[(Flag::Constant, 1)],
        Op::I32Add => &[(Flag::Sum, 1)],
        Op::I32Sub => &[(Flag::Difference, 1)],
        Op::I32Mul => &[(Flag::Product, 1)],
        Op::I32And => &[(Flag::CommonBits, 1)],
        Op::I32Or => &[(Flag::Sum, 1), (Flag::CommonBits, -1)],
        Op::I32Eq => &[(Flag::Equal, 1)],
        Op::I32Ne => &[(Flag::Above, 1), (Flag::Below, 1)],
        Op::I32LtS => &[(Flag::Below, 1)],
        Op::I32GtS => &[(Flag::Above, 1)],
        Op::I32LeS => &[(Flag::Below, 1), (Flag::Equal, 1)],
        Op::I32GeS => &[(Flag::Above, 1), (Flag::Equal, 1)],
        Op::I32Load => &[(Flag::Load, 1)],
        Op::I32Store => &[(Flag::Store, 1)],
        Op::LocalGet => &[(Flag::LocalGet, 1)],
        Op::LocalSet => &[(Flag::LocalSet, 1)],
        Op::LocalTee => &[(Flag::LocalTee, 1)],
        Op::FdOpen => &[(Flag::FdOpen, 1)],
        Op::FdRead => &[(Flag::FdRead, 1)],
        Op::FdWrite => &[(Flag::FdWrite, 1)],
        Op::FdClose => &[(Flag::FdClose, 1)],
        Op::BrIf => &[(Flag::BrIf, 1)],
        Op::Output => &[(Flag::Output, 1)],
        Op::Halt => &[(Flag::Halt, 1)],
        Op::Loop | Op::EndLoop => &[],
    }
}

/// The change of the operand stack's depth by a step of this row's instruction.
pub fn delta(row: &Row) -> i64 {
    row.pushes as i64 - row.pops as i64
}
