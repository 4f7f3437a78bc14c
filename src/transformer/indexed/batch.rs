//! Many rows at a time: what is a product of a matrix and a vector for one row is one of two matrices for many.
//!
//! Rows are taken in tiles. Within a tile a lane's values over its rows lie side by side, so each weight is read
//! once and multiplied with all of them by vector instructions. The tiles of a layer are independent but for
//! attention, in which each row sees those before it; the rest is spread over the threads of rayon's current pool.

use super::kernel::Rows;
use super::{IndexedLayer, IndexedSession, attend};
use crate::transformer::{Batched, Matrix, Number, Observer, Row, Stage};

/// Rows of a tile.
const TILE: usize = 16;
/// Tiles that are worth another thread.
const WORTH_A_THREAD: usize = 16;

/// A number for each row of a tile; a vector of them never lies across two cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Across<T>([T; TILE]);

/// The rows of a tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Tile<T> {
    rows: usize,
    lanes: Vec<Across<T>>,
    /// Row after row: a row's projections lie side by side, as attention takes them.
    projected: Vec<T>,
    /// Neurons that are open in some row, with their activations.
    active: Vec<(usize, Across<T>)>,
}

/// What a layer's tiles are multiplied by.
#[derive(Clone, Debug)]
pub(super) struct TileLayer<T> {
    projections: Rows<T>,
    gates: Rows<T>,
    values: Rows<T>,
    outputs: Rows<T>,
}

impl<T: Number> TileLayer<T> {
    /// From the forms of a layer's projections, and from its neurons that can contribute something.
    pub(super) fn new(projections: &[Vec<T>], neurons: &[usize], gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> TileLayer<T> {
        TileLayer {
            projections: projections.iter().map(|form| form.iter().copied()).collect(),
            gates: neurons.iter().map(|neuron| gate.row(*neuron)).collect(),
            values: neurons.iter().map(|neuron| value.row(*neuron)).collect(),
            outputs: neurons.iter().map(|neuron| down.column(*neuron).iter().copied()).collect(),
        }
    }
}

/// A form's values for all rows of a tile.
#[inline(always)]
fn dot<T: Number>(forms: &Rows<T>, form: usize, lanes: &[Across<T>]) -> Across<T> {
    let mut sums = [T::default(); TILE];
    for (lane, weight) in forms.terms(form) {
        let Across(lane) = &lanes[*lane as usize];
        sums = std::array::from_fn(|row| sums[row] + *weight * lane[row]);
    }
    Across(sums)
}

impl<T: Number> Tile<T> {
    /// Puts rows' embeddings and positional encodings into the lanes.
    fn embed(&mut self, embedding: &Rows<T>, d_model: usize, rows: &[Row<T>]) {
        self.rows = rows.len();
        self.lanes.clear();
        self.lanes.resize(d_model, Across([T::default(); TILE]));
        for (index, row) in rows.iter().enumerate() {
            for (lane, weight) in embedding.terms(row.token) {
                self.lanes[*lane as usize].0[index] += *weight;
            }
            for (lane, value) in &row.positional {
                self.lanes[*lane].0[index] += *value;
            }
        }
    }

    #[inline(always)]
    fn project(&mut self, layer: &TileLayer<T>) {
        let forms = layer.projections.len();
        self.projected.resize(forms * TILE, T::default());
        for form in 0..forms {
            for (row, value) in dot(&layer.projections, form, &self.lanes).0.into_iter().enumerate() {
                self.projected[row * forms + form] = value;
            }
        }
    }

    fn attend(&mut self, layer: &IndexedLayer<T>, memories: &mut [super::Memory<T>], position: u64) {
        let Tile { rows, lanes, projected, .. } = self;
        let forms = layer.tiles.projections.len();
        for row in 0..*rows {
            let projected = &projected[row * forms..][..forms];
            attend(&layer.families, memories, projected, None, position + row as u64, |lane, amount| lanes[lane].0[row] += amount);
        }
    }

    #[inline(always)]
    fn feed_forward(&mut self, layer: &TileLayer<T>) {
        self.active.clear();
        for neuron in 0..layer.gates.len() {
            let Across(gates) = dot(&layer.gates, neuron, &self.lanes);
            if gates.iter().any(|gate| *gate > T::default()) {
                let Across(values) = dot(&layer.values, neuron, &self.lanes);
                self.active.push((neuron, Across(std::array::from_fn(|row| gates[row].relu() * values[row]))));
            }
        }
        for (neuron, Across(activations)) in &self.active {
            for (lane, weight) in layer.outputs.terms(*neuron) {
                let Across(lane) = &mut self.lanes[*lane as usize];
                *lane = std::array::from_fn(|row| lane[row] + *weight * activations[row]);
            }
        }
    }
}

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
}

impl<T: Number> Batched<T> for IndexedSession<'_, T> {
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        self.settle();
        let model = self.model;
        let tiles = rows.len().div_ceil(TILE);
        self.tiles.resize_with(tiles.max(self.tiles.len()), Tile::default);
        for (tile, rows) in self.tiles.iter_mut().zip(rows.chunks(TILE)) {
            tile.embed(&model.embedding, model.d_model, rows);
        }
        self.observe(rows.len(), Stage::Embedded, observer);
        for (index, layer) in model.layers.iter().enumerate() {
            each(&mut self.tiles[..tiles], &layer.tiles, Work::Project);
            let mut position = self.position;
            for tile in &mut self.tiles[..tiles] {
                tile.attend(layer, &mut self.memories[index], position);
                position += tile.rows as u64;
            }
            self.observe(rows.len(), Stage::Attention(index), observer);
            each(&mut self.tiles[..tiles], &layer.tiles, Work::FeedForward);
            self.observe(rows.len(), Stage::Ffn(index), observer);
        }
        self.position += rows.len() as u64;
    }

    fn token_at(&self, row: usize) -> usize {
        self.model.unembedding.token(self.at(row))
    }

    fn logits_at(&self, row: usize) -> Vec<T> {
        self.model.unembedding.logits(self.at(row))
    }
}

/// What is done to a layer's tiles one by one.
#[derive(Clone, Copy)]
enum Work {
    Project,
    FeedForward,
}

/// Work on some tiles, by the widest vectors that the processor has.
struct OnTiles<'t, T> {
    tiles: &'t mut [Tile<T>],
    layer: &'t TileLayer<T>,
    work: Work,
}

impl<T: Number> pulp::NullaryFnOnce for OnTiles<'_, T> {
    type Output = ();

    // A closure would not be sure to be inlined, and only what is inlined gets the vectors.
    #[inline(always)]
    fn call(self) {
        for tile in self.tiles {
            match self.work {
                Work::Project => tile.project(self.layer),
                Work::FeedForward => tile.feed_forward(self.layer),
            }
        }
    }
}

/// Does something to all tiles, on several threads where there are enough of both.
fn each<T: Number>(tiles: &mut [Tile<T>], layer: &TileLayer<T>, work: Work) {
    let threads = rayon::current_num_threads().min(tiles.len() / WORTH_A_THREAD).max(1);
    let arch = pulp::Arch::new();
    let (own, others) = tiles.split_at_mut(tiles.len() / threads);
    rayon::in_place_scope(|scope| {
        for tiles in others.chunks_mut(own.len().max(1)) {
            scope.spawn(move |_| arch.dispatch(OnTiles { tiles, layer, work }));
        }
        arch.dispatch(OnTiles { tiles: own, layer, work });
    });
}
