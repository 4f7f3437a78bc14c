//! Where a program's tables are.
//!
//! A table that is only called through, and never changes, is a part of the prompt, if it is the only table
//! that calls go through. All other tables that instructions use, and element segments, are in the bank,
//! after the addresses of the program's initial data. The length of each is in a slot after those of the
//! globals.
//!
//! If calls go through tables of the bank, the prompt has a table of all functions instead: a reference is a
//! place in it, and place 0, for the null reference, is empty.

use std::collections::BTreeSet;

use super::ListingError;
use crate::full::isa::Op;
use crate::full::program::limits::{MAX_GLOBALS, MAX_PAGES, MAX_TABLE, PAGE};
use crate::full::program::{Immediate, Program, Value};

/// Bytes of a reference in the bank.
pub(super) const WORD: u64 = 4;

/// A table or a segment in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::full) struct Banked {
    /// The address of the first reference.
    pub base: u32,
    /// The index of the slot with the length, counted as the globals are.
    pub slot: u32,
}

/// The table in the prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Prompted {
    /// None.
    #[default]
    Nothing,
    /// A table of the program.
    Table(u32),
    /// All functions.
    Functions,
}

/// Where the tables of a program are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub(super) prompted: Prompted,
    /// Per table, and per segment: where in the bank it is, if it is there.
    pub(in crate::full) tables: Vec<Option<Banked>>,
    pub(in crate::full) segments: Vec<Option<Banked>>,
    /// The lengths at the start, in the order of their slots.
    pub(super) lengths: Vec<u32>,
}

impl Layout {
    /// The layout of a program.
    ///
    /// # Errors
    /// Where there is no room for the tables.
    pub(super) fn of(program: &Program) -> Result<Layout, ListingError> {
        let (mut called, mut used, mut grown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for instr in &program.code {
            match instr.immediate {
                Immediate::Indirect { table, .. } => drop(called.insert(table)),
                Immediate::Table(table) => {
                    used.insert(table);
                    grown.extend((instr.op == Op::TableGrow).then_some(table));
                }
                Immediate::Tables { to, from } => used.extend([to, from]),
                Immediate::Init { table, .. } => drop(used.insert(table)),
                _ => {}
            }
        }
        let only = called.first().copied().filter(|table| called.len() == 1 && !used.contains(table));
        let prompted = match only {
            Some(table) => Prompted::Table(table),
            None if called.is_empty() => Prompted::Nothing,
            None => Prompted::Functions,
        };
        if prompted == Prompted::Functions {
            used.append(&mut called);
        }
        if used.is_empty() && program.segments.is_empty() {
            return Ok(Layout { prompted, ..Layout::default() });
        }
        if prompted == Prompted::Functions && program.functions.len() as u32 >= MAX_TABLE {
            return Err(ListingError::Tables);
        }
        let data = program.memory.as_ref().and_then(|memory| memory.data.last());
        let mut next = data.map_or(0, |(address, run)| u64::from(*address) + run.len() as u64).next_multiple_of(WORD);
        let mut lengths = Vec::new();
        let mut place = |length: usize, most: usize| {
            let banked = Banked { base: next as u32, slot: (program.globals.len() + lengths.len()) as u32 };
            lengths.push(length as u32);
            next += most as u64 * WORD;
            banked
        };
        let tables = (0..).zip(&program.tables).map(|(index, table)| {
            let length = table.places.len();
            let most = if grown.contains(&index) { table.max as usize } else { length };
            used.contains(&index).then(|| place(length, most))
        });
        let tables = tables.collect();
        let segments = program.segments.iter().map(|segment| Some(place(segment.len(), segment.len()))).collect();
        // The key of a byte is up to 2 more than its address.
        if next + 2 > u64::from(MAX_PAGES) * u64::from(PAGE) || program.globals.len() + lengths.len() > MAX_GLOBALS as usize {
            return Err(ListingError::Tables);
        }
        Ok(Layout { prompted, tables, segments, lengths })
    }

    /// Whether anything is in the bank.
    pub(in crate::full) fn has_bank(&self) -> bool {
        self.tables.iter().chain(&self.segments).any(Option::is_some)
    }

    /// The place in the bank of a table.
    pub(super) fn table(&self, index: u32) -> Option<Banked> {
        self.tables.get(index as usize).copied().flatten()
    }

    /// The place in the bank of a segment.
    pub(super) fn segment(&self, index: u32) -> Option<Banked> {
        self.segments.get(index as usize).copied().flatten()
    }

    /// The words of the bank at the start that are not 0, by ascending address.
    pub(in crate::full) fn words<'a>(&'a self, program: &'a Program) -> impl Iterator<Item = (u32, Value)> + 'a {
        let tables = self.tables.iter().zip(program.tables.iter().map(|table| &table.places));
        let all = tables.chain(self.segments.iter().zip(&program.segments));
        let words = all
            .filter_map(|(banked, values)| Some(((*banked)?.base, values)))
            .flat_map(|(base, values)| (base..).step_by(WORD as usize).zip(values.iter().copied()));
        words.filter(|(_, value)| value.bits() != 0)
    }

    /// The functions in the table of the prompt, per place.
    pub(in crate::full) fn prompted<'a>(&'a self, program: &'a Program) -> Box<dyn Iterator<Item = Option<u32>> + 'a> {
        match self.prompted {
            Prompted::Nothing => Box::new(std::iter::empty()),
            Prompted::Table(table) => Box::new(program.tables[table as usize].places.iter().map(|place| place.referred())),
            Prompted::Functions => Box::new([None].into_iter().chain((0..program.functions.len() as u32).map(Some))),
        }
    }
}
