//! Matrices of compiled weights, of which few elements are not zero.

use crate::transformer::Matrix;

/// The elements of a matrix that are not zero, row by row. A product leaves out the terms that are zero,
/// which changes no sum.
#[derive(Clone, Debug)]
pub(super) struct Sparse {
    /// Per row, where its terms begin in `terms`; then the end.
    starts: Vec<usize>,
    /// Column and element.
    terms: Vec<(u32, f32)>,
}

impl Sparse {
    pub(super) fn new(matrix: &Matrix<f32>) -> Sparse {
        let mut rows = vec![Vec::new(); matrix.rows()];
        for column in 0..matrix.columns() {
            matrix.column_terms(column).for_each(|(row, element)| rows[row as usize].push((column as u32, element)));
        }
        let mut sparse = Sparse { starts: vec![0], terms: Vec::new() };
        for row in rows {
            sparse.terms.extend(row);
            sparse.starts.push(sparse.terms.len());
        }
        sparse
    }

    /// The terms of a row.
    pub(super) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.terms[self.starts[row]..self.starts[row + 1]]
    }

    /// The product with a vector.
    pub(super) fn apply(&self, input: &[f32]) -> Vec<f32> {
        let dot = |row| self.row(row).iter().map(|(column, element)| element * input[*column as usize]).sum();
        (0..self.starts.len() - 1).map(dot).collect()
    }
}
