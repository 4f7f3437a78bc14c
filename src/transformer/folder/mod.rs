//! A model as a folder: `model.safetensors` and `config.json`, and texts that accompany these files.
//!
//! Saving is deterministic. Each file is complete at any time, and the config is the first file that gets its
//! name. Saving replaces only files that this program wrote: each text is recognised by its own
//! [mark](marked), and all other files by the writer that the config names. Only one process at a time can
//! save to a folder. Loading trusts nothing: every name, shape, type and value is checked before a model
//! exists.

mod config_file;
mod sparse;
mod tensors;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Model, Number};
use crate::file::{Lock, Prepared};
use crate::shown;

use config_file::{ConfigFile, parse_file};
pub use config_file::{auto_map, parse_config, serialize_config};
pub(in crate::transformer) use tensors::file;
pub use tensors::{Storage, parse_weights, serialize, serialize_sparse};

/// The file that holds the weights.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// The file that holds the config.
pub const CONFIG_FILE: &str = "config.json";
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
    /// More parameters than the sparse form may have: the number, and the limit.
    #[error("has the shapes of {0} parameters, too many for the sparse form (at most {1})")]
    TooLarge(usize, usize),
    /// More distinct numbers than a matrix in sparse form may have: tensor, the number, and the limit.
    #[error("tensor {0} has {1} distinct numbers, too many for the sparse form (at most {2})")]
    TooManyValues(String, usize, usize),
    /// A weight that is not a finite number: tensor, number, row and column.
    #[error("tensor {0} is {1} at [{2}, {3}]; every weight must be finite")]
    NotFinite(String, String, usize, usize),
}

/// The line that marks a text as written by this program. The line must be at the start of the text (in a
/// comment of the text's language). Otherwise the text counts as written by somebody else when it is to be
/// replaced.
pub fn marked() -> String {
    format!("{MARK}{}{MARK_END}\n", env!("CARGO_PKG_VERSION"))
}

/// The name and version of this program, as files name their writer.
pub fn writer() -> String {
    format!("{WRITER} {}", env!("CARGO_PKG_VERSION"))
}

/// How a folder holds the weights, and what it holds beside the model.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The form of the weights.
    pub storage: Storage,
    /// More entries of the config. They must not have the name of one that every config has.
    pub entries: Map<String, Value>,
    /// More files: name and contents.
    pub texts: Vec<(String, String)>,
}

/// Writes a model into a folder, in dense form. The folder is made if it does not exist.
///
/// # Errors
/// The same as for [`save_with`].
pub fn save<T: Number>(model: &Model<T>, folder: &Path) -> Result<(), FolderError> {
    save_with(model, &Contents::default(), folder)
}

/// Writes a model and what accompanies it into a folder. The folder is made if it does not exist.
///
/// # Errors
/// If the folder has a file with one of these names that this program did not write, or if writing fails. In
/// both cases no file is half-written. Also if the sparse form cannot hold the model.
pub fn save_with<T: Number>(model: &Model<T>, contents: &Contents, folder: &Path) -> Result<(), FolderError> {
    let config = ConfigFile::new::<T>(&model.config, contents).bytes();
    let weights = match contents.storage {
        Storage::Dense => Ok(serialize(model)),
        Storage::Sparse => serialize_sparse(model),
    };
    let weights = weights.map_err(|error| FolderError { path: folder.join(WEIGHTS_FILE), reason: error.to_string() })?;
    let mut files = vec![(CONFIG_FILE, &config[..]), (WEIGHTS_FILE, &weights[..])];
    files.extend(contents.texts.iter().map(|(name, text)| (&name[..], text.as_bytes())));
    save_files(&files, folder)
}

/// Writes files with these names into a folder. The first must be the config, because it tells who wrote the
/// folder: if an export is interrupted, the next export can then replace what the interrupted one left.
///
/// # Errors
/// The same as for [`save_with`].
pub fn save_files(files: &[(&str, &[u8])], folder: &Path) -> Result<(), FolderError> {
    refuse_foreign(folder, files)?;
    let fail = |path: &Path, error: std::io::Error| FolderError { path: path.to_path_buf(), reason: format!("cannot be written: {error}") };
    fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    let lock = Lock::take(&folder.join(LOCK_FILE)).map_err(|error| fail(&folder.join(LOCK_FILE), error))?;
    let Some(_lock) = lock else {
        return Err(FolderError { path: folder.to_path_buf(), reason: "another process is writing to this folder".to_string() });
    };
    // The first check was made without the lock, so it is repeated now that no other process of this program
    // can write.
    refuse_foreign(folder, files)?;

    let prepare = |(name, bytes): &(&str, &[u8])| {
        let path = folder.join(name);
        Prepared::new(&path, bytes).map(|prepared| (path.clone(), prepared)).map_err(|error| fail(&path, error))
    };
    let prepared = files.iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
    prepared.into_iter().try_for_each(|(path, prepared)| prepared.publish().map_err(|error| fail(&path, error)))
}

/// Refuses a folder if one of the files to be replaced was not written by this program.
fn refuse_foreign(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), FolderError> {
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
    let is_marked = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(MARKED_WITHIN as usize)]).contains(MARK);
    let mut files = files.iter().map(|(name, bytes)| {
        let path = folder.join(name);
        let ours = if is_marked(bytes) { is_ours(&path) } else { config_is_ours };
        (path, ours)
    });
    match files.find(|(path, ours)| path.symlink_metadata().is_ok() && !ours) {
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
