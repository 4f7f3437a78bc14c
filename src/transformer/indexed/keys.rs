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

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::hull::{Hull, Point};
use crate::transformer::Number;

/// Mixes the words of a key by multiplication; nobody chooses keys to collide.
#[derive(Clone, Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_i64(i64::from(*byte)));
    }

    fn write_i64(&mut self, word: i64) {
        self.0 = (self.0.rotate_left(29) ^ word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

/// One distinct key.
#[derive(Clone, Debug)]
struct Slot<T> {
    key: Vec<T>,
    /// The latest position that had it.
    position: u64,
}

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

/// The distinct keys of a family of heads, each with the values of its latest row.
#[derive(Clone, Debug)]
pub struct Keys<T> {
    slots: Vec<Slot<T>>,
    /// The slots' values, `width` numbers each: those of all heads of the family.
    values: Vec<T>,
    width: usize,
    by_key: HashMap<(i64, i64), u32, BuildHasherDefault<KeyHasher>>,
    hull: Hull,
    shape: Shape,
}

/// A number that is known to be an integer of at most 2^53.
fn integer<T: Number>(number: T) -> i64 {
    number.to_f64() as i64
}

impl<T: Number> Keys<T> {
    /// No keys, of heads of width `d_head`; `width` values a row.
    pub fn new(d_head: usize, width: usize) -> Keys<T> {
        let shape = if d_head == 2 { Shape::Parabola } else { Shape::Other };
        Keys { slots: Vec::new(), values: Vec::new(), width, by_key: HashMap::default(), hull: Hull::default(), shape }
    }

    /// The number of distinct keys.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Adds a row, and drops the older one of the same key. Returns the place of its values.
    pub fn insert(&mut self, key: &[T], position: u64) -> &mut [T] {
        let slot = match key {
            [a, b] => self.slot_of_pair(integer(*a), integer(*b), key),
            _ => self.slots.iter().position(|slot| slot.key == key).unwrap_or_else(|| self.add(key)),
        };
        self.slots[slot].position = position;
        &mut self.values[slot * self.width..][..self.width]
    }

    fn slot_of_pair(&mut self, a: i64, b: i64, key: &[T]) -> usize {
        if let Some(slot) = self.by_key.get(&(a, b)) {
            return *slot as usize;
        }
        let slot = self.add(key);
        self.by_key.insert((a, b), slot as u32);
        self.hull.insert(Point { a, b, slot: slot as u32 });
        if a % 2 != 0 || b > -(a / 2) * (a / 2) {
            self.shape = Shape::Plane;
        }
        slot
    }

    fn add(&mut self, key: &[T]) -> usize {
        self.slots.push(Slot { key: key.to_vec(), position: 0 });
        self.values.resize(self.slots.len() * self.width, T::default());
        self.slots.len() - 1
    }

    /// The values of the row that scores highest against a query; of equal scores the latest. `None` without rows.
    pub fn best(&self, query: &[T]) -> Option<&[T]> {
        let slot = match query {
            [q, r] if self.shape != Shape::Other => {
                let (q, r) = (integer(*q), integer(*r));
                // The square of a query far from all keys may be beyond all integers here; then there is no such key.
                let square = q.checked_mul(q).filter(|_| self.shape == Shape::Parabola && r == 1);
                let direct = square.and_then(|square| self.by_key.get(&(2 * q, -square)).copied());
                match direct {
                    Some(slot) => Some(slot),
                    None if r > 0 => self.hull.best(q, r).max_by_key(|slot| self.slots[*slot as usize].position),
                    None => self.scan(query),
                }
            }
            _ => self.scan(query),
        };
        slot.map(|slot| &self.values[slot as usize * self.width..][..self.width])
    }

    fn scan(&self, query: &[T]) -> Option<u32> {
        let mut best: Option<(T, u64, u32)> = None;
        for (index, Slot { key, position }) in self.slots.iter().enumerate() {
            let score: T = key.iter().zip(query).map(|(k, q)| *k * *q).sum();
            if best.is_none_or(|(highest, latest, _)| score > highest || score == highest && *position > latest) {
                best = Some((score, *position, index as u32));
            }
        }
        best.map(|(_, _, index)| index)
    }
}
