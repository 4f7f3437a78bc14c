//! The shape of a model.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Specialized;

/// The kind of a head: what the head attends to, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attention {
    /// The value row whose key scores highest against the query; among equal scores, the latest row.
    HardMax,
    /// The sum of all value rows so far. There is no query and no key.
    Sum,
    /// Hard-max over the rows of the external store with this index, instead of the sequence.
    Cross(usize),
}

impl fmt::Display for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attention::HardMax => f.write_str("hard_max"),
            Attention::Sum => f.write_str("sum"),
            Attention::Cross(store) => write!(f, "cross:{store}"),
        }
    }
}

impl Serialize for Attention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Attention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match (name.as_str(), name.strip_prefix("cross:")) {
            ("hard_max", _) => Ok(Attention::HardMax),
            ("sum", _) => Ok(Attention::Sum),
            (_, Some(store)) => store.parse().map(Attention::Cross).map_err(serde::de::Error::custom),
            _ => Err(serde::de::Error::custom(format!("unknown kind of attention {name:?}"))),
        }
    }
}

/// The shape of a model, and the names of its lanes and special tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The name of the machine, for the host that surrounds the network.
    pub machine: String,
    /// Width of the residual stream: the number of lanes.
    pub d_model: usize,
    /// Width of a head's queries, keys and values.
    pub d_head: usize,
    /// Number of neurons in each layer's feed-forward network.
    pub d_ffn: usize,
    /// Number of rows of embedding and unembedding: one per token, and in specialised weights more.
    pub vocab_size: usize,
    /// The heads of each layer.
    pub attention: Vec<Vec<Attention>>,
    /// The special tokens by name.
    pub special_tokens: BTreeMap<String, usize>,
    /// The names of the lanes, in order. Lanes after the last name are unused.
    pub lanes: Vec<String>,
    /// What the weights are specialised to, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialized: Option<Box<Specialized>>,
}

impl Config {
    /// Number of bytes per row that the dense pass keeps as keys and values, in this number type.
    pub fn bytes_a_row<T>(&self) -> u64 {
        let heads = self.attention.iter().flatten().filter(|kind| **kind == Attention::HardMax).count();
        (heads * 2 * self.d_head * size_of::<T>()) as u64
    }

    /// Number of bytes per row of a store that passes keep as keys and values, in this number type.
    pub fn bytes_a_store_row<T>(&self, store: usize) -> u64 {
        let heads = self.attention.iter().flatten().filter(|kind| **kind == Attention::Cross(store)).count();
        (heads * 2 * self.d_head * size_of::<T>()) as u64
    }

    /// The number of layers.
    pub fn layers(&self) -> usize {
        self.attention.len()
    }

    /// The number of heads of each layer.
    pub fn heads_per_layer(&self) -> Vec<usize> {
        self.attention.iter().map(Vec::len).collect()
    }

    /// Name and shape of each weight matrix, in the order of the forward pass.
    pub fn shapes(&self) -> Vec<(String, [usize; 2])> {
        let d = self.d_model;
        let mut shapes = vec![("embedding".to_string(), [self.vocab_size, d])];
        for (layer, heads) in self.attention.iter().enumerate() {
            let width = heads.len().saturating_mul(self.d_head);
            let parts = [
                ("attention.query", [width, d]),
                ("attention.key", [width, d]),
                ("attention.value", [width, d]),
                ("attention.output", [d, width]),
                ("ffn.gate", [self.d_ffn, d]),
                ("ffn.value", [self.d_ffn, d]),
                ("ffn.down", [d, self.d_ffn]),
            ];
            shapes.extend(parts.map(|(part, shape)| (format!("layers.{layer}.{part}"), shape)));
        }
        shapes.push(("unembedding".to_string(), [self.vocab_size, d]));
        shapes
    }

    /// The number of parameters: the elements of all weight matrices.
    pub fn parameters(&self) -> usize {
        self.shapes().iter().fold(0, |sum: usize, (_, [rows, columns])| sum.saturating_add(rows.saturating_mul(*columns)))
    }

    /// The number of tokens. More rows of the embedding than these hold a program.
    pub fn tokens(&self) -> usize {
        self.specialized.as_ref().map_or(self.vocab_size, |specialized| specialized.tokens)
    }

    /// The index of a named lane.
    pub fn lane(&self, name: &str) -> Option<usize> {
        self.lanes.iter().position(|lane| lane == name)
    }
}
