//! Keys and values, and the search for the key that matches best.

use super::Number;

/// Number of scores computed at a time, so that the compiler can use vector instructions.
const BLOCK: usize = 64;
/// Number of maxima kept side by side, for the same reason.
const LANES: usize = 8;

/// The keys and values of one head, in order. Keys are stored dimension by dimension.
#[derive(Clone, Debug)]
pub struct KeyValues<T> {
    keys: Vec<Vec<T>>,
    values: Vec<T>,
    len: usize,
}

impl<T: Number> KeyValues<T> {
    /// An empty list of rows. Keys and values have this width.
    pub fn new(d_head: usize) -> KeyValues<T> {
        KeyValues { keys: vec![Vec::new(); d_head], values: Vec::new(), len: 0 }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        let numbers = self.keys.iter().map(Vec::len).sum::<usize>() + self.values.len();
        numbers * size_of::<T>()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a row at the end.
    pub fn push(&mut self, key: &[T], value: &[T]) {
        for (column, x) in self.keys.iter_mut().zip(key) {
            column.push(*x);
        }
        self.values.extend_from_slice(value);
        self.len += 1;
    }

    /// Replaces a row.
    pub fn replace(&mut self, index: usize, key: &[T], value: &[T]) {
        for (column, x) in self.keys.iter_mut().zip(key) {
            column[index] = *x;
        }
        let width = value.len();
        self.values[index * width..][..width].copy_from_slice(value);
    }

    /// A row's key.
    pub fn key(&self, index: usize) -> impl Iterator<Item = T> + '_ {
        self.keys.iter().map(move |column| column[index])
    }

    /// A row's value.
    pub fn value(&self, index: usize) -> &[T] {
        let width = self.keys.len();
        &self.values[index * width..][..width]
    }

    /// A row's score against a query.
    pub fn score(&self, index: usize, query: &[T]) -> T {
        self.keys.iter().zip(query).map(|(column, q)| column[index] * *q).sum()
    }

    /// The row that scores highest against a query; among equal scores, the latest row. `None` if there are
    /// no rows.
    pub fn best(&self, query: &[T]) -> Option<usize> {
        let mut best = self.len.checked_sub(1)?;
        let mut highest = T::LOWEST;
        let mut scores = [T::default(); BLOCK];
        for start in (0..self.len).step_by(BLOCK) {
            let scores = &mut scores[..BLOCK.min(self.len - start)];
            self.score_block(start, query, scores);
            let top = highest_of(scores);
            if top >= highest
                && let Some(index) = scores.iter().rposition(|score| *score == top)
            {
                (best, highest) = (start + index, top);
            }
        }
        Some(best)
    }

    /// The scores of the rows that begin at `start`.
    fn score_block(&self, start: usize, query: &[T], scores: &mut [T]) {
        scores.fill(T::default());
        for (column, q) in self.keys.iter().zip(query) {
            let column = &column[start..][..scores.len()];
            for (score, key) in scores.iter_mut().zip(column) {
                *score += *key * *q;
            }
        }
    }
}

/// The highest of some scores; NaN counts as lowest.
fn highest_of<T: Number>(scores: &[T]) -> T {
    let mut tops = [T::LOWEST; LANES];
    let (chunks, rest) = scores.as_chunks::<LANES>();
    for chunk in chunks {
        for (top, score) in tops.iter_mut().zip(chunk) {
            *top = if *score > *top { *score } else { *top };
        }
    }
    tops.iter().chain(rest).fold(T::LOWEST, |top, score| if *score > top { *score } else { top })
}
