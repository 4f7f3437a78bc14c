//! When a changed weight changes nothing that any program can see.
//!
//! A mutant is held to be equivalent only by a rule, never because it survived; and a rule that holds for a
//! mutant which some program kills is reported as wrong. Most rules go through everything that the numbers
//! concerned can be ([`Proof::Enumerated`]) or follow from the derived ranges ([`Proof::Derived`]); the
//! others are arguments ([`Proof::Argued`]), for weights named one by one.
//!
//! The [`General`] rule, which rests on derived ranges alone, holds for every machine. The others speak of
//! the numbers of the byte machine, and stand with [its programs](super::byte::equivalence).

use super::site::{Mutant, Site, Tensor};
use crate::circuit::{Bounds, Circuit, Form, Interval};
use crate::transformer::{Attention, Model, Number, Stage};

/// How an equivalence is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// From the ranges that the compiler derived.
    Derived,
    /// By going through every value that the lanes concerned can have.
    Enumerated,
    /// By an argument about every program.
    Argued,
}

/// A kind of equivalent mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// Its name.
    pub name: &'static str,
    /// How it is known.
    pub proof: Proof,
    /// Why no program can tell.
    pub reason: &'static str,
}

const CONSTANT_KEY: Class = Class {
    name: "constant in a key",
    proof: Proof::Derived,
    reason: "the lane is the same in every row, so every score of a query changes by the same amount and the order stays",
};

/// The rule that holds for every machine.
#[derive(Clone, Copy)]
pub struct General<'a, T> {
    model: &'a Model<T>,
    circuit: &'a Circuit,
    bounds: &'a Bounds,
}

impl<'a, T: Number> General<'a, T> {
    /// The rule for a compiled circuit.
    pub fn new(model: &'a Model<T>, circuit: &'a Circuit, bounds: &'a Bounds) -> General<'a, T> {
        General { model, circuit, bounds }
    }

    /// The class that makes a mutant equivalent, if there is one.
    pub fn class(&self, mutant: Mutant) -> Option<Class> {
        self.constant_key(mutant).then_some(CONSTANT_KEY)
    }

    fn constant_key(&self, Mutant { site, change }: Mutant) -> bool {
        let Site { tensor: Tensor::Key(layer), row, column } = site else { return false };
        let d_head = self.circuit.budget().d_head;
        let Some(head) = self.circuit.layers()[layer].heads.get(row / d_head) else { return false };
        let before = match layer {
            0 => Stage::Embedded,
            _ => Stage::Ffn(layer - 1),
        };
        let (Some(lanes), Some(embedded)) = (self.bounds.at(before), self.bounds.at(Stage::Embedded)) else { return false };
        let constant = |ranges: &[Interval]| ranges.get(column).is_some_and(|range| range.low == range.high);
        let is_constant = constant(lanes) && (!matches!(head.kind, Attention::Cross(_)) || constant(embedded));
        // The scores must stay exact too.
        let magnitude =
            |form: &Form, ranges: &[Interval]| form.terms().map(|(lane, weight)| (ranges[lane.0] * weight).magnitude()).sum::<i128>();
        let old = site.weight(self.model);
        let change = (change.apply(old).to_f64() - old.to_f64()).abs() as i128;
        let product = |(query, key): (&Form, &Form)| magnitude(query, lanes) * (magnitude(key, lanes) + change * lanes[column].magnitude());
        let scores: i128 = head.query.iter().zip(&head.key).map(product).sum();
        is_constant && scores < T::EXACT
    }
}
