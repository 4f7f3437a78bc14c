//! Tables.

use crate::full::isa::Trap;
use crate::full::program::{Table, Value};

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
