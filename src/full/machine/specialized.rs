//! The full machine with a program in its weights: the first Futamura projection.
//!
//! The program is in rows of the embedding after those of the tokens, which fill stores. All weights but
//! these rows and the row of the prompt's token are the same for every program.
//!
//! The prompt is the token `go`. Its row has the first pc, the memory's length and its limit.

use std::collections::BTreeMap;

use super::fetch::Source;
use super::held::{BYTES, DATA, ELEMENTS, Held, LINES};
use super::own::Own;
use super::{NAME, place};
use crate::circuit::{Circuit, Form, Graph};
use crate::full::listing::lower::Lowered;
use crate::full::listing::token::{Family, Mark, Vocabulary};
use crate::full::listing::{Line, Listing};
use crate::full::program::Program;
use crate::transformer::HeldStore;

/// The rows that hold a program, in the order of the embedding.
pub struct Rows<'p> {
    program: &'p Program,
    lines: &'p [Line],
    /// Per place of the table: the pc and the type's number, or twice 0.
    elements: Vec<(u64, u64)>,
    /// Per family: the bytes of memory at the start, by key.
    data: [BTreeMap<u64, u8>; 4],
}

impl<'p> Rows<'p> {
    /// The rows of a program.
    pub fn of(program: &'p Program, lowered: &'p Lowered) -> Rows<'p> {
        let Lowered { listing, entries } = lowered;
        let element = |function: Option<u32>| {
            let function = function.map(|function| function as usize);
            function.map_or((0, 0), |function| (entries[function], u64::from(program.functions[function].ty) + 1))
        };
        let elements = listing.layout.prompted(program).map(element).collect();
        Rows { program, lines: &listing.lines, elements, data: data(program, listing) }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.lines.len() + self.elements.len() + self.data.iter().map(BTreeMap::len).sum::<usize>()
    }

    /// What fills the stores.
    pub fn stores(&self) -> Vec<HeldStore> {
        let vocabulary = Vocabulary::new();
        let mut first = vocabulary.size();
        let mut next = |store: usize, count: usize| {
            let held = HeldStore { store, first, count };
            first += count;
            held
        };
        let mut stores = vec![next(LINES, self.lines.len()), next(ELEMENTS, self.elements.len())];
        stores.extend(self.data.iter().enumerate().map(|(family, data)| next(DATA + family, data.len())));
        let bytes = Family::Byte(0);
        stores.push(HeldStore { store: BYTES, first: vocabulary.id(bytes.token(0)), count: bytes.size().into() });
        stores
    }

    /// What each row holds, for people.
    pub fn names(&self) -> Vec<String> {
        let lines = self.lines.iter().enumerate().map(|(index, line)| format!("pc {}: {}", Listing::pc(index), line.operation));
        let elements = (0..self.elements.len()).map(|place| format!("place {place} of the table"));
        let data = self
            .data
            .iter()
            .enumerate()
            .flat_map(|(family, data)| data.keys().map(move |key| format!("memory family {family}, key {key}")));
        lines.chain(elements).chain(data).collect()
    }

    /// The embeddings of the rows.
    fn forms(&self, own: &Own, held: &Held) -> Vec<Form> {
        let previous = [None].into_iter().chain(self.lines.iter().map(Some));
        let lines = self.lines.iter().zip(previous).enumerate();
        let lines = lines.map(|(index, (line, previous))| held.line(own, Listing::pc(index), line, previous));
        let elements = self.elements.iter().zip(0..).map(|((target, ty), place)| held.element(place, *target, *ty));
        let data = self.data.iter().flatten().map(|(key, byte)| held.data(*key, *byte));
        lines.chain(elements).chain(data).collect()
    }
}

/// The bytes of memory and of the bank at the start that are not 0, per family by their keys; and zeros at
/// the keys next to theirs, so that the nearest row to any other key has a 0.
fn data(program: &Program, listing: &Listing) -> [BTreeMap<u64, u8>; 4] {
    let mut data: [BTreeMap<u64, u8>; 4] = Default::default();
    let mut put = |address: u64, key: u64, byte: u8| {
        if byte != 0 {
            data[(address % 4) as usize].insert(key, byte);
        }
    };
    for (start, run) in program.memory.iter().flat_map(|memory| &memory.data) {
        (u64::from(*start)..).zip(run).for_each(|(address, byte)| put(address, address + 1, *byte));
    }
    for (address, value) in listing.layout.words(program) {
        (u64::from(address)..).zip(value.bits().to_le_bytes()).for_each(|(address, byte)| put(address, address + 2, byte));
    }
    for (family, data) in (0..).zip(&mut data) {
        let keys: Vec<u64> = data.keys().copied().collect();
        for key in keys {
            for next in neighbours(family, key, listing.layout.has_bank()) {
                data.entry(next).or_insert(0);
            }
        }
    }
    data
}

/// The keys of a family next to one of its keys. The keys of bytes of memory are 4 apart. Those of the bank
/// are 1 above them.
fn neighbours(family: u64, key: u64, has_bank: bool) -> impl Iterator<Item = u64> {
    let is_of_memory = key % 4 == (family + 1) % 4;
    let [below, above] = match (has_bank, is_of_memory) {
        (false, _) => [4, 4],
        (true, true) => [3, 1],
        (true, false) => [1, 3],
    };
    key.checked_sub(below).filter(|key| *key > 0).into_iter().chain([key + above])
}

/// The token of the prompt.
pub fn prompt() -> Vec<usize> {
    vec![Vocabulary::new().id(Mark::Go.token())]
}

/// The machine with this number of rows for a program, without their contents.
pub fn without_program(rows: usize) -> Circuit {
    graph(rows).0.place(NAME, 2)
}

fn graph(rows: usize) -> (Graph, Own, Held) {
    let vocabulary = Vocabulary::new();
    let mut graph = Graph::new(vocabulary.size() + rows);
    let own = Own::embed(&mut graph, &vocabulary, false);
    let held = Held::declare(&mut graph);
    place(&mut graph, &vocabulary, &own, Source::Weights(&held));
    (graph, own, held)
}

/// The machine with a program in it.
pub fn circuit(rows: &Rows<'_>) -> Circuit {
    let (mut graph, own, held) = graph(rows.count());
    let (pages, max_pages) = rows.program.memory.as_ref().map_or((0, 0), |memory| (memory.pages, memory.max_pages));
    prompt().into_iter().for_each(|token| graph.embed(token, own.go(pages.into(), max_pages.into())));
    let first = Vocabulary::new().size();
    for (row, form) in rows.forms(&own, &held).into_iter().enumerate() {
        graph.embed(first + row, form);
    }
    graph.place(NAME, 2)
}
