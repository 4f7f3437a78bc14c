//! The Llama architecture, unchanged: what `LlamaForCausalLM` and llama.cpp run without code of ours.
//!
//! It differs from this crate's own transformer in everything that is not a matrix product: attention is a
//! softmax over rotated queries and keys, the feed-forward network is `down · (silu(gate · x) ⊙ (up · x))`,
//! and each part reads the residual stream through an RMSNorm. All layers have the same number of heads.
//! [`forward`] computes exactly that, in f32. [`gguf`] writes the file format of llama.cpp.

pub mod forward;
pub mod gguf;
mod sparse;

use safetensors::Dtype;
use serde_json::{Value, json};

use super::{Matrix, folder};

pub use forward::{Pass, Session};

/// The shape of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaConfig {
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Number of neurons in each layer.
    pub intermediate_size: usize,
    /// Number of layers.
    pub layers: usize,
    /// Number of heads in each layer.
    pub heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// The base of the rotary position embedding: pair p of a head turns by `theta^(-2p / head_dim)` a row.
    pub rope_theta: f64,
    /// What RMSNorm adds to the mean of the squares.
    pub rms_norm_eps: f64,
    /// The most rows of a sequence.
    pub max_positions: usize,
}

impl LlamaConfig {
    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        let (d, width) = (self.hidden_size, self.heads * self.head_dim);
        let layer = 2 * d + 4 * d * width + 3 * d * self.intermediate_size;
        2 * self.vocab_size * d + self.layers * layer + d
    }

    /// How far pair p of a head turns from one row to the next, in radians.
    pub fn frequency(&self, pair: usize) -> f64 {
        self.rope_theta.powf(-2.0 * pair as f64 / self.head_dim as f64)
    }

    /// `config.json` of `LlamaForCausalLM`.
    pub fn json(&self) -> Value {
        json!({
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "attention_bias": false,
            "attention_dropout": 0.0,
            "head_dim": self.head_dim,
            "hidden_act": "silu",
            "hidden_size": self.hidden_size,
            "intermediate_size": self.intermediate_size,
            "max_position_embeddings": self.max_positions,
            "mlp_bias": false,
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "num_key_value_heads": self.heads,
            "rms_norm_eps": self.rms_norm_eps,
            "rope_parameters": { "rope_type": "default", "rope_theta": self.rope_theta },
            "rope_theta": self.rope_theta,
            "tie_word_embeddings": false,
            "torch_dtype": "float32",
            "dtype": "float32",
            "use_cache": true,
            "vocab_size": self.vocab_size,
        })
    }
}

/// The weights of one layer. `w` is the number of heads times their width.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaLayer {
    /// Gains of the norm before attention, `[hidden_size]`.
    pub attention_norm: Vec<f32>,
    /// Query projections, `[w, hidden_size]`. Pair p of a head is its rows p and `head_dim / 2 + p`.
    pub query: Matrix<f32>,
    /// Key projections, `[w, hidden_size]`, in the same order.
    pub key: Matrix<f32>,
    /// Value projections, `[w, hidden_size]`.
    pub value: Matrix<f32>,
    /// Output projection, `[hidden_size, w]`.
    pub output: Matrix<f32>,
    /// Gains of the norm before the neurons, `[hidden_size]`.
    pub ffn_norm: Vec<f32>,
    /// Gates of the neurons, `[intermediate_size, hidden_size]`.
    pub gate: Matrix<f32>,
    /// Values of the neurons, `[intermediate_size, hidden_size]`.
    pub up: Matrix<f32>,
    /// Output weights of the neurons, `[hidden_size, intermediate_size]`.
    pub down: Matrix<f32>,
}

/// A model of the Llama architecture.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaModel {
    /// The shape.
    pub config: LlamaConfig,
    /// Token embedding, `[vocab_size, hidden_size]`.
    pub embedding: Matrix<f32>,
    /// The layers, in order.
    pub layers: Vec<LlamaLayer>,
    /// Gains of the last norm, `[hidden_size]`.
    pub norm: Vec<f32>,
    /// Unembedding, `[vocab_size, hidden_size]`.
    pub unembedding: Matrix<f32>,
}

/// A tensor of a model: a matrix, or the gains of a norm.
#[derive(Clone, Copy, Debug)]
pub enum Tensor<'m> {
    /// A matrix.
    Matrix(&'m Matrix<f32>),
    /// The gains of a norm.
    Gains(&'m [f32]),
}

impl Tensor<'_> {
    /// The shape: rows and columns, or the number of gains.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Tensor::Matrix(matrix) => vec![matrix.rows(), matrix.columns()],
            Tensor::Gains(gains) => vec![gains.len()],
        }
    }

    /// The elements, row by row.
    pub fn elements(&self) -> Vec<f32> {
        match self {
            Tensor::Matrix(matrix) => matrix.elements().collect(),
            Tensor::Gains(gains) => gains.to_vec(),
        }
    }
}

impl LlamaModel {
    /// A model with all weights and gains zero.
    pub fn zeros(config: LlamaConfig) -> LlamaModel {
        let (d, width, neurons) = (config.hidden_size, config.heads * config.head_dim, config.intermediate_size);
        let layer = || LlamaLayer {
            attention_norm: vec![0.0; d],
            query: Matrix::zeros(width, d),
            key: Matrix::zeros(width, d),
            value: Matrix::zeros(width, d),
            output: Matrix::zeros(d, width),
            ffn_norm: vec![0.0; d],
            gate: Matrix::zeros(neurons, d),
            up: Matrix::zeros(neurons, d),
            down: Matrix::zeros(d, neurons),
        };
        LlamaModel {
            embedding: Matrix::zeros(config.vocab_size, d),
            layers: (0..config.layers).map(|_| layer()).collect(),
            norm: vec![0.0; d],
            unembedding: Matrix::zeros(config.vocab_size, d),
            config,
        }
    }

    /// The tensors by the names that transformers gives them, in the order of the forward pass.
    pub fn tensors(&self) -> Vec<(String, Tensor<'_>)> {
        let mut tensors = vec![("model.embed_tokens.weight".to_string(), Tensor::Matrix(&self.embedding))];
        for (index, layer) in self.layers.iter().enumerate() {
            let parts = [
                ("input_layernorm", Tensor::Gains(&layer.attention_norm)),
                ("self_attn.q_proj", Tensor::Matrix(&layer.query)),
                ("self_attn.k_proj", Tensor::Matrix(&layer.key)),
                ("self_attn.v_proj", Tensor::Matrix(&layer.value)),
                ("self_attn.o_proj", Tensor::Matrix(&layer.output)),
                ("post_attention_layernorm", Tensor::Gains(&layer.ffn_norm)),
                ("mlp.gate_proj", Tensor::Matrix(&layer.gate)),
                ("mlp.up_proj", Tensor::Matrix(&layer.up)),
                ("mlp.down_proj", Tensor::Matrix(&layer.down)),
            ];
            tensors.extend(parts.map(|(part, tensor)| (format!("model.layers.{index}.{part}.weight"), tensor)));
        }
        tensors.push(("model.norm.weight".to_string(), Tensor::Gains(&self.norm)));
        tensors.push(("lm_head.weight".to_string(), Tensor::Matrix(&self.unembedding)));
        tensors
    }

    /// The weights in the safetensors format. The same model always gives the same bytes.
    pub fn safetensors(&self) -> Vec<u8> {
        let tensors = self.tensors().into_iter().map(|(name, tensor)| {
            let bytes = tensor.elements().into_iter().flat_map(f32::to_le_bytes).collect();
            (name, Dtype::F32, tensor.shape(), bytes)
        });
        folder::file(tensors.collect())
    }

    /// The number of weights that are not zero, without the gains.
    pub fn non_zeros(&self) -> usize {
        let matrices = self.tensors().into_iter().filter_map(|(_, tensor)| match tensor {
            Tensor::Matrix(matrix) => Some(matrix.non_zeros()),
            Tensor::Gains(_) => None,
        });
        matrices.sum()
    }
}
