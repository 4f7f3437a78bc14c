//! Distinct keys of two dimensions: the slot of a key, and the slot that scores highest.
//!
//! Keys of the kind `(2j, −j² − p)` with p ≥ 0 score `q² − (j − q)² − p` for a query `(q, 1)`: where the key
//! `(2q, −q²)` is there, it alone is best, and it is [looked up](super::lookup). Otherwise the
//! [hull](super::hull) is searched; and where the query's second coordinate is not positive, all distinct
//! keys are scanned.
//!
//! **Why answers may be remembered.** Which keys score highest depends on the keys and not on their rows. So
//! that holds for as long as no key is added; only if several keys tie, which of them has the latest row must
//! be looked up. And a few keys that are added are soon compared with the best one.

use std::cmp::Ordering;

use super::hull::{Hull, Point};
use super::lookup::Lookup;

/// Remembered answers; a power of two.
const ANSWERS: usize = 256;

/// Keys that an answer is brought up to date by; for more the hull is searched.
const FEW_KEYS: usize = 8;

/// Keys that there is room for from the start: most runs are short, and growing step by step would take
/// longer than they do.
pub(super) const FIRST_KEYS: usize = 64;

/// The answer to a query `(q, 1)` while there were so many keys.
#[derive(Clone, Copy, Debug)]
struct Answer {
    q: i32,
    keys: u32,
    /// The slot that scored highest, or two that tie: then the latest row decides.
    slots: [u32; 2],
}

impl Answer {
    /// The slot, of two the one of the latest row.
    #[inline(always)]
    fn latest(&self, positions: &[u64]) -> usize {
        let [a, b] = self.slots.map(|slot| slot as usize);
        if a == b || positions[a] > positions[b] { a } else { b }
    }
}

/// The distinct keys so far. A slot is a key's index in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    keys: Vec<[i64; 2]>,
    /// By slot, the latest position that had the key.
    pub(super) positions: Vec<u64>,
    pub(super) lookup: Lookup,
    pub(super) hull: Hull,
    /// The keys that are in the hull: it is brought up to date when it is needed.
    in_hull: usize,
    /// Whether all keys are `(2j, −j² − p)` with p ≥ 0.
    below_parabola: bool,
    /// The slot given last: parked keys come again and again.
    last: usize,
    /// By the low bits of q.
    answers: Vec<Answer>,
}

/// Whether a key is `(2j, −j² − p)` with p ≥ 0.
fn is_on_or_below_parabola([a, b]: [i64; 2]) -> bool {
    a % 2 == 0 && i128::from(b) <= -(i128::from(a / 2) * i128::from(a / 2))
}

/// How much a key matches a query.
#[inline(always)]
fn score([q, r]: [i64; 2], [a, b]: [i64; 2]) -> i64 {
    q * a + r * b
}

impl Pairs {
    /// No keys.
    pub(super) fn new() -> Pairs {
        Pairs {
            keys: Vec::with_capacity(FIRST_KEYS),
            positions: Vec::with_capacity(FIRST_KEYS),
            lookup: Lookup::with_room(FIRST_KEYS),
            hull: Hull::default(),
            in_hull: 0,
            below_parabola: true,
            last: 0,
            answers: Vec::new(),
        }
    }

    /// Bytes that are kept.
    pub(super) fn kept(&self) -> usize {
        let of_keys = self.keys.len() * (size_of::<[i64; 2]>() + size_of::<u64>());
        of_keys + self.answers.len() * size_of::<Answer>() + self.lookup.kept() + self.hull.kept()
    }

    /// The slot of a key, which is added if it is not there yet.
    #[inline(always)]
    pub(super) fn slot(&mut self, key: [i64; 2]) -> usize {
        if self.keys.get(self.last) != Some(&key) {
            self.last = self.lookup.get_or_insert(key[0], key[1], self.keys.len() as u32) as usize;
            if self.last == self.keys.len() {
                self.keys.push(key);
                self.positions.push(0);
                self.below_parabola &= is_on_or_below_parabola(key);
            }
        }
        self.last
    }

    /// The slot that scores highest against a query; of equal scores the one of the latest position. `None`
    /// without keys.
    #[inline(always)]
    pub(super) fn best(&mut self, query: [i64; 2]) -> Option<usize> {
        let [q, r] = query;
        if r != 1 {
            return if r > 0 { self.search_hull(query) } else { self.scan(query) };
        }
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

    /// The answer to the query `(q, 1)`, which is remembered unless more than two keys tie.
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
            // With no keys nothing has been answered.
            self.answers.resize(ANSWERS, Answer { q: 0, keys: 0, slots: [0; 2] });
            self.answers[q as usize % ANSWERS] = answer;
        }
        Some(answer.latest(&self.positions))
    }

    /// A remembered answer to `(q, 1)`, brought up to date: each of the few keys that are newer is compared
    /// with it. `None` where there is no such answer, or more than two keys tie.
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

    /// For a query whose second coordinate is positive.
    fn search_hull(&mut self, [q, r]: [i64; 2]) -> Option<usize> {
        for (slot, [a, b]) in self.keys.iter().enumerate().skip(self.in_hull) {
            self.hull.insert(Point { a: *a, b: *b, slot: slot as u32 });
        }
        self.in_hull = self.keys.len();
        self.hull.best(q, r).map(|slot| slot as usize).max_by_key(|slot| self.positions[*slot])
    }

    // Apart, so that what is common is small.
    #[inline(never)]
    fn scan(&self, query: [i64; 2]) -> Option<usize> {
        (0..self.keys.len()).max_by_key(|slot| (score(query, self.keys[*slot]), self.positions[*slot]))
    }
}

#[cfg(test)]
impl Pairs {
    /// A planted fault: takes all answers for those of the keys that there are.
    pub(super) fn outdate_answers(&mut self) {
        self.answers.iter_mut().filter(|answer| answer.keys > 0).for_each(|answer| answer.keys = self.keys.len() as u32);
    }

    /// A planted fault: takes the first of two slots for both.
    pub(super) fn forget_ties(&mut self) {
        self.answers.iter_mut().for_each(|answer| answer.slots[1] = answer.slots[0]);
    }
}
