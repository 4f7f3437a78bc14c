//! Sparse kernels, compiled from dense weights.
//!
//! Forms that are always computed together are kept as [`Blocks`]: four forms side by side, which the
//! compiler turns into vector instructions. Forms of which only some are needed are kept as [`Rows`], one
//! list of terms after another.

use std::ops::Range;

use crate::transformer::{Matrix, Number};

/// Number of forms, or of bounds, in a block.
pub(super) const BLOCK: usize = 4;

/// Blocks of terms. A term is a lane with N weights.
#[derive(Clone, Debug)]
pub(super) struct Terms<T, const N: usize> {
    pub terms: Vec<(u32, [T; N])>,
    /// The start of each block's terms, and the end of the last block.
    starts: Vec<u32>,
}

impl<T: Number, const N: usize> Terms<T, N> {
    /// No blocks.
    pub fn new() -> Terms<T, N> {
        Terms { terms: Vec::new(), starts: vec![0] }
    }

    /// The number of blocks.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Adds a block. Terms with no weight but zero are left out.
    pub fn push(&mut self, block: impl IntoIterator<Item = (u32, [T; N])>) {
        self.terms.extend(block.into_iter().filter(|(_, weights)| *weights != [T::default(); N]));
        self.starts.push(self.terms.len() as u32);
    }

    /// A block's terms.
    #[inline(always)]
    pub fn block(&self, block: usize) -> &[(u32, [T; N])] {
        &self.terms[self.starts[block] as usize..self.starts[block + 1] as usize]
    }
}

/// Linear forms over lanes that are computed together, one block of forms at a time.
#[derive(Clone, Debug)]
pub struct Blocks<T>(pub(super) Terms<T, BLOCK>);

/// Memory for the values of [`Blocks`].
#[derive(Clone, Debug, Default)]
pub struct Values<T>(Vec<[T; BLOCK]>);

impl<T: Number> Blocks<T> {
    /// Compiles forms that are given as dense weights over the same lanes.
    pub fn new<F: AsRef<[T]>>(forms: &[F]) -> Blocks<T> {
        let mut blocks = Blocks(Terms::new());
        blocks.push(forms);
        blocks
    }

    /// Adds forms, which begin a block. Returns their blocks.
    pub fn push<F: AsRef<[T]>>(&mut self, forms: &[F]) -> Range<usize> {
        let first = self.0.len();
        for forms in forms.chunks(BLOCK) {
            let weights = |lane: usize| {
                let mut weights = [T::default(); BLOCK];
                weights.iter_mut().zip(forms).for_each(|(weight, form)| *weight = form.as_ref()[lane]);
                weights
            };
            self.0.push((0..forms[0].as_ref().len()).map(|lane| (lane as u32, weights(lane))));
        }
        first..self.0.len()
    }

    /// The values of a block's forms. If the block is not full, zeros are added.
    #[inline(always)]
    pub fn block(&self, block: usize, lanes: &[T]) -> [T; BLOCK] {
        let mut sums = [T::default(); BLOCK];
        for (lane, weights) in self.0.block(block) {
            let lane = lanes[*lane as usize];
            sums = std::array::from_fn(|form| sums[form] + weights[form] * lane);
        }
        sums
    }

    /// The values of all forms, stored in `room`. If the last block is not full, zeros are added.
    #[inline(always)]
    pub fn values<'r>(&self, lanes: &[T], Values(room): &'r mut Values<T>) -> &'r [T] {
        room.resize(self.0.len(), [T::default(); BLOCK]);
        for (block, values) in room.iter_mut().enumerate() {
            *values = self.block(block, lanes);
        }
        room.as_flattened()
    }
}

/// Sparse rows of weights, one after another.
#[derive(Clone, Debug, Default)]
pub struct Rows<T> {
    /// Lanes and weights. Rows of a matrix have their lanes in ascending order.
    terms: Vec<(u32, T)>,
    /// The end of each row's terms. A row's terms begin at the end of the row before it.
    ends: Vec<u32>,
}

impl<T: Number> Rows<T> {
    /// Adds a row: lanes with their weights.
    pub fn push(&mut self, terms: impl IntoIterator<Item = (u32, T)>) {
        self.terms.extend(terms);
        self.ends.push(self.terms.len() as u32);
    }

    /// The rows with these indices.
    pub fn select(&self, rows: &[usize]) -> Rows<T> {
        rows.iter().map(|row| self.terms(*row).iter().copied()).collect()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A row's lanes and weights.
    #[inline(always)]
    pub fn terms(&self, row: usize) -> &[(u32, T)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.terms[start as usize..self.ends[row] as usize]
    }

    /// The weights of a row for this number of lanes, zeros included.
    pub fn dense(&self, row: usize, lanes: usize) -> Vec<T> {
        let mut weights = vec![T::default(); lanes];
        self.terms(row).iter().for_each(|(lane, weight)| weights[*lane as usize] = *weight);
        weights
    }

    /// The value of a row as a linear form.
    #[inline(always)]
    pub fn dot(&self, row: usize, lanes: &[T]) -> T {
        let mut sum = T::default();
        for (lane, weight) in self.terms(row) {
            sum += *weight * lanes[*lane as usize];
        }
        sum
    }

    /// The values of all rows as linear forms.
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

impl<T: Number> From<&Matrix<T>> for Rows<T> {
    /// The rows of a matrix. It is read column by column, as it is stored.
    fn from(matrix: &Matrix<T>) -> Rows<T> {
        let terms_of = |column| matrix.column_terms(column).map(|(row, weight)| (row as usize, weight));
        // The first free place of each row, which is its end once the row is filled.
        let mut places = vec![0; matrix.rows() + 1];
        (0..matrix.columns()).flat_map(terms_of).for_each(|(row, _)| places[row + 1] += 1);
        for row in 0..matrix.rows() {
            places[row + 1] += places[row];
        }
        let mut terms = vec![(0, T::default()); places[matrix.rows()]];
        for column in 0..matrix.columns() {
            for (row, weight) in terms_of(column) {
                terms[places[row]] = (column as u32, weight);
                places[row] += 1;
            }
        }
        Rows { terms, ends: places[..matrix.rows()].iter().map(|end| *end as u32).collect() }
    }
}

/// The terms of dense weights.
pub fn terms<T: Number>(weights: impl IntoIterator<Item = T>) -> impl Iterator<Item = (u32, T)> {
    (0..).zip(weights).filter(|(_, weight)| *weight != T::default())
}

impl<T: Number, R: IntoIterator<Item = (u32, T)>> FromIterator<R> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Rows<T> {
        let mut sparse = Rows { terms: Vec::new(), ends: Vec::new() };
        rows.into_iter().for_each(|row| sparse.push(row));
        sparse
    }
}
