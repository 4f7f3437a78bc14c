//! Sparse kernels, compiled from dense weights.
//!
//! Forms that are always computed together are kept as [`Blocks`]: four forms side by side, which the
//! compiler turns into vector instructions. Where only some forms are needed, they are kept as [`Rows`], one
//! list of terms after another.

use crate::transformer::Number;

/// Forms of one block.
const BLOCK: usize = 4;

/// Linear forms over lanes that are computed together, a block of them at a time.
#[derive(Clone, Debug)]
pub struct Blocks<T> {
    /// The number of forms.
    len: usize,
    /// Lanes with their weights in the forms of a block, for lanes that one of them reads.
    pub(super) terms: Vec<(u32, [T; BLOCK])>,
    /// The end of each block's terms; they begin where the last block's end.
    ends: Vec<u32>,
}

/// Room for the values of [`Blocks`].
#[derive(Clone, Debug, Default)]
pub struct Values<T>(Vec<[T; BLOCK]>);

impl<T: Number> Blocks<T> {
    /// From the forms' dense weights, each over the same lanes.
    pub fn new(forms: &[Vec<T>]) -> Blocks<T> {
        let mut blocks = Blocks { len: forms.len(), terms: Vec::new(), ends: Vec::new() };
        for forms in forms.chunks(BLOCK) {
            for lane in 0..forms[0].len() {
                let mut weights = [T::default(); BLOCK];
                weights.iter_mut().zip(forms).for_each(|(weight, form)| *weight = form[lane]);
                if weights != [T::default(); BLOCK] {
                    blocks.terms.push((lane as u32, weights));
                }
            }
            blocks.ends.push(blocks.terms.len() as u32);
        }
        blocks
    }

    /// The number of forms.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values of all forms, which `room` holds.
    #[inline(always)]
    pub fn values<'r>(&self, lanes: &[T], Values(room): &'r mut Values<T>) -> &'r [T] {
        room.clear();
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            let mut sums = [T::default(); BLOCK];
            for (lane, weights) in &self.terms[start..end] {
                let lane = lanes[*lane as usize];
                sums = std::array::from_fn(|form| sums[form] + weights[form] * lane);
            }
            room.push(sums);
            start = end;
        }
        &room.as_flattened()[..self.len]
    }
}

/// Sparse rows of weights, one after another.
#[derive(Clone, Debug, Default)]
pub struct Rows<T> {
    /// Lanes and weights, by rising lane within a row.
    terms: Vec<(u32, T)>,
    /// The end of each row's terms; they begin where the last row's end.
    ends: Vec<u32>,
}

impl<T: Number> Rows<T> {
    /// Adds a row of dense weights.
    pub fn push(&mut self, row: impl IntoIterator<Item = T>) {
        let terms = row.into_iter().enumerate().filter(|(_, weight)| *weight != T::default());
        self.terms.extend(terms.map(|(lane, weight)| (lane as u32, weight)));
        self.ends.push(self.terms.len() as u32);
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A row's lanes and weights.
    #[inline(always)]
    pub fn terms(&self, row: usize) -> &[(u32, T)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.terms[start as usize..self.ends[row] as usize]
    }

    /// A row as a linear form: its value.
    #[inline(always)]
    pub fn dot(&self, row: usize, lanes: &[T]) -> T {
        let mut sum = T::default();
        for (lane, weight) in self.terms(row) {
            sum += *weight * lanes[*lane as usize];
        }
        sum
    }

    /// All rows as linear forms: their values.
    #[inline(always)]
    pub fn dots(&self, lanes: &[T], values: &mut [T]) {
        values.iter_mut().enumerate().for_each(|(row, value)| *value = self.dot(row, lanes));
    }

    /// Adds a multiple of a row to the lanes.
    #[inline(always)]
    pub fn add_to(&self, row: usize, lanes: &mut [T], factor: T) {
        for (lane, weight) in self.terms(row) {
            lanes[*lane as usize] += *weight * factor;
        }
    }
}

impl<T: Number, R: IntoIterator<Item = T>> FromIterator<R> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Rows<T> {
        let mut sparse = Rows { terms: Vec::new(), ends: Vec::new() };
        rows.into_iter().for_each(|row| sparse.push(row));
        sparse
    }
}
