//! Ablation: which heads and neurons each instruction needs.
//!
//! A head or neuron is taken out: the weights by which it writes are set to 0. The traces of programs are
//! then fed in, and each token that the network emits otherwise than it must counts for the instruction that
//! it belongs to. Where no token of an instruction is wrong, the programs do not show that it needs the head
//! or neuron; that it does not need it is not proven.

use std::collections::BTreeMap;

use super::{Tape, Tensor};
use crate::circuit::Circuit;
use crate::transformer::{Model, Number};

/// What is taken out of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A head, by layer and number.
    Head(usize, usize),
    /// A neuron, by layer and number.
    Neuron(usize, usize),
}

impl Unit {
    /// All heads and neurons of a circuit, layer by layer.
    pub fn all(circuit: &Circuit) -> Vec<Unit> {
        let of_layer = |(index, layer): (usize, &crate::circuit::Layer)| {
            let heads = (0..layer.heads.len()).map(move |head| Unit::Head(index, head));
            heads.chain((0..layer.neurons.len()).map(move |neuron| Unit::Neuron(index, neuron))).collect::<Vec<_>>()
        };
        circuit.layers().iter().enumerate().flat_map(of_layer).collect()
    }

    /// Its kind, layer, number and name.
    pub fn describe(self, circuit: &Circuit) -> (&'static str, usize, usize, &str) {
        match self {
            Unit::Head(layer, head) => ("head", layer, head, &circuit.layers()[layer].heads[head].name),
            Unit::Neuron(layer, neuron) => ("neuron", layer, neuron, &circuit.layers()[layer].neurons[neuron].name),
        }
    }

    /// The model without it.
    pub fn out_of<T: Number>(self, model: &Model<T>) -> Model<T> {
        let mut model = model.clone();
        let (tensor, columns) = match self {
            Unit::Head(layer, head) => (Tensor::Output(layer), head * model.config.d_head..(head + 1) * model.config.d_head),
            Unit::Neuron(layer, neuron) => (Tensor::Down(layer), neuron..neuron + 1),
        };
        let matrix = tensor.of_mut(&mut model);
        for (row, column) in (0..matrix.rows()).flat_map(|row| columns.clone().map(move |column| (row, column))) {
            *matrix.get_mut(row, column) = T::default();
        }
        model
    }
}

/// A program's trace, and the instruction that each of its tokens belongs to.
pub struct Exercise<T> {
    /// The trace.
    pub tape: Tape<T>,
    /// The instructions, one for each token that must be emitted.
    pub instructions: Vec<&'static str>,
}

/// How often each instruction was executed, and how many of its tokens a model emits otherwise than it must.
pub fn wrong<T: Number>(model: &Model<T>, exercises: &[Exercise<T>]) -> BTreeMap<&'static str, (usize, usize)> {
    let mut counts = BTreeMap::<&str, (usize, usize)>::new();
    for Exercise { tape, instructions } in exercises {
        for (instruction, is_wrong) in instructions.iter().zip(tape.faults(model)) {
            let (executed, wrong) = counts.entry(instruction).or_default();
            *executed += 1;
            *wrong += usize::from(is_wrong);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::mutate::byte;

    #[test]
    fn an_instruction_needs_its_neuron_and_others_do_not() {
        let circuit = crate::byte::machine::circuit();
        let (model, _) = circuit.compile::<f32>().unwrap();
        let exercises = byte::exercises(&model.config, 100).unwrap();
        assert!(wrong(&model, &exercises).values().all(|(executed, wrong)| *executed > 0 && *wrong == 0));
        let units = Unit::all(&circuit);
        let sum = units.iter().find(|unit| matches!(unit.describe(&circuit), ("neuron", 4, _, "sum"))).unwrap();
        let counts = wrong(&sum.out_of(&model), &exercises);
        assert!(counts["i32.add"].1 > 0 && counts["i32.const"].1 == 0 && counts["i32.sub"].1 == 0, "{counts:?}");
    }
}
