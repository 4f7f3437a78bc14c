//! Cases at which an obligation fails, as far as programs can be built for them.

use std::fmt;

use crate::byte::isa::Op;

/// A case at which an obligation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "case", rename_all = "snake_case")]
pub enum Situation {
    /// An instruction on these operands.
    Instruction {
        /// The instruction.
        #[serde(serialize_with = "name")]
        op: Op,
        /// Its operand byte.
        operand: u8,
        /// The stack's top.
        top: u8,
        /// The value below.
        second: u8,
    },
    /// An instruction that must trap.
    Trap {
        /// The instruction.
        #[serde(serialize_with = "name")]
        op: Op,
    },
    /// The row of an instruction, by its index.
    Fetch {
        /// The index that is wanted.
        wanted: i64,
        /// The index of the row that can be found.
        found: i64,
    },
    /// An operand byte.
    Operand {
        /// The byte.
        byte: u8,
    },
    /// A value on the operand stack, by its height.
    Stack {
        /// The height that is wanted.
        depth: i64,
        /// The height of the row that can be found.
        found: i64,
    },
    /// A local.
    Local {
        /// The local that is wanted.
        local: i64,
        /// The local of the row that can be found.
        found: i64,
    },
    /// A memory cell.
    Cell {
        /// The base of the address that is wanted.
        base: i64,
        /// Its offset.
        offset: i64,
        /// Base and offset of the row that can be found.
        found: (i64, i64),
    },
    /// A byte of a file.
    File {
        /// The file.
        file: usize,
        /// The offset that is wanted.
        offset: i64,
        /// The offset that can be found.
        found: i64,
    },
}

fn name<S: serde::Serializer>(op: &Op, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(op)
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Situation::Instruction { op, operand, top, second } => write!(f, "{op} with operand {operand}, top {top}, second {second}"),
            Situation::Trap { op } => write!(f, "{op}, where it must trap"),
            Situation::Fetch { wanted, found } => write!(f, "the instruction {wanted} is wanted, {found} can be found"),
            Situation::Operand { byte } => write!(f, "an instruction with the operand {byte}"),
            Situation::Stack { depth, found } => write!(f, "the height {depth} is wanted, {found} can be found"),
            Situation::Local { local, found } => write!(f, "the local {local} is wanted, {found} can be found"),
            Situation::Cell { base, offset, found } => {
                write!(f, "the cell {base} + {offset} is wanted, {} + {} can be found", found.0, found.1)
            }
            Situation::File { file, offset, found } => write!(f, "the offset {offset} of file {file} is wanted, {found} can be found"),
        }
    }
}
