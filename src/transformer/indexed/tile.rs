//! A tile: some rows of a batch, so that each matrix–vector product becomes a matrix–matrix product.
//!
//! The values of a lane in all rows of a tile lie side by side. So each weight is read once and multiplied
//! with all of them by vector instructions.

use super::kernel::{Rows, terms};
use super::unembed::Unembedding;
use crate::transformer::{Matrix, Number, Row};

/// Number of rows of a tile.
pub(super) const TILE: usize = 32;

/// One number per row of a tile. A vector of these numbers never lies across two cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Across<T>(pub [T; TILE]);

/// The rows of a tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Tile<T> {
    pub rows: usize,
    pub lanes: Vec<Across<T>>,
    /// The projections, one column per form.
    pub projected: Vec<Across<T>>,
    /// Neurons that are open in at least one row, with their activations.
    active: Vec<(usize, Across<T>)>,
    /// The tokens that the rows emit, if they were requested.
    pub tokens: [usize; TILE],
    /// Bounds of the unembedding's planes.
    bounds: Vec<Across<T>>,
}

/// The weights by which a layer's tiles are multiplied.
#[derive(Clone, Debug)]
pub(super) struct TileLayer<T> {
    projections: Rows<T>,
    /// The neurons that can contribute something.
    pub gates: Rows<T>,
    pub values: Rows<T>,
    pub outputs: Rows<T>,
}

impl<T: Number> TileLayer<T> {
    /// Compiles the forms of a layer's projections, and the layer's neurons that can contribute something.
    pub(super) fn new(projections: &[Vec<T>], gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> TileLayer<T> {
        let outputs = (0..down.columns()).map(|neuron| down.column_terms(neuron)).collect();
        let all = [Rows::from(gate), Rows::from(value), outputs];
        let contributes = |neuron: &usize| all.iter().all(|rows| !rows.terms(*neuron).is_empty());
        let neurons: Vec<usize> = (0..gate.rows()).filter(contributes).collect();
        let [gates, values, outputs] = all.map(|rows| rows.select(&neurons));
        TileLayer { projections: projections.iter().map(|form| terms(form.iter().copied())).collect(), gates, values, outputs }
    }
}

impl<T: Number> TileLayer<T> {
    /// Some of the forms, and some of the neurons.
    pub(super) fn slice(&self, forms: &[usize], neurons: &[usize]) -> TileLayer<T> {
        TileLayer {
            projections: self.projections.select(forms),
            gates: self.gates.select(neurons),
            values: self.values.select(neurons),
            outputs: self.outputs.select(neurons),
        }
    }

    /// The number of forms.
    #[cfg(test)]
    pub(super) fn forms(&self) -> usize {
        self.projections.len()
    }

    /// The lanes that forms read.
    pub(super) fn lanes_of(&self, forms: &[usize]) -> impl Iterator<Item = usize> {
        forms.iter().flat_map(|form| self.projections.terms(*form)).map(|(lane, _)| *lane as usize)
    }
}

/// The values of a form in all rows of a tile.
#[inline(always)]
pub(super) fn dot<T: Number>(forms: &Rows<T>, form: usize, lanes: &[Across<T>]) -> Across<T> {
    let mut sums = [T::default(); TILE];
    for (lane, weight) in forms.terms(form) {
        let Across(lane) = &lanes[*lane as usize];
        sums = std::array::from_fn(|row| sums[row] + *weight * lane[row]);
    }
    Across(sums)
}

impl<T: Number> Across<T> {
    /// All numbers as integers. All of them must be integers.
    #[inline(always)]
    pub(super) fn integers(&self) -> [i64; TILE] {
        let mut integers = [0; TILE];
        for (integer, number) in integers.iter_mut().zip(&self.0) {
            *integer = number.to_integer();
        }
        integers
    }

    /// Adds a multiple of other numbers.
    #[inline(always)]
    pub(super) fn add(&mut self, weight: T, Across(others): &Across<T>) {
        self.0 = std::array::from_fn(|row| self.0[row] + weight * others[row]);
    }
}

impl<T: Number> Tile<T> {
    /// Writes the rows' embeddings and positional encodings into the lanes.
    pub(super) fn embed(&mut self, embedding: &Rows<T>, d_model: usize, rows: &[Row<T>]) {
        self.rows = rows.len();
        self.lanes.clear();
        self.lanes.resize(d_model, Across([T::default(); TILE]));
        for (index, row) in rows.iter().enumerate() {
            for (lane, weight) in embedding.terms(row.token) {
                self.lanes[*lane as usize].0[index] += *weight;
            }
            for (lane, value) in &row.positional {
                self.lanes[*lane].0[index] += *value;
            }
        }
    }

    #[inline(always)]
    pub(super) fn project(&mut self, layer: &TileLayer<T>) {
        self.projected.clear();
        self.projected.reserve(layer.projections.len());
        for form in 0..layer.projections.len() {
            self.projected.push(dot(&layer.projections, form, &self.lanes));
        }
    }

    #[inline(always)]
    pub(super) fn feed_forward(&mut self, layer: &TileLayer<T>) {
        self.active.clear();
        self.active.reserve(layer.gates.len());
        for neuron in 0..layer.gates.len() {
            let Across(gates) = dot(&layer.gates, neuron, &self.lanes);
            if gates.iter().any(|gate| *gate > T::default()) {
                let Across(values) = dot(&layer.values, neuron, &self.lanes);
                self.active.push((neuron, Across(std::array::from_fn(|row| gates[row].relu() * values[row]))));
            }
        }
        for (neuron, activations) in &self.active {
            for (lane, weight) in layer.outputs.terms(*neuron) {
                self.lanes[*lane as usize].add(*weight, activations);
            }
        }
    }

    #[inline(always)]
    pub(super) fn unembed(&mut self, unembedding: &Unembedding<T>) {
        self.tokens = unembedding.tokens(self.rows, &self.lanes, &mut self.bounds);
    }
}
