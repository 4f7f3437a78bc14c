//! Placement: turns a graph into a circuit whose dimensions are used again.
//!
//! A lane lives from the first part of the forward pass that writes it to the last part that reads it. At the
//! next FFN after that, a neuron subtracts the lane's content (`relu(1) · −lane`). From then on another lane
//! may take the dimension.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;

use super::graph::{Graph, Level, Node, Source, layer, stage};
use super::{Budget, Circuit, Form, Head, Lane, Neuron, ONE, Placed, Turn};
use crate::transformer::Attention;

/// How a graph's lane is used, as known when the graph is placed.
#[derive(Clone, Debug, Default)]
struct Use {
    /// Whether a logit depends on the lane.
    needed: bool,
    /// The last level that reads the lane; `None` if other lanes only gather it.
    read: Option<Level>,
    /// The lanes that gather this lane, and the weight of this lane in each of them.
    gathered: Vec<(Lane, i64)>,
    /// The first neuron that reads the lane.
    reader: Option<usize>,
    /// The first level that writes the lane.
    birth: Level,
}

/// The dimensions of the residual stream, and which lanes have them when.
#[derive(Default)]
struct Dimensions {
    /// The dimension of each graph lane.
    of: HashMap<Lane, Lane>,
    /// What each dimension holds in turn.
    turns: Vec<Vec<Turn>>,
    /// Per dimension, the FFN level from which on it can be cleared.
    free_from: Vec<Option<Level>>,
}

impl Graph {
    /// The circuit of this graph: every head and neuron is in the earliest possible layer.
    pub fn place(&self, machine: &'static str, d_head: usize) -> Circuit {
        let end = 2 * self.layers() + 1;
        let uses = self.uses(end);
        let mut carried = Carried::default();
        let dimensions = self.allocate(&uses, end, &mut carried);
        self.build(machine, d_head, &uses, &dimensions, carried)
    }

    /// Which lanes are needed at which levels, found from the logits backwards.
    fn uses(&self, end: Level) -> Vec<Use> {
        let mut uses = vec![Use::default(); self.nodes.len()];
        let read = |uses: &mut Vec<Use>, form: &Form, level: Level| {
            for (lane, _) in form.terms() {
                let lane_use = &mut uses[lane.0];
                lane_use.needed = true;
                lane_use.read = lane_use.read.max(Some(level));
            }
        };
        self.unembedding.iter().for_each(|form| read(&mut uses, form, end));
        read(&mut uses, &ONE.into(), end);
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if !uses[index].needed {
                continue;
            }
            match &node.source {
                Source::Embedded => {}
                Source::Sum(form) => read(&mut uses, form, node.level),
                Source::Value { head, form } => {
                    let head = &self.heads[*head];
                    [form, &head.query, &head.key.key, &head.key.square].iter().for_each(|form| read(&mut uses, form, node.level));
                }
                Source::Neuron { gate, value } => {
                    for form in [gate, value] {
                        read(&mut uses, form, node.level);
                        form.terms().for_each(|(lane, _)| uses[lane.0].reader = Some(index));
                    }
                }
                Source::Gathered(form) => {
                    for (part, weight) in form.terms() {
                        if self.writes(part, node.level) {
                            uses[part.0].needed = true;
                            uses[part.0].gathered.push((Lane(index), weight));
                        } else {
                            read(&mut uses, &part.into(), node.level);
                        }
                    }
                }
            }
        }
        for (index, node) in self.nodes.iter().enumerate() {
            uses[index].birth = match &node.source {
                Source::Gathered(form) => form
                    .terms()
                    .map(|(part, _)| if self.writes(part, node.level) { self.nodes[part.0].level } else { node.level })
                    .min()
                    .unwrap_or(node.level),
                _ => node.level,
            };
        }
        uses
    }

    /// Whether a part directly writes the lane that gathers it at `level`. Otherwise the part is copied.
    fn writes(&self, part: Lane, level: Level) -> bool {
        let part = &self.nodes[part.0];
        matches!(part.source, Source::Neuron { .. }) || matches!(part.source, Source::Value { .. }) && part.level == level
    }

    /// Gives every lane that is read a dimension. A dimension is used again once its former lane is not read
    /// any more.
    fn allocate(&self, uses: &[Use], end: Level, carried: &mut Carried) -> Dimensions {
        let mut order: Vec<usize> = (0..uses.len()).filter(|index| uses[*index].needed && uses[*index].read.is_some()).collect();
        order.sort_by_key(|index| uses[*index].birth);
        let mut dimensions = Dimensions::default();
        for index in order {
            let Use { birth, read, .. } = uses[index];
            let last = read.unwrap_or(end);
            let reusable = dimensions.free_from.iter().position(|free| free.is_some_and(|clear| clear <= birth));
            let dimension = match reusable {
                Some(dimension) => {
                    if let Some(clear) = dimensions.free_from[dimension] {
                        dimensions.turns[dimension].iter_mut().for_each(|turn| turn.until = turn.until.or(Some(stage(clear))));
                        let cleared = dimensions.turns[dimension].last().map_or("", |turn| &turn.name);
                        carried.add(layer(clear), Lane(dimension), -Lane(dimension), format!("clear {cleared}"));
                    }
                    dimension
                }
                None => {
                    dimensions.turns.push(Vec::new());
                    dimensions.free_from.push(None);
                    dimensions.turns.len() - 1
                }
            };
            let Node { name, placed, .. } = self.nodes[index].clone();
            dimensions.turns[dimension].push(Turn { name, from: stage(birth), until: None, placed });
            // The neuron that clears the dimension reads the lane, so it can stand in the FFN of the last
            // read, but must come after the lane is complete.
            let clear = last.max(self.nodes[index].level + 1).next_multiple_of(2);
            dimensions.free_from[dimension] = (last < end).then_some(clear);
            dimensions.of.insert(Lane(index), Lane(dimension));
        }
        dimensions
    }

    fn build(&self, machine: &'static str, d_head: usize, uses: &[Use], dimensions: &Dimensions, mut carried: Carried) -> Circuit {
        let placed = |form: &Form| form.substitute(|lane| dimensions.of[&lane].into());
        let output = |index: usize| {
            let own = dimensions.of.get(&Lane(index)).map_or(Form::default(), |lane| (*lane).into());
            let gathered = uses[index].gathered.iter().filter_map(|(lane, weight)| Some(*dimensions.of.get(lane)? * *weight));
            gathered.fold(own, |sum, part| sum + part)
        };
        let layers = self.layers();
        let mut heads: Vec<Vec<(Head, Placed)>> = vec![Vec::new(); layers];
        let mut neurons: Vec<Vec<(Neuron, Placed)>> = vec![Vec::new(); layers];
        let mut sums: BTreeMap<usize, Vec<(Form, Form, Placed)>> = BTreeMap::new();
        let mut values: BTreeMap<usize, Vec<(Form, Form, usize)>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate().filter(|(index, _)| uses[*index].needed) {
            match &node.source {
                Source::Embedded => {}
                Source::Sum(form) => sums.entry(layer(node.level)).or_default().push((placed(form), output(index), node.placed)),
                Source::Value { head, form } => values.entry(*head).or_default().push((placed(form), output(index), layer(node.level))),
                Source::Neuron { gate, value } => {
                    let output = output(index);
                    let name = self.name_of_neuron(uses, index);
                    let neuron = Neuron { name, gate: placed(gate), value: placed(value), output };
                    neurons[layer(node.level)].push((neuron, node.placed));
                }
                Source::Gathered(form) => {
                    let Some(dimension) = dimensions.of.get(&Lane(index)) else { continue };
                    for (part, weight) in form.terms().filter(|(part, _)| !self.writes(*part, node.level)) {
                        carried.add(layer(node.level), *dimension, dimensions.of[&part] * weight, format!("copy into {}", node.name));
                    }
                }
            }
        }
        for (layer, sums) in sums {
            for chunk in sums.chunks(d_head) {
                let (value, output) = chunk.iter().map(|(value, output, _)| (value.clone(), output.clone())).unzip();
                let name = "running sums".to_string();
                heads[layer].push((Head { name, kind: Attention::Sum, query: vec![], key: vec![], value, output }, chunk[0].2));
            }
        }
        for (head, values) in values {
            let head = &self.heads[head];
            for chunk in values.chunks(d_head) {
                let placed_head = Head {
                    name: head.name.clone(),
                    kind: head.kind,
                    query: vec![placed(&head.query), dimensions.of[&ONE].into()],
                    key: vec![placed(&head.key.key) * 2, -placed(&head.key.square)],
                    value: chunk.iter().map(|(form, ..)| form.clone()).collect(),
                    output: chunk.iter().map(|(_, output, _)| output.clone()).collect(),
                };
                heads[chunk[0].2].push((placed_head, head.placed));
            }
        }
        for ((layer, dimension), (value, purposes)) in carried.forms {
            let name = purposes.join(", ");
            let neuron = Neuron { name, gate: dimensions.of[&ONE].into(), value, output: dimension.into() };
            neurons[layer].push((neuron, Location::caller()));
        }
        let mut circuit = Circuit::new(Budget {
            machine,
            d_model: dimensions.turns.len(),
            d_head,
            d_ffn: neurons.iter().map(Vec::len).max().unwrap_or(0),
            heads_per_layer: heads.iter().map(Vec::len).collect(),
            vocab_size: self.embedding.len(),
        });
        for turns in &dimensions.turns {
            let names: Vec<_> = turns.iter().map(|turn| &turn.name[..]).collect();
            let lane = circuit.lane(names.join(" / "), "its lanes, in turn");
            circuit.lanes[lane.0].turns.clone_from(turns);
        }
        for (token, form) in self.embedding.iter().enumerate() {
            circuit.embed(token, form.substitute(|lane| dimensions.of.get(&lane).map_or(Form::default(), |lane| (*lane).into())));
        }
        for (token, form) in self.unembedding.iter().enumerate() {
            circuit.unembed(token, placed(form));
        }
        for (layer, (heads, neurons)) in heads.into_iter().zip(neurons).enumerate() {
            heads.into_iter().for_each(|(head, placed)| circuit.head_of(layer, head, placed));
            neurons.into_iter().for_each(|(neuron, placed)| circuit.neuron_of(layer, neuron, placed));
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if let (Some((range, reason)), Some(lane)) = (node.stated, dimensions.of.get(&Lane(index))) {
                circuit.state(stage(node.level), *lane, range, reason);
            }
        }
        circuit
    }

    /// A neuron has the name of the lane that gathers it, or says for which neuron it is, or else has its own
    /// name.
    fn name_of_neuron(&self, uses: &[Use], neuron: usize) -> String {
        let gathering = |neuron: usize| uses[neuron].gathered.first().map(|(lane, _)| &self.nodes[lane.0].name);
        let reader = || uses[neuron].reader.and_then(gathering).map(|name| format!("for {name}"));
        gathering(neuron).cloned().or_else(reader).unwrap_or_else(|| self.nodes[neuron].name.clone())
    }
}

/// The outputs of neurons with gate 1: copies, and the clearing of a dimension for its next lane.
#[derive(Default)]
struct Carried {
    /// By layer and dimension: the form, and what each part of it is for.
    forms: BTreeMap<(usize, Lane), (Form, Vec<String>)>,
}

impl Carried {
    fn add(&mut self, layer: usize, to: Lane, form: Form, purpose: String) {
        let (sum, purposes) = self.forms.entry((layer, to)).or_default();
        *sum += form;
        if !purposes.contains(&purpose) {
            purposes.push(purpose);
        }
    }
}
