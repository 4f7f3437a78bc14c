//! Models as folders: saving writes everything or nothing, and loading checks everything.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::common::{Random, damaged};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use wasmformer::byte;
use wasmformer::byte::program::reader::{Module, read_file};
use wasmformer::harness::byte::{Case, NetworkEngine};
use wasmformer::harness::{VmEngine, record};
use wasmformer::transformer::Model;
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE, load, parse_config, parse_weights, save};

static MODEL: LazyLock<Model<f32>> = LazyLock::new(|| byte::machine::compile().unwrap().0);

/// The files of the saved compiled machine: the weights and the config.
static FILES: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let folder = tempdir().unwrap();
    save(&*MODEL, folder.path()).unwrap();
    (fs::read(folder.path().join(WEIGHTS_FILE)).unwrap(), fs::read(folder.path().join(CONFIG_FILE)).unwrap())
});

fn config() -> Value {
    serde_json::from_slice(&FILES.1).unwrap()
}

#[derive(Clone)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

type Tensors = BTreeMap<String, Tensor>;

fn tensors() -> Tensors {
    let tensors = SafeTensors::deserialize(&FILES.0).unwrap();
    let tensor = |(name, view): (String, TensorView<'_>)| {
        (name, Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), bytes: view.data().to_vec() })
    };
    tensors.tensors().into_iter().map(tensor).collect()
}

fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let views = tensors.iter().map(|(name, t)| (name, TensorView::new(t.dtype, t.shape.clone(), &t.bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn folder_of(weights: &[u8], config: &[u8]) -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join(WEIGHTS_FILE), weights).unwrap();
    fs::write(folder.path().join(CONFIG_FILE), config).unwrap();
    folder
}

/// The files of a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default())).collect()
}

/// Asserts that a folder is refused because of this file and for this reason.
fn refused(folder: &Path, file: &str, reason: &str, what: &str) {
    let error = load::<f32>(folder).expect_err(what);
    assert_eq!(error.path, folder.join(file), "{what}: {error}");
    assert!(error.reason.contains(reason), "{what}: expected {reason:?}, got {error}");
}

fn program() -> Module {
    read_file(Path::new("corpus/compliance/combined-output/whole-programs/sort-file.wat")).unwrap()
}

fn same_bits(a: &Model<f32>, b: &Model<f32>) -> bool {
    let bits = |model: &Model<f32>| {
        let matrices = model.matrices().into_iter();
        matrices.map(|(name, matrix)| (name, matrix.elements().map(f32::to_bits).collect::<Vec<_>>())).collect::<Vec<_>>()
    };
    a.config == b.config && bits(a) == bits(b)
}

#[test]
fn what_is_loaded_is_what_was_saved() {
    let folder = tempdir().unwrap();
    let nested = folder.path().join("made/on/the/way");
    save(&*MODEL, &nested).unwrap();
    let loaded: Model<f32> = load(&nested).unwrap();
    assert!(same_bits(&loaded, &MODEL));

    let Module { program, header, .. } = program();
    let files = header.files();
    let case = Case::new(&program, &files);
    let expected = record(&VmEngine, case, usize::MAX).unwrap();
    assert_eq!(record(&NetworkEngine::new(loaded).unwrap(), case, usize::MAX).unwrap(), expected);
}

#[test]
fn an_f64_model_comes_back_too_but_not_as_f32() {
    let folder = tempdir().unwrap();
    let (model, _) = byte::machine::compile::<f64>().unwrap();
    save(&model, folder.path()).unwrap();
    assert_eq!(load::<f64>(folder.path()).unwrap(), model);
    refused(folder.path(), CONFIG_FILE, "dtype is float64, expected float32", "f64 as f32");
}

#[test]
fn the_same_machine_always_gives_the_same_bytes() {
    let folder = tempdir().unwrap();
    let (again, _) = byte::machine::compile::<f32>().unwrap();
    save(&again, folder.path()).unwrap();
    let [weights, config] = [WEIGHTS_FILE, CONFIG_FILE].map(|name| fs::read(folder.path().join(name)).unwrap());
    assert!(weights == FILES.0 && config == FILES.1);
}

#[test]
fn the_files_hold_what_is_published() {
    let tensors = tensors();
    let elements = |tensor: &Tensor| tensor.shape.iter().product::<usize>();
    assert_eq!(tensors.values().map(elements).sum::<usize>(), 316_000);
    assert!(tensors.values().all(|tensor| tensor.dtype == Dtype::F32));
    assert_eq!(tensors["embedding"].shape, [260, 100]);
    assert_eq!(tensors["layers.0.attention.query"].shape, [26, 100]);
    assert!(!tensors.keys().any(|name| name.starts_with("layers.2.attention")), "layer 2 has no heads");

    let config = config();
    assert_eq!(config["parameters"], 316_000);
    assert_eq!(config["heads_per_layer"], json!([13, 1, 0, 8, 2, 1, 1, 4]));
    assert_eq!((&config["dtype"], &config["machine"], &config["n_layers"]), (&json!("float32"), &json!("byte"), &json!(8)));
}

#[test]
fn leaves_foreign_files_alone() {
    let others = [
        (CONFIG_FILE, "{\"written_by\": \"somebody else\"}"),
        (CONFIG_FILE, "{\"model_type\": \"wasmformer\"}"),
        (CONFIG_FILE, "{\"written_by\": 7}"),
        (CONFIG_FILE, "[]"),
        (CONFIG_FILE, "no JSON"),
        (CONFIG_FILE, ""),
        (WEIGHTS_FILE, "whatever"),
        (WEIGHTS_FILE, ""),
    ];
    for (name, content) in others {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        let before = contents(folder.path());
        let error = save(&*MODEL, folder.path()).expect_err(content);
        assert_eq!(error.path, folder.path().join(name), "{error}");
        assert!(error.reason.contains("was not written by wasmformer"), "{error}");
        assert_eq!(contents(folder.path()), before, "{name}: {content}");
    }
    let both = folder_of(b"weights", b"{}");
    save(&*MODEL, both.path()).unwrap_err();
    assert_eq!(contents(both.path()), BTreeMap::from([(CONFIG_FILE.into(), b"{}".to_vec()), (WEIGHTS_FILE.into(), b"weights".to_vec())]));
}

#[test]
fn replaces_its_own_files_and_leaves_no_others() {
    let folder = folder_of(b"damaged since", &FILES.1);
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    save(&*MODEL, folder.path()).unwrap();
    let mut changed = MODEL.clone();
    *changed.embedding.get_mut(0, 0) += 1.0;
    save(&changed, folder.path()).unwrap();
    assert!(same_bits(&load(folder.path()).unwrap(), &changed));
    assert_eq!(contents(folder.path()).into_keys().collect::<Vec<_>>(), [CONFIG_FILE, WEIGHTS_FILE, "notes.txt"]);
}

#[test]
fn a_save_that_fails_changes_nothing() {
    let mut changed = MODEL.clone();
    *changed.embedding.get_mut(0, 0) += 1.0;
    let folder = folder_of(&FILES.0, &FILES.1);
    // A folder has the name of the lock's file.
    fs::create_dir(folder.path().join(".wasmformer.lock")).unwrap();
    let before = contents(folder.path());
    let error = save(&changed, folder.path()).unwrap_err();
    assert!(error.reason.contains("cannot be written"), "{error}");
    assert!(contents(folder.path()) == before);
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = save(&*MODEL, &file).unwrap_err();
    assert!(error.path.starts_with(&file) && error.reason.contains("cannot be written"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn what_a_killed_export_leaves_is_replaced_by_the_next() {
    // An export names the config first. So the folder is recognised as one of wasmformer's, whatever else is
    // missing.
    let folder = folder_of(&FILES.0, &FILES.1);
    fs::remove_file(folder.path().join(WEIGHTS_FILE)).unwrap();
    fs::write(folder.path().join(".model.safetensors.x.partial"), "half").unwrap();
    fs::write(folder.path().join(".wasmformer.lock"), "").unwrap();
    save(&*MODEL, folder.path()).unwrap();
    assert!(same_bits(&load(folder.path()).unwrap(), &MODEL));
    assert!(!folder.path().join(".wasmformer.lock").exists());
}

#[test]
fn only_the_exact_mark_of_a_writer_counts() {
    let config = String::from_utf8(FILES.1.clone()).unwrap();
    for other in
        ["wasmformers are great, by Bob", "wasmformer", "wasmformer 1", "wasmformer 0.1.0 by Bob", "wasmformer 0.1.x", "Wasmformer 0.1.0"]
    {
        let written_by = format!("\"written_by\": \"wasmformer {}\"", env!("CARGO_PKG_VERSION"));
        assert!(config.contains(&written_by));
        let others = config.replace(&written_by, &format!("\"written_by\": \"{other}\""));
        let folder = folder_of(&FILES.0, others.as_bytes());
        let error = save(&*MODEL, folder.path()).expect_err(other);
        assert!(error.reason.contains("was not written by wasmformer"), "{error}");
    }
    let older = config.replace(env!("CARGO_PKG_VERSION"), "0.0.7");
    save(&*MODEL, folder_of(&FILES.0, older.as_bytes()).path()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_save_follows_no_link_and_replaces_no_file_of_others() {
    let outside = tempdir().unwrap();
    let victim = outside.path().join("victim");
    fs::write(&victim, "kept").unwrap();
    let folder = folder_of(&FILES.0, &FILES.1);
    std::os::unix::fs::symlink(&victim, folder.path().join(".model.safetensors.partial")).unwrap();
    fs::write(folder.path().join(".config.json.partial"), "mine").unwrap();
    fs::remove_file(folder.path().join(WEIGHTS_FILE)).unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join(WEIGHTS_FILE)).unwrap();
    save(&*MODEL, folder.path()).unwrap();
    assert_eq!(
        (fs::read(&victim).unwrap(), fs::read(folder.path().join(".config.json.partial")).unwrap()),
        (b"kept".to_vec(), b"mine".to_vec())
    );
    assert!(folder.path().join(WEIGHTS_FILE).symlink_metadata().unwrap().is_file());
}

#[test]
fn refuses_missing_files() {
    for (missing, other) in [(CONFIG_FILE, WEIGHTS_FILE), (WEIGHTS_FILE, CONFIG_FILE)] {
        let folder = folder_of(&FILES.0, &FILES.1);
        fs::remove_file(folder.path().join(missing)).unwrap();
        refused(folder.path(), missing, "cannot be read", missing);
        fs::rename(folder.path().join(other), folder.path().join(missing)).unwrap();
        load::<f32>(folder.path()).expect_err("the wrong file under the name");
    }
    let folder = tempdir().unwrap();
    load::<f32>(&folder.path().join("missing")).expect_err("no folder");
}

#[test]
fn refuses_configs_that_are_none() {
    let cases: [(&str, &str); 6] = [
        ("", "is not a config: EOF"),
        ("no JSON", "is not a config: expected"),
        ("[]", "is not a config"),
        ("{}", "missing field"),
        ("null", "is not a config"),
        ("\u{feff}{}", "is not a config"),
    ];
    for (text, reason) in cases {
        refused(folder_of(&FILES.0, text.as_bytes()).path(), CONFIG_FILE, reason, text);
    }
    refused(folder_of(&FILES.0, b"\xff{}").path(), CONFIG_FILE, "is not a config", "not UTF-8");
    let half = &FILES.1[..FILES.1.len() / 2];
    refused(folder_of(&FILES.0, half).path(), CONFIG_FILE, "is not a config: EOF", "half a config");
    for key in config().as_object().unwrap().keys().filter(|key| !["storage", "shapes"].contains(&&key[..])) {
        let mut config = config();
        config.as_object_mut().unwrap().remove(key);
        refused(folder_of(&FILES.0, config.to_string().as_bytes()).path(), CONFIG_FILE, &format!("missing field `{key}`"), key);
    }
}

/// A place in the config, what is written there, and the reason for the refusal.
type Change = (&'static str, Value, &'static str);

fn refused_configs(changes: impl IntoIterator<Item = Change>) {
    for (pointer, value, reason) in changes {
        let what = format!("{pointer} = {value}");
        let mut config = config();
        *config.pointer_mut(pointer).unwrap() = value;
        refused(folder_of(&FILES.0, config.to_string().as_bytes()).path(), CONFIG_FILE, reason, &what);
    }
}

#[test]
fn a_type_may_be_spelled_as_torch_and_transformers_spell_it() {
    let byte = |config: &str| parse_config::<f32>(config.as_bytes()).map(drop);
    let config = String::from_utf8(FILES.1.to_vec()).unwrap();
    let spelled = |entry: &str| config.replace(r#""dtype": "float32""#, entry);
    for entry in [r#""dtype": "F32""#, r#""dtype": "torch.float32""#, r#""torch_dtype": "float32""#] {
        assert_ne!(spelled(entry), config);
        assert_eq!(byte(&spelled(entry)), Ok(()), "{entry}");
    }
    for entry in [r#""dtype": "float64""#, r#""dtype": "torch.F32""#, r#""torch_dtype": "bfloat16""#] {
        assert!(byte(&spelled(entry)).unwrap_err().to_string().contains("expected float32"), "{entry}");
    }
}

#[test]
fn refuses_configs_that_contradict_themselves() {
    let lanes = |count: usize| json!((0..count).map(|lane| lane.to_string()).collect::<Vec<_>>());
    refused_configs([
        ("/dtype", json!("F64"), "dtype is F64, expected float32"),
        ("/dtype", json!("f32"), "dtype is f32, expected float32"),
        ("/d_model", json!("100"), "is not a config: invalid type"),
        ("/d_model", json!(100.0), "is not a config: invalid type"),
        ("/d_model", json!(-1), "is not a config: invalid value"),
        ("/attention/0/0", json!("soft_max"), "unknown kind of attention \"soft_max\""),
        ("/attention/7/0", json!("cross"), "unknown kind of attention \"cross\""),
        ("/attention/7/0", json!("cross:x"), "is not a config: invalid digit"),
        ("/attention/7/0", json!("cross:-1"), "is not a config: invalid digit"),
        ("/attention/7/0", json!("cross:99999999999999999999"), "is not a config: number too large"),
        ("/attention/0/0", json!(7), "is not a config: invalid type"),
        ("/attention/2", json!(["sum"]), "heads_per_layer do not match"),
        ("/attention", json!([]), "heads_per_layer do not match"),
        ("/heads_per_layer/0", json!(12), "heads_per_layer do not match"),
        ("/heads_per_layer", json!([13, 1, 0, 8, 2, 1, 1]), "heads_per_layer do not match"),
        ("/n_layers", json!(9), "n_layers and heads_per_layer do not match"),
        ("/parameters", json!(315_999), "315999 parameters are stated, but the shapes hold 316000"),
        ("/d_ffn", json!(99), "316000 parameters are stated, but the shapes hold"),
        ("/special_tokens/halt", json!(260), "special token halt is 260, outside the vocabulary of 260"),
        ("/special_tokens/halt", json!(u64::MAX), "special token halt is 18446744073709551615, outside"),
        ("/lanes", lanes(101), "101 lanes are named in a residual stream of 100"),
    ]);
}

#[test]
fn refuses_sizes_of_zero() {
    let sizes = ["/d_model", "/d_head", "/d_ffn", "/vocab_size"];
    refused_configs(sizes.map(|size| (size, json!(0), "must not be 0")));
}

#[test]
fn refuses_huge_sizes_without_overflow_or_allocation() {
    for size in ["d_model", "d_head", "d_ffn", "vocab_size"] {
        for value in [u64::MAX, u64::MAX / 100, 1 << 63, 1 << 62, 1 << 40, 1 << 32] {
            for parameters in [316_000, u64::MAX] {
                let mut config = config();
                config[size] = json!(value);
                config["parameters"] = json!(parameters);
                let folder = folder_of(&FILES.0, config.to_string().as_bytes());
                load::<f32>(folder.path()).expect_err(&format!("{size} = {value}, parameters = {parameters}"));
            }
        }
    }
}

#[test]
fn refuses_weights_smaller_than_a_consistent_huge_config() {
    const WITHOUT_FFN: u64 = 2 * 260 * 100 + 30 * 4 * 2 * 100;
    let d_ffn = 1u64 << 40;
    let mut config = config();
    config["d_ffn"] = json!(d_ffn);
    config["parameters"] = json!(WITHOUT_FFN + 8 * 3 * 100 * d_ffn);
    let folder = folder_of(&FILES.0, config.to_string().as_bytes());
    refused(folder.path(), WEIGHTS_FILE, "the config asks for [1099511627776, 100]", "d_ffn of 2^40");
}

#[test]
fn refuses_truncated_weights() {
    let weights = &FILES.0;
    let header = 8 + u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
    for length in [0, 1, 7, 8, 9, 100, header - 1, header, header + 1, weights.len() / 2, weights.len() - 4, weights.len() - 1] {
        refused(folder_of(&weights[..length], &FILES.1).path(), WEIGHTS_FILE, "is not a safetensors file", &format!("{length} bytes"));
    }
    let longer = [weights, &[0; 4][..]].concat();
    refused(folder_of(&longer, &FILES.1).path(), WEIGHTS_FILE, "is not a safetensors file", "four bytes more");
    for length in [u64::MAX, 1 << 63, 1 << 40, weights.len() as u64, 0] {
        let mut weights = weights.clone();
        weights[..8].copy_from_slice(&length.to_le_bytes());
        refused(folder_of(&weights, &FILES.1).path(), WEIGHTS_FILE, "is not a safetensors file", &format!("a header of {length}"));
    }
}

fn put(tensors: &mut Tensors, name: &str, index: usize, weight: f32) {
    tensors.get_mut(name).unwrap().bytes[4 * index..][..4].copy_from_slice(&weight.to_le_bytes());
}

#[test]
fn refuses_other_weights_than_the_config_describes() {
    type Edit = fn(&mut Tensors);
    let cases: [(Edit, &str); 13] = [
        (|t| t.get_mut("embedding").unwrap().shape.reverse(), "tensor embedding has shape [100, 260], the config asks for [260, 100]"),
        (|t| t.get_mut("embedding").unwrap().shape = vec![26_000], "tensor embedding has shape [26000]"),
        (|t| t.get_mut("embedding").unwrap().shape.push(1), "tensor embedding has shape [260, 100, 1]"),
        (
            |t| {
                let tensor = t.get_mut("layers.3.ffn.gate").unwrap();
                tensor.shape[0] = 99;
                tensor.bytes.truncate(99 * 400);
            },
            "tensor layers.3.ffn.gate has shape [99, 100]",
        ),
        (|t| t.get_mut("unembedding").unwrap().dtype = Dtype::I32, "tensor unembedding is of type I32, expected F32"),
        (
            |t| {
                let tensor = t.get_mut("unembedding").unwrap();
                tensor.dtype = Dtype::F64;
                tensor.bytes.resize(8 * 26_000, 0);
            },
            "tensor unembedding is of type F64, expected F32",
        ),
        (|t| drop(t.remove("layers.5.attention.key")), "has no tensor layers.5.attention.key"),
        (|t| t.clear(), "has no tensor embedding"),
        (|t| drop(t.insert("bias".into(), t["embedding"].clone())), "has a tensor bias that the config does not know"),
        (
            |t| drop(t.insert("layers.2.attention.query".into(), Tensor { dtype: Dtype::F32, shape: vec![0, 100], bytes: Vec::new() })),
            "has a tensor layers.2.attention.query that the config does not know",
        ),
        (|t| put(t, "layers.4.ffn.value", 203, f32::NAN), "tensor layers.4.ffn.value is NaN at [2, 3]; every weight must be finite"),
        (|t| put(t, "unembedding", 25_999, f32::INFINITY), "tensor unembedding is inf at [259, 99]"),
        (|t| put(t, "layers.0.attention.output", 26, f32::NEG_INFINITY), "tensor layers.0.attention.output is -inf at [1, 0]"),
    ];
    for (edit, reason) in cases {
        let mut tensors = tensors();
        edit(&mut tensors);
        refused(folder_of(&safetensors(&tensors), &FILES.1).path(), WEIGHTS_FILE, reason, reason);
    }
    load::<f32>(folder_of(&safetensors(&tensors()), &FILES.1).path()).expect("the order of the tensors in the file does not matter");
}

#[test]
fn another_machines_weights_are_refused_when_they_are_run() {
    let changes = [
        ("/machine", json!("word"), "the weights of machine \"word\", not of the byte machine"),
        ("/lanes/0", json!("two"), "the config does not name the lane \"one\""),
    ];
    for (pointer, value, reason) in changes {
        let mut config = config();
        *config.pointer_mut(pointer).unwrap() = value;
        let model = load(folder_of(&FILES.0, config.to_string().as_bytes()).path()).expect(reason);
        let Module { program, header, .. } = program();
        let files = header.files();
        let case = Case::new(&program, &files);
        let error = NetworkEngine::new(model).and_then(|engine| record(&engine, case, 10)).expect_err(reason);
        assert!(error.engine == "dense" && error.reason.contains(reason), "{error}");
    }
}

#[test]
fn survives_damaged_configs() {
    let mut random = Random::new(0x5eed_0003);
    let mut accepted = 0;
    for _ in 0..5_000 {
        accepted += usize::from(parse_config::<f32>(&damaged(&FILES.1, &mut random)).is_ok());
    }
    assert!(accepted > 100, "{accepted} accepted: too few to show anything");
}

#[test]
fn survives_damaged_numbers_in_configs() {
    let mut random = Random::new(0x5eed_0004);
    let sizes = ["d_model", "d_head", "d_ffn", "vocab_size", "n_layers", "parameters"];
    for _ in 0..1_000 {
        let mut config = config();
        for _ in 0..=random.below(3) {
            config[sizes[random.below(sizes.len())]] = json!(u64::MAX >> random.below(64));
        }
        if let Ok(config) = parse_config::<f32>(config.to_string().as_bytes()) {
            assert_eq!(parse_weights::<f32>(config.clone(), &FILES.0).is_ok(), config == MODEL.config);
        }
    }
}

#[test]
fn survives_damaged_weights() {
    let mut random = Random::new(0x5eed_0005);
    let header = 8 + u64::from_le_bytes(FILES.0[..8].try_into().unwrap()) as usize;
    for _ in 0..300 {
        let weights = [&damaged(&FILES.0[..header], &mut random), &FILES.0[header..]].concat();
        drop(parse_weights::<f32>(MODEL.config.clone(), &weights));
    }
}

#[test]
fn survives_running_any_finite_weights() {
    let mut random = Random::new(0x5eed_0006);
    let Module { program, header, .. } = program();
    let files = header.files();
    let case = Case::new(&program, &files);
    for _ in 0..20 {
        let mut model = MODEL.clone();
        for (_, matrix) in model.matrices_mut() {
            for _ in 0..20 {
                let (row, column) = (random.below(matrix.rows()), random.below(matrix.columns()));
                let weight = f32::from_bits(random.below(1 << 32) as u32);
                *matrix.get_mut(row, column) = if weight.is_finite() { weight } else { f32::MAX };
            }
        }
        record(&NetworkEngine::new(model).unwrap(), case, 100).unwrap();
    }
}
