//! From the sum that layer 4 leaves in the result to a token: layers 5 to 7, and the unembedding.

use std::collections::HashMap;

use super::attention::{ByToken, EXACT, opcode};
use super::invariant::{Holds, Invariant};
use crate::byte::isa::Op;
use crate::circuit::Interval;
use crate::prove::Failure;
use crate::prove::network::{Linear, Network, Neuron};

/// The results whose ends are computed beforehand: all that layer 4 gives for two bytes, and more.
const KNOWN: i64 = 1 << 16;

/// The lanes that take part in the wrap-around.
const LANES: [Holds; 4] = [Holds::One, Holds::Result, Holds::Quotient4096, Holds::Quotient256];

/// A neuron that reads these lanes only.
#[derive(Clone, Debug)]
struct Wrap {
    gate: [i64; 4],
    value: [i64; 4],
    output: [i64; 4],
}

/// What the result and its quotients were seen to hold: before layers 5, 6 and 7, and after all; and the
/// quotients.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub results: [Interval; 4],
    pub quotients: [Interval; 2],
}

/// The neurons of layers 5 to 7 that wrap the result.
#[derive(Clone, Debug)]
pub(super) struct Wrapping {
    layers: [Vec<Wrap>; 3],
    /// The end of each result from 0 on, where nothing is added on the way.
    known: Vec<i64>,
    pub seen: Seen,
}

/// Whether a neuron belongs to the wrap-around.
pub(super) fn is_wrap(invariant: &Invariant, neuron: &Neuron) -> bool {
    let reads = |form: &Linear| form.terms().all(|(lane, _)| LANES.contains(&invariant.holds(lane)));
    reads(&neuron.gate) && reads(&neuron.value)
}

impl Wrapping {
    /// The wrap-around of a network.
    ///
    /// # Errors
    /// If a result of two bytes leaves the exact integers.
    pub fn of(invariant: &Invariant, network: &Network) -> Result<Wrapping, Failure> {
        let of = |form: &Linear| LANES.map(|holds| invariant.weight(form, holds));
        let wrap = |neuron: &Neuron| Wrap { gate: of(&neuron.gate), value: of(&neuron.value), output: of(&neuron.output) };
        let layers = [5, 6, 7].map(|layer: usize| {
            let neurons = network.layers[layer].neurons.iter().filter(|neuron| is_wrap(invariant, neuron));
            neurons.map(wrap).collect()
        });
        let zero = Interval::point(0);
        let seen = Seen { results: [zero; 4], quotients: [zero; 2] };
        let mut wrapping = Wrapping { layers, known: Vec::new(), seen };
        for result in 0..KNOWN {
            let end = wrapping.compute(result, [0; 3])?;
            wrapping.known.push(end);
        }
        Ok(wrapping)
    }

    /// The number of results whose ends are known.
    pub fn cases(&self) -> u64 {
        self.known.len() as u64
    }

    /// What the result is after layer 7, if it is this after layer 4 and these numbers are added to it in
    /// layers 5, 6 and 7.
    pub fn end(&mut self, result: i64, added: [i64; 3]) -> Result<i64, Failure> {
        match usize::try_from(result).ok().and_then(|result| self.known.get(result)) {
            Some(known) if added == [0; 3] => Ok(*known),
            _ => self.compute(result, added),
        }
    }

    fn compute(&mut self, result: i64, added: [i64; 3]) -> Result<i64, Failure> {
        let mut lanes = [1, i128::from(result), 0, 0];
        for ((layer, added), index) in self.layers.iter().zip(added).zip(0..) {
            self.seen.results[index] = with(self.seen.results[index], lanes[1]);
            let on = |weights: &[i64; 4]| weights.iter().zip(lanes).map(|(weight, lane)| i128::from(*weight) * lane).sum::<i128>();
            let mut next = lanes;
            for Wrap { gate, value, output } in layer {
                let gate = on(gate);
                if gate > 0 {
                    let neuron = gate * on(value);
                    next.iter_mut().zip(output).for_each(|(lane, weight)| *lane += i128::from(*weight) * neuron);
                }
            }
            next[1] += i128::from(added);
            if next.iter().any(|lane| lane.abs() >= EXACT) {
                return Err(Failure::new(format!("the result {result} leaves the exact integers in layer {}", 5 + index)));
            }
            lanes = next;
        }
        self.seen.results[3] = with(self.seen.results[3], lanes[1]);
        for (seen, lane) in self.seen.quotients.iter_mut().zip(&lanes[2..]) {
            *seen = with(*seen, *lane);
        }
        Ok(lanes[1] as i64)
    }
}

/// A range with one more integer.
fn with(range: Interval, number: i128) -> Interval {
    range.hull(Interval::point(number))
}

/// The token of each result, for one instruction, with or without the host's fault.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    /// By token: its logit as `constant + slope · result`.
    logits: Vec<(i128, i128)>,
    known: HashMap<i64, usize>,
}

impl Tokens {
    pub fn of(invariant: &Invariant, network: &Network, lanes: &ByToken, op: Op, is_fault: bool) -> Tokens {
        let logit = |form: &Linear| {
            let constant = form.on(|lane| match invariant.holds(lane) {
                Holds::One => 1,
                Holds::Fault => i64::from(is_fault),
                Holds::Flag => lanes.of(lane, opcode(Some(op))),
                _ => 0,
            });
            (constant, i128::from(invariant.weight(form, Holds::Result)))
        };
        Tokens { logits: network.logits.iter().map(logit).collect(), known: HashMap::new() }
    }

    /// The token with the highest logit; among equal logits, the lowest token.
    pub fn token(&mut self, result: i64) -> usize {
        let logits = &self.logits;
        *self.known.entry(result).or_insert_with(|| {
            let logit = |token: usize| logits[token].0 + logits[token].1 * i128::from(result);
            (1..logits.len()).fold(0, |best, token| if logit(token) > logit(best) { token } else { best })
        })
    }
}
