//! Tables, and the instructions of one table.

use super::Vm;
use crate::full::isa::{Op, Trap};
use crate::full::program::{Table, Value};
use crate::full::trace::Effect;

impl Table {
    /// The reference in a place.
    pub(super) fn get(&self, place: u32) -> Result<Value, Trap> {
        self.places.get(place as usize).copied().ok_or(Trap::TableOutOfBounds)
    }

    /// The references in so many places.
    pub(super) fn part(&self, first: u32, length: u32) -> Result<&[Value], Trap> {
        part(&self.places, first, length)
    }

    /// Puts references into places. If one of the places is beyond the end, nothing is put.
    pub(super) fn put(&mut self, first: u32, references: &[Value]) -> Result<(), Trap> {
        let places = self.places.get_mut(first as usize..first as usize + references.len());
        places.ok_or(Trap::TableOutOfBounds).map(|places| places.copy_from_slice(references))
    }

    /// Adds places that hold a reference, if the limit allows it. Returns the old length.
    pub(super) fn grow(&mut self, delta: u32, reference: Value) -> Option<u32> {
        let length = self.places.len() as u32;
        let grown = length.checked_add(delta).filter(|grown| *grown <= self.max)?;
        self.places.resize(grown as usize, reference);
        Some(length)
    }
}

/// A part of a table or segment.
pub(super) fn part(places: &[Value], first: u32, length: u32) -> Result<&[Value], Trap> {
    places.get(first as usize..first as usize + length as usize).ok_or(Trap::TableOutOfBounds)
}

impl Vm<'_> {
    /// An instruction of one table.
    pub(super) fn at_table(&mut self, op: Op, index: u32) -> Result<Effect, Trap> {
        Ok(match op {
            Op::TableGet => {
                let place = self.pop_u32();
                let reference = self.tables[index as usize].get(place)?;
                self.push(reference)
            }
            Op::TableSet => {
                let (reference, place) = (self.pop(), self.pop_u32());
                self.tables[index as usize].put(place, &[reference])?;
                Effect::Table { table: index, place, reference }
            }
            Op::TableSize => {
                let length = self.tables[index as usize].places.len();
                self.push(Value::I32(length as i32))
            }
            Op::TableGrow => {
                let (delta, reference) = (self.pop_u32(), self.pop());
                let length = self.tables[index as usize].grow(delta, reference);
                self.push(Value::I32(length.map_or(-1, |length| length as i32)))
            }
            _ => {
                let (length, reference, place) = (self.pop_u32(), self.pop(), self.pop_u32());
                self.tables[index as usize].part(place, length)?;
                self.tables[index as usize].put(place, &vec![reference; length as usize])?;
                Effect::Nothing
            }
        })
    }
}
