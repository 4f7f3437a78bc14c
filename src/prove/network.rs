//! A model's weights as linear forms with integer coefficients.

use thiserror::Error;

use crate::circuit::Interval;
use crate::transformer::{Attention, Matrix, Model, Number};

/// A weight that is not an integer of exact magnitude.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{tensor}[{row}, {column}] is {weight}, not an integer that the number type holds exactly")]
pub struct NotExact {
    /// The matrix.
    pub tensor: String,
    /// The row.
    pub row: usize,
    /// The column.
    pub column: usize,
    /// The weight.
    pub weight: String,
}

/// `Σ weight · lane`, with weights that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Linear(pub Vec<(usize, i64)>);

impl Linear {
    /// The weight of a lane.
    pub fn weight(&self, lane: usize) -> i64 {
        self.0.iter().find(|(of, _)| *of == lane).map_or(0, |(_, weight)| *weight)
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The lanes with their weights.
    pub fn terms(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.0.iter().copied()
    }

    /// The form on the lanes that `value` knows; other lanes count as 0.
    pub fn on(&self, value: impl Fn(usize) -> i64) -> i128 {
        self.terms().map(|(lane, weight)| i128::from(weight) * i128::from(value(lane))).sum()
    }

    /// The range of the form.
    pub fn range(&self, lanes: &[Interval]) -> Interval {
        self.terms().fold(Interval::point(0), |sum, (lane, weight)| sum + lanes[lane] * weight)
    }

    /// The largest magnitude of any partial sum.
    pub fn magnitude(&self, lanes: &[Interval]) -> i128 {
        self.terms().map(|(lane, weight)| (lanes[lane] * weight).magnitude()).sum()
    }
}

/// An attention head. Each list has one form per dimension; those of `output` are over the lanes written.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub kind: Attention,
    pub query: Vec<Linear>,
    pub key: Vec<Linear>,
    pub value: Vec<Linear>,
    pub output: Vec<Linear>,
}

impl Head {
    /// The lanes that the head writes, with the dimension and weight of each.
    pub fn writes(&self) -> impl Iterator<Item = (usize, usize, i64)> + '_ {
        let dimensions = self.output.iter().enumerate().filter(|(dimension, _)| !self.value[*dimension].is_zero());
        dimensions.flat_map(|(dimension, output)| output.terms().map(move |(lane, weight)| (lane, dimension, weight)))
    }
}

/// A neuron: `output · relu(gate) · value`.
#[derive(Clone, Debug)]
pub(super) struct Neuron {
    pub index: usize,
    pub gate: Linear,
    pub value: Linear,
    pub output: Linear,
}

/// A layer. Neurons that cannot write anything are left out.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub heads: Vec<Head>,
    pub neurons: Vec<Neuron>,
}

/// A model as forms.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// The embedding of each token.
    pub tokens: Vec<Linear>,
    pub layers: Vec<Layer>,
    /// The logit of each token.
    pub logits: Vec<Linear>,
    pub d_model: usize,
}

impl Network {
    /// The forms of a model.
    ///
    /// # Errors
    /// If a weight is not an integer that the number type holds exactly.
    pub fn of<T: Number>(model: &Model<T>) -> Result<Network, NotExact> {
        let mut layers = Vec::new();
        for (index, (weights, kinds)) in model.layers.iter().zip(&model.config.attention).enumerate() {
            let forms = |name: &str, matrix: &Matrix<T>| forms(&format!("layers.{index}.{name}"), matrix);
            let width = model.config.d_head;
            let [query, key, value] = [
                forms("attention.query", &weights.query)?,
                forms("attention.key", &weights.key)?,
                forms("attention.value", &weights.value)?,
            ];
            let output = transposed(&forms("attention.output", &weights.output)?, kinds.len() * width);
            let head = |(head, kind): (usize, &Attention)| {
                let part = |forms: &[Linear]| forms[head * width..][..width].to_vec();
                Head { kind: *kind, query: part(&query), key: part(&key), value: part(&value), output: part(&output) }
            };
            let heads = kinds.iter().enumerate().map(head).collect();
            let [gates, values] = [forms("ffn.gate", &weights.ffn_gate)?, forms("ffn.value", &weights.ffn_value)?];
            let outputs = transposed(&forms("ffn.down", &weights.ffn_down)?, model.config.d_ffn);
            let all = gates.into_iter().zip(values).zip(outputs).enumerate();
            let neurons = all.map(|(index, ((gate, value), output))| Neuron { index, gate, value, output });
            let is_alive = |neuron: &Neuron| !(neuron.gate.is_zero() || neuron.value.is_zero() || neuron.output.is_zero());
            layers.push(Layer { heads, neurons: neurons.filter(is_alive).collect() });
        }
        let [tokens, logits] = [forms("embedding", &model.embedding)?, forms("unembedding", &model.unembedding)?];
        Ok(Network { tokens, layers, logits, d_model: model.config.d_model })
    }
}

/// The rows of a matrix as forms.
fn forms<T: Number>(tensor: &str, matrix: &Matrix<T>) -> Result<Vec<Linear>, NotExact> {
    let mut rows = vec![Linear::default(); matrix.rows()];
    for (row, terms) in matrix.row_terms().into_iter().enumerate() {
        for (column, weight) in terms {
            let number = weight.to_f64();
            if number.fract() != 0.0 || number.abs() >= T::EXACT as f64 {
                return Err(NotExact { tensor: tensor.to_string(), row, column, weight: weight.to_string() });
            }
            rows[row].0.push((column, weight.to_integer()));
        }
    }
    Ok(rows)
}

/// The columns of rows as forms. There are `columns` of them.
fn transposed(rows: &[Linear], columns: usize) -> Vec<Linear> {
    let mut forms = vec![Linear::default(); columns];
    for (row, form) in rows.iter().enumerate() {
        form.terms().for_each(|(column, weight)| forms[column].0.push((row, weight)));
    }
    forms
}
