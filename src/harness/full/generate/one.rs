//! Modules around one instruction. Its operands are constants at edge values. Its results are dropped after
//! its step has reported them.

use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, HeapType, Ieee32, Ieee64, InstructionSink,
    MemorySection, MemoryType, Module, TypeSection,
};

use super::floats;
use crate::full::isa::{Immediate, Op, Row, TABLE, ValType, Writes};
use crate::full::program::Value::{self, I32};
use crate::full::program::limits::PAGE;

/// Numbers at which the behaviour of arithmetic, of shifts, of comparisons and of digits of one byte each
/// changes. The numbers of 32 bits come first.
pub const EDGES: [u64; 40] = [
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    257,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x00ff_00ff,
    0x1234_5678,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_ff80,
    0xffff_fffe,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x00ff_00ff_00ff_00ff,
    0x1234_5678_9abc_def0,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0001,
    0xffff_ffff_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// Addresses around both ends of a memory of one page, at every alignment, and addresses at which an access
/// wraps.
pub const ADDRESSES: [u32; 22] = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    PAGE - 9,
    PAGE - 8,
    PAGE - 7,
    PAGE - 6,
    PAGE - 5,
    PAGE - 4,
    PAGE - 3,
    PAGE - 2,
    PAGE - 1,
    PAGE,
    PAGE + 1,
    u32::MAX - 7,
    u32::MAX,
];

/// The edge values of a type.
pub fn edges(ty: ValType) -> impl Iterator<Item = Value> {
    let numbers = if ty.is_float() { floats::edges(ty) } else { &EDGES };
    let fits = move |number: &&u64| ty.bits() == 64 || **number <= u64::from(u32::MAX);
    numbers.iter().filter(fits).map(move |number| Value::from_bits(ty, *number))
}

/// A random operand. It is an edge value two times out of three, and any number otherwise.
pub(super) fn operand(u: &mut Unstructured<'_>, ty: ValType) -> Result<Value> {
    let edges = if ty.is_float() { floats::edges(ty) } else { &EDGES };
    let number = if u.ratio(2, 3)? {
        *u.choose(edges)?
    } else if ty.is_float() {
        near(u, ty)?
    } else {
        u.arbitrary()?
    };
    Ok(Value::from_bits(ty, number))
}

/// The bits of a random float. Half of the floats are close to 1, so that the exponents of two of them are
/// close.
fn near(u: &mut Unstructured<'_>, ty: ValType) -> Result<u64> {
    let any: u64 = u.arbitrary()?;
    if u.arbitrary()? {
        return Ok(any);
    }
    let fraction = if ty == ValType::F32 { 23 } else { 52 };
    let (sign, mask) = (any & 1 << (ty.bits() - 1), (1 << fraction) - 1);
    let exponent = (1u64 << (ty.bits() - 2 - fraction)) - 1 + u.int_in_range(0..=7)? - 4;
    Ok(sign | exponent << fraction | any & mask)
}

/// The instructions that can be used alone: they have a fixed type, name no label, table, segment or
/// function, and are not calls of the host.
pub fn instructions() -> impl Iterator<Item = &'static Row> {
    let names = |row: &&Row| row.uses_table() || matches!(row.immediate, Immediate::Label | Immediate::Element | Immediate::Reference);
    TABLE.iter().filter(move |row| row.is_fixed() && !row.op.is_host() && !names(row))
}

/// A module around any one instruction.
pub(super) fn generate(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let rows: Vec<&Row> = instructions().collect();
    let row = *u.choose(&rows)?;
    let mut operands = row.params().unwrap_or_default().iter().map(|ty| operand(u, *ty)).collect::<Result<Vec<_>>>()?;
    let mut offset = 0;
    if row.accesses() {
        let address = *u.choose(&ADDRESSES)?;
        offset = if u.arbitrary()? { u.int_in_range(0..=address)? } else { 0 };
        operands[0] = I32((address - offset) as i32);
    }
    Ok(module(row.op, &[operands], offset))
}

/// A module whose `main` executes `op` on each list of operands in turn, with `offset` where `op` accesses
/// memory. A store is followed by a load of eight bytes at its address, or of the memory's last eight bytes
/// where fewer than eight bytes follow the address.
pub fn module(op: Op, cases: &[Vec<Value>], offset: u32) -> Vec<u8> {
    let row = op.row();
    let mut function = Function::new([]);
    for operands in cases {
        let mut sink = function.instructions();
        row.params().iter().flatten().zip(operands).for_each(|(ty, value)| constant(&mut sink, *ty, *value));
        function.raw(encoded(op, offset));
        for _ in row.pushes {
            function.instructions().drop();
        }
        if let (Writes::Memory, Some(I32(address))) = (row.writes, operands.first()) {
            let address = (*address as u32).wrapping_add(offset).min(PAGE - 8);
            constant(&mut function.instructions(), ValType::I32, I32(address as i32));
            function.raw(encoded(Op::I64Load, 0));
            function.instructions().drop();
        }
    }
    function.instructions().end();

    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: Some(3), memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    code.function(&function);
    let mut data = DataSection::new();
    for address in [0, PAGE - 16] {
        data.active(0, &ConstExpr::i32_const(address as i32), (0..16).map(|index| 0x80 ^ (index * 0x11)));
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code).section(&data);
    module.finish()
}

/// Pushes a constant of a type.
pub(in crate::harness::full) fn constant(sink: &mut InstructionSink<'_>, ty: ValType, value: Value) {
    let bits = value.bits();
    match ty {
        ValType::I32 => sink.i32_const(bits as i32),
        ValType::I64 => sink.i64_const(bits as i64),
        ValType::F32 => sink.f32_const(Ieee32::new(bits as u32)),
        ValType::F64 => sink.f64_const(Ieee64::new(bits)),
        ValType::FuncRef => sink.ref_null(HeapType::FUNC),
        ValType::ExternRef => sink.ref_null(HeapType::EXTERN),
    };
}

/// An instruction in the binary format. The immediate of an instruction that can be used alone is the offset
/// of an access, a constant, the index of the memory, or nothing.
pub(in crate::harness::full) fn encoded(op: Op, offset: u32) -> Vec<u8> {
    let mut bytes = op.row().encoded();
    match op.row().immediate {
        Immediate::I32 | Immediate::I64 | Immediate::Memory => bytes.push(0),
        Immediate::F32 => bytes.extend([0; 4]),
        Immediate::F64 => bytes.extend([0; 8]),
        Immediate::Offset => {
            bytes.push(0);
            let mut rest = offset;
            while rest >= 0x80 {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
        _ => {}
    }
    bytes
}
