//! The interval analysis: the largest magnitude that each number of a forward pass can reach.
//!
//! The analysis starts from the values that tokens and positional encodings put into the lanes. It derives a
//! range for every lane after every part of every layer, and a bound for the worst partial sum of every dot
//! product. That bound is the sum of the magnitudes of the terms, which no order of summation can exceed. If
//! a range cannot be derived, the circuit states it ([`super::Statement`]). A running sum always needs a
//! stated range.

use std::fmt;

use super::contributions::Contributions;
use super::{Circuit, CircuitError, Form, Interval, Lane, Statement};
use crate::transformer::{Attention, Stage};

/// A kind of dot product, or of product, in a forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// A query, key or value of a head.
    Projection,
    /// A key's score against a query.
    Score,
    /// The sum that attention adds to a lane.
    AttentionSum,
    /// A neuron's gate or value.
    NeuronInput,
    /// A neuron's gate times its value.
    NeuronOutput,
    /// The sum that the neurons add to a lane.
    FfnSum,
    /// A logit.
    Logit,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Product::Projection => "queries, keys, values",
            Product::Score => "attention scores",
            Product::AttentionSum => "attention output",
            Product::NeuronInput => "gates, values",
            Product::NeuronOutput => "gate · value",
            Product::FfnSum => "FFN output",
            Product::Logit => "logits",
        })
    }
}

/// The largest bound among the products of one kind in one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// The layer; `None` for the unembedding.
    pub layer: Option<usize>,
    /// The kind of product.
    pub product: Product,
    /// The head, neuron, lane or token that has this bound.
    pub at: String,
    /// The bound.
    pub bound: i128,
}

/// The results of the analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Each lane's range at each stage, in the order of the forward pass.
    pub lanes: Vec<(Stage, Vec<Interval>)>,
    /// The largest bound per kind of product and layer.
    pub worst: Vec<Worst>,
}

impl Bounds {
    /// Derives the bounds of a circuit.
    ///
    /// # Errors
    /// If a number may leave the integers of magnitude `limit`, or a running sum has no stated range.
    pub fn derive(circuit: &Circuit, limit: i128) -> Result<Bounds, CircuitError> {
        let mut analysis = Analysis { circuit, limit, layer: None, bounds: Bounds { lanes: Vec::new(), worst: Vec::new() } };
        analysis.run()?;
        Ok(analysis.bounds)
    }

    /// The largest of all bounds.
    pub fn largest(&self) -> &Worst {
        self.worst.iter().max_by_key(|worst| worst.bound).expect("a circuit has logits")
    }

    /// Each lane's range at each stage, in the order of the forward pass.
    pub fn ranges(&self) -> Vec<Vec<Interval>> {
        self.lanes.iter().map(|(_, lanes)| lanes.clone()).collect()
    }

    /// The lanes' ranges at a stage.
    pub fn at(&self, stage: Stage) -> Option<&[Interval]> {
        self.lanes.iter().find(|(s, _)| *s == stage).map(|(_, lanes)| &lanes[..])
    }
}

struct Analysis<'c> {
    circuit: &'c Circuit,
    limit: i128,
    layer: Option<usize>,
    bounds: Bounds,
}

impl Analysis<'_> {
    fn run(&mut self) -> Result<(), CircuitError> {
        let circuit = self.circuit;
        let embedded = self.embedded();
        let mut lanes = self.finish(Stage::Embedded, embedded.clone())?;
        for layer in 0..circuit.layers.len() {
            self.layer = Some(layer);
            lanes = self.attention(layer, lanes, &embedded)?;
            lanes = self.ffn(layer, lanes)?;
        }
        self.layer = None;
        for (token, logit) in circuit.unembedding.iter().enumerate() {
            self.linear(Product::Logit, || format!("token {token}"), logit, &lanes)?;
        }
        Ok(())
    }

    /// The ranges of the values that tokens and positional encodings can put into the lanes.
    fn embedded(&self) -> Vec<Interval> {
        // Per lane: the range of the weights, and the number of tokens that have one.
        let mut weights: Vec<(Option<Interval>, usize)> = vec![(None, 0); self.circuit.lanes.len()];
        for (lane, weight) in self.circuit.embedding.iter().flat_map(Form::terms) {
            let (range, tokens) = &mut weights[lane.0];
            let weight = Interval::point(weight.into());
            *range = Some(range.map_or(weight, |range| range.hull(weight)));
            *tokens += 1;
        }
        let all = self.circuit.embedding.len();
        let lane_range = |((range, tokens), info): ((Option<Interval>, usize), &super::LaneInfo)| {
            let zero = Interval::point(0);
            let range = range.map_or(zero, |range| if tokens < all { range.hull(zero) } else { range });
            range + info.positional.unwrap_or(zero)
        };
        weights.into_iter().zip(&self.circuit.lanes).map(lane_range).collect()
    }

    fn attention(&mut self, layer: usize, lanes: Vec<Interval>, embedded: &[Interval]) -> Result<Vec<Interval>, CircuitError> {
        let circuit = self.circuit;
        let mut after = lanes.clone();
        let mut magnitudes: Vec<i128> = lanes.iter().map(|lane| lane.magnitude()).collect();
        let mut unbounded = vec![None; lanes.len()];
        for head in &circuit.layers[layer].heads {
            let rows = if let Attention::Cross(_) = head.kind { embedded } else { &lanes };
            let mut score = 0;
            for (query, key) in head.query.iter().zip(&head.key) {
                let query = self.linear(Product::Projection, || head.name.clone(), query, &lanes)?;
                let key = self.linear(Product::Projection, || head.name.clone(), key, rows)?;
                score += query.magnitude() * key.magnitude();
            }
            self.note(Product::Score, || head.name.clone(), score)?;
            for (value, output) in head.value.iter().zip(&head.output) {
                let value = self.linear(Product::Projection, || head.name.clone(), value, rows)?;
                // The result of a head that has no row to attend to is 0.
                let result = value.hull(Interval::point(0));
                for (lane, weight) in output.terms() {
                    if head.kind == Attention::Sum {
                        unbounded[lane.0] = Some(&head.name);
                    } else {
                        after[lane.0] = after[lane.0] + result * weight;
                        magnitudes[lane.0] += (result * weight).magnitude();
                    }
                }
            }
        }
        let stage = Stage::Attention(layer);
        for (index, head) in unbounded.into_iter().enumerate() {
            let Some(head) = head else { continue };
            // Each partial sum of the running sum is the value that the lane has in an earlier row.
            let Some(stated) = self.stated(stage).find(|statement| statement.lane.0 == index) else {
                let lane = circuit.name(Lane(index)).to_string();
                return Err(CircuitError::Unbounded { layer, head: head.clone(), lane });
            };
            after[index] = stated.range;
            magnitudes[index] += stated.range.magnitude();
        }
        for (index, magnitude) in magnitudes.into_iter().enumerate() {
            self.note(Product::AttentionSum, || circuit.name(Lane(index)).to_string(), magnitude)?;
        }
        self.finish(stage, after)
    }

    fn ffn(&mut self, layer: usize, lanes: Vec<Interval>) -> Result<Vec<Interval>, CircuitError> {
        let circuit = self.circuit;
        let mut magnitudes: Vec<i128> = lanes.iter().map(|lane| lane.magnitude()).collect();
        let mut contributions = Contributions::new(&lanes);
        for neuron in &circuit.layers[layer].neurons {
            let gate = self.linear(Product::NeuronInput, || neuron.name.clone(), &neuron.gate, &lanes)?;
            let value = self.linear(Product::NeuronInput, || neuron.name.clone(), &neuron.value, &lanes)?;
            let result = gate.relu() * value;
            self.note(Product::NeuronOutput, || neuron.name.clone(), result.magnitude())?;
            for (lane, weight) in neuron.output.terms() {
                magnitudes[lane.0] += (result * weight).magnitude();
            }
            contributions.add(neuron);
        }
        for (index, magnitude) in magnitudes.into_iter().enumerate() {
            self.note(Product::FfnSum, || circuit.name(Lane(index)).to_string(), magnitude)?;
        }
        self.finish(Stage::Ffn(layer), contributions.ranges())
    }

    /// The range of a linear form. The bound of its worst partial sum is recorded.
    fn linear(&mut self, product: Product, at: impl Fn() -> String, form: &Form, lanes: &[Interval]) -> Result<Interval, CircuitError> {
        let magnitude = form.terms().map(|(lane, weight)| (lanes[lane.0] * weight).magnitude()).sum();
        self.note(product, at, magnitude)?;
        Ok(form.terms().fold(Interval::point(0), |sum, (lane, weight)| sum + lanes[lane.0] * weight))
    }

    fn note(&mut self, product: Product, at: impl Fn() -> String, bound: i128) -> Result<(), CircuitError> {
        let layer = self.layer;
        if bound >= self.limit {
            let place = match layer {
                Some(layer) => format!("layer {layer}, {product}, {}", at()),
                None => format!("{product}, {}", at()),
            };
            return Err(CircuitError::NotExact { place, bound, limit: self.limit });
        }
        match self.bounds.worst.iter_mut().find(|w| w.layer == layer && w.product == product) {
            Some(worst) if worst.bound >= bound => {}
            Some(worst) => (worst.at, worst.bound) = (at(), bound),
            None => self.bounds.worst.push(Worst { layer, product, at: at(), bound }),
        }
        Ok(())
    }

    fn stated(&self, stage: Stage) -> impl Iterator<Item = &Statement> {
        self.circuit.statements.iter().filter(move |statement| statement.stage == stage)
    }

    /// Narrows the lanes to the ranges that are stated for this stage, and records the lanes.
    fn finish(&mut self, stage: Stage, mut lanes: Vec<Interval>) -> Result<Vec<Interval>, CircuitError> {
        for Statement { lane, range, .. } in self.stated(stage) {
            let derived = lanes[lane.0];
            let lane_name = || self.circuit.name(*lane).to_string();
            lanes[lane.0] =
                derived.intersect(*range).ok_or_else(|| CircuitError::Contradiction { lane: lane_name(), stated: *range, derived })?;
        }
        self.bounds.lanes.push((stage, lanes.clone()));
        Ok(lanes)
    }
}
