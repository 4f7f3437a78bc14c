//! Calls. Only calls of WebAssembly's functions count towards the limit of calls in progress.
//!
//! The table holds a function of the host as a function that passes its arguments on to the host. Such
//! functions come last in the listing, so a call through the table recognises them by their pc and is not
//! counted. Only calls with a type that such a function in the table has need this comparison.

use std::collections::HashSet;

use super::layout::Prompted;
use super::lines::{Deferred, Label, Lowering, Of};
use super::operation::Operation;
use super::routines::Routine;
use super::{Layout, ListingError};
use crate::full::isa::Op;
use crate::full::program::Program;

impl Lowering<'_> {
    /// Adds a call that takes `slots` slots from the stack and leaves `results`. `slots` includes the slot of
    /// the called function's pc, where the pc is an operand.
    pub(super) fn call(&mut self, operation: Operation, label: Option<Label>, slots: u32, results: u32) -> Result<(), ListingError> {
        let index = u16::try_from(slots).map_err(|_| ListingError::Index { pc: self.at, index: slots })?;
        self.references.extend(label.map(|label| (self.lines.len(), label)));
        self.add_with(operation, 0, index);
        self.height = self.height - slots + results;
        Ok(())
    }

    /// Adds a call of a function, whose arguments are on the stack.
    pub(super) fn call_function(&mut self, function: u32) -> Result<(), ListingError> {
        match self.of {
            Of::Program => {}
            Of::Floats => return self.call_of_floats(function),
            Of::Tables => return self.call_of_tables_function(function),
        }
        let program = self.program;
        let passes_on = program.functions[function as usize].passes_on;
        let operation = if passes_on { Operation::CallRoutine } else { Operation::Wasm(Op::Call) };
        let ty = program.type_of(function);
        self.call(operation, Some(Label::Function(function)), ty.params.len() as u32, ty.results.len() as u32)
    }

    /// Adds a call of a routine that takes `operands` operands and leaves `results`.
    pub(super) fn call_routine(&mut self, routine: Routine, operands: u32, results: u32) -> Result<(), ListingError> {
        if !self.routines.contains(&routine) {
            self.routines.push(routine);
        }
        self.call(Operation::CallRoutine, Some(Label::Routine(routine)), operands, results)
    }

    /// Adds a call through the table.
    pub(super) fn call_indirect(&mut self, ty: u32, table: u32) -> Result<(), ListingError> {
        if self.layout.prompted == Prompted::Functions {
            self.reference_in(table)?;
        }
        self.add_with(Operation::TableGet, 0, type_number(ty)?);
        let after = self.label();
        if self.hosts.contains(&ty) {
            let from = self.at;
            let found = self.defer(self.height, Deferred::Host { from, ty, after });
            self.add_indexed(Op::LocalGet, self.height - 1)?;
            self.add_to(Operation::Wasm(Op::I32Const), Label::Hosts);
            self.add(Operation::Wasm(Op::I32GeU));
            self.add_to(Operation::Wasm(Op::BrIf), found);
        }
        self.call_found(Operation::CallValue, ty)?;
        self.put(after);
        Ok(())
    }

    /// Adds the call of a function of the host that was found in the table.
    pub(super) fn call_host(&mut self, ty: u32, after: Label) -> Result<(), ListingError> {
        self.call_found(Operation::CallHost, ty)?;
        self.add_to(Operation::Wasm(Op::Br), after);
        Ok(())
    }

    /// Adds a call of the function whose pc is top.
    fn call_found(&mut self, operation: Operation, ty: u32) -> Result<(), ListingError> {
        let ty = &self.program.types[ty as usize];
        self.call(operation, None, ty.params.len() as u32 + 1, ty.results.len() as u32)
    }
}

/// The types of the functions in the table that pass their arguments on to the host.
pub(super) fn types_of_hosts(program: &Program, layout: &Layout) -> HashSet<u32> {
    let functions = layout.prompted(program).flatten().map(|function| &program.functions[function as usize]);
    functions.filter(|function| function.passes_on).map(|function| function.ty).collect()
}

/// The number of a type. Numbers begin at 1: 0 is the type of an empty place in the table.
pub(super) fn type_number(index: u32) -> Result<u16, ListingError> {
    u16::try_from(u64::from(index) + 1).map_err(|_| ListingError::Type { index })
}
