//! Sparse kernels, compiled from dense weights.
//!
//! Forms that are always computed together are kept as [`Blocks`]: four forms side by side, which the compiler
//! turns into vector instructions. Forms of which only some are needed are kept as [`Rows`], one list of
//! terms after another.

use std::collections::BTreeMap;

use crate::transformer::{Matrix, Number};

/// Forms of one block.
const BLOCK: usize = 4;

/// Linear forms over lanes that are computed together, a block of them at a time.
#[derive(Clone, Debug)]
pub struct Blocks<T> {
    /// The number of forms.
    len: usize,
    /// Lanes with their weights in the forms of a block, for lanes that one of them reads.
    pub(super) terms: Vec<(u32, [T; BLOCK])>,
    /// The end of each block's terms; they begin where the last block's end.
    ends: Vec<u32>,
}

/// Room for the values of [`Blocks`].
#[derive(Clone, Debug, Default)]
pub struct Values<T>(Vec<[T; BLOCK]>);

impl<T: Number> Blocks<T> {
    /// From the forms' dense weights, each over the same lanes.
    pub fn new(forms: &[Vec<T>]) -> Blocks<T> {
        let mut blocks = Blocks { len: forms.len(), terms: Vec::new(), ends: Vec::new() };
        for forms in forms.chunks(BLOCK) {
            for lane in 0..forms[0].len() {
                let mut weights = [T::default(); BLOCK];
                weights.iter_mut().zip(forms).for_each(|(weight, form)| *weight = form[lane]);
                if weights != [T::default(); BLOCK] {
                    blocks.terms.push((lane as u32, weights));
                }
            }
            blocks.ends.push(blocks.terms.len() as u32);
        }
        blocks
    }

    /// The number of forms.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values of all forms, which `room` holds.
    #[inline]
    pub fn values<'r>(&self, lanes: &[T], Values(room): &'r mut Values<T>) -> &'r [T] {
        room.clear();
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            let mut sums = [T::default(); BLOCK];
            for (lane, weights) in &self.terms[start..end] {
                let lane = lanes[*lane as usize];
                sums = std::array::from_fn(|form| sums[form] + weights[form] * lane);
            }
            room.push(sums);
            start = end;
        }
        &room.as_flattened()[..self.len]
    }
}

/// Sparse rows of weights, one after another.
#[derive(Clone, Debug, Default)]
pub struct Rows<T> {
    /// Lanes and weights, by rising lane within a row.
    terms: Vec<(u32, T)>,
    /// The end of each row's terms; they begin where the last row's end.
    ends: Vec<u32>,
}

impl<T: Number> Rows<T> {
    /// Adds a row of dense weights.
    pub fn push(&mut self, row: impl IntoIterator<Item = T>) {
        let terms = row.into_iter().enumerate().filter(|(_, weight)| *weight != T::default());
        self.terms.extend(terms.map(|(lane, weight)| (lane as u32, weight)));
        self.ends.push(self.terms.len() as u32);
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A row's lanes and weights.
    #[inline]
    pub fn terms(&self, row: usize) -> &[(u32, T)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.terms[start as usize..self.ends[row] as usize]
    }

    /// A row as a linear form: its value.
    #[inline]
    pub fn dot(&self, row: usize, lanes: &[T]) -> T {
        let mut sum = T::default();
        for (lane, weight) in self.terms(row) {
            sum += *weight * lanes[*lane as usize];
        }
        sum
    }

    /// Adds a multiple of a row to the lanes.
    #[inline]
    pub fn add_to(&self, row: usize, lanes: &mut [T], factor: T) {
        for (lane, weight) in self.terms(row) {
            lanes[*lane as usize] += *weight * factor;
        }
    }
}

impl<T: Number, R: IntoIterator<Item = T>> FromIterator<R> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Rows<T> {
        let mut sparse = Rows { terms: Vec::new(), ends: Vec::new() };
        rows.into_iter().for_each(|row| sparse.push(row));
        sparse
    }
}

/// Lanes of a guard at most: more are seldom all zero.
const GUARD: usize = 2;

/// Neurons that contribute nothing while all lanes of their guard are zero.
#[derive(Clone, Debug)]
pub(super) struct Guarded<T> {
    /// The only lanes that their gates, or else their values, read; none where they are always looked at.
    guard: Vec<usize>,
    /// The first of them among the layer's neurons.
    first: usize,
    pub(super) gates: Blocks<T>,
}

/// The neurons of a layer, by their guards.
#[derive(Clone, Debug)]
pub struct FeedForward<T> {
    pub(super) groups: Vec<Guarded<T>>,
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

/// The lanes that a neuron's gate or its value reads, whichever are fewer, if they are few. `constant` is a lane that is
/// never zero.
fn guard<T: Number>(gate: &[T], value: &[T], constant: Option<usize>) -> Vec<usize> {
    let read = |form: &[T]| (0..form.len()).filter(|lane| form[*lane] != T::default()).collect::<Vec<_>>();
    let useful = |lanes: &Vec<usize>| lanes.len() <= GUARD && !lanes.iter().any(|lane| Some(*lane) == constant);
    [read(gate), read(value)].into_iter().filter(useful).min_by_key(Vec::len).unwrap_or_default()
}

impl<T: Number> FeedForward<T> {
    /// These neurons.
    pub fn new(neurons: &[usize], gate: &Matrix<T>, value: &Matrix<T>, down: &Matrix<T>) -> FeedForward<T> {
        let form = |matrix: &Matrix<T>, neuron: usize| matrix.row(neuron).collect::<Vec<T>>();
        // The lane that most gates read is taken for one that is never zero.
        let readers = |lane: &usize| neurons.iter().filter(|neuron| gate.get(**neuron, *lane) != T::default()).count();
        let constant = (0..gate.columns()).max_by_key(readers);
        let mut guards: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for neuron in neurons {
            guards.entry(guard(&form(gate, *neuron), &form(value, *neuron), constant)).or_default().push(*neuron);
        }
        let mut layer = FeedForward { groups: Vec::new(), values: Rows::default(), outputs: Rows::default() };
        for (guard, neurons) in guards {
            let gates: Vec<Vec<T>> = neurons.iter().map(|neuron| form(gate, *neuron)).collect();
            layer.groups.push(Guarded { guard, first: layer.values.len(), gates: Blocks::new(&gates) });
            for neuron in neurons {
                layer.values.push(value.row(neuron));
                layer.outputs.push(down.column(neuron).iter().copied());
            }
        }
        layer
    }

    /// Adds what the neurons make of the lanes to the lanes. A neuron whose gate is not positive contributes
    /// nothing; its value is not computed.
    #[inline]
    pub fn pass(&self, lanes: &mut [T], room: &mut Room<T>) {
        room.active.clear();
        for Guarded { guard, first, gates } in &self.groups {
            if !guard.is_empty() && guard.iter().all(|lane| lanes[*lane] == T::default()) {
                continue;
            }
            for (neuron, gate) in (*first..).zip(gates.values(lanes, &mut room.gates)) {
                if *gate > T::default() {
                    room.active.push((neuron, *gate * self.values.dot(neuron, lanes)));
                }
            }
        }
        for (neuron, activation) in &room.active {
            self.outputs.add_to(*neuron, lanes, *activation);
        }
    }
}
