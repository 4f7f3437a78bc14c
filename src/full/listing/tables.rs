//! Instructions of tables in the bank, as calls of [routines](crate::full::tables).

use super::ListingError;
use super::layout::Banked;
use super::lines::{Lowering, Of};
use super::operation::Operation;
use super::routines::Routine;
use crate::full::isa::Op;
use crate::full::program::{Immediate, Instr, Value};
use crate::full::tables::{self, Access};

impl Lowering<'_> {
    /// Adds the lines of an instruction of tables or references that is not a constant. Returns `false` if
    /// the instruction is none.
    pub(super) fn table_instruction(&mut self, instr: &Instr) -> Result<bool, ListingError> {
        match (instr.op, &instr.immediate) {
            (Op::RefIsNull, _) => self.add(Operation::Wasm(Op::I32Eqz)),
            (Op::TableSize, Immediate::Table(table)) => self.length(self.table(*table)?)?,
            (Op::ElemDrop, Immediate::Element(segment)) => {
                let segment = self.segment(*segment)?;
                self.constant(Value::I32(0));
                self.add_indexed(Op::GlobalSet, segment.slot)?;
            }
            (Op::TableGrow, Immediate::Table(index)) => {
                let table = self.table(*index)?;
                self.operands_for(table)?;
                self.constant(Value::I32(self.program.tables[*index as usize].max as i32));
                self.call_of_tables(instr.op)?;
                self.add_indexed(Op::GlobalSet, table.slot)?;
            }
            (Op::TableGet | Op::TableSet | Op::TableFill, Immediate::Table(table)) => {
                self.operands_for(self.table(*table)?)?;
                self.call_of_tables(instr.op)?;
            }
            (Op::TableCopy, Immediate::Tables { to, from }) => {
                self.operands_for(self.table(*to)?)?;
                self.operands_for(self.table(*from)?)?;
                self.call_of_tables(instr.op)?;
            }
            (Op::TableInit, Immediate::Init { table, segment }) => {
                self.operands_for(self.table(*table)?)?;
                self.operands_for(self.segment(*segment)?)?;
                self.call_of_tables(instr.op)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn table(&self, index: u32) -> Result<Banked, ListingError> {
        self.layout.table(index).ok_or(ListingError::Tables)
    }

    fn segment(&self, index: u32) -> Result<Banked, ListingError> {
        self.layout.segment(index).ok_or(ListingError::Tables)
    }

    /// Pushes the length of a table or segment.
    fn length(&mut self, banked: Banked) -> Result<(), ListingError> {
        self.add_indexed(Op::GlobalGet, banked.slot)
    }

    /// Pushes the operands that the routines take for a table or segment.
    fn operands_for(&mut self, banked: Banked) -> Result<(), ListingError> {
        self.constant(Value::I32(banked.base as i32));
        self.length(banked)
    }

    /// Replaces the place on top by the reference in that place of a table.
    pub(super) fn reference_in(&mut self, table: u32) -> Result<(), ListingError> {
        self.operands_for(self.table(table)?)?;
        self.call_of_tables(Op::TableGet)
    }

    fn call_of_tables(&mut self, op: Op) -> Result<(), ListingError> {
        let function = tables::routine(op).ok_or(ListingError::Tables)?;
        self.call_of_tables_function(function)
    }

    /// Adds a call of a function of the routines.
    pub(super) fn call_of_tables_function(&mut self, function: u32) -> Result<(), ListingError> {
        let ty = tables::routines().type_of(function);
        self.call_routine(Routine::Table(function), ty.params.len() as u32, ty.results.len() as u32)
    }

    /// Adds the lines of a function of the routines.
    pub(super) fn table_routine(&mut self, function: u32) -> Result<(), ListingError> {
        let program = std::mem::replace(&mut self.program, tables::routines());
        self.of = Of::Tables;
        let added = self.function(function);
        (self.of, self.program) = (Of::Program, program);
        added
    }

    /// Adds what an import of the routines stands for.
    pub(super) fn access(&mut self, access: Access) {
        match access {
            Access::Load => self.add(Operation::BankLoad),
            Access::Store => self.add(Operation::BankStore),
            // No table in the prompt has such a place.
            Access::Outside => {
                self.constant(Value::I32(-1));
                self.add(Operation::TableGet);
            }
        }
    }
}
