//! Each instruction's token, for everything that it can be given.

use std::collections::{BTreeMap, BTreeSet};

use super::attention::{EXACT, executed};
use super::depth::confined;
use super::invariant::Holds;
use super::neurons::{Open, may_read, open};
use super::places::{writes_cell, writes_local};
use super::ranges::Ranges;
use super::result::{Seen, Tokens, Wrapping, is_wrap};
use super::selection;
use super::situation::Situation;
use super::spec::{Specification, reads_a_place, tops};
use crate::byte::isa::{Immediate, Op};
use crate::byte::trace::Token;
use crate::prove::obligation::{Log, Tally};
use crate::prove::{Failure, Kind, Method, Refutation};

/// The layer that adds what an instruction reads from a local, a cell or a file.
fn reading_layer(op: Op) -> Option<usize> {
    match op {
        Op::LocalGet => Some(5),
        Op::I32Load => Some(6),
        Op::FdRead => Some(7),
        _ => None,
    }
}

/// What is known of an instruction: the neurons that it opens, in layers 4 to 7.
type Opened = BTreeMap<Op, [Vec<Open>; 4]>;

/// Discharges the obligations of all instructions. Gives what the result was seen to hold.
pub(super) fn prove(log: &mut Log, ranges: Ranges<'_>, specification: &Specification) -> Result<Seen, Box<Refutation>> {
    let Ranges { invariant, network, lanes, .. } = ranges;
    let statement =
        "neurons of layers 4 to 7 read and write only what the invariant gives them; logits read the result, flags and the fault";
    log.discharge((Kind::Induction, Method::Enumeration), "layers 4 to 7: lanes read and written", statement, |tally| {
        let result = invariant.lane(Holds::Result);
        for layer in 4..=7 {
            let neurons = &network.layers[layer].neurons;
            tally.cases += confined(invariant, layer, neurons, |neuron, holds| {
                let writes_result = neuron.output.weight(result) != 0;
                let is_wrap = layer > 4 && is_wrap(invariant, neuron);
                is_wrap || (layer == 4 && !writes_result) || (neuron.output.0.len() == 1 && writes_result && may_read(layer, holds))
            })?;
        }
        for (token, logit) in network.logits.iter().enumerate() {
            let allowed = |holds| matches!(holds, Holds::Result | Holds::Flag | Holds::Fault | Holds::One);
            invariant.reads_only(logit, || format!("the logit of token {token}"), allowed)?;
            tally.cases += 1;
        }
        Ok(())
    })?;
    let opened = independence(log, ranges)?;

    let statement = "layers 5 to 7 wrap every result of two bytes, by quotients of 4096 and 256, within the exact integers";
    let mut wrapping = log.discharge((Kind::Computation, Method::Enumeration), "wrap-around", statement, |tally| {
        let wrapping = Wrapping::of(invariant, network)?;
        tally.cases += wrapping.cases();
        Ok(wrapping)
    })?;
    let mut results: BTreeMap<Op, BTreeSet<i64>> = BTreeMap::new();
    for (op, opened) in &opened {
        let mut tokens = Tokens::of(invariant, network, lanes, *op, false);
        let statement = statement_of(*op);
        let ends = log.discharge((Kind::Computation, Method::Enumeration), op.to_string(), statement, |tally| {
            let mut end = Ends { op: *op, wrapping: &mut wrapping, tokens: &mut tokens, ends: BTreeSet::new() };
            match op {
                Op::LocalGet => selection::place(ranges, &mut end, &opened[1], &ranges.found.local[1], writes_local, tally)?,
                Op::I32Load => selection::place(ranges, &mut end, &opened[2], &ranges.found.cell[1], writes_cell, tally)?,
                Op::FdRead => selection::files(&mut end, &opened[3], tally)?,
                _ => operands(&mut end, &opened[0], specification, tally)?,
            }
            Ok(end.ends)
        })?;
        results.insert(*op, ends);
    }
    let statement = "if the host says so, the token is trap, whatever the instruction and its result";
    log.discharge((Kind::Computation, Method::Enumeration), "traps", statement, |tally| {
        for (op, ends) in &results {
            let mut tokens = Tokens::of(invariant, network, lanes, *op, true);
            for result in ends {
                tally.cases += 1;
                let token = tokens.token(*result);
                if token != Token::Trap.id() {
                    let situation = Situation::Trap { op: *op };
                    return Err(Failure::at(situation, format!("where {op} must trap and its result is {result}, the token is {token}")));
                }
            }
        }
        Ok(())
    })?;
    Ok(wrapping.seen)
}

fn statement_of(op: Op) -> String {
    match op {
        Op::LocalGet => "for every local and every row that can be found: the value if the row wrote the local, else 0".to_string(),
        Op::I32Load => "for every address and every row that can be found: the value if the row wrote the cell, else 0".to_string(),
        Op::FdRead => "for every descriptor and all bytes at the files' offsets: the byte of the descriptor's file".to_string(),
        _ => format!("for all operands, the token is the reference VM's: {}", op.row().meaning),
    }
}

/// For each instruction: what it does not use cannot change its token.
fn independence(log: &mut Log, ranges: Ranges<'_>) -> Result<Opened, Box<Refutation>> {
    let mut opened = Opened::new();
    for op in executed() {
        let name = op.map_or("rows that execute nothing".to_string(), |op| op.to_string());
        let statement = "all neurons that write the result are shut by their gate or have the value 0, whatever all other lanes hold, but those \
                         of the instruction's own operands";
        let of_op = log.discharge((Kind::Independence, Method::Intervals), format!("{name}: independence"), statement, |tally| {
            let mut of_layers: [Vec<Open>; 4] = Default::default();
            for (open_neurons, layer) in of_layers.iter_mut().zip(4..) {
                let (open, shut) = open(ranges, layer, op)?;
                tally.cases += shut;
                let is_used = op.is_some_and(|op| reading_layer(op).unwrap_or(4) == layer);
                if let (Some(open), Some(op), false) = (open.first(), op, is_used) {
                    let situation = Situation::Instruction { op, operand: 1, top: 2, second: 3 };
                    return Err(Failure::at(situation, format!("layer {layer}, neuron {} is not shut by {op}", open.index)));
                }
                *open_neurons = open;
            }
            Ok(of_layers)
        })?;
        if let Some(op) = op {
            opened.insert(op, of_op);
        }
    }
    Ok(opened)
}

/// The end of an instruction's computation.
pub(super) struct Ends<'a> {
    pub op: Op,
    wrapping: &'a mut Wrapping,
    tokens: &'a mut Tokens,
    /// The results after layer 7.
    ends: BTreeSet<i64>,
}

impl Ends<'_> {
    /// The token, if the result is this after layer 4 and these numbers are added to it in layers 5 to 7.
    pub fn token(&mut self, result: i128, added: [i128; 3]) -> Result<usize, Failure> {
        if result.abs() >= EXACT || added.iter().any(|added| added.abs() >= EXACT) {
            let situation = Situation::Instruction { op: self.op, operand: 255, top: 255, second: 255 };
            return Err(Failure::at(situation, format!("a result of {} leaves the exact integers", self.op)));
        }
        let end = self.wrapping.end(result as i64, added.map(|added| added as i64))?;
        self.ends.insert(end);
        Ok(self.tokens.token(end))
    }
}

/// An instruction whose token depends on its operands alone.
fn operands(ends: &mut Ends<'_>, open: &[Open], specification: &Specification, tally: &mut Tally) -> Result<(), Failure> {
    let op = ends.op;
    debug_assert!(!reads_a_place(op));
    let row = op.row();
    let any = |reads: fn(&super::neurons::Given) -> bool| open.iter().any(|open| reads(&open.gate) || reads(&open.value));
    let all_or_one = |all: bool, end: i64| 0..if all { end } else { 1 };
    let is_read = any(|given| given.operand != 0) && row.immediate != Immediate::None;
    let operands = all_or_one(is_read || row.immediate == Immediate::Value, 256);
    let tops = if row.pops >= 1 { tops(op) } else { all_or_one(any(super::neurons::Given::reads_top), 256) };
    let seconds = all_or_one(row.pops >= 2 || any(super::neurons::Given::reads_second), 256);
    for operand in operands {
        for top in tops.clone() {
            for second in seconds.clone() {
                let output = |open: &Open| {
                    let gate = open.gate.on(top as usize, second as usize, operand);
                    if gate <= 0 {
                        return 0;
                    }
                    let value = open.value.on(top as usize, second as usize, operand);
                    i128::from(gate) * i128::from(value) * i128::from(open.weight)
                };
                let result = open.iter().map(output).sum();
                let token = ends.token(result, [0; 3])?;
                tally.cases += 1;
                let [operand, top, second] = [operand, top, second].map(|byte| byte as u8);
                let wanted = specification.token(op, operand, top, second).map(Token::id);
                if wanted != Some(token) {
                    let situation = Situation::Instruction { op, operand, top, second };
                    let reason = format!("{situation}: the token is {} instead of {}", name(Some(token)), name(wanted));
                    return Err(Failure::at(situation, reason));
                }
            }
        }
    }
    Ok(())
}

/// A token as reports show it.
pub(super) fn name(token: Option<usize>) -> String {
    token.and_then(Token::from_id).map_or("none".to_string(), |token| token.to_string())
}
