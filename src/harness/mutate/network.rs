//! A forward pass over a whole tape that skips zero weights and unchanged lanes.
//!
//! Lanes are held as columns over all rows of the tape. A pass of a mutant starts from the unchanged
//! model's pass, at the layer of the changed weight, and computes anew only heads and neurons that read a
//! changed lane; a lane that comes out as it was counts as unchanged again. Most mutants that survive a
//! program are seen to change nothing right where they stand. All numbers are exact integers in the unchanged
//! model, so this is the dense pass to the bit; whether a mutant is killed is confirmed by the dense pass.

use std::sync::Arc;

use super::columns::{Weights, across, add, choose, choose_in_store, combine, differ, pick, running_sum};
use super::site::{Site, Tensor};
use super::tape::{Column, Tape};
use crate::transformer::{Attention, Config, LayerWeights, Matrix, Model, Number, argmax};

/// The non-zero weights of a matrix, by rows. Networks share the matrices in which they do not differ.
type Sparse<T> = Arc<Vec<Weights<T>>>;

/// The non-zero weights of a layer.
#[derive(Clone, Debug)]
struct Layer<T> {
    query: Sparse<T>,
    key: Sparse<T>,
    value: Sparse<T>,
    output: Sparse<T>,
    gate: Sparse<T>,
    neuron_value: Sparse<T>,
    down: Sparse<T>,
}

/// A model by its non-zero weights.
#[derive(Clone, Debug)]
pub(super) struct Network<T> {
    config: Arc<Config>,
    embedding: Sparse<T>,
    layers: Vec<Layer<T>>,
    unembedding: Sparse<T>,
}

/// What one head did in a pass, by rows of the tape.
#[derive(Clone, Debug)]
struct HeadRun<T> {
    queries: Vec<Column<T>>,
    keys: Vec<Column<T>>,
    /// The row, or the store's write, that was attended to.
    chosen: Arc<[u32]>,
    results: Vec<Column<T>>,
}

/// The pass of the unchanged model over a tape.
#[derive(Clone, Debug)]
pub(super) struct Baseline<T> {
    /// The lanes before each layer, and after the last.
    before: Vec<Vec<Column<T>>>,
    /// The lanes after each layer's attention.
    between: Vec<Vec<Column<T>>>,
    heads: Vec<Vec<HeadRun<T>>>,
    neurons: Vec<Vec<Column<T>>>,
}

/// The lanes of a pass in progress, and which of them differ from the unchanged model's.
struct Lanes<T> {
    columns: Vec<Column<T>>,
    changed: Vec<bool>,
}

impl<T: Number> Network<T> {
    pub fn new(model: &Model<T>) -> Network<T> {
        let rows = |matrix: &Matrix<T>| -> Sparse<T> { Arc::new(matrix.row_terms()) };
        let layer = |layer: &LayerWeights<T>| Layer {
            query: rows(&layer.query),
            key: rows(&layer.key),
            value: rows(&layer.value),
            output: rows(&layer.output),
            gate: rows(&layer.ffn_gate),
            neuron_value: rows(&layer.ffn_value),
            down: rows(&layer.ffn_down),
        };
        Network {
            config: model.config.clone().into(),
            embedding: rows(&model.embedding),
            layers: model.layers.iter().map(layer).collect(),
            unembedding: rows(&model.unembedding),
        }
    }

    /// The network with one weight set anew.
    pub fn with(&self, site: Site, weight: T) -> Network<T> {
        let mut network = self.clone();
        let layer = site.tensor.layer().map(|layer| &mut network.layers[layer]);
        let matrix = match (site.tensor, layer) {
            (Tensor::Unembedding, _) => &mut network.unembedding,
            (Tensor::Query(_), Some(layer)) => &mut layer.query,
            (Tensor::Key(_), Some(layer)) => &mut layer.key,
            (Tensor::Value(_), Some(layer)) => &mut layer.value,
            (Tensor::Output(_), Some(layer)) => &mut layer.output,
            (Tensor::Gate(_), Some(layer)) => &mut layer.gate,
            (Tensor::NeuronValue(_), Some(layer)) => &mut layer.neuron_value,
            (Tensor::Down(_), Some(layer)) => &mut layer.down,
            _ => &mut network.embedding,
        };
        let row = &mut Arc::make_mut(matrix)[site.row];
        row.retain(|(column, _)| *column != site.column);
        if weight != T::default() {
            row.push((site.column, weight));
        }
        network
    }

    /// The pass over a tape. Columns of zeros, of which there are many, are kept once.
    pub fn run(&self, tape: &Tape<T>) -> Baseline<T> {
        let nothing: Column<T> = vec![T::default(); tape.len()].into();
        let kept = |column: Column<T>| if differ(&column, &nothing) { column } else { nothing.clone() };
        let d_model = self.config.d_model;
        let mut columns: Vec<Column<T>> = (0..d_model).map(|lane| tape.rows.embedded(lane, |token| self.embedded(token, lane))).collect();
        let mut pass = Baseline { before: vec![columns.clone()], between: Vec::new(), heads: Vec::new(), neurons: Vec::new() };
        for (index, layer) in self.layers.iter().enumerate() {
            let heads: Vec<HeadRun<T>> =
                (0..self.config.attention[index].len()).map(|head| self.head(index, head, &columns, tape, None).map(kept)).collect();
            let results: Vec<&Column<T>> = heads.iter().flat_map(|head| &head.results).collect();
            columns = columns.iter().zip(layer.output.iter()).map(|(lane, weights)| add(lane, weights, &results)).collect();
            pass.between.push(columns.clone());

            let neurons: Vec<Column<T>> = (0..layer.gate.len()).map(|neuron| kept(layer.neuron(neuron, &columns))).collect();
            let results: Vec<&Column<T>> = neurons.iter().collect();
            columns = columns.iter().zip(layer.down.iter()).map(|(lane, weights)| add(lane, weights, &results)).collect();
            pass.before.push(columns.clone());
            pass.heads.push(heads);
            pass.neurons.push(neurons);
        }
        pass
    }

    /// The first step of a tape at which this network, which differs in one weight from that of `baseline`,
    /// emits another token than it must.
    pub fn first_fault(&self, site: Site, tape: &Tape<T>, baseline: &Baseline<T>) -> Option<usize> {
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
    pub fn any_fault(&self, tape: &Tape<T>, pass: &Baseline<T>) -> Option<usize> {
        let last = &pass.before[self.layers.len()];
        tape.emits.iter().position(|(row, token)| self.emitted(*row, last) != *token)
    }

    /// As [`Network::first_fault`] where only one token's logit has changed.
    fn first_wrong_logit(&self, changed: usize, tape: &Tape<T>, baseline: &Baseline<T>) -> Option<usize> {
        let columns = &baseline.before[self.layers.len()];
        tape.emits.iter().position(|&(row, token)| {
            if token == changed {
                return self.emitted(row, columns) != token;
            }
            let (new, best) = (self.logit(changed, row, columns), self.logit(token, row, columns));
            new > best || new == best && changed < token
        })
    }

    fn embedded(&self, token: usize, lane: usize) -> T {
        self.embedding[token].iter().find(|(column, _)| *column == lane).map_or(T::default(), |(_, weight)| *weight)
    }

    /// Whether a cross head comes after a layer: a changed embedding is seen there even if no lane is
    /// changed.
    fn reads_stores_after(&self, layer: usize) -> bool {
        self.config.attention[layer + 1..].iter().flatten().any(|kind| matches!(kind, Attention::Cross(_)))
    }

    fn attend(&self, index: usize, lanes: &mut Lanes<T>, site: Site, tape: &Tape<T>, baseline: &Baseline<T>) {
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
            changed.extend(new.iter().zip(&old.results).map(|(new, old)| differ(new, old)));
            results.extend(new);
        }
        let own = matches!(site.tensor, Tensor::Output(l) if l == index).then_some(site.row);
        lanes.add(&layer.output, &results, &changed, own, &baseline.between[index]);
    }

    fn feed_forward(&self, index: usize, lanes: &mut Lanes<T>, site: Site, baseline: &Baseline<T>) {
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
            changed.push(differ(&new, old));
            results.push(new);
        }
        let own = matches!(site.tensor, Tensor::Down(l) if l == index).then_some(site.row);
        lanes.add(&layer.down, &results, &changed, own, &baseline.before[index + 1]);
    }

    /// One head over a tape. Where the keys are as in the `old` run, only changed queries are answered anew.
    fn head(&self, index: usize, head: usize, columns: &[Column<T>], tape: &Tape<T>, old: Option<&HeadRun<T>>) -> HeadRun<T> {
        let layer = &self.layers[index];
        let slots = head * self.config.d_head..(head + 1) * self.config.d_head;
        let project = |rows: &[Weights<T>], from: &[Column<T>], len: usize| -> Vec<Column<T>> {
            rows[slots.clone()].iter().map(|row| combine(row, from, len)).collect()
        };
        let len = tape.len();
        match self.config.attention[index][head] {
            Attention::Sum => {
                let results = project(&layer.value, columns, len).iter().map(running_sum).collect();
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
                    let nothing: Column<T> = vec![T::default(); len].into();
                    return HeadRun { queries, keys: Vec::new(), chosen: [].into(), results: vec![nothing; self.config.d_head] };
                };
                let embedded: Vec<Column<T>> =
                    (0..self.config.d_model).map(|lane| store.rows.embedded(lane, |token| self.embedded(token, lane))).collect();
                let writes = store.writes.len();
                let (keys, values) = (project(&layer.key, &embedded, writes), project(&layer.value, &embedded, writes));
                let chosen = choose_in_store(&queries, &keys, &store.writes);
                let results = pick(&values, &chosen);
                HeadRun { queries, keys, chosen, results }
            }
        }
    }

    fn logit(&self, token: usize, row: usize, columns: &[Column<T>]) -> T {
        self.unembedding[token].iter().map(|(lane, weight)| columns[*lane][row] * *weight).sum()
    }

    /// The token with the highest logit; of equal ones the lowest.
    fn emitted(&self, row: usize, columns: &[Column<T>]) -> usize {
        let lanes = across(columns, row);
        let logit = |weights: &Weights<T>| weights.iter().map(|(lane, weight)| lanes[*lane] * *weight).sum();
        argmax(&self.unembedding.iter().map(logit).collect::<Vec<T>>())
    }
}

impl<T> HeadRun<T> {
    /// With each column as `kept` gives it.
    fn map(self, kept: impl Fn(Column<T>) -> Column<T>) -> HeadRun<T> {
        let all = |columns: Vec<Column<T>>| columns.into_iter().map(&kept).collect();
        HeadRun { queries: all(self.queries), keys: all(self.keys), results: all(self.results), ..self }
    }
}

impl<T: Number> Layer<T> {
    /// What one neuron puts out.
    fn neuron(&self, neuron: usize, columns: &[Column<T>]) -> Column<T> {
        let len = columns[0].len();
        if self.gate[neuron].is_empty() || self.neuron_value[neuron].is_empty() {
            return vec![T::default(); len].into();
        }
        let (gates, values) = (combine(&self.gate[neuron], columns, len), combine(&self.neuron_value[neuron], columns, len));
        gates.iter().zip(values.iter()).map(|(gate, value)| gate.relu() * *value).collect()
    }
}

impl<T: Number> Lanes<T> {
    /// Whether a form reads a lane that has changed.
    fn changes(&self, weights: &Weights<T>) -> bool {
        weights.iter().any(|(lane, _)| self.changed[*lane])
    }

    fn set(&mut self, lane: usize, column: Column<T>, baseline: &Baseline<T>, at: impl Fn(&Baseline<T>) -> &Vec<Column<T>>) {
        self.changed[lane] = column != at(baseline)[lane];
        self.columns[lane] = column;
    }

    /// Adds what heads or neurons put out. `own` is the lane whose weights are not the unchanged model's,
    /// `after` the lanes as they come out there.
    fn add(&mut self, weights: &[Weights<T>], results: &[Column<T>], changed: &[bool], own: Option<usize>, after: &[Column<T>]) {
        let all: Vec<&Column<T>> = results.iter().collect();
        for (lane, weights) in weights.iter().enumerate() {
            if self.changed[lane] || own == Some(lane) || weights.iter().any(|(slot, _)| changed[*slot]) {
                let new = add(&self.columns[lane], weights, &all);
                self.changed[lane] = differ(&new, &after[lane]);
                self.columns[lane] = new;
            } else {
                self.columns[lane] = after[lane].clone();
            }
        }
    }
}
