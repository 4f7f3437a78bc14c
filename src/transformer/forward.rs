//! The dense forward pass, with its key-value cache.
//!
//! [`Session::forward`] is the whole pass except the unembedding: it embeds, then computes attention and
//! feed-forward network per layer. Every weight is multiplied, and every past key is scored.
//! [`Session::logits_of`] unembeds. A batch of rows is passed through one layer after the other. Each row
//! attends to the rows before it and to itself, so a batch gives the same results as its rows passed one by
//! one.

use std::fmt;

use super::attention::KeyValues;
use super::matrix::Matrix;
use super::{Attention, Batched, Model, Network, Number, argmax};

/// One position of the input: a token, and what the positional encoding adds to the lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    /// The token's identifier.
    pub token: usize,
    /// Lane and value of each non-zero positional encoding.
    pub positional: Vec<(usize, T)>,
}

/// A place between two parts of the forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// After embedding and positional encoding.
    Embedded,
    /// After the attention of this layer.
    Attention(usize),
    /// After the feed-forward network of this layer.
    Ffn(usize),
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stage::Embedded => f.write_str("the embedding"),
            Stage::Attention(layer) => write!(f, "layer {layer}'s attention"),
            Stage::Ffn(layer) => write!(f, "layer {layer}'s FFN"),
        }
    }
}

/// Looks into a forward pass. Every method does nothing unless it is implemented.
pub trait Observer<T> {
    /// Whether to compute values that only observers see.
    fn observes(&self) -> bool {
        true
    }

    /// The residual stream of one row, `[d_model]`.
    fn residual(&mut self, _stage: Stage, _lanes: &[T]) {}

    /// The row that a hard-max or cross head chose among its rows, for one query.
    fn attended(&mut self, _layer: usize, _head: usize, _query: &[T], _rows: &KeyValues<T>, _chosen: usize) {}

    /// The total of a sum head, `[d_head]`, after one row's value was added.
    fn summed(&mut self, _layer: usize, _head: usize, _total: &[T]) {}

    /// The neurons of one layer for one row: gates before relu, and values, each `[d_ffn]`.
    fn neurons(&mut self, _layer: usize, _gates: &[T], _values: &[T]) {}
}

/// Observes nothing.
impl<T> Observer<T> for () {
    fn observes(&self) -> bool {
        false
    }
}

/// The memory of one head.
#[derive(Clone, Debug)]
enum HeadCache<T> {
    Rows(KeyValues<T>),
    Sum(Vec<T>),
}

/// A sequence in progress: a model and the key-value cache of the rows passed so far.
#[derive(Clone, Debug)]
pub struct Session<'m, T> {
    model: &'m Model<T>,
    caches: Vec<Vec<HeadCache<T>>>,
    /// The residual streams of the rows passed last, after all layers.
    residuals: Vec<T>,
    /// The logits of the last row passed.
    last: Vec<T>,
}

impl<'m, T: Number> Session<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m Model<T>) -> Session<'m, T> {
        let d_head = model.config.d_head;
        let cache = |kind: &Attention| match kind {
            Attention::HardMax | Attention::Cross(_) => HeadCache::Rows(KeyValues::new(d_head)),
            Attention::Sum => HeadCache::Sum(vec![T::default(); d_head]),
        };
        let caches = model.config.attention.iter().map(|heads| heads.iter().map(cache).collect()).collect();
        Session { model, caches, residuals: Vec::new(), last: Vec::new() }
    }

    /// Passes rows through all layers. Returns the residual streams after the last layer, `[rows, d_model]`.
    pub fn forward(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) -> Vec<T> {
        let d = self.d_model();
        let mut x: Vec<T> = rows.iter().flat_map(|row| embed(self.model, row)).collect();
        observe(&x, d, Stage::Embedded, observer);

        let [mut queries, mut keys, mut values, mut gates, mut ffn_values, mut change] = [const { Vec::new() }; 6];
        for (index, layer) in self.model.layers.iter().enumerate() {
            layer.query.apply(&x, &mut queries);
            layer.key.apply(&x, &mut keys);
            layer.value.apply(&x, &mut values);
            // The heads' results take the place of the queries, row by row.
            self.attend(index, &mut queries, &keys, &values, observer);
            add(&mut x, &layer.output, &queries, &mut change);
            observe(&x, d, Stage::Attention(index), observer);

            layer.ffn_gate.apply(&x, &mut gates);
            layer.ffn_value.apply(&x, &mut ffn_values);
            let d_ffn = self.model.config.d_ffn;
            for (gate, value) in gates.chunks_exact(d_ffn).zip(ffn_values.chunks_exact(d_ffn)) {
                observer.neurons(index, gate, value);
            }
            for (gate, value) in gates.iter_mut().zip(&ffn_values) {
                *gate = gate.relu() * *value;
            }
            add(&mut x, &layer.ffn_down, &gates, &mut change);
            observe(&x, d, Stage::Ffn(index), observer);
        }
        x
    }

    /// The logits of one residual stream, `[d_model] → [vocab_size]`.
    pub fn logits_of(&self, lanes: &[T]) -> Vec<T> {
        let mut logits = Vec::new();
        self.model.unembedding.apply(lanes, &mut logits);
        logits
    }

    fn d_model(&self) -> usize {
        self.model.config.d_model
    }

    /// All heads of a layer, row by row. Each row's key and value join the cache before the row's query is
    /// answered. `queries` is `[rows, h · d_head]`, and the results overwrite it.
    fn attend(&mut self, layer: usize, queries: &mut [T], keys: &[T], values: &[T], observer: &mut impl Observer<T>) {
        let width = self.model.config.d_head;
        let kinds = &self.model.config.attention[layer];
        for (slot, query) in queries.chunks_exact_mut(width).enumerate() {
            let head = slot % kinds.len();
            let (key, value) = (&keys[slot * width..][..width], &values[slot * width..][..width]);
            match &mut self.caches[layer][head] {
                HeadCache::Sum(sum) => {
                    for (total, x) in sum.iter_mut().zip(value) {
                        *total += *x;
                    }
                    observer.summed(layer, head, sum);
                    query.copy_from_slice(sum);
                }
                HeadCache::Rows(rows) => {
                    if kinds[head] == Attention::HardMax {
                        rows.push(key, value);
                    }
                    match rows.best(query) {
                        Some(chosen) => {
                            observer.attended(layer, head, query, rows, chosen);
                            query.copy_from_slice(rows.value(chosen));
                        }
                        None => query.fill(T::default()),
                    }
                }
            }
        }
    }
}

impl<T: Number> Batched<T> for Session<'_, T> {
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        self.residuals = self.forward(rows, observer);
    }

    fn tokens_at(&mut self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|row| argmax(&self.logits_at(*row))).collect()
    }

    fn logits_at(&self, row: usize) -> Vec<T> {
        self.logits_of(&self.residuals[row * self.d_model()..][..self.d_model()])
    }
}

impl<T: Number> Network<T> for Session<'_, T> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<T>) {
        let lanes = embed(self.model, row);
        let width = self.model.config.d_head;
        let [mut keys, mut values] = [const { Vec::new() }; 2];
        for (layer, heads) in self.model.config.attention.iter().enumerate() {
            if !heads.contains(&Attention::Cross(store)) {
                continue;
            }
            self.model.layers[layer].key.apply(&lanes, &mut keys);
            self.model.layers[layer].value.apply(&lanes, &mut values);
            for (head, kind) in heads.iter().enumerate() {
                if let (Attention::Cross(of), HeadCache::Rows(rows)) = (kind, &mut self.caches[layer][head])
                    && *of == store
                {
                    let (key, value) = (&keys[head * width..][..width], &values[head * width..][..width]);
                    if index < rows.len() { rows.replace(index, key, value) } else { rows.push(key, value) }
                }
            }
        }
    }

    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        self.pass_batch(rows, observer);
        self.last = self.logits_at(rows.len() - 1);
    }

    fn token(&self) -> usize {
        argmax(&self.last)
    }

    fn logits(&self) -> Vec<T> {
        self.last.clone()
    }

    fn kept(&self) -> usize {
        let of_head = |cache: &HeadCache<T>| match cache {
            HeadCache::Rows(rows) => rows.kept(),
            HeadCache::Sum(sum) => sum.len() * size_of::<T>(),
        };
        self.caches.iter().flatten().map(of_head).sum()
    }
}

/// A row's embedding plus its positional encoding, `[d_model]`.
fn embed<T: Number>(model: &Model<T>, row: &Row<T>) -> Vec<T> {
    let mut lanes: Vec<T> = model.embedding.row(row.token).collect();
    for (lane, value) in &row.positional {
        lanes[*lane] += *value;
    }
    lanes
}

/// `x += matrix · inputs`, row by row.
fn add<T: Number>(x: &mut [T], matrix: &Matrix<T>, inputs: &[T], change: &mut Vec<T>) {
    matrix.apply(inputs, change);
    for (x, delta) in x.iter_mut().zip(change) {
        *x += *delta;
    }
}

fn observe<T>(x: &[T], d_model: usize, stage: Stage, observer: &mut impl Observer<T>) {
    for lanes in x.chunks_exact(d_model) {
        observer.residual(stage, lanes);
    }
}
