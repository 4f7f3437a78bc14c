//! The proof that a circuit stays exact on the Llama architecture.
//!
//! Scores are the only numbers that are not exact: the pair that tells how recent a row is has sines and
//! cosines in it. Scores of a circuit are integers, so two rows differ by a whole [`UNIT`], or by the
//! distance of their positions alone. Both must stay [`UNDERFLOW`] apart after every rounding, in whatever
//! order a runtime adds. That covers every key that can exist; no head relies on what a program does.

use super::{FIRST_STILL, HEAD_DIM, LARGEST_GATE, LlamaError, PIN, RECENCY, RECENT, THETA, UNDERFLOW, UNIT};
use crate::circuit::{Bounds, Circuit, Form, Head, Interval, ONE};
use crate::transformer::{Attention, Number, Stage};

/// The relative error of one rounding.
const ROUNDING: f64 = 1.0 / (1 << 24) as f64;
/// Roundings in one score's recency: the angle of each of two rows (one product, or one for each pair up to
/// [`RECENT`]), its sine (2 units in the last place) and cosine, the products with the query and the key.
const TURN_ROUNDINGS: f64 = 24.0;

/// The smallest distances of a head's scores, as softmax sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadMargin {
    /// The layer.
    pub layer: usize,
    /// The head.
    pub head: String,
    /// Between two rows whose keys score differently.
    pub keys: f64,
    /// Between two rows whose keys score the same.
    pub recency: f64,
}

/// What was proven of a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaProof {
    /// The bounds of all integers.
    pub bounds: Bounds,
    /// The most rows of a sequence.
    pub rows: usize,
    /// Each head's margins.
    pub margins: Vec<HeadMargin>,
    /// The largest gate: layer, neuron and magnitude.
    pub gate: (usize, String, i128),
    /// The logarithm, to base 2, of the largest sum of squares of lanes other than the constant one. From
    /// 2 · [`PIN`] − 24 on a norm would see it.
    pub squares: f64,
}

impl LlamaProof {
    /// Proves that a circuit is exact in sequences of up to `rows` rows.
    ///
    /// # Errors
    /// The first assumption that does not hold.
    pub fn derive(circuit: &Circuit, rows: usize) -> Result<LlamaProof, LlamaError> {
        check_shape(circuit)?;
        let bounds = Bounds::derive(circuit, f32::EXACT)?;
        let squares = squares(&bounds)?;
        let mut margins = Vec::new();
        let mut gate = (0, String::new(), 0);
        for (index, layer) in circuit.layers().iter().enumerate() {
            let before = if index == 0 { Stage::Embedded } else { Stage::Ffn(index - 1) };
            let lanes = bounds.at(before).unwrap_or_default();
            for head in &layer.heads {
                margins.push(margin(index, head, lanes, rows)?);
            }
            let lanes = bounds.at(Stage::Attention(index)).unwrap_or_default();
            for neuron in &layer.neurons {
                let reach = reach(&neuron.gate, lanes);
                if reach > LARGEST_GATE {
                    return Err(LlamaError::Gate { layer: index, neuron: neuron.name.clone(), gate: reach });
                }
                if reach > gate.2 {
                    gate = (index, neuron.name.clone(), reach);
                }
            }
        }
        Ok(LlamaProof { bounds, rows, margins, gate, squares })
    }

    /// The head with the smallest margin.
    pub fn smallest(&self) -> &HeadMargin {
        let least = |margin: &HeadMargin| margin.keys.min(margin.recency);
        self.margins.iter().min_by(|a, b| least(a).total_cmp(&least(b))).expect("a circuit has heads")
    }
}

/// Checks what does not depend on ranges.
fn check_shape(circuit: &Circuit) -> Result<(), LlamaError> {
    let width = circuit.budget().d_model;
    if !width.is_power_of_two() || !width.trailing_zeros().is_multiple_of(2) {
        return Err(LlamaError::Width { width });
    }
    if let Some(lane) = circuit.lanes().iter().find(|lane| lane.positional.is_some()) {
        return Err(LlamaError::Positional { lane: lane.name.clone() });
    }
    let not_constant = |reason: String| Err(LlamaError::NotConstant { reason });
    if let Some(token) = circuit.embedding.iter().position(|form| form.weight(ONE) != 1) {
        return not_constant(format!("the embedding of token {token} has {}", circuit.embedding[token].weight(ONE)));
    }
    for (index, layer) in circuit.layers().iter().enumerate() {
        for head in &layer.heads {
            let (layer, head_name) = (index, head.name.clone());
            if head.kind != Attention::HardMax {
                return Err(LlamaError::Attention { layer, head: head_name, kind: head.kind.to_string() });
            }
            let (dimensions, most) = (head.query.len().max(head.key.len()), HEAD_DIM / 2 - FIRST_STILL);
            if dimensions > most {
                return Err(LlamaError::TooManyKeys { layer, head: head_name, dimensions, most });
            }
            if head.output.iter().any(|form| form.weight(ONE) != 0) {
                return not_constant(format!("head {} of layer {index} writes it", head.name));
            }
        }
        if let Some(neuron) = layer.neurons.iter().find(|neuron| neuron.output.weight(ONE) != 0) {
            return not_constant(format!("neuron {} of layer {index} writes it", neuron.name));
        }
    }
    Ok(())
}

/// The largest sum of squares of all lanes but the constant one, as a logarithm.
fn squares(bounds: &Bounds) -> Result<f64, LlamaError> {
    let mut largest = 0.0_f64;
    for (stage, lanes) in &bounds.lanes {
        let sum: f64 = lanes.iter().skip(1).map(|lane| (lane.magnitude() as f64).powi(2)).sum();
        let exponent = sum.log2();
        // Half of the last bit of the constant lane's square is 2^(2·PIN − 24).
        if exponent >= f64::from(2 * PIN - 24) {
            return Err(LlamaError::Norm { stage: stage.to_string(), exponent });
        }
        largest = largest.max(exponent);
    }
    Ok(largest)
}

/// The largest magnitude of a form.
fn reach(form: &Form, lanes: &[Interval]) -> i128 {
    form.terms().fold(Interval::point(0), |sum, (lane, weight)| sum + lanes[lane.0] * weight).magnitude()
}

/// The margins of a head.
fn margin(layer: usize, head: &Head, lanes: &[Interval], rows: usize) -> Result<HeadMargin, LlamaError> {
    let last = rows as f64;
    let turn = THETA.powf(-2.0 * RECENT as f64 / HEAD_DIM as f64);
    let swing = RECENCY * (turn * last).sin();
    let products = head.query.iter().zip(&head.key).map(|(query, key)| reach(query, lanes) * reach(key, lanes));
    let (terms, units) = products.fold((0, 0), |(terms, units), product| (terms + 1, units + product));
    // The terms and the two products of recency are added up, each time with an error of half a last place.
    let magnitude = units as f64 * UNIT + swing;
    let half_place = 2f64.powi(magnitude.log2().floor() as i32) * ROUNDING;
    let error = f64::from(terms + 1) * half_place + TURN_ROUNDINGS * ROUNDING * swing;
    let scale = (HEAD_DIM as f64).sqrt();
    let margin = HeadMargin {
        layer,
        head: head.name.clone(),
        keys: (UNIT - swing - 2.0 * error) / scale,
        // The score falls least, from one row to the next, at the greatest distance.
        recency: (RECENCY * ((turn * last).sin() - (turn * (last - 1.0)).sin()) - 2.0 * error) / scale,
    };
    for (between, margin) in [("different keys", margin.keys), ("equal keys of neighbouring rows", margin.recency)] {
        if margin < UNDERFLOW {
            return Err(LlamaError::Margin { layer, head: head.name.clone(), between, margin, rows });
        }
    }
    Ok(margin)
}
