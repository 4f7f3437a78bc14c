//! Dense matrices, and the one product that the forward pass is made of.

use super::Number;

/// A dense matrix, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T> {
    rows: usize,
    columns: usize,
    data: Vec<T>,
}

/// Partial sums kept side by side, so that the compiler can use vector instructions.
const LANES: usize = 8;
/// Inputs that share one pass over a row of weights.
const BATCH: usize = 4;

impl<T: Number> Matrix<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Matrix<T> {
        Matrix { rows, columns, data: vec![T::default(); rows * columns] }
    }

    /// A matrix of these elements, row by row.
    ///
    /// # Panics
    /// Where their number is not `rows · columns`.
    pub fn from_data(rows: usize, columns: usize, data: Vec<T>) -> Matrix<T> {
        assert_eq!(data.len(), rows * columns, "a {rows} × {columns} matrix");
        Matrix { rows, columns, data }
    }

    /// Its number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All elements, row by row.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All elements, row by row, to be changed.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[T] {
        &self.data[row * self.columns..][..self.columns]
    }

    /// Adds to one element.
    pub fn add_at(&mut self, row: usize, column: usize, value: T) {
        self.data[row * self.columns + column] += value;
    }

    /// The number of elements that are not zero.
    pub fn non_zeros(&self) -> usize {
        self.data.iter().filter(|x| **x != T::default()).count()
    }

    /// The product with each of several vectors, `[n, columns] → [n, rows]`, both row-major: every weight
    /// is multiplied.
    pub fn apply(&self, inputs: &[T], outputs: &mut Vec<T>) {
        let n = if self.columns == 0 { 0 } else { inputs.len() / self.columns };
        outputs.clear();
        outputs.resize(n * self.rows, T::default());
        if self.columns == 0 {
            return;
        }
        for (block, batch) in inputs.chunks(BATCH * self.columns).enumerate() {
            let first = block * BATCH;
            if let [a, b, c, d] = batch.chunks_exact(self.columns).collect::<Vec<_>>()[..] {
                for row in 0..self.rows {
                    let sums = dot4(self.row(row), [a, b, c, d]);
                    for (i, sum) in sums.into_iter().enumerate() {
                        outputs[(first + i) * self.rows + row] = sum;
                    }
                }
            } else {
                for (i, input) in batch.chunks_exact(self.columns).enumerate() {
                    for row in 0..self.rows {
                        outputs[(first + i) * self.rows + row] = dot(self.row(row), input);
                    }
                }
            }
        }
    }
}

/// The dot product of two vectors of one length.
pub fn dot<T: Number>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::default(); LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: T = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| *x * *y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.into_iter().sum::<T>() + rest
}

/// Four dot products with one vector of weights.
fn dot4<T: Number>(weights: &[T], inputs: [&[T]; BATCH]) -> [T; BATCH] {
    let mut sums = [[T::default(); LANES]; BATCH];
    let whole = weights.len() / LANES * LANES;
    let inputs = inputs.map(|input| &input[..weights.len()]);
    for start in (0..whole).step_by(LANES) {
        let w = &weights[start..start + LANES];
        for (sum, input) in sums.iter_mut().zip(inputs) {
            let x = &input[start..start + LANES];
            for lane in 0..LANES {
                sum[lane] += w[lane] * x[lane];
            }
        }
    }
    let mut totals = sums.map(|lanes| lanes.into_iter().sum::<T>());
    for (total, input) in totals.iter_mut().zip(inputs) {
        *total += weights[whole..].iter().zip(&input[whole..]).map(|(w, x)| *w * *x).sum();
    }
    totals
}
