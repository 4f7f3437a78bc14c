//! What passes are specialised for: classes of tokens, and classes of rows that a search finds.
//!
//! A lane is a *switch* if it has few values, and if neurons are proven to add nothing where it is zero. Such
//! a lane says what a row does, and other lanes are what it is done with. Tokens with equal switches are a
//! class. A search whose results are switches for many neurons is a *branch*: what follows is specialised for
//! the values found.
//!
//! This decides what is worth specialising, and nothing else: whatever is chosen here, passes are exact.

use rustc_hash::FxHashMap;

use super::form::Terms;
use super::source::{Family, Neuron, Source};
use crate::transformer::{Attention, Interval};

/// A lane whose range is not wider than this has few values.
const NARROW: i128 = 32;
/// The maximum number of classes of tokens.
const TOKEN_CLASSES: usize = 96;
/// A search is a branch if its results are switches for at least one of this many neurons of the layers that
/// follow.
const BRANCH_SHARE: usize = 5;

/// The tokens with equal switches.
#[derive(Clone, Debug)]
pub(super) struct TokenClass {
    /// The lanes that have the same number for all tokens of the class.
    pub known: Terms,
    /// The other lanes, with their ranges.
    pub varying: Vec<(u32, Interval)>,
}

/// A search whose results decide what follows.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub layer: usize,
    pub search: u16,
    /// The values that decide.
    pub values: Vec<u16>,
}

/// The classes of a model.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    pub of_token: Vec<u16>,
    pub tokens: Vec<TokenClass>,
    pub branches: Vec<Branch>,
}

impl Classes {
    pub fn of(source: &Source) -> Classes {
        let switches = Switches { source, written: written(source), readers: readers(source) };
        let (of_token, tokens) = switches.token_classes();
        let branches = (0..source.layers.len()).filter_map(|layer| switches.branch(layer)).collect();
        Classes { of_token, tokens, branches }
    }

    /// Per memory, the branch that searches it.
    pub fn by_memory(&self, source: &Source) -> Vec<Option<usize>> {
        let searches = |family: &Family, branch: &Branch| family.searches.iter().any(|search| search.id == branch.search);
        source.families().map(|family| self.branches.iter().position(|branch| searches(family, branch))).collect()
    }
}

/// The lanes that each layer's attention and FFN write.
fn written(source: &Source) -> Vec<[Vec<bool>; 2]> {
    let layers = source.layers.iter().map(|layer| {
        let mut written = [vec![false; source.lanes], vec![false; source.lanes]];
        let outputs = layer.families.iter().flat_map(|family| &family.searches).flat_map(|search| &search.outputs);
        outputs.for_each(|(_, lane, _)| written[0][*lane as usize] = true);
        let outputs = layer.neurons.iter().flat_map(|neuron| &neuron.output);
        outputs.for_each(|(lane, _)| written[1][*lane as usize] = true);
        written
    });
    layers.collect()
}

/// Per layer and lane, the neurons that read the lane.
fn readers(source: &Source) -> Vec<Vec<Vec<usize>>> {
    let layers = source.layers.iter().map(|layer| {
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); source.lanes];
        for (index, neuron) in layer.neurons.iter().enumerate() {
            for (lane, _) in neuron.gate.iter().chain(&neuron.value) {
                let readers = &mut readers[*lane as usize];
                if readers.last() != Some(&index) {
                    readers.push(index);
                }
            }
        }
        readers
    });
    layers.collect()
}

struct Switches<'s> {
    source: &'s Source,
    written: Vec<[Vec<bool>; 2]>,
    readers: Vec<Vec<Vec<usize>>>,
}

impl Switches<'_> {
    fn is_narrow(&self, stage: usize, lane: u32) -> bool {
        let range = self.source.ranges[stage][lane as usize];
        range.high - range.low <= NARROW
    }

    /// Whether a neuron adds nothing where a lane is zero, and may add something otherwise.
    fn closes(&self, neuron: &Neuron, stage: usize, lane: u32) -> bool {
        let ranges = &self.source.ranges[stage];
        if neuron.value.iter().all(|(of, _)| *of == lane) {
            return true;
        }
        let high = |but: Option<u32>| {
            let read = neuron.gate.iter().filter(|(of, _)| Some(*of) != but);
            read.map(|(of, weight)| (ranges[*of as usize] * *weight).high).sum::<i128>()
        };
        neuron.gate.iter().any(|(of, _)| *of == lane) && high(None) > 0 && high(Some(lane)) <= 0
    }

    /// The number of neurons that a lane closes, and of keys and queries that read it, from a stage on until
    /// the lane is written again.
    fn weight(&self, from: usize, lane: u32) -> usize {
        let mut weight = 0;
        for stage in from..2 * self.source.layers.len() {
            let layer = &self.source.layers[stage / 2];
            let reads = |forms: &Vec<Terms>| forms.iter().flatten().any(|(of, _)| *of == lane);
            weight += match stage % 2 {
                0 => {
                    let of_rows = layer.families.iter().filter(|family| !matches!(family.kind, Attention::Cross(_)));
                    let queries = layer.families.iter().flat_map(|family| &family.searches).filter(|search| reads(&search.query));
                    of_rows.filter(|family| reads(&family.key)).count() + queries.count()
                }
                _ => {
                    let readers = &self.readers[stage / 2][lane as usize];
                    readers.iter().filter(|neuron| self.closes(&layer.neurons[**neuron], stage, lane)).count()
                }
            };
            if self.written[stage / 2][stage % 2][lane as usize] {
                break;
            }
        }
        weight
    }

    fn token_classes(&self) -> (Vec<u16>, Vec<TokenClass>) {
        let source = self.source;
        let tokens = source.embedding.len();
        let mut columns = vec![Column::default(); source.lanes];
        for (token, row) in source.embedding.iter().enumerate() {
            row.iter().for_each(|(lane, number)| columns[*lane as usize].0.push((token as u32, *number)));
        }
        let embedded = || (0..).zip(&columns).filter(|(_, column)| !column.0.is_empty());
        let mut switches: Vec<(usize, u32)> = embedded()
            .filter(|(_, column)| column.width(tokens) <= NARROW)
            .map(|(lane, _)| (self.weight(0, lane), lane))
            .filter(|(weight, _)| *weight > 0)
            .collect();
        switches.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let mut of_token = vec![0u16; tokens];
        for (_, lane) in switches {
            let mut finer = FxHashMap::default();
            let numbers = columns[lane as usize].numbers(tokens);
            let classes = of_token.iter().zip(numbers).map(|(class, number)| {
                let next = finer.len() as u16;
                *finer.entry((*class, number)).or_insert(next)
            });
            let classes: Vec<u16> = classes.collect();
            if finer.len() <= TOKEN_CLASSES {
                of_token = classes;
            }
        }
        let count = of_token.iter().max().map_or(0, |last| usize::from(*last) + 1);
        let mut classes = vec![TokenClass { known: Vec::new(), varying: Vec::new() }; count];
        for (lane, column) in embedded() {
            let mut ranges: Vec<Option<(i64, i64)>> = vec![None; count];
            for (class, number) in of_token.iter().zip(column.numbers(tokens)) {
                let range = &mut ranges[usize::from(*class)];
                let (low, high) = range.unwrap_or((number, number));
                *range = Some((low.min(number), high.max(number)));
            }
            for (class, range) in classes.iter_mut().zip(ranges) {
                match range {
                    None | Some((0, 0)) => {}
                    Some((low, high)) if low == high => class.known.push((lane, low)),
                    Some((low, high)) => class.varying.push((lane, Interval::new(low.into(), high.into()))),
                }
            }
        }
        (of_token, classes)
    }

    /// The search of a layer whose results are switches for the most neurons, if they are for enough.
    fn branch(&self, layer: usize) -> Option<Branch> {
        let stage = 2 * layer + 1;
        let weigh = |family: &Family| {
            let searches = family.searches.iter().filter(|_| family.kind == Attention::HardMax).map(|search| {
                let narrow = search.outputs.iter().filter(|(_, lane, _)| self.is_narrow(stage, *lane));
                let weight = narrow.clone().map(|(_, lane, _)| self.weight(stage, *lane)).sum::<usize>();
                let mut values: Vec<u16> = narrow.map(|(value, ..)| *value).collect();
                values.sort_unstable();
                values.dedup();
                (weight, Branch { layer, search: search.id, values })
            });
            searches.collect::<Vec<_>>()
        };
        let later = self.source.layers[layer..].iter().map(|layer| layer.neurons.len()).sum::<usize>();
        let searches = self.source.layers[layer].families.iter().flat_map(weigh);
        let (weight, branch) = searches.max_by_key(|(weight, _)| *weight)?;
        (weight > 0 && weight * BRANCH_SHARE >= later).then_some(branch)
    }
}

/// The numbers that tokens embed in a lane, without zeros: with them, all lanes would take more memory than
/// the model.
#[derive(Clone, Debug, Default)]
struct Column(Vec<(u32, i64)>);

impl Column {
    /// The numbers of all tokens.
    fn numbers(&self, tokens: usize) -> Vec<i64> {
        let mut numbers = vec![0; tokens];
        self.0.iter().for_each(|(token, number)| numbers[*token as usize] = *number);
        numbers
    }

    /// The distance of the highest number from the lowest one.
    fn width(&self, tokens: usize) -> i128 {
        let numbers = || self.0.iter().map(|(_, number)| *number).chain((self.0.len() < tokens).then_some(0));
        numbers().max().map_or(0, i128::from) - numbers().min().map_or(0, i128::from)
    }
}
