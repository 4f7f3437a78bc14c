//! Circuits: lanes, heads and neurons written as linear forms, before they become dense weights.
//!
//! The builder of a [`Circuit`] names lanes, states what tokens and positional encodings put into them, and
//! places heads and neurons in layers. [`Circuit::compile`] proves that no number can leave the integers that
//! the number type holds exactly ([`bounds`]), and sets the dense weights. A [`Graph`] is a circuit that
//! finds the places by itself.

pub mod bounds;
pub mod check;
mod compile;
mod contributions;
mod form;
pub mod gadgets;
pub mod graph;
pub mod labels;
pub mod llama;
mod place;

use std::collections::BTreeMap;
use std::panic::Location;

use thiserror::Error;

pub use crate::transformer::Interval;
use crate::transformer::{Attention, Stage};
pub use bounds::Bounds;
pub use form::{Form, Lane, ONE};
pub use graph::{Graph, Key};

/// The limits of a circuit: the shape of the model that it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The machine's name.
    pub machine: &'static str,
    /// Number of lanes of the residual stream.
    pub d_model: usize,
    /// Width of a head.
    pub d_head: usize,
    /// Neurons per layer.
    pub d_ffn: usize,
    /// Number of heads per layer. The length of this list is the number of layers.
    pub heads_per_layer: Vec<usize>,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
}

/// One attention head.
#[derive(Clone, Debug)]
pub struct Head {
    /// The head's name, for reports.
    pub name: String,
    /// The kind of attention.
    pub kind: Attention,
    /// The query, one form per dimension. Dimensions that are left out are zero; this also holds for the key,
    /// the value and the output.
    pub query: Vec<Form>,
    /// The key.
    pub key: Vec<Form>,
    /// The value.
    pub value: Vec<Form>,
    /// For each dimension of the value, the lanes that it is added to.
    pub output: Vec<Form>,
}

/// One gated neuron: `relu(gate) · value`, added to the lanes of `output`.
#[derive(Clone, Debug)]
pub struct Neuron {
    /// The neuron's name, for reports.
    pub name: String,
    /// The gate.
    pub gate: Form,
    /// The value.
    pub value: Form,
    /// The lanes that the product is added to.
    pub output: Form,
}

/// A lane's range that is stated because the interval analysis cannot derive it.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The place in the forward pass at which the range holds.
    pub stage: Stage,
    /// The lane.
    pub lane: Lane,
    /// The range.
    pub range: Interval,
    /// The reason why the range holds.
    pub reason: &'static str,
}

/// The source file that placed something.
pub type Placed = &'static Location<'static>;

/// One of the lanes that have a dimension of the residual stream in turn.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The lane's name.
    pub name: String,
    /// The place in the forward pass from which on the dimension holds the lane, or parts of it.
    pub from: Stage,
    /// The place at which the next lane takes over; `None` for the last lane.
    pub until: Option<Stage>,
    /// What placed the lane.
    pub placed: Placed,
}

/// A named lane.
#[derive(Clone, Debug)]
pub struct LaneInfo {
    /// The lane's name.
    pub name: String,
    /// The meaning of the lane's content.
    pub meaning: String,
    /// The range of what positional encodings may add to the lane.
    pub positional: Option<Interval>,
    /// What the dimension holds in turn, if a [`Graph`] placed it.
    pub turns: Vec<Turn>,
}

/// The heads and neurons of one layer.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Heads, in order.
    pub heads: Vec<Head>,
    /// Neurons, in order.
    pub neurons: Vec<Neuron>,
    /// What placed each head.
    heads_placed: Vec<Placed>,
    /// What placed each neuron.
    neurons_placed: Vec<Placed>,
}

/// A machine before it is compiled.
#[derive(Clone, Debug)]
pub struct Circuit {
    budget: Budget,
    special_tokens: BTreeMap<String, usize>,
    lanes: Vec<LaneInfo>,
    embedding: Vec<Form>,
    unembedding: Vec<Form>,
    layers: Vec<Layer>,
    statements: Vec<Statement>,
}

/// Why a circuit cannot be compiled.
#[expect(missing_docs, reason = "the messages say what each field is")]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CircuitError {
    /// More lanes than the residual stream is wide.
    #[error("lane {lane} exceeds the budget of {budget} lanes")]
    TooManyLanes { lane: String, budget: usize },
    /// More heads than a layer may have.
    #[error("head {head} exceeds layer {layer}'s budget of {budget} heads")]
    TooManyHeads { layer: usize, head: String, budget: usize },
    /// A head wider than `d_head`.
    #[error("head {head} of layer {layer} has more than {budget} dimensions")]
    HeadTooWide { layer: usize, head: String, budget: usize },
    /// More neurons than a layer may have.
    #[error("neuron {neuron} exceeds layer {layer}'s budget of {budget} neurons")]
    TooManyNeurons { layer: usize, neuron: String, budget: usize },
    /// A number that may leave the exact integers.
    #[error("{place} may reach {bound}; integers are exact only up to {limit}")]
    NotExact { place: String, bound: i128, limit: i128 },
    /// A running sum without a stated range.
    #[error(
        "head {head} of layer {layer} adds up an unlimited number of rows; state the range of lane {lane} after the attention of that layer"
    )]
    Unbounded { layer: usize, head: String, lane: String },
    /// A statement that contradicts the derived range.
    #[error("lane {lane}: the stated range {stated} contradicts the derived range {derived}")]
    Contradiction { lane: String, stated: Interval, derived: Interval },
}

impl Circuit {
    /// An empty circuit within a budget.
    pub fn new(budget: Budget) -> Circuit {
        Circuit {
            special_tokens: BTreeMap::new(),
            lanes: Vec::new(),
            embedding: vec![Form::default(); budget.vocab_size],
            unembedding: vec![Form::default(); budget.vocab_size],
            layers: vec![Layer::default(); budget.heads_per_layer.len()],
            statements: Vec::new(),
            budget,
        }
    }

    /// Names a special token.
    pub fn special_token(&mut self, name: &str, id: usize) {
        self.special_tokens.insert(name.to_string(), id);
    }

    /// Adds a lane.
    pub fn lane(&mut self, name: impl Into<String>, meaning: impl Into<String>) -> Lane {
        self.lanes.push(LaneInfo { name: name.into(), meaning: meaning.into(), positional: None, turns: Vec::new() });
        Lane(self.lanes.len() - 1)
    }

    /// Adds a lane to which the positional encoding of every row adds an integer of `range`. The range must
    /// contain 0 if there is a row whose encoding leaves the lane out.
    pub fn positional_lane(&mut self, name: impl Into<String>, meaning: impl Into<String>, range: Interval) -> Lane {
        let lane = self.lane(name, meaning);
        self.lanes[lane.0].positional = Some(range);
        lane
    }

    /// Adds a form to the embedding of a token.
    pub fn embed(&mut self, token: usize, form: impl Into<Form>) {
        self.embedding[token] += form.into();
    }

    /// Replaces the embedding of a token.
    pub fn set_embedding(&mut self, token: usize, form: Form) {
        self.embedding[token] = form;
    }

    /// Adds a form to the unembedding of a token. The unembedding gives the token's logit as a form over the
    /// lanes after the last layer.
    pub fn unembed(&mut self, token: usize, logit: impl Into<Form>) {
        self.unembedding[token] += logit.into();
    }

    /// Places a head in a layer.
    #[track_caller]
    pub fn head(&mut self, layer: usize, head: Head) {
        self.head_of(layer, head, Location::caller());
    }

    fn head_of(&mut self, layer: usize, head: Head, placed: Placed) {
        self.layers[layer].heads.push(head);
        self.layers[layer].heads_placed.push(placed);
    }

    /// Places a neuron in a layer.
    #[track_caller]
    pub fn neuron(
        &mut self,
        layer: usize,
        name: impl Into<String>,
        gate: impl Into<Form>,
        value: impl Into<Form>,
        output: impl Into<Form>,
    ) {
        let neuron = Neuron { name: name.into(), gate: gate.into(), value: value.into(), output: output.into() };
        self.neuron_of(layer, neuron, Location::caller());
    }

    fn neuron_of(&mut self, layer: usize, neuron: Neuron, placed: Placed) {
        self.layers[layer].neurons.push(neuron);
        self.layers[layer].neurons_placed.push(placed);
    }

    /// States a lane's range at a place in the forward pass, with the reason why the range holds.
    pub fn state(&mut self, stage: Stage, lane: Lane, range: Interval, reason: &'static str) {
        self.statements.push(Statement { stage, lane, range, reason });
    }

    /// The budget.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The lanes, in order.
    pub fn lanes(&self) -> &[LaneInfo] {
        &self.lanes
    }

    /// The layers, in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The stated ranges.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// A lane's name.
    pub fn name(&self, lane: Lane) -> &str {
        &self.lanes[lane.0].name
    }
}
