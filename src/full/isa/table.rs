//! The rows. After the opcode, a row lists: the immediate, the types popped and pushed, what the step writes,
//! `signed` if the instruction works on signed numbers, and the number of low bytes that the instruction
//! works on, if not on all.

use super::{Immediate, Operand, Row, Writes};

macro_rules! signed {
    () => {
        false
    };
    (signed) => {
        true
    };
}

macro_rules! instructions {
    ($($op:ident $mnemonic:literal $opcode:literal $immediate:ident, [$($pop:ident)*] -> [$($push:ident)*],
       $writes:ident $($signed:ident)? $($bytes:literal)?, $meaning:literal;)*) => {
        /// An instruction of the full profile.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op {
            $(#[doc = concat!("`", $mnemonic, "`: ", $meaning)] $op,)*
        }

        /// The table, in the order of [`Op`].
        pub const TABLE: &[Row] = &[
            $(Row {
                op: Op::$op, mnemonic: $mnemonic, opcode: $opcode, immediate: Immediate::$immediate,
                pops: &[$(Operand::$pop),*], pushes: &[$(Operand::$push),*], writes: Writes::$writes,
                signed: signed!($($signed)?), bytes: 0 $(+ $bytes)?, meaning: $meaning,
            },)*
        ];
    };
}

instructions! {
    Unreachable "unreachable" 0x00 None, [] -> [], Nothing, "trap";
    Nop "nop" 0x01 None, [] -> [], Nothing, "do nothing";
    If "if" 0x04 Label, [I32] -> [], Nothing, "pop; if 0, jump past the first arm";
    Else "else" 0x05 Label, [] -> [], Nothing, "the first arm ends here: jump past the second";
    Br "br" 0x0c Label, [Several] -> [], Nothing, "jump, unwinding the operand stack";
    BrIf "br_if" 0x0d Label, [Several I32] -> [Several], Nothing, "pop; if not 0, jump, unwinding the operand stack";
    BrTable "br_table" 0x0e Labels, [Several I32] -> [], Nothing, "pop i; jump to the i-th target, or to the last where there is none";
    Return "return" 0x0f None, [Several] -> [], Nothing, "leave the function with its results (`return`, or the end of its body)";
    Call "call" 0x10 Function, [Several] -> [Several], Nothing, "call a function with its arguments";
    CallIndirect "call_indirect" 0x11 Indirect, [Several I32] -> [Several], Nothing, "pop i; call the function in the i-th place of the table";
    Drop "drop" 0x1a None, [Any] -> [], Nothing, "pop";
    Select "select" 0x1b None, [Any Any I32] -> [Any], Pushed, "pop c, b, a; push a if c is not 0, else b";
    LocalGet "local.get" 0x20 Local, [] -> [Named], Pushed, "push a local";
    LocalSet "local.set" 0x21 Local, [Named] -> [], Local, "pop into a local";
    LocalTee "local.tee" 0x22 Local, [Named] -> [Named], Local, "copy top into a local";
    GlobalGet "global.get" 0x23 Global, [] -> [Named], Pushed, "push a global";
    GlobalSet "global.set" 0x24 Global, [Named] -> [], Global, "pop into a global";
    TableGet "table.get" 0x25 Table, [I32] -> [Any], Pushed, "pop i; push the reference in the i-th place of the table";
    TableSet "table.set" 0x26 Table, [I32 Any] -> [], Table, "pop a reference and i; put the reference into the i-th place of the table";
    I32Load "i32.load" 0x28 Offset, [I32] -> [I32], Pushed 4, "push four bytes from address top + offset";
    I64Load "i64.load" 0x29 Offset, [I32] -> [I64], Pushed 8, "push eight bytes from address top + offset";
    F32Load "f32.load" 0x2a Offset, [I32] -> [F32], Pushed 4, "push four bytes from address top + offset";
    F64Load "f64.load" 0x2b Offset, [I32] -> [F64], Pushed 8, "push eight bytes from address top + offset";
    I32Load8S "i32.load8_s" 0x2c Offset, [I32] -> [I32], Pushed signed 1, "push a byte, sign-extended from address top + offset";
    I32Load8U "i32.load8_u" 0x2d Offset, [I32] -> [I32], Pushed 1, "push a byte from address top + offset";
    I32Load16S "i32.load16_s" 0x2e Offset, [I32] -> [I32], Pushed signed 2, "push two bytes, sign-extended from address top + offset";
    I32Load16U "i32.load16_u" 0x2f Offset, [I32] -> [I32], Pushed 2, "push two bytes from address top + offset";
    I64Load8S "i64.load8_s" 0x30 Offset, [I32] -> [I64], Pushed signed 1, "push a byte, sign-extended from address top + offset";
    I64Load8U "i64.load8_u" 0x31 Offset, [I32] -> [I64], Pushed 1, "push a byte from address top + offset";
    I64Load16S "i64.load16_s" 0x32 Offset, [I32] -> [I64], Pushed signed 2, "push two bytes, sign-extended from address top + offset";
    I64Load16U "i64.load16_u" 0x33 Offset, [I32] -> [I64], Pushed 2, "push two bytes from address top + offset";
    I64Load32S "i64.load32_s" 0x34 Offset, [I32] -> [I64], Pushed signed 4, "push four bytes, sign-extended from address top + offset";
    I64Load32U "i64.load32_u" 0x35 Offset, [I32] -> [I64], Pushed 4, "push four bytes from address top + offset";
    I32Store "i32.store" 0x36 Offset, [I32 I32] -> [], Memory 4, "store four bytes of top at address second + offset";
    I64Store "i64.store" 0x37 Offset, [I32 I64] -> [], Memory 8, "store eight bytes of top at address second + offset";
    F32Store "f32.store" 0x38 Offset, [I32 F32] -> [], Memory 4, "store four bytes of top at address second + offset";
    F64Store "f64.store" 0x39 Offset, [I32 F64] -> [], Memory 8, "store eight bytes of top at address second + offset";
    I32Store8 "i32.store8" 0x3a Offset, [I32 I32] -> [], Memory 1, "store the low byte of top at address second + offset";
    I32Store16 "i32.store16" 0x3b Offset, [I32 I32] -> [], Memory 2, "store the low two bytes of top at address second + offset";
    I64Store8 "i64.store8" 0x3c Offset, [I32 I64] -> [], Memory 1, "store the low byte of top at address second + offset";
    I64Store16 "i64.store16" 0x3d Offset, [I32 I64] -> [], Memory 2, "store the low two bytes of top at address second + offset";
    I64Store32 "i64.store32" 0x3e Offset, [I32 I64] -> [], Memory 4, "store the low four bytes of top at address second + offset";
    MemorySize "memory.size" 0x3f Memory, [] -> [I32], Pushed, "push the memory's length in pages";
    MemoryGrow "memory.grow" 0x40 Memory, [I32] -> [I32], Pushed, "grow by top pages; push the old length, or -1 if it cannot";
    I32Const "i32.const" 0x41 I32, [] -> [I32], Pushed, "push the immediate";
    I64Const "i64.const" 0x42 I64, [] -> [I64], Pushed, "push the immediate";
    F32Const "f32.const" 0x43 F32, [] -> [F32], Pushed, "push the immediate";
    F64Const "f64.const" 0x44 F64, [] -> [F64], Pushed, "push the immediate";
    I32Eqz "i32.eqz" 0x45 None, [I32] -> [I32], Pushed, "1 if top = 0, else 0";
    I32Eq "i32.eq" 0x46 None, [I32 I32] -> [I32], Pushed, "1 if second = top, else 0";
    I32Ne "i32.ne" 0x47 None, [I32 I32] -> [I32], Pushed, "1 if second ≠ top, else 0";
    I32LtS "i32.lt_s" 0x48 None, [I32 I32] -> [I32], Pushed signed, "1 if second < top, signed, else 0";
    I32LtU "i32.lt_u" 0x49 None, [I32 I32] -> [I32], Pushed, "1 if second < top, else 0";
    I32GtS "i32.gt_s" 0x4a None, [I32 I32] -> [I32], Pushed signed, "1 if second > top, signed, else 0";
    I32GtU "i32.gt_u" 0x4b None, [I32 I32] -> [I32], Pushed, "1 if second > top, else 0";
    I32LeS "i32.le_s" 0x4c None, [I32 I32] -> [I32], Pushed signed, "1 if second ≤ top, signed, else 0";
    I32LeU "i32.le_u" 0x4d None, [I32 I32] -> [I32], Pushed, "1 if second ≤ top, else 0";
    I32GeS "i32.ge_s" 0x4e None, [I32 I32] -> [I32], Pushed signed, "1 if second ≥ top, signed, else 0";
    I32GeU "i32.ge_u" 0x4f None, [I32 I32] -> [I32], Pushed, "1 if second ≥ top, else 0";
    I64Eqz "i64.eqz" 0x50 None, [I64] -> [I32], Pushed, "1 if top = 0, else 0";
    I64Eq "i64.eq" 0x51 None, [I64 I64] -> [I32], Pushed, "1 if second = top, else 0";
    I64Ne "i64.ne" 0x52 None, [I64 I64] -> [I32], Pushed, "1 if second ≠ top, else 0";
    I64LtS "i64.lt_s" 0x53 None, [I64 I64] -> [I32], Pushed signed, "1 if second < top, signed, else 0";
    I64LtU "i64.lt_u" 0x54 None, [I64 I64] -> [I32], Pushed, "1 if second < top, else 0";
    I64GtS "i64.gt_s" 0x55 None, [I64 I64] -> [I32], Pushed signed, "1 if second > top, signed, else 0";
    I64GtU "i64.gt_u" 0x56 None, [I64 I64] -> [I32], Pushed, "1 if second > top, else 0";
    I64LeS "i64.le_s" 0x57 None, [I64 I64] -> [I32], Pushed signed, "1 if second ≤ top, signed, else 0";
    I64LeU "i64.le_u" 0x58 None, [I64 I64] -> [I32], Pushed, "1 if second ≤ top, else 0";
    I64GeS "i64.ge_s" 0x59 None, [I64 I64] -> [I32], Pushed signed, "1 if second ≥ top, signed, else 0";
    I64GeU "i64.ge_u" 0x5a None, [I64 I64] -> [I32], Pushed, "1 if second ≥ top, else 0";
    F32Eq "f32.eq" 0x5b None, [F32 F32] -> [I32], Pushed, "1 if second = top, else 0";
    F32Ne "f32.ne" 0x5c None, [F32 F32] -> [I32], Pushed, "1 if second ≠ top or either is a NaN, else 0";
    F32Lt "f32.lt" 0x5d None, [F32 F32] -> [I32], Pushed, "1 if second < top, else 0";
    F32Gt "f32.gt" 0x5e None, [F32 F32] -> [I32], Pushed, "1 if second > top, else 0";
    F32Le "f32.le" 0x5f None, [F32 F32] -> [I32], Pushed, "1 if second ≤ top, else 0";
    F32Ge "f32.ge" 0x60 None, [F32 F32] -> [I32], Pushed, "1 if second ≥ top, else 0";
    F64Eq "f64.eq" 0x61 None, [F64 F64] -> [I32], Pushed, "1 if second = top, else 0";
    F64Ne "f64.ne" 0x62 None, [F64 F64] -> [I32], Pushed, "1 if second ≠ top or either is a NaN, else 0";
    F64Lt "f64.lt" 0x63 None, [F64 F64] -> [I32], Pushed, "1 if second < top, else 0";
    F64Gt "f64.gt" 0x64 None, [F64 F64] -> [I32], Pushed, "1 if second > top, else 0";
    F64Le "f64.le" 0x65 None, [F64 F64] -> [I32], Pushed, "1 if second ≤ top, else 0";
    F64Ge "f64.ge" 0x66 None, [F64 F64] -> [I32], Pushed, "1 if second ≥ top, else 0";
    I32Clz "i32.clz" 0x67 None, [I32] -> [I32], Pushed, "leading zero bits";
    I32Ctz "i32.ctz" 0x68 None, [I32] -> [I32], Pushed, "trailing zero bits";
    I32Popcnt "i32.popcnt" 0x69 None, [I32] -> [I32], Pushed, "bits that are 1";
    I32Add "i32.add" 0x6a None, [I32 I32] -> [I32], Pushed, "second + top";
    I32Sub "i32.sub" 0x6b None, [I32 I32] -> [I32], Pushed, "second - top";
    I32Mul "i32.mul" 0x6c None, [I32 I32] -> [I32], Pushed, "second * top";
    I32DivS "i32.div_s" 0x6d None, [I32 I32] -> [I32], Pushed signed, "second / top, signed, towards 0";
    I32DivU "i32.div_u" 0x6e None, [I32 I32] -> [I32], Pushed, "second / top";
    I32RemS "i32.rem_s" 0x6f None, [I32 I32] -> [I32], Pushed signed, "remainder of second / top, with the sign of second";
    I32RemU "i32.rem_u" 0x70 None, [I32 I32] -> [I32], Pushed, "remainder of second / top";
    I32And "i32.and" 0x71 None, [I32 I32] -> [I32], Pushed, "bitwise and";
    I32Or "i32.or" 0x72 None, [I32 I32] -> [I32], Pushed, "bitwise or";
    I32Xor "i32.xor" 0x73 None, [I32 I32] -> [I32], Pushed, "bitwise exclusive or";
    I32Shl "i32.shl" 0x74 None, [I32 I32] -> [I32], Pushed, "second shifted left by top";
    I32ShrS "i32.shr_s" 0x75 None, [I32 I32] -> [I32], Pushed signed, "second shifted right by top, copying the sign";
    I32ShrU "i32.shr_u" 0x76 None, [I32 I32] -> [I32], Pushed, "second shifted right by top";
    I32Rotl "i32.rotl" 0x77 None, [I32 I32] -> [I32], Pushed, "second rotated left by top";
    I32Rotr "i32.rotr" 0x78 None, [I32 I32] -> [I32], Pushed, "second rotated right by top";
    I64Clz "i64.clz" 0x79 None, [I64] -> [I64], Pushed, "leading zero bits";
    I64Ctz "i64.ctz" 0x7a None, [I64] -> [I64], Pushed, "trailing zero bits";
    I64Popcnt "i64.popcnt" 0x7b None, [I64] -> [I64], Pushed, "bits that are 1";
    I64Add "i64.add" 0x7c None, [I64 I64] -> [I64], Pushed, "second + top";
    I64Sub "i64.sub" 0x7d None, [I64 I64] -> [I64], Pushed, "second - top";
    I64Mul "i64.mul" 0x7e None, [I64 I64] -> [I64], Pushed, "second * top";
    I64DivS "i64.div_s" 0x7f None, [I64 I64] -> [I64], Pushed signed, "second / top, signed, towards 0";
    I64DivU "i64.div_u" 0x80 None, [I64 I64] -> [I64], Pushed, "second / top";
    I64RemS "i64.rem_s" 0x81 None, [I64 I64] -> [I64], Pushed signed, "remainder of second / top, with the sign of second";
    I64RemU "i64.rem_u" 0x82 None, [I64 I64] -> [I64], Pushed, "remainder of second / top";
    I64And "i64.and" 0x83 None, [I64 I64] -> [I64], Pushed, "bitwise and";
    I64Or "i64.or" 0x84 None, [I64 I64] -> [I64], Pushed, "bitwise or";
    I64Xor "i64.xor" 0x85 None, [I64 I64] -> [I64], Pushed, "bitwise exclusive or";
    I64Shl "i64.shl" 0x86 None, [I64 I64] -> [I64], Pushed, "second shifted left by top";
    I64ShrS "i64.shr_s" 0x87 None, [I64 I64] -> [I64], Pushed signed, "second shifted right by top, copying the sign";
    I64ShrU "i64.shr_u" 0x88 None, [I64 I64] -> [I64], Pushed, "second shifted right by top";
    I64Rotl "i64.rotl" 0x89 None, [I64 I64] -> [I64], Pushed, "second rotated left by top";
    I64Rotr "i64.rotr" 0x8a None, [I64 I64] -> [I64], Pushed, "second rotated right by top";
    F32Abs "f32.abs" 0x8b None, [F32] -> [F32], Pushed, "the magnitude of top";
    F32Neg "f32.neg" 0x8c None, [F32] -> [F32], Pushed, "top with the other sign";
    F32Ceil "f32.ceil" 0x8d None, [F32] -> [F32], Pushed, "top rounded up to an integer";
    F32Floor "f32.floor" 0x8e None, [F32] -> [F32], Pushed, "top rounded down to an integer";
    F32Trunc "f32.trunc" 0x8f None, [F32] -> [F32], Pushed, "top rounded towards 0 to an integer";
    F32Nearest "f32.nearest" 0x90 None, [F32] -> [F32], Pushed, "top rounded to the nearest integer, ties to even";
    F32Sqrt "f32.sqrt" 0x91 None, [F32] -> [F32], Pushed, "the square root of top";
    F32Add "f32.add" 0x92 None, [F32 F32] -> [F32], Pushed, "second + top";
    F32Sub "f32.sub" 0x93 None, [F32 F32] -> [F32], Pushed, "second - top";
    F32Mul "f32.mul" 0x94 None, [F32 F32] -> [F32], Pushed, "second * top";
    F32Div "f32.div" 0x95 None, [F32 F32] -> [F32], Pushed, "second / top";
    F32Min "f32.min" 0x96 None, [F32 F32] -> [F32], Pushed, "the lesser of second and top; -0 is less than 0";
    F32Max "f32.max" 0x97 None, [F32 F32] -> [F32], Pushed, "the greater of second and top; 0 is greater than -0";
    F32Copysign "f32.copysign" 0x98 None, [F32 F32] -> [F32], Pushed, "second with the sign of top";
    F64Abs "f64.abs" 0x99 None, [F64] -> [F64], Pushed, "the magnitude of top";
    F64Neg "f64.neg" 0x9a None, [F64] -> [F64], Pushed, "top with the other sign";
    F64Ceil "f64.ceil" 0x9b None, [F64] -> [F64], Pushed, "top rounded up to an integer";
    F64Floor "f64.floor" 0x9c None, [F64] -> [F64], Pushed, "top rounded down to an integer";
    F64Trunc "f64.trunc" 0x9d None, [F64] -> [F64], Pushed, "top rounded towards 0 to an integer";
    F64Nearest "f64.nearest" 0x9e None, [F64] -> [F64], Pushed, "top rounded to the nearest integer, ties to even";
    F64Sqrt "f64.sqrt" 0x9f None, [F64] -> [F64], Pushed, "the square root of top";
    F64Add "f64.add" 0xa0 None, [F64 F64] -> [F64], Pushed, "second + top";
    F64Sub "f64.sub" 0xa1 None, [F64 F64] -> [F64], Pushed, "second - top";
    F64Mul "f64.mul" 0xa2 None, [F64 F64] -> [F64], Pushed, "second * top";
    F64Div "f64.div" 0xa3 None, [F64 F64] -> [F64], Pushed, "second / top";
    F64Min "f64.min" 0xa4 None, [F64 F64] -> [F64], Pushed, "the lesser of second and top; -0 is less than 0";
    F64Max "f64.max" 0xa5 None, [F64 F64] -> [F64], Pushed, "the greater of second and top; 0 is greater than -0";
    F64Copysign "f64.copysign" 0xa6 None, [F64 F64] -> [F64], Pushed, "second with the sign of top";
    I32WrapI64 "i32.wrap_i64" 0xa7 None, [I64] -> [I32], Pushed 4, "the low 32 bits";
    I32TruncF32S "i32.trunc_f32_s" 0xa8 None, [F32] -> [I32], Pushed signed, "top rounded towards 0 as an integer, signed; trap for a NaN or beyond the range";
    I32TruncF32U "i32.trunc_f32_u" 0xa9 None, [F32] -> [I32], Pushed, "top rounded towards 0 as an integer, unsigned; trap for a NaN or beyond the range";
    I32TruncF64S "i32.trunc_f64_s" 0xaa None, [F64] -> [I32], Pushed signed, "top rounded towards 0 as an integer, signed; trap for a NaN or beyond the range";
    I32TruncF64U "i32.trunc_f64_u" 0xab None, [F64] -> [I32], Pushed, "top rounded towards 0 as an integer, unsigned; trap for a NaN or beyond the range";
    I64ExtendI32S "i64.extend_i32_s" 0xac None, [I32] -> [I64], Pushed signed 4, "the same number, signed";
    I64ExtendI32U "i64.extend_i32_u" 0xad None, [I32] -> [I64], Pushed 4, "the same number, unsigned";
    I64TruncF32S "i64.trunc_f32_s" 0xae None, [F32] -> [I64], Pushed signed, "top rounded towards 0 as an integer, signed; trap for a NaN or beyond the range";
    I64TruncF32U "i64.trunc_f32_u" 0xaf None, [F32] -> [I64], Pushed, "top rounded towards 0 as an integer, unsigned; trap for a NaN or beyond the range";
    I64TruncF64S "i64.trunc_f64_s" 0xb0 None, [F64] -> [I64], Pushed signed, "top rounded towards 0 as an integer, signed; trap for a NaN or beyond the range";
    I64TruncF64U "i64.trunc_f64_u" 0xb1 None, [F64] -> [I64], Pushed, "top rounded towards 0 as an integer, unsigned; trap for a NaN or beyond the range";
    F32ConvertI32S "f32.convert_i32_s" 0xb2 None, [I32] -> [F32], Pushed signed, "the nearest float to top, signed";
    F32ConvertI32U "f32.convert_i32_u" 0xb3 None, [I32] -> [F32], Pushed, "the nearest float to top, unsigned";
    F32ConvertI64S "f32.convert_i64_s" 0xb4 None, [I64] -> [F32], Pushed signed, "the nearest float to top, signed";
    F32ConvertI64U "f32.convert_i64_u" 0xb5 None, [I64] -> [F32], Pushed, "the nearest float to top, unsigned";
    F32DemoteF64 "f32.demote_f64" 0xb6 None, [F64] -> [F32], Pushed, "the nearest float of 32 bits";
    F64ConvertI32S "f64.convert_i32_s" 0xb7 None, [I32] -> [F64], Pushed signed, "the nearest float to top, signed";
    F64ConvertI32U "f64.convert_i32_u" 0xb8 None, [I32] -> [F64], Pushed, "the nearest float to top, unsigned";
    F64ConvertI64S "f64.convert_i64_s" 0xb9 None, [I64] -> [F64], Pushed signed, "the nearest float to top, signed";
    F64ConvertI64U "f64.convert_i64_u" 0xba None, [I64] -> [F64], Pushed, "the nearest float to top, unsigned";
    F64PromoteF32 "f64.promote_f32" 0xbb None, [F32] -> [F64], Pushed, "the same number as a float of 64 bits";
    I32ReinterpretF32 "i32.reinterpret_f32" 0xbc None, [F32] -> [I32], Pushed, "the value with the same bits";
    I64ReinterpretF64 "i64.reinterpret_f64" 0xbd None, [F64] -> [I64], Pushed, "the value with the same bits";
    F32ReinterpretI32 "f32.reinterpret_i32" 0xbe None, [I32] -> [F32], Pushed, "the value with the same bits";
    F64ReinterpretI64 "f64.reinterpret_i64" 0xbf None, [I64] -> [F64], Pushed, "the value with the same bits";
    I32Extend8S "i32.extend8_s" 0xc0 None, [I32] -> [I32], Pushed signed 1, "the low byte, sign-extended";
    I32Extend16S "i32.extend16_s" 0xc1 None, [I32] -> [I32], Pushed signed 2, "the low two bytes, sign-extended";
    I64Extend8S "i64.extend8_s" 0xc2 None, [I64] -> [I64], Pushed signed 1, "the low byte, sign-extended";
    I64Extend16S "i64.extend16_s" 0xc3 None, [I64] -> [I64], Pushed signed 2, "the low two bytes, sign-extended";
    I64Extend32S "i64.extend32_s" 0xc4 None, [I64] -> [I64], Pushed signed 4, "the low four bytes, sign-extended";
    I32TruncSatF32S "i32.trunc_sat_f32_s" 0xfc00 None, [F32] -> [I32], Pushed signed, "top rounded towards 0 as an integer, signed; the nearest limit beyond the range, 0 for a NaN";
    I32TruncSatF32U "i32.trunc_sat_f32_u" 0xfc01 None, [F32] -> [I32], Pushed, "top rounded towards 0 as an integer, unsigned; the nearest limit beyond the range, 0 for a NaN";
    I32TruncSatF64S "i32.trunc_sat_f64_s" 0xfc02 None, [F64] -> [I32], Pushed signed, "top rounded towards 0 as an integer, signed; the nearest limit beyond the range, 0 for a NaN";
    I32TruncSatF64U "i32.trunc_sat_f64_u" 0xfc03 None, [F64] -> [I32], Pushed, "top rounded towards 0 as an integer, unsigned; the nearest limit beyond the range, 0 for a NaN";
    I64TruncSatF32S "i64.trunc_sat_f32_s" 0xfc04 None, [F32] -> [I64], Pushed signed, "top rounded towards 0 as an integer, signed; the nearest limit beyond the range, 0 for a NaN";
    I64TruncSatF32U "i64.trunc_sat_f32_u" 0xfc05 None, [F32] -> [I64], Pushed, "top rounded towards 0 as an integer, unsigned; the nearest limit beyond the range, 0 for a NaN";
    I64TruncSatF64S "i64.trunc_sat_f64_s" 0xfc06 None, [F64] -> [I64], Pushed signed, "top rounded towards 0 as an integer, signed; the nearest limit beyond the range, 0 for a NaN";
    I64TruncSatF64U "i64.trunc_sat_f64_u" 0xfc07 None, [F64] -> [I64], Pushed, "top rounded towards 0 as an integer, unsigned; the nearest limit beyond the range, 0 for a NaN";
    RefNull "ref.null" 0xd0 Null, [] -> [Any], Pushed, "push the null reference";
    RefIsNull "ref.is_null" 0xd1 None, [Any] -> [I32], Pushed, "1 if top is the null reference, else 0";
    RefFunc "ref.func" 0xd2 Reference, [] -> [FUNCREF], Pushed, "push a reference to a function";
    TableInit "table.init" 0xfc0c Init, [I32 I32 I32] -> [], Nothing, "pop n, s, d; copy n references from place s of the segment to place d of the table";
    ElemDrop "elem.drop" 0xfc0d Element, [] -> [], Nothing, "leave the segment without references";
    TableCopy "table.copy" 0xfc0e Tables, [I32 I32 I32] -> [], Nothing, "pop n, s, d; copy n references from place s on to place d on";
    TableGrow "table.grow" 0xfc0f Table, [Any I32] -> [I32], Pushed, "grow by top places that hold second; push the old length, or -1 if it cannot";
    TableSize "table.size" 0xfc10 Table, [] -> [I32], Pushed, "push the table's length";
    TableFill "table.fill" 0xfc11 Table, [I32 Any I32] -> [], Nothing, "pop n, a reference and i; put the reference into n places from i on";
    Output "host.output" 0xf8 None, [I32] -> [], Output, "pop, and output the low byte";
    Input "host.input" 0xf9 None, [] -> [I32], Pushed, "push the next byte of the input, or -1 at its end";
    Poll "host.poll" 0xfc None, [] -> [I32], Pushed, "push the next byte of the input, -1 at its end, or -2 where there is none yet";
    Error "host.error" 0xfb None, [I32] -> [], Error, "pop, and output the low byte as an error message's";
    Exit "host.exit" 0xfa None, [I32] -> [], Nothing, "pop, and end the program with the low byte as its status";
    Send "host.send" 0xf6 None, [I32] -> [], Request, "pop, and give the low byte to the system, as a part of a question";
    Receive "host.receive" 0xf7 None, [] -> [I32], Pushed, "push the next byte of the system's answer, or -1 at its end";
    Refused "refused" 0xff Refusal, [] -> [], Nothing, "end the run: an instruction stands here that the profile does not have";
}
