//! The sparse form of a model folder: it is small, and the same model comes back.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};
use tempfile::tempdir;
use wasmformer::transformer::Model;
use wasmformer::transformer::folder::{CONFIG_FILE, Contents, Storage, WEIGHTS_FILE, load, parse_weights, save_with, serialize_sparse};
use wasmformer::{byte, full};

use crate::common::{Random, damaged};

static MODEL: LazyLock<Model<f32>> = LazyLock::new(|| byte::machine::compile().unwrap().0);
static SPARSE: LazyLock<Vec<u8>> = LazyLock::new(|| serialize_sparse(&*MODEL).unwrap());

/// The tensors of a file: type, shape, bytes.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

fn tensors() -> Tensors {
    let tensors = SafeTensors::deserialize(&SPARSE).unwrap();
    tensors.tensors().into_iter().map(|(name, view)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()))).collect()
}

fn bytes(tensors: &Tensors) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn both_forms_of_the_full_machine_are_the_same_model_and_the_sparse_one_is_small() {
    let (model, _) = full::machine::compile::<f64>().unwrap();
    let folder = tempdir().unwrap();
    let contents = Contents { storage: Storage::Sparse, ..Contents::default() };
    save_with(&model, &contents, folder.path()).unwrap();
    assert!(load::<f64>(folder.path()).unwrap() == model);
    let weights = fs::read(folder.path().join(WEIGHTS_FILE)).unwrap();
    assert!(weights.len() <= 5_000_000, "{} bytes", weights.len());
    assert!(weights == serialize_sparse(&model).unwrap(), "the bytes are always the same");
    let config: Value = serde_json::from_slice(&fs::read(folder.path().join(CONFIG_FILE)).unwrap()).unwrap();
    assert_eq!(config["storage"], "sparse");
    assert_eq!(config["shapes"]["embedding"], json!([model.config.vocab_size, model.config.d_model]));
}

#[test]
fn every_bit_comes_back() {
    let mut model = MODEL.clone();
    *model.embedding.get_mut(3, 7) = -0.0;
    *model.unembedding.get_mut(259, 99) = f32::MIN_POSITIVE;
    let loaded: Model<f32> = parse_weights(model.config.clone(), &serialize_sparse(&model).unwrap()).unwrap();
    for ((name, a), (_, b)) in loaded.matrices().into_iter().zip(model.matrices()) {
        assert!(a.elements().map(f32::to_bits).eq(b.elements().map(f32::to_bits)), "{name}");
    }
}

#[test]
fn the_layout_is_what_is_documented() {
    let tensors = tensors();
    assert_eq!(tensors.len(), 2 * MODEL.matrices().len());
    let (dtype, shape, indices) = &tensors["layers.4.ffn.gate.indices"];
    let values = &tensors["layers.4.ffn.gate.values"].2;
    let gate = &MODEL.layers[4].ffn_gate;
    assert_eq!((*dtype, &shape[..]), (Dtype::I32, &[gate.non_zeros()][..]));
    for (index, value) in indices.as_chunks::<4>().0.iter().zip(values.as_chunks::<4>().0) {
        let index = i32::from_le_bytes(*index) as usize;
        assert_eq!(gate.get(index / gate.columns(), index % gate.columns()), f32::from_le_bytes(*value));
    }
}

#[test]
fn a_damaged_sparse_file_is_refused_with_the_tensor_and_the_reason() {
    type Edit = fn(&mut Tensors);
    fn put(t: &mut Tensors, name: &str, at: usize, bytes: [u8; 4]) {
        t.get_mut(name).unwrap().2[4 * at..][..4].copy_from_slice(&bytes);
    }
    fn last(t: &Tensors) -> usize {
        t["embedding.indices"].1[0] - 1
    }
    let cases: [(Edit, &str); 9] = [
        (|t| drop(t.remove("embedding.indices")), "has no tensor embedding.indices"),
        (|t| drop(t.remove("layers.5.attention.key.values")), "has no tensor layers.5.attention.key.values"),
        (|t| t.get_mut("embedding.values").unwrap().0 = Dtype::I32, "tensor embedding.values is of type I32, expected F32"),
        (|t| t.get_mut("embedding.indices").unwrap().0 = Dtype::U32, "tensor embedding.indices is of type U32, expected I32"),
        (|t| t.get_mut("embedding.indices").unwrap().1.push(1), ", 1], expected one dimension"),
        (|t| put(t, "embedding.indices", 1, 0i32.to_le_bytes()), "indices must ascend"),
        (
            |t| put(t, "embedding.indices", 0, (-1i32).to_le_bytes()),
            "tensor embedding.indices has -1, outside the matrix of 26000 elements",
        ),
        (
            |t| put(t, "embedding.indices", last(t), 26_000i32.to_le_bytes()),
            "tensor embedding.indices has 26000, outside the matrix of 26000 elements",
        ),
        (|t| put(t, "embedding.values", 0, f32::NAN.to_le_bytes()), "tensor embedding is NaN at ["),
    ];
    for (edit, reason) in cases {
        let mut tensors = tensors();
        edit(&mut tensors);
        let error = parse_weights::<f32>(MODEL.config.clone(), &bytes(&tensors)).expect_err(reason).to_string();
        assert!(error.contains(reason), "expected {reason:?}, got {error}");
    }
    let mut shorter = tensors();
    let (_, shape, values) = shorter.get_mut("embedding.values").unwrap();
    (shape[0], _) = (shape[0] - 1, values.truncate(values.len() - 4));
    let error = parse_weights::<f32>(MODEL.config.clone(), &bytes(&shorter)).unwrap_err().to_string();
    assert!(error.contains("tensor embedding has ") && error.contains(" indices and "), "{error}");
}

#[test]
fn a_small_file_cannot_ask_for_a_huge_model() {
    let mut config = MODEL.config.clone();
    config.d_ffn = 1 << 40;
    let error = parse_weights::<f32>(config, &SPARSE).unwrap_err().to_string();
    assert!(error.contains("too many for the sparse form"), "{error}");
}

#[test]
fn survives_damaged_sparse_weights() {
    let mut random = Random::new(0x5eed_0022);
    for _ in 0..300 {
        drop(parse_weights::<f32>(MODEL.config.clone(), &damaged(&SPARSE, &mut random)));
    }
}
