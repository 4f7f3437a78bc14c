//! Generating instructions of tables that change, and calls through them.

use arbitrary::Result;

use super::Body;
use crate::full::isa::ValType as Type;
use crate::harness::full::generate::stack::{CHANGING, EXTERNAL, PLACES, rarely};

/// The passive segment.
const SEGMENT: u32 = 1;

impl Body<'_, '_, '_> {
    /// An instruction of a table.
    pub(super) fn tables(&mut self) -> Result<()> {
        let (table, ty) = if rarely(self.u, 3)? { (EXTERNAL, Type::ExternRef) } else { (CHANGING, Type::FuncRef) };
        match self.u.int_in_range(0..=11)? {
            0 | 1 => {
                self.place()?;
                self.dropped()?;
                self.sink().table_get(table);
                self.stack.pop();
                self.stack.push(ty);
            }
            2 | 3 => {
                self.place()?;
                self.source(ty)?;
                self.dropped()?;
                self.sink().table_set(table);
                self.pop(2);
            }
            4 => {
                self.sink().table_size(table);
                self.stack.push(Type::I32);
            }
            5 => {
                self.source(ty)?;
                self.number(0, 2)?;
                self.sink().table_grow(table);
                self.pop(2);
                self.stack.push(Type::I32);
            }
            6 => {
                self.place()?;
                self.source(ty)?;
                self.number(0, 3)?;
                self.sink().table_fill(table);
                self.pop(3);
            }
            7 => {
                self.ranges()?;
                self.sink().table_copy(table, table);
                self.pop(3);
            }
            8 => {
                self.ranges()?;
                self.sink().table_init(CHANGING, SEGMENT);
                self.pop(3);
                if rarely(self.u, 3)? {
                    self.sink().elem_drop(SEGMENT);
                }
            }
            9 => {
                self.source(ty)?;
                self.sink().ref_is_null();
                self.pop(1);
                self.stack.push(Type::I32);
            }
            _ => self.call_changing()?,
        }
        Ok(())
    }

    fn pop(&mut self, count: usize) {
        self.stack.truncate(self.stack.len() - count);
    }

    /// Pushes a place of a table, rarely one beyond its end.
    fn place(&mut self) -> Result<()> {
        let most = if rarely(self.u, 8)? { PLACES + 1 } else { PLACES - 1 };
        self.number(0, most)
    }

    /// Pushes two places and a number of places.
    fn ranges(&mut self) -> Result<()> {
        self.number(0, 2)?;
        self.number(0, 2)?;
        let most = if rarely(self.u, 8)? { PLACES } else { 2 };
        self.number(0, most)
    }

    /// A call of a function that references refer to, through the table that changes.
    fn call_changing(&mut self) -> Result<()> {
        let function = *self.u.choose(&self.world.referred)?;
        // The last function calls none of those, so that the program ends.
        if self.world.referred.contains(&self.index) {
            return Ok(());
        }
        let signature = self.world.signatures[function as usize].clone();
        self.provide(&signature.0)?;
        if self.u.arbitrary()? {
            // Where it is expected.
            let place = self.u.int_in_range(0..=PLACES - 1)?;
            self.sink().i32_const(place as i32).ref_func(function).table_set(CHANGING);
            self.sink().i32_const(place as i32);
            self.stack.push(Type::I32);
        } else {
            self.place()?;
        }
        self.dropped()?;
        let ty = self.world.type_of(&signature);
        self.sink().call_indirect(CHANGING, ty);
        self.pop(signature.0.len() + 1);
        self.stack.extend(&signature.1);
        Ok(())
    }
}
