//! The keys and values of heads that share their keys: one row for each distinct key.
//!
//! **Why older rows of a key may be dropped.** Hard-max returns the value of the highest score, and of equal
//! scores the latest. Rows with equal keys have equal scores for every query, so of those only the latest can
//! ever be returned, whatever the query, now or later. Replacing it when the key comes again loses nothing. So
//! memory follows the number of distinct keys, which is the machine's state, and not the length of the trace.
//!
//! **How the best key is found.** Keys of the kind `(2j, −j² − p)` with p ≥ 0 score `q² − (j − q)² − p` for a query
//! `(q, 1)`: where the key `(2q, −q²)` is there, it alone is best, and it is looked up. Otherwise the [hull](super::hull)
//! is searched; and where the query's second coordinate is not positive, or heads are not two wide, all distinct
//! keys are scanned.

use super::hull::{Hull, Point};
use super::lookup::Lookup;
use crate::transformer::Number;

/// How far the keys so far allow the direct look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// All are `(2j, −j² − p)` with p ≥ 0.
    Parabola,
    /// They are not, but still two wide.
    Plane,
    /// They are not two wide.
    Other,
}

/// The distinct keys of a family of heads, each with the values of its latest row. Each has a slot.
#[derive(Clone, Debug)]
pub struct Keys<T> {
    d_head: usize,
    /// `d_head` numbers a slot.
    keys: Vec<T>,
    /// The latest position that had the slot's key.
    pub(super) positions: Vec<u64>,
    /// `width` numbers a slot: the values of all heads of the family.
    pub(super) values: Vec<T>,
    width: usize,
    pub(super) lookup: Lookup,
    pub(super) hull: Hull,
    /// The slots that are in the hull: it is brought up to date when it is needed.
    in_hull: usize,
    shape: Shape,
    /// The slot inserted last: parked keys come again and again.
    last: Option<usize>,
    /// The slot of the row inserted last, while its values are not there yet.
    waiting: Option<usize>,
}

/// A number that is known to be an integer of at most 2^53.
fn integer<T: Number>(number: T) -> i64 {
    number.to_f64() as i64
}

/// Whether a key is `(2j, −j² − p)` with p ≥ 0.
fn is_on_or_below_parabola(a: i64, b: i64) -> bool {
    a % 2 == 0 && i128::from(b) <= -(i128::from(a / 2) * i128::from(a / 2))
}

impl<T: Number> Keys<T> {
    /// No keys, of heads of width `d_head`; `width` values a row.
    pub fn new(d_head: usize, width: usize) -> Keys<T> {
        Keys {
            d_head,
            keys: Vec::new(),
            positions: Vec::new(),
            values: Vec::new(),
            width,
            lookup: Lookup::default(),
            hull: Hull::default(),
            in_hull: 0,
            shape: if d_head == 2 { Shape::Parabola } else { Shape::Other },
            last: None,
            waiting: None,
        }
    }

    /// The number of distinct keys.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    fn key(&self, slot: usize) -> &[T] {
        &self.keys[slot * self.d_head..][..self.d_head]
    }

    /// Adds a row of `[d_head]` key and `[width]` values, and drops the older one of the same key. A row of an
    /// earlier position than the one already there changes nothing.
    #[inline(always)]
    pub fn insert(&mut self, key: &[T], position: u64, values: &[T]) {
        let slot = self.slot_of(key);
        if position >= self.positions[slot] {
            self.positions[slot] = position;
            self.values[slot * self.width..][..self.width].copy_from_slice(values);
        }
    }

    /// Adds a row, later than all others, whose values wait. Gives the slot of the row before if its values are needed now:
    /// they are not if this row takes its place.
    #[inline(always)]
    pub(super) fn insert_waiting(&mut self, key: &[T], position: u64) -> Option<usize> {
        let slot = self.slot_of(key);
        self.positions[slot] = position;
        self.waiting.replace(slot).filter(|waiting| *waiting != slot)
    }

    /// The slot whose values wait, if it is this one, or whichever it is; they wait no more.
    #[inline(always)]
    pub(super) fn take_waiting(&mut self, slot: Option<usize>) -> Option<usize> {
        self.waiting.take_if(|waiting| slot.is_none_or(|slot| slot == *waiting))
    }

    #[inline(always)]
    fn slot_of(&mut self, key: &[T]) -> usize {
        let slot = match self.last {
            Some(last) if self.key(last) == key => last,
            _ => self.slot(key),
        };
        self.last = Some(slot);
        slot
    }

    /// A slot's values.
    #[inline(always)]
    pub(super) fn values_mut(&mut self, slot: usize) -> &mut [T] {
        &mut self.values[slot * self.width..][..self.width]
    }

    /// The slot of a key; a new one if there is none yet.
    #[inline]
    fn slot(&mut self, key: &[T]) -> usize {
        let new = self.len();
        let found = match key {
            [a, b] => self.lookup.get_or_insert(integer(*a), integer(*b), new as u32) as usize,
            _ => (0..new).find(|slot| self.key(*slot) == key).unwrap_or(new),
        };
        if found == new {
            self.keys.extend_from_slice(key);
            self.positions.push(0);
            self.values.resize(self.values.len() + self.width, T::default());
            if let [a, b] = key
                && !is_on_or_below_parabola(integer(*a), integer(*b))
            {
                self.shape = Shape::Plane;
            }
        }
        found
    }

    /// The values of the row that scores highest against a query; of equal scores the latest. `None` without rows.
    #[inline(always)]
    pub fn best(&mut self, query: &[T]) -> Option<&[T]> {
        let slot = self.best_slot(query)?;
        Some(self.values_mut(slot))
    }

    /// The slot of that row.
    #[inline(always)]
    pub(super) fn best_slot(&mut self, query: &[T]) -> Option<usize> {
        match query {
            [q, r] if self.shape != Shape::Other => {
                let (q, r) = (integer(*q), integer(*r));
                let direct = if self.shape == Shape::Parabola && r == 1 { self.lookup.on_parabola(q) } else { None };
                match direct {
                    Some(slot) => Some(slot as usize),
                    None if r > 0 => self.search_hull(q, r),
                    None => self.scan(query),
                }
            }
            _ => self.scan(query),
        }
    }

    fn search_hull(&mut self, q: i64, r: i64) -> Option<usize> {
        for slot in self.in_hull..self.len() {
            let key = self.key(slot);
            self.hull.insert(Point { a: integer(key[0]), b: integer(key[1]), slot: slot as u32 });
        }
        self.in_hull = self.len();
        self.hull.best(q, r).map(|slot| slot as usize).max_by_key(|slot| self.positions[*slot])
    }

    fn scan(&self, query: &[T]) -> Option<usize> {
        let mut best: Option<(T, u64, usize)> = None;
        for (slot, position) in self.positions.iter().enumerate() {
            let score: T = self.key(slot).iter().zip(query).map(|(k, q)| *k * *q).sum();
            if best.is_none_or(|(highest, latest, _)| score > highest || score == highest && *position > latest) {
                best = Some((score, *position, slot));
            }
        }
        best.map(|(_, _, slot)| slot)
    }
}
