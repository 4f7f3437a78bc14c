//! Calls, and which of them count against the limit of calls in progress: those of WebAssembly's functions.
//!
//! A function of the host that stands in the table is one that passes its arguments on. What calls it would count as a call
//! of the program's, so a call through the table first compares what it found with the functions of the host that have its
//! type, and calls these as routines are called. A table without any costs nothing.

use std::collections::BTreeSet;

use super::listing::ListingError;
use super::lower::{Deferred, Label, Lowering, type_number};
use super::operation::Operation;
use crate::isa::full::Op;
use crate::program::full::Program;

impl Lowering<'_> {
    /// Adds a call of so many slots, the called function's pc among them if it is one; `results` are left.
    pub(super) fn call(&mut self, operation: Operation, label: Option<Label>, slots: u32, results: u32) -> Result<(), ListingError> {
        let index = u16::try_from(slots).map_err(|_| ListingError::Index { pc: self.at, index: slots })?;
        self.references.extend(label.map(|label| (self.lines.len(), label)));
        self.add_with(operation, 0, index);
        self.height = self.height - slots + results;
        Ok(())
    }

    /// Adds a call of a function, whose arguments are on the stack.
    pub(super) fn call_function(&mut self, function: u32) -> Result<(), ListingError> {
        let program = self.program;
        let passes_on = program.functions[function as usize].passes_on;
        let operation = if passes_on { Operation::CallRoutine } else { Operation::Wasm(Op::Call) };
        let ty = program.type_of(function);
        self.call(operation, Some(Label::Function(function)), ty.params.len() as u32, ty.results.len() as u32)
    }

    /// Adds a call through the table.
    pub(super) fn call_indirect(&mut self, ty: u32) -> Result<(), ListingError> {
        let program = self.program;
        self.add_with(Operation::TableGet, 0, type_number(ty)?);
        let after = self.label();
        for function in hosts(program, ty) {
            let from = self.at;
            let found = self.defer(self.height, Deferred::Host { from, function, after });
            self.add_indexed(Op::LocalGet, self.height - 1)?;
            self.add_to(Operation::Wasm(Op::I32Const), Label::Function(function));
            self.add(Operation::Wasm(Op::I32Eq));
            self.add_to(Operation::Wasm(Op::BrIf), found);
        }
        let ty = &program.types[ty as usize];
        self.call(Operation::CallValue, None, ty.params.len() as u32 + 1, ty.results.len() as u32)?;
        self.put(after);
        Ok(())
    }

    /// A function of the host was found: its pc is not needed any more.
    pub(super) fn call_host(&mut self, function: u32, after: Label) -> Result<(), ListingError> {
        self.height -= 1;
        self.call_function(function)?;
        self.add_to(Operation::Wasm(Op::Br), after);
        Ok(())
    }
}

/// The functions of a type in the table that pass on to the host.
fn hosts(program: &Program, ty: u32) -> BTreeSet<u32> {
    let functions = program.table.iter().flatten().flatten().copied();
    let hosts = functions.filter(|function| {
        let function = &program.functions[*function as usize];
        function.passes_on && function.ty == ty
    });
    hosts.collect()
}
