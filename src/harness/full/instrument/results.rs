//! Instrumenting a module for engines that give results only.
//!
//! The module ends as the profile requires: an instruction that is refused calls `end.refuse` with its pc, a
//! call beyond the limit of calls in progress calls `end.calls`, and the conversion of a NaN to an integer,
//! for which some engines give the same reason as for a number out of range, calls `end.conversion`. The
//! module exports one function per call to make, and one function per global, which returns the global's
//! value. The types of these functions have integers only: floats are passed as their bits. The table is
//! exported too, with a function that returns the place of the last call through the table, for engines that
//! do not say why such a call traps.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::Error;
use wasm_encoder::{ConstExpr, ExportKind, Function, GlobalType, InstructionSink, ValType};

use super::floats::{call_for_nan, from_bits, to_bits};
use super::{Addition, Around, I32, I64, Imported, Place, Sections, val_type};
use crate::full::isa::{self, Op};
use crate::full::program::limits::MAX_CALL_DEPTH;
use crate::full::program::{FuncType, Immediate, Module};

/// The module of the functions that end a run.
pub const ENDS: &str = "end";
/// The function of [`ENDS`] that refuses an instruction.
pub const REFUSE: &str = "refuse";
/// The function of [`ENDS`] for too many calls in progress.
pub const CALLS: &str = "calls";
/// The function of [`ENDS`] for the conversion of a NaN to an integer.
pub const CONVERSION: &str = "conversion";
/// The export of the memory.
pub const MEMORY: &str = "memory";
/// The export of the table.
pub const TABLE: &str = "table";
/// The export of the function that returns the place of the last call through the table.
pub const PLACE: &str = "place";

/// The export of the function that returns a global.
pub fn global_name(index: usize) -> String {
    format!("global {index}")
}

/// The export of the function that makes a call.
pub fn call_name(index: usize) -> String {
    format!("call {index}")
}

const FUNCTIONS: [Imported; 3] = [(ENDS, REFUSE, &[I32], &[]), (ENDS, CALLS, &[], &[]), (ENDS, CONVERSION, &[], &[])];

/// The instrumented module in the binary format. `calls` are the functions to call from outside. Equal inputs
/// give equal modules.
///
/// # Errors
/// Where the module cannot be read.
pub fn instrument(module: &Module, calls: &[u32]) -> Result<Vec<u8>, Error<Infallible>> {
    super::instrument(module, Results { calls })
}

struct Results<'a> {
    /// The indices of the functions to call.
    calls: &'a [u32],
}

impl Results<'_> {
    /// The global that counts the calls in progress. The next global holds the place of the last call through
    /// the table.
    fn depth(around: &Around<'_>) -> u32 {
        around.globals().count() as u32
    }
}

impl Addition for Results<'_> {
    fn imports(&self) -> &'static [Imported] {
        &FUNCTIONS
    }

    fn enter(&self, around: &Around<'_>, sink: &mut InstructionSink<'_>) {
        let depth = Results::depth(around);
        sink.global_get(depth).i32_const(MAX_CALL_DEPTH as i32).i32_ge_u();
        sink.if_(wasm_encoder::BlockType::Empty).call(around.imported + 1).end();
        sink.global_get(depth).i32_const(1).i32_add().global_set(depth);
    }

    fn before(&self, around: &Around<'_>, sink: &mut InstructionSink<'_>, place: &Place<'_>) {
        let depth = Results::depth(around);
        match place.instr.op {
            Op::Refused => drop(sink.i32_const(place.pc as i32).call(around.imported)),
            Op::Return => drop(sink.global_get(depth).i32_const(1).i32_sub().global_set(depth)),
            Op::CallIndirect => drop(sink.global_set(depth + 1).global_get(depth + 1)),
            op => call_for_nan(sink, op, place.floats, around.imported + 2),
        }
    }

    fn finish(&self, around: &Around<'_>, sections: &mut Sections) {
        let module = around.module;
        let depth = Results::depth(around);
        for _ in [depth, depth + 1] {
            sections.globals.global(GlobalType { val_type: I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
        }
        if module.has_memory() {
            sections.exports.export(MEMORY, ExportKind::Memory, 0);
        }
        let first = around.function(around.imported + around.defined());
        let mut functions = first..;
        let mut export = |name: &str, ty: FuncType, locals: Vec<ValType>, body: &dyn Fn(&mut InstructionSink<'_>)| {
            let index = functions.next().unwrap_or_default();
            sections.exports.export(name, ExportKind::Func, index);
            sections.functions.function(sections.types.len());
            sections.types.ty().function(ty.params.iter().map(|ty| by_bits(*ty)), ty.results.iter().map(|ty| by_bits(*ty)));
            let mut function = Function::new_with_locals_types(locals);
            body(&mut function.instructions());
            function.instructions().end();
            sections.code.function(&function);
        };
        for (index, ty) in around.globals().enumerate() {
            let getter = FuncType { params: Vec::new(), results: vec![ty] };
            export(&global_name(index), getter, Vec::new(), &|sink| to_bits(sink.global_get(index as u32), ty));
        }
        for (index, function) in self.calls.iter().enumerate() {
            let ty = module.function_type(*function);
            let results = ty.results.iter().map(|ty| by_bits(*ty)).collect();
            export(&call_name(index), ty.clone(), results, &|sink| {
                sink.i32_const(0).global_set(depth);
                call(sink, around.function(*function), ty);
            });
        }
        if let Some(table) = called_tables(module).next() {
            let getter = FuncType { params: Vec::new(), results: vec![isa::ValType::I32] };
            export(PLACE, getter, Vec::new(), &|sink| {
                sink.global_get(depth + 1);
            });
            sections.exports.export(TABLE, ExportKind::Table, table);
        }
    }
}

/// Writes a call of a function, as the body of an exported function. The exported function passes its
/// parameters on and has one local per result.
fn call(sink: &mut InstructionSink<'_>, function: u32, ty: &FuncType) {
    for (index, ty) in ty.params.iter().enumerate() {
        sink.local_get(index as u32);
        from_bits(sink, *ty);
    }
    sink.call(function);
    let locals = ty.params.len()..ty.params.len() + ty.results.len();
    for (local, ty) in locals.clone().zip(&ty.results).rev() {
        to_bits(sink, *ty);
        sink.local_set(local as u32);
    }
    for local in locals {
        sink.local_get(local as u32);
    }
}

/// The tables that a module calls through.
pub fn called_tables(module: &Module) -> impl Iterator<Item = u32> {
    let tables = module.code.iter().filter_map(|instr| match instr.immediate {
        Immediate::Indirect { table, .. } => Some(table),
        _ => None,
    });
    tables.collect::<BTreeSet<u32>>().into_iter()
}

/// The type of the bits of a value.
fn by_bits(ty: isa::ValType) -> ValType {
    match val_type(ty) {
        ValType::F32 => I32,
        ValType::F64 => I64,
        ty => ty,
    }
}
