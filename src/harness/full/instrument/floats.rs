//! Floats: their bits, and NaNs.
//!
//! WebAssembly leaves open which NaN an arithmetic instruction gives. The reference VM and the network give
//! the canonical one, so the results of other engines are made canonical by code after such an instruction.

use wasm_encoder::{BlockType, Ieee32, Ieee64, InstructionSink};

use crate::full::isa::{Op, Operand, ValType};
use crate::full::vm::float::{NAN32, NAN64};

/// The locals that the added code uses, one per float type.
#[derive(Clone, Copy)]
pub(super) struct Locals {
    /// The index of the local of type f32. The local of type f64 follows it.
    pub first: u32,
}

/// The types of the [`Locals`].
pub(super) const LOCALS: [wasm_encoder::ValType; 2] = [wasm_encoder::ValType::F32, wasm_encoder::ValType::F64];

impl Locals {
    fn of(self, ty: ValType) -> u32 {
        self.first + u32::from(ty == ValType::F64)
    }
}

/// Whether code is added for the instruction.
pub(super) fn concerns(op: Op) -> bool {
    makes(op).is_some() || traps_for(op).is_some()
}

/// The type of an instruction's result, if the instruction may make a NaN.
fn makes(op: Op) -> Option<ValType> {
    use Op::{F32Abs, F32Copysign, F32Neg, F64Abs, F64Copysign, F64Neg};
    let row = op.row();
    let ([Operand::Is(operand), ..], [Operand::Is(result)]) = (row.pops, row.pushes) else { return None };
    let keeps = matches!(op, F32Abs | F32Neg | F32Copysign | F64Abs | F64Neg | F64Copysign);
    (operand.is_float() && result.is_float() && !keeps).then_some(*result)
}

/// The type of an instruction's operand, if the instruction traps for a NaN.
fn traps_for(op: Op) -> Option<ValType> {
    let row = op.row();
    let ([Operand::Is(operand)], [Operand::Is(result)]) = (row.pops, row.pushes) else { return None };
    let converts = operand.is_float() && !result.is_float() && row.mnemonic.contains(".trunc_") && !row.mnemonic.contains("_sat_");
    converts.then_some(*operand)
}

/// Converts the value on top, which has this type, to its bits.
pub(super) fn to_bits(sink: &mut InstructionSink<'_>, ty: ValType) {
    match ty {
        ValType::F32 => drop(sink.i32_reinterpret_f32()),
        ValType::F64 => drop(sink.i64_reinterpret_f64()),
        _ => {}
    }
}

/// Converts the bits on top to a value of this type.
pub(super) fn from_bits(sink: &mut InstructionSink<'_>, ty: ValType) {
    match ty {
        ValType::F32 => drop(sink.f32_reinterpret_i32()),
        ValType::F64 => drop(sink.f64_reinterpret_i64()),
        _ => {}
    }
}

/// After an instruction: replaces a NaN on top by the canonical one.
pub(super) fn make_canonical(sink: &mut InstructionSink<'_>, op: Op, locals: Locals) {
    let Some(ty) = makes(op) else { return };
    let local = locals.of(ty);
    sink.local_tee(local);
    match ty {
        ValType::F32 => sink.f32_const(Ieee32::new(NAN32)).local_get(local).local_get(local).f32_eq(),
        _ => sink.f64_const(Ieee64::new(NAN64)).local_get(local).local_get(local).f64_eq(),
    };
    sink.select();
}

/// Before an instruction that traps for a NaN: calls a function if the operand on top is one.
pub(super) fn call_for_nan(sink: &mut InstructionSink<'_>, op: Op, locals: Locals, function: u32) {
    let Some(ty) = traps_for(op) else { return };
    let local = locals.of(ty);
    sink.local_tee(local).local_get(local).local_get(local);
    match ty {
        ValType::F32 => sink.f32_ne(),
        _ => sink.f64_ne(),
    };
    sink.if_(BlockType::Empty).call(function).end();
}
