//! Layers 1 and 2: the depth of the operand stack before the step, and its square.

use super::attention::{ByToken, executed, opcode, writing};
use super::invariant::{Holds, Invariant, LAST};
use super::situation::Situation;
use crate::byte::isa::Op;
use crate::prove::network::{Network, Neuron};
use crate::prove::obligation::Log;
use crate::prove::{Failure, Kind, Method, Refutation};
use crate::transformer::{Attention, Stage};

/// What neurons add to a lane; the lanes that they read are given by `value`.
pub(super) fn added(neurons: &[Neuron], lane: usize, value: impl Fn(usize) -> i64) -> i128 {
    let output = |neuron: &Neuron| match i128::from(neuron.output.weight(lane)) {
        0 => 0,
        weight => weight * neuron.gate.on(&value).max(0) * neuron.value.on(&value),
    };
    neurons.iter().map(output).sum()
}

/// Checks that a layer's neurons read and write only what they may.
pub(super) fn confined(
    invariant: &Invariant,
    layer: usize,
    neurons: &[Neuron],
    reads: impl Fn(&Neuron, Holds) -> bool,
) -> Result<u64, Failure> {
    for neuron in neurons {
        let who = || format!("layer {layer}, neuron {}", neuron.index);
        if let Some((lane, _)) = neuron.output.terms().find(|(lane, _)| !invariant.holds(*lane).set_by().contains(&Stage::Ffn(layer))) {
            return Err(Failure::new(format!("{} writes the lane {}, which the layer must not", who(), invariant.name(lane))));
        }
        invariant.reads_only(&neuron.gate, who, |holds| reads(neuron, holds))?;
        invariant.reads_only(&neuron.value, who, |holds| reads(neuron, holds))?;
    }
    Ok(neurons.len() as u64)
}

/// Discharges the obligations of layers 1 and 2, and that layers 0 and 3 have no neurons and layer 2 no
/// heads.
pub(super) fn prove(log: &mut Log, invariant: &Invariant, network: &Network, lanes: &ByToken) -> Result<(), Box<Refutation>> {
    let depth = invariant.lane(Holds::Depth);
    let statement = "the sum over all rows so far is that of pushes minus pops of their instructions, which is the depth after the step";
    let delta = |op: Option<Op>| op.map_or(0, |op| op.row().pushes as i64 - op.row().pops as i64);
    log.discharge((Kind::Induction, Method::Enumeration), "layer 1: sum of depths", statement, |tally| {
        let heads = writing(invariant, &network.layers[1].heads, 1, |kind| kind == Attention::Sum)?;
        for op in executed() {
            let mut sum = 0;
            for (index, head) in &heads {
                for (_, dimension, weight) in head.writes() {
                    let value = &head.value[dimension];
                    invariant.reads_only(value, || format!("layer 1, head {index}"), |holds| holds == Holds::Flag)?;
                    sum += i128::from(weight) * value.on(|lane| lanes.of(lane, opcode(op)));
                }
            }
            tally.cases += 1;
            if sum != i128::from(delta(op)) {
                return Err(wrong(op, format!("the summand of {} is {sum} instead of {}", shown(op), delta(op))));
            }
        }
        Ok(())
    })?;
    let statement = "the neurons subtract the summand of the row itself: the lane is the depth before the step";
    log.discharge((Kind::Induction, Method::Enumeration), "layer 1: depth before the step", statement, |tally| {
        let neurons = &network.layers[1].neurons;
        confined(invariant, 1, neurons, |_, holds| matches!(holds, Holds::Flag | Holds::One))?;
        for op in executed() {
            let added = added(neurons, depth, |lane| if invariant.holds(lane) == Holds::One { 1 } else { lanes.of(lane, opcode(op)) });
            tally.cases += 1;
            if added != -i128::from(delta(op)) {
                return Err(wrong(op, format!("of {}, {added} is added to the depth instead of {}", shown(op), -delta(op))));
            }
        }
        Ok(())
    })?;
    let statement = format!("the lane depth_squared is the square of the depth, for all depths 0 to {LAST}");
    log.discharge((Kind::Induction, Method::Enumeration), "layer 2: square of the depth", statement, |tally| {
        let neurons = &network.layers[2].neurons;
        confined(invariant, 2, neurons, |_, holds| matches!(holds, Holds::Depth | Holds::One))?;
        let squared = invariant.lane(Holds::DepthSquared);
        for d in 0..=LAST {
            let added = added(neurons, squared, |lane| if lane == depth { d } else { 1 });
            tally.cases += 1;
            if added != i128::from(d) * i128::from(d) {
                return Err(Failure::at(Situation::Stack { depth: d, found: d }, format!("of the depth {d}, the square is {added}")));
            }
        }
        Ok(())
    })?;
    let statement = "layers 0 and 3 have no neurons that write, and layer 2 has no such heads";
    log.discharge((Kind::Induction, Method::Enumeration), "layers 0, 2 and 3: nothing else", statement, |tally| {
        tally.cases += 1 + writing(invariant, &network.layers[2].heads, 2, |_| false)?.len() as u64;
        for layer in [0, 3] {
            tally.cases += 1 + confined(invariant, layer, &network.layers[layer].neurons, |_, _| false)?;
        }
        Ok(())
    })
}

fn shown(op: Option<Op>) -> String {
    op.map_or("a row that executes nothing".to_string(), |op| op.to_string())
}

fn wrong(op: Option<Op>, reason: String) -> Failure {
    match op {
        Some(op) => Failure::at(Situation::Instruction { op, operand: 0, top: 1, second: 1 }, reason),
        None => Failure::new(reason),
    }
}
