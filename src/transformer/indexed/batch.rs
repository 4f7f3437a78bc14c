//! Many rows at a time, in [tiles](super::tile).
//!
//! The tiles of a layer are independent, except in attention, where each row sees the rows before it. If
//! there are enough tiles, all other work is spread over the threads of rayon's current pool.

use super::IndexedSession;
use super::layer::Family;
use super::tile::{TILE, Tile, TileLayer};
use super::tile_attention::AttendTiles;
use super::unembed::Unembedding;
use crate::transformer::{Batched, Number, Observer, Row, Stage};

/// Number of tiles per thread from which on one more thread is worth its cost.
const WORTH_A_THREAD: usize = 8;

impl<T: Number> IndexedSession<'_, T> {
    /// The lanes of a row passed in a batch.
    pub(super) fn at(&self, row: usize) -> impl Fn(usize) -> T {
        let tile = &self.tiles[row / TILE];
        move |lane| tile.lanes[lane].0[row % TILE]
    }

    fn observe(&self, rows: usize, stage: Stage, observer: &mut impl Observer<T>) {
        if observer.observes() {
            for row in 0..rows {
                observer.residual(stage, &(0..self.model.d_model).map(self.at(row)).collect::<Vec<T>>());
            }
        }
    }

    /// Passes rows after which no token is asked for, and none of which has lanes that are looked at.
    pub(in crate::transformer) fn pass_silent(&mut self, rows: &[Row<T>]) {
        let layers = self.model.silent.iter().map(|layer| (&layer.families[..], &layer.tiles));
        self.pass_tiles(rows, layers, &mut ());
    }

    /// Passes rows by these layers.
    fn pass_tiles<'l>(
        &mut self,
        rows: &[Row<T>],
        layers: impl Iterator<Item = (&'l [Family<T>], &'l TileLayer<T>)>,
        observer: &mut impl Observer<T>,
    ) where
        T: 'l,
    {
        self.settle();
        let model = self.model;
        let tiles = rows.len().div_ceil(TILE);
        self.tiles.resize_with(tiles.max(self.tiles.len()), Tile::default);
        for (tile, rows) in self.tiles.iter_mut().zip(rows.chunks(TILE)) {
            tile.embed(&model.embedding, model.d_model, rows);
        }
        self.observe(rows.len(), Stage::Embedded, observer);
        for (index, (families, weights)) in layers.enumerate() {
            each(&mut self.tiles[..tiles], Work::Project(weights));
            pulp::Arch::new().dispatch(AttendTiles {
                tiles: &mut self.tiles[..tiles],
                families,
                memories: &mut self.memories[model.layers[index].memories.clone()],
                position: self.position,
                room: &mut self.tile_room,
            });
            self.observe(rows.len(), Stage::Attention(index), observer);
            each(&mut self.tiles[..tiles], Work::FeedForward(weights));
            self.observe(rows.len(), Stage::Ffn(index), observer);
        }
        self.position += rows.len() as u64;
    }
}

impl<T: Number> Batched<T> for IndexedSession<'_, T> {
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        let layers = self.model.layers.iter().map(|layer| (&layer.families[..], &layer.tiles));
        self.pass_tiles(rows, layers, observer);
    }

    fn tokens_at(&mut self, rows: &[usize]) -> Vec<usize> {
        let tiles = rows.iter().max().map_or(0, |row| row / TILE + 1);
        each(&mut self.tiles[..tiles], Work::Unembed(&self.model.unembedding));
        rows.iter().map(|row| self.tiles[row / TILE].tokens[row % TILE]).collect()
    }

    fn logits_at(&self, row: usize) -> Vec<T> {
        self.model.unembedding.logits(self.at(row))
    }
}

/// Work that is done on each tile by itself.
enum Work<'m, T> {
    Project(&'m TileLayer<T>),
    FeedForward(&'m TileLayer<T>),
    Unembed(&'m Unembedding<T>),
}

impl<T> Clone for Work<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Work<'_, T> {}

/// Work on some tiles, with the widest vector instructions of the processor.
struct OnTiles<'t, T> {
    tiles: &'t mut [Tile<T>],
    work: Work<'t, T>,
}

impl<T: Number> pulp::NullaryFnOnce for OnTiles<'_, T> {
    type Output = ();

    // A closure might not be inlined, and then would not be vectorised.
    #[inline(always)]
    fn call(self) {
        for tile in self.tiles {
            match self.work {
                Work::Project(layer) => tile.project(layer),
                Work::FeedForward(layer) => tile.feed_forward(layer),
                Work::Unembed(unembedding) => tile.unembed(unembedding),
            }
        }
    }
}

/// Does the work on all tiles. Several threads are used if there are enough tiles and threads.
fn each<T: Number>(tiles: &mut [Tile<T>], work: Work<'_, T>) {
    let arch = pulp::Arch::new();
    let worth = tiles.len() / WORTH_A_THREAD;
    if worth <= 1 {
        return arch.dispatch(OnTiles { tiles, work });
    }
    let threads = rayon::current_num_threads().min(worth);
    let (own, others) = tiles.split_at_mut(tiles.len() / threads);
    rayon::in_place_scope(|scope| {
        for tiles in others.chunks_mut(own.len()) {
            scope.spawn(move |_| arch.dispatch(OnTiles { tiles, work }));
        }
        arch.dispatch(OnTiles { tiles: own, work });
    });
}
