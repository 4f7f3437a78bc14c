//! A replacement for `br_table` where wasmi executes it wrongly.
//!
//! wasmi 2.0.0 has a bug if a `br_table` carries several values, all its targets have the same stack height,
//! and other operands lie below the values. wasmi does not move the values in that case, and the code at the
//! target reads the other operands instead. So such a branch is replaced by a chain of `br_if`s. wasmi moves
//! a single value correctly, and a branch without values is correct too.

use wasm_encoder::InstructionSink;
use wasm_encoder::reencode::Error;
use wasmparser::BrTable;

use crate::full::program::{Immediate, Instr, Module};

/// Whether an instruction is a `br_table` that carries several values.
pub(super) fn takes_several(module: &Module, instr: &Instr) -> bool {
    match &instr.immediate {
        Immediate::Branches(range) => module.branches.get(range.start as usize).is_some_and(|branch| branch.arity > 1),
        _ => false,
    }
}

/// A chain of branches with the same effect as `table`. `local` must be unused.
pub(super) fn chain<E>(sink: &mut InstructionSink<'_>, table: &BrTable<'_>, local: u32) -> Result<(), Error<E>> {
    sink.local_set(local);
    for (index, depth) in table.targets().enumerate() {
        sink.local_get(local).i32_const(index as i32).i32_eq().br_if(depth?);
    }
    sink.br(table.default());
    Ok(())
}
