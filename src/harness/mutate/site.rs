//! Where a weight stands in a model, and what may be done to it.

use std::fmt;

use crate::circuit::Circuit;
use crate::transformer::{Matrix, Model, Number};

/// A weight matrix of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tensor {
    /// Token embedding: a row a token, a column a lane.
    Embedding,
    /// Queries of a layer: a row a dimension of a head, a column a lane.
    Query(usize),
    /// Keys of a layer: likewise.
    Key(usize),
    /// Values of a layer: likewise.
    Value(usize),
    /// Output projection of a layer: a row a lane, a column a dimension of a head.
    Output(usize),
    /// Gates of a layer: a row a neuron, a column a lane.
    Gate(usize),
    /// Values of a layer's neurons: likewise.
    NeuronValue(usize),
    /// What a layer's neurons write: a row a lane, a column a neuron.
    Down(usize),
    /// Unembedding: a row a token, a column a lane.
    Unembedding,
}

impl Tensor {
    /// The tensors of a model of so many layers, in the order of the forward pass.
    pub fn all(layers: usize) -> Vec<Tensor> {
        let of_layer = |l| {
            let (query, key, value, output) = (Tensor::Query(l), Tensor::Key(l), Tensor::Value(l), Tensor::Output(l));
            [query, key, value, output, Tensor::Gate(l), Tensor::NeuronValue(l), Tensor::Down(l)]
        };
        [Tensor::Embedding].into_iter().chain((0..layers).flat_map(of_layer)).chain([Tensor::Unembedding]).collect()
    }

    /// Its layer, if it belongs to one.
    pub fn layer(self) -> Option<usize> {
        use Tensor::*;
        match self {
            Embedding | Unembedding => None,
            Query(l) | Key(l) | Value(l) | Output(l) | Gate(l) | NeuronValue(l) | Down(l) => Some(l),
        }
    }

    /// The matrix of a model.
    pub fn of<T>(self, model: &Model<T>) -> &Matrix<T> {
        match self {
            Tensor::Embedding => &model.embedding,
            Tensor::Query(l) => &model.layers[l].query,
            Tensor::Key(l) => &model.layers[l].key,
            Tensor::Value(l) => &model.layers[l].value,
            Tensor::Output(l) => &model.layers[l].output,
            Tensor::Gate(l) => &model.layers[l].ffn_gate,
            Tensor::NeuronValue(l) => &model.layers[l].ffn_value,
            Tensor::Down(l) => &model.layers[l].ffn_down,
            Tensor::Unembedding => &model.unembedding,
        }
    }

    /// As [`Tensor::of`], to be changed.
    pub fn of_mut<T>(self, model: &mut Model<T>) -> &mut Matrix<T> {
        match self {
            Tensor::Embedding => &mut model.embedding,
            Tensor::Query(l) => &mut model.layers[l].query,
            Tensor::Key(l) => &mut model.layers[l].key,
            Tensor::Value(l) => &mut model.layers[l].value,
            Tensor::Output(l) => &mut model.layers[l].output,
            Tensor::Gate(l) => &mut model.layers[l].ffn_gate,
            Tensor::NeuronValue(l) => &mut model.layers[l].ffn_value,
            Tensor::Down(l) => &mut model.layers[l].ffn_down,
            Tensor::Unembedding => &mut model.unembedding,
        }
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Tensor::Embedding => return f.write_str("embedding"),
            Tensor::Unembedding => return f.write_str("unembedding"),
            Tensor::Query(_) => "attention.query",
            Tensor::Key(_) => "attention.key",
            Tensor::Value(_) => "attention.value",
            Tensor::Output(_) => "attention.output",
            Tensor::Gate(_) => "ffn.gate",
            Tensor::NeuronValue(_) => "ffn.value",
            Tensor::Down(_) => "ffn.down",
        };
        write!(f, "layers.{}.{part}", self.layer().unwrap_or_default())
    }
}

/// A weight's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The matrix.
    pub tensor: Tensor,
    /// The row.
    pub row: usize,
    /// The column.
    pub column: usize,
}

impl Site {
    /// The places of all weights of a model that are not zero, in the order of the forward pass.
    pub fn non_zero<T: Number>(model: &Model<T>) -> Vec<Site> {
        let in_tensor = |tensor: Tensor| {
            let matrix = tensor.of(model);
            let rows = (0..matrix.rows()).flat_map(move |row| (0..matrix.columns()).map(move |column| Site { tensor, row, column }));
            rows.filter(|site| site.weight(model) != T::default())
        };
        Tensor::all(model.layers.len()).into_iter().flat_map(in_tensor).collect()
    }

    /// The weight there.
    pub fn weight<T: Number>(self, model: &Model<T>) -> T {
        self.tensor.of(model).get(self.row, self.column)
    }

    /// Sets the weight there.
    pub fn set<T: Number>(self, model: &mut Model<T>, weight: T) {
        *self.tensor.of_mut(model).get_mut(self.row, self.column) = weight;
    }

    /// What stands there, by the names that the circuit gives to heads, neurons and lanes.
    pub fn describe(self, circuit: &Circuit) -> String {
        let d_head = circuit.budget().d_head;
        let lane = |index: usize| circuit.lanes().get(index).map_or_else(|| format!("unused lane {index}"), |info| info.name.clone());
        let head = |layer: usize, slot: usize| match circuit.layers()[layer].heads.get(slot / d_head) {
            Some(head) => format!("head {:?}, dimension {}", head.name, slot % d_head),
            None => format!("unused head {}", slot / d_head),
        };
        let neuron = |layer: usize, index: usize| match circuit.layers()[layer].neurons.get(index) {
            Some(neuron) => format!("neuron {:?}", neuron.name),
            None => format!("unused neuron {index}"),
        };
        let Site { tensor, row, column } = self;
        match tensor {
            Tensor::Embedding | Tensor::Unembedding => format!("token {row}, lane {}", lane(column)),
            Tensor::Query(layer) | Tensor::Key(layer) | Tensor::Value(layer) => format!("{}, lane {}", head(layer, row), lane(column)),
            Tensor::Output(layer) => format!("{}, to lane {}", head(layer, column), lane(row)),
            Tensor::Gate(layer) | Tensor::NeuronValue(layer) => format!("{}, lane {}", neuron(layer, row), lane(column)),
            Tensor::Down(layer) => format!("{}, to lane {}", neuron(layer, column), lane(row)),
        }
    }
}

/// What is done to a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It becomes 0.
    Removed,
    /// Its sign is turned.
    Negated,
    /// It becomes one more.
    Nudged,
}

impl Change {
    /// Every change.
    pub const ALL: [Change; 3] = [Change::Removed, Change::Negated, Change::Nudged];

    /// What a weight becomes.
    pub fn apply<T: Number>(self, weight: T) -> T {
        match self {
            Change::Removed => T::default(),
            Change::Negated => T::default() - weight,
            Change::Nudged => weight + T::from_integer(1),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Removed => "removed",
            Change::Negated => "negated",
            Change::Nudged => "nudged",
        })
    }
}

/// One changed weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutant {
    /// Where.
    pub site: Site,
    /// How.
    pub change: Change,
}

impl Mutant {
    /// All mutants of a model.
    pub fn all<T: Number>(model: &Model<T>) -> Vec<Mutant> {
        Site::non_zero(model).into_iter().flat_map(|site| Change::ALL.map(|change| Mutant { site, change })).collect()
    }

    /// The model with this weight changed.
    pub fn of<T: Number>(self, model: &Model<T>) -> Model<T> {
        let mut model = model.clone();
        self.change_in(&mut model);
        model
    }

    /// Changes this weight of a model. Gives what it was.
    pub fn change_in<T: Number>(self, model: &mut Model<T>) -> T {
        let old = self.site.weight(model);
        self.site.set(model, self.change.apply(old));
        old
    }
}
