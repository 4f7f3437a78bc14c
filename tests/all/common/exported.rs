//! Exported weights, unchanged or damaged.

use std::fs;

use safetensors::SafeTensors;
use tempfile::{TempDir, tempdir};
use wasmformer::byte;
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE};

use super::command::{good, text};

/// A temporary folder that contains the folder `weights`, as `export` writes it.
pub fn exported() -> TempDir {
    let folder = tempdir().unwrap();
    let weights = folder.path().join("weights");
    let ran = good(["export", text(&weights)]);
    let written = [WEIGHTS_FILE, CONFIG_FILE].map(|name| weights.join(name).display().to_string());
    assert_eq!(ran.lines()[..2], written, "card and Python files follow");
    folder
}

/// The offset of one weight in the bytes of a safetensors file.
pub fn place(safetensors: &[u8], tensor: &str, row: usize, column: usize) -> usize {
    let tensors = SafeTensors::deserialize(safetensors).unwrap();
    let tensor = tensors.tensor(tensor).unwrap();
    let start = tensor.data().as_ptr() as usize - safetensors.as_ptr() as usize;
    start + 4 * (row * tensor.shape()[1] + column)
}

/// An exported folder in which the neuron that adds has one weight negated.
pub fn exported_with_a_wrong_sum() -> TempDir {
    const ARITHMETIC: usize = 4;
    let folder = exported();
    let path = folder.path().join("weights").join(WEIGHTS_FILE);
    let mut bytes = fs::read(&path).unwrap();
    let neuron = byte::machine::circuit().layers()[ARITHMETIC].neurons.iter().position(|neuron| neuron.name == "sum").unwrap();
    let weight = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let places = (0..100).map(|column| place(&bytes, "layers.4.ffn.value", neuron, column));
    let at = places.into_iter().find(|at| weight(*at) != 0.0).expect("a weight that is not zero");
    let wrong = -weight(at);
    bytes[at..at + 4].copy_from_slice(&wrong.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    folder
}
