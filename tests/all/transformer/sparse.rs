//! The sparse form of a model folder: the same model comes back, and what is damaged is refused.

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
fn both_forms_of_the_full_machine_are_the_same_model() {
    let (model, _) = full::machine::compile::<f64>().unwrap();
    let folder = tempdir().unwrap();
    let contents = Contents { storage: Storage::Sparse, ..Contents::default() };
    save_with(&model, &contents, folder.path()).unwrap();
    assert!(load::<f64>(folder.path()).unwrap() == model);
    let weights = fs::read(folder.path().join(WEIGHTS_FILE)).unwrap();
    assert!(weights == serialize_sparse(&model).unwrap(), "the bytes are always the same");
    let config: Value = serde_json::from_slice(&fs::read(folder.path().join(CONFIG_FILE)).unwrap()).unwrap();
    assert_eq!(config["storage"], "sparse");
    assert_eq!(config["shapes"]["embedding"], json!([model.config.vocab_size, model.config.d_model]));
}

#[test]
fn every_bit_comes_back() {
    let mut model = MODEL.clone();
    *model.embedding.get_mut(3, 7) = -0.0;
    *model.embedding.get_mut(4, 7) = -f32::MIN_POSITIVE;
    *model.unembedding.get_mut(259, 99) = f32::MIN_POSITIVE;
    let loaded: Model<f32> = parse_weights(model.config.clone(), &serialize_sparse(&model).unwrap()).unwrap();
    for ((name, a), (_, b)) in loaded.matrices().into_iter().zip(model.matrices()) {
        assert!(a.elements().map(f32::to_bits).eq(b.elements().map(f32::to_bits)), "{name}");
    }
}

#[test]
fn the_layout_is_what_is_documented() {
    let tensors = tensors();
    assert_eq!(tensors.len(), 3 * MODEL.matrices().len());
    let [indices, codes, values] = ["indices", "codes", "values"].map(|end| &tensors[&format!("layers.4.ffn.gate.{end}")]);
    let gate = &MODEL.layers[4].ffn_gate;
    for (tensor, dtype) in [(indices, Dtype::I32), (codes, Dtype::U16)] {
        assert_eq!((tensor.0, &tensor.1[..]), (dtype, &[gate.non_zeros()][..]));
    }
    assert_eq!(values.0, Dtype::F32);
    let values: Vec<_> = values.2.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
    let mut used = vec![false; values.len()];
    for (index, code) in indices.2.as_chunks::<4>().0.iter().zip(codes.2.as_chunks::<2>().0) {
        let (index, code) = (i32::from_le_bytes(*index) as usize, usize::from(u16::from_le_bytes(*code)));
        assert_eq!(gate.get(index / gate.columns(), index % gate.columns()), values[code]);
        used[code] = true;
    }
    assert!(used.iter().all(|used| *used), "every value has its number");
}

#[test]
fn a_damaged_sparse_file_is_refused_with_the_tensor_and_the_reason() {
    type Edit = fn(&mut Tensors);
    fn put<const N: usize>(t: &mut Tensors, name: &str, at: usize, bytes: [u8; N]) {
        t.get_mut(name).unwrap().2[N * at..][..N].copy_from_slice(&bytes);
    }
    fn last(t: &Tensors) -> usize {
        t["embedding.indices"].1[0] - 1
    }
    fn shorter(t: &mut Tensors, name: &str, size: usize) {
        let (_, shape, bytes) = t.get_mut(name).unwrap();
        (shape[0], _) = (shape[0] - 1, bytes.truncate(bytes.len() - size));
    }
    let cases: [(Edit, &str); 16] = [
        (|t| drop(t.remove("embedding.indices")), "has no tensor embedding.indices"),
        (|t| drop(t.remove("embedding.codes")), "has no tensor embedding.codes"),
        (|t| drop(t.remove("layers.5.attention.key.values")), "has no tensor layers.5.attention.key.values"),
        (|t| t.get_mut("embedding.values").unwrap().0 = Dtype::I32, "tensor embedding.values is of type I32, expected F32"),
        (|t| t.get_mut("embedding.codes").unwrap().0 = Dtype::I16, "tensor embedding.codes is of type I16, expected U16"),
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
        (|t| put(t, "embedding.values", 0, f32::NAN.to_le_bytes()), "tensor embedding.values has NaN; every weight must be finite"),
        (|t| put(t, "embedding.values", 1, f32::MIN.to_le_bytes()), "values must ascend"),
        (|t| put(t, "embedding.codes", 5, u16::MAX.to_le_bytes()), "tensor embedding.codes has 65535, and there are "),
        (|t| shorter(t, "embedding.values", 4), "tensor embedding.codes has "),
        (|t| shorter(t, "embedding.codes", 2), " codes"),
        (|t| shorter(t, "embedding.indices", 4), "tensor embedding has "),
    ];
    for (edit, reason) in cases {
        let mut tensors = tensors();
        edit(&mut tensors);
        let error = parse_weights::<f32>(MODEL.config.clone(), &bytes(&tensors)).expect_err(reason).to_string();
        assert!(error.contains(reason), "expected {reason:?}, got {error}");
    }
}

#[test]
fn a_matrix_has_at_most_as_many_distinct_numbers_as_codes() {
    let mut config = MODEL.config.clone();
    config.vocab_size = 1000;
    let mut model: Model<f32> = Model::zeros(config);
    let columns = model.config.d_model;
    let set = |model: &mut Model<f32>, index: usize| *model.embedding.get_mut(index / columns, index % columns) = 1.0 + index as f32;
    (0..1 << 16).for_each(|index| set(&mut model, index));
    let full: Model<f32> = parse_weights(model.config.clone(), &serialize_sparse(&model).unwrap()).unwrap();
    assert!(full == model);
    set(&mut model, 1 << 16);
    let error = serialize_sparse(&model).unwrap_err().to_string();
    assert_eq!(error, "tensor embedding has 65537 distinct numbers, too many for the sparse form (at most 65536)");
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
