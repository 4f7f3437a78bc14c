//! Distinct keys of two dimensions: the slot of a key, and the slot that scores highest.
//!
//! Keys of the form `(2j, −j² − p)` with p ≥ 0 score `q² − (j − q)² − p` for a query `(q, 1)`. If the key
//! `(2q, −q²)` is there, it alone is best, and it is [looked up](super::lookup). Otherwise the
//! [hull](super::hull) is searched. If the query's second coordinate is not positive, all distinct keys are
//! scanned.
//!
//! **Why answers may be remembered.** The keys that score highest for a query depend on the keys and not on
//! their rows. So an answer is valid until a key is added. But if several keys tie, the key with the latest
//! row must be looked up each time. If a few keys are added, each of them is quickly compared with the best
//! key.

use std::cmp::Ordering;

use super::hull::{Hull, Point};
use super::lookup::Lookup;

/// Number of remembered answers; a power of two.
const ANSWERS: usize = 256;

/// Maximum number of new keys by which an answer is brought up to date. If there are more, the hull is
/// searched.
const FEW_KEYS: usize = 8;

/// Number of keys that there is room for from the start. Most runs are short, and growing step by step would
/// take longer than such a run.
pub(super) const FIRST_KEYS: usize = 64;

/// The answer to the query `(q, 1)` when the number of keys was `keys`.
#[derive(Clone, Copy, Debug)]
struct Answer {
    q: i32,
    keys: u32,
    /// The slot that scored highest (twice), or two slots that tie: then the latest row decides.
    slots: [u32; 2],
}

impl Answer {
    /// The slot of the answer; of two slots, the slot of the latest row.
    #[inline(always)]
    fn latest(&self, positions: &[u64]) -> usize {
        let [a, b] = self.slots.map(|slot| slot as usize);
        if a == b || positions[a] > positions[b] { a } else { b }
    }
}

/// The distinct keys so far. The slot of a key is its index in the order in which the keys came.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    keys: Vec<[i64; 2]>,
    /// Per slot, the latest position that had the key.
    pub(super) positions: Vec<u64>,
    pub(super) lookup: Lookup,
    pub(super) hull: Hull,
    /// The number of keys that were inserted into the hull. The hull is brought up to date when it is needed.
    in_hull: usize,
    /// Whether all keys are `(2j, −j² − p)` with p ≥ 0.
    pub(super) below_parabola: bool,
    /// The slot of the last key that was not in the lookup's table: parked keys come again and again.
    parked: usize,
    /// The remembered answers. The low bits of q give the place of an answer.
    answers: Vec<Answer>,
}

/// Whether a key is `(2j, −j² − p)` with p ≥ 0.
fn is_on_or_below_parabola([a, b]: [i64; 2]) -> bool {
    a % 2 == 0 && i128::from(b) <= -(i128::from(a / 2) * i128::from(a / 2))
}

/// The score of a key for a query.
#[inline(always)]
fn score([q, r]: [i64; 2], [a, b]: [i64; 2]) -> i64 {
    q * a + r * b
}

impl Pairs {
    /// An index without keys.
    pub(super) fn new() -> Pairs {
        Pairs {
            keys: Vec::with_capacity(FIRST_KEYS),
            positions: Vec::with_capacity(FIRST_KEYS),
            lookup: Lookup::with_room(FIRST_KEYS),
            hull: Hull::default(),
            in_hull: 0,
            below_parabola: true,
            parked: 0,
            answers: Vec::new(),
        }
    }

    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        let of_keys = self.keys.len() * (size_of::<[i64; 2]>() + size_of::<u64>());
        of_keys + self.answers.len() * size_of::<Answer>() + self.lookup.kept() + self.hull.kept()
    }

    /// The slot of a key. The key is added if it is not there yet, and `added` is called with its slot.
    #[inline(always)]
    pub(super) fn slot(&mut self, key: [i64; 2], added: impl FnOnce(usize)) -> usize {
        let new = self.keys.len();
        let slot = match self.lookup.in_table(key, new as u32) {
            Some(slot) => slot as usize,
            None if self.keys.get(self.parked) == Some(&key) => self.parked,
            None => {
                self.parked = self.lookup.by_hash(key, new as u32) as usize;
                self.parked
            }
        };
        if slot == new {
            self.keys.push(key);
            self.positions.push(0);
            self.below_parabola &= is_on_or_below_parabola(key);
            added(slot);
        }
        slot
    }

    /// The slot that scores highest against a query; among equal scores, the slot of the latest position.
    /// `None` if there are no keys.
    #[inline(always)]
    pub(super) fn best(&mut self, [q, r]: [i64; 2]) -> Option<usize> {
        match r {
            1 => self.best_of_one(q),
            2.. => self.search_hull([q, r]),
            _ => self.scan([q, r]),
        }
    }

    /// [`Pairs::best`] for the query `(q, 1)`.
    #[inline(always)]
    pub(super) fn best_of_one(&mut self, q: i64) -> Option<usize> {
        if self.below_parabola
            && let Some(slot) = self.lookup.on_parabola(q)
        {
            return Some(slot as usize);
        }
        match self.answers.get(q as usize % ANSWERS) {
            Some(answer) if i64::from(answer.q) == q && answer.keys as usize == self.keys.len() => Some(answer.latest(&self.positions)),
            _ => self.answer(q),
        }
    }

    /// The answer to the query `(q, 1)`. It is remembered unless more than two keys tie.
    #[inline(never)]
    fn answer(&mut self, q: i64) -> Option<usize> {
        let slots = match self.up_to_date(q) {
            Some(slots) => slots,
            None => {
                let best = self.search_hull([q, 1])?;
                let mut all = self.hull.best(q, 1);
                let [Some(a), b, None] = [all.next(), all.next(), all.next()] else { return Some(best) };
                [a, b.unwrap_or(a)]
            }
        };
        let answer = Answer { q: i32::try_from(q).unwrap_or(0), keys: self.keys.len() as u32, slots };
        if i64::from(answer.q) == q {
            // An answer with 0 keys marks a place without an answer.
            self.answers.resize(ANSWERS, Answer { q: 0, keys: 0, slots: [0; 2] });
            self.answers[q as usize % ANSWERS] = answer;
        }
        Some(answer.latest(&self.positions))
    }

    /// A remembered answer to `(q, 1)`, brought up to date: each of the few keys that are newer is compared
    /// with the answer. `None` if there is no such answer, if too many keys are newer, or if more than two
    /// keys tie.
    fn up_to_date(&self, q: i64) -> Option<[u32; 2]> {
        let answer = self.answers.get(q as usize % ANSWERS).filter(|answer| i64::from(answer.q) == q && answer.keys > 0)?;
        let (mut slots, known) = (answer.slots, answer.keys as usize);
        if self.keys.len() - known > FEW_KEYS {
            return None;
        }
        let mut highest = score([q, 1], self.keys[slots[0] as usize]);
        for slot in known..self.keys.len() {
            let new = score([q, 1], self.keys[slot]);
            match new.cmp(&highest) {
                Ordering::Less => {}
                Ordering::Equal if slots[0] != slots[1] => return None,
                Ordering::Equal => slots[1] = slot as u32,
                Ordering::Greater => (slots, highest) = ([slot as u32; 2], new),
            }
        }
        Some(slots)
    }

    /// The best slot for a query whose second coordinate is positive.
    fn search_hull(&mut self, [q, r]: [i64; 2]) -> Option<usize> {
        for (slot, [a, b]) in self.keys.iter().enumerate().skip(self.in_hull) {
            self.hull.insert(Point { a: *a, b: *b, slot: slot as u32 });
        }
        self.in_hull = self.keys.len();
        self.hull.best(q, r).map(|slot| slot as usize).max_by_key(|slot| self.positions[*slot])
    }

    // In a function of its own, so that the code of the common case is small.
    #[inline(never)]
    fn scan(&self, query: [i64; 2]) -> Option<usize> {
        (0..self.keys.len()).max_by_key(|slot| (score(query, self.keys[*slot]), self.positions[*slot]))
    }
}

#[cfg(test)]
impl Pairs {
    /// A planted fault: marks all remembered answers as valid for the current keys.
    pub(super) fn outdate_answers(&mut self) {
        self.answers.iter_mut().filter(|answer| answer.keys > 0).for_each(|answer| answer.keys = self.keys.len() as u32);
    }

    /// A planted fault: replaces the second of two slots that tie by the first.
    pub(super) fn forget_ties(&mut self) {
        self.answers.iter_mut().for_each(|answer| answer.slots[1] = answer.slots[0]);
    }
}
