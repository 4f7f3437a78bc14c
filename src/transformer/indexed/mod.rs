//! The indexed forward pass: the same logits as the [dense one](super::forward), to the bit, in a fraction of the
//! time and in memory that does not grow with the trace.
//!
//! Compiled from the weights as they are loaded, whatever circuit they came from:
//!
//! - [`kernel`]: zeros are skipped, and neurons whose gate is not positive.
//! - [`keys`]: heads with equal keys share one index of them, in which each distinct key is kept once.
//! - [`hull`]: the best key of two dimensions by binary search.
//! - [`unembed`]: the best token likewise.
//!
//! All this may change the order of summation and nothing else. So it needs weights whose every partial sum is
//! an integer that the number type holds exactly; whoever makes an [`IndexedModel`] vouches for that by the
//! [bounds](crate::circuit::bounds) that the circuit compiler proved.

pub mod hull;
pub mod kernel;
pub mod keys;
pub mod unembed;

use super::{Attention, LayerWeights, Model, Network, Number, Observer, Row, Stage};
use kernel::{Neuron, SparseRow};
use keys::Keys;
use unembed::Unembedding;

/// Heads with equal queries among those with equal keys: one search answers them all.
#[derive(Clone, Debug)]
struct Search<T> {
    query: Vec<SparseRow<T>>,
    /// Which of the family's values go to which lanes.
    outputs: Vec<(usize, SparseRow<T>)>,
}

/// Heads with equal keys over the same rows.
#[derive(Clone, Debug)]
struct Family<T> {
    kind: Attention,
    key: Vec<SparseRow<T>>,
    /// The values of all its heads that go anywhere.
    values: Vec<SparseRow<T>>,
    searches: Vec<Search<T>>,
}

#[derive(Clone, Debug)]
struct IndexedLayer<T> {
    families: Vec<Family<T>>,
    neurons: Vec<Neuron<T>>,
}

/// A model compiled for indexed passes.
#[derive(Clone, Debug)]
pub struct IndexedModel<T> {
    d_model: usize,
    d_head: usize,
    embedding: Vec<SparseRow<T>>,
    layers: Vec<IndexedLayer<T>>,
    unembedding: Unembedding<T>,
}

impl<T: Number> IndexedModel<T> {
    /// Compiles a model. Every partial sum of its passes must be an exact integer.
    pub fn new(model: &Model<T>) -> IndexedModel<T> {
        let config = &model.config;
        let layer = |(kinds, weights): (&Vec<Attention>, &LayerWeights<T>)| IndexedLayer {
            families: families(kinds, weights, config.d_head),
            neurons: kernel::neurons(&weights.ffn_gate, &weights.ffn_value, &weights.ffn_down),
        };
        IndexedModel {
            d_model: config.d_model,
            d_head: config.d_head,
            embedding: kernel::rows(&model.embedding),
            layers: config.attention.iter().zip(&model.layers).map(layer).collect(),
            unembedding: Unembedding::new(kernel::rows(&model.unembedding)),
        }
    }
}

/// Groups the heads of a layer. Heads whose values go nowhere are left out.
fn families<T: Number>(kinds: &[Attention], weights: &LayerWeights<T>, d_head: usize) -> Vec<Family<T>> {
    let (queries, keys, values) = (kernel::rows(&weights.query), kernel::rows(&weights.key), kernel::rows(&weights.value));
    let mut families: Vec<Family<T>> = Vec::new();
    for (head, kind) in kinds.iter().enumerate() {
        let dimensions = head * d_head..(head + 1) * d_head;
        let (query, key) = match kind {
            Attention::Sum => (Vec::new(), Vec::new()),
            _ => (queries[dimensions.clone()].to_vec(), keys[dimensions.clone()].to_vec()),
        };
        let family = match families.iter().position(|family| family.kind == *kind && family.key == key) {
            Some(index) => &mut families[index],
            None => {
                families.push(Family { kind: *kind, key, values: Vec::new(), searches: Vec::new() });
                families.last_mut().expect("just added")
            }
        };
        let search = match family.searches.iter().position(|search| search.query == query) {
            Some(index) => &mut family.searches[index],
            None => {
                family.searches.push(Search { query, outputs: Vec::new() });
                family.searches.last_mut().expect("just added")
            }
        };
        for dimension in dimensions {
            let output = SparseRow::column(&weights.output, dimension);
            if !output.is_zero() && !values[dimension].is_zero() {
                search.outputs.push((family.values.len(), output));
                family.values.push(values[dimension].clone());
            }
        }
    }
    families.iter_mut().for_each(|family| family.searches.retain(|search| !search.outputs.is_empty()));
    families.retain(|family| !family.searches.is_empty());
    families
}

/// What a family remembers.
#[derive(Clone, Debug)]
enum Memory<T> {
    Keys(Keys<T>),
    Sum(Vec<T>),
    /// The rows of a store: their keys, and values of the family.
    Store(Vec<(Vec<T>, Vec<T>)>, Keys<T>),
}

/// A sequence in progress.
#[derive(Clone, Debug)]
pub struct IndexedSession<'m, T> {
    model: &'m IndexedModel<T>,
    memories: Vec<Vec<Memory<T>>>,
    position: u64,
    lanes: Vec<T>,
    /// Room for a key, for the queries of a layer, and for the active neurons of a layer.
    key: Vec<T>,
    queries: Vec<T>,
    active: Vec<(&'m Neuron<T>, T)>,
}

impl<'m, T: Number> IndexedSession<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m IndexedModel<T>) -> IndexedSession<'m, T> {
        let keys = |family: &Family<T>| Keys::new(model.d_head, family.values.len());
        let memory = |family: &Family<T>| match family.kind {
            Attention::HardMax => Memory::Keys(keys(family)),
            Attention::Sum => Memory::Sum(vec![T::default(); family.values.len()]),
            Attention::Cross(_) => Memory::Store(Vec::new(), keys(family)),
        };
        let memories = model.layers.iter().map(|layer| layer.families.iter().map(memory).collect()).collect();
        let lanes = vec![T::default(); model.d_model];
        IndexedSession { model, memories, position: 0, lanes, key: Vec::new(), queries: Vec::new(), active: Vec::new() }
    }

    /// The number of distinct keys that are kept, over all families.
    pub fn distinct_keys(&self) -> usize {
        let keys = self.memories.iter().flatten().map(|memory| match memory {
            Memory::Keys(keys) | Memory::Store(_, keys) => keys.len(),
            Memory::Sum(_) => 0,
        });
        keys.sum()
    }

    /// Puts a row's embedding and positional encoding into the lanes.
    fn embed(&mut self, row: &Row<T>) {
        self.lanes.fill(T::default());
        for (lane, weight) in self.model.embedding[row.token].terms() {
            self.lanes[*lane as usize] = *weight;
        }
        for (lane, value) in &row.positional {
            self.lanes[*lane] += *value;
        }
    }

    fn pass_row(&mut self, row: &Row<T>, observer: &mut impl Observer<T>) {
        self.embed(row);
        observer.residual(Stage::Embedded, &self.lanes);
        let model = self.model;
        for (index, layer) in model.layers.iter().enumerate() {
            self.attend(index, &layer.families);
            observer.residual(Stage::Attention(index), &self.lanes);
            kernel::feed_forward(&layer.neurons, &mut self.lanes, &mut self.active);
            observer.residual(Stage::Ffn(index), &self.lanes);
        }
        self.position += 1;
    }

    /// All heads of a layer. Everything is read from the lanes before anything is added to them.
    fn attend(&mut self, layer: usize, families: &[Family<T>]) {
        let IndexedSession { lanes, key, queries, memories, position, .. } = self;
        queries.clear();
        for (family, memory) in families.iter().zip(&mut memories[layer]) {
            match memory {
                Memory::Keys(keys) => {
                    key.clear();
                    key.extend(family.key.iter().map(|form| form.dot(lanes)));
                    let values = keys.insert(key, *position);
                    values.iter_mut().zip(&family.values).for_each(|(value, form)| *value = form.dot(lanes));
                }
                Memory::Sum(sums) => sums.iter_mut().zip(&family.values).for_each(|(sum, form)| *sum += form.dot(lanes)),
                Memory::Store(..) => {}
            }
            for search in &family.searches {
                queries.extend(search.query.iter().map(|form| form.dot(lanes)));
            }
        }
        let mut queries = queries.as_slice();
        for (family, memory) in families.iter().zip(&memories[layer]) {
            for search in &family.searches {
                let (query, rest) = queries.split_at(search.query.len());
                queries = rest;
                let found = match memory {
                    Memory::Keys(keys) | Memory::Store(_, keys) => keys.best(query),
                    Memory::Sum(sums) => Some(&sums[..]),
                };
                let Some(values) = found else { continue };
                for (value, output) in &search.outputs {
                    output.add_to(lanes, values[*value]);
                }
            }
        }
    }
}

impl<T: Number> Network<T> for IndexedSession<'_, T> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<T>) {
        self.embed(row);
        let model = self.model;
        for (layer, memories) in model.layers.iter().zip(&mut self.memories) {
            for (family, memory) in layer.families.iter().zip(memories) {
                let Memory::Store(rows, keys) = memory else { continue };
                if family.kind != Attention::Cross(store) {
                    continue;
                }
                let project = |forms: &[SparseRow<T>]| forms.iter().map(|form| form.dot(&self.lanes)).collect::<Vec<_>>();
                let row = (project(&family.key), project(&family.values));
                let same_key = rows.get(index).is_none_or(|(key, _)| *key == row.0);
                if index < rows.len() {
                    rows[index] = row
                } else {
                    rows.push(row)
                }
                if !same_key {
                    // A row's key is gone, and another row may have the same one.
                    *keys = Keys::new(model.d_head, family.values.len());
                }
                let first = if same_key { index.min(rows.len() - 1) } else { 0 };
                for (position, (key, values)) in rows.iter().enumerate().skip(first) {
                    keys.insert(key, position as u64).copy_from_slice(values);
                }
            }
        }
    }

    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        for row in rows {
            self.pass_row(row, observer);
        }
    }

    fn token(&self) -> usize {
        self.model.unembedding.token(&self.lanes)
    }

    fn logits(&self) -> Vec<T> {
        self.model.unembedding.logits(&self.lanes)
    }
}
