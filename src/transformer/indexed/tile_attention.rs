//! Attention of a tile's rows: each row sees the rows before it, both in the tile and before the tile.
//!
//! Row by row and value by value, this would be mostly bookkeeping. So a family's searches have two steps.
//! The first step uses only the integers of keys and queries, and determines *where* each row finds its
//! values. The second step reads these values, one value for all rows at a time.

use std::ops::Range;

use super::keys::{Index, Keys};
use super::layer::{Family, Search};
use super::tile::{Across, TILE, Tile};
use super::{Memory, attend};
use crate::transformer::Number;

/// The numbers of a key or a query, per row. Most heads are two wide.
type Columns = [[i64; TILE]; 2];

/// Memory for the attention of a tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Room<T> {
    queries: Vec<Columns>,
    /// Per query and row, the start of the values that are found, within the values of all keys.
    found: Vec<[usize; TILE]>,
    /// Rows whose values are needed.
    needed: Vec<usize>,
    /// Rows that are the latest row of their key, with the slot of the key.
    latest: Vec<(usize, usize)>,
    /// The values that a search has found, one column per output.
    values: Vec<Across<T>>,
    /// A row's projections.
    projected: Vec<T>,
}

/// A layer's attention, tile after tile.
pub(super) struct AttendTiles<'t, T> {
    pub tiles: &'t mut [Tile<T>],
    pub families: &'t [Family<T>],
    pub memories: &'t mut [Memory<T>],
    /// The position of the first row.
    pub position: u64,
    pub room: &'t mut Room<T>,
}

impl<T: Number> pulp::NullaryFnOnce for AttendTiles<'_, T> {
    type Output = ();

    // A closure might not be inlined, and only inlined code uses the wide vector instructions.
    #[inline(always)]
    fn call(mut self) {
        for tile in self.tiles {
            // All projections were computed before, so a family does not see what another family adds to the
            // lanes.
            for (family, memory) in self.families.iter().zip(&mut *self.memories) {
                self.room.attend(tile, family, memory, self.position);
            }
            self.position += tile.rows as u64;
        }
    }
}

impl<T: Number> Room<T> {
    /// All heads of a family. The tile's first row is at `position`.
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

    /// Attention row by row, for keys that are not pairs.
    fn row_by_row(&mut self, Tile { rows, lanes, projected, .. }: &mut Tile<T>, family: &Family<T>, memory: &mut Memory<T>, position: u64) {
        let (family, memory) = (std::slice::from_ref(family), std::slice::from_mut(memory));
        for row in 0..*rows {
            self.projected.clear();
            self.projected.extend(projected.iter().map(|Across(column)| column[row]));
            attend(family, memory, &self.projected, None, position + row as u64, |outputs, found| {
                outputs.all().for_each(|(value, lane, weight)| lanes[lane].0[row] += weight * found[value]);
            });
        }
    }

    /// Adds to the lanes what the rows find among the keys. `joining` has the position of the first row and
    /// the rows' own keys. The key of each row joins `keys` before the row's queries are answered.
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

    /// Writes the needed values of the tile's rows into the room for these rows in `keys.values`. The slots
    /// of the keys are updated only after the whole tile.
    #[inline(always)]
    fn lay_out(&self, values: &[Across<T>], keys: &mut Keys<T>) {
        for (value, Across(column)) in values.iter().enumerate() {
            for row in &self.needed {
                keys.values.flat[row * keys.values.width + value] = column[row % TILE];
            }
        }
    }

    /// Determines where each row's queries find their values, and which of the tile's rows are needed for
    /// these queries or later.
    #[inline(never)]
    fn find(&mut self, rows: usize, keys: &mut Keys<T>, joining: Option<&(u64, Columns)>) {
        let Keys { index: Index::Pairs(pairs), values, .. } = keys else {
            unreachable!("keys of families with queries that are pairs are pairs")
        };
        let (rows, width) = (rows.min(TILE), values.width);
        values.begin_tile();
        // If the tile is not full, the entries of the missing rows are not read.
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
            let slot = pairs.slot([a[row], b[row]], |_| ());
            slots[row] = slot;
            pairs.positions[slot] = first + row as u64;
            for ([q, r], found) in self.queries.iter().zip(&mut self.found) {
                let slot = pairs.best([q[row], r[row]]).expect("there are keys");
                // For a row before the tile, the subtraction wraps to a large number.
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

/// Adds the values that a search has found to the lanes. `found` has the start of these values per row.
/// `room` is memory for one column per output.
#[inline(always)]
fn add_found<T: Number>(search: &Search<T>, found: &[usize; TILE], keys: &Keys<T>, lanes: &mut [Across<T>], room: &mut Vec<Across<T>>) {
    room.clear();
    for (value, ..) in search.outputs.all() {
        let values = &keys.values.flat[value..];
        let mut column = [T::default(); TILE];
        column.iter_mut().zip(found).for_each(|(number, start)| *number = values[*start]);
        room.push(Across(column));
    }
    // In a loop of its own: a column that has just been written number by number is slow to read as vectors.
    for ((_, lane, weight), column) in search.outputs.all().zip(room.iter()) {
        lanes[lane].add(weight, column);
    }
}

/// The numbers of a key or a query.
#[inline(always)]
fn columns<T: Number>(projected: &[Across<T>], forms: &Range<usize>) -> Columns {
    [projected[forms.start].integers(), projected[forms.start + 1].integers()]
}

/// Replaces each row's values by the running sums after the row, and adds these to the lanes.
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
    for (value, lane, weight) in family.searches.iter().flat_map(|search| search.outputs.all()) {
        lanes[lane].add(weight, &columns[value]);
    }
}
