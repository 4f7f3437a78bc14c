//! `br_table` in other words, where wasmi has it wrong.
//!
//! wasmi 2.0.0 does not move what a `br_table` takes along if that is several values, all targets have one
//! height, and operands lie below the values: it leaves them where they are, and who comes to the target
//! reads the operands. So such a branch becomes a chain of `br_if`s. One value, or none, it moves well.

use wasm_encoder::InstructionSink;
use wasm_encoder::reencode::Error;
use wasmparser::BrTable;

use crate::full::program::{Immediate, Instr, Module};

/// Whether an instruction is a `br_table` that takes several values along.
pub(super) fn takes_several(module: &Module, instr: &Instr) -> bool {
    match &instr.immediate {
        Immediate::Branches(range) => module.branches.get(range.start as usize).is_some_and(|branch| branch.arity > 1),
        _ => false,
    }
}

/// A chain of branches that does the same; the local is free.
pub(super) fn chain<E>(sink: &mut InstructionSink<'_>, table: &BrTable<'_>, local: u32) -> Result<(), Error<E>> {
    sink.local_set(local);
    for (index, depth) in table.targets().enumerate() {
        sink.local_get(local).i32_const(index as i32).i32_eq().br_if(depth?);
    }
    sink.br(table.default());
    Ok(())
}
