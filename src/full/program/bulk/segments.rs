//! The passive segments of a module, as functions that are made when the module is joined with its routines.
//!
//! No place in the program's memory is known to be free, so the bytes become constants in code. A function
//! returns any word of eight bytes; it finds the word by binary search. Each segment begins at a word of its
//! own. A global per segment holds the number of bytes left in the segment: all, or 0 after it is dropped.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::{DataKind, Result};

use super::Bulk;
use crate::full::program::join::Sections;

/// The passive segments that `memory.init` uses.
#[derive(Default)]
pub struct Segments {
    /// The places of the segments, by the segment's index in the module.
    places: BTreeMap<u32, Place>,
    words: Vec<u64>,
}

/// The place of a segment among the words.
struct Place {
    first_word: u32,
    length: u32,
    /// The index of the segment's global among the globals made for segments.
    global: u32,
}

impl Segments {
    /// The segments that the instructions found in a module use.
    ///
    /// # Errors
    /// Never for a module that the reader has accepted.
    pub fn of(sections: &Sections<'_>, found: &BTreeSet<Bulk>) -> Result<Segments> {
        let mut segments = Segments::default();
        for (index, segment) in sections.data.clone().into_iter().flatten().enumerate() {
            let (index, segment) = (index as u32, segment?);
            if matches!(segment.kind, DataKind::Passive) && found.contains(&Bulk::Init(index)) {
                let place = Place {
                    first_word: segments.words.len() as u32,
                    length: segment.data.len() as u32,
                    global: segments.places.len() as u32,
                };
                segments.places.insert(index, place);
                segments.words.extend(segment.data.chunks(8).map(word));
            }
        }
        Ok(segments)
    }

    /// The number of bytes left in each segment at the start of a run, in the order of the globals.
    pub fn lengths(&self) -> impl Iterator<Item = u32> {
        self.places.values().map(|place| place.length)
    }

    /// The function that the routines import as `list.name`; `None` if there is no such function.
    pub fn function(&self, list: &str, name: &str) -> Option<Function> {
        if (list, name) != ("segments", "word") {
            return None;
        }
        let mut function = Function::new([]);
        let mut body = function.instructions();
        choose(&mut body, 0, &self.words);
        body.end();
        Some(function)
    }

    /// `memory.init` of a segment: a function that calls the routine with the segment's first word and the
    /// bytes left.
    pub fn init(&self, segment: u32, routine: u32, first_global: u32) -> Function {
        let mut function = Function::new([]);
        let mut body = function.instructions();
        body.local_get(0).local_get(1).local_get(2);
        match self.places.get(&segment) {
            Some(place) => body.i32_const(place.first_word as i32).global_get(first_global + place.global),
            // An active segment counts as dropped when the run starts.
            None => body.i32_const(0).i32_const(0),
        };
        body.call(routine).end();
        function
    }

    /// `data.drop` of a segment. `None` if no instruction uses the segment's bytes.
    pub fn drop_of(&self, segment: u32, first_global: u32) -> Option<Function> {
        let place = self.places.get(&segment)?;
        let mut function = Function::new([]);
        function.instructions().i32_const(0).global_set(first_global + place.global).end();
        Some(function)
    }
}

/// Pushes the word at the index in local 0, which is `first` plus an index into `words`.
fn choose(body: &mut InstructionSink<'_>, first: u32, words: &[u64]) {
    match *words {
        [] => drop(body.i64_const(0)),
        [word] => drop(body.i64_const(word as i64)),
        _ => {
            let (low, high) = words.split_at(words.len() / 2);
            let middle = first + low.len() as u32;
            body.local_get(0).i32_const(middle as i32).i32_lt_u().if_(BlockType::Result(ValType::I64));
            choose(body, first, low);
            body.else_();
            choose(body, middle, high);
            body.end();
        }
    }
}

/// A word of up to eight bytes, whose first byte is the lowest.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
