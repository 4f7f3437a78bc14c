//! The forward pass of the Llama architecture in f32, with its key-value cache, one row at a time.
//!
//! Norm, rotation, softmax and SiLU are computed as any runtime computes them: nothing here knows that the
//! weights were compiled. Only zeros are left out.

use super::sparse::Sparse;
use super::{LlamaConfig, LlamaModel};
use crate::transformer::{Observer, Stage, argmax};

/// Below this, `exp` of an f32 is 0.
const UNDERFLOW: f32 = -104.0;

/// A model prepared for forward passes.
#[derive(Clone, Debug)]
pub struct Pass {
    config: LlamaConfig,
    embedding: Sparse,
    layers: Vec<PassLayer>,
    norm: Vec<f32>,
    unembedding: Sparse,
    /// The turn of each pair of a head from one row to the next.
    frequencies: Vec<f32>,
}

#[derive(Clone, Debug)]
struct PassLayer {
    attention_norm: Vec<f32>,
    query: Sparse,
    key: Sparse,
    value: Sparse,
    output: Sparse,
    ffn_norm: Vec<f32>,
    gate: Sparse,
    up: Sparse,
    down: Sparse,
    heads: Vec<HeadDims>,
}

/// The dimensions of a head's keys and values that are not zero in every row, by their index in the layer.
#[derive(Clone, Debug)]
struct HeadDims {
    keys: Vec<usize>,
    values: Vec<usize>,
}

impl Pass {
    /// Prepares a model.
    pub fn new(model: &LlamaModel) -> Pass {
        let config = model.config.clone();
        let layers = model.layers.iter().map(|layer| {
            let (key, value) = (Sparse::new(&layer.key), Sparse::new(&layer.value));
            let heads = (0..config.heads).map(|head| HeadDims::of(&config, head, &key, &value)).collect();
            PassLayer {
                attention_norm: layer.attention_norm.clone(),
                query: Sparse::new(&layer.query),
                key,
                value,
                output: Sparse::new(&layer.output),
                ffn_norm: layer.ffn_norm.clone(),
                gate: Sparse::new(&layer.gate),
                up: Sparse::new(&layer.up),
                down: Sparse::new(&layer.down),
                heads,
            }
        });
        Pass {
            layers: layers.collect(),
            embedding: Sparse::new(&model.embedding),
            norm: model.norm.clone(),
            unembedding: Sparse::new(&model.unembedding),
            frequencies: (0..config.head_dim / 2).map(|pair| config.frequency(pair) as f32).collect(),
            config,
        }
    }

    /// The shape of the model.
    pub fn config(&self) -> &LlamaConfig {
        &self.config
    }

    /// The root mean square of a row is divided out, and the gains multiplied in.
    fn normalise(&self, lanes: &[f32], gains: &[f32]) -> Vec<f32> {
        let squares: f32 = lanes.iter().map(|lane| lane * lane).sum();
        let scale = 1.0 / (squares / lanes.len() as f32 + self.config.rms_norm_eps as f32).sqrt();
        lanes.iter().zip(gains).map(|(lane, gain)| lane * scale * gain).collect()
    }

    /// Turns every pair of every head by the row's position.
    fn rotate(&self, vectors: &mut [f32], position: usize) {
        let half = self.config.head_dim / 2;
        for (pair, frequency) in self.frequencies.iter().enumerate() {
            let (sin, cos) = (position as f32 * frequency).sin_cos();
            for head in vectors.chunks_exact_mut(self.config.head_dim) {
                let (x, y) = (head[pair], head[half + pair]);
                (head[pair], head[half + pair]) = (x * cos - y * sin, y * cos + x * sin);
            }
        }
    }
}

impl HeadDims {
    fn of(config: &LlamaConfig, head: usize, key: &Sparse, value: &Sparse) -> HeadDims {
        let (dim, half) = (config.head_dim, config.head_dim / 2);
        let first = head * dim;
        let turned = |index: usize| first + (index - first + half) % dim;
        let keys = (first..first + dim).filter(|index| !key.row(*index).is_empty() || !key.row(turned(*index)).is_empty());
        let values = (first..first + dim).filter(|index| !value.row(*index).is_empty());
        HeadDims { keys: keys.collect(), values: values.collect() }
    }
}

/// The keys and values of one head: per dimension, one number for each row.
#[derive(Clone, Debug)]
struct HeadCache {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
}

/// A sequence in progress.
#[derive(Clone, Debug)]
pub struct Session<'p> {
    pass: &'p Pass,
    caches: Vec<Vec<HeadCache>>,
    rows: usize,
    /// The residual stream of the last row, after all layers.
    lanes: Vec<f32>,
}

impl<'p> Session<'p> {
    /// An empty sequence.
    pub fn new(pass: &'p Pass) -> Session<'p> {
        let cache = |dims: &HeadDims| HeadCache { keys: vec![Vec::new(); dims.keys.len()], values: vec![Vec::new(); dims.values.len()] };
        let caches = pass.layers.iter().map(|layer| layer.heads.iter().map(cache).collect()).collect();
        Session { pass, caches, rows: 0, lanes: Vec::new() }
    }

    /// The number of rows passed.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Passes one row. The observer sees the residual stream as it is, before any norm.
    pub fn push(&mut self, token: usize, observer: &mut impl Observer<f32>) {
        let pass = self.pass;
        let mut lanes = vec![0.0; pass.config.hidden_size];
        pass.embedding.row(token).iter().for_each(|(lane, weight)| lanes[*lane as usize] = *weight);
        observer.residual(Stage::Embedded, &lanes);
        for (index, layer) in pass.layers.iter().enumerate() {
            let input = pass.normalise(&lanes, &layer.attention_norm);
            let heads = self.attend(index, &input);
            add(&mut lanes, &layer.output.apply(&heads));
            observer.residual(Stage::Attention(index), &lanes);

            let input = pass.normalise(&lanes, &layer.ffn_norm);
            let values = layer.up.apply(&input);
            let neurons: Vec<f32> = layer.gate.apply(&input).into_iter().zip(values).map(|(gate, value)| silu(gate) * value).collect();
            add(&mut lanes, &layer.down.apply(&neurons));
            observer.residual(Stage::Ffn(index), &lanes);
        }
        self.rows += 1;
        self.lanes = lanes;
    }

    /// The logits of the last row passed, by token.
    pub fn logits(&self) -> Vec<f32> {
        self.pass.unembedding.apply(&self.pass.normalise(&self.lanes, &self.pass.norm))
    }

    /// The token with the highest logit after the last row passed: greedy decoding.
    pub fn token(&self) -> usize {
        argmax(&self.logits())
    }

    /// The results of a layer's heads for the next row, whose key and value are kept.
    fn attend(&mut self, layer: usize, input: &[f32]) -> Vec<f32> {
        let pass = self.pass;
        let weights = &pass.layers[layer];
        let (mut query, mut key, value) = (weights.query.apply(input), weights.key.apply(input), weights.value.apply(input));
        pass.rotate(&mut query, self.rows);
        pass.rotate(&mut key, self.rows);
        let mut results = vec![0.0; query.len()];
        for (dims, cache) in weights.heads.iter().zip(&mut self.caches[layer]) {
            dims.keys.iter().zip(&mut cache.keys).for_each(|(dim, keys)| keys.push(key[*dim]));
            dims.values.iter().zip(&mut cache.values).for_each(|(dim, values)| values.push(value[*dim]));
            if dims.values.is_empty() {
                continue;
            }
            let mut scores = vec![0.0; self.rows + 1];
            for (dim, keys) in dims.keys.iter().zip(&cache.keys) {
                let factor = query[*dim];
                scores.iter_mut().zip(keys).for_each(|(score, key)| *score += factor * key);
            }
            let scale = (pass.config.head_dim as f32).sqrt();
            scores.iter_mut().for_each(|score| *score /= scale);
            let attended = softmax(&scores);
            for (dim, values) in dims.values.iter().zip(&cache.values) {
                results[*dim] = attended.iter().map(|(row, weight)| weight * values[*row]).sum();
            }
        }
        results
    }
}

/// The rows whose weight is not 0, with their weights.
fn softmax(scores: &[f32]) -> Vec<(usize, f32)> {
    let highest = scores.iter().fold(f32::NEG_INFINITY, |highest, score| highest.max(*score));
    let rows = scores.iter().enumerate().filter(|(_, score)| **score - highest > UNDERFLOW);
    let mut weights: Vec<(usize, f32)> = rows.map(|(row, score)| (row, (score - highest).exp())).collect();
    let sum: f32 = weights.iter().map(|(_, weight)| weight).sum();
    weights.iter_mut().for_each(|(_, weight)| *weight /= sum);
    weights
}

fn silu(x: f32) -> f32 {
    x / (1.0 + (-x).exp())
}

fn add(sum: &mut [f32], terms: &[f32]) {
    sum.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
}
