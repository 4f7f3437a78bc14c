//! The GGUF format, version 3, as llama.cpp reads it: metadata, then tensors. The same model always gives the
//! same bytes.
//!
//! llama.cpp turns neighbouring rows of a head as a pair, where transformers turns rows half a head apart. So
//! the rows of queries and keys are written in another order.

use super::{LlamaModel, Tensor};

/// Tensor data begins at multiples of this many bytes.
const ALIGNMENT: usize = 32;
/// The version of the format.
const VERSION: u32 = 3;
/// The type of f32 tensors, and of files that have only those.
const F32: u32 = 0;

/// What llama.cpp does with a token's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// The token for what no token spells.
    Unknown = 2,
    /// A token that texts do not contain, like the one that ends a generation.
    Control = 3,
    /// A token that is found wherever a text contains it, the longest first.
    UserDefined = 4,
    /// A byte that no other token covers.
    Byte = 6,
}

/// The vocabulary of a file. Identifiers are indices.
#[derive(Clone, Debug)]
pub struct GgufVocabulary {
    /// Each token's text and type.
    pub tokens: Vec<(String, TokenType)>,
    /// The token that begins every sequence.
    pub begin: u32,
    /// The token that ends a generation.
    pub end: u32,
    /// The token for what no token spells.
    pub unknown: u32,
}

/// A value of the metadata.
enum Value<'v> {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(&'v str),
    Texts(Vec<&'v str>),
    F32s(Vec<f32>),
    I32s(Vec<i32>),
}

/// A model as a GGUF file, with its name and vocabulary.
pub fn serialize(model: &LlamaModel, name: &str, vocabulary: &GgufVocabulary) -> Vec<u8> {
    let tensors: Vec<(String, Vec<usize>, Vec<f32>)> =
        model.tensors().into_iter().map(|(name, tensor)| placed(model, &name, tensor)).collect();
    let metadata = metadata(model, name, vocabulary);
    let mut file = b"GGUF".to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in &metadata {
        text(&mut file, key);
        value.write(&mut file);
    }
    let mut offset = 0_usize;
    for (name, shape, elements) in &tensors {
        text(&mut file, name);
        file.extend((shape.len() as u32).to_le_bytes());
        // The length of a row comes first.
        shape.iter().rev().for_each(|size| file.extend((*size as u64).to_le_bytes()));
        file.extend(F32.to_le_bytes());
        file.extend((offset as u64).to_le_bytes());
        offset += (elements.len() * size_of::<f32>()).next_multiple_of(ALIGNMENT);
    }
    for (_, _, elements) in &tensors {
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        elements.iter().for_each(|element| file.extend(element.to_le_bytes()));
    }
    file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
    file
}

fn metadata<'v>(model: &LlamaModel, name: &'v str, vocabulary: &'v GgufVocabulary) -> Vec<(&'static str, Value<'v>)> {
    let config = &model.config;
    let size = |size: usize| Value::U32(size as u32);
    vec![
        ("general.architecture", Value::Text("llama")),
        ("general.name", Value::Text(name)),
        ("general.file_type", Value::U32(F32)),
        ("general.alignment", size(ALIGNMENT)),
        ("llama.vocab_size", size(config.vocab_size)),
        ("llama.context_length", size(config.max_positions)),
        ("llama.embedding_length", size(config.hidden_size)),
        ("llama.block_count", size(config.layers)),
        ("llama.feed_forward_length", size(config.intermediate_size)),
        ("llama.attention.head_count", size(config.heads)),
        ("llama.attention.head_count_kv", size(config.heads)),
        ("llama.attention.key_length", size(config.head_dim)),
        ("llama.attention.value_length", size(config.head_dim)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(config.rms_norm_eps as f32)),
        ("llama.rope.dimension_count", size(config.head_dim)),
        ("llama.rope.freq_base", Value::F32(config.rope_theta as f32)),
        ("tokenizer.ggml.model", Value::Text("llama")),
        ("tokenizer.ggml.tokens", Value::Texts(vocabulary.tokens.iter().map(|(text, _)| &text[..]).collect())),
        ("tokenizer.ggml.scores", Value::F32s(vec![0.0; vocabulary.tokens.len()])),
        ("tokenizer.ggml.token_type", Value::I32s(vocabulary.tokens.iter().map(|(_, kind)| *kind as i32).collect())),
        ("tokenizer.ggml.bos_token_id", Value::U32(vocabulary.begin)),
        ("tokenizer.ggml.eos_token_id", Value::U32(vocabulary.end)),
        ("tokenizer.ggml.unknown_token_id", Value::U32(vocabulary.unknown)),
        ("tokenizer.ggml.add_bos_token", Value::Bool(true)),
        ("tokenizer.ggml.add_eos_token", Value::Bool(false)),
        ("tokenizer.ggml.add_space_prefix", Value::Bool(false)),
    ]
}

/// A tensor by llama.cpp's name, with its shape and its elements in llama.cpp's order.
fn placed(model: &LlamaModel, name: &str, tensor: Tensor<'_>) -> (String, Vec<usize>, Vec<f32>) {
    let mut elements = tensor.elements();
    let shape = tensor.shape();
    if name.contains("q_proj") || name.contains("k_proj") {
        let (dim, half, columns) = (model.config.head_dim, model.config.head_dim / 2, shape[1]);
        let rows: Vec<f32> = std::mem::take(&mut elements);
        let of = |row: usize| row / dim * dim + row % dim / 2 + row % 2 * half;
        elements = (0..shape[0]).flat_map(|row| rows[of(row) * columns..][..columns].to_vec()).collect();
    }
    (gguf_name(name), shape, elements)
}

/// The name of a tensor in llama.cpp.
fn gguf_name(name: &str) -> String {
    let names = [
        ("model.layers.", "blk."),
        ("input_layernorm", "attn_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("post_attention_layernorm", "ffn_norm"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("lm_head", "output"),
    ];
    names.iter().fold(name.to_string(), |name, (theirs, here)| name.replace(theirs, here))
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}

impl Value<'_> {
    const TYPE_ARRAY: u32 = 9;

    fn write(&self, file: &mut Vec<u8>) {
        let head = |file: &mut Vec<u8>, count: usize| {
            file.extend(Self::TYPE_ARRAY.to_le_bytes());
            file.extend(self.type_of_elements().to_le_bytes());
            file.extend((count as u64).to_le_bytes());
        };
        if !matches!(self, Value::Texts(_) | Value::F32s(_) | Value::I32s(_)) {
            file.extend(self.type_of_elements().to_le_bytes());
        }
        match self {
            Value::U32(number) => file.extend(number.to_le_bytes()),
            Value::F32(number) => file.extend(number.to_le_bytes()),
            Value::Bool(holds) => file.push(u8::from(*holds)),
            Value::Text(value) => text(file, value),
            Value::Texts(texts) => {
                head(file, texts.len());
                texts.iter().for_each(|value| text(file, value));
            }
            Value::F32s(numbers) => {
                head(file, numbers.len());
                numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
            }
            Value::I32s(numbers) => {
                head(file, numbers.len());
                numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
            }
        }
    }

    /// The format's number for the type of a value, or of the elements of an array.
    fn type_of_elements(&self) -> u32 {
        match self {
            Value::U32(_) => 4,
            Value::I32s(_) => 5,
            Value::F32(_) | Value::F32s(_) => 6,
            Value::Bool(_) => 7,
            Value::Text(_) | Value::Texts(_) => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transformer::llama::LlamaConfig;

    /// A model with one layer and one head of four dimensions, whose query weights are their rows' numbers.
    fn small() -> LlamaModel {
        let config = LlamaConfig {
            hidden_size: 4,
            intermediate_size: 3,
            layers: 1,
            heads: 1,
            head_dim: 4,
            vocab_size: 2,
            rope_theta: 1e38,
            rms_norm_eps: 1e-6,
            max_positions: 8,
        };
        let mut model = LlamaModel::zeros(config);
        for row in 0..4 {
            *model.layers[0].query.get_mut(row, 0) = row as f32;
        }
        model
    }

    #[test]
    fn rows_of_a_pair_are_neighbours() {
        let model = small();
        let (_, tensor) = model.tensors().into_iter().find(|(name, _)| name.contains("q_proj")).unwrap();
        let (name, shape, elements) = placed(&model, "model.layers.0.self_attn.q_proj.weight", tensor);
        assert_eq!((&name[..], &shape[..]), ("blk.0.attn_q.weight", &[4, 4][..]));
        assert_eq!(elements.iter().step_by(4).copied().collect::<Vec<_>>(), [0.0, 2.0, 1.0, 3.0]);
    }

    #[test]
    fn a_file_is_the_same_each_time_and_ends_with_its_last_tensor() {
        let vocabulary = GgufVocabulary {
            tokens: vec![("<s>".to_string(), TokenType::Control), (" a".to_string(), TokenType::UserDefined)],
            begin: 0,
            end: 0,
            unknown: 0,
        };
        let file = serialize(&small(), "small", &vocabulary);
        assert_eq!(file, serialize(&small(), "small", &vocabulary));
        assert!(file.starts_with(b"GGUF\x03\0\0\0") && file.len().is_multiple_of(ALIGNMENT));
        let count = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
        assert_eq!((count(8), count(16)), (12, 26));
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("tokenizer.ggml.tokens") && text.contains("blk.0.ffn_down.weight") && !text.contains("model.layers"));
    }
}
