//! Attention of a tile's rows: each sees those before it, in the tile and before the tile.
//!
//! Row after row and value after value this would be mostly bookkeeping. So a family's searches are made in
//! two steps: first, from the integers of keys and queries alone, *where* each row finds its values; then
//! these, one value for all rows at a time.

use std::ops::Range;

use super::keys::{Index, Keys};
use super::layer::{Family, Search};
use super::tile::{Across, TILE, Tile};
use super::{Memory, attend};
use crate::transformer::Number;

/// The numbers of a key or a query, by row. Most heads are two wide.
type Columns = [[i64; TILE]; 2];

/// Room for the attention of a tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Room<T> {
    queries: Vec<Columns>,
    /// By query, where the values that each row finds begin among those of all keys.
    found: Vec<[usize; TILE]>,
    /// Rows whose values are needed.
    needed: Vec<usize>,
    /// Rows that are the latest of their key, and its slot.
    latest: Vec<(usize, usize)>,
    /// What a search has found, a column by output.
    values: Vec<Across<T>>,
    /// A row's projections.
    projected: Vec<T>,
}

/// A layer's attention, tile after tile.
pub(super) struct AttendTiles<'t, T> {
    pub tiles: &'t mut [Tile<T>],
    pub families: &'t [Family<T>],
    pub memories: &'t mut [Memory<T>],
    /// Of the first row.
    pub position: u64,
    pub room: &'t mut Room<T>,
}

impl<T: Number> pulp::NullaryFnOnce for AttendTiles<'_, T> {
    type Output = ();

    // A closure would not be sure to be inlined, and only what is inlined gets the vectors.
    #[inline(always)]
    fn call(mut self) {
        for tile in self.tiles {
            // Everything was projected before: what one family adds to the lanes is not seen by the next.
            for (family, memory) in self.families.iter().zip(&mut *self.memories) {
                self.room.attend(tile, family, memory, self.position);
            }
            self.position += tile.rows as u64;
        }
    }
}

impl<T: Number> Room<T> {
    /// All heads of a family; the tile's first row is at `position`.
    #[inline(always)]
    fn attend(&mut self, tile: &mut Tile<T>, family: &Family<T>, memory: &mut Memory<T>, position: u64) {
        match memory {
            Memory::Sum(sums) => sum(tile, family, sums),
            _ if family.key.len() != 2 => self.row_by_row(tile, family, memory, position),
            Memory::Keys(keys) => {
                let key = columns(&tile.projected, &family.key);
                self.search(tile, family, keys, Some((position, key)));
            }
            Memory::Store(store) if store.distinct_keys() == 0 => {}
            Memory::Store(store) => self.search(tile, family, store.keys_mut(), None),
        }
    }

    /// Where keys are not pairs.
    fn row_by_row(&mut self, Tile { rows, lanes, projected, .. }: &mut Tile<T>, family: &Family<T>, memory: &mut Memory<T>, position: u64) {
        let (family, memory) = (std::slice::from_ref(family), std::slice::from_mut(memory));
        for row in 0..*rows {
            self.projected.clear();
            self.projected.extend(projected.iter().map(|Across(column)| column[row]));
            attend(family, memory, &self.projected, None, position + row as u64, |lane, amount| lanes[lane].0[row] += amount);
        }
    }

    /// What the rows find among the keys; their own keys, which are given with the first row's position, join
    /// these before.
    #[inline(always)]
    fn search(&mut self, tile: &mut Tile<T>, family: &Family<T>, keys: &mut Keys<T>, joining: Option<(u64, Columns)>) {
        let Tile { rows, lanes, projected, .. } = tile;
        self.queries.clear();
        for search in &family.searches {
            self.queries.push(columns(projected, &search.query));
        }
        self.find(*rows, keys, joining.as_ref());
        if joining.is_some() {
            self.lay_out(&projected[family.values.clone()], keys);
        }
        for (search, found) in family.searches.iter().zip(&self.found) {
            add_found(search, found, keys, lanes, &mut self.values);
        }
        keys.values.keep(&self.latest);
    }

    /// Writes the tile's needed values into the store of values, by row. The keys are not updated before the
    /// whole tile is.
    #[inline(always)]
    fn lay_out(&self, values: &[Across<T>], keys: &mut Keys<T>) {
        for (value, Across(column)) in values.iter().enumerate() {
            for row in &self.needed {
                keys.values.flat[row * keys.values.width + value] = column[row % TILE];
            }
        }
    }

    /// Where each row's queries find their values, and which of the tile's rows are needed for it or for
    /// later.
    #[inline(never)]
    fn find(&mut self, rows: usize, keys: &mut Keys<T>, joining: Option<&(u64, Columns)>) {
        let Keys { index: Index::Pairs(pairs), values, .. } = keys else {
            unreachable!("keys of families with queries that are pairs are pairs")
        };
        let (rows, width) = (rows.min(TILE), values.width);
        values.begin_tile();
        // What rows that are not there find is not looked at.
        self.found.clear();
        self.found.resize(self.queries.len(), [0; TILE]);
        self.needed.clear();
        self.latest.clear();
        let Some((first, [a, b])) = joining else {
            for ([q, r], found) in self.queries.iter().zip(&mut self.found) {
                for row in 0..rows {
                    let is_repeated = row > 0 && (q[row], r[row]) == (q[row - 1], r[row - 1]);
                    found[row] = match is_repeated {
                        true => found[row - 1],
                        false => values.start(pairs.best([q[row], r[row]]).expect("there are keys")),
                    };
                }
            }
            return;
        };

        let mut is_needed = [false; TILE];
        let mut slots = [0; TILE];
        for row in 0..rows {
            let slot = pairs.slot([a[row], b[row]]);
            slots[row] = slot;
            pairs.positions[slot] = first + row as u64;
            for ([q, r], found) in self.queries.iter().zip(&mut self.found) {
                let slot = pairs.best([q[row], r[row]]).expect("there are keys");
                // Before the tile it wraps to something large.
                let row_of_tile = pairs.positions[slot].wrapping_sub(*first);
                let is_of_tile = row_of_tile < TILE as u64;
                is_needed[row_of_tile as usize % TILE] |= is_of_tile;
                found[row] = if is_of_tile { row_of_tile as usize * width } else { values.start(slot) };
            }
        }
        for (row, slot) in slots.into_iter().enumerate().take(rows) {
            let is_latest = pairs.positions[slot] == first + row as u64;
            if is_latest {
                self.latest.push((row, slot));
            }
            if is_latest || is_needed[row] {
                self.needed.push(row);
            }
        }
        keys.make_room_for_all();
    }
}

/// Adds to the lanes what a search has found, whose values begin there for each row. `room` is for a column
/// by output.
#[inline(always)]
fn add_found<T: Number>(search: &Search<T>, found: &[usize; TILE], keys: &Keys<T>, lanes: &mut [Across<T>], room: &mut Vec<Across<T>>) {
    room.clear();
    for (value, ..) in &search.outputs {
        let values = &keys.values.flat[search.values.start + *value as usize..];
        let mut column = [T::default(); TILE];
        column.iter_mut().zip(found).for_each(|(number, start)| *number = values[*start]);
        room.push(Across(column));
    }
    // Apart from that: vectors of what has just been put together number by number are slow to read.
    for ((_, lane, weight), column) in search.outputs.iter().zip(room.iter()) {
        lanes[*lane as usize].add(*weight, column);
    }
}

/// A key's or a query's numbers.
#[inline(always)]
fn columns<T: Number>(projected: &[Across<T>], forms: &Range<usize>) -> Columns {
    [projected[forms.start].integers(), projected[forms.start + 1].integers()]
}

/// The running sums after each row.
#[inline(always)]
fn sum<T: Number>(tile: &mut Tile<T>, family: &Family<T>, sums: &mut [T]) {
    let Tile { rows, lanes, projected, .. } = tile;
    let columns = &mut projected[family.values.clone()];
    for (sum, Across(column)) in sums.iter_mut().zip(columns.iter_mut()) {
        for value in column.iter_mut().take(*rows) {
            *sum += *value;
            *value = *sum;
        }
    }
    for Search { values, outputs, .. } in &family.searches {
        for (value, lane, weight) in outputs {
            lanes[*lane as usize].add(*weight, &columns[values.start + *value as usize]);
        }
    }
}
