//! The stock machine's files: a folder that transformers loads without code of ours, and a GGUF file for
//! llama.cpp.

use serde_json::{Map, Value, json};

use crate::byte::stock::{MAX_ROWS, Vocabulary, Word};
use crate::circuit::llama::LlamaProof;
use crate::transformer::folder;
use crate::transformer::llama::LlamaModel;
use crate::transformer::llama::gguf::{self, GgufVocabulary, TokenType};

/// The card, with placeholders for figures.
const CARD: &str = include_str!("stock.md");
/// The model's name in a GGUF file.
const NAME: &str = "wasmformer stock machine";

/// The model as a GGUF file. A word's text has the blank or line break before it: so a text splits into
/// words, and what is generated reads like the prompt.
pub fn gguf(model: &LlamaModel) -> Vec<u8> {
    let vocabulary = Vocabulary::new();
    let tokens = vocabulary.spellings().enumerate().map(|(id, spelling)| match vocabulary.word(id) {
        Some(Word::Begin | Word::End) => (spelling, TokenType::Control),
        Some(word) => (format!("{}{spelling}", word.separator()), TokenType::UserDefined),
        None if id == Vocabulary::UNKNOWN => (spelling, TokenType::Unknown),
        None => (spelling, TokenType::Byte),
    });
    let [begin, end, unknown] = [Vocabulary::BEGIN, Vocabulary::END, Vocabulary::UNKNOWN].map(|id| id as u32);
    gguf::serialize(model, NAME, &GgufVocabulary { tokens: tokens.collect(), begin, end, unknown })
}

/// The files of a folder, with their names. The config is the first.
pub fn files(model: &LlamaModel, proof: &LlamaProof) -> Vec<(&'static str, Vec<u8>)> {
    let json = |value: Value| (value.to_string() + "\n").into_bytes();
    vec![
        ("config.json", json(config(model))),
        ("model.safetensors", model.safetensors()),
        ("generation_config.json", json(generation_config())),
        ("tokenizer.json", json(tokenizer())),
        ("tokenizer_config.json", json(tokenizer_config())),
        ("README.md", card(model, proof).into_bytes()),
    ]
}

fn config(model: &LlamaModel) -> Value {
    let mut config = model.config.json();
    let own = json!({
        "bos_token_id": Vocabulary::BEGIN,
        "eos_token_id": Vocabulary::END,
        "pad_token_id": Vocabulary::END,
        "written_by": folder::writer(),
    });
    if let (Value::Object(config), Value::Object(own)) = (&mut config, own) {
        config.extend(own);
    }
    config
}

/// By it `generate` is greedy, and stops at the end of the run.
fn generation_config() -> Value {
    json!({
        "do_sample": false,
        "bos_token_id": Vocabulary::BEGIN,
        "eos_token_id": Vocabulary::END,
        "pad_token_id": Vocabulary::END,
        "max_length": MAX_ROWS,
    })
}

/// `tokenizer.json`: a text is words with blanks or line breaks between them, after the word that begins.
fn tokenizer() -> Value {
    let vocabulary: Map<_, _> = Vocabulary::new().spellings().enumerate().map(|(id, word)| (word, json!(id))).collect();
    let special = |id: usize, content: &str| json!({ "id": id, "content": content, "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false });
    let begin = Word::Begin.to_string();
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [special(Vocabulary::BEGIN, &begin), special(Vocabulary::END, &Word::End.to_string())],
        "normalizer": null,
        "pre_tokenizer": { "type": "WhitespaceSplit" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": begin, "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { begin.clone(): { "id": begin, "ids": [Vocabulary::BEGIN], "tokens": [begin] } },
        },
        "decoder": null,
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>" },
    })
}

fn tokenizer_config() -> Value {
    json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": Word::Begin.to_string(),
        "eos_token": Word::End.to_string(),
        "pad_token": Word::End.to_string(),
        "clean_up_tokenization_spaces": false,
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": MAX_ROWS,
        "padding_side": "left",
    })
}

fn card(model: &LlamaModel, proof: &LlamaProof) -> String {
    let config = &model.config;
    let smallest = proof.smallest();
    let figures = [
        ("mark", folder::marked()),
        ("repository", env!("CARGO_PKG_REPOSITORY").to_string()),
        ("layers", config.layers.to_string()),
        ("heads", config.heads.to_string()),
        ("hidden", config.hidden_size.to_string()),
        ("neurons", config.intermediate_size.to_string()),
        ("words", config.vocab_size.to_string()),
        ("parameters", config.parameters().to_string()),
        ("rows", proof.rows.to_string()),
        ("bound", proof.bounds.largest().bound.to_string()),
        ("margin", format!("{:.0}", smallest.keys.min(smallest.recency))),
    ];
    figures.iter().fold(CARD.to_string(), |card, (name, figure)| card.replace(&format!("{{{{{name}}}}}"), figure))
}
