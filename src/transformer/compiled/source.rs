//! A model as integer forms, with what is proven of its lanes: what is specialised.

use super::code::{GIVEN, Place, SEARCHES};
use super::form::Terms;
use crate::transformer::indexed::kernel::{Rows, terms};
use crate::transformer::indexed::layer::{DenseFamily, dense_families};
use crate::transformer::{Attention, Interval, Matrix, Model, Number};

/// Heads with equal keys and equal queries.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// The index among all searches of the model.
    pub id: u16,
    pub query: Vec<Terms>,
    /// Value, lane, weight.
    pub outputs: Vec<(u16, u32, i64)>,
}

/// Heads with equal keys over the same rows.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub at: Place,
    pub kind: Attention,
    pub key: Vec<Terms>,
    pub values: Vec<Terms>,
    /// The range of what a search finds for each value.
    pub ranges: Vec<Interval>,
    pub searches: Vec<Search>,
    /// The first output of its values, if it has few.
    pub output: Option<u16>,
}

/// A gated neuron.
#[derive(Clone, Debug)]
pub(super) struct Neuron {
    pub gate: Terms,
    pub value: Terms,
    pub output: Terms,
}

/// A layer.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub families: Vec<Family>,
    pub neurons: Vec<Neuron>,
}

/// A model as integer forms.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub lanes: usize,
    /// All integers up to this magnitude are exact.
    pub exact: i128,
    /// Of each token. It is dropped when the classes of tokens are known.
    pub embedding: Vec<Terms>,
    pub layers: Vec<Layer>,
    /// The lanes that a logit depends on.
    pub read_last: Vec<u32>,
    pub unembedding: Vec<Terms>,
    /// Each lane's range at each stage: after embedding, then after attention and FFN of each layer.
    pub ranges: Vec<Vec<Interval>>,
    /// The number of searches.
    pub searches: usize,
    /// The number of outputs: those of all passes, and then the values of families that have few.
    pub outputs: usize,
}

/// The maximum number of values of a family that are put out with each row.
const FEW_VALUES: usize = 8;

/// A form over lanes with integer weights; `None` if a weight is not an exact integer.
fn integers<T: Number>(form: impl IntoIterator<Item = (u32, T)>) -> Option<Terms> {
    let whole = |weight: T| {
        let exact = weight.to_f64();
        (exact.fract() == 0.0 && exact.abs() <= T::EXACT as f64).then(|| weight.to_integer())
    };
    form.into_iter().map(|(lane, weight)| Some((lane, whole(weight)?))).collect()
}

fn rows<T: Number>(matrix: &Matrix<T>) -> Option<Vec<Terms>> {
    let rows = Rows::from(matrix);
    (0..rows.len()).map(|row| integers(rows.terms(row).iter().copied())).collect()
}

impl Source {
    /// All families, in the order of their memories.
    pub fn families(&self) -> impl Iterator<Item = &Family> {
        self.layers.iter().flat_map(|layer| &layer.families)
    }

    /// The family at a place.
    pub fn family(&self, at: Place) -> &Family {
        let families = &self.layers[usize::from(at.layer)].families;
        &families[usize::from(at.memory - families[0].at.memory)]
    }

    /// A model's integer forms. `ranges` has each lane's proven range at each stage; where it is empty,
    /// nothing is known but that all numbers are exact. `None` if a weight is not an integer, if heads are
    /// not of two dimensions, if they keep too many sums, or if there are too many searches. `outputs` is the
    /// number of outputs of all passes.
    pub fn new<T: Number>(model: &Model<T>, ranges: &[Vec<Interval>], outputs: usize) -> Option<Source> {
        let config = &model.config;
        let exact = Interval::new(-T::EXACT, T::EXACT);
        if config.d_head != 2 || config.d_model > usize::from(u16::MAX) {
            return None;
        }
        let unknown = vec![vec![exact; config.d_model]; 2 * config.layers() + 1];
        // Dimensions that no lane has are zero in every row.
        let known = |stage: &Vec<Interval>| {
            let unused = std::iter::repeat_n(Interval::point(0), config.d_model.saturating_sub(stage.len()));
            stage.iter().copied().chain(unused).collect::<Vec<_>>()
        };
        let ranges = if ranges.is_empty() { unknown } else { ranges.iter().map(known).collect() };
        let (mut memories, mut searches, mut outputs) = (0, 0, outputs);
        let mut layers = Vec::new();
        for (index, (kinds, weights)) in config.attention.iter().zip(&model.layers).enumerate() {
            let families = dense_families(kinds, weights, config.d_head).into_iter();
            let families = families.map(|family| {
                let stage = if let Attention::Cross(_) = family.kind { 0 } else { 2 * index };
                let at = Place { layer: index as u16, memory: memories };
                memories += 1;
                Family::of(at, family, &ranges[stage], &mut searches)
            });
            let mut families = families.collect::<Option<Vec<Family>>>()?;
            for family in families.iter_mut().filter(|family| family.values.len() <= FEW_VALUES) {
                family.output = Some(outputs as u16);
                outputs += family.values.len();
            }
            if families.iter().any(|family| family.kind == Attention::Sum && family.values.len() > GIVEN) {
                return None;
            }
            let (gates, values) = (rows(&weights.ffn_gate)?, rows(&weights.ffn_value)?);
            let neurons = gates.into_iter().zip(values).enumerate().map(|(neuron, (gate, value))| {
                let output = integers(weights.ffn_down.column_terms(neuron))?;
                Some(Neuron { gate, value, output })
            });
            let neurons: Option<Vec<Neuron>> = neurons.collect();
            let matters = |neuron: &Neuron| !neuron.gate.is_empty() && !neuron.value.is_empty() && !neuron.output.is_empty();
            layers.push(Layer { families, neurons: neurons?.into_iter().filter(matters).collect() });
        }
        if searches > SEARCHES {
            return None;
        }
        let unembedding = rows(&model.unembedding)?;
        let mut read_last: Vec<u32> = unembedding.iter().flatten().map(|(lane, _)| *lane).collect();
        read_last.sort_unstable();
        read_last.dedup();
        Some(Source {
            lanes: config.d_model,
            exact: T::EXACT,
            embedding: rows(&model.embedding)?,
            layers,
            read_last,
            unembedding,
            ranges,
            searches,
            outputs,
        })
    }
}

impl Family {
    fn of<T: Number>(at: Place, family: DenseFamily<T>, lanes: &[Interval], next: &mut usize) -> Option<Family> {
        let form = |form: &Vec<T>| integers(terms(form.iter().copied()));
        let forms = |forms: &[Vec<T>]| forms.iter().map(form).collect::<Option<Vec<Terms>>>();
        let values = forms(&family.values)?;
        let range = |value: &Terms| {
            let range = value.iter().fold(Interval::point(0), |sum, (lane, weight)| sum + lanes[*lane as usize] * *weight);
            range.hull(Interval::point(0))
        };
        let search = |search: &crate::transformer::indexed::layer::DenseSearch<T>| {
            let id = *next as u16;
            *next += 1;
            let outputs = search.outputs.iter().map(|(value, lane, weight)| {
                let [(lane, weight)] = integers([(*lane as u32, *weight)])?[..] else { return None };
                Some((*value as u16, lane, weight))
            });
            Some(Search { id, query: forms(&search.query)?, outputs: outputs.collect::<Option<_>>()? })
        };
        let ranges = values.iter().map(range).collect();
        let searches = family.searches.iter().map(search).collect::<Option<Vec<_>>>()?;
        Some(Family { at, kind: family.kind, key: forms(&family.key)?, values, ranges, searches, output: None })
    }
}
