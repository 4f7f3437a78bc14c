//! Small arrangements of neurons that machines are made of. All of them are exact on integers only.

use super::{Circuit, Form, Lane};

/// Adds `weight · [x > 0]` to `output`: two neurons, `relu(x) − relu(x − 1)`. `one` is the constant lane.
#[track_caller]
pub fn step(circuit: &mut Circuit, layer: usize, name: &str, one: Lane, x: impl Into<Form>, weight: impl Into<Form>, output: Lane) {
    let (x, weight) = (x.into(), weight.into());
    circuit.neuron(layer, format!("{name} +"), x.clone(), weight.clone(), output);
    circuit.neuron(layer, format!("{name} -"), x - one, weight, -output);
}

/// Adds `value · [x = 0]` to `output`: three neurons, `relu(x + 1) − 2·relu(x) + relu(x − 1)`.
#[track_caller]
pub fn select(circuit: &mut Circuit, layer: usize, name: &str, one: Lane, x: impl Into<Form>, value: impl Into<Form>, output: Lane) {
    let (x, value) = (x.into(), value.into());
    circuit.neuron(layer, format!("{name} below"), x.clone() + one, value.clone(), output);
    circuit.neuron(layer, format!("{name} at"), x.clone(), value.clone(), output * -2);
    circuit.neuron(layer, format!("{name} above"), x - one, value, output);
}
