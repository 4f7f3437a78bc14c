//! The neurons of a layer. Most of them are skipped.
//!
//! A neuron contributes nothing if its gate is not positive or its value is zero. In two cases this is known
//! without computing the gate:
//!
//! - The gate, or the value, reads only lanes that are zero. These lanes are the neuron's *guard*.
//! - A *bound* on the gates of many neurons is not positive. The bound is a sum over the lanes: for each
//!   lane, the largest product of the lane with its weight in one of these gates. The products are added up
//!   in the order of the lanes. The gates' own partial sums are exact, and rounding is monotone, so a rounded
//!   bound is still a bound.
//!
//! Neurons whose gate is a constant are linear: they copy lanes, or clear lanes for other uses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::kernel::{Blocks, Rows, Values, terms};
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

/// Number of groups whose bounds are computed together.
const BLOCK: usize = 4;

/// Bounds of groups of forms, computed a block of groups at a time. The bound of a group is not less than any
/// form of the group.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds<T> {
    /// Per lane and group, the largest and the smallest weight of the lane in the group's forms.
    pub(super) terms: Vec<(u32, [T; BLOCK], [T; BLOCK])>,
    /// The end of each block's terms. A block's terms begin at the end of the block before it.
    ends: Vec<u32>,
}

impl<T: Number> Bounds<T> {
    /// Compiles the bounds of groups of forms, which are given as dense weights.
    pub(super) fn new<F: AsRef<[T]>>(groups: &[Vec<F>]) -> Bounds<T> {
        let mut bounds = Bounds { terms: Vec::new(), ends: Vec::new() };
        for groups in groups.chunks(BLOCK) {
            let lanes = groups.iter().flatten().map(|form| form.as_ref().len()).max().unwrap_or(0);
            for lane in 0..lanes {
                let extreme = |beats: fn(&T, &T) -> bool| {
                    std::array::from_fn(|group| {
                        let weights = groups.get(group).into_iter().flatten().map(|form| form.as_ref()[lane]);
                        weights.reduce(|a, b| if beats(&b, &a) { b } else { a }).unwrap_or_default()
                    })
                };
                let (highest, lowest) = (extreme(|a, b| a > b), extreme(|a, b| a < b));
                if (highest, lowest) != ([T::default(); BLOCK], [T::default(); BLOCK]) {
                    bounds.terms.push((lane as u32, highest, lowest));
                }
            }
            bounds.ends.push(bounds.terms.len() as u32);
        }
        bounds
    }

    /// Calls `found` with each group whose bound is positive.
    #[inline(always)]
    pub(super) fn positive(&self, lanes: &[T], mut found: impl FnMut(usize)) {
        let mut start = 0;
        for (block, end) in self.ends.iter().enumerate() {
            let end = *end as usize;
            let mut sums = [T::default(); BLOCK];
            for (lane, highest, lowest) in &self.terms[start..end] {
                let x = lanes[*lane as usize];
                for group in 0..BLOCK {
                    sums[group] += (highest[group] * x).max(lowest[group] * x);
                }
            }
            for (group, sum) in sums.iter().enumerate() {
                if *sum > T::default() {
                    found(block * BLOCK + group);
                }
            }
            start = end;
        }
    }
}

/// Neurons that are computed together.
#[derive(Clone, Debug)]
pub(super) struct Part<T> {
    /// The index of the part's first neuron among the layer's neurons.
    first: usize,
    pub(super) gates: Blocks<T>,
}

/// A group of many neurons: its parts, and the bounds of the parts if there are several.
#[derive(Clone, Debug)]
pub(super) struct Group<T> {
    parts: Range<usize>,
    bounds: Bounds<T>,
}

/// Neurons whose gate is a multiple of one lane.
#[derive(Clone, Debug)]
struct Linear<T> {
    gate: (usize, T),
    /// Ranges of lanes with a factor: to each of these lanes, a multiple of the lane itself is added.
    scaled: Vec<(Range<usize>, T)>,
    /// The range of the other linear neurons among the layer's neurons.
    others: Range<usize>,
}

/// The neurons of a layer.
#[derive(Clone, Debug)]
pub struct FeedForward<T> {
    /// The parts. The first part is always computed.
    pub(super) parts: Vec<Part<T>>,
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
    gates: Values<T>,
    /// Parts to be computed.
    open: Vec<u32>,
    /// Neurons whose gate is positive, with their activations.
    active: Vec<(usize, T)>,
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
            layer.linear = Some(layer.linear(*gate, linear));
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
        let (bounds, rows) = (Bounds { terms: Vec::new(), ends: Vec::new() }, Rows::default());
        FeedForward {
            parts: Vec::new(),
            guarded: Vec::new(),
            bounded: Vec::new(),
            bounds,
            linear: None,
            values: rows.clone(),
            outputs: rows,
        }
    }

    fn add(&mut self, Neuron { value, output, .. }: &Neuron<T>) {
        self.values.push(terms(value.iter().copied()));
        self.outputs.push(terms(output.iter().copied()));
    }

    fn linear(&mut self, gate: (usize, T), neurons: Vec<Neuron<T>>) -> Linear<T> {
        let (mut factors, first) = (BTreeMap::new(), self.values.len());
        for neuron in neurons {
            match neuron.scales() {
                Some((lane, factor)) if !factors.contains_key(&lane) => drop(factors.insert(lane, factor)),
                _ => self.add(&neuron),
            }
        }
        let mut scaled: Vec<(Range<usize>, T)> = Vec::new();
        for (lane, factor) in factors {
            match scaled.last_mut() {
                Some((lanes, same)) if lanes.end == lane && *same == factor => lanes.end += 1,
                _ => scaled.push((lane..lane + 1, factor)),
            }
        }
        Linear { gate, scaled, others: first..self.values.len() }
    }

    fn part(&mut self, neurons: &[Neuron<T>]) -> usize {
        let first = self.values.len();
        neurons.iter().for_each(|neuron| self.add(neuron));
        let gates = Blocks::new(&neurons.iter().map(|neuron| neuron.gate.clone()).collect::<Vec<_>>());
        self.parts.push(Part { first, gates });
        self.parts.len() - 1
    }

    fn group(&mut self, mut neurons: Vec<Neuron<T>>, constant: usize) -> Group<T> {
        let first = self.parts.len();
        if neurons.len() <= PART {
            self.part(&packed(neurons, Neuron::lanes));
            return Group { parts: first..first + 1, bounds: FeedForward::empty().bounds };
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
    pub fn pass(&self, lanes: &mut [T], Room { gates: room, open, active }: &mut Room<T>) {
        open.clear();
        open.push(0);
        for ([a, b], part) in &self.guarded {
            if lanes[*a as usize] != T::default() || lanes[*b as usize] != T::default() {
                open.push(*part);
            }
        }
        self.bounds.positive(lanes, |group| {
            let Group { parts, bounds } = &self.bounded[group];
            if parts.len() == 1 {
                open.push(parts.start as u32);
            } else {
                bounds.positive(lanes, |part| open.push((parts.start + part) as u32));
            }
        });
        active.clear();
        for part in open {
            let Part { first, gates } = &self.parts[*part as usize];
            for (neuron, gate) in (*first..).zip(gates.values(lanes, room)) {
                if *gate > T::default() {
                    active.push((neuron, *gate * self.values.dot(neuron, lanes)));
                }
            }
        }
        if let Some(Linear { gate: (lane, weight), scaled, others }) = &self.linear {
            let gate = *weight * lanes[*lane];
            if gate > T::default() {
                for neuron in others.clone() {
                    active.push((neuron, gate * self.values.dot(neuron, lanes)));
                }
                // All other neurons have read the lanes by now; their outputs are added after this.
                for (range, factor) in scaled {
                    let factor = *factor * gate;
                    for lane in &mut lanes[range.clone()] {
                        *lane += *lane * factor;
                    }
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
