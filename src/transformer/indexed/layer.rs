//! A layer, compiled: its heads in families, and all projections of a row side by side.

use std::ops::Range;

use super::kernel::{Blocks, Rows, terms};
use super::neurons::FeedForward;
use super::tile::TileLayer;
use crate::transformer::{Attention, LayerWeights, Number};

/// Heads with equal keys and equal queries: one search answers all of them.
#[derive(Clone, Debug)]
pub(in crate::transformer) struct Search<T> {
    /// The range of the query in the layer's projections.
    pub query: Range<usize>,
    pub outputs: Outputs<T>,
}

/// Number of outputs side by side from which on they are worth a loop of their own.
const WORTH_A_RUN: usize = 4;

/// What a search adds to lanes: values of its family, times weights.
#[derive(Clone, Debug, Default)]
pub(in crate::transformer) struct Outputs<T> {
    /// The index of a value, a lane, and the weight.
    single: Vec<Output<T>>,
    runs: Vec<Run<T>>,
}

/// The index of a value among the family's values, a lane, and the weight.
pub(in crate::transformer) type Output<T> = (usize, usize, T);

/// Outputs side by side: each value, times the weight, is added to the lane at the same place.
#[derive(Clone, Debug)]
struct Run<T> {
    values: Range<usize>,
    lanes: Range<usize>,
    weight: T,
}

impl<T: Number> Outputs<T> {
    /// Compiles outputs. Those that are side by side must follow one another.
    fn new(outputs: Vec<Output<T>>) -> Outputs<T> {
        let mut runs: Vec<Run<T>> = Vec::new();
        for (value, lane, new) in outputs {
            match runs.last_mut() {
                Some(Run { values, lanes, weight }) if (values.end, lanes.end, *weight) == (value, lane, new) => {
                    (values.end, lanes.end) = (value + 1, lane + 1);
                }
                _ => runs.push(Run { values: value..value + 1, lanes: lane..lane + 1, weight: new }),
            }
        }
        let (runs, short): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.lanes.len() >= WORTH_A_RUN);
        Outputs { single: short.iter().flat_map(Run::outputs).collect(), runs }
    }

    /// Adds what was found to the lanes. `found` has all values of the family.
    #[inline(always)]
    pub fn add(&self, found: &[T], lanes: &mut [T]) {
        for (value, lane, weight) in &self.single {
            lanes[*lane] += *weight * found[*value];
        }
        for Run { values, lanes: range, weight } in &self.runs {
            for (lane, value) in lanes[range.clone()].iter_mut().zip(&found[values.clone()]) {
                *lane += *weight * *value;
            }
        }
    }

    /// All outputs.
    #[inline(always)]
    pub fn all(&self) -> impl Iterator<Item = Output<T>> {
        self.single.iter().copied().chain(self.runs.iter().flat_map(Run::outputs))
    }
}

impl<T: Number> Run<T> {
    #[inline(always)]
    fn outputs(&self) -> impl Iterator<Item = Output<T>> + use<T> {
        let weight = self.weight;
        self.values.clone().zip(self.lanes.clone()).map(move |(value, lane)| (value, lane, weight))
    }
}

/// Heads with equal keys over the same rows.
#[derive(Clone, Debug)]
pub(in crate::transformer) struct Family<T> {
    pub kind: Attention,
    /// The projections of the rows of the family's store, if the family is over a store.
    pub store_projections: Blocks<T>,
    /// The range of the key in the projections: the layer's projections, or those of the store's rows.
    pub key: Range<usize>,
    /// The range of the values in the same projections. These are the values of all heads of the family,
    /// except values that are not added to any lane.
    pub values: Range<usize>,
    /// The same values as forms over the lanes that a row leaves for later, if the values of a row are
    /// computed only when they are needed.
    pub late: Option<Rows<T>>,
    pub searches: Vec<Search<T>>,
}

/// Number of values of a family from which on the values of a row are worth computing late: only if a search
/// finds the row, or if the next row has another key. Most rows have a parked key and are never found.
const WORTH_WAITING: usize = 5;

#[derive(Clone, Debug)]
pub(in crate::transformer) struct IndexedLayer<T> {
    pub families: Vec<Family<T>>,
    /// The places of the families' memories among those of all layers.
    pub memories: Range<usize>,
    /// The projections of every row: the queries, and for self-attention the keys and the values that are not
    /// computed late.
    pub projections: Blocks<T>,
    /// Ranges of the lanes that late values are computed from. A row leaves these lanes for later.
    pub left: Vec<Range<usize>>,
    pub feed_forward: FeedForward<T>,
    pub(super) tiles: TileLayer<T>,
}

/// The weights of a linear form, zeros included.
pub(in crate::transformer) type Form<T> = Vec<T>;

/// Forms that are computed together.
struct Forms<T>(Vec<Form<T>>);

impl<T: Number> Forms<T> {
    fn add(&mut self, forms: impl IntoIterator<Item = Form<T>>) -> Range<usize> {
        let start = self.0.len();
        self.0.extend(forms);
        start..self.0.len()
    }
}

impl<T> IndexedLayer<T> {
    /// The family with this memory.
    pub fn family(&self, memory: usize) -> &Family<T> {
        &self.families[memory - self.memories.start]
    }
}

impl<T: Number> IndexedLayer<T> {
    /// `memories` is the number of families in the layers before.
    pub fn new(kinds: &[Attention], weights: &LayerWeights<T>, d_head: usize, memories: usize) -> IndexedLayer<T> {
        let mut projections = Forms(Vec::new());
        let mut families = Vec::new();
        let mut waiting = Vec::new();
        for DenseFamily { kind, key, values, searches } in dense_families(kinds, weights, d_head) {
            let mut of_store = Forms(Vec::new());
            let of_rows = if let Attention::Cross(_) = kind { &mut of_store } else { &mut projections };
            let key = of_rows.add(key);
            let is_late = kind == Attention::HardMax && values.len() >= WORTH_WAITING;
            waiting.push(if is_late { values.clone() } else { Vec::new() });
            let values = of_rows.add(if is_late { Vec::new() } else { values });
            let searches = searches.into_iter().map(|search| search.compiled(&mut projections)).collect();
            families.push(Family { kind, store_projections: Blocks::new(&of_store.0), key, values, late: None, searches });
        }
        let reads = |lane: &usize| waiting.iter().flatten().any(|form| form[*lane] != T::default());
        let left: Vec<usize> = (0..weights.query.columns()).filter(reads).collect();
        let blocks = Blocks::new(&projections.0);
        // Tiles compute all values of all rows, so late values come last among the projections of tiles.
        for (family, values) in families.iter_mut().zip(waiting).filter(|(_, values)| !values.is_empty()) {
            family.late = Some(values.iter().map(|form| terms(left.iter().map(|lane| form[*lane]))).collect());
            family.values = projections.add(values);
        }
        let tiles = TileLayer::new(&projections.0, &weights.ffn_gate, &weights.ffn_value, &weights.ffn_down);
        IndexedLayer {
            memories: memories..memories + families.len(),
            families,
            projections: blocks,
            left: ranges(left),
            feed_forward: FeedForward::new(weights.ffn_down.rows(), &tiles.gates, &tiles.values, &tiles.outputs),
            tiles,
        }
    }
}

/// Ascending numbers as ranges.
fn ranges(numbers: Vec<usize>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => ranges.push(number..number + 1),
        }
    }
    ranges
}

/// A family before its forms have places.
pub(in crate::transformer) struct DenseFamily<T> {
    pub kind: Attention,
    pub key: Vec<Form<T>>,
    pub values: Vec<Form<T>>,
    pub searches: Vec<DenseSearch<T>>,
}

/// A search before its forms have places.
pub(in crate::transformer) struct DenseSearch<T> {
    pub query: Vec<Form<T>>,
    pub outputs: Vec<Output<T>>,
}

impl<T: Number> DenseSearch<T> {
    fn compiled(self, projections: &mut Forms<T>) -> Search<T> {
        Search { query: projections.add(self.query), outputs: Outputs::new(self.outputs) }
    }
}

impl<T: Number> DenseFamily<T> {
    /// Orders values and outputs by lanes, so that many outputs lie side by side.
    fn order_by_lanes(&mut self) {
        let lane_of = |value: usize| {
            let outputs = self.searches.iter().enumerate().flat_map(|(search, of)| of.outputs.iter().map(move |output| (search, output)));
            outputs.filter(|(_, output)| output.0 == value).map(|(search, output)| (search, output.1)).min()
        };
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        order.sort_by_cached_key(|value| lane_of(*value));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, value)| places[*value] = place);
        self.values = order.iter().map(|value| self.values[*value].clone()).collect();
        for search in &mut self.searches {
            search.outputs.iter_mut().for_each(|(value, ..)| *value = places[*value]);
            search.outputs.sort_by_key(|(value, lane, _)| (*lane, *value));
        }
    }
}

/// Groups the heads of a layer into families. Values that are not added to any lane are left out, and so are
/// heads that have no other values.
pub(in crate::transformer) fn dense_families<T: Number>(
    kinds: &[Attention],
    weights: &LayerWeights<T>,
    d_head: usize,
) -> Vec<DenseFamily<T>> {
    let lanes = weights.query.columns();
    let [queries, keys, values_of_rows] = [&weights.query, &weights.key, &weights.value].map(Rows::from);
    let mut families: Vec<DenseFamily<T>> = Vec::new();
    for (head, kind) in kinds.iter().enumerate() {
        let dimensions = head * d_head..(head + 1) * d_head;
        let forms = |rows: &Rows<T>| match kind {
            Attention::Sum => Vec::new(),
            _ => dimensions.clone().map(|dimension| rows.dense(dimension, lanes)).collect(),
        };
        let (query, key) = (forms(&queries), forms(&keys));
        let same = families.iter().position(|family| family.kind == *kind && family.key == key);
        let family = same.unwrap_or_else(|| {
            families.push(DenseFamily { kind: *kind, key, values: Vec::new(), searches: Vec::new() });
            families.len() - 1
        });
        let DenseFamily { values, searches, .. } = &mut families[family];
        let search = searches.iter().position(|search| search.query == query).unwrap_or_else(|| {
            searches.push(DenseSearch { query, outputs: Vec::new() });
            searches.len() - 1
        });
        for dimension in dimensions {
            let form = values_of_rows.dense(dimension, lanes);
            if form.iter().all(|weight| *weight == T::default()) || weights.output.column_terms(dimension).next().is_none() {
                continue;
            }
            let value = values.iter().position(|other| *other == form).unwrap_or_else(|| {
                values.push(form);
                values.len() - 1
            });
            let lanes = weights.output.column_terms(dimension);
            searches[search].outputs.extend(lanes.map(|(lane, weight)| (value, lane as usize, weight)));
        }
    }
    families.iter_mut().for_each(|family| family.searches.retain(|search| !search.outputs.is_empty()));
    families.retain(|family| !family.searches.is_empty());
    families.iter_mut().for_each(DenseFamily::order_by_lanes);
    families
}
