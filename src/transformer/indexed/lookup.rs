//! The slot of a two-dimensional key.
//!
//! A key `(2j, −j² − p)` with a small j and a small p is found in tables, one for each p. Other keys are
//! found by hashing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table has room for j below this number. It grows only as far as j has been seen.
const TABLE: i64 = 1 << 16;
/// Number of tables. Rows that write nothing are a little below the parabola.
const TABLES: usize = 4;
/// No slot.
const NONE: u32 = u32::MAX;

/// Mixes the words of a key by multiplication. This is enough, because keys are not chosen to collide.
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

/// The slots of the keys so far.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// Per p and j, the slot of the key `(2j, −j² − p)`, or [`NONE`].
    pub(super) tables: [Vec<u32>; TABLES],
    others: HashMap<(i64, i64), u32, BuildHasherDefault<KeyHasher>>,
}

impl Lookup {
    /// A lookup without keys, with reserved room for keys on the parabola.
    pub(super) fn with_room(keys: usize) -> Lookup {
        let mut lookup = Lookup::default();
        lookup.tables[0].reserve(keys);
        lookup
    }

    /// Number of bytes kept. A hash table has one more byte per place, and it uses at most seven of eight
    /// places.
    pub(super) fn kept(&self) -> usize {
        self.tables.iter().map(|table| table.len() * size_of::<u32>()).sum::<usize>()
            + self.others.capacity() / 7 * 8 * (size_of::<((i64, i64), u32)>() + 1)
    }

    /// The slot of a key that is found in a table; `None` for other keys. A key without a slot gets the slot
    /// `new`.
    #[inline(always)]
    pub(super) fn in_table(&mut self, [a, b]: [i64; 2], new: u32) -> Option<u32> {
        if a & 1 != 0 {
            return None;
        }
        // Of a j beyond the tables, p may be wrong, but such a j has no place in any: a negative one is a
        // large index.
        let j = a >> 1;
        let table = self.tables.get_mut(usize::try_from(j.wrapping_mul(j).wrapping_neg().wrapping_sub(b)).ok()?)?;
        let Some(slot) = table.get_mut(j as usize) else { return grow(table, j, new) };
        if *slot == NONE {
            *slot = new;
        }
        Some(*slot)
    }

    /// The slot of a key that is found by hashing. A key without a slot gets the slot `new`.
    #[inline(never)]
    pub(super) fn by_hash(&mut self, [a, b]: [i64; 2], new: u32) -> u32 {
        // Not by `entry`, which reserves room for a new key, although in most cases the key is there.
        if let Some(slot) = self.others.get(&(a, b)) {
            return *slot;
        }
        self.others.insert((a, b), new);
        new
    }

    /// The slot of the key `(2j, −j²)`, if this key has a slot.
    #[inline(always)]
    pub fn on_parabola(&self, j: i64) -> Option<u32> {
        // No table has room for a negative j, which is a large index.
        match self.tables[0].get(j as usize) {
            Some(slot) => Some(*slot).filter(|slot| *slot != NONE),
            None if (0..TABLE).contains(&j) => None,
            None => self.hashed_on_parabola(j),
        }
    }

    #[inline(never)]
    fn hashed_on_parabola(&self, j: i64) -> Option<u32> {
        let square = j.checked_mul(j)?;
        self.others.get(&(2 * j, -square)).copied()
    }
}

/// Makes room for j in a table, with a slot, if it may have a place there.
#[cold]
fn grow(table: &mut Vec<u32>, j: i64, slot: u32) -> Option<u32> {
    if !(0..TABLE).contains(&j) {
        return None;
    }
    table.resize(j as usize + 1, NONE);
    table[j as usize] = slot;
    Some(slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_key_on_both_sides_of_the_table() {
        let mut lookup = Lookup::default();
        let mut keys = Vec::new();
        for j in [0, 1, 7, TABLE - 1, TABLE, TABLE + 1, -1, -5, 1 << 30] {
            keys.extend([(2 * j, -j * j), (2 * j, -j * j - 1), (2 * j + 1, -j * j), (2 * j, -j * j - TABLES as i64), (2 * j, 1 - j * j)]);
        }
        for round in 0..2 {
            for (slot, (a, b)) in keys.iter().enumerate() {
                let new = if round == 0 { slot as u32 } else { NONE - 1 };
                let found = lookup.in_table([*a, *b], new).unwrap_or_else(|| lookup.by_hash([*a, *b], new));
                assert_eq!(found, slot as u32, "({a}, {b})");
            }
        }
        for (slot, (a, _)) in keys.iter().enumerate().step_by(5) {
            assert_eq!(lookup.on_parabola(a / 2), Some(slot as u32), "{}", a / 2);
        }
        assert_eq!([lookup.on_parabola(2), lookup.on_parabola(TABLE + 2), lookup.on_parabola(i64::MIN)], [None; 3]);
    }
}
