//! The proof of the full machine's weights.

mod agree;
mod arguments;
mod bits;
mod check;
pub mod claims;
mod control;
mod expr;
mod families;
mod fetch;
mod forward;
mod given;
mod instruction;
mod machine;
mod memory;
pub mod mutants;
mod normal;
mod operands;
mod region;
mod site;
mod spec;
mod symbols;
mod tokens;
mod value;

use std::collections::BTreeMap;

use thiserror::Error;

use super::network::{Layer, Network};
use super::obligation::{Job, Log, Proof, Refutation, Tally};
use super::{Failure, Kind, Method};
use crate::full::listing::operation::Operation;
use crate::transformer::{Attention, Model};
use fetch::Role;
use machine::Machine;
use operands::Found;
use site::Heads;
use symbols::Symbols;

/// Why weights are none that the proof is about.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the weights are not the full machine's: {0}")]
pub struct NotFull(String);

/// Proves the weights of a full machine.
///
/// # Errors
/// If the config is not a full machine's. Weights that cannot be proved give a proof with a refutation.
pub fn prove(model: &Model<f64>) -> Result<Proof, NotFull> {
    prove_some(model, |_| true)
}

/// The same, with the computation of some operations only: the others are claimed of no instruction.
///
/// # Errors
/// If the config is not a full machine's.
pub fn prove_some(model: &Model<f64>, is_wanted: impl Fn(Operation) -> bool) -> Result<Proof, NotFull> {
    let config = &model.config;
    if config.machine != crate::full::machine::NAME {
        return Err(NotFull(format!("they are of the machine {:?}", config.machine)));
    }
    let mut log = Log::default();
    let mut proved = Proved::new();
    let refutation = match Network::of(model) {
        Err(error) => Some(Refutation::not_exact(&error, "f64")),
        Ok(network) => discharge(&mut log, &Machine::new(&network, config), is_wanted, &mut proved).err(),
    };
    Ok(Proof {
        machine: crate::full::machine::NAME,
        theorem: arguments::THEOREM,
        assumptions: arguments::ASSUMPTIONS,
        obligations: log.obligations,
        claims: claims::claims(&proved),
        refutation: refutation.map(|refutation| *refutation),
    })
}

/// What is known of the operations whose tokens are proved.
type Proved = BTreeMap<Operation, u64>;

fn discharge(
    log: &mut Log,
    machine: &Machine<'_>,
    is_wanted: impl Fn(Operation) -> bool,
    proved: &mut Proved,
) -> Result<(), Box<Refutation>> {
    let shape = "six layers; a vocabulary of the listing's and the run's tokens; the first layer alone sums up";
    log.discharge((Kind::Induction, Method::Enumeration), "shape", shape, |tally| {
        let (layers, tokens, wanted) = (machine.network.layers.len(), machine.network.tokens.len(), machine.vocabulary.size());
        tally.cases = 1;
        let sums = |layer: &Layer| layer.heads.iter().any(|head| head.kind == Attention::Sum && head.writes().next().is_some());
        if machine.network.layers.iter().skip(1).any(sums) {
            return Err(Failure::new("a layer but the first one sums up"));
        }
        if layers != 6 || tokens != wanted || !machine.groups[5].is_empty() {
            return Err(Failure::new(format!(
                "there are {layers} layers and {tokens} tokens instead of 6 and {wanted}, or heads in the last"
            )));
        }
        Ok(())
    })?;
    let statement = "each token adds to pc, frame, call depth, position, and the sums of the listing what its step or its place says; its place \
                     in a value and the high digit of a jump are in lanes of their own";
    log.discharge((Kind::Induction, Method::Enumeration), "the tokens' changes", statement, |tally| tokens::changes(machine, tally))?;
    let statement = "in each family of tokens the logit is p + q·b + r·(b² + b) of the token's number b; tokens of listings have none";
    let logits =
        log.discharge((Kind::Computation, Method::Enumeration), "the unembedding", statement, |tally| families::logits(machine, tally))?;

    let mut symbols = Symbols::default();
    let heads = heads(log, machine, &mut symbols)?;
    let all = Operation::all().iter().copied().filter(|operation| is_wanted(*operation));
    let stated: Vec<Operation> = all.filter(|operation| instruction::is_stated(&symbols, *operation)).collect();

    let (symbols, heads, logits) = (&symbols, &heads, &logits[..]);
    let sampled = |operation: &Operation| -> Job<'_, ()> {
        let operation = *operation;
        let statement = "what is stated of the instruction is what the reference VM does, on corners and random operands: a test";
        let check = Box::new(move |tally: &mut Tally| agree::agrees(&mut symbols.clone(), operation, tally));
        (format!("{operation}: the reference VM"), statement.to_string(), check)
    };
    let is_sampled = |operation: &&Operation| agree::is_sampled(**operation).is_some();
    log.discharge_all((Kind::Computation, Method::Samples), stated.iter().filter(is_sampled).map(sampled).collect())?;

    let computed = |operation: &Operation| -> Job<'_, u64> {
        let operation = *operation;
        let check = Box::new(move |tally: &mut Tally| instruction::computation(machine, symbols.clone(), heads, logits, operation, tally));
        (operation.to_string(), instruction::statement(operation).to_string(), check)
    };
    let shut = log.discharge_all((Kind::Computation, Method::Cases), stated.iter().map(computed).collect())?;
    for (operation, shut) in stated.iter().zip(shut) {
        let cases = log.obligations.iter().filter(|obligation| obligation.name == operation.to_string()).map(|obligation| obligation.cases);
        proved.insert(*operation, cases.sum());
        let statement = "these neurons are shut or 0 in all phases, whatever the lanes hold; what the others read is in the cases of the \
                         computation, and every number there that is not fixed by the instruction is free";
        log.discharge((Kind::Independence, Method::Intervals), format!("{operation}: independence"), statement, |tally| {
            tally.cases = shut;
            Ok(())
        })?;
    }
    arguments::ARGUMENTS.iter().for_each(|(name, text)| log.argue(Kind::Induction, name, text));
    Ok(())
}

/// Discharges the obligations of all heads, and of values.
fn heads(log: &mut Log, machine: &Machine<'_>, symbols: &mut Symbols) -> Result<Heads, Box<Refutation>> {
    let named = |layer: usize, index: usize| {
        let heads = &machine.groups[layer][index].heads;
        let numbers = heads.iter().map(|head| head.to_string()).collect::<Vec<_>>().join(", ");
        format!("layer {layer}, {} {numbers}", if heads.len() == 1 { "head" } else { "heads" })
    };
    let retrieval = |method| (Kind::Retrieval, method);
    for (index, group) in machine.groups[0].iter().enumerate() {
        let statement = "the score is y² − (x − y)²; x is y in the tokens of calls, and nowhere else; the number of slots is retrieved";
        log.discharge(retrieval(Method::Symbolic), named(0, index), statement, |tally| fetch::latest_call(machine, symbols, group, tally))?;
    }
    let mut roles: Vec<Role> = Vec::new();
    for (index, group) in machine.groups[1].iter().enumerate() {
        let statement = "the score is y² − (x − y)²; x and y are those of the opcode at pc, pc − 1 or pc − 2, of the call that made the \
                         frame, or of the latest byte at a place: for all tokens, in all phases";
        roles.push(
            log.discharge(retrieval(Method::Symbolic), named(1, index), statement, |tally| fetch::role(machine, symbols, group, tally))?,
        );
    }
    let mut found: Vec<Found> = Vec::new();
    for (index, group) in machine.groups[2].iter().enumerate() {
        let statement = "the score is y² − (x − y)²; x is the slot that the instruction before wrote, in rows that end a value, else 0; y \
                         is the slot of the same operand in all instructions; what is retrieved is the same function of the value's bytes \
                         in all shapes. Or x is 1 in rows that set the memory's length, else 0, and y is 1";
        found.push(log.discharge(retrieval(Method::Symbolic), named(2, index), statement, |tally| {
            operands::found(machine, symbols, &roles, group, tally)
        })?);
    }
    let statement = "in the middle of a value, of whatever shape, the bytes emitted and those above them are in the lanes of what has been \
                     emitted; elsewhere these are 0";
    log.discharge((Kind::Induction, Method::Symbolic), "what has been emitted", statement, |tally| {
        value::emitted(machine, symbols, &roles, tally)?;
        value::nothing_emitted(machine, symbols, &roles, tally)
    })?;
    let mut bits = Vec::new();
    for (index, group) in machine.groups[3].iter().enumerate() {
        let statement = "the score is y² − (x − y)²; x is the token's byte plus 1, else 0, and the values are a function of the byte. Or x is \
                         the number of an element of the table";
        bits.push(
            log.discharge(retrieval(Method::Enumeration), named(3, index), statement, |tally| bits::bits(machine, symbols, group, tally))?,
        );
    }
    let mut heads = Heads { roles, found, bits, families: Vec::new() };
    let statement = "rows of operations that store nothing, before the attention of layer 4, whatever their operands";
    let others = log.discharge((Kind::Induction, Method::Intervals), "rows that store nothing", statement, |tally| {
        let others = memory::others(machine, symbols, &heads)?;
        tally.cases += others.len() as u64;
        Ok(others)
    })?;
    for index in 0..machine.groups[4].len() {
        let statement = "the score is y² − (x − y)²; x is the number of the byte that the row stores in the family, if the store does not \
                         trap, or of a byte of the listing's data, else 0; the value is that byte";
        let family = log.discharge(retrieval(Method::Cases), named(4, index), statement, |tally| {
            memory::keys(machine, symbols, &heads, &others, index, tally)
        })?;
        heads.families.push(family);
    }
    Ok(heads)
}
