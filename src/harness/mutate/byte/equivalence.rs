//! When a changed weight of the byte machine changes nothing: rules that ask for its lanes, heads and neurons
//! by name.

use std::collections::BTreeSet;

use crate::byte::isa::Op;
use crate::byte::profile::{CELLS, FILES};
use crate::byte::trace::Token;
use crate::circuit::{Bounds, Circuit, Form, Lane, Neuron};
use crate::harness::mutate::equivalence::{Class, General, Proof};
use crate::harness::mutate::{Change, Mutant, Site, Tensor};
use crate::transformer::{Model, argmax};

const RAISED_MARK: Class = Class {
    name: "raised mark",
    proof: Proof::Argued,
    reason: "marked rows score higher still; the row sought is marked and an exact match, which no other marked row is, so it stays the best; \
             where none is (an operand not popped, a local never set) the result does not depend on the row found",
};
const OPERAND_MARK: Class = Class {
    name: "mark of operands removed",
    proof: Proof::Argued,
    reason: "an operand's row follows its opcode's, so it wins the tie as the latest; rows of steps have index 0 too, but pc 0 is executed \
             before there are any, and instruction 0 pops nothing, so it writes no local or cell whose operand would be asked for later",
};
const SAME_VALUE_BELOW: Class = Class {
    name: "push of the value popped",
    proof: Proof::Argued,
    reason: "local.tee and fd_open push the very value they pop: the row that pushed it before has the same depth and the same byte",
};
const LOGITS: Class = Class {
    name: "logits with room",
    proof: Proof::Enumerated,
    reason: "for every result 0..=255, with and without halt and fault, the same token has the highest logit (of equal ones the lowest token)",
};
const MULTIPLE_OF_256: Class = Class {
    name: "off by a multiple of 256",
    proof: Proof::Enumerated,
    reason: "for all 65,536 operand pairs the result before the wrap-around changes by a multiple of 256, and stays within what it can wrap",
};
const SELECTION: Class = Class {
    name: "selection by tag",
    proof: Proof::Enumerated,
    reason: "for every tag that a row can have and every index: the value still counts once where they match and not at all while the flag is off; elsewhere it counts 0 \
             times or fewer, and a result below 0 has the token of 0",
};
const FILE_SELECTION: Class = Class {
    name: "selection by descriptor",
    proof: Proof::Enumerated,
    reason: "for every top 0..=255 without fd_read, and for the descriptors 0..=3 with it (validation lets through no other), each file's byte counts as before",
};

/// Whether a rule holds for a mutant.
type Rule<'a> = fn(&Rules<'a>, Mutant) -> bool;

/// The rules, for one machine.
pub struct Rules<'a> {
    general: General<'a, f32>,
    model: &'a Model<f32>,
    circuit: &'a Circuit,
}

impl<'a> Rules<'a> {
    /// The rules for the compiled byte machine. They ask for its lanes, heads and neurons by name.
    pub fn new(model: &'a Model<f32>, circuit: &'a Circuit, bounds: &'a Bounds) -> Rules<'a> {
        Rules { general: General::new(model, circuit, bounds), model, circuit }
    }

    /// The class that makes a mutant equivalent, if there is one.
    pub fn class(&self, mutant: Mutant) -> Option<Class> {
        let rules: [(Rule<'a>, Class); 7] = [
            (Self::raised_mark, RAISED_MARK),
            (Self::operand_mark, OPERAND_MARK),
            (Self::same_value_below, SAME_VALUE_BELOW),
            (Self::logits, LOGITS),
            (Self::multiple_of_256, MULTIPLE_OF_256),
            (Self::selection, SELECTION),
            (Self::file_selection, FILE_SELECTION),
        ];
        let of_machine = || rules.into_iter().find(|(holds, _)| holds(self, mutant)).map(|(_, class)| class);
        self.general.class(mutant).or_else(of_machine)
    }

    fn lane_is(&self, lane: usize, name: &str) -> bool {
        self.model.config.lane(name) == Some(lane)
    }

    /// A head's name and which of its dimensions, by a row of its projections.
    fn head(&self, layer: usize, slot: usize) -> Option<(&str, usize)> {
        let d_head = self.circuit.budget().d_head;
        self.circuit.layers()[layer].heads.get(slot / d_head).map(|head| (head.name.as_str(), slot % d_head))
    }

    fn new_weight(&self, Mutant { site, change }: Mutant) -> f32 {
        change.apply(site.weight(self.model))
    }

    fn raised_mark(&self, Mutant { site, change }: Mutant) -> bool {
        let Site { tensor, row, column } = site;
        let rises = change == Change::Nudged && site.weight(self.model) > 0.0;
        let is_mark = match tensor {
            Tensor::Key(0) => ["is_opcode", "is_operand"].iter().any(|mark| self.lane_is(column, mark)),
            Tensor::Key(3) => self.lane_is(column, "pushed"),
            Tensor::Key(4) => ["is_operand", "pushed"].iter().any(|mark| self.lane_is(column, mark)),
            Tensor::Key(5) => self.lane_is(column, "wrote"),
            // The mark itself, doubled: it serves nothing but the keys.
            Tensor::Value(0) => self.lane_is(column, "own_pushes"),
            Tensor::Output(0) => self.lane_is(row, "pushed"),
            _ => false,
        };
        rises && is_mark
    }

    fn operand_mark(&self, Mutant { site, change }: Mutant) -> bool {
        let Site { tensor: Tensor::Key(layer), row, column } = site else { return false };
        let sought = matches!(self.head(layer, row), Some(("fetch operand" | "written operand", 1)));
        change == Change::Removed && sought && self.lane_is(column, "is_operand")
    }

    fn same_value_below(&self, Mutant { site, change }: Mutant) -> bool {
        let Site { tensor: Tensor::Embedding, row, column } = site else { return false };
        let op = u8::try_from(row).ok().and_then(Op::from_opcode);
        change != Change::Nudged && matches!(op, Some(Op::LocalTee | Op::FdOpen)) && self.lane_is(column, "own_pushes")
    }

    /// Everything that the unembedding can be given: results with or without the flags.
    fn logits(&self, mutant: Mutant) -> bool {
        let Site { tensor, row, column } = mutant.site;
        // The halt flag goes through the network unchanged, and only the unembedding reads it.
        let on_halts_way = match tensor {
            Tensor::Embedding => self.lane_is(column, "own_halt"),
            Tensor::Value(0) => self.lane_is(column, "own_halt"),
            Tensor::Output(0) => self.lane_is(row, "halt"),
            _ => false,
        };
        let unembedding = match tensor {
            Tensor::Unembedding => mutant.of(self.model).unembedding,
            _ if on_halts_way && !self.is_read_in_layers("halt") => self.model.unembedding.clone(),
            _ => return false,
        };
        let halt = if on_halts_way { self.new_weight(mutant) } else { 1.0 };
        let lane = |name: &str| self.model.config.lane(name);
        let (Some(one), Some(result), Some(halts), Some(fault)) = (lane("one"), lane("result"), lane("halt"), lane("fault")) else {
            return false;
        };
        let token = |number: f32, halting: f32, faulty: f32| {
            let mut lanes = vec![0.0; self.model.config.d_model];
            (lanes[one], lanes[result], lanes[halts], lanes[fault]) = (1.0, number, halting, faulty);
            let mut logits = Vec::new();
            unembedding.apply(&lanes, &mut logits);
            argmax(&logits)
        };
        let bytes = (0..256).all(|byte| token(byte as f32, 0.0, 0.0) == byte && token(byte as f32, 0.0, 1.0) == Token::Trap.id());
        bytes && token(0.0, halt, 0.0) == Token::Halt.id() && token(0.0, halt, 1.0) == Token::Trap.id()
    }

    /// Whether a head or a neuron reads a lane.
    fn is_read_in_layers(&self, name: &str) -> bool {
        let reads = |form: &Form| form.terms().any(|(lane, _)| self.circuit.name(lane) == name);
        self.circuit.layers().iter().any(|layer| {
            let heads = layer.heads.iter().any(|head| [&head.query, &head.key, &head.value].into_iter().flatten().any(reads));
            heads || layer.neurons.iter().any(|neuron| reads(&neuron.gate) || reads(&neuron.value))
        })
    }

    /// A neuron of one flag, whose value is a number made of the bits of both operands.
    fn multiple_of_256(&self, mutant: Mutant) -> bool {
        let Site { tensor: Tensor::NeuronValue(4), row, .. } = mutant.site else { return false };
        let Some(neuron) = self.circuit.layers()[4].neurons.get(row) else { return false };
        let is_difference = neuron.name == "difference" && neuron.gate.terms().count() == 1;
        let (Some(old), Some(new)) = (self.operand_weights(self.model, row), self.operand_weights(&mutant.of(self.model), row)) else {
            return false;
        };
        let value =
            |weights: &[f32; 17], pair: usize| (0..16).map(|bit| weights[bit] * (pair >> bit & 1) as f32).sum::<f32>() + weights[16];
        let wraps = |pair: usize| {
            let (old, new) = (value(&old, pair), value(&new, pair));
            (new - old) % 256.0 == 0.0 && (0.0..=f32::from(u16::MAX)).contains(&new)
        };
        is_difference && (0..1 << 16).all(wraps)
    }

    /// A neuron's value weights on the bits of top, of second, and on the constant; `None` if it reads
    /// anything else.
    fn operand_weights(&self, model: &Model<f32>, neuron: usize) -> Option<[f32; 17]> {
        let mut weights = [0.0; 17];
        for (lane, weight) in model.layers[4].ffn_value.row(neuron).enumerate().filter(|(_, weight)| *weight != 0.0) {
            let bit = (0..8).find_map(|i| {
                let top = self.lane_is(lane, &format!("top_bit_{i}")).then_some(i);
                top.or_else(|| self.lane_is(lane, &format!("second_bit_{i}")).then_some(8 + i))
            });
            weights[bit.or_else(|| self.lane_is(lane, "one").then_some(16))?] += weight;
        }
        Some(weights)
    }

    /// The selection of a local or a memory cell: every tag, every index, flag on and off.
    fn selection(&self, mutant: Mutant) -> bool {
        let (layer, name, flag, tag, value, indices) = match mutant.site.tensor.layer() {
            Some(5) => (5, "local", "local_get", "local_tag", "local_value", 256),
            Some(6) => (6, "memory cell", "load", "cell_tag", "cell_value", CELLS),
            _ => return false,
        };
        let lane = |name: &str| self.model.config.lane(name);
        let (Some(one), Some(flag), Some(tag), Some(value)) = (lane("one"), lane(flag), lane(tag), lane(value)) else { return false };
        let Some(select) = Select::of(self, mutant, layer, name, value) else { return false };
        let Some(tags) = self.tags(layer, name, indices) else { return false };
        // An index that is a sum is put into its first lane whole: its lanes all have the weight −1 times
        // their place.
        let Some(index) = lane("operand") else { return false };
        let untouched = [one, flag, tag, value].contains(&mutant.site.column) || !matches!(mutant.site.tensor, Tensor::Gate(_));
        let mut lanes = vec![0.0; self.model.config.d_model];
        lanes[one] = 1.0;
        untouched
            && [0.0, 1.0].into_iter().all(|on| {
                lanes[flag] = on;
                (0..indices).all(|sought| {
                    lanes[index] = sought as f32;
                    tags.iter().all(|found| {
                        lanes[tag] = *found as f32;
                        let counts = select.counts(&lanes);
                        match (on == 1.0, *found == sought as i64) {
                            (false, _) => counts == 0.0,
                            (true, true) => counts == 1.0,
                            (true, false) => counts <= 0.0,
                        }
                    })
                })
            })
    }

    /// Every tag that a row can have: of each kind that a token gives the step before (it wrote a local, a
    /// cell, or neither; intervals cannot see that it is one of them), with each number below `numbers` that
    /// it may have written to.
    fn tags(&self, layer: usize, name: &str, numbers: usize) -> Option<Vec<i64>> {
        let head = |layer: usize, name: &str| self.circuit.layers()[layer].heads.iter().find(|head| head.name == name);
        let weight =
            |form: &Form, name: &str| form.terms().find(|(lane, _)| self.circuit.name(*lane) == name).map_or(0, |(_, weight)| weight);
        let kind_of = &head(0, "fetch previous")?.value[1];
        let embedded = |token: usize, (lane, weight): (Lane, i64)| weight * self.model.embedding.get(token, lane.0) as i64;
        let kinds: BTreeSet<i64> = (0..Token::COUNT).map(|token| kind_of.terms().map(|term| embedded(token, term)).sum()).collect();
        let tag = &head(layer, name)?.value[1];
        let lowest = |kind: i64| weight(tag, "one") + weight(tag, "wrote") * kind;
        Some(kinds.into_iter().flat_map(|kind| (0..numbers as i64).map(move |number| lowest(kind) + number)).collect())
    }

    fn file_selection(&self, mutant: Mutant) -> bool {
        let lane = |name: &str| self.model.config.lane(name);
        let (Some(7), Some(one), Some(flag)) = (mutant.site.tensor.layer(), lane("one"), lane("fd_read")) else { return false };
        let bits: Vec<usize> = (0..8).filter_map(|i| lane(&format!("top_bit_{i}"))).collect();
        (0..FILES).any(|file| {
            let Some(byte) = lane(&format!("file_byte_{file}")) else { return false };
            let Some(select) = Select::of(self, mutant, 7, &format!("file {file}"), byte) else { return false };
            let mut lanes = vec![0.0; self.model.config.d_model];
            lanes[one] = 1.0;
            let tops = (0..256).map(|top| (0.0, top)).chain((0..FILES).map(|top| (1.0, top)));
            tops.into_iter().all(|(on, top)| {
                lanes[flag] = on;
                bits.iter().enumerate().for_each(|(i, lane)| lanes[*lane] = (top >> i & 1) as f32);
                select.counts(&lanes) == f32::from(on == 1.0 && top == file)
            })
        })
    }
}

/// The three neurons of a selection, in a mutant.
struct Select {
    /// Each one's gate, and how often its output counts the value.
    neurons: Vec<(Vec<(usize, f32)>, f32)>,
}

impl Select {
    /// The selection of this name, if the changed weight belongs to one of its neurons and each of them in
    /// the mutant still reads one value and writes the result only.
    fn of(rules: &Rules<'_>, mutant: Mutant, layer: usize, name: &str, value: usize) -> Option<Select> {
        let result = rules.model.config.lane("result")?;
        let belongs = |neuron: &Neuron| neuron.name.strip_prefix(name).is_some_and(|rest| [" below", " at", " above"].contains(&rest));
        let all = rules.circuit.layers()[layer].neurons.iter().enumerate();
        let indices: Vec<usize> = all.filter(|(_, neuron)| belongs(neuron)).map(|(index, _)| index).collect();
        let changed = match mutant.site.tensor {
            Tensor::Gate(_) | Tensor::NeuronValue(_) => mutant.site.row,
            Tensor::Down(_) => mutant.site.column,
            _ => return None,
        };
        if !indices.contains(&changed) {
            return None;
        }
        let model = mutant.of(rules.model);
        let weights = &model.layers[layer];
        let neuron = |index: usize| {
            let gate = weights.ffn_gate.row(index).enumerate().filter(|(_, weight)| *weight != 0.0).collect();
            let reads_else = weights.ffn_value.row(index).enumerate().any(|(lane, weight)| lane != value && weight != 0.0);
            let writes_else = (0..weights.ffn_down.rows()).any(|lane| lane != result && weights.ffn_down.get(lane, index) != 0.0);
            let counts = weights.ffn_value.get(index, value) * weights.ffn_down.get(result, index);
            (!reads_else && !writes_else).then_some((gate, counts))
        };
        Some(Select { neurons: indices.into_iter().map(neuron).collect::<Option<_>>()? })
    }

    /// How many times the value is added to the result.
    fn counts(&self, lanes: &[f32]) -> f32 {
        let count = |(gate, counts): &(Vec<(usize, f32)>, f32)| {
            gate.iter().map(|(lane, weight)| lanes[*lane] * weight).sum::<f32>().max(0.0) * counts
        };
        self.neurons.iter().map(count).sum()
    }
}
