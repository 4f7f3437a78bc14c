//! Circuits without places: what is computed from what, and not yet where.
//!
//! A [`Graph`] is written like the [`Circuit`](super::Circuit) that it becomes, in lanes, heads and neurons,
//! but its lanes are as many as one likes and nothing is put in a layer: every head and neuron goes to the
//! earliest layer in which all it reads has been computed. [`Graph::place`] drops what no logit depends on
//! and lets lanes take over the dimensions of the residual stream that others no longer need.

use std::collections::HashMap;

use super::{Form, Interval, Lane, ONE};
use crate::transformer::Stage;

/// Where in a forward pass a lane is complete: 0 is the embedding; 2l + 1 the attention of layer l, 2l + 2
/// its FFN.
pub(super) type Level = usize;

/// The layer of a level other than the embedding's.
pub(super) fn layer(level: Level) -> usize {
    (level - 1) / 2
}

/// A level as a stage.
pub(super) fn stage(level: Level) -> Stage {
    match level {
        0 => Stage::Embedded,
        _ if level % 2 == 1 => Stage::Attention(layer(level)),
        _ => Stage::Ffn(layer(level)),
    }
}

/// How a lane comes about.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The tokens' embedding.
    Embedded,
    /// The running sum of a form.
    Sum(Form),
    /// A value of a head.
    Value { head: usize, form: Form },
    /// `relu(gate) · value`.
    Neuron { gate: Form, value: Form },
    /// Other lanes, added up.
    Gathered(Form),
}

/// A lane of the graph.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub source: Source,
    pub level: Level,
    /// A range that intervals cannot derive, and why it holds.
    pub stated: Option<(Interval, &'static str)>,
}

/// A head, whatever the number of its values.
#[derive(Clone, Debug)]
pub(super) struct WideHead {
    pub name: String,
    pub query: Form,
    pub key: Key,
}

/// A key for finding rows by a number: `key` and its square, in every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The number.
    pub key: Form,
    /// Its square.
    pub square: Form,
}

/// A circuit without places.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) heads: Vec<WideHead>,
    pub(super) embedding: Vec<Form>,
    pub(super) unembedding: Vec<Form>,
    neurons: HashMap<(Form, Form), Lane>,
}

impl Graph {
    /// An empty graph over a vocabulary; its first lane is 1 in every row.
    pub fn new(vocab_size: usize) -> Graph {
        let mut graph = Graph {
            nodes: Vec::new(),
            heads: Vec::new(),
            embedding: vec![Form::default(); vocab_size],
            unembedding: vec![Form::default(); vocab_size],
            neurons: HashMap::new(),
        };
        let one = graph.embedded("one");
        graph.embedding.fill(one.into());
        graph
    }

    fn add(&mut self, name: impl Into<String>, source: Source, level: Level) -> Lane {
        self.nodes.push(Node { name: name.into(), source, level, stated: None });
        Lane(self.nodes.len() - 1)
    }

    /// The level of the last of a form's lanes.
    fn level<'f>(&self, forms: impl IntoIterator<Item = &'f Form>) -> Level {
        let lanes = forms.into_iter().flat_map(Form::terms);
        lanes.map(|(lane, _)| self.nodes[lane.0].level).max().unwrap_or(0)
    }

    /// A lane that only [`Graph::embed`] writes.
    pub fn embedded(&mut self, name: impl Into<String>) -> Lane {
        self.add(name, Source::Embedded, 0)
    }

    /// Adds to the embedding of a token; only embedded lanes may be named.
    pub fn embed(&mut self, token: usize, form: impl Into<Form>) {
        self.embedding[token] += form.into();
    }

    /// Adds to the unembedding of a token.
    pub fn unembed(&mut self, token: usize, logit: impl Into<Form>) {
        self.unembedding[token] += logit.into();
    }

    /// The sum of a form over all rows so far, with its range and the reason why it holds.
    pub fn sum(&mut self, name: &str, value: impl Into<Form>, range: (i128, i128), reason: &'static str) -> Lane {
        let value = value.into();
        let level = 2 * self.level([&value]).div_ceil(2) + 1;
        let lane = self.add(name, Source::Sum(value), level);
        self.state(lane, range, reason);
        lane
    }

    /// The values of the row whose key is nearest to the query, and of equally near ones the latest.
    pub fn nearest<const N: usize>(&mut self, name: &str, query: impl Into<Form>, key: &Key, values: [Form; N]) -> [Lane; N] {
        let lanes = self.nearest_of(name, query, key, values.to_vec());
        std::array::from_fn(|i| lanes[i])
    }

    /// As [`Graph::nearest`], of any number of values.
    pub fn nearest_of(&mut self, name: &str, query: impl Into<Form>, key: &Key, values: Vec<Form>) -> Vec<Lane> {
        let query = query.into();
        let level = 2 * self.level(values.iter().chain([&query, &key.key, &key.square])).div_ceil(2) + 1;
        self.heads.push(WideHead { name: name.to_string(), query, key: key.clone() });
        let head = self.heads.len() - 1;
        let values = values.into_iter().enumerate();
        values.map(|(index, form)| self.add(format!("{name} {index}"), Source::Value { head, form }, level)).collect()
    }

    /// A neuron, `relu(gate) · value`; the same one if it is there already.
    pub fn neuron(&mut self, gate: impl Into<Form>, value: impl Into<Form>) -> Form {
        let (gate, value) = (gate.into(), value.into());
        if let Some(lane) = self.neurons.get(&(gate.clone(), value.clone())) {
            return (*lane).into();
        }
        let level = 2 * (self.level([&gate, &value]) / 2) + 2;
        let lane = self.add("neuron", Source::Neuron { gate: gate.clone(), value: value.clone() }, level);
        self.neurons.insert((gate, value), lane);
        lane.into()
    }

    /// `max(0, x)`.
    pub fn relu(&mut self, x: impl Into<Form>) -> Form {
        self.neuron(x, 1)
    }

    /// `[x ≥ 0]`, as a form over two neurons. Both may be large: gather steps by themselves before they are
    /// scaled.
    pub fn step(&mut self, x: impl Into<Form>) -> Form {
        let x = x.into();
        self.relu(&x + 1) - self.relu(x)
    }

    /// `[x = 0]`, as a form over three neurons.
    pub fn is_zero(&mut self, x: impl Into<Form>) -> Form {
        let x = x.into();
        self.relu(&x + 1) - self.relu(&x) * 2 + self.relu(x - 1)
    }

    /// A form as a lane of its own, so that what reads it reads one number. Values of heads are gathered by
    /// the heads' outputs, with neurons before them; everything else by neurons.
    pub fn lane(&mut self, name: impl Into<String>, form: impl Into<Form>) -> Lane {
        let form = form.into();
        let newest = self.level([&form]);
        let by_heads = newest % 2 == 1
            && form.terms().all(|(lane, _)| match self.nodes[lane.0] {
                Node { source: Source::Value { .. }, level, .. } => level == newest,
                Node { source: Source::Neuron { .. }, .. } => true,
                _ => false,
            });
        let level = if by_heads { newest } else { newest.max(1).next_multiple_of(2) };
        self.gather(name, form, level)
    }

    /// As [`Graph::lane`], in the layer after the one in which all parts are complete. They are copied as
    /// they are: parts that sum up large numbers to small ones can be scaled then.
    pub fn relay(&mut self, name: impl Into<String>, form: impl Into<Form>) -> Lane {
        let form = form.into();
        let level = (self.level([&form]) + 1).next_multiple_of(2);
        self.gather(name, form, level)
    }

    fn gather(&mut self, name: impl Into<String>, form: Form, level: Level) -> Lane {
        // What becomes complete at the same time cannot be copied: its parts are added anew.
        let form = form.substitute(|lane| match &self.nodes[lane.0] {
            Node { source: Source::Gathered(parts), level: same, .. } if *same == level => parts.clone(),
            _ => lane.into(),
        });
        self.add(name, Source::Gathered(form), level)
    }

    /// [`Graph::step`] as a lane.
    pub fn step_lane(&mut self, name: impl Into<String>, x: impl Into<Form>) -> Lane {
        let step = self.step(x);
        self.lane(name, step)
    }

    /// States a lane's range, where intervals cannot derive it, with the reason why it holds.
    pub fn state(&mut self, lane: Lane, (low, high): (i128, i128), reason: &'static str) {
        self.nodes[lane.0].stated = Some((Interval::new(low, high), reason));
    }

    /// The number of layers that the graph needs.
    pub fn layers(&self) -> usize {
        self.nodes.iter().map(|node| node.level).max().unwrap_or(0).div_ceil(2)
    }
}

impl Key {
    /// A key whose square is computed by a neuron. The number must not be negative.
    pub fn squared(graph: &mut Graph, key: Lane) -> Key {
        let square = graph.neuron(key, key);
        Key { key: key.into(), square }
    }
}

const _: () = assert!(ONE.0 == 0);
