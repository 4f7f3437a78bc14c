//! The neurons of layers 4 to 7 that write the result, as an instruction sees them.

use super::attention::{ByToken, opcode};
use super::invariant::{Holds, Invariant};
use super::ranges::Ranges;
use super::result::is_wrap;
use crate::byte::isa::Op;
use crate::prove::Failure;
use crate::prove::network::{Linear, Neuron};

/// A form over what an instruction is given, with the instruction's flags put in.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub constant: i64,
    /// By the operand on the stack.
    pub top: Vec<i64>,
    pub second: Vec<i64>,
    /// For each unit of the operand byte, and of a tag.
    pub operand: i64,
    pub tag: i64,
    /// For each unit of a value that was retrieved, by lane.
    pub values: Vec<(Holds, i64)>,
}

impl Given {
    fn of(invariant: &Invariant, lanes: &ByToken, op: Op, form: &Linear) -> Result<Given, Failure> {
        let constant = form.on(|lane| match invariant.holds(lane) {
            Holds::One => 1,
            Holds::Flag => lanes.of(lane, opcode(Some(op))),
            _ => 0,
        });
        let constant = i64::try_from(constant).map_err(|_| Failure::new("a gate or value is too large"))?;
        let bits = |bit: fn(usize) -> Holds| {
            let weights: Vec<i64> = (0..8).map(|i| invariant.weight(form, bit(i))).collect();
            (0..256).map(|byte: i64| (0..8).map(|i| weights[i] * (byte >> i & 1)).sum()).collect()
        };
        let values = form.terms().map(|(lane, weight)| (invariant.holds(lane), weight));
        let is_value = |holds| matches!(holds, Holds::LocalValue | Holds::CellValue | Holds::FileByte(_));
        let tag = form.terms().filter(|(lane, _)| matches!(invariant.holds(*lane), Holds::LocalTag | Holds::CellTag));
        Ok(Given {
            constant,
            top: bits(Holds::Top),
            second: bits(Holds::Second),
            operand: invariant.weight(form, Holds::Operand),
            tag: tag.map(|(_, weight)| weight).sum(),
            values: values.filter(|(holds, _)| is_value(*holds)).collect(),
        })
    }

    pub fn reads_top(&self) -> bool {
        self.top.iter().any(|weight| *weight != 0)
    }

    pub fn reads_second(&self) -> bool {
        self.second.iter().any(|weight| *weight != 0)
    }

    /// The form on operands.
    pub fn on(&self, top: usize, second: usize, operand: i64) -> i64 {
        self.constant + self.top[top] + self.second[second] + self.operand * operand
    }
}

/// A neuron that an instruction does not shut.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub index: usize,
    pub gate: Given,
    pub value: Given,
    /// The weight of the neuron's output in the result.
    pub weight: i64,
}

/// What each layer lets its neurons read that write the result and do not belong to the wrap-around.
pub(super) fn may_read(layer: usize, holds: Holds) -> bool {
    let is_given = matches!(holds, Holds::One | Holds::Flag | Holds::Operand | Holds::Top(_));
    is_given
        || match layer {
            4 => matches!(holds, Holds::Second(_)),
            5 => matches!(holds, Holds::LocalTag | Holds::LocalValue),
            6 => matches!(holds, Holds::CellTag | Holds::CellValue),
            _ => matches!(holds, Holds::FileByte(_)),
        }
}

/// The neurons of a layer that write the result and do not belong to the wrap-around.
pub(super) fn of_result<'n>(invariant: &'n Invariant, layer: usize, neurons: &'n [Neuron]) -> impl Iterator<Item = &'n Neuron> {
    let result = invariant.lane(Holds::Result);
    neurons.iter().filter(move |neuron| neuron.output.weight(result) != 0 && (layer == 4 || !is_wrap(invariant, neuron)))
}

/// The neurons of a layer that an instruction does not shut, and the number of those that it shuts: their
/// gate cannot be above 0, or their value is 0, whatever the other lanes hold.
pub(super) fn open(ranges: Ranges<'_>, layer: usize, op: Option<Op>) -> Result<(Vec<Open>, u64), Failure> {
    let Ranges { invariant, network, lanes, .. } = ranges;
    let held = ranges.of(op);
    let result = invariant.lane(Holds::Result);
    let mut open = Vec::new();
    let mut shut = 0;
    for neuron in of_result(invariant, layer, &network.layers[layer].neurons) {
        let value = neuron.value.range(&held);
        if neuron.gate.range(&held).high <= 0 || (value.low, value.high) == (0, 0) {
            shut += 1;
            continue;
        }
        let Some(op) = op else {
            return Err(Failure::new(format!("layer {layer}, neuron {} is not shut in rows that execute nothing", neuron.index)));
        };
        let given = |form: &Linear| Given::of(invariant, lanes, op, form);
        let (gate, value) = (given(&neuron.gate)?, given(&neuron.value)?);
        open.push(Open { index: neuron.index, gate, value, weight: neuron.output.weight(result) });
    }
    Ok((open, shut))
}
