//! The rows of an external store, as a family of cross heads sees them.

use super::keys::Keys;
use super::pairs::FIRST_KEYS;
use crate::transformer::Number;

/// Rows that can be replaced, and the index of the rows' keys.
#[derive(Clone, Debug)]
pub struct Store<T> {
    d_head: usize,
    width: usize,
    /// `d_head` numbers per row.
    row_keys: Vec<T>,
    /// `width` numbers per row.
    row_values: Vec<T>,
    keys: Keys<T>,
}

impl<T: Number> Store<T> {
    /// A store without rows, for heads of width `d_head` and `width` values per row.
    pub fn new(d_head: usize, width: usize) -> Store<T> {
        let room = |numbers| Vec::with_capacity(FIRST_KEYS * numbers);
        Store { d_head, width, row_keys: room(d_head), row_values: room(width), keys: Keys::new(d_head, width) }
    }

    /// The number of distinct keys.
    pub fn distinct_keys(&self) -> usize {
        self.keys.len()
    }

    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        self.keys.kept() + (self.row_keys.len() + self.row_values.len()) * size_of::<T>()
    }

    fn len(&self) -> usize {
        self.row_keys.len() / self.d_head
    }

    /// Writes one row: replaces the row, or adds it at the end.
    pub fn write(&mut self, index: usize, key: &[T], values: &[T]) {
        if index >= self.len() {
            self.keys.insert(key, self.len() as u64, values);
            self.row_keys.extend_from_slice(key);
            self.row_values.extend_from_slice(values);
            return;
        }
        self.row_values[index * self.width..][..self.width].copy_from_slice(values);
        let old = &mut self.row_keys[index * self.d_head..][..self.d_head];
        if old == key {
            self.keys.insert(key, index as u64, values);
            return;
        }
        // The old key must not be found any more, but an earlier row may have it too. So all keys are
        // inserted anew.
        old.copy_from_slice(key);
        self.keys = Keys::new(self.d_head, self.width);
        for row in 0..self.len() {
            let (key, values) = (&self.row_keys[row * self.d_head..][..self.d_head], &self.row_values[row * self.width..][..self.width]);
            self.keys.insert(key, row as u64, values);
        }
    }

    /// The rows' keys and values.
    pub(in crate::transformer) fn keys(&self) -> &Keys<T> {
        &self.keys
    }

    /// [`Store::keys`], to search them.
    pub(in crate::transformer) fn keys_mut(&mut self) -> &mut Keys<T> {
        &mut self.keys
    }

    /// The values of the row that scores highest against a query; among equal scores, the latest row. `None`
    /// if there are no rows.
    #[inline]
    pub fn best(&mut self, query: &[T]) -> Option<&[T]> {
        self.keys.best(query)
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// Whether rows with few distinct keys, replaced at random, ever give another answer than scoring every
    /// row. With the planted fault `old_key_survives`, the key of a replaced row stays in the index.
    fn told_from_the_scan(old_key_survives: bool) -> bool {
        let mut random = Random::new(1);
        let mut random = move |limit: usize| random.below(limit);
        let mut store = Store::new(2, 1);
        let mut rows: Vec<([f64; 2], f64)> = Vec::new();
        (0..2000).any(|write| {
            let (index, j) = (random(9), random(5) as f64);
            let row = ([2.0 * j, -j * j], f64::from(write));
            store.write(index, &row.0, &[row.1]);
            match rows.get_mut(index) {
                Some(old) => {
                    if old_key_survives && old.0 != row.0 {
                        store.keys.insert(&old.0, index as u64, &[old.1]);
                    }
                    *old = row;
                }
                None => rows.push(row),
            }
            let query = [random(6) as f64, 1.0];
            let score = |key: &[f64; 2]| query[0] * key[0] + key[1];
            let best = rows.iter().max_by(|a, b| score(&a.0).total_cmp(&score(&b.0))).unwrap();
            store.best(&query) != Some(&[best.1][..])
        })
    }

    #[test]
    fn finds_what_a_scan_finds() {
        assert!(!told_from_the_scan(false));
    }

    #[test]
    fn an_old_key_that_survives_is_told() {
        assert!(told_from_the_scan(true));
    }
}
