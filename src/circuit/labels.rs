//! Labels: what each lane, head and neuron of a compiled model is, as the circuit says it.
//!
//! A study of a model's insides can be checked against them. Nothing in them was found out by looking at a
//! model: names, files, and the lanes that are read and written are those from which the weights were made.

use serde::Serialize;

use super::{Circuit, Form, Head, LaneInfo, Neuron, Placed, Turn};
use crate::transformer::Stage;

/// The name of a lane, head or neuron that a model has and its circuit does not use. Its weights are zero.
pub const UNUSED: &str = "unused";

/// The labels of a model.
#[derive(Debug, Serialize)]
pub struct Labels {
    /// The lanes: the dimensions of the residual stream, in order.
    pub lanes: Vec<LaneLabel>,
    /// The layers, in order.
    pub layers: Vec<LayerLabels>,
}

/// The label of a lane.
#[derive(Debug, Serialize)]
pub struct LaneLabel {
    /// The lane's number.
    pub lane: usize,
    /// The lane's name.
    pub name: String,
    /// The meaning of the lane's content.
    #[serde(rename = "for")]
    pub meaning: String,
    /// Whether positional encodings write the lane.
    pub positional: bool,
    /// What the lane holds in turn, if it holds more than one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<TurnLabel>,
}

/// The label of what a lane holds from one place in the forward pass to another.
#[derive(Debug, Serialize)]
pub struct TurnLabel {
    /// The name.
    pub name: String,
    /// The place from which on the lane holds it, or parts of it.
    pub from: String,
    /// The place at which the next one takes over; none for the last.
    pub until: Option<String>,
    /// The source file that placed it.
    pub placed_by: String,
}

/// The labels of a layer.
#[derive(Debug, Serialize)]
pub struct LayerLabels {
    /// The layer's number.
    pub layer: usize,
    /// The heads, in order.
    pub heads: Vec<HeadLabel>,
    /// The neurons, in order.
    pub neurons: Vec<NeuronLabel>,
}

/// The label of a head, with the numbers of the lanes that its parts read and write.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the parts of a head")]
pub struct HeadLabel {
    pub head: usize,
    pub name: String,
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_by: Option<String>,
    pub query: Vec<usize>,
    pub key: Vec<usize>,
    pub value: Vec<usize>,
    pub output: Vec<usize>,
}

/// The label of a neuron, with the numbers of the lanes that its parts read and write.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the parts of a neuron")]
pub struct NeuronLabel {
    pub neuron: usize,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_by: Option<String>,
    pub gate: Vec<usize>,
    pub value: Vec<usize>,
    pub output: Vec<usize>,
}

impl Labels {
    /// The labels of the model that a circuit becomes: of every lane, head and neuron that the model has.
    pub fn of(circuit: &Circuit) -> Labels {
        let config = circuit.config();
        let lanes = (0..config.d_model).map(|lane| LaneLabel::of(lane, circuit.lanes.get(lane)));
        let layers = circuit.layers.iter().zip(&config.attention).enumerate().map(|(layer, (contents, kinds))| {
            let heads = contents.heads.iter().zip(&contents.heads_placed).enumerate();
            let mut heads: Vec<_> = heads.map(|(index, (head, placed))| HeadLabel::of(index, head, placed)).collect();
            for (head, kind) in kinds.iter().enumerate().skip(heads.len()) {
                heads.push(HeadLabel { head, name: UNUSED.to_string(), kind: kind.to_string(), ..HeadLabel::default() });
            }
            let neurons = contents.neurons.iter().zip(&contents.neurons_placed).enumerate();
            let mut neurons: Vec<_> = neurons.map(|(index, (neuron, placed))| NeuronLabel::of(index, neuron, placed)).collect();
            for neuron in neurons.len()..config.d_ffn {
                neurons.push(NeuronLabel { neuron, name: UNUSED.to_string(), ..NeuronLabel::default() });
            }
            LayerLabels { layer, heads, neurons }
        });
        Labels { lanes: lanes.collect(), layers: layers.collect() }
    }
}

impl LaneLabel {
    fn of(lane: usize, info: Option<&LaneInfo>) -> LaneLabel {
        let Some(LaneInfo { name, meaning, positional, turns }) = info else {
            return LaneLabel { lane, name: UNUSED.to_string(), meaning: UNUSED.to_string(), positional: false, turns: Vec::new() };
        };
        let turns = turns.iter().map(|Turn { name, from, until, placed }| TurnLabel {
            name: name.clone(),
            from: hook(*from),
            until: until.map(hook),
            placed_by: file(placed),
        });
        LaneLabel { lane, name: name.clone(), meaning: meaning.clone(), positional: positional.is_some(), turns: turns.collect() }
    }
}

impl HeadLabel {
    fn of(index: usize, head: &Head, placed: Placed) -> HeadLabel {
        HeadLabel {
            head: index,
            name: head.name.clone(),
            kind: head.kind.to_string(),
            placed_by: Some(file(placed)),
            query: lanes(&head.query),
            key: lanes(&head.key),
            value: lanes(&head.value),
            output: lanes(&head.output),
        }
    }
}

impl NeuronLabel {
    fn of(index: usize, Neuron { name, gate, value, output }: &Neuron, placed: Placed) -> NeuronLabel {
        let [gate, value, output] = [gate, value, output].map(|form| lanes([form]));
        NeuronLabel { neuron: index, name: name.clone(), placed_by: Some(file(placed)), gate, value, output }
    }
}

/// The lanes of some forms, ascending.
fn lanes<'f>(forms: impl IntoIterator<Item = &'f Form>) -> Vec<usize> {
    let mut lanes: Vec<_> = forms.into_iter().flat_map(Form::terms).map(|(lane, _)| lane.0).collect();
    lanes.sort_unstable();
    lanes.dedup();
    lanes
}

/// A place in the forward pass, named as the weights before it are.
fn hook(stage: Stage) -> String {
    match stage {
        Stage::Embedded => "embedding".to_string(),
        Stage::Attention(layer) => format!("layers.{layer}.attention"),
        Stage::Ffn(layer) => format!("layers.{layer}.ffn"),
    }
}

/// The path of a source file from `src` on: what stands before it depends on where the crate was built.
fn file(placed: Placed) -> String {
    let path = placed.file().replace('\\', "/");
    path.rsplit_once("src/").map_or(path.clone(), |(_, file)| file.to_string())
}
