//! An instruction in a phase: the layers after the operands have been found.

use std::collections::BTreeSet;

use super::bits::Bits;
use super::expr::Expr;
use super::families::Logits;
use super::fetch::{self, Finds, Latest, Role, any_latest};
use super::forward::pass;
use super::machine::{Machine, Phase};
use super::operands::Found;
use super::region::{Byte, Region};
use super::symbols::Symbols;
use super::value::{EMITTED, HALVES_EMITTED, VALUE, moved};
use crate::full::listing::operation::Operation;
use crate::full::program::limits::{MAX_PAGES, PAGE};
use crate::prove::Failure;
use crate::prove::network::{Linear, Neuron};

/// What is proved of the heads before any instruction.
pub(super) struct Heads {
    /// Per group of layer 1.
    pub roles: Vec<Role>,
    /// Per group of layer 2.
    pub found: Vec<Found>,
    /// Per group of layer 3.
    pub bits: Vec<Bits>,
    /// Per group of layer 4: the residue modulo 4 of the addresses that it finds.
    pub families: Vec<usize>,
}

/// The bytes of the operands: byte k of top is byte k, and so on.
pub(super) const OPERANDS: [Byte; 4] = [0, 8, 16, 40];

/// An instruction in a phase.
pub(super) struct Site<'n> {
    machine: &'n Machine<'n>,
    heads: &'n Heads,
    /// The lanes before the neurons of layer 2.
    start: Vec<Expr>,
    /// The neurons that count, from layer 2 on.
    neurons: Vec<Vec<&'n Neuron>>,
    /// The lanes that count after the attention of layers 3 and 4.
    needed: [BTreeSet<usize>; 2],
    /// The number of neurons that are shut whatever the lanes hold.
    pub shut: u64,
}

/// What heads of layer 4 find in memory: the byte, and its number.
pub(super) fn in_memory(symbols: &mut Symbols, group: usize) -> [Expr; 2] {
    let byte = symbols.free(format!("byte found by group {group}"), 0, 255);
    [byte, symbols.free(format!("number found by group {group}"), 0, (MAX_PAGES * PAGE).into())]
}

/// The memory's length in pages.
pub(super) fn pages(symbols: &mut Symbols) -> Expr {
    symbols.free("pages", 0, MAX_PAGES.into())
}

impl<'n> Site<'n> {
    pub fn new(
        machine: &'n Machine<'n>,
        symbols: &mut Symbols,
        heads: &'n Heads,
        logits: &[Logits],
        operation: Operation,
        phase: Phase,
    ) -> Result<Site<'n>, Failure> {
        let own = machine.row(symbols, phase)?;
        let most = if matches!(phase, Phase::Middle(_)) { EMITTED } else { [0; 2] };
        let mut site = Site::whole(machine, symbols, heads, machine.opcode(operation), own, Some(most))?;
        let (_, open) = site.lanes(symbols, &Region::default(), None)?;
        let count = |neurons: &[Vec<&Neuron>]| neurons.iter().map(|layer| layer.len() as u64).sum::<u64>();
        site.shut = count(&site.neurons) - count(&open);
        site.keep(open, logits.iter().flat_map(Logits::lanes).collect());
        Ok(site)
    }

    /// The same with the neurons only that these forms of the lanes before the attention of layer 4 depend
    /// on.
    pub fn before(mut self, symbols: &mut Symbols, forms: &[&Linear]) -> Result<Site<'n>, Failure> {
        let read: BTreeSet<usize> = forms.iter().flat_map(|form| form.terms().map(|(lane, _)| lane)).collect();
        self.neurons.truncate(2);
        self.keep(self.neurons.clone(), read.clone());
        let (_, open) = self.lanes(symbols, &Region::default(), None)?;
        self.keep(open, read);
        Ok(self)
    }

    /// A row with these lanes of its own, of the instruction of an opcode, with all neurons. `emitted`: the
    /// maximum that each half emitted holds, where that is known.
    pub fn whole(
        machine: &'n Machine<'n>,
        symbols: &mut Symbols,
        heads: &'n Heads,
        opcode: usize,
        own: Vec<Expr>,
        emitted: Option<[i128; 2]>,
    ) -> Result<Site<'n>, Failure> {
        let region = Region::default();
        let latest: Vec<Latest> = (1..8).map(|place| any_latest(machine, symbols, place, 0)).collect();
        let opcode = machine.own(opcode);
        let finds = Finds { opcode: Some(&opcode), ..Finds::of_run(&latest) };
        let mut start = fetch::row(machine, symbols, &region, &heads.roles, own, &finds)?;
        // What has been emitted was shown for every shape of a value.
        for (name, most) in HALVES_EMITTED.into_iter().zip(emitted.into_iter().flatten()) {
            start[machine.lane(name)?] = symbols.free(name, 0, most);
        }
        for (group, found) in machine.groups[2].iter().zip(&heads.found) {
            for (position, head) in group.heads.iter().enumerate() {
                for (lane, dimension, weight) in machine.network.layers[2].heads[*head].writes() {
                    let value = match found {
                        Found::Pages => pages(symbols),
                        // Where there is no addend, all of its bytes are 0.
                        Found::Operand(which, retrieved) => {
                            moved(symbols, &retrieved[position][dimension], |byte| Ok(byte - VALUE + OPERANDS[*which]))
                        }
                    };
                    start[lane] = symbols.normal(&region, &start[lane].plus(&value.times(weight.into())));
                }
            }
        }
        Ok(Site::from(machine, heads, start))
    }

    /// A row that holds these lanes before the neurons of layer 2, with all neurons.
    fn from(machine: &'n Machine<'n>, heads: &'n Heads, start: Vec<Expr>) -> Site<'n> {
        let all = machine.network.layers[2..].iter().map(|layer| layer.neurons.iter().collect()).collect();
        let everything: BTreeSet<usize> = (0..machine.network.d_model).collect();
        Site { machine, heads, start, neurons: all, needed: [everything.clone(), everything], shut: 0 }
    }

    /// A row of the listing. No row of the listing writes a slot, so that all rows up to it have the number 0
    /// for the heads that find operands: each finds itself.
    pub fn of_listing(machine: &'n Machine<'n>, symbols: &mut Symbols, heads: &'n Heads, own: Vec<Expr>) -> Result<Site<'n>, Failure> {
        let region = Region::default();
        let marks = fetch::marks(machine, symbols);
        let finds = Finds { listed: true, ..Finds::of_run(&marks) };
        let found = fetch::row(machine, symbols, &region, &heads.roles, own, &finds)?;
        let mut start = found.clone();
        for (group, of) in machine.groups[2].iter().zip(&heads.found) {
            for head in &group.heads {
                let head = &machine.network.layers[2].heads[*head];
                for (lane, dimension, weight) in head.writes() {
                    let value = match of {
                        Found::Pages => pages(symbols),
                        Found::Operand(..) => Expr::of(&head.value[dimension], &found),
                    };
                    start[lane] = symbols.normal(&region, &start[lane].plus(&value.times(weight.into())));
                }
            }
        }
        Ok(Site::from(machine, heads, start))
    }

    /// Keeps of the neurons and the lanes those that the lanes needed at the end depend on.
    fn keep(&mut self, open: Vec<Vec<&'n Neuron>>, mut needed: BTreeSet<usize>) {
        self.neurons = open;
        for index in (0..self.neurons.len()).rev() {
            self.neurons[index].retain(|neuron| neuron.output.terms().any(|(lane, _)| needed.contains(&lane)));
            for neuron in &self.neurons[index] {
                needed.extend(neuron.gate.terms().chain(neuron.value.terms()).map(|(lane, _)| lane));
            }
            let layer = index + 2;
            if (3..5).contains(&layer) {
                self.needed[layer - 3] = needed.clone();
                for group in &self.machine.groups[layer] {
                    let heads = &self.machine.network.layers[layer].heads;
                    let writes = |head: &usize| heads[*head].writes().any(|(lane, ..)| needed.contains(&lane));
                    if group.heads.iter().any(writes) {
                        needed.extend(group.query.iter().flat_map(|form| form.terms().map(|(lane, _)| lane)));
                    }
                }
            }
        }
    }

    /// The lanes before the neurons of layer 2, in a case.
    fn resolved(&self, symbols: &mut Symbols, region: &Region) -> Vec<Expr> {
        let mut lanes = self.start.clone();
        for lane in &mut lanes {
            if symbols.has_gates(lane) {
                *lane = symbols.resolved(region, lane);
            }
        }
        lanes
    }

    /// The lanes at the end, and the neurons that the case does not shut. `emitted`: the upper half that has
    /// been emitted, if it is known.
    pub fn lanes(
        &self,
        symbols: &mut Symbols,
        region: &Region,
        emitted: Option<&Expr>,
    ) -> Result<(Vec<Expr>, Vec<Vec<&'n Neuron>>), Failure> {
        let mut lanes = self.resolved(symbols, region);
        if let Some(emitted) = emitted {
            let [_, name] = HALVES_EMITTED;
            let lane = &mut lanes[self.machine.lane(name)?];
            *lane = lane.minus(&symbols.free(name, 0, EMITTED[1])).plus(emitted);
        }
        let mut open = Vec::new();
        for (index, neurons) in self.neurons.iter().enumerate() {
            let layer = index + 2;
            if layer >= 3 {
                self.attend(symbols, region, layer, &mut lanes)?;
            }
            open.push(pass(symbols, region, neurons.iter().copied(), &mut lanes));
        }
        Ok((lanes, open))
    }

    /// The lanes before the attention of layer 4.
    pub fn before_memory(&self, symbols: &mut Symbols, region: &Region) -> Result<Vec<Expr>, Failure> {
        let mut lanes = self.resolved(symbols, region);
        pass(symbols, region, self.neurons[0].iter().copied(), &mut lanes);
        self.attend(symbols, region, 3, &mut lanes)?;
        pass(symbols, region, self.neurons[1].iter().copied(), &mut lanes);
        Ok(lanes)
    }

    /// The numbers that the groups of layer 4 ask for, with the family of each group.
    pub fn asked_of_memory(&self, symbols: &mut Symbols, region: &Region) -> Result<Vec<(Expr, usize)>, Failure> {
        let lanes = self.before_memory(symbols, region)?;
        let groups = self.machine.groups[4].iter().zip(&self.heads.families);
        groups.map(|(group, family)| Ok((fetch::asked(symbols, region, group.query, &lanes)?, *family))).collect()
    }

    fn attend(&self, symbols: &mut Symbols, region: &Region, layer: usize, lanes: &mut [Expr]) -> Result<(), Failure> {
        let Some(needed) = self.needed.get(layer - 3) else { return Ok(()) };
        let mut added: Vec<(usize, Expr)> = Vec::new();
        for (index, group) in self.machine.groups[layer].iter().enumerate() {
            for (position, head) in group.heads.iter().enumerate() {
                for (lane, dimension, weight) in self.machine.network.layers[layer].heads[*head].writes() {
                    if !needed.contains(&lane) {
                        continue;
                    }
                    let value = if layer == 3 {
                        self.heads.bits[index].value(symbols, region, (position, dimension), lanes)?
                    } else {
                        in_memory(symbols, index).get(dimension).cloned().unwrap_or_default()
                    };
                    added.push((lane, value.times(weight.into())));
                }
            }
        }
        for (lane, value) in added {
            lanes[lane] = symbols.normal(region, &lanes[lane].plus(&value));
        }
        Ok(())
    }
}
