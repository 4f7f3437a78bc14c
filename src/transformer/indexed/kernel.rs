//! Sparse kernels, compiled from dense weights.

use crate::transformer::{Matrix, Number};

/// A row of a weight matrix without its zeros: a linear form over lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseRow<T> {
    /// Lane and weight.
    terms: Vec<(u32, T)>,
}

impl<T: Number> SparseRow<T> {
    /// From a row of numbers.
    pub fn new(row: impl Iterator<Item = T>) -> SparseRow<T> {
        let terms = row.enumerate().filter(|(_, weight)| *weight != T::default());
        SparseRow { terms: terms.map(|(lane, weight)| (lane as u32, weight)).collect() }
    }

    /// From a column of a matrix: what one input adds to the outputs.
    pub fn column(matrix: &Matrix<T>, column: usize) -> SparseRow<T> {
        SparseRow::new((0..matrix.rows()).map(|row| matrix.get(row, column)))
    }

    /// Whether all weights are zero.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// Lanes and weights, by rising lane.
    pub fn terms(&self) -> &[(u32, T)] {
        &self.terms
    }

    /// The form's value.
    #[inline]
    pub fn dot(&self, lanes: &[T]) -> T {
        let mut sum = T::default();
        for (lane, weight) in &self.terms {
            sum += *weight * lanes[*lane as usize];
        }
        sum
    }

    /// Adds a multiple of the form's weights to the lanes.
    #[inline]
    pub fn add_to(&self, lanes: &mut [T], factor: T) {
        for (lane, weight) in &self.terms {
            lanes[*lane as usize] += *weight * factor;
        }
    }
}

/// The rows of a matrix, sparse.
pub fn rows<T: Number>(matrix: &Matrix<T>) -> Vec<SparseRow<T>> {
    (0..matrix.rows()).map(|row| SparseRow::new(matrix.row(row))).collect()
}

/// A neuron that can contribute something.
#[derive(Clone, Debug)]
pub struct Neuron<T> {
    gate: SparseRow<T>,
    value: SparseRow<T>,
    output: SparseRow<T>,
}

/// The neurons of a layer that can contribute something.
pub fn neurons<T: Number>(gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> Vec<Neuron<T>> {
    let neuron = |index| Neuron {
        gate: SparseRow::new(gate.row(index)),
        value: SparseRow::new(value.row(index)),
        output: SparseRow::column(down, index),
    };
    let contributes = |neuron: &Neuron<T>| ![&neuron.gate, &neuron.value, &neuron.output].iter().any(|row| row.is_zero());
    (0..gate.rows()).map(neuron).filter(contributes).collect()
}

/// Adds what the neurons make of the lanes to the lanes. A neuron whose gate is not positive contributes
/// nothing; its value is not computed. `active` is room for the others.
pub fn feed_forward<'n, T: Number>(neurons: &'n [Neuron<T>], lanes: &mut [T], active: &mut Vec<(&'n Neuron<T>, T)>) {
    active.clear();
    for neuron in neurons {
        let gate = neuron.gate.dot(lanes);
        if gate > T::default() {
            active.push((neuron, gate * neuron.value.dot(lanes)));
        }
    }
    for (neuron, activation) in active.iter() {
        neuron.output.add_to(lanes, *activation);
    }
}
