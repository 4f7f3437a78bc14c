//! Matrices of weights, and the one product that the dense forward pass uses.

use std::sync::OnceLock;

use super::Number;

/// A matrix. Of compiled weights some in a hundred are not zero, so only these are kept, until a product
/// needs all.
#[derive(Clone, Debug)]
pub struct Matrix<T> {
    rows: usize,
    columns: usize,
    /// For each column, the elements that were ever borrowed to be changed, with their rows, which ascend.
    /// All other elements are zero.
    changed: Vec<Vec<(u32, T)>>,
    /// All elements, column by column: a product adds up multiples of whole columns, which compiles to vector
    /// instructions. Made when it is first needed; a change discards it.
    dense: OnceLock<Vec<T>>,
}

/// Number of columns added up at a time, so that a sum is loaded and stored less often.
const COLUMNS: usize = 4;
/// Number of vectors multiplied at a time, so that the columns stay in the cache.
const BATCH: usize = 16;

impl<T: Number> Matrix<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix<T> {
        Matrix { rows, columns, changed: vec![Vec::new(); columns], dense: OnceLock::new() }
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
        self.rows == 0 || self.columns == 0
    }

    /// One element.
    pub fn get(&self, row: usize, column: usize) -> T {
        let column = &self.changed[column];
        column.binary_search_by_key(&row, |(row, _)| *row as usize).map_or(T::default(), |place| column[place].1)
    }

    /// One element, which can be changed.
    ///
    /// # Panics
    /// If the matrix has no such element.
    pub fn get_mut(&mut self, row: usize, column: usize) -> &mut T {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        self.dense.take();
        let column = &mut self.changed[column];
        let place = column.binary_search_by_key(&row, |(row, _)| *row as usize).unwrap_or_else(|place| {
            column.insert(place, (row as u32, T::default()));
            place
        });
        &mut column[place].1
    }

    /// The elements of one row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = T> + '_ {
        (0..self.columns).map(move |column| self.get(row, column))
    }

    /// The elements of one column that are not zero, with their rows.
    pub fn column_terms(&self, column: usize) -> impl Iterator<Item = (u32, T)> + '_ {
        self.changed[column].iter().copied().filter(|(_, element)| *element != T::default())
    }

    /// The elements of each row that are not zero, with their columns.
    pub fn row_terms(&self) -> Vec<Vec<(usize, T)>> {
        let mut rows = vec![Vec::new(); self.rows];
        for column in 0..self.columns {
            self.column_terms(column).for_each(|(row, element)| rows[row as usize].push((column, element)));
        }
        rows
    }

    /// All elements, row by row.
    pub fn elements(&self) -> impl Iterator<Item = T> + '_ {
        let dense = self.dense();
        (0..self.rows).flat_map(move |row| (0..self.columns).map(move |column| dense[column * self.rows + row]))
    }

    /// The number of elements that are not zero.
    pub fn non_zeros(&self) -> usize {
        (0..self.columns).map(|column| self.column_terms(column).count()).sum()
    }

    /// All elements, column by column.
    fn dense(&self) -> &[T] {
        self.dense.get_or_init(|| {
            let mut elements = vec![T::default(); self.rows * self.columns];
            for (place, changed) in self.changed.iter().enumerate() {
                changed.iter().for_each(|(row, element)| elements[place * self.rows + *row as usize] = *element);
            }
            elements
        })
    }

    /// The product of the matrix with each of several vectors, `[n, columns] → [n, rows]`. Every weight is
    /// multiplied.
    pub fn apply(&self, inputs: &[T], outputs: &mut Vec<T>) {
        outputs.clear();
        if self.is_empty() {
            return;
        }
        outputs.resize(inputs.len() / self.columns * self.rows, T::default());
        let dense = self.dense();
        let whole = self.columns / COLUMNS * COLUMNS;
        for (inputs, outputs) in inputs.chunks(BATCH * self.columns).zip(outputs.chunks_mut(BATCH * self.rows)) {
            let rows = || inputs.chunks_exact(self.columns);
            for first in (0..whole).step_by(COLUMNS) {
                let columns = &dense[first * self.rows..][..COLUMNS * self.rows];
                for (input, output) in rows().zip(outputs.chunks_exact_mut(self.rows)) {
                    add_columns(output, columns, &input[first..]);
                }
            }
            for column in whole..self.columns {
                let weights = &dense[column * self.rows..][..self.rows];
                for (input, output) in rows().zip(outputs.chunks_exact_mut(self.rows)) {
                    output.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += *weight * input[column]);
                }
            }
        }
    }
}

impl<T: Number> PartialEq for Matrix<T> {
    fn eq(&self, other: &Matrix<T>) -> bool {
        let same = |column| self.column_terms(column).eq(other.column_terms(column));
        (self.rows, self.columns) == (other.rows, other.columns) && (0..self.columns).all(same)
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
    use super::Matrix;

    #[test]
    fn both_forms_have_the_same_elements() {
        let mut matrix = Matrix::<f64>::zeros(7, 3);
        let set = [(0, 0, 1.0), (6, 1, -3.0), (3, 1, 2.0), (5, 2, 0.0), (0, 2, 4.0), (4, 2, -0.0)];
        set.iter().for_each(|(row, column, element)| *matrix.get_mut(*row, *column) = *element);
        assert_eq!(matrix.column_terms(1).collect::<Vec<_>>(), [(3, 2.0), (6, -3.0)]);
        assert_eq!(matrix.row_terms()[0], [(0, 1.0), (2, 4.0)]);
        assert_eq!(matrix.non_zeros(), 4);
        let all = |matrix: &Matrix<f64>| matrix.elements().map(f64::to_bits).collect::<Vec<_>>();
        let one_by_one = (0..7).flat_map(|row| matrix.row(row).map(f64::to_bits).collect::<Vec<_>>());
        assert_eq!(all(&matrix), one_by_one.collect::<Vec<_>>());
        let mut same = matrix.clone();
        *same.get_mut(1, 1) = 0.0;
        assert!(same == matrix && same != Matrix::zeros(7, 3));
        // A change after the dense form was made is in it.
        *same.get_mut(1, 1) = 5.0;
        assert!(all(&same).contains(&5f64.to_bits()) && same != matrix);
        let mut product = Vec::new();
        same.apply(&[1.0, 10.0, 100.0], &mut product);
        assert_eq!(product, [401.0, 50.0, 0.0, 20.0, 0.0, 0.0, -30.0]);
    }
}
