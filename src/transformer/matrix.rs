//! Dense matrices, and the one product that the forward pass uses.

use super::Number;

/// A dense matrix. Elements are stored column by column, so a product adds up multiples of whole columns,
/// which compiles to vector instructions.
#[derive(Clone, Debug)]
pub struct Matrix<T> {
    rows: usize,
    columns: usize,
    by_column: Vec<T>,
    /// For each block of [`BLOCK`] elements, whether one of them was ever borrowed to be changed. In all
    /// other blocks all elements are zero. Compiled weights leave most blocks alone, whose memory is then
    /// never touched.
    changed: Vec<bool>,
}

/// Number of elements in a block: a page of memory holds so many `f64`.
const BLOCK: usize = 512;

/// Number of columns added up at a time, so that a sum is loaded and stored less often.
const COLUMNS: usize = 4;
/// Number of vectors multiplied at a time, so that the columns stay in the cache.
const BATCH: usize = 16;

impl<T: Number> Matrix<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix<T> {
        let elements = rows * columns;
        Matrix { rows, columns, by_column: vec![T::default(); elements], changed: vec![false; elements.div_ceil(BLOCK)] }
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
        let index = column * self.rows + row;
        self.changed[index / BLOCK] = true;
        &mut self.by_column[index]
    }

    /// The elements of one row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = T> + '_ {
        (0..self.columns).map(move |column| self.get(row, column))
    }

    /// The elements of one column.
    pub fn column(&self, column: usize) -> &[T] {
        &self.by_column[column * self.rows..][..self.rows]
    }

    /// The elements of one column that are not zero, with their rows.
    pub fn column_terms(&self, column: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let range = column * self.rows..(column + 1) * self.rows;
        let blocks = (range.start / BLOCK..range.end.div_ceil(BLOCK)).filter(|block| self.changed[*block]);
        let elements = blocks.flat_map({
            let range = range.clone();
            move |block| (block * BLOCK).max(range.start)..((block + 1) * BLOCK).min(range.end)
        });
        elements.map(move |index| (index - range.start, self.by_column[index])).filter(|(_, element)| *element != T::default())
    }

    /// All elements, row by row.
    pub fn elements(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.rows).flat_map(|row| self.row(row))
    }

    /// The number of elements that are not zero.
    pub fn non_zeros(&self) -> usize {
        (0..self.columns).map(|column| self.column_terms(column).count()).sum()
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

impl<T: PartialEq> PartialEq for Matrix<T> {
    fn eq(&self, other: &Matrix<T>) -> bool {
        (self.rows, self.columns) == (other.rows, other.columns) && self.by_column == other.by_column
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

#[cfg(test)]
mod tests {
    use super::{BLOCK, Matrix};

    #[test]
    fn terms_of_a_column_are_its_elements_that_are_not_zero() {
        // Columns end within blocks, and there are blocks without an element that was changed.
        let mut matrix = Matrix::<f64>::zeros(2 * BLOCK + 7, 3);
        let set = [(0, 0, 1.0), (BLOCK - 1, 0, 2.0), (2 * BLOCK + 6, 1, -3.0), (0, 2, 4.0), (5, 2, 0.0), (2 * BLOCK, 2, 5.0)];
        set.iter().for_each(|(row, column, element)| *matrix.get_mut(*row, *column) = *element);
        for column in 0..3 {
            let expected: Vec<_> = matrix.column(column).iter().copied().enumerate().filter(|(_, element)| *element != 0.0).collect();
            assert_eq!(matrix.column_terms(column).collect::<Vec<_>>(), expected);
        }
        assert_eq!(matrix.non_zeros(), 5);
        let mut same = matrix.clone();
        *same.get_mut(BLOCK + 1, 1) = 0.0;
        assert!(same == matrix && same != Matrix::zeros(2 * BLOCK + 7, 3));
    }
}
