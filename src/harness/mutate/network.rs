//! A forward pass over a whole tape that skips zero weights, and whatever is as it was.
//!
//! Lanes are held as columns over all rows of the tape. A pass of a mutant starts from the unchanged
//! model's pass, at the layer of the changed weight, and computes anew only heads and neurons that read a
//! changed lane; a lane that comes out as it was counts as unchanged again. Most mutants that survive a
//! program are seen to change nothing right where they stand. All numbers are exact integers in the unchanged
//! model, so this is the dense pass to the bit; whether a mutant is killed is confirmed by the dense pass.

use std::sync::Arc;

use super::site::{Site, Tensor};
use super::tape::{Column, Tape};
use crate::transformer::attention::KeyValues;
use crate::transformer::{Attention, Config, Matrix, Model};

/// The non-zero weights of one row of a matrix, by column.
type Weights = Vec<(usize, f32)>;

/// The non-zero weights of a layer, by rows.
#[derive(Clone, Debug)]
struct Layer {
    query: Vec<Weights>,
    key: Vec<Weights>,
    value: Vec<Weights>,
    output: Vec<Weights>,
    gate: Vec<Weights>,
    neuron_value: Vec<Weights>,
    down: Vec<Weights>,
}

/// A model by its non-zero weights.
#[derive(Clone, Debug)]
pub(super) struct Network {
    config: Config,
    embedding: Vec<Weights>,
    layers: Vec<Layer>,
    unembedding: Vec<Weights>,
}

/// What one head did in a pass, by rows of the tape.
#[derive(Clone, Debug)]
struct HeadRun {
    queries: Vec<Column>,
    keys: Vec<Column>,
    /// The row, or the store's write, that was attended to.
    chosen: Arc<[u32]>,
    results: Vec<Column>,
}

/// The pass of the unchanged model over a tape.
#[derive(Clone, Debug)]
pub(super) struct Baseline {
    /// The lanes before each layer, and after the last.
    before: Vec<Vec<Column>>,
    /// The lanes after each layer's attention.
    between: Vec<Vec<Column>>,
    heads: Vec<Vec<HeadRun>>,
    neurons: Vec<Vec<Column>>,
}

/// The lanes of a pass in progress, and which of them differ from the unchanged model's.
struct Lanes {
    columns: Vec<Column>,
    changed: Vec<bool>,
}

impl Network {
    pub fn new(model: &Model<f32>) -> Network {
        let rows = |matrix: &Matrix<f32>| {
            let row = |row| matrix.row(row).enumerate().filter(|(_, weight)| *weight != 0.0).collect();
            (0..matrix.rows()).map(row).collect()
        };
        let layer = |layer: &crate::transformer::LayerWeights<f32>| Layer {
            query: rows(&layer.query),
            key: rows(&layer.key),
            value: rows(&layer.value),
            output: rows(&layer.output),
            gate: rows(&layer.ffn_gate),
            neuron_value: rows(&layer.ffn_value),
            down: rows(&layer.ffn_down),
        };
        Network {
            config: model.config.clone(),
            embedding: rows(&model.embedding),
            layers: model.layers.iter().map(layer).collect(),
            unembedding: rows(&model.unembedding),
        }
    }

    /// The network with one weight set anew.
    pub fn with(&self, site: Site, weight: f32) -> Network {
        let mut network = self.clone();
        let layer = site.tensor.layer().map(|layer| &mut network.layers[layer]);
        let row = match (site.tensor, layer) {
            (Tensor::Unembedding, _) => &mut network.unembedding[site.row],
            (Tensor::Query(_), Some(layer)) => &mut layer.query[site.row],
            (Tensor::Key(_), Some(layer)) => &mut layer.key[site.row],
            (Tensor::Value(_), Some(layer)) => &mut layer.value[site.row],
            (Tensor::Output(_), Some(layer)) => &mut layer.output[site.row],
            (Tensor::Gate(_), Some(layer)) => &mut layer.gate[site.row],
            (Tensor::NeuronValue(_), Some(layer)) => &mut layer.neuron_value[site.row],
            (Tensor::Down(_), Some(layer)) => &mut layer.down[site.row],
            _ => &mut network.embedding[site.row],
        };
        row.retain(|(column, _)| *column != site.column);
        if weight != 0.0 {
            row.push((site.column, weight));
        }
        network
    }

    /// The pass over a tape.
    pub fn run(&self, tape: &Tape) -> Baseline {
        let d_model = self.config.d_model;
        let mut columns: Vec<Column> = (0..d_model).map(|lane| tape.rows.embedded(lane, |token| self.embedded(token, lane))).collect();
        let mut pass = Baseline { before: vec![columns.clone()], between: Vec::new(), heads: Vec::new(), neurons: Vec::new() };
        for (index, layer) in self.layers.iter().enumerate() {
            let heads: Vec<HeadRun> =
                (0..self.config.attention[index].len()).map(|head| self.head(index, head, &columns, tape, None)).collect();
            let results: Vec<&Column> = heads.iter().flat_map(|head| &head.results).collect();
            columns = columns.iter().zip(&layer.output).map(|(lane, weights)| add(lane, weights, &results)).collect();
            pass.between.push(columns.clone());

            let neurons: Vec<Column> = (0..layer.gate.len()).map(|neuron| layer.neuron(neuron, &columns)).collect();
            let results: Vec<&Column> = neurons.iter().collect();
            columns = columns.iter().zip(&layer.down).map(|(lane, weights)| add(lane, weights, &results)).collect();
            pass.before.push(columns.clone());
            pass.heads.push(heads);
            pass.neurons.push(neurons);
        }
        pass
    }

    /// The first step of a tape at which this network, which differs in one weight from that of `baseline`,
    /// emits another token than it must.
    pub fn first_fault(&self, site: Site, tape: &Tape, baseline: &Baseline) -> Option<usize> {
        if site.tensor == Tensor::Unembedding {
            return self.first_wrong_logit(site.row, tape, baseline);
        }
        let first = site.tensor.layer().unwrap_or(0);
        let mut lanes = Lanes { columns: baseline.before[first].clone(), changed: vec![false; self.config.d_model] };
        if site.tensor == Tensor::Embedding {
            lanes.set(site.column, tape.rows.embedded(site.column, |token| self.embedded(token, site.column)), baseline, |b| &b.before[0]);
        }
        for index in first..self.layers.len() {
            self.attend(index, &mut lanes, site, tape, baseline);
            self.feed_forward(index, &mut lanes, site, baseline);
            let ahead = site.tensor == Tensor::Embedding && self.reads_stores_after(index);
            if !lanes.changed.contains(&true) && !ahead {
                return None;
            }
        }
        let last = &baseline.before[self.layers.len()];
        let changed: Vec<usize> = (0..lanes.columns.len()).filter(|lane| lanes.changed[*lane]).collect();
        let differs = |row: usize| changed.iter().any(|lane| lanes.columns[*lane][row] != last[*lane][row]);
        tape.emits.iter().position(|(row, token)| differs(*row) && self.emitted(*row, &lanes.columns) != *token)
    }

    /// The first step at which the pass of this network itself is wrong.
    pub fn any_fault(&self, tape: &Tape, pass: &Baseline) -> Option<usize> {
        let last = &pass.before[self.layers.len()];
        tape.emits.iter().position(|(row, token)| self.emitted(*row, last) != *token)
    }

    /// As [`Network::first_fault`] where only one token's logit has changed.
    fn first_wrong_logit(&self, changed: usize, tape: &Tape, baseline: &Baseline) -> Option<usize> {
        let columns = &baseline.before[self.layers.len()];
        tape.emits.iter().position(|&(row, token)| {
            if token == changed {
                return self.emitted(row, columns) != token;
            }
            let (new, best) = (self.logit(changed, row, columns), self.logit(token, row, columns));
            new > best || new == best && changed < token
        })
    }

    fn embedded(&self, token: usize, lane: usize) -> f32 {
        self.embedding[token].iter().find(|(column, _)| *column == lane).map_or(0.0, |(_, weight)| *weight)
    }

    /// Whether a cross head comes after a layer: a changed embedding is seen there even if no lane is
    /// changed.
    fn reads_stores_after(&self, layer: usize) -> bool {
        self.config.attention[layer + 1..].iter().flatten().any(|kind| matches!(kind, Attention::Cross(_)))
    }

    fn attend(&self, index: usize, lanes: &mut Lanes, site: Site, tape: &Tape, baseline: &Baseline) {
        let layer = &self.layers[index];
        let d_head = self.config.d_head;
        let mut results = Vec::new();
        let mut changed = Vec::new();
        for (head, old) in baseline.heads[index].iter().enumerate() {
            let slots = head * d_head..(head + 1) * d_head;
            let weight_is_its_own = match site.tensor {
                Tensor::Query(l) | Tensor::Key(l) | Tensor::Value(l) => l == index && slots.contains(&site.row),
                Tensor::Embedding => matches!(self.config.attention[index][head], Attention::Cross(_)),
                _ => false,
            };
            let reads_changed =
                || slots.clone().any(|slot| [&layer.query, &layer.key, &layer.value].iter().any(|rows| lanes.changes(&rows[slot])));
            let new = if weight_is_its_own || reads_changed() {
                self.head(index, head, &lanes.columns, tape, Some(old)).results
            } else {
                old.results.clone()
            };
            changed.extend(new.iter().zip(&old.results).map(|(new, old)| new != old));
            results.extend(new);
        }
        let own = matches!(site.tensor, Tensor::Output(l) if l == index).then_some(site.row);
        lanes.add(&layer.output, &results, &changed, own, &baseline.between[index]);
    }

    fn feed_forward(&self, index: usize, lanes: &mut Lanes, site: Site, baseline: &Baseline) {
        let layer = &self.layers[index];
        let mut results = Vec::new();
        let mut changed = Vec::new();
        for (neuron, old) in baseline.neurons[index].iter().enumerate() {
            let weight_is_its_own = match site.tensor {
                Tensor::Gate(l) | Tensor::NeuronValue(l) => l == index && site.row == neuron,
                _ => false,
            };
            let new = if weight_is_its_own || lanes.changes(&layer.gate[neuron]) || lanes.changes(&layer.neuron_value[neuron]) {
                layer.neuron(neuron, &lanes.columns)
            } else {
                old.clone()
            };
            changed.push(new != *old);
            results.push(new);
        }
        let own = matches!(site.tensor, Tensor::Down(l) if l == index).then_some(site.row);
        lanes.add(&layer.down, &results, &changed, own, &baseline.before[index + 1]);
    }

    /// One head over a tape. Where the keys are as in the `old` run, only changed queries are answered anew.
    fn head(&self, index: usize, head: usize, columns: &[Column], tape: &Tape, old: Option<&HeadRun>) -> HeadRun {
        let layer = &self.layers[index];
        let slots = head * self.config.d_head..(head + 1) * self.config.d_head;
        let project = |rows: &[Weights], from: &[Column], len: usize| -> Vec<Column> {
            rows[slots.clone()].iter().map(|row| combine(row, from, len)).collect()
        };
        let len = tape.len();
        match self.config.attention[index][head] {
            Attention::Sum => {
                let sum = |column: Column| -> Column {
                    let mut total = 0.0;
                    let running = column.iter().map(|value| {
                        total += value;
                        total
                    });
                    running.collect()
                };
                let results = project(&layer.value, columns, len).into_iter().map(sum).collect();
                HeadRun { queries: Vec::new(), keys: Vec::new(), chosen: [].into(), results }
            }
            Attention::HardMax => {
                let (queries, keys) = (project(&layer.query, columns, len), project(&layer.key, columns, len));
                let values = project(&layer.value, columns, len);
                let chosen = match old {
                    Some(old) if old.keys == keys && old.queries == queries => old.chosen.clone(),
                    Some(old) if old.keys == keys => choose(&queries, &keys, |row| {
                        (0..queries.len()).all(|d| queries[d][row] == old.queries[d][row]).then_some(old.chosen[row])
                    }),
                    _ => choose(&queries, &keys, |_| None),
                };
                let results = pick(&values, &chosen);
                HeadRun { queries, keys, chosen, results }
            }
            Attention::Cross(store) => {
                let queries = project(&layer.query, columns, len);
                let Some(store) = tape.stores.get(store) else {
                    let nothing: Column = vec![0.0; len].into();
                    return HeadRun { queries, keys: Vec::new(), chosen: [].into(), results: vec![nothing; self.config.d_head] };
                };
                let embedded: Vec<Column> =
                    (0..self.config.d_model).map(|lane| store.rows.embedded(lane, |token| self.embedded(token, lane))).collect();
                let writes = store.writes.len();
                let (keys, values) = (project(&layer.key, &embedded, writes), project(&layer.value, &embedded, writes));
                let chosen = choose_in_store(&queries, &keys, &store.writes);
                let results = pick(&values, &chosen);
                HeadRun { queries, keys, chosen, results }
            }
        }
    }

    fn logit(&self, token: usize, row: usize, columns: &[Column]) -> f32 {
        self.unembedding[token].iter().map(|(lane, weight)| columns[*lane][row] * weight).sum()
    }

    /// The token with the highest logit; of equal ones the lowest.
    fn emitted(&self, row: usize, columns: &[Column]) -> usize {
        let mut best = (0, self.logit(0, row, columns));
        for token in 1..self.unembedding.len() {
            let logit = self.logit(token, row, columns);
            if logit > best.1 {
                best = (token, logit);
            }
        }
        best.0
    }
}

impl Layer {
    /// What one neuron puts out.
    fn neuron(&self, neuron: usize, columns: &[Column]) -> Column {
        let len = columns[0].len();
        if self.gate[neuron].is_empty() || self.neuron_value[neuron].is_empty() {
            return vec![0.0; len].into();
        }
        let (gates, values) = (combine(&self.gate[neuron], columns, len), combine(&self.neuron_value[neuron], columns, len));
        gates.iter().zip(values.iter()).map(|(gate, value)| gate.max(0.0) * value).collect()
    }
}

impl Lanes {
    /// Whether a form reads a lane that has changed.
    fn changes(&self, weights: &Weights) -> bool {
        weights.iter().any(|(lane, _)| self.changed[*lane])
    }

    fn set(&mut self, lane: usize, column: Column, baseline: &Baseline, at: impl Fn(&Baseline) -> &Vec<Column>) {
        self.changed[lane] = column != at(baseline)[lane];
        self.columns[lane] = column;
    }

    /// Adds what heads or neurons put out. `own` is the lane whose weights are not the unchanged model's,
    /// `after` the lanes as they come out there.
    fn add(&mut self, weights: &[Weights], results: &[Column], changed: &[bool], own: Option<usize>, after: &[Column]) {
        let all: Vec<&Column> = results.iter().collect();
        for (lane, weights) in weights.iter().enumerate() {
            if self.changed[lane] || own == Some(lane) || weights.iter().any(|(slot, _)| changed[*slot]) {
                let new = add(&self.columns[lane], weights, &all);
                self.changed[lane] = new != after[lane];
                self.columns[lane] = new;
            } else {
                self.columns[lane] = after[lane].clone();
            }
        }
    }
}

/// `Σ weight · column`.
fn combine(weights: &Weights, columns: &[Column], len: usize) -> Column {
    let mut sum = vec![0.0; len];
    for (lane, weight) in weights {
        sum.iter_mut().zip(columns[*lane].iter()).for_each(|(sum, x)| *sum += weight * x);
    }
    sum.into()
}

/// `column + Σ weight · result`; the column itself where there is nothing to add.
fn add(column: &Column, weights: &Weights, results: &[&Column]) -> Column {
    if weights.is_empty() {
        return column.clone();
    }
    let mut change = vec![0.0; column.len()];
    for (slot, weight) in weights {
        change.iter_mut().zip(results[*slot].iter()).for_each(|(sum, x)| *sum += weight * x);
    }
    column.iter().zip(change).map(|(x, change)| x + change).collect()
}

/// For each query the row that scores highest among those up to it; `known` gives it where it is known.
fn choose(queries: &[Column], keys: &[Column], known: impl Fn(usize) -> Option<u32>) -> Arc<[u32]> {
    let mut rows = KeyValues::new(keys.len());
    let none = vec![0.0; keys.len()];
    let at = |columns: &[Column], row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f32>>();
    let one = |row: usize| {
        rows.push(&at(keys, row), &none);
        known(row).or_else(|| rows.best(&at(queries, row)).map(|best| best as u32)).unwrap_or_default()
    };
    (0..queries[0].len()).map(one).collect()
}

/// For each query the write to a store that scores highest among the store's rows as they stand.
fn choose_in_store(queries: &[Column], keys: &[Column], writes: &[(usize, usize)]) -> Arc<[u32]> {
    let mut rows = KeyValues::new(keys.len());
    let none = vec![0.0; keys.len()];
    let mut standing: Vec<u32> = Vec::new();
    let at = |columns: &[Column], row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f32>>();
    let mut next = 0;
    let one = |row: usize| {
        while let Some((_, index)) = writes.get(next).filter(|(first, _)| *first <= row) {
            let key = at(keys, next);
            if *index < rows.len() {
                rows.replace(*index, &key, &none);
                standing[*index] = next as u32;
            } else {
                rows.push(&key, &none);
                standing.push(next as u32);
            }
            next += 1;
        }
        rows.best(&at(queries, row)).map(|best| standing[best]).unwrap_or_default()
    };
    (0..queries[0].len()).map(one).collect()
}

fn pick(values: &[Column], chosen: &[u32]) -> Vec<Column> {
    values.iter().map(|column| chosen.iter().map(|row| column[*row as usize]).collect()).collect()
}
