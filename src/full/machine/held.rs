//! A program in rows of the embedding, which stores are filled with: where specialised weights find what the
//! universal machine finds in the prompt.
//!
//! | store | a row per | key |
//! | --- | --- | --- |
//! | 0 | instruction | its pc |
//! | 1 to 4 | byte of memory at the start, by the four [families](super::memory) | as of a byte stored |
//! | 5 | element of the table | its number |
//! | 6 | value of a byte: the tokens `V0` | the byte plus 1 |
//!
//! What the universal machine takes from several rows, such as an immediate and the index of the instruction
//! before, is in one row here.

use std::collections::BTreeMap;

use super::fetch::{Calls, Instruction};
use super::own::Own;
use crate::circuit::{Form, Graph, Key, Lane};
use crate::full::listing::Line;
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Operation;
use crate::full::listing::token::Shifted;

/// The stores.
pub const LINES: usize = 0;
pub const DATA: usize = 1;
pub const ELEMENTS: usize = DATA + 4;
pub const BYTES: usize = ELEMENTS + 1;

/// The lanes of the rows, beside those of [`Own`].
pub struct Held {
    number: Lane,
    number_squared: Lane,
    /// The byte of memory in a row, and the pc and type of an element.
    byte: Lane,
    target: Lane,
    ty: Lane,
    height: Lane,
    /// What the instruction before is: the index, what it sets, and where its result is.
    previous_index: Lane,
    previous_sets_local: Lane,
    previous_sets_global: Lane,
    previous_grows: Lane,
    previous_shift: Lane,
    previous_below: Lane,
}

impl Held {
    /// Declares the lanes.
    pub fn declare(g: &mut Graph) -> Held {
        Held {
            number: g.embedded("held number"),
            number_squared: g.embedded("held number squared"),
            byte: g.embedded("held byte"),
            target: g.embedded("held target"),
            ty: g.embedded("held type"),
            height: g.embedded("held height"),
            previous_index: g.embedded("held previous index"),
            previous_sets_local: g.embedded("held previous sets local"),
            previous_sets_global: g.embedded("held previous sets global"),
            previous_grows: g.embedded("held previous grows"),
            previous_shift: g.embedded("held previous shift"),
            previous_below: g.embedded("held previous below"),
        }
    }

    fn key(&self) -> Key {
        Key { key: self.number.into(), square: self.number_squared.into() }
    }

    fn numbered(&self, number: u64) -> Form {
        let number = number as i64;
        self.number * number + self.number_squared * (number * number)
    }

    /// The row of an instruction, given its pc, the instruction before and the height after.
    pub fn line(&self, own: &Own, pc: u64, line: &Line, previous: Option<&Line>) -> Form {
        let own_shifts = line.shifts(0).filter(|(what, ..)| *what != Shifted::Result);
        let shifts: Form = own_shifts.map(|(what, is_below, slots)| own.shifted(what, is_below, slots)).sum();
        let shifts = shifts + own.adds * i64::from(line.adds());
        let immediate = line.immediate as i64;
        let halves = own.immediate[0] * (immediate & 0xffff_ffff) + own.immediate[1] * (immediate >> 32 & 0xffff_ffff);
        let index = own.index * i64::from(line.index) + own.immediate_mod_4 * (immediate & 3);
        let form = self.numbered(pc) + own.features_of(line.operation) + shifts + halves + index + self.height * i64::from(line.height);
        let Some(previous) = previous else { return form };
        let result = previous.shifts(line.height).find(|(what, ..)| *what == Shifted::Result);
        let sets = |feature| weight(previous.operation, feature);
        form + self.previous_index * i64::from(previous.index)
            + self.previous_sets_local * sets(Feature::LocalSet)
            + self.previous_sets_global * sets(Feature::GlobalSet)
            + self.previous_grows * sets(Feature::GrowTry)
            + self.previous_shift * result.map_or(0, |(.., slots)| slots)
            + self.previous_below * i64::from(result.is_some_and(|(_, is_below, _)| is_below))
    }

    /// The row of a byte of memory, by its key.
    pub fn data(&self, key: u64, byte: u8) -> Form {
        self.numbered(key) + self.byte * i64::from(byte)
    }

    /// The row of an element of the table: its place, and its pc and type number, which are 0 in an empty
    /// place.
    pub fn element(&self, place: u64, target: u64, ty: u64) -> Form {
        self.numbered(place + 2) + self.target * target as i64 + self.ty * ty as i64
    }

    /// Fetches the instruction at a pc.
    pub fn fetch(&self, g: &mut Graph, own: &Own, pc: Form, calls: Calls) -> Instruction {
        let names: Vec<Feature> = own.features().map(|(feature, _)| feature).collect();
        let rest = [own.immediate[0], own.immediate[1], own.immediate_mod_4, own.index, self.height];
        let rest = rest.into_iter().chain(own.shifts.into_iter().take(3)).chain(own.below.into_iter().take(3)).chain([
            own.adds,
            self.previous_index,
            self.previous_sets_local,
            self.previous_sets_global,
            self.previous_grows,
            self.previous_shift,
            self.previous_below,
        ]);
        let values = own.features().map(|(_, lane)| lane).chain(rest).map(Form::from).collect();
        let found = g.nearest_held("fetch", LINES, &pc, &self.key(), values);
        let (features, found) = found.split_at(names.len());
        Instruction {
            features: names.into_iter().zip(features.iter().copied()).collect::<BTreeMap<_, _>>(),
            pc,
            immediate: [found[0], found[1]],
            immediate_mod_4: found[2],
            index: found[3],
            height: found[4],
            shifts: [found[5], found[6], found[7]],
            below: [found[8], found[9], found[10]],
            adds: found[11],
            previous_index: found[12],
            previous_sets_local: found[13],
            previous_sets_global: found[14],
            previous_grows: found[15],
            previous_shift: found[16],
            previous_below: found[17],
            calls,
        }
    }

    /// The number of the element found for an index, and its pc and type.
    pub fn find_element(&self, g: &mut Graph, index: Lane) -> [Lane; 3] {
        let values = vec![self.number.into(), self.target.into(), self.ty.into()];
        let found = g.nearest_held("element", ELEMENTS, index + 2, &self.key(), values);
        [found[0], found[1], found[2]]
    }

    /// The byte that a key of a family has at the start. Every key next to that of a byte that is not 0 has a
    /// row, so the row that is nearest to any other key has a 0.
    pub fn find_data(&self, g: &mut Graph, family: usize, query: &Form) -> Lane {
        let name = format!("memory family {family} at the start");
        g.nearest_held(&name, DATA + family, query, &self.key(), vec![self.byte.into()])[0]
    }
}

/// The weight of a feature of an operation.
fn weight(operation: Operation, feature: Feature) -> i64 {
    operation.features().into_iter().find(|(other, _)| *other == feature).map_or(0, |(_, weight)| weight)
}
