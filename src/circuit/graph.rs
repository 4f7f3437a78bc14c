//! Circuits without places: the graph says what is computed from what, but not where.
//!
//! A [`Graph`] is written like the [`Circuit`](super::Circuit) that it becomes, in lanes, heads and neurons.
//! But it may have any number of lanes, and its heads and neurons are not assigned to layers: each of them
//! goes to the earliest layer in which everything that it reads has been computed. [`Graph::place`] removes
//! everything that no logit depends on. It also lets a lane take over a dimension of the residual stream
//! whose former lane is not needed any more.

use std::collections::HashMap;
use std::panic::Location;

use super::{Form, Interval, Lane, ONE, Placed};
use crate::transformer::{Attention, Stage};

/// The point in a forward pass at which a lane is complete: 0 is the embedding, 2l + 1 is the attention of
/// layer l, 2l + 2 is the FFN of layer l.
pub(super) type Level = usize;

/// The layer of a level, which must not be the embedding's level.
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

/// The computation that makes a lane.
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
    /// A sum of other lanes.
    Gathered(Form),
}

/// A lane of the graph.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub source: Source,
    pub level: Level,
    /// A range that the interval analysis cannot derive, and the reason why it holds.
    pub stated: Option<(Interval, &'static str)>,
    pub placed: Placed,
}

/// A head with any number of values.
#[derive(Clone, Debug)]
pub(super) struct WideHead {
    pub name: String,
    pub kind: Attention,
    pub query: Form,
    pub key: Key,
    pub placed: Placed,
}

/// A key for finding rows by a number. Every row has the number and its square.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The number.
    pub key: Form,
    /// The square of the number.
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
    #[track_caller]
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

    #[track_caller]
    fn add(&mut self, name: impl Into<String>, source: Source, level: Level) -> Lane {
        self.nodes.push(Node { name: name.into(), source, level, stated: None, placed: Location::caller() });
        Lane(self.nodes.len() - 1)
    }

    /// The highest level among the lanes of these forms.
    fn level<'f>(&self, forms: impl IntoIterator<Item = &'f Form>) -> Level {
        let lanes = forms.into_iter().flat_map(Form::terms);
        lanes.map(|(lane, _)| self.nodes[lane.0].level).max().unwrap_or(0)
    }

    /// A lane that only [`Graph::embed`] writes.
    #[track_caller]
    pub fn embedded(&mut self, name: impl Into<String>) -> Lane {
        self.add(name, Source::Embedded, 0)
    }

    /// Adds a form to the embedding of a token. The form may contain only embedded lanes.
    pub fn embed(&mut self, token: usize, form: impl Into<Form>) {
        self.embedding[token] += form.into();
    }

    /// Adds a form to the unembedding of a token.
    pub fn unembed(&mut self, token: usize, logit: impl Into<Form>) {
        self.unembedding[token] += logit.into();
    }

    /// The sum of a form over all rows so far, with its range and the reason why that range holds.
    #[track_caller]
    pub fn sum(&mut self, name: &str, value: impl Into<Form>, range: (i128, i128), reason: &'static str) -> Lane {
        let value = value.into();
        let level = 2 * self.level([&value]).div_ceil(2) + 1;
        let lane = self.add(name, Source::Sum(value), level);
        self.state(lane, range, reason);
        lane
    }

    /// The values of the row whose key is nearest to the query. Among equally near keys, the latest row wins.
    #[track_caller]
    pub fn nearest<const N: usize>(&mut self, name: &str, query: impl Into<Form>, key: &Key, values: [Form; N]) -> [Lane; N] {
        let lanes = self.nearest_of(name, query, key, values.to_vec());
        std::array::from_fn(|i| lanes[i])
    }

    /// Like [`Graph::nearest`], but for any number of values.
    #[track_caller]
    pub fn nearest_of(&mut self, name: &str, query: impl Into<Form>, key: &Key, values: Vec<Form>) -> Vec<Lane> {
        self.head(name, Attention::HardMax, query.into(), key, values)
    }

    /// Like [`Graph::nearest_of`], but the rows are those of an external store, which are as their embedding
    /// made them: the key and the values may contain only embedded lanes.
    #[track_caller]
    pub fn nearest_held(&mut self, name: &str, store: usize, query: impl Into<Form>, key: &Key, values: Vec<Form>) -> Vec<Lane> {
        debug_assert_eq!(self.level(values.iter().chain([&key.key, &key.square])), 0, "{name}: rows of a store pass no layer");
        self.head(name, Attention::Cross(store), query.into(), key, values)
    }

    #[track_caller]
    fn head(&mut self, name: &str, kind: Attention, query: Form, key: &Key, values: Vec<Form>) -> Vec<Lane> {
        let level = 2 * self.level(values.iter().chain([&query, &key.key, &key.square])).div_ceil(2) + 1;
        self.heads.push(WideHead { name: name.to_string(), kind, query, key: key.clone(), placed: Location::caller() });
        let head = self.heads.len() - 1;
        let mut lanes = Vec::new();
        // A closure would count as the caller.
        for (index, form) in values.into_iter().enumerate() {
            lanes.push(self.add(format!("{name} {index}"), Source::Value { head, form }, level));
        }
        lanes
    }

    /// A neuron, `relu(gate) · value`. If the graph already has this neuron, it is used again. A value
    /// without lanes needs no neuron.
    #[track_caller]
    pub fn neuron(&mut self, gate: impl Into<Form>, value: impl Into<Form>) -> Form {
        let (gate, value) = (gate.into(), value.into());
        if value.is_zero() {
            return value;
        }
        if let Some(lane) = self.neurons.get(&(gate.clone(), value.clone())) {
            return (*lane).into();
        }
        let level = 2 * (self.level([&gate, &value]) / 2) + 2;
        let lane = self.add("neuron", Source::Neuron { gate: gate.clone(), value: value.clone() }, level);
        self.neurons.insert((gate, value), lane);
        lane.into()
    }

    /// `max(0, x)`.
    #[track_caller]
    pub fn relu(&mut self, x: impl Into<Form>) -> Form {
        self.neuron(x, 1)
    }

    /// `[x ≥ 0]`, as a form over two neurons. Both neurons may be large: gather the step in a lane of its own
    /// before you scale it.
    #[track_caller]
    pub fn step(&mut self, x: impl Into<Form>) -> Form {
        let x = x.into();
        self.relu(&x + 1) - self.relu(x)
    }

    /// `[x = 0]`, as a form over three neurons.
    #[track_caller]
    pub fn is_zero(&mut self, x: impl Into<Form>) -> Form {
        let x = x.into();
        self.relu(&x + 1) - self.relu(&x) * 2 + self.relu(x - 1)
    }

    /// A form as a lane of its own, so that a reader of the lane reads one number. If the form has only
    /// values of heads of one layer and neurons of earlier layers, the outputs of these heads and neurons
    /// write the lane. Otherwise neurons of an FFN complete it.
    #[track_caller]
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

    /// Like [`Graph::lane`], but in the layer after the one in which all parts are complete. The parts are
    /// then copied as single numbers, so a part that is a small sum of large numbers can be scaled.
    #[track_caller]
    pub fn relay(&mut self, name: impl Into<String>, form: impl Into<Form>) -> Lane {
        let form = form.into();
        let level = (self.level([&form]) + 1).next_multiple_of(2);
        self.gather(name, form, level)
    }

    #[track_caller]
    fn gather(&mut self, name: impl Into<String>, form: Form, level: Level) -> Lane {
        // A gathered part that is complete only at the same level cannot be copied. Its own parts are added
        // instead.
        let form = form.substitute(|lane| match &self.nodes[lane.0] {
            Node { source: Source::Gathered(parts), level: same, .. } if *same == level => parts.clone(),
            _ => lane.into(),
        });
        self.add(name, Source::Gathered(form), level)
    }

    /// [`Graph::step`], gathered in a lane.
    #[track_caller]
    pub fn step_lane(&mut self, name: impl Into<String>, x: impl Into<Form>) -> Lane {
        let step = self.step(x);
        self.lane(name, step)
    }

    /// States a lane's range that the interval analysis cannot derive, with the reason why it holds.
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
    #[track_caller]
    pub fn squared(graph: &mut Graph, key: Lane) -> Key {
        let square = graph.neuron(key, key);
        Key { key: key.into(), square }
    }
}

const _: () = assert!(ONE.0 == 0);
