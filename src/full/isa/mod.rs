//! The table of the full profile's instructions: every integer instruction of WebAssembly 1.0, and sign-extension.
//!
//! A row says how the instruction is spelled, its opcode, what its immediate is, and its type. Only what takes a step
//! has a row: `block`, `loop` and `end` are resolved into branch targets when a module is read.

mod trap;

use std::fmt;

pub use trap::Trap;

/// The type of a value. No instruction of the table makes a float, but functions and locals may be typed so in code
/// that is never reached: see [`Op::Refused`].
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
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
        })
    }
}

/// What an instruction's immediate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Immediate {
    /// There is none.
    None,
    /// A 32-bit constant.
    I32,
    /// A 64-bit constant.
    I64,
    /// The index of a local.
    Local,
    /// The index of a global.
    Global,
    /// The offset of a memory access.
    Memory,
    /// The index of a function.
    Function,
    /// The index of a function type.
    Type,
    /// A branch target.
    Label,
    /// A run of branch targets.
    Labels,
    /// What is refused.
    Refusal,
}

/// What an instruction pops and pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Always these operands (the last on top) and this result.
    Fixed(&'static [ValType], Option<ValType>),
    /// What its immediate, or the operands it meets, say.
    Polymorphic,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The instruction.
    pub op: Op,
    /// Its spelling in listings, traces and reports.
    pub mnemonic: &'static str,
    /// WebAssembly's opcode; for the host's functions, a byte that WebAssembly leaves unassigned.
    pub opcode: u8,
    /// What its immediate is.
    pub immediate: Immediate,
    /// What it pops and pushes.
    pub signature: Signature,
    /// One line of meaning.
    pub meaning: &'static str,
}

macro_rules! instructions {
    ($($op:ident $mnemonic:literal $opcode:literal $immediate:ident, $signature:expr, $meaning:literal;)*) => {
        /// An instruction of the full profile.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op {
            $(#[doc = concat!("`", $mnemonic, "`: ", $meaning)] $op,)*
        }

        /// The table, in the order of [`Op`].
        pub const TABLE: &[Row] = &[
            $(Row {
                op: Op::$op, mnemonic: $mnemonic, opcode: $opcode, immediate: Immediate::$immediate,
                signature: $signature, meaning: $meaning,
            },)*
        ];
    };
}

use Signature::{Fixed, Polymorphic};
use ValType::{I32, I64};

instructions! {
    Unreachable "unreachable" 0x00 None, Fixed(&[], None), "trap";
    Nop "nop" 0x01 None, Fixed(&[], None), "do nothing";
    If "if" 0x04 Label, Fixed(&[I32], None), "pop; if 0, jump past the first arm";
    Else "else" 0x05 Label, Fixed(&[], None), "the first arm ends here: jump past the second";
    Br "br" 0x0c Label, Polymorphic, "jump, unwinding the operand stack";
    BrIf "br_if" 0x0d Label, Polymorphic, "pop; if not 0, jump, unwinding the operand stack";
    BrTable "br_table" 0x0e Labels, Polymorphic, "pop i; jump to the i-th target, or to the last where there is none";
    Return "return" 0x0f None, Polymorphic, "leave the function with its results (`return`, or the end of its body)";
    Call "call" 0x10 Function, Polymorphic, "call a function with its arguments";
    CallIndirect "call_indirect" 0x11 Type, Polymorphic, "pop i; call the function in the i-th place of the table";
    Drop "drop" 0x1a None, Polymorphic, "pop";
    Select "select" 0x1b None, Polymorphic, "pop c, b, a; push a if c is not 0, else b";
    LocalGet "local.get" 0x20 Local, Polymorphic, "push a local";
    LocalSet "local.set" 0x21 Local, Polymorphic, "pop into a local";
    LocalTee "local.tee" 0x22 Local, Polymorphic, "copy top into a local";
    GlobalGet "global.get" 0x23 Global, Polymorphic, "push a global";
    GlobalSet "global.set" 0x24 Global, Polymorphic, "pop into a global";
    I32Load "i32.load" 0x28 Memory, Fixed(&[I32], Some(I32)), "push four bytes from address top + offset";
    I64Load "i64.load" 0x29 Memory, Fixed(&[I32], Some(I64)), "push eight bytes from address top + offset";
    I32Load8S "i32.load8_s" 0x2c Memory, Fixed(&[I32], Some(I32)), "push a byte, sign-extended from address top + offset";
    I32Load8U "i32.load8_u" 0x2d Memory, Fixed(&[I32], Some(I32)), "push a byte from address top + offset";
    I32Load16S "i32.load16_s" 0x2e Memory, Fixed(&[I32], Some(I32)), "push two bytes, sign-extended from address top + offset";
    I32Load16U "i32.load16_u" 0x2f Memory, Fixed(&[I32], Some(I32)), "push two bytes from address top + offset";
    I64Load8S "i64.load8_s" 0x30 Memory, Fixed(&[I32], Some(I64)), "push a byte, sign-extended from address top + offset";
    I64Load8U "i64.load8_u" 0x31 Memory, Fixed(&[I32], Some(I64)), "push a byte from address top + offset";
    I64Load16S "i64.load16_s" 0x32 Memory, Fixed(&[I32], Some(I64)), "push two bytes, sign-extended from address top + offset";
    I64Load16U "i64.load16_u" 0x33 Memory, Fixed(&[I32], Some(I64)), "push two bytes from address top + offset";
    I64Load32S "i64.load32_s" 0x34 Memory, Fixed(&[I32], Some(I64)), "push four bytes, sign-extended from address top + offset";
    I64Load32U "i64.load32_u" 0x35 Memory, Fixed(&[I32], Some(I64)), "push four bytes from address top + offset";
    I32Store "i32.store" 0x36 Memory, Fixed(&[I32, I32], None), "store four bytes of top at address second + offset";
    I64Store "i64.store" 0x37 Memory, Fixed(&[I32, I64], None), "store eight bytes of top at address second + offset";
    I32Store8 "i32.store8" 0x3a Memory, Fixed(&[I32, I32], None), "store the low byte of top at address second + offset";
    I32Store16 "i32.store16" 0x3b Memory, Fixed(&[I32, I32], None), "store the low two bytes of top at address second + offset";
    I64Store8 "i64.store8" 0x3c Memory, Fixed(&[I32, I64], None), "store the low byte of top at address second + offset";
    I64Store16 "i64.store16" 0x3d Memory, Fixed(&[I32, I64], None), "store the low two bytes of top at address second + offset";
    I64Store32 "i64.store32" 0x3e Memory, Fixed(&[I32, I64], None), "store the low four bytes of top at address second + offset";
    MemorySize "memory.size" 0x3f None, Fixed(&[], Some(I32)), "push the memory's length in pages";
    MemoryGrow "memory.grow" 0x40 None, Fixed(&[I32], Some(I32)), "grow by top pages; push the old length, or -1 if it cannot";
    I32Const "i32.const" 0x41 I32, Fixed(&[], Some(I32)), "push the immediate";
    I64Const "i64.const" 0x42 I64, Fixed(&[], Some(I64)), "push the immediate";
    I32Eqz "i32.eqz" 0x45 None, Fixed(&[I32], Some(I32)), "1 if top = 0, else 0";
    I32Eq "i32.eq" 0x46 None, Fixed(&[I32, I32], Some(I32)), "1 if second = top, else 0";
    I32Ne "i32.ne" 0x47 None, Fixed(&[I32, I32], Some(I32)), "1 if second ≠ top, else 0";
    I32LtS "i32.lt_s" 0x48 None, Fixed(&[I32, I32], Some(I32)), "1 if second < top, signed, else 0";
    I32LtU "i32.lt_u" 0x49 None, Fixed(&[I32, I32], Some(I32)), "1 if second < top, else 0";
    I32GtS "i32.gt_s" 0x4a None, Fixed(&[I32, I32], Some(I32)), "1 if second > top, signed, else 0";
    I32GtU "i32.gt_u" 0x4b None, Fixed(&[I32, I32], Some(I32)), "1 if second > top, else 0";
    I32LeS "i32.le_s" 0x4c None, Fixed(&[I32, I32], Some(I32)), "1 if second ≤ top, signed, else 0";
    I32LeU "i32.le_u" 0x4d None, Fixed(&[I32, I32], Some(I32)), "1 if second ≤ top, else 0";
    I32GeS "i32.ge_s" 0x4e None, Fixed(&[I32, I32], Some(I32)), "1 if second ≥ top, signed, else 0";
    I32GeU "i32.ge_u" 0x4f None, Fixed(&[I32, I32], Some(I32)), "1 if second ≥ top, else 0";
    I64Eqz "i64.eqz" 0x50 None, Fixed(&[I64], Some(I32)), "1 if top = 0, else 0";
    I64Eq "i64.eq" 0x51 None, Fixed(&[I64, I64], Some(I32)), "1 if second = top, else 0";
    I64Ne "i64.ne" 0x52 None, Fixed(&[I64, I64], Some(I32)), "1 if second ≠ top, else 0";
    I64LtS "i64.lt_s" 0x53 None, Fixed(&[I64, I64], Some(I32)), "1 if second < top, signed, else 0";
    I64LtU "i64.lt_u" 0x54 None, Fixed(&[I64, I64], Some(I32)), "1 if second < top, else 0";
    I64GtS "i64.gt_s" 0x55 None, Fixed(&[I64, I64], Some(I32)), "1 if second > top, signed, else 0";
    I64GtU "i64.gt_u" 0x56 None, Fixed(&[I64, I64], Some(I32)), "1 if second > top, else 0";
    I64LeS "i64.le_s" 0x57 None, Fixed(&[I64, I64], Some(I32)), "1 if second ≤ top, signed, else 0";
    I64LeU "i64.le_u" 0x58 None, Fixed(&[I64, I64], Some(I32)), "1 if second ≤ top, else 0";
    I64GeS "i64.ge_s" 0x59 None, Fixed(&[I64, I64], Some(I32)), "1 if second ≥ top, signed, else 0";
    I64GeU "i64.ge_u" 0x5a None, Fixed(&[I64, I64], Some(I32)), "1 if second ≥ top, else 0";
    I32Clz "i32.clz" 0x67 None, Fixed(&[I32], Some(I32)), "leading zero bits";
    I32Ctz "i32.ctz" 0x68 None, Fixed(&[I32], Some(I32)), "trailing zero bits";
    I32Popcnt "i32.popcnt" 0x69 None, Fixed(&[I32], Some(I32)), "bits that are 1";
    I32Add "i32.add" 0x6a None, Fixed(&[I32, I32], Some(I32)), "second + top";
    I32Sub "i32.sub" 0x6b None, Fixed(&[I32, I32], Some(I32)), "second - top";
    I32Mul "i32.mul" 0x6c None, Fixed(&[I32, I32], Some(I32)), "second * top";
    I32DivS "i32.div_s" 0x6d None, Fixed(&[I32, I32], Some(I32)), "second / top, signed, towards 0";
    I32DivU "i32.div_u" 0x6e None, Fixed(&[I32, I32], Some(I32)), "second / top";
    I32RemS "i32.rem_s" 0x6f None, Fixed(&[I32, I32], Some(I32)), "remainder of second / top, with the sign of second";
    I32RemU "i32.rem_u" 0x70 None, Fixed(&[I32, I32], Some(I32)), "remainder of second / top";
    I32And "i32.and" 0x71 None, Fixed(&[I32, I32], Some(I32)), "bitwise and";
    I32Or "i32.or" 0x72 None, Fixed(&[I32, I32], Some(I32)), "bitwise or";
    I32Xor "i32.xor" 0x73 None, Fixed(&[I32, I32], Some(I32)), "bitwise exclusive or";
    I32Shl "i32.shl" 0x74 None, Fixed(&[I32, I32], Some(I32)), "second shifted left by top";
    I32ShrS "i32.shr_s" 0x75 None, Fixed(&[I32, I32], Some(I32)), "second shifted right by top, copying the sign";
    I32ShrU "i32.shr_u" 0x76 None, Fixed(&[I32, I32], Some(I32)), "second shifted right by top";
    I32Rotl "i32.rotl" 0x77 None, Fixed(&[I32, I32], Some(I32)), "second rotated left by top";
    I32Rotr "i32.rotr" 0x78 None, Fixed(&[I32, I32], Some(I32)), "second rotated right by top";
    I64Clz "i64.clz" 0x79 None, Fixed(&[I64], Some(I64)), "leading zero bits";
    I64Ctz "i64.ctz" 0x7a None, Fixed(&[I64], Some(I64)), "trailing zero bits";
    I64Popcnt "i64.popcnt" 0x7b None, Fixed(&[I64], Some(I64)), "bits that are 1";
    I64Add "i64.add" 0x7c None, Fixed(&[I64, I64], Some(I64)), "second + top";
    I64Sub "i64.sub" 0x7d None, Fixed(&[I64, I64], Some(I64)), "second - top";
    I64Mul "i64.mul" 0x7e None, Fixed(&[I64, I64], Some(I64)), "second * top";
    I64DivS "i64.div_s" 0x7f None, Fixed(&[I64, I64], Some(I64)), "second / top, signed, towards 0";
    I64DivU "i64.div_u" 0x80 None, Fixed(&[I64, I64], Some(I64)), "second / top";
    I64RemS "i64.rem_s" 0x81 None, Fixed(&[I64, I64], Some(I64)), "remainder of second / top, with the sign of second";
    I64RemU "i64.rem_u" 0x82 None, Fixed(&[I64, I64], Some(I64)), "remainder of second / top";
    I64And "i64.and" 0x83 None, Fixed(&[I64, I64], Some(I64)), "bitwise and";
    I64Or "i64.or" 0x84 None, Fixed(&[I64, I64], Some(I64)), "bitwise or";
    I64Xor "i64.xor" 0x85 None, Fixed(&[I64, I64], Some(I64)), "bitwise exclusive or";
    I64Shl "i64.shl" 0x86 None, Fixed(&[I64, I64], Some(I64)), "second shifted left by top";
    I64ShrS "i64.shr_s" 0x87 None, Fixed(&[I64, I64], Some(I64)), "second shifted right by top, copying the sign";
    I64ShrU "i64.shr_u" 0x88 None, Fixed(&[I64, I64], Some(I64)), "second shifted right by top";
    I64Rotl "i64.rotl" 0x89 None, Fixed(&[I64, I64], Some(I64)), "second rotated left by top";
    I64Rotr "i64.rotr" 0x8a None, Fixed(&[I64, I64], Some(I64)), "second rotated right by top";
    I32WrapI64 "i32.wrap_i64" 0xa7 None, Fixed(&[I64], Some(I32)), "the low 32 bits";
    I64ExtendI32S "i64.extend_i32_s" 0xac None, Fixed(&[I32], Some(I64)), "the same number, signed";
    I64ExtendI32U "i64.extend_i32_u" 0xad None, Fixed(&[I32], Some(I64)), "the same number, unsigned";
    I32Extend8S "i32.extend8_s" 0xc0 None, Fixed(&[I32], Some(I32)), "the low byte, sign-extended";
    I32Extend16S "i32.extend16_s" 0xc1 None, Fixed(&[I32], Some(I32)), "the low two bytes, sign-extended";
    I64Extend8S "i64.extend8_s" 0xc2 None, Fixed(&[I64], Some(I64)), "the low byte, sign-extended";
    I64Extend16S "i64.extend16_s" 0xc3 None, Fixed(&[I64], Some(I64)), "the low two bytes, sign-extended";
    I64Extend32S "i64.extend32_s" 0xc4 None, Fixed(&[I64], Some(I64)), "the low four bytes, sign-extended";
    Output "host.output" 0xf8 None, Fixed(&[I32], None), "pop, and output the low byte";
    Input "host.input" 0xf9 None, Fixed(&[], Some(I32)), "push the next byte of the input, or -1 at its end";
    Poll "host.poll" 0xfc None, Fixed(&[], Some(I32)), "push the next byte of the input, -1 at its end, or -2 where it would have to be waited for";
    Error "host.error" 0xfb None, Fixed(&[I32], None), "pop, and output the low byte as an error message's";
    Exit "host.exit" 0xfa None, Fixed(&[I32], None), "pop, and end the program with the low byte as its status";
    Refused "refused" 0xff Refusal, Fixed(&[], None), "end the run: an instruction stands here that the profile does not have";
}

impl Op {
    /// This instruction's row of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The core instruction of an opcode.
    pub fn from_opcode(opcode: u8) -> Option<Op> {
        TABLE.iter().find(|row| row.opcode == opcode && !row.op.is_host()).map(|row| row.op)
    }

    /// The instruction that a call of this function of the module `host` is.
    pub fn from_host(name: &str) -> Option<Op> {
        TABLE.iter().find(|row| row.op.is_host() && row.mnemonic.strip_prefix("host.") == Some(name)).map(|row| row.op)
    }

    /// Whether it is no core instruction but a call of the host, or stands for what is refused.
    pub fn is_host(self) -> bool {
        matches!(self, Op::Output | Op::Error | Op::Input | Op::Poll | Op::Exit | Op::Refused)
    }

    /// The bytes of memory that it reads or writes; 0 if none.
    pub fn access_width(self) -> u32 {
        match self {
            Op::I32Load8S | Op::I32Load8U | Op::I64Load8S | Op::I64Load8U | Op::I32Store8 | Op::I64Store8 => 1,
            Op::I32Load16S | Op::I32Load16U | Op::I64Load16S | Op::I64Load16U | Op::I32Store16 | Op::I64Store16 => 2,
            Op::I32Load | Op::I64Load32S | Op::I64Load32U | Op::I32Store | Op::I64Store32 => 4,
            Op::I64Load | Op::I64Store => 8,
            _ => 0,
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
    fn accesses_are_those_with_an_offset() {
        for row in TABLE {
            assert_eq!(row.op.access_width() > 0, row.immediate == Immediate::Memory, "{}", row.mnemonic);
        }
    }
}
