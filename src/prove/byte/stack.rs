//! Layers 3 and 4: operands found by depth, and the place that the previous step wrote.

use super::attention::{ByToken, opcode, previous, retrieved, writing};
use super::depth::{added, confined};
use super::fetch::{Part, by_index};
use super::invariant::{BYTE, Holds, Invariant, LAST};
use super::situation::Situation;
use crate::byte::isa::Op;
use crate::prove::network::{Head, Linear, Network};
use crate::prove::obligation::{Log, Tally};
use crate::prove::retrieval::{Class, Dimension, Role, Wrong, check};
use crate::prove::{Failure, Kind, Method, Refutation};
use crate::transformer::Attention;

/// Which value of the operand stack a head finds, by its height relative to the depth.
fn height(holds: Holds) -> Option<(i64, &'static str)> {
    match holds {
        Holds::Top(_) => Some((0, "the stack's top")),
        Holds::Second(_) => Some((-1, "the value below the top")),
        Holds::Base => Some((1, "the address that the previous step popped, if it was a store")),
        _ => None,
    }
}

/// The part of a key that depends on the previous instruction of the row.
pub(super) fn mark(invariant: &Invariant, lanes: &ByToken, key: &Linear, op: Option<Op>) -> i64 {
    let mark = key.on(|lane| match invariant.holds(lane) {
        Holds::One => 1,
        Holds::Previous => lanes.of(lane, opcode(op)),
        _ => 0,
    });
    i64::try_from(mark).unwrap_or(i64::MAX)
}

/// What a row is called whose previous instruction is this.
pub(super) fn after(op: Option<Op>) -> String {
    op.map_or("a row before the first step".to_string(), |op| format!("a row after {op}"))
}

/// Checks that a head finds the latest row whose token was pushed at a height.
fn by_depth(invariant: &Invariant, lanes: &ByToken, head: &Head, shift: i64, tally: &mut Tally) -> Result<(), Failure> {
    for (query, key) in head.query.iter().zip(&head.key) {
        invariant.reads_only(query, || "the query".to_string(), |holds| matches!(holds, Holds::Depth | Holds::One))?;
        let allowed = |holds| matches!(holds, Holds::Depth | Holds::DepthSquared | Holds::Previous | Holds::One);
        invariant.reads_only(key, || "the key".to_string(), allowed)?;
    }
    // The wanted height is y = depth + shift.
    let dimension = |(query, key): (&Linear, &Linear)| {
        let slope = invariant.weight(query, Holds::Depth);
        Dimension {
            quadratic: invariant.weight(key, Holds::DepthSquared),
            linear: invariant.weight(key, Holds::Depth),
            slope,
            constant: invariant.weight(query, Holds::One) - slope * shift,
        }
    };
    let dimensions: Vec<Dimension> = head.query.iter().zip(&head.key).map(dimension).collect();
    let class = |op: Option<Op>| Class {
        name: after(op),
        mark: head.key.iter().map(|key| mark(invariant, lanes, key, op)).collect(),
        numbers: (0, LAST),
        role: match op {
            // They push the very value that they pop: the row that pushed it before has the same depth and
            // byte.
            Some(Op::LocalTee | Op::FdOpen) => Role::Repeats,
            Some(op) if op.row().pushes == 1 => Role::Wanted,
            _ => Role::Other,
        },
    };
    let classes: Vec<Class> = previous().map(class).collect();
    check(&dimensions, (1, LAST), &classes, tally).map_err(|Wrong { wanted, number, class }| {
        let situation = Situation::Stack { depth: wanted, found: number };
        Failure::at(situation, format!("for the height {wanted}, {class} of depth {number} can win"))
    })
}

/// Discharges the obligations of layer 3, and of layer 4 up to the place that the previous step wrote.
pub(super) fn prove(log: &mut Log, invariant: &Invariant, network: &Network, lanes: &ByToken) -> Result<(), Box<Refutation>> {
    for layer in [3, 4] {
        let heads = &network.layers[layer].heads;
        let statement = format!("the heads of layer {layer} write only what its attention sets; each head's lanes are of one row");
        let writing =
            log.discharge((Kind::Induction, Method::Enumeration), format!("layer {layer}: lanes written"), statement, |tally| {
                let writing = writing(invariant, heads, layer, |kind| kind == Attention::HardMax)?;
                tally.cases += writing.len() as u64;
                Ok(writing)
            })?;
        for (index, head) in &writing {
            let targets: Vec<_> = head.writes().map(|(lane, ..)| height(invariant.holds(lane))).collect();
            let statement = match targets[0] {
                Some((_, what)) => {
                    format!("it chooses the latest row that pushed at the height of {what}, or a row that repeats that push")
                }
                None => "it chooses the operand row of the previous instruction, if that wrote a local or a cell".to_string(),
            };
            log.discharge((Kind::Retrieval, Method::Enumeration), format!("layer {layer}, head {index}"), statement, |tally| {
                if targets.iter().any(|target| *target != targets[0]) {
                    return Err(Failure::new("it writes lanes that are of different rows"));
                }
                match targets[0] {
                    Some((shift, _)) => by_depth(invariant, lanes, head, shift, tally),
                    // What writes a local or a cell pops, so it is not the instruction at pc 0.
                    None => by_index(invariant, head, Holds::PreviousPc, Part::Operand, (1, LAST), tally),
                }
            })?;
        }
        let statement =
            format!("each lane that the attention of layer {layer} sets gets that bit, or the number, of the chosen row's byte");
        log.discharge((Kind::Induction, Method::Enumeration), format!("layer {layer}: values"), statement, |tally| {
            for lane in 0..network.d_model {
                let wanted: Box<dyn Fn(u8) -> i64> = match (layer, invariant.holds(lane)) {
                    (3, Holds::Top(bit) | Holds::Second(bit)) => Box::new(move |byte| i64::from(byte >> bit & 1)),
                    (4, Holds::Base | Holds::Written) => Box::new(i64::from),
                    _ => continue,
                };
                let retrieved = retrieved(invariant, &network.tokens, lanes, &writing, lane)?;
                tally.cases += retrieved.expect(invariant.name(lane), wanted)?;
            }
            Ok(())
        })?;
    }
    let statement = "the squares of the operand (256) and of base plus operand (65,536) of the place that the previous step wrote";
    log.discharge((Kind::Induction, Method::Enumeration), "layer 4: squares of places", statement, |tally| {
        let layer = &network.layers[4];
        let is_place = |holds| matches!(holds, Holds::WrittenSquared | Holds::AddressSquared);
        confined(invariant, 4, &layer.neurons, |neuron, holds| {
            let is_of_place = neuron.output.terms().any(|(lane, _)| is_place(invariant.holds(lane)));
            !is_of_place || matches!(holds, Holds::Written | Holds::Base | Holds::One)
        })?;
        let lane = |holds| invariant.lane(holds);
        let [written_lane, base_lane] = [Holds::Written, Holds::Base].map(lane);
        let [squared, address] = [Holds::WrittenSquared, Holds::AddressSquared].map(lane);
        let of = |output: usize, base: i64, written: i64| {
            let value = |lane: usize| match lane {
                lane if lane == written_lane => written,
                lane if lane == base_lane => base,
                _ => 1,
            };
            added(&layer.neurons, output, value)
        };
        for written in 0..=BYTE {
            for base in 0..=BYTE {
                let sum = i128::from(base + written);
                let [square, address] = [of(squared, base, written), of(address, base, written)];
                tally.cases += 1;
                if square != i128::from(written * written) {
                    let situation = Situation::Local { local: written, found: written };
                    return Err(Failure::at(situation, format!("the square of the operand {written} is {square}")));
                }
                if address != sum * sum {
                    let situation = Situation::Cell { base, offset: written, found: (base, written) };
                    return Err(Failure::at(situation, format!("the square of the address {base} + {written} is {address}")));
                }
            }
        }
        Ok(())
    })
}
