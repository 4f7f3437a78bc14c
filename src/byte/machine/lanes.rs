//! The lanes of the residual stream, and what tokens and positional encodings put into them.

use super::meaning::{Flag, delta, meaning};
use crate::byte::isa::Row;
use crate::byte::profile::{FILE_CAPACITY, FILES, MAX_INSTRUCTIONS};
use crate::byte::trace::Token;
use crate::circuit::{Circuit, Form, Interval, Lane};

const FLAGS: usize = Flag::ALL.len();

/// The names of the lanes that positional encodings set. The host finds these lanes in the config by name.
pub mod positional {
    /// 1 in every row.
    pub const ONE: &str = "one";
    /// In the prefix, the index of the instruction that the token belongs to, and −1 for the start token. In
    /// a file's rows, the offset.
    pub const INDEX: &str = "index";
    /// The square of the index.
    pub const INDEX_SQUARED: &str = "index_squared";
    /// 1 in rows of opcodes and in the row of the start token.
    pub const IS_OPCODE: &str = "is_opcode";
    /// 1 in rows of operands and in the row of the start token.
    pub const IS_OPERAND: &str = "is_operand";
    /// The pc that this row executes; −1 in rows that execute nothing.
    pub const PC: &str = "pc";
    /// The pc of the step whose token this row carries; −1 if there was no such step.
    pub const PREVIOUS_PC: &str = "previous_pc";
    /// 1 if the host knows that this step traps.
    pub const FAULT: &str = "fault";
    /// The offset of each file's descriptor.
    pub const OFFSETS: [&str; super::FILES] = ["offset_0", "offset_1", "offset_2", "offset_3"];
}

/// All lanes, by name.
pub struct Lanes {
    pub one: Lane,
    pub index: Lane,
    pub index_squared: Lane,
    pub is_opcode: Lane,
    pub is_operand: Lane,
    pub pc: Lane,
    pub previous_pc: Lane,
    pub fault: Lane,
    pub offsets: [Lane; FILES],
    pub bits: [Lane; 8],
    own_flags: [Lane; FLAGS],
    pub own_pushes: Lane,
    flags: [Lane; FLAGS],
    pub operand: Lane,
    pub pushed: Lane,
    pub wrote: Lane,
    pub depth: Lane,
    pub depth_squared: Lane,
    pub top_bits: [Lane; 8],
    pub second_bits: [Lane; 8],
    pub written_base: Lane,
    pub written_operand: Lane,
    pub written_operand_squared: Lane,
    pub written_address_squared: Lane,
    pub local_value: Lane,
    pub local_tag: Lane,
    pub cell_value: Lane,
    pub cell_tag: Lane,
    pub file_bytes: [Lane; FILES],
    pub result: Lane,
    pub quotient_4096: Lane,
    pub quotient_256: Lane,
}

impl Lanes {
    /// Names the lanes in a circuit and sets the embedding of bytes. `prompted`: whether the prompt holds the
    /// program; then positional encodings number and mark its rows.
    pub fn declare(circuit: &mut Circuit, prompted: bool) -> Lanes {
        let top_index = MAX_INSTRUCTIONS as i128 - 1;
        let c = circuit;
        let (indices, marks) = match prompted {
            true => (Interval::new(-1, top_index), Interval::new(0, 1)),
            false => (Interval::new(0, FILE_CAPACITY as i128), Interval::point(0)),
        };
        let squares = Interval::new(0, indices.high * indices.high);
        let lanes = Lanes {
            one: c.positional_lane(positional::ONE, "1 in every row", Interval::point(1)),
            index: c.positional_lane(positional::INDEX, "instruction or file offset that the row belongs to", indices),
            index_squared: c.positional_lane(positional::INDEX_SQUARED, "its square", squares),
            is_opcode: c.positional_lane(positional::IS_OPCODE, "1 in rows of opcodes", marks),
            is_operand: c.positional_lane(positional::IS_OPERAND, "1 in rows of operands", marks),
            pc: c.positional_lane(positional::PC, "pc that the row executes", Interval::new(-1, top_index)),
            previous_pc: c.positional_lane(positional::PREVIOUS_PC, "pc whose token the row carries", Interval::new(-1, top_index)),
            fault: c.positional_lane(positional::FAULT, "1 if this step traps", Interval::new(0, 1)),
            offsets: positional::OFFSETS
                .map(|name| c.positional_lane(name, "offset of the file's descriptor", Interval::new(0, FILE_CAPACITY as i128))),
            bits: std::array::from_fn(|i| c.lane(format!("bit_{i}"), format!("bit {i} of the row's token"))),
            own_flags: Flag::ALL.map(|(_, name)| c.lane(format!("own_{name}"), format!("{name} of the row's token as an opcode"))),
            own_pushes: c.lane("own_pushes", "1 if the row's token as an opcode pushes"),
            flags: Flag::ALL.map(|(_, name)| c.lane(name, format!("{name} of the instruction at pc"))),
            operand: c.lane("operand", "operand byte of the instruction at pc"),
            pushed: c.lane("pushed", "1 if the row's token was pushed by the previous step"),
            wrote: c.lane("wrote", "1 if the previous step wrote a local, -1 if a memory cell"),
            depth: c.lane("depth", "stack depth before this step: the height at which the row's token lies if pushed"),
            depth_squared: c.lane("depth_squared", "its square"),
            top_bits: std::array::from_fn(|i| c.lane(format!("top_bit_{i}"), format!("bit {i} of the stack's top"))),
            second_bits: std::array::from_fn(|i| c.lane(format!("second_bit_{i}"), format!("bit {i} of the value below"))),
            written_base: c.lane("written_base", "address operand of the previous step, if it was a store"),
            written_operand: c.lane("written_operand", "operand byte of the previous step: its local, or its offset"),
            written_operand_squared: c.lane("written_operand_squared", "its square"),
            written_address_squared: c.lane("written_address_squared", "square of the address that the previous step wrote"),
            local_value: c.lane("local_value", "value of the local found"),
            local_tag: c.lane("local_tag", "index of the local found; below 0 if the row wrote no local"),
            cell_value: c.lane("cell_value", "value of the memory cell found"),
            cell_tag: c.lane("cell_tag", "address of the memory cell found; below 0 if the row wrote no cell"),
            file_bytes: std::array::from_fn(|f| c.lane(format!("file_byte_{f}"), format!("byte at the offset of file {f}"))),
            result: c.lane("result", "the byte that this step reports"),
            quotient_4096: c.lane("quotient_4096", "result div 4096"),
            quotient_256: c.lane("quotient_256", "(result mod 4096) div 256"),
        };
        for byte in 0..=u8::MAX {
            c.embed(Token::Byte(byte).id(), lanes.byte(byte));
        }
        lanes
    }

    /// A byte as the row's own.
    pub fn byte(&self, byte: u8) -> Form {
        self.bits.into_iter().enumerate().map(|(i, lane)| lane * i64::from(byte >> i & 1)).sum()
    }

    /// An instruction as the row's own.
    pub fn opcode(&self, row: &Row) -> Form {
        let flags: Form = meaning(row.op).iter().map(|(flag, weight)| self.own(*flag) * *weight).sum();
        flags + self.own(Flag::Delta) * delta(row) + self.own_pushes * row.pushes as i64
    }

    /// The lane of a flag of the row's own token.
    pub fn own(&self, flag: Flag) -> Lane {
        self.own_flags[flag as usize]
    }

    /// The lane of a flag of the instruction at pc.
    pub fn flag(&self, flag: Flag) -> Lane {
        self.flags[flag as usize]
    }

    /// The row's token as a number.
    pub fn value(&self) -> Form {
        number(self.bits)
    }

    /// The stack's top as a number.
    pub fn top(&self) -> Form {
        number(self.top_bits)
    }

    /// The value below the stack's top as a number.
    pub fn second(&self) -> Form {
        number(self.second_bits)
    }

    /// The constant `n`.
    pub fn constant(&self, n: i64) -> Form {
        self.one * n
    }

    /// The key of rows with an index. For a query `(i, 1)`, its score is highest where the index is i.
    pub fn index_key(&self) -> Vec<Form> {
        vec![self.index * 2, -self.index_squared]
    }

    /// Like [`Lanes::index_key`], but the score is one lower in rows without the mark. This is enough for
    /// such rows to lose every tie for the best score.
    pub fn marked_index_key(&self, mark: Lane) -> Vec<Form> {
        vec![self.index * 2, -self.index_squared - self.one + mark]
    }

    /// The query for the key of an index.
    pub fn query(&self, index: impl Into<Form>) -> Vec<Form> {
        vec![index.into(), self.one.into()]
    }
}

/// Eight bits as a number.
fn number(bits: [Lane; 8]) -> Form {
    bits.into_iter().enumerate().map(|(i, lane)| lane * (1 << i)).sum()
}
