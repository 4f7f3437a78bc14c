//! `config.json`: the config, and facts about the folder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ContentsError, Storage, WRITER};
use crate::transformer::{Config, Number};

/// The classes with which model hubs load a model: the hub's name for the kind of class, the file, and the
/// class. An entry is written if the folder has the file and the file has the class.
const CLASSES: [(&str, &str, &str); 4] = [
    ("AutoConfig", "configuration_wasmformer", "WasmformerConfig"),
    ("AutoModel", "modeling_wasmformer", "WasmformerModel"),
    ("AutoModelForCausalLM", "modeling_wasmformer", "WasmformerForCausalLM"),
    (TOKENIZER, "tokenization_wasmformer", "WasmformerTokenizer"),
];
/// The kind of class of which a hub expects a pair: the slow one and the fast one.
const TOKENIZER: &str = "AutoTokenizer";

#[derive(Serialize, Deserialize)]
pub(super) struct ConfigFile {
    pub model_type: String,
    /// The model's class, where model hubs look for it. Empty in a folder without the file of this class.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "ignored")]
    architectures: Vec<&'static str>,
    #[serde(default, skip_serializing_if = "Map::is_empty", deserialize_with = "ignored")]
    auto_map: Map<String, Value>,
    written_by: String,
    /// Before its version 5, transformers called this field `torch_dtype`.
    #[serde(alias = "torch_dtype")]
    pub dtype: String,
    /// For those who read the weights; [`load`](super::load) goes by the tensors.
    #[serde(default, deserialize_with = "ignored")]
    storage: Storage,
    /// The shape of each weight matrix, which a sparse file of weights does not say.
    #[serde(default, deserialize_with = "ignored")]
    shapes: BTreeMap<String, [usize; 2]>,
    pub n_layers: usize,
    pub heads_per_layer: Vec<usize>,
    pub parameters: usize,
    #[serde(flatten)]
    pub config: Config,
    /// What the machine's language has to say.
    #[serde(flatten, skip_deserializing)]
    entries: Map<String, Value>,
}

/// Accepts any value of a field that loading does not need.
fn ignored<'de, D: serde::Deserializer<'de>, T: Default>(deserializer: D) -> Result<T, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| T::default())
}

impl ConfigFile {
    pub fn new<T: Number>(config: &Config, contents: &super::Contents) -> ConfigFile {
        let auto_map = auto_map(&contents.texts);
        let model = CLASSES.into_iter().rfind(|(auto, ..)| auto.starts_with("AutoModel") && auto_map.contains_key(*auto));
        let shapes = config.shapes().into_iter().filter(|(_, shape)| !shape.contains(&0));
        ConfigFile {
            model_type: WRITER.to_string(),
            architectures: model.map(|(.., class)| class).into_iter().collect(),
            auto_map,
            written_by: super::writer(),
            dtype: type_name::<T>(),
            storage: contents.storage,
            shapes: shapes.collect(),
            n_layers: config.layers(),
            heads_per_layer: config.heads_per_layer(),
            parameters: config.parameters(),
            config: config.clone(),
            entries: contents.entries.clone(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a config is plain data");
        json.push(b'\n');
        json
    }
}

/// The entries of `auto_map` for the classes that these texts have.
pub fn auto_map(texts: &[(String, String)]) -> Map<String, Value> {
    let has = |file: &str, class: &str| {
        texts.iter().any(|(name, text)| name.strip_suffix(".py") == Some(file) && text.contains(&format!("\nclass {class}(")))
    };
    let classes = CLASSES.into_iter().filter(|(_, file, class)| has(file, class));
    let entry = |(auto, file, class): (&str, &str, &str)| {
        let class = format!("{file}.{class}");
        (auto.to_string(), if auto == TOKENIZER { json!([class, null]) } else { json!(class) })
    };
    classes.map(entry).collect()
}

/// The contents of `config.json` for a config.
pub fn serialize_config<T: Number>(config: &Config) -> Vec<u8> {
    ConfigFile::new::<T>(config, &super::Contents::default()).bytes()
}

/// A config from the bytes of `config.json`.
///
/// # Errors
/// What is wrong with the config, in one sentence.
pub fn parse_config<T: Number>(json: &[u8]) -> Result<Config, ContentsError> {
    let file = parse_file(json)?;
    let config = file.config;
    let complain = |what: String| Err(ContentsError::InconsistentConfig(what));
    if file.model_type != WRITER {
        return complain(format!("model_type is {:?}, expected {WRITER:?}", file.model_type));
    }
    if !names_type::<T>(&file.dtype) {
        return complain(format!("dtype is {}, expected {}", file.dtype, type_name::<T>()));
    }
    if [config.d_model, config.d_head, config.d_ffn, config.vocab_size].contains(&0) {
        return complain("d_model, d_head, d_ffn and vocab_size must not be 0".to_string());
    }
    if file.heads_per_layer != config.heads_per_layer() || file.n_layers != config.layers() {
        return complain("n_layers and heads_per_layer do not match the list of attention heads".to_string());
    }
    if file.parameters != config.parameters() {
        return complain(format!("{} parameters are stated, but the shapes hold {}", file.parameters, config.parameters()));
    }
    if config.lanes.len() > config.d_model {
        return complain(format!("{} lanes are named in a residual stream of {}", config.lanes.len(), config.d_model));
    }
    if let Some(complaint) = config.specialized.as_ref().and_then(|specialized| specialized.complaint(config.vocab_size)) {
        return complain(complaint);
    }
    if let Some((name, id)) = config.special_tokens.iter().find(|(_, id)| **id >= config.vocab_size) {
        return complain(format!("special token {name} is {id}, outside the vocabulary of {}", config.vocab_size));
    }
    Ok(config)
}

/// Whether a config names this number type, as the safetensors format does or as torch and transformers do.
fn names_type<T: Number>(dtype: &str) -> bool {
    dtype == T::DTYPE.to_string() || dtype.strip_prefix("torch.").unwrap_or(dtype) == type_name::<T>()
}

/// A number type as torch and transformers spell it.
pub(super) fn type_name<T: Number>() -> String {
    format!("float{}", 8 * size_of::<T>())
}

pub(super) fn parse_file(json: &[u8]) -> Result<ConfigFile, ContentsError> {
    serde_json::from_slice(json).map_err(|error| ContentsError::MalformedConfig(error.to_string()))
}
