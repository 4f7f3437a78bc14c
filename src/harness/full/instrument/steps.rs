//! Instrumenting a module such that every step is reported.
//!
//! Before each instruction that the profile counts as a step, `trace.at` is called with the instruction's pc.
//! The values that the instruction writes pass through a function that reports and returns them: pushed
//! values after the instruction, consumed values before it. Memory, globals and the functions to call are
//! exported.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::Error;
use wasm_encoder::{ExportKind, InstructionSink};
use wasmparser::Operator;

use super::floats::{from_bits, to_bits};
use super::{Addition, Around, I32, I64, Imported, Place, Sections, br_table};
use crate::full::isa::{Op, ValType, Writes};
use crate::full::program::{Export, Immediate, Instr, Module};

/// The module of the reporting functions.
pub const REPORTS: &str = "trace";
/// The export of the memory.
pub const MEMORY: &str = "trace memory";

/// The export of a global.
pub fn global_name(index: usize) -> String {
    format!("trace global {index}")
}

/// The export of a function: a function that the module defines, or an import that the module exports or uses
/// as its start function.
pub fn function_name(index: u32) -> String {
    format!("trace function {index}")
}

/// The reporting functions in order.
const FUNCTIONS: [Imported; 10] = [
    (REPORTS, "at", &[I32], &[]),     // pc
    (REPORTS, "refuse", &[I32], &[]), // pc; does not return
    (REPORTS, "push32", &[I32], &[I32]),
    (REPORTS, "push64", &[I64], &[I64]),
    (REPORTS, "local32", &[I32, I32], &[I32]), // value, index
    (REPORTS, "local64", &[I64, I32], &[I64]),
    (REPORTS, "global32", &[I32, I32], &[I32]), // value, index
    (REPORTS, "global64", &[I64, I32], &[I64]),
    (REPORTS, "store32", &[I32, I32, I32, I32], &[I32, I32]), // address, value, offset, width
    (REPORTS, "store64", &[I32, I64, I32, I32], &[I32, I64]),
];
const AT: u32 = 0;
const REFUSE: u32 = 1;
const PUSH: u32 = 2;
const LOCAL: u32 = 4;
const GLOBAL: u32 = 6;
const STORE: u32 = 8;

/// The instrumented module, in the binary format. Equal modules give equal results.
///
/// # Errors
/// Where the module cannot be read.
pub fn instrument(module: &Module) -> Result<Vec<u8>, Error<Infallible>> {
    super::instrument(module, Steps { several: module.code.iter().any(|instr| br_table::takes_several(module, instr)) })
}

struct Steps {
    /// Whether the module has a `br_table` that carries several values.
    several: bool,
}

impl Addition for Steps {
    fn imports(&self) -> &'static [Imported] {
        &FUNCTIONS
    }

    fn wants_local(&self) -> bool {
        self.several
    }

    fn before(&self, around: &Around<'_>, sink: &mut InstructionSink<'_>, place: &Place<'_>) {
        let first = around.imported;
        let pc = place.pc as i32;
        sink.i32_const(pc).call(first + AT);
        let row = place.instr.op.row();
        let calls_nobody =
            matches!(place.instr.immediate, Immediate::Function(callee) if around.unserved.get(callee as usize) == Some(&true));
        if calls_nobody || place.instr.op == Op::Refused {
            sink.i32_const(pc).call(first + REFUSE);
        }
        match (row.writes, &place.instr.immediate) {
            (Writes::Local, Immediate::Local(index)) => {
                report(sink, first + LOCAL, (place.local_type)(*index).unwrap_or(ValType::I32), Some(*index));
            }
            (Writes::Global, Immediate::Global(index)) => {
                let ty = around.globals().nth(*index as usize).unwrap_or(ValType::I32);
                report(sink, first + GLOBAL, ty, Some(*index));
            }
            (Writes::Memory, Immediate::Offset(offset)) => {
                let ty = row.pops.last().and_then(|operand| operand.ty()).unwrap_or(ValType::I32);
                to_bits(sink, ty);
                sink.i32_const(*offset as i32).i32_const(row.bytes as i32).call(first + STORE + u32::from(ty.bits() == 64));
                from_bits(sink, ty);
            }
            _ => {}
        }
    }

    fn instead(
        &self,
        around: &Around<'_>,
        sink: &mut InstructionSink<'_>,
        place: &Place<'_>,
        operator: &Operator<'_>,
    ) -> Result<bool, Error<Infallible>> {
        let Operator::BrTable { targets } = operator else { return Ok(false) };
        let several = br_table::takes_several(around.module, place.instr);
        if several {
            br_table::chain(sink, targets, place.local)?;
        }
        Ok(several)
    }

    fn after(&self, around: &Around<'_>, sink: &mut InstructionSink<'_>, instr: &Instr, top: Option<ValType>) {
        if instr.op.row().writes == Writes::Pushed {
            debug_assert!(top.is_some(), "{instr} pushed a value");
            report(sink, around.imported + PUSH, top.unwrap_or(ValType::I32), None);
        }
    }

    fn finish(&self, around: &Around<'_>, Sections { exports, .. }: &mut Sections) {
        let module = around.module;
        if module.has_memory() {
            exports.export(MEMORY, ExportKind::Memory, 0);
        }
        for (index, _) in around.globals().enumerate() {
            exports.export(&global_name(index), ExportKind::Global, index as u32);
        }
        let exported = module.exports.iter().filter_map(|(_, export)| match export {
            Export::Function(index) if *index < around.imported => Some(*index),
            _ => None,
        });
        let start = module.start.filter(|function| *function < around.imported);
        for index in exported.chain(start).collect::<BTreeSet<u32>>() {
            exports.export(&function_name(index), ExportKind::Func, index);
        }
        for index in around.imported..around.imported + around.defined() {
            exports.export(&function_name(index), ExportKind::Func, around.function(index));
        }
    }
}

/// Passes the value on top through a reporting function. `function` is the first of a pair of functions, for
/// 32 and 64 bits. A float is passed as its bits.
fn report(sink: &mut InstructionSink<'_>, function: u32, ty: ValType, index: Option<u32>) {
    to_bits(sink, ty);
    if let Some(index) = index {
        sink.i32_const(index as i32);
    }
    sink.call(function + u32::from(ty.bits() == 64));
    from_bits(sink, ty);
}
