//! A model as a folder: `model.safetensors` and `config.json`, and texts that accompany these files.
//!
//! Saving is deterministic. Each file is complete at any time, and the config is the first file that gets its
//! name. Saving replaces only files that this program wrote: weights and config are recognised by the writer
//! that the config names, and each text by its own [mark](marked). Only one process at a time can save to a
//! folder. Loading trusts nothing: every name, shape, type and value is checked before a model exists.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Config, Model, Number};
use crate::file::{Lock, Prepared};
use crate::shown;

/// The file that holds the weights.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// The file that holds the config.
pub const CONFIG_FILE: &str = "config.json";
/// The classes with which model hubs load a model, if the folder has the files of these classes: the hub's
/// name for the kind of class, the file, and the class.
const CLASSES: [(&str, &str, &str); 2] =
    [("AutoConfig", "configuration_wasmformer", "WasmformerConfig"), ("AutoModel", "modeling_wasmformer", "WasmformerModel")];
/// The beginning of `written_by` in a config that this program wrote.
const WRITER: &str = env!("CARGO_PKG_NAME");
/// The beginning of the mark in a text that this program wrote. The version follows.
const MARK: &str = concat!("# Written by ", env!("CARGO_PKG_NAME"), " ");
/// The end of the mark.
const MARK_END: &str = "; the next export replaces this file.";
/// The mark is within this many bytes from the start of a text.
const MARKED_WITHIN: u64 = 200;
/// The file that prevents a second process from writing to the folder at the same time.
const LOCK_FILE: &str = ".wasmformer.lock";

/// Why a folder could not be saved to or loaded from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {}", shown::path(path), shown::message(reason))]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with the file or folder.
    pub reason: String,
}

/// Why the bytes of a file are not a machine's config or weights, in one sentence about the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ContentsError {
    /// The config is not JSON of the expected shape.
    #[error("is not a config: {0}")]
    MalformedConfig(String),
    /// The config contradicts itself.
    #[error("is not a consistent config: {0}")]
    InconsistentConfig(String),
    /// The weights are not in the safetensors format.
    #[error("is not a safetensors file: {0}")]
    MalformedWeights(String),
    /// A tensor that the config requires is missing.
    #[error("has no tensor {0}")]
    NoTensor(String),
    /// A tensor that the config does not know.
    #[error("has a tensor {0} that the config does not know")]
    UnknownTensor(String),
    /// A tensor whose shape or type is not the one that the config requires.
    #[error("tensor {0} {1}")]
    OtherTensor(String, String),
    /// A weight that is not a finite number: tensor, number, row and column.
    #[error("tensor {0} is {1} at [{2}, {3}]; every weight must be finite")]
    NotFinite(String, String, usize, usize),
}

/// `config.json`: the config, and facts that a reader wants to know without computing them.
#[derive(Serialize, Deserialize)]
struct ConfigFile {
    model_type: String,
    /// The model's class, where model hubs look for it. Empty in a folder without the file of this class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    architectures: Vec<String>,
    /// The [`CLASSES`] whose files are in the folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    auto_map: BTreeMap<String, String>,
    written_by: String,
    /// Before its version 5, transformers called this field `torch_dtype`.
    #[serde(alias = "torch_dtype")]
    dtype: String,
    n_layers: usize,
    heads_per_layer: Vec<usize>,
    parameters: usize,
    #[serde(flatten)]
    config: Config,
}

impl ConfigFile {
    fn new<T: Number>(config: &Config, texts: &[(String, String)]) -> ConfigFile {
        let is_there = |file: &str| texts.iter().any(|(name, _)| name.strip_suffix(".py") == Some(file));
        let classes = || CLASSES.into_iter().filter(|(_, file, _)| is_there(file));
        ConfigFile {
            model_type: WRITER.to_string(),
            architectures: classes().filter(|(auto, ..)| *auto == "AutoModel").map(|(.., class)| class.to_string()).collect(),
            auto_map: classes().map(|(auto, file, class)| (auto.to_string(), format!("{file}.{class}"))).collect(),
            written_by: format!("{WRITER} {}", env!("CARGO_PKG_VERSION")),
            dtype: T::DTYPE.to_string(),
            n_layers: config.layers(),
            heads_per_layer: config.heads_per_layer(),
            parameters: config.parameters(),
            config: config.clone(),
        }
    }
}

/// The line that marks a text as written by this program. The line must be at the start of the text (in a
/// comment of the text's language). Otherwise the text counts as written by somebody else when it is to be
/// replaced.
pub fn marked() -> String {
    format!("{MARK}{}{MARK_END}\n", env!("CARGO_PKG_VERSION"))
}

/// Writes a model into a folder. The folder is made if it does not exist.
///
/// # Errors
/// The same as for [`save_with`].
pub fn save<T: Number>(model: &Model<T>, folder: &Path) -> Result<(), FolderError> {
    save_with(model, &[], folder)
}

/// Writes a model and texts (name and contents) into a folder. The folder is made if it does not exist.
///
/// # Errors
/// If the folder has a file with one of these names that this program did not write, or if writing fails. In
/// both cases no file is half-written.
pub fn save_with<T: Number>(model: &Model<T>, texts: &[(String, String)], folder: &Path) -> Result<(), FolderError> {
    refuse_foreign(folder, texts)?;
    let fail = |path: &Path, error: std::io::Error| FolderError { path: path.to_path_buf(), reason: format!("cannot be written: {error}") };
    fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    let lock = Lock::take(&folder.join(LOCK_FILE)).map_err(|error| fail(&folder.join(LOCK_FILE), error))?;
    let Some(_lock) = lock else {
        return Err(FolderError { path: folder.to_path_buf(), reason: "another process is writing to this folder".to_string() });
    };
    // The first check was made without the lock, so it is repeated now that no other process of this program
    // can write.
    refuse_foreign(folder, texts)?;

    let config = config_bytes(&ConfigFile::new::<T>(&model.config, texts));
    let weights = serialize(model);
    // The config comes first, because it tells who wrote the folder: if an export is interrupted, the next
    // export can then replace what the interrupted one left.
    let mut files = vec![(CONFIG_FILE, &config[..]), (WEIGHTS_FILE, &weights[..])];
    files.extend(texts.iter().map(|(name, text)| (&name[..], text.as_bytes())));

    let prepare = |(name, bytes): (&str, &[u8])| {
        let path = folder.join(name);
        Prepared::new(&path, bytes).map(|prepared| (path.clone(), prepared)).map_err(|error| fail(&path, error))
    };
    let prepared = files.into_iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
    prepared.into_iter().try_for_each(|(path, prepared)| prepared.publish().map_err(|error| fail(&path, error)))
}

/// Refuses a folder if one of the files to be replaced was not written by this program.
fn refuse_foreign(folder: &Path, texts: &[(String, String)]) -> Result<(), FolderError> {
    let config = folder.join(CONFIG_FILE);
    let config_is_ours =
        fs::read(&config).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok()).is_some_and(|json| {
            json["written_by"]
                .as_str()
                .is_some_and(|by| by.strip_prefix(WRITER).is_some_and(|rest| rest.strip_prefix(' ').is_some_and(is_version)))
        });
    let is_ours = |path: &Path| {
        let mut start = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(MARKED_WITHIN).read_to_end(&mut start));
        let version = |line: &str| line.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(MARK_END)).is_some_and(is_version);
        read.is_ok() && String::from_utf8_lossy(&start).lines().any(version)
    };
    let model = [config, folder.join(WEIGHTS_FILE)].into_iter().map(|path| (path, config_is_ours));
    let texts = texts.iter().map(|(name, _)| folder.join(name)).map(|path| (path.clone(), is_ours(&path)));
    match model.chain(texts).find(|(path, ours)| path.symlink_metadata().is_ok() && !ours) {
        Some((path, _)) => {
            let reason = format!("exists and was not written by {WRITER}, so it is not replaced");
            Err(FolderError { path, reason })
        }
        None => Ok(()),
    }
}

/// Whether a text is a version: three numbers, separated by dots.
fn is_version(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u32>().is_ok())
}

/// The contents of `config.json` for a config.
pub fn serialize_config<T: Number>(config: &Config) -> Vec<u8> {
    config_bytes(&ConfigFile::new::<T>(config, &[]))
}

fn config_bytes(file: &ConfigFile) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(file).expect("a config is plain data");
    json.push(b'\n');
    json
}

/// The weights in the safetensors format. The same model always gives the same bytes.
pub fn serialize<T: Number>(model: &Model<T>) -> Vec<u8> {
    let tensors = model.matrices().into_iter().map(|(name, matrix)| {
        let mut bytes = Vec::new();
        matrix.elements().for_each(|x| x.write_le(&mut bytes));
        (name, [matrix.rows(), matrix.columns()], bytes)
    });
    let tensors: Vec<_> = tensors.collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(T::DTYPE, shape.to_vec(), bytes).expect("bytes of this shape");
        (name.as_str(), view)
    });
    // There is only one metadata entry, because the crate does not write several entries in a fixed order.
    let metadata = [("format".to_string(), "pt".to_string())].into();
    safetensors::serialize(views, Some(metadata)).expect("named tensors serialize")
}

/// Loads a model from a folder.
///
/// # Errors
/// If a file is missing or malformed, or does not have exactly the finite weights that the config describes.
pub fn load<T: Number>(folder: &Path) -> Result<Model<T>, FolderError> {
    let read = |name: &str| {
        let path = folder.join(name);
        let bytes = fs::read(&path);
        bytes.map_err(|error| FolderError { path: path.clone(), reason: format!("cannot be read: {error}") }).map(|bytes| (path, bytes))
    };
    let (config_path, config) = read(CONFIG_FILE)?;
    let (weights_path, weights) = read(WEIGHTS_FILE)?;
    let config = parse_config::<T>(&config).map_err(|error| FolderError { path: config_path, reason: error.to_string() })?;
    parse_weights(config, &weights).map_err(|error| FolderError { path: weights_path, reason: error.to_string() })
}

/// The machine that the config of a folder names.
///
/// # Errors
/// If there is no config, or it is malformed. Only [`load`] checks whether the config is consistent.
pub fn machine(folder: &Path) -> Result<String, FolderError> {
    let path = folder.join(CONFIG_FILE);
    let read = fs::read(&path).map_err(|error| format!("cannot be read: {error}"));
    let machine = read.and_then(|bytes| parse_file(&bytes).map_err(|error| error.to_string())).map(|file| file.config.machine);
    machine.map_err(|reason| FolderError { path, reason })
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
        return complain(format!("dtype is {}, expected {}", file.dtype, T::DTYPE));
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
    if let Some((name, id)) = config.special_tokens.iter().find(|(_, id)| **id >= config.vocab_size) {
        return complain(format!("special token {name} is {id}, outside the vocabulary of {}", config.vocab_size));
    }
    Ok(config)
}

/// Whether a config names this number type, as the safetensors format does or as torch and transformers do.
fn names_type<T: Number>(dtype: &str) -> bool {
    let of_torch = format!("float{}", 8 * size_of::<T>());
    dtype == T::DTYPE.to_string() || dtype.strip_prefix("torch.").unwrap_or(dtype) == of_torch
}

fn parse_file(json: &[u8]) -> Result<ConfigFile, ContentsError> {
    serde_json::from_slice(json).map_err(|error| ContentsError::MalformedConfig(error.to_string()))
}

/// A model from its config and the bytes of `model.safetensors`.
///
/// # Errors
/// What is wrong with the weights, in one sentence.
pub fn parse_weights<T: Number>(config: Config, safetensors: &[u8]) -> Result<Model<T>, ContentsError> {
    let tensors = SafeTensors::deserialize(safetensors).map_err(|error| ContentsError::MalformedWeights(error.to_string()))?;
    let mut expected = config.shapes();
    expected.retain(|(_, [rows, columns])| *rows != 0 && *columns != 0);
    for (name, shape) in &expected {
        let tensor = tensors.tensor(name).map_err(|_| ContentsError::NoTensor(name.clone()))?;
        if tensor.shape() != shape {
            let how = format!("has shape {:?}, the config asks for {shape:?}", tensor.shape());
            return Err(ContentsError::OtherTensor(name.clone(), how));
        }
        if tensor.dtype() != T::DTYPE {
            let how = format!("is of type {}, expected {}", tensor.dtype(), T::DTYPE);
            return Err(ContentsError::OtherTensor(name.clone(), how));
        }
    }
    if let Some(name) = tensors.names().into_iter().find(|name| !expected.iter().any(|(known, _)| known == name)) {
        return Err(ContentsError::UnknownTensor(name.to_string()));
    }

    let mut model = Model::zeros(config);
    for (name, matrix) in model.matrices_mut() {
        let tensor = tensors.tensor(&name).map_err(|_| ContentsError::NoTensor(name.clone()))?;
        let numbers = tensor.data().chunks_exact(size_of::<T>()).map(T::read_le);
        for (index, number) in numbers.enumerate() {
            let (row, column) = (index / matrix.columns(), index % matrix.columns());
            if !number.to_f64().is_finite() {
                return Err(ContentsError::NotFinite(name, number.to_string(), row, column));
            }
            *matrix.get_mut(row, column) = number;
        }
    }
    Ok(model)
}
