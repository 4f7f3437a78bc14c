//! The keys and values of heads that share their keys: one row per distinct key.
//!
//! **Why older rows of a key may be dropped.** Hard-max returns the value of the highest score; among equal
//! scores, the latest row wins. Rows with equal keys have equal scores for every query, so only the latest of
//! them can ever be returned, whatever the query is, now or later. Replacing the row when its key comes again
//! loses nothing. So memory grows with the number of distinct keys, which is the machine's state, and not
//! with the length of the trace.
//!
//! **How the best key is found.** Keys of two dimensions have indexes (`pairs`). Other keys are scanned.

use super::pairs::{FIRST_KEYS, Pairs};
use super::values::Values;
use crate::transformer::Number;

/// The distinct keys of a family of heads, each with a slot and with the values of its latest row.
#[derive(Clone, Debug)]
pub struct Keys<T> {
    pub(super) index: Index,
    /// The values of all heads of the family.
    pub(in crate::transformer) values: Values<T>,
    /// The slot of the row inserted last.
    latest: usize,
    /// This slot, if the row's values have not been computed yet.
    waiting: Option<usize>,
}

/// The index in which keys are found.
#[expect(clippy::large_enum_variant, reason = "in a box, pairs would cost each search one load more")]
#[derive(Clone, Debug)]
pub(super) enum Index {
    Pairs(Pairs),
    Wide(Wide),
}

/// Distinct keys that are not pairs.
#[derive(Clone, Debug, Default)]
pub(super) struct Wide {
    /// The keys, one after another.
    keys: Vec<i64>,
    /// Per slot, the latest position that had the key.
    positions: Vec<u64>,
}

impl Wide {
    fn slot(&mut self, key: &[i64]) -> usize {
        self.keys.chunks_exact(key.len()).position(|other| other == key).unwrap_or_else(|| {
            self.keys.extend_from_slice(key);
            self.positions.push(0);
            self.positions.len() - 1
        })
    }

    fn best(&self, query: &[i64]) -> Option<usize> {
        let score = |key: &[i64]| key.iter().zip(query).map(|(k, q)| k * q).sum::<i64>();
        let scores = self.keys.chunks_exact(query.len()).map(score).zip(&self.positions);
        scores.enumerate().max_by_key(|(_, score)| *score).map(|(slot, _)| slot)
    }
}

/// The numbers of a key or a query as integers. All these numbers must be integers.
fn integers<T: Number>(numbers: &[T]) -> Vec<i64> {
    numbers.iter().map(|number| number.to_integer()).collect()
}

impl<T: Number> Keys<T> {
    /// An index without keys, for heads of width `d_head` and `width` values per row.
    pub fn new(d_head: usize, width: usize) -> Keys<T> {
        let index = if d_head == 2 { Index::Pairs(Pairs::new()) } else { Index::Wide(Wide::default()) };
        Keys { index, values: Values::with_room(width, FIRST_KEYS), latest: 0, waiting: None }
    }

    /// The number of distinct keys.
    pub fn len(&self) -> usize {
        self.positions().len()
    }

    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        let of_index = match &self.index {
            Index::Pairs(pairs) => pairs.kept(),
            Index::Wide(Wide { keys, positions }) => size_of::<u64>() * (keys.len() + positions.len()),
        };
        of_index + self.values.kept()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.positions().is_empty()
    }

    fn positions(&self) -> &[u64] {
        match &self.index {
            Index::Pairs(pairs) => &pairs.positions,
            Index::Wide(wide) => &wide.positions,
        }
    }

    /// Adds a row of `[d_head]` key and `[width]` values, and drops the older row with the same key. If the
    /// row's position is earlier than that of the row already there, nothing changes.
    #[inline(always)]
    pub fn insert(&mut self, key: &[T], position: u64, values: &[T]) {
        let slot = self.slot(key);
        self.latest = slot;
        let latest = self.position_mut(slot);
        if position >= *latest {
            *latest = position;
            self.values.set(slot, |row| row.copy_from_slice(values));
        }
    }

    /// Adds a row whose values wait to be computed. The row must be later than all others. If the values of
    /// the row that waited before are needed now, returns the slot of that row. They are not needed if the
    /// new row replaces that row.
    #[inline(always)]
    pub(in crate::transformer) fn insert_waiting(&mut self, key: &[T], position: u64) -> Option<usize> {
        let slot = self.slot(key);
        self.insert_waiting_at(slot, position)
    }

    /// [`Keys::insert_waiting`] for a key that is a pair.
    #[inline(always)]
    pub(in crate::transformer) fn insert_waiting_pair(&mut self, key: [i64; 2], position: u64) -> Option<usize> {
        let slot = self.slot_of(key);
        self.insert_waiting_at(slot, position)
    }

    /// [`Keys::insert_waiting`] for a key that has this slot.
    #[inline(always)]
    pub(in crate::transformer) fn insert_waiting_at(&mut self, slot: usize, position: u64) -> Option<usize> {
        *self.position_mut(slot) = position;
        self.latest = slot;
        self.waiting.replace(slot).filter(|waiting| *waiting != slot)
    }

    /// Adds a row whose key is a pair. The row must be later than all others. Returns its slot, whose values
    /// must be set, and the slot of the row that waited before, if that row's values are needed now.
    #[inline(always)]
    pub(in crate::transformer) fn insert_pair(&mut self, key: [i64; 2], position: u64) -> (usize, Option<usize>) {
        let slot = self.slot_of(key);
        *self.position_mut(slot) = position;
        self.latest = slot;
        (slot, self.waiting.take().filter(|waiting| *waiting != slot))
    }

    /// The slot of the row inserted last. No other slot's values can have changed since the row before, but
    /// that of that row.
    pub(in crate::transformer) fn latest(&self) -> usize {
        self.latest
    }

    /// The slot of a key that is a pair. A key without a slot gets a new slot.
    #[inline(always)]
    pub(in crate::transformer) fn slot_of(&mut self, key: [i64; 2]) -> usize {
        match &mut self.index {
            Index::Pairs(pairs) => pairs.slot(key, |slot| self.values.make_room(slot)),
            Index::Wide(_) => self.slot_of_wide(&key),
        }
    }

    /// The slot of a key.
    #[inline(always)]
    fn slot(&mut self, key: &[T]) -> usize {
        match key {
            [a, b] => self.slot_of([a.to_integer(), b.to_integer()]),
            _ => self.slot_of_wide(&integers(key)),
        }
    }

    #[cold]
    fn slot_of_wide(&mut self, key: &[i64]) -> usize {
        let Index::Wide(wide) = &mut self.index else { unreachable!("pairs have two numbers") };
        let slot = wide.slot(key);
        self.values.make_room(slot);
        slot
    }

    /// The latest position that had the key of a slot.
    #[inline(always)]
    fn position_mut(&mut self, slot: usize) -> &mut u64 {
        match &mut self.index {
            Index::Pairs(pairs) => &mut pairs.positions[slot],
            Index::Wide(wide) => &mut wide.positions[slot],
        }
    }

    /// The slot that scores highest for the query `(j, 1)`, if it has the key `(2j, −j²)` and this follows
    /// from the key. Then it is the same as long as [`Keys::are_below_parabola`].
    pub(in crate::transformer) fn slot_on_parabola(&self, j: i64) -> Option<usize> {
        match &self.index {
            Index::Pairs(pairs) if pairs.below_parabola => pairs.lookup.on_parabola(j).map(|slot| slot as usize),
            _ => None,
        }
    }

    /// Whether no key scores higher for `(j, 1)` than `(2j, −j²)` would.
    #[inline(always)]
    pub(in crate::transformer) fn are_below_parabola(&self) -> bool {
        matches!(&self.index, Index::Pairs(pairs) if pairs.below_parabola)
    }

    /// Takes the slot whose values wait, so that they do not wait any more. If `slot` is given, only this
    /// slot is taken.
    #[inline(always)]
    pub(in crate::transformer) fn take_waiting(&mut self, slot: Option<usize>) -> Option<usize> {
        self.waiting.take_if(|waiting| slot.is_none_or(|slot| slot == *waiting))
    }

    /// Makes room for the values of all slots.
    pub(super) fn make_room_for_all(&mut self) {
        if let Some(last) = self.len().checked_sub(1) {
            self.values.make_room(last);
        }
    }

    /// The values of the row that scores highest against a query; among equal scores, the latest row. `None`
    /// if there are no rows.
    #[inline(always)]
    pub fn best(&mut self, query: &[T]) -> Option<&[T]> {
        let slot = self.best_slot(query)?;
        Some(self.values.row(slot))
    }

    /// The slot of the row that [`Keys::best`] finds.
    #[inline(always)]
    pub(in crate::transformer) fn best_slot(&mut self, query: &[T]) -> Option<usize> {
        match (&mut self.index, query) {
            (_, [q, r]) => self.best_slot_of([q.to_integer(), r.to_integer()]),
            (Index::Wide(wide), _) => wide.best(&integers(query)),
            (Index::Pairs(_), _) => unreachable!("pairs have two numbers"),
        }
    }

    /// [`Keys::best_slot`] for a query that is a pair.
    #[inline(always)]
    pub(in crate::transformer) fn best_slot_of(&mut self, query: [i64; 2]) -> Option<usize> {
        match &mut self.index {
            Index::Pairs(pairs) => pairs.best(query),
            Index::Wide(wide) => wide.best(&query),
        }
    }

    /// [`Keys::best_slot`] for the query `(q, 1)`.
    #[inline(always)]
    pub(in crate::transformer) fn best_slot_of_one(&mut self, q: i64) -> Option<usize> {
        match &mut self.index {
            Index::Pairs(pairs) => pairs.best_of_one(q),
            Index::Wide(wide) => wide.best(&[q, 1]),
        }
    }
}
