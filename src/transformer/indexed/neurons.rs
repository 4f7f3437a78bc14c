//! The neurons of a layer, most of which are passed over.
//!
//! A neuron whose gate is not positive contributes nothing. That is known without computing the gate
//!
//! - where its gate, or its value, reads only lanes that are zero: its *guard*;
//! - where a *bound* on the gates of many neurons is not positive: for each lane the largest product that one of them makes of it.
//!   Bounds are added up in the order of the lanes. The gates' own partial sums are exact, and rounding is monotone, so a
//!   rounded bound is a bound still.
//!
//! Neurons whose gate is a constant are linear: they copy lanes, or clear them for others to use.

use std::collections::BTreeMap;

use super::kernel::{Blocks, Rows, Values};
use crate::transformer::{Matrix, Number};

/// Lanes of a guard at most: more are seldom all zero.
const GUARD: usize = 2;
/// Neurons that are worth a bound.
const WORTH_A_BOUND: usize = 3;
/// Neurons from which on parts of them have bounds of their own.
const PART: usize = 16;
/// What part of a gate's largest weight another must be to count in finding gates that are alike.
const DOMINANT: i64 = 4;

/// A lane with the largest and the smallest weight that forms give it.
type Span<T> = (u32, T, T);

/// No less than any of some forms.
#[derive(Clone, Debug)]
pub(super) struct Bound<T>(pub(super) Vec<Span<T>>);

impl<T: Number> Bound<T> {
    /// Of forms given as rows of dense weights.
    pub(super) fn new<F: AsRef<[T]>>(forms: &[F]) -> Bound<T> {
        let lanes = forms.first().map_or(0, |form| form.as_ref().len());
        let spans = (0..lanes).map(|lane| {
            let weights = || forms.iter().map(|form| form.as_ref()[lane]);
            let start = weights().next().unwrap_or_default();
            let highest = weights().fold(start, |a, b| if b > a { b } else { a });
            let lowest = weights().fold(start, |a, b| if b < a { b } else { a });
            (lane as u32, highest, lowest)
        });
        Bound(spans.filter(|(_, highest, lowest)| (*highest, *lowest) != (T::default(), T::default())).collect())
    }

    /// The bound at some lanes.
    #[inline(always)]
    pub(super) fn at(&self, lane: impl Fn(usize) -> T) -> T {
        let mut sum = T::default();
        for (index, highest, lowest) in &self.0 {
            let x = lane(*index as usize);
            let (a, b) = (*highest * x, *lowest * x);
            sum += if a > b { a } else { b };
        }
        sum
    }
}

/// Neurons that are computed together.
#[derive(Clone, Debug)]
pub(super) struct Part<T> {
    /// None where the group's bound says as much.
    pub(super) bound: Option<Bound<T>>,
    /// The first of them among the layer's neurons.
    first: usize,
    pub(super) gates: Blocks<T>,
}

/// Neurons that contribute nothing while all lanes of their guard are zero, or while their bound is not positive.
#[derive(Clone, Debug)]
pub(super) struct Group<T> {
    guard: Vec<u32>,
    pub(super) bound: Option<Bound<T>>,
    pub(super) parts: Vec<Part<T>>,
}

/// Neurons whose gate is a multiple of one lane.
#[derive(Clone, Debug)]
struct Linear<T> {
    gate: (usize, T),
    /// Lanes to which a multiple of themselves is added.
    scaled: Vec<(u32, T)>,
    /// The other neurons: from the first to before the last of the layer's.
    others: std::ops::Range<usize>,
}

/// The neurons of a layer.
#[derive(Clone, Debug)]
pub struct FeedForward<T> {
    pub(super) groups: Vec<Group<T>>,
    linear: Option<Linear<T>>,
    values: Rows<T>,
    outputs: Rows<T>,
}

/// Room for the passes of neurons.
#[derive(Clone, Debug, Default)]
pub struct Room<T> {
    gates: Values<T>,
    /// Neurons whose gate is positive, with their activations.
    active: Vec<(usize, T)>,
}

/// The neurons of a layer that can contribute something.
pub fn contributing<T: Number>(gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> Vec<usize> {
    let not_zero = |weight: T| weight != T::default();
    let contributes = |neuron: &usize| {
        gate.row(*neuron).any(not_zero) && value.row(*neuron).any(not_zero) && down.column(*neuron).iter().copied().any(not_zero)
    };
    (0..gate.rows()).filter(contributes).collect()
}

/// A neuron as dense weights.
struct Neuron<T> {
    gate: Vec<T>,
    value: Vec<T>,
    output: Vec<T>,
}

/// What a form has in a lane, for those that it reads.
fn terms<T: Number>(form: &[T]) -> Vec<(usize, T)> {
    form.iter().copied().enumerate().filter(|(_, weight)| *weight != T::default()).collect()
}

impl<T: Number> Neuron<T> {
    /// The lane and the factor, if all that it does is to add a multiple of a lane to itself.
    fn scales(&self) -> Option<(usize, T)> {
        match (&terms(&self.value)[..], &terms(&self.output)[..]) {
            ([(from, value)], [(to, output)]) if from == to => Some((*to, *value * *output)),
            _ => None,
        }
    }

    /// The lanes that the gate or the value reads, whichever are fewer, if they are few. `constant` is a lane that is never
    /// zero.
    fn guard(&self, constant: usize) -> Vec<u32> {
        let read = |form: &[T]| terms(form).into_iter().map(|(lane, _)| lane as u32).collect::<Vec<u32>>();
        let useful = |lanes: &Vec<u32>| lanes.len() <= GUARD && !lanes.contains(&(constant as u32));
        [read(&self.gate), read(&self.value)].into_iter().filter(useful).min_by_key(Vec::len).unwrap_or_default()
    }

    /// The large weights of a gate that is closed unless other lanes open it: gates alike in these are likely to be closed
    /// together.
    fn dominant(&self, constant: usize) -> Option<Vec<(usize, i64)>> {
        let weights: Vec<(usize, i64)> = terms(&self.gate).into_iter().map(|(lane, weight)| (lane, weight.to_f64() as i64)).collect();
        let largest = weights.iter().filter(|(lane, _)| *lane != constant).map(|(_, weight)| weight.abs()).max()?;
        let is_closed = self.gate[constant] < T::default();
        let large = |(lane, weight): &(usize, i64)| *lane != constant && weight.saturating_mul(DOMINANT).abs() >= largest;
        is_closed.then(|| weights.into_iter().filter(large).collect())
    }
}

/// What makes neurons a group.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Alike {
    Gates(Vec<(usize, i64)>),
    Guard(Vec<u32>),
}

impl<T: Number> FeedForward<T> {
    /// These neurons.
    pub fn new(neurons: &[usize], gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> FeedForward<T> {
        let dense = |neuron: &usize| Neuron {
            gate: gate.row(*neuron).collect(),
            value: value.row(*neuron).collect(),
            output: down.column(*neuron).to_vec(),
        };
        let neurons: Vec<Neuron<T>> = neurons.iter().map(dense).collect();
        // The lane that most gates read is taken for one that is never zero.
        let readers = |lane: &usize| neurons.iter().filter(|neuron| neuron.gate[*lane] != T::default()).count();
        let constant = (0..gate.columns()).max_by_key(readers).unwrap_or(0);
        let mut layer = FeedForward { groups: Vec::new(), linear: None, values: Rows::default(), outputs: Rows::default() };
        let gate_of_linear =
            neurons.iter().map(|neuron| terms(&neuron.gate)).find(|gate| matches!(gate[..], [(lane, _)] if lane == constant));
        let (linear, others) =
            neurons.into_iter().partition::<Vec<Neuron<T>>, _>(|neuron| gate_of_linear.as_ref() == Some(&terms(&neuron.gate)));
        if let Some([gate]) = gate_of_linear.as_deref() {
            layer.linear = Some(layer.linear(*gate, &linear));
        }
        let mut alike: BTreeMap<Option<Vec<(usize, i64)>>, Vec<Neuron<T>>> = BTreeMap::new();
        for neuron in others {
            alike.entry(neuron.dominant(constant)).or_default().push(neuron);
        }
        let mut groups: BTreeMap<Alike, Vec<Neuron<T>>> = BTreeMap::new();
        for (dominant, neurons) in alike {
            match dominant {
                Some(dominant) if neurons.len() >= WORTH_A_BOUND => groups.entry(Alike::Gates(dominant)).or_default().extend(neurons),
                _ => neurons.into_iter().for_each(|neuron| groups.entry(Alike::Guard(neuron.guard(constant))).or_default().push(neuron)),
            }
        }
        for (alike, neurons) in groups {
            let group = layer.group(alike, neurons, constant);
            layer.groups.push(group);
        }
        layer
    }

    fn add(&mut self, neurons: &[Neuron<T>]) -> std::ops::Range<usize> {
        let first = self.values.len();
        for Neuron { value, output, .. } in neurons {
            self.values.push(value.iter().copied());
            self.outputs.push(output.iter().copied());
        }
        first..self.values.len()
    }

    fn linear(&mut self, gate: (usize, T), neurons: &[Neuron<T>]) -> Linear<T> {
        let (mut scaled, first) = (BTreeMap::new(), self.values.len());
        for neuron in neurons {
            match neuron.scales() {
                // A lane is read before anything is added to it.
                Some((lane, factor)) if !scaled.contains_key(&(lane as u32)) => drop(scaled.insert(lane as u32, factor)),
                _ => drop(self.add(std::slice::from_ref(neuron))),
            }
        }
        Linear { gate, scaled: scaled.into_iter().collect(), others: first..self.values.len() }
    }

    fn group(&mut self, alike: Alike, mut neurons: Vec<Neuron<T>>, constant: usize) -> Group<T> {
        let gates = |neurons: &[Neuron<T>]| neurons.iter().map(|neuron| neuron.gate.clone()).collect::<Vec<_>>();
        // Steps that are farther up are closed more often.
        neurons.sort_by(|a, b| b.gate[constant].to_f64().total_cmp(&a.gate[constant].to_f64()));
        let is_divided = matches!(alike, Alike::Gates(_)) && neurons.len() > PART;
        let (guard, bound) = match alike {
            Alike::Guard(guard) => (guard, None),
            Alike::Gates(_) => (Vec::new(), Some(Bound::new(&gates(&neurons)))),
        };
        let parts = neurons.chunks(if is_divided { PART } else { neurons.len() }).map(|neurons| {
            let gates = gates(neurons);
            Part { bound: is_divided.then(|| Bound::new(&gates)), first: self.add(neurons).start, gates: Blocks::new(&gates) }
        });
        Group { guard, bound, parts: parts.collect() }
    }

    /// Adds what the neurons make of the lanes to the lanes. The value of a neuron whose gate is not positive is not computed.
    #[inline(always)]
    pub fn pass(&self, lanes: &mut [T], room: &mut Room<T>) {
        room.active.clear();
        let is_closed = |bound: &Option<Bound<T>>| bound.as_ref().is_some_and(|bound| bound.at(|lane| lanes[lane]) <= T::default());
        for Group { guard, bound, parts } in &self.groups {
            let is_guarded = !guard.is_empty() && guard.iter().all(|lane| lanes[*lane as usize] == T::default());
            if is_guarded || is_closed(bound) {
                continue;
            }
            for Part { bound, first, gates } in parts {
                if is_closed(bound) {
                    continue;
                }
                for (neuron, gate) in (*first..).zip(gates.values(lanes, &mut room.gates)) {
                    if *gate > T::default() {
                        room.active.push((neuron, *gate * self.values.dot(neuron, lanes)));
                    }
                }
            }
        }
        if let Some(Linear { gate: (lane, weight), scaled, others }) = &self.linear {
            let gate = *weight * lanes[*lane];
            if gate > T::default() {
                room.active.extend(others.clone().map(|neuron| (neuron, gate * self.values.dot(neuron, lanes))));
                for (lane, factor) in scaled {
                    let lane = &mut lanes[*lane as usize];
                    *lane += *lane * *factor * gate;
                }
            }
        }
        for (neuron, activation) in &room.active {
            if *activation != T::default() {
                self.outputs.add_to(*neuron, lanes, *activation);
            }
        }
    }
}
