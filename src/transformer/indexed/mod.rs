//! The indexed forward pass: the same logits as the [dense one](super::forward), to the bit, in a fraction of
//! the time. Its memory does not grow with the trace.
//!
//! The pass is compiled from the weights when they are loaded, for any circuit:
//!
//! - [`kernel`]: zeros are skipped.
//! - [`neurons`]: neurons whose gate is not positive are skipped, most of them in groups.
//! - `bounds`: bounds tell which groups are skipped.
//! - [`keys`]: heads with equal keys share one index of keys, which has each distinct key once.
//! - `pairs`: finds the best key of two dimensions in the cheapest way.
//! - [`lookup`]: finds the slot of a key, and the best key on a parabola directly.
//! - [`hull`]: finds the best key of two dimensions by binary search.
//! - [`unembed`]: finds the best token by binary search on a hull.
//! - `values`: the values of distinct keys; wide rows are stored without their zeros.
//! - `batch`: passes many rows at a time, for teacher forcing and for prompts. The rows are in tiles
//!   (`tile`), whose attention (`tile_attention`) is columnar.
//! - `silent`: of a prompt's rows but the last, nothing is computed that only tokens depend on.
//!
//! All this may change the order of summation and nothing else. So every partial sum with these weights must
//! be an integer that the number type holds exactly. The caller who makes an [`IndexedModel`] guarantees this
//! by the [bounds](crate::circuit::bounds) that the circuit compiler proved.

mod batch;
mod bounds;
#[cfg(test)]
pub(crate) mod faults;
pub mod hull;
pub mod kernel;
pub mod keys;
pub(in crate::transformer) mod layer;
pub mod lookup;
pub mod neurons;
mod pairs;
#[cfg(test)]
#[path = "../../../tests/all/common/random.rs"]
mod random;
pub(in crate::transformer) mod silent;
mod store;
mod tile;
mod tile_attention;
pub mod unembed;
pub(in crate::transformer) mod values;

use super::{Attention, Batched, LayerWeights, Model, Network, Number, Observer, Row, Stage};
use kernel::Rows;
use keys::Keys;
use layer::{Family, IndexedLayer, Outputs, Search};
use neurons::Room;
use silent::{Silent, WORTH_TILES};
use store::Store;
use tile::Tile;
use unembed::Unembedding;

/// A model compiled for indexed passes.
#[derive(Clone, Debug)]
pub struct IndexedModel<T> {
    d_model: usize,
    d_head: usize,
    embedding: Rows<T>,
    pub(in crate::transformer) layers: Vec<IndexedLayer<T>>,
    /// The layers for rows after which no token is asked for.
    silent: Vec<Silent<T>>,
    pub(in crate::transformer) unembedding: Unembedding<T>,
}

impl<T: Number> IndexedModel<T> {
    /// Compiles a model. Every partial sum of its passes must be an exact integer.
    pub fn new(model: &Model<T>) -> IndexedModel<T> {
        let config = &model.config;
        let mut memories = 0;
        let layer = |(kinds, weights): (&Vec<Attention>, &LayerWeights<T>)| {
            let layer = IndexedLayer::new(kinds, weights, config.d_head, memories);
            memories = layer.memories.end;
            layer
        };
        let layers: Vec<IndexedLayer<T>> = config.attention.iter().zip(&model.layers).map(layer).collect();
        IndexedModel {
            d_model: config.d_model,
            d_head: config.d_head,
            embedding: Rows::from(&model.embedding),
            silent: Silent::of(&layers, config.d_model),
            layers,
            unembedding: Unembedding::new(&model.unembedding),
        }
    }
}

impl<T> IndexedModel<T> {
    /// The number of lanes, planes of tokens, and other tokens.
    pub(in crate::transformer) fn outputs(&self) -> usize {
        self.d_model + self.unembedding.candidates_at_most()
    }
}

/// The memory of a family. The representation gives it a number for its kind, which costs each search less
/// than the values that some field never has.
#[derive(Clone, Debug)]
#[repr(u8)]
pub(crate) enum Memory<T> {
    Keys(Keys<T>),
    Sum(Vec<T>),
    Store(Store<T>),
}

/// A sequence in progress.
#[derive(Clone, Debug)]
pub struct IndexedSession<'m, T> {
    pub(in crate::transformer) model: &'m IndexedModel<T>,
    /// Of all families, layer by layer.
    pub(in crate::transformer) memories: Vec<Memory<T>>,
    pub(in crate::transformer) position: u64,
    pub(in crate::transformer) lanes: Vec<T>,
    /// The rows passed last, if they were passed as tiles.
    tiles: Vec<Tile<T>>,
    tile_room: tile_attention::Room<T>,
    projections: kernel::Values<T>,
    room: Room<T>,
    pub(in crate::transformer) left: Vec<Left<T>>,
}

/// The lanes that the last row and the row before it left in a layer. The values of these rows can be
/// computed from them later.
#[derive(Clone, Debug, Default)]
pub(in crate::transformer) struct Left<T> {
    before: Vec<T>,
    pub(in crate::transformer) last: Vec<T>,
}

impl<'m, T: Number> IndexedSession<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m IndexedModel<T>) -> IndexedSession<'m, T> {
        let memory = |family: &Family<T>| match family.kind {
            Attention::HardMax => Memory::Keys(Keys::new(model.d_head, family.values.len())),
            Attention::Sum => Memory::Sum(vec![T::default(); family.values.len()]),
            Attention::Cross(_) => Memory::Store(Store::new(model.d_head, family.values.len())),
        };
        IndexedSession {
            model,
            memories: model.layers.iter().flat_map(|layer| &layer.families).map(memory).collect(),
            position: 0,
            lanes: vec![T::default(); model.d_model],
            projections: kernel::Values::default(),
            tiles: Vec::new(),
            tile_room: tile_attention::Room::default(),
            room: Room::default(),
            left: vec![Left::default(); model.layers.len()],
        }
    }

    /// The number of distinct keys kept, over all families.
    pub fn distinct_keys(&self) -> usize {
        let keys = self.memories.iter().map(|memory| match memory {
            Memory::Keys(keys) => keys.len(),
            Memory::Store(store) => store.distinct_keys(),
            Memory::Sum(_) => 0,
        });
        keys.sum()
    }

    /// Writes a row's embedding and positional encoding into the lanes.
    #[inline(always)]
    pub(in crate::transformer) fn embed(&mut self, row: &Row<T>) {
        self.lanes.fill(T::default());
        self.model.embedding.add_to(row.token, &mut self.lanes, T::from_integer(1));
        for (lane, value) in &row.positional {
            self.lanes[*lane] += *value;
        }
    }

    #[inline(always)]
    fn pass_row(&mut self, row: &Row<T>, observer: &mut impl Observer<T>) {
        self.embed(row);
        observer.residual(Stage::Embedded, &self.lanes);
        for index in 0..self.model.layers.len() {
            self.attend(index);
            observer.residual(Stage::Attention(index), &self.lanes);
            self.feed_forward(index);
            observer.residual(Stage::Ffn(index), &self.lanes);
        }
        self.position += 1;
    }

    /// All heads of a layer. All projections are computed before anything is added to the lanes.
    #[inline(always)]
    pub(in crate::transformer) fn attend(&mut self, index: usize) {
        let layer = &self.model.layers[index];
        let IndexedSession { lanes, memories, position, left, .. } = self;
        let left = &mut left[index];
        std::mem::swap(&mut left.before, &mut left.last);
        left.last.clear();
        layer.left.iter().for_each(|range| left.last.extend_from_slice(&lanes[range.clone()]));
        let projected = layer.projections.values(lanes, &mut self.projections);
        let memories = &mut memories[layer.memories.clone()];
        attend(&layer.families, memories, projected, Some(left), *position, |outputs, found| outputs.add(found, lanes));
    }

    /// The neurons of a layer.
    #[inline(always)]
    pub(in crate::transformer) fn feed_forward(&mut self, index: usize) {
        self.model.layers[index].feed_forward.pass(&mut self.lanes, &mut self.room);
    }

    /// Computes all values that wait to be computed.
    pub(in crate::transformer) fn settle(&mut self) {
        for (layer, left) in self.model.layers.iter().zip(&self.left) {
            for (family, memory) in layer.families.iter().zip(&mut self.memories[layer.memories.clone()]) {
                if let (Some(late), Memory::Keys(keys)) = (&family.late, memory)
                    && let Some(slot) = keys.take_waiting(None)
                {
                    keys.values.set(slot, |row| late.dots(&left.last, row));
                }
            }
        }
    }
}

/// All heads of a layer at one row. The row's keys and values join the memories before the row's queries are
/// answered. `add` receives a search's outputs and the values of the family that were found. Values may wait
/// if `left` is given, because they can be computed from it later.
#[inline(always)]
fn attend<T: Number>(
    families: &[Family<T>],
    memories: &mut [Memory<T>],
    projected: &[T],
    left: Option<&Left<T>>,
    position: u64,
    mut add: impl FnMut(&Outputs<T>, &[T]),
) {
    for (Family { key, values, late, searches, .. }, memory) in families.iter().zip(memories) {
        let late = late.as_ref().zip(left);
        match memory {
            Memory::Keys(keys) => match late {
                Some((late, left)) => {
                    if let Some(slot) = keys.insert_waiting(&projected[key.clone()], position) {
                        keys.values.set(slot, |row| late.dots(&left.before, row));
                    }
                }
                None => keys.insert(&projected[key.clone()], position, &projected[values.clone()]),
            },
            Memory::Sum(sums) => {
                for (sum, value) in sums.iter_mut().zip(&projected[values.clone()]) {
                    *sum += *value;
                }
            }
            Memory::Store(_) => {}
        }
        for Search { query, outputs } in searches {
            let query = &projected[query.clone()];
            let found = match memory {
                Memory::Keys(keys) => {
                    let Some(slot) = keys.best_slot(query) else { continue };
                    if let Some((late, left)) = late
                        && keys.take_waiting(Some(slot)).is_some()
                    {
                        keys.values.set(slot, |row| late.dots(&left.last, row));
                    }
                    keys.values.row(slot)
                }
                Memory::Store(store) => {
                    let Some(found) = store.best(query) else { continue };
                    found
                }
                Memory::Sum(sums) => &sums[..],
            };
            add(outputs, found);
        }
    }
}

/// Rows passed one after another, with the widest vector instructions of the processor.
struct RowByRow<'s, 'm, 'r, T, O> {
    session: &'s mut IndexedSession<'m, T>,
    rows: &'r [Row<T>],
    observer: &'r mut O,
}

impl<T: Number, O: Observer<T>> pulp::NullaryFnOnce for RowByRow<'_, '_, '_, T, O> {
    type Output = ();

    // A closure might not be inlined, and then would not be vectorised.
    #[inline(always)]
    fn call(self) {
        for row in self.rows {
            self.session.pass_row(row, self.observer);
        }
    }
}

/// The token of the last row, with the widest vector instructions of the processor.
struct TokenOf<'s, 'm, T>(&'s IndexedSession<'m, T>);

impl<T: Number> pulp::NullaryFnOnce for TokenOf<'_, '_, T> {
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let TokenOf(IndexedSession { model, lanes, .. }) = self;
        model.unembedding.token(lanes)
    }
}

impl<T: Number> Network<T> for IndexedSession<'_, T> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<T>) {
        self.embed(row);
        let families = self.model.layers.iter().flat_map(|layer| &layer.families);
        for (Family { kind, store_projections, key, values, .. }, memory) in families.zip(&mut self.memories) {
            if let Memory::Store(rows) = memory
                && *kind == Attention::Cross(store)
            {
                let projected = store_projections.values(&self.lanes, &mut self.projections);
                rows.write(index, &projected[key.clone()], &projected[values.clone()]);
            }
        }
    }

    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        if observer.observes() && rows.len() >= WORTH_TILES {
            self.pass_batch(rows, observer);
            let last = self.at(rows.len() - 1);
            self.lanes = (0..self.lanes.len()).map(last).collect();
            return;
        }
        let (silent, rows) = silent::split(rows);
        if !silent.is_empty() {
            self.pass_silent(silent);
        }
        pulp::Arch::new().dispatch(RowByRow { session: self, rows, observer });
    }

    fn token(&self) -> usize {
        pulp::Arch::new().dispatch(TokenOf(self))
    }

    fn logits(&self) -> Vec<T> {
        self.model.unembedding.logits(|lane| self.lanes[lane])
    }

    fn kept(&self) -> usize {
        let of_memory = |memory: &Memory<T>| match memory {
            Memory::Keys(keys) => keys.kept(),
            Memory::Store(store) => store.kept(),
            Memory::Sum(sums) => sums.len() * size_of::<T>(),
        };
        self.memories.iter().map(of_memory).sum()
    }
}
