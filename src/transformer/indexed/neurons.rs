//! The neurons of a layer. Most of them are skipped.
//!
//! A neuron contributes nothing if its gate is not positive or its value is zero. In two cases this is known
//! without computing the gate:
//!
//! - The gate, or the value, reads only lanes that are zero. These lanes are the neuron's *guard*.
//! - A bound (see `bounds`) on the gates of many neurons is not positive.
//!
//! Neurons whose gate is a constant are linear: they copy lanes, or clear lanes for other uses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::bounds::Bounds;
use super::kernel::{BLOCK, Blocks, Rows, Values, terms};
use crate::transformer::Number;

/// Number of neurons from which on a bound is worth its cost.
const WORTH_A_BOUND: usize = 3;
/// Maximum number of neurons in a part. A group with more neurons has several parts with bounds of their own.
const PART: usize = 16;
/// Number of neurons with gates over the same lanes from which on these neurons have a bound of their own.
/// Such neurons are the steps by which something is counted.
const LADDER: usize = 8;
/// A weight of a gate counts in finding gates that are alike if this many times its magnitude is at least the
/// largest magnitude of the gate's weights.
const DOMINANT: i64 = 4;

/// Neurons that are computed together.
#[derive(Clone, Debug)]
struct Part {
    /// The index of the part's first neuron among the layer's neurons.
    first: usize,
    /// The blocks of the gates.
    gates: Range<usize>,
}

/// A group of many neurons: its parts, and the bounds of the parts if there are several.
#[derive(Clone, Debug)]
struct Group<T> {
    parts: Range<usize>,
    bounds: Bounds<T>,
}

/// Neurons whose gate is a multiple of one lane.
#[derive(Clone, Debug)]
struct Linear<T> {
    gate: (usize, T),
    /// A lane, and factors for the lanes from it on: this multiple of the lane itself is added to a lane.
    scaled: (usize, Vec<T>),
    /// The values of the other linear neurons.
    values: Blocks<T>,
    /// Per output of these neurons, the index of the neuron's value, a lane, and the weight.
    outputs: Vec<(u32, u32, T)>,
}

/// The neurons of a layer.
#[derive(Clone, Debug)]
pub struct FeedForward<T> {
    /// The parts. The first part is always computed.
    parts: Vec<Part>,
    pub(super) gates: Blocks<T>,
    /// Two lanes and a part. The part contributes nothing while both lanes are zero.
    guarded: Vec<([u32; 2], u32)>,
    /// Groups of neurons. A group contributes nothing while its bound is not positive.
    bounded: Vec<Group<T>>,
    pub(super) bounds: Bounds<T>,
    linear: Option<Linear<T>>,
    values: Rows<T>,
    outputs: Rows<T>,
}

/// Memory for the passes of neurons.
#[derive(Clone, Debug, Default)]
pub struct Room<T> {
    linear: Values<T>,
    /// Parts to be computed.
    open: Vec<u32>,
    /// Neurons whose gate is positive, with their gates and then with their activations.
    active: Vec<(usize, T)>,
}

/// Writes to the place behind `len` items, and counts the item if it is `wanted`. Unlike a branch this costs
/// the same whichever way it goes, and no branch predictor knows which neurons are active.
#[inline(always)]
fn put_if<T>(wanted: bool, item: T, items: &mut [T], len: &mut usize) {
    items[*len] = item;
    *len += usize::from(wanted);
}

/// Lanes with integer weights.
type Weights = Vec<(usize, i64)>;

/// A neuron as dense weights.
struct Neuron<T> {
    gate: Vec<T>,
    value: Vec<T>,
    output: Vec<T>,
}

impl<T> AsRef<[T]> for Neuron<T> {
    fn as_ref(&self) -> &[T] {
        &self.gate
    }
}

/// The lanes that a form reads, with their weights.
fn read<T: Number>(form: &[T]) -> Vec<(usize, T)> {
    terms(form.iter().copied()).map(|(lane, weight)| (lane as usize, weight)).collect()
}

impl<T: Number> Neuron<T> {
    /// The lane and the factor, if the neuron does nothing but add a multiple of a lane to the lane itself.
    fn scales(&self) -> Option<(usize, T)> {
        match (&read(&self.value)[..], &read(&self.output)[..]) {
            ([(from, value)], [(to, output)]) if from == to => Some((*to, *value * *output)),
            _ => None,
        }
    }

    /// The lanes that the gate reads or the lanes that the value reads, whichever are fewer, if there are one
    /// or two. More lanes are seldom all zero. `constant` is a lane that is never zero.
    fn guard(&self, constant: usize) -> Option<[u32; 2]> {
        let lanes = |form: &[T]| match read(form)[..] {
            [(lane, _)] if lane != constant => Some([lane as u32; 2]),
            [(a, _), (b, _)] if a != constant && b != constant => Some([a as u32, b as u32]),
            _ => None,
        };
        [&self.gate, &self.value].into_iter().filter_map(|form| lanes(form)).min_by_key(|[a, b]| a != b)
    }

    /// The lanes that the gate reads.
    fn lanes(&self) -> BTreeSet<usize> {
        read(&self.gate).into_iter().map(|(lane, _)| lane).collect()
    }

    /// The large weights of a gate that is closed unless lanes other than `constant` open it. Gates with the
    /// same large weights are likely to be closed together.
    fn dominant(&self, constant: usize) -> Option<Weights> {
        let weights: Weights = read(&self.gate).into_iter().map(|(lane, weight)| (lane, weight.to_f64() as i64)).collect();
        let largest = weights.iter().filter(|(lane, _)| *lane != constant).map(|(_, weight)| weight.abs()).max()?;
        let is_closed = self.gate[constant] < T::default();
        let large = |(lane, weight): &(usize, i64)| *lane != constant && weight.saturating_mul(DOMINANT).abs() >= largest;
        is_closed.then(|| weights.into_iter().filter(large).collect())
    }
}

/// Orders items so that items that read the same lanes are in the same block. The lanes of a block are read
/// for all its items.
fn packed<F>(mut items: Vec<F>, lanes: impl Fn(&F) -> BTreeSet<usize>) -> Vec<F> {
    let mut order = Vec::new();
    let mut read = BTreeSet::new();
    while !items.is_empty() {
        if order.len().is_multiple_of(BLOCK) {
            read = BTreeSet::new();
        }
        let more = |item: &F| lanes(item).difference(&read).count();
        let next = (0..items.len()).min_by_key(|index| (more(&items[*index]), *index)).unwrap_or(0);
        let item = items.remove(next);
        read.extend(lanes(&item));
        order.push(item);
    }
    order
}

impl<T: Number> FeedForward<T> {
    /// Compiles neurons that read and write this number of lanes. Each has a row of lanes with weights in
    /// `gates`, in `values` and in `outputs`.
    pub fn new(lanes: usize, gates: &Rows<T>, values: &Rows<T>, outputs: &Rows<T>) -> FeedForward<T> {
        let neuron = |neuron| {
            let [gate, value, output] = [gates, values, outputs].map(|rows| rows.dense(neuron, lanes));
            Neuron { gate, value, output }
        };
        let neurons: Vec<Neuron<T>> = (0..gates.len()).map(neuron).collect();
        // The lane that most gates read is assumed to be a lane that is never zero.
        let readers = |lane: &usize| neurons.iter().filter(|neuron| neuron.gate[*lane] != T::default()).count();
        let constant = (0..lanes).max_by_key(readers).unwrap_or(0);
        let mut layer = FeedForward::empty();
        let gate_of_linear =
            neurons.iter().map(|neuron| read(&neuron.gate)).find(|gate| matches!(gate[..], [(lane, _)] if lane == constant));
        let (linear, others) =
            neurons.into_iter().partition::<Vec<Neuron<T>>, _>(|neuron| gate_of_linear.as_ref() == Some(&read(&neuron.gate)));
        if let Some([gate]) = gate_of_linear.as_deref() {
            layer.linear = Some(FeedForward::linear(*gate, linear));
        }
        let mut ladders: BTreeMap<BTreeSet<usize>, Vec<Neuron<T>>> = BTreeMap::new();
        for neuron in others {
            ladders.entry(neuron.lanes()).or_default().push(neuron);
        }
        let (ladders, others) = ladders.into_values().partition::<Vec<_>, _>(|neurons| neurons.len() >= LADDER);
        let mut alike: BTreeMap<Option<Weights>, Vec<Neuron<T>>> = BTreeMap::new();
        for neuron in others.into_iter().flatten() {
            alike.entry(neuron.dominant(constant)).or_default().push(neuron);
        }
        let (bounded, others) =
            alike.into_iter().partition::<Vec<_>, _>(|(alike, neurons)| alike.is_some() && neurons.len() >= WORTH_A_BOUND);
        let mut guarded: BTreeMap<Option<[u32; 2]>, Vec<Neuron<T>>> = BTreeMap::new();
        for neuron in others.into_iter().flat_map(|(_, neurons)| neurons) {
            guarded.entry(neuron.guard(constant)).or_default().push(neuron);
        }
        let rest = guarded.remove(&None).unwrap_or_default();
        layer.part(&packed(rest, Neuron::lanes));
        for (guard, neurons) in guarded.into_iter().filter_map(|(guard, neurons)| Some((guard?, neurons))) {
            let part = layer.part(&packed(neurons, Neuron::lanes)) as u32;
            layer.guarded.push((guard, part));
        }
        let bounded = ladders.into_iter().chain(bounded.into_iter().map(|(_, neurons)| neurons)).collect();
        let bounded = packed(bounded, |neurons: &Vec<Neuron<T>>| neurons.iter().flat_map(Neuron::lanes).collect());
        layer.bounds = Bounds::new(&bounded);
        for neurons in bounded {
            let group = layer.group(neurons, constant);
            layer.bounded.push(group);
        }
        layer
    }

    fn empty() -> FeedForward<T> {
        FeedForward {
            parts: Vec::new(),
            gates: Blocks::new::<Vec<T>>(&[]),
            guarded: Vec::new(),
            bounded: Vec::new(),
            bounds: Bounds::none(),
            linear: None,
            values: Rows::default(),
            outputs: Rows::default(),
        }
    }

    fn add(&mut self, Neuron { value, output, .. }: &Neuron<T>) {
        self.values.push(terms(value.iter().copied()));
        self.outputs.push(terms(output.iter().copied()));
    }

    fn linear(gate: (usize, T), neurons: Vec<Neuron<T>>) -> Linear<T> {
        let (mut factors, mut others) = (BTreeMap::new(), Vec::new());
        for neuron in neurons {
            match neuron.scales() {
                Some((lane, factor)) if !factors.contains_key(&lane) => drop(factors.insert(lane, factor)),
                _ => others.push(neuron),
            }
        }
        let others = packed(others, |neuron| read(&neuron.value).into_iter().map(|(lane, _)| lane).collect());
        let outputs_of = |(index, neuron): (u32, &Neuron<T>)| -> Vec<(u32, u32, T)> {
            terms(neuron.output.iter().copied()).map(|(lane, weight)| (index, lane, weight)).collect()
        };
        let first = factors.keys().next().copied().unwrap_or(0);
        let end = factors.keys().next_back().map_or(0, |last| last + 1);
        let scaled = (first..end).map(|lane| factors.get(&lane).copied().unwrap_or_default()).collect();
        Linear {
            gate,
            scaled: (first, scaled),
            values: Blocks::new(&others.iter().map(|neuron| &neuron.value).collect::<Vec<_>>()),
            outputs: (0..).zip(&others).flat_map(outputs_of).collect(),
        }
    }

    fn part(&mut self, neurons: &[Neuron<T>]) -> usize {
        let first = self.values.len();
        neurons.iter().for_each(|neuron| self.add(neuron));
        let gates = self.gates.push(neurons);
        self.parts.push(Part { first, gates });
        self.parts.len() - 1
    }

    fn group(&mut self, mut neurons: Vec<Neuron<T>>, constant: usize) -> Group<T> {
        let first = self.parts.len();
        if neurons.len() <= PART {
            self.part(&packed(neurons, Neuron::lanes));
            return Group { parts: first..first + 1, bounds: Bounds::none() };
        }
        // The farther up a step is, the more often it is closed.
        neurons.sort_by(|a, b| b.gate[constant].to_f64().total_cmp(&a.gate[constant].to_f64()));
        let parts: Vec<Vec<&Neuron<T>>> = neurons.chunks(PART).map(|part| part.iter().collect()).collect();
        let bounds = Bounds::new(&parts);
        for part in neurons.chunks(PART) {
            self.part(part);
        }
        Group { parts: first..self.parts.len(), bounds }
    }

    /// Adds the FFN's output to the residual stream. If the gate of a neuron is not positive, the neuron's
    /// value is not computed.
    #[inline(always)]
    pub fn pass(&self, lanes: &mut [T], Room { linear, open, active }: &mut Room<T>) {
        // One place more than there are items, because the place behind the last item is written to.
        open.resize(open.len().max(self.parts.len() + 1), 0);
        active.resize(active.len().max(self.values.len() + 1), (0, T::default()));
        let mut parts = 0;
        put_if(true, 0, open, &mut parts);
        for ([a, b], part) in &self.guarded {
            let is_open = (lanes[*a as usize] != T::default()) | (lanes[*b as usize] != T::default());
            put_if(is_open, *part, open, &mut parts);
        }
        self.bounds.positive(lanes, |group| {
            let Group { parts: of_group, bounds } = &self.bounded[group];
            if of_group.len() == 1 {
                put_if(true, of_group.start as u32, open, &mut parts);
            } else {
                bounds.positive(lanes, |part| put_if(true, (of_group.start + part) as u32, open, &mut parts));
            }
        });
        let mut neurons = 0;
        for part in &open[..parts] {
            let Part { first, gates } = &self.parts[*part as usize];
            for (block, first) in gates.clone().zip((*first..).step_by(BLOCK)) {
                let gates = self.gates.block(block, lanes);
                // In most blocks no gate is positive.
                if gates.iter().fold(false, |any, gate| any | (*gate > T::default())) {
                    for (neuron, gate) in (first..).zip(gates) {
                        put_if(gate > T::default(), (neuron, gate), active, &mut neurons);
                    }
                }
            }
        }
        let active = &mut active[..neurons];
        for (neuron, gate) in active.iter_mut() {
            *gate = *gate * self.values.dot(*neuron, lanes);
        }
        if let Some(Linear { gate: (lane, weight), scaled, values, outputs }) = &self.linear {
            let gate = *weight * lanes[*lane];
            if gate > T::default() {
                // All neurons have read the lanes before anything is added to them.
                let values = values.values(lanes, linear);
                let (first, factors) = scaled;
                for (lane, factor) in lanes[*first..].iter_mut().zip(factors) {
                    *lane += *lane * (*factor * gate);
                }
                for (value, lane, weight) in outputs {
                    lanes[*lane as usize] += *weight * (gate * values[*value as usize]);
                }
            }
        }
        for (neuron, activation) in active {
            if *activation != T::default() {
                self.outputs.add_to(*neuron, lanes, *activation);
            }
        }
    }
}
