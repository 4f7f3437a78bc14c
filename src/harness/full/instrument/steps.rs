//! Instrumenting a module such that every step is reported.
//!
//! Before each instruction that the profile counts as a step, `trace.at` is called with the instruction's pc.
//! The values that the instruction writes pass through a function that reports and returns them: pushed
//! values after the instruction, consumed values before it. Memory, globals and the functions to call are
//! exported.

use std::convert::Infallible;

use wasm_encoder::reencode::Error;
use wasm_encoder::{ExportKind, InstructionSink};
use wasmparser::Operator;

use super::floats::{from_bits, to_bits};
use super::{Addition, Around, I32, I64, Imported, Place, Sections, br_table};
use crate::full::isa::{Op, ValType, Writes};
use crate::full::program::{Immediate, Instr, Module};

/// The module of the reporting functions.
pub const REPORTS: &str = "trace";
/// The export of the memory.
pub const MEMORY: &str = "trace memory";

/// The export of a global.
pub fn global_name(index: usize) -> String {
    format!("trace global {index}")
}

/// The export of a table.
pub fn table_name(index: usize) -> String {
    format!("trace table {index}")
}

/// The export of a function, imported or defined.
pub fn function_name(index: u32) -> String {
    format!("trace function {index}")
}

/// The reporting functions in order.
const FUNCTIONS: [Imported; 18] = [
    (REPORTS, "at", &[I32], &[]),     // pc
    (REPORTS, "refuse", &[I32], &[]), // pc; does not return
    (REPORTS, "push32", &[I32], &[I32]),
    (REPORTS, "push64", &[I64], &[I64]),
    (REPORTS, "push func", &[FUNC], &[FUNC]),
    (REPORTS, "push extern", &[EXTERN], &[EXTERN]),
    (REPORTS, "local32", &[I32, I32], &[I32]), // value, index
    (REPORTS, "local64", &[I64, I32], &[I64]),
    (REPORTS, "local func", &[FUNC, I32], &[FUNC]),
    (REPORTS, "local extern", &[EXTERN, I32], &[EXTERN]),
    (REPORTS, "global32", &[I32, I32], &[I32]), // value, index
    (REPORTS, "global64", &[I64, I32], &[I64]),
    (REPORTS, "global func", &[FUNC, I32], &[FUNC]),
    (REPORTS, "global extern", &[EXTERN, I32], &[EXTERN]),
    (REPORTS, "store32", &[I32, I32, I32, I32], &[I32, I32]), // address, value, offset, width
    (REPORTS, "store64", &[I32, I64, I32, I32], &[I32, I64]),
    (REPORTS, "table func", &[I32, FUNC, I32], &[I32, FUNC]), // place, reference, table
    (REPORTS, "table extern", &[I32, EXTERN, I32], &[I32, EXTERN]),
];
const AT: u32 = 0;
const REFUSE: u32 = 1;
const PUSH: u32 = 2;
const LOCAL: u32 = 6;
const GLOBAL: u32 = 10;
const STORE: u32 = 14;
const TABLE: u32 = 16;
const FUNC: wasm_encoder::ValType = wasm_encoder::ValType::FUNCREF;
const EXTERN: wasm_encoder::ValType = wasm_encoder::ValType::EXTERNREF;

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
            (Writes::Table, Immediate::Table(index)) => {
                let table = around.module.table_types().nth(*index as usize);
                let is_extern = table.is_some_and(|table| table.element == ValType::ExternRef);
                sink.i32_const(*index as i32).call(first + TABLE + u32::from(is_extern));
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
        for (index, _) in module.table_types().enumerate() {
            exports.export(&table_name(index), ExportKind::Table, index as u32);
        }
        for index in 0..around.imported + around.defined() {
            exports.export(&function_name(index), ExportKind::Func, around.function(index));
        }
    }
}

/// Passes the value on top through a reporting function. `function` is the first of four: for 32 and 64 bits,
/// and for the two types of references. A float is passed as its bits.
fn report(sink: &mut InstructionSink<'_>, function: u32, ty: ValType, index: Option<u32>) {
    to_bits(sink, ty);
    if let Some(index) = index {
        sink.i32_const(index as i32);
    }
    let of_type = match ty {
        ValType::FuncRef => 2,
        ValType::ExternRef => 3,
        ty => u32::from(ty.bits() == 64),
    };
    sink.call(function + of_type);
    from_bits(sink, ty);
}
