//! The table of the full profile's instructions: those of WebAssembly 2.0, but vectors and the bulk
//! instructions of memory, which become calls of routines.
//!
//! A row gives the spelling of an instruction, its opcode, its immediate, the operands that it pops and
//! pushes, what its step writes, and the sign and width of the numbers that it works on. The reader, the
//! reference VM, the listing, the decoder, wasmi's instrumentation and the generators use this table. Only an
//! instruction that takes a step has a row: `block`, `loop` and `end` are resolved into branch targets when a
//! module is read.

mod table;
mod trap;

use std::fmt;

pub use table::{Op, TABLE};
pub use trap::Trap;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A reference to a function, or null.
    FuncRef,
    /// A reference to something of the host's, or null.
    ExternRef,
}

impl ValType {
    /// All types of numbers.
    pub const NUMBERS: [ValType; 4] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];

    /// The number of bits. A reference is held in 32 bits.
    pub fn bits(self) -> u32 {
        match self {
            ValType::I32 | ValType::F32 | ValType::FuncRef | ValType::ExternRef => 32,
            ValType::I64 | ValType::F64 => 64,
        }
    }

    /// Whether the values are floats.
    pub fn is_float(self) -> bool {
        matches!(self, ValType::F32 | ValType::F64)
    }

    /// Whether the values are references.
    pub fn is_reference(self) -> bool {
        matches!(self, ValType::FuncRef | ValType::ExternRef)
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
        })
    }
}

/// The kind of an instruction's immediate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Immediate {
    /// The instruction does not have an immediate.
    None,
    /// A 32-bit constant.
    I32,
    /// A 64-bit constant.
    I64,
    /// A 32-bit float constant.
    F32,
    /// A 64-bit float constant.
    F64,
    /// The index of a local.
    Local,
    /// The index of a global.
    Global,
    /// The offset of an access to memory.
    Offset,
    /// The index of the memory.
    Memory,
    /// The index of a function.
    Function,
    /// The index of a function.
    Reference,
    /// A type of references.
    Null,
    /// The index of a function type, and that of a table.
    Indirect,
    /// The index of a table.
    Table,
    /// The indices of two tables, the one written first.
    Tables,
    /// The index of a table, and that of an element segment.
    Init,
    /// The index of an element segment.
    Element,
    /// A branch target.
    Label,
    /// A list of branch targets.
    Labels,
    /// The thing that is refused.
    Refusal,
}

/// One or more values that an instruction pops or pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// One value of this type.
    Is(ValType),
    /// One value, of the type of the local or global that the immediate names.
    Named,
    /// One value of any type. The type is the same for all such operands of the instruction.
    Any,
    /// The arguments or results of a function, or the operands that a branch takes along. Their number and
    /// types are those of the function or of the branch's target.
    Several,
}

impl Operand {
    /// A 32-bit integer.
    pub const I32: Operand = Operand::Is(ValType::I32);
    /// A 64-bit integer.
    pub const I64: Operand = Operand::Is(ValType::I64);
    /// A 32-bit float.
    pub const F32: Operand = Operand::Is(ValType::F32);
    /// A 64-bit float.
    pub const F64: Operand = Operand::Is(ValType::F64);
    /// A reference to a function.
    pub const FUNCREF: Operand = Operand::Is(ValType::FuncRef);

    /// The operand's type, if the instruction always has the same one.
    pub fn ty(self) -> Option<ValType> {
        if let Operand::Is(ty) = self { Some(ty) } else { None }
    }
}

/// What a step writes, if the step does not trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Nothing.
    Nothing,
    /// The value that the step pushes.
    Pushed,
    /// A local.
    Local,
    /// A global.
    Global,
    /// Memory.
    Memory,
    /// One place of a table.
    Table,
    /// A byte of output.
    Output,
    /// A byte of an error message.
    Error,
    /// A byte of a question to the system.
    Request,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The instruction.
    pub op: Op,
    /// The instruction's spelling in listings, traces and reports.
    pub mnemonic: &'static str,
    /// WebAssembly's opcode. An opcode of two bytes has the first in its upper byte. For a function of the
    /// host: a byte that WebAssembly does not assign.
    pub opcode: u16,
    /// The kind of the immediate.
    pub immediate: Immediate,
    /// The operands that the instruction pops, the last on top.
    pub pops: &'static [Operand],
    /// The operands that the instruction pushes, the last on top.
    pub pushes: &'static [Operand],
    /// What the instruction's step writes.
    pub writes: Writes,
    /// Whether the instruction treats numbers as signed.
    pub signed: bool,
    /// The number of low bytes that the instruction loads, stores or extends; 0 if it works on whole values.
    pub bytes: u32,
    /// The instruction's meaning in one line.
    pub meaning: &'static str,
}

impl Row {
    /// The opcode's bytes in the binary format.
    pub fn encoded(&self) -> Vec<u8> {
        let [prefix, byte] = self.opcode.to_be_bytes();
        if prefix == 0 { vec![byte] } else { vec![prefix, byte] }
    }

    /// Whether the instruction always pops and pushes the same types.
    pub fn is_fixed(&self) -> bool {
        self.pops.iter().chain(self.pushes).all(|operand| operand.ty().is_some())
    }

    /// The types that the instruction pops, if they are always the same.
    pub fn params(&self) -> Option<Vec<ValType>> {
        self.pops.iter().map(|operand| operand.ty()).collect()
    }

    /// The types that the instruction pushes, if they are always the same.
    pub fn results(&self) -> Option<Vec<ValType>> {
        self.pushes.iter().map(|operand| operand.ty()).collect()
    }

    /// The change of the operand stack's height, not counting [`Operand::Several`].
    pub fn delta(&self) -> i64 {
        let count = |operands: &[Operand]| operands.iter().filter(|operand| **operand != Operand::Several).count() as i64;
        count(self.pushes) - count(self.pops)
    }

    /// Whether the instruction loads from memory or stores to memory.
    pub fn accesses(&self) -> bool {
        self.immediate == Immediate::Offset
    }

    /// Whether the instruction names a table.
    pub fn uses_table(&self) -> bool {
        matches!(self.immediate, Immediate::Indirect | Immediate::Table | Immediate::Tables | Immediate::Init)
    }

    /// Whether the instruction needs a memory.
    pub fn uses_memory(&self) -> bool {
        matches!(self.immediate, Immediate::Offset | Immediate::Memory)
    }

    /// The low bytes of a value that the instruction works on, extended to 64 bits with their sign or with
    /// zeros.
    pub fn extended(&self, bits: u64) -> u64 {
        let unused = if self.bytes == 0 { 0 } else { u64::BITS - 8 * self.bytes };
        if self.signed { ((bits << unused) as i64 >> unused) as u64 } else { bits << unused >> unused }
    }
}

impl Op {
    /// This instruction's row of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The core instruction with an opcode, given as in [`Row::opcode`].
    pub fn from_opcode(opcode: u16) -> Option<Op> {
        TABLE.iter().find(|row| row.opcode == opcode && !row.op.is_host()).map(|row| row.op)
    }

    /// The instruction for a call of the function with this name of module `host`.
    pub fn from_host(name: &str) -> Option<Op> {
        TABLE.iter().find(|row| row.op.is_host() && row.mnemonic.strip_prefix("host.") == Some(name)).map(|row| row.op)
    }

    /// Whether the instruction is not a core instruction, but a call of the host or a placeholder for a
    /// refused instruction.
    pub fn is_host(self) -> bool {
        matches!(self, Op::Output | Op::Error | Op::Input | Op::Poll | Op::Send | Op::Receive | Op::Exit | Op::Refused)
    }

    /// The number of bytes of memory that the instruction reads or writes; 0 if it does not access memory.
    pub fn access_width(self) -> u32 {
        if self.row().accesses() { self.row().bytes } else { 0 }
    }

    /// Whether the result of a division is the remainder; `None` for an instruction that is not a division.
    pub fn gives_remainder(self) -> Option<bool> {
        match self {
            Op::I32DivS | Op::I32DivU | Op::I64DivS | Op::I64DivU => Some(false),
            Op::I32RemS | Op::I32RemU | Op::I64RemS | Op::I64RemU => Some(true),
            _ => None,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().mnemonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_are_distinct_and_found() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.opcode == row.opcode).count(), 1, "{}", row.mnemonic);
            assert_eq!(row.op.row().mnemonic, row.mnemonic);
            assert_eq!(Op::from_opcode(row.opcode).is_none(), row.op.is_host(), "{}", row.mnemonic);
        }
        assert_eq!(Op::from_host("output"), Some(Op::Output));
        assert_eq!(Op::from_host("halt"), None);
    }

    #[test]
    fn rows_say_what_their_names_say() {
        for row in TABLE {
            let mnemonic = row.mnemonic;
            assert_eq!(row.signed, mnemonic.ends_with("_s"), "{mnemonic}");
            assert_eq!(row.accesses(), mnemonic.contains("load") || mnemonic.contains("store"), "{mnemonic}");
            let bits = ["load", "store", "extend"].iter().find_map(|verb| {
                let digits = mnemonic.split_once(verb)?.1.trim_end_matches("_s").trim_end_matches("_u");
                Some(digits.trim_start_matches("_i").parse().unwrap_or(if mnemonic[1..].starts_with("64") { 64 } else { 32 }))
            });
            let bits = if row.op == Op::I32WrapI64 { Some(32) } else { bits };
            assert_eq!(row.bytes * 8, bits.unwrap_or(0), "{mnemonic}");
        }
    }

    #[test]
    fn what_is_written_comes_from_the_stack() {
        for row in TABLE {
            let mnemonic = row.mnemonic;
            match row.writes {
                Writes::Pushed => assert!(matches!(row.pushes, [value] if *value != Operand::Several), "{mnemonic}"),
                Writes::Local => assert_eq!((row.immediate, row.pops), (Immediate::Local, &[Operand::Named][..]), "{mnemonic}"),
                Writes::Global => assert_eq!((row.immediate, row.pops), (Immediate::Global, &[Operand::Named][..]), "{mnemonic}"),
                Writes::Memory => assert!(row.accesses() && matches!(row.pops, [Operand::I32, Operand::Is(_)]), "{mnemonic}"),
                Writes::Table => assert_eq!((row.immediate, row.pops), (Immediate::Table, &[Operand::I32, Operand::Any][..]), "{mnemonic}"),
                Writes::Output | Writes::Error | Writes::Request => assert_eq!(row.pops, [Operand::I32], "{mnemonic}"),
                Writes::Nothing => assert!(row.pushes.iter().all(|operand| *operand == Operand::Several), "{mnemonic}"),
            }
        }
    }

    #[test]
    fn low_bytes_are_extended() {
        assert_eq!(Op::I64Load8S.row().extended(0x1ff), u64::MAX);
        assert_eq!(Op::I64Load8U.row().extended(0x1ff), 0xff);
        assert_eq!(Op::I32Load16S.row().extended(0x7fff), 0x7fff);
        assert_eq!(Op::I64ExtendI32S.row().extended(1 << 31), (-1i64 << 31) as u64);
        assert_eq!(Op::I64Load.row().extended(u64::MAX), u64::MAX);
    }
}
