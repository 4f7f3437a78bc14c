//! Dense matrices, and the one product that the forward pass uses.

use super::Number;

/// A dense matrix. Elements are stored column by column, so a product adds up multiples of whole columns,
/// which compiles to vector instructions.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T> {
    rows: usize,
    columns: usize,
    by_column: Vec<T>,
}

/// Number of columns added up at a time, so that a sum is loaded and stored less often.
const COLUMNS: usize = 4;
/// Number of vectors multiplied at a time, so that the columns stay in the cache.
const BATCH: usize = 16;

impl<T: Number> Matrix<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix<T> {
        Matrix { rows, columns, by_column: vec![T::default(); rows * columns] }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Whether the matrix has no elements.
    pub fn is_empty(&self) -> bool {
        self.by_column.is_empty()
    }

    /// One element.
    pub fn get(&self, row: usize, column: usize) -> T {
        self.by_column[column * self.rows + row]
    }

    /// One element, which can be changed.
    pub fn get_mut(&mut self, row: usize, column: usize) -> &mut T {
        &mut self.by_column[column * self.rows + row]
    }

    /// The elements of one row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = T> + '_ {
        (0..self.columns).map(move |column| self.get(row, column))
    }

    /// The elements of one column.
    pub fn column(&self, column: usize) -> &[T] {
        &self.by_column[column * self.rows..][..self.rows]
    }

    /// All elements, row by row.
    pub fn elements(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.rows).flat_map(|row| self.row(row))
    }

    /// The number of elements that are not zero.
    pub fn non_zeros(&self) -> usize {
        self.by_column.iter().filter(|x| **x != T::default()).count()
    }

    /// The product of the matrix with each of several vectors, `[n, columns] → [n, rows]`. Every weight is
    /// multiplied.
    pub fn apply(&self, inputs: &[T], outputs: &mut Vec<T>) {
        outputs.clear();
        if self.is_empty() {
            return;
        }
        outputs.resize(inputs.len() / self.columns * self.rows, T::default());
        let whole = self.columns / COLUMNS * COLUMNS;
        for (inputs, outputs) in inputs.chunks(BATCH * self.columns).zip(outputs.chunks_mut(BATCH * self.rows)) {
            let rows = || inputs.chunks_exact(self.columns);
            for first in (0..whole).step_by(COLUMNS) {
                let columns = &self.by_column[first * self.rows..][..COLUMNS * self.rows];
                for (input, output) in rows().zip(outputs.chunks_exact_mut(self.rows)) {
                    add_columns(output, columns, &input[first..]);
                }
            }
            for column in whole..self.columns {
                let weights = self.column(column);
                for (input, output) in rows().zip(outputs.chunks_exact_mut(self.rows)) {
                    output.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += *weight * input[column]);
                }
            }
        }
    }
}

/// Adds the multiples of [`COLUMNS`] columns to a sum.
fn add_columns<T: Number>(sum: &mut [T], columns: &[T], factors: &[T]) {
    let rows = sum.len();
    let (a, rest) = columns.split_at(rows);
    let (b, rest) = rest.split_at(rows);
    let (c, d) = rest.split_at(rows);
    let [fa, fb, fc, fd] = [factors[0], factors[1], factors[2], factors[3]];
    for ((((sum, a), b), c), d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *sum += (*a * fa + *b * fb) + (*c * fc + *d * fd);
    }
}
