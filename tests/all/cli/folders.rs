//! What an exported folder says of its model, and whether that is so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use wasmformer::transformer::folder::{CONFIG_FILE, load};
use wasmformer::transformer::{Matrix, Model, Number};

use crate::common::command::{ADDITION, good, text, unusable};

fn exported(machine: &str) -> TempDir {
    let folder = tempdir().unwrap();
    good(["export", "--machine", machine, "--sparse", text(folder.path())]);
    folder
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is no list"))
}

fn name(label: &Value) -> &str {
    let name = label["name"].as_str().unwrap();
    assert!(!name.is_empty(), "{label}");
    name
}

/// The lanes whose weight is not 0 in one of some rows, or, of the transposed matrix, columns.
fn lanes<T: Number>(matrix: &Matrix<T>, which: std::ops::Range<usize>, transposed: bool) -> Vec<u64> {
    let count = if transposed { matrix.rows() } else { matrix.columns() };
    let weight = |lane: usize, index: usize| if transposed { matrix.get(lane, index) } else { matrix.get(index, lane) };
    (0..count).filter(|lane| which.clone().any(|index| weight(*lane, index) != T::default())).map(|lane| lane as u64).collect()
}

fn numbers(label: &Value, part: &str) -> Vec<u64> {
    list(label, part).iter().map(|lane| lane.as_u64().unwrap()).collect()
}

/// Every token, lane, head and neuron has a label, and the lanes that a label lists are those of the weights.
fn labels_are_complete_and_true<T: Number>(machine: &str, folder: &TempDir) {
    let (labels, config) = (read(folder.path(), "labels.json"), read(folder.path(), CONFIG_FILE));
    let model: Model<T> = load(folder.path()).unwrap();
    let k = model.config.d_head;
    assert_eq!((labels["machine"].as_str(), &config["storage"]), (Some(machine), &json!("sparse")));

    let names: Vec<&str> = list(&labels, "tokens").iter().map(|token| token.as_str().unwrap()).collect();
    assert_eq!(names.len(), model.config.vocab_size);
    let counted: u64 = list(&labels, "token_families").iter().map(|family| family["count"].as_u64().unwrap()).sum();
    assert_eq!(counted as usize, names.len());
    assert_eq!(labels["token_families"], config["token_families"]);

    assert_eq!(list(&labels, "lanes").len(), model.config.d_model);
    for (lane, label) in list(&labels, "lanes").iter().enumerate() {
        assert_eq!(label["lane"], lane);
        assert!(!label["for"].as_str().unwrap().is_empty());
        assert_eq!(name(label), model.config.lanes.get(lane).map_or("unused", |name| name));
    }
    assert_eq!(list(&labels, "layers").len(), model.layers.len());
    for ((label, weights), kinds) in list(&labels, "layers").iter().zip(&model.layers).zip(&model.config.attention) {
        assert_eq!(list(label, "heads").len(), kinds.len());
        for (head, label) in list(label, "heads").iter().enumerate() {
            let rows = head * k..(head + 1) * k;
            assert_eq!((&label["head"], &label["kind"]), (&json!(head), &json!(kinds[head].to_string())));
            for (part, matrix, transposed) in [
                ("query", &weights.query, false),
                ("key", &weights.key, false),
                ("value", &weights.value, false),
                ("output", &weights.output, true),
            ] {
                assert_eq!(numbers(label, part), lanes(matrix, rows.clone(), transposed), "{part} of {label}");
            }
            is_placed(label);
        }
        assert_eq!(list(label, "neurons").len(), model.config.d_ffn);
        for (neuron, label) in list(label, "neurons").iter().enumerate() {
            assert_eq!(label["neuron"], neuron);
            for (part, matrix, transposed) in
                [("gate", &weights.ffn_gate, false), ("value", &weights.ffn_value, false), ("output", &weights.ffn_down, true)]
            {
                assert_eq!(numbers(label, part), lanes(matrix, neuron..neuron + 1, transposed), "{part} of {label}");
            }
            is_placed(label);
        }
    }
}

/// What a circuit has placed names the source file.
fn is_placed(label: &Value) {
    match label["placed_by"].as_str() {
        Some(file) => assert!(Path::new("src").join(file).is_file(), "{label}"),
        None => assert_eq!(name(label), "unused"),
    }
}

#[test]
fn every_part_of_the_byte_machine_has_a_label() {
    labels_are_complete_and_true::<f32>("byte", &exported("byte"));
}

#[test]
fn every_part_of_the_full_machine_has_a_label_and_all_of_its_sparse_folder_is_small() {
    let folder = exported("full");
    labels_are_complete_and_true::<f64>("full", &folder);
    let sizes = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    let bytes: u64 = sizes.sum();
    assert!(bytes <= 5_000_000, "{bytes} bytes");
}

#[test]
fn two_exports_are_equal_to_the_byte() {
    let contents = |folder: TempDir| -> BTreeMap<_, Vec<u8>> {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
    };
    assert!(contents(exported("byte")) == contents(exported("byte")));
}

#[test]
fn a_tokenizer_has_the_tokens_and_generation_ends_where_runs_do() {
    for machine in ["byte", "full"] {
        let folder = exported(machine);
        let [labels, tokenizer] = ["labels.json", "tokenizer.json"].map(|name| read(folder.path(), name));
        let [config, generation] = [CONFIG_FILE, "generation_config.json"].map(|name| read(folder.path(), name));
        let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
        assert_eq!(vocabulary.len(), list(&labels, "tokens").len(), "names are unique");
        for (id, token) in list(&labels, "tokens").iter().enumerate() {
            assert_eq!(vocabulary[token.as_str().unwrap()], id);
        }
        let names = |ids: &[Value]| -> Vec<&str> {
            ids.iter().map(|id| labels["tokens"][id.as_u64().unwrap() as usize].as_str().unwrap()).collect()
        };
        let ends = names(list(&config, "eos_token_id"));
        assert!(ends[0] == "halt" && ends.iter().any(|end| end.starts_with("trap")), "{ends:?}");
        let [input, system] = ["input_token_id", "system_token_id"].map(|name| names(list(&config, name)));
        let stops = [ends, input, system].concat();
        assert_eq!(names(list(&generation, "eos_token_id")), stops);
    }
}

/// transformers writes the config anew when it saves a model: with its own spelling of the type, its version,
/// and entries of its own.
#[test]
fn what_save_pretrained_makes_of_the_config_loads() {
    let folder = exported("byte");
    let path = folder.path().join(CONFIG_FILE);
    let mut config = read(folder.path(), CONFIG_FILE);
    let entries = config.as_object_mut().unwrap();
    entries.insert("transformers_version".to_string(), json!("5.24.0"));
    entries.insert("architectures".to_string(), json!(["WasmformerForCausalLM"]));
    for (name, value) in [("dtype", "float32"), ("torch_dtype", "float32")] {
        entries.remove("dtype");
        entries.remove("torch_dtype");
        entries.insert(name.to_string(), json!(value));
        fs::write(&path, serde_json::to_vec_pretty(entries).unwrap()).unwrap();
        let ran = good(["run", "--weights", text(folder.path()), ADDITION]);
        assert_eq!(ran.stdout, good(["run", ADDITION]).stdout, "{name}");
    }
}

#[test]
fn the_stock_machine_is_written_the_same_each_time_and_over_its_own_files_only() {
    let made = tempdir().unwrap();
    let path = |name: &str| made.path().join(name);
    for name in ["once", "again", "again", "once.gguf", "again.gguf", "again.gguf"] {
        good(["export", "--stock", text(&path(name))]);
    }
    assert!(fs::read(path("once.gguf")).unwrap() == fs::read(path("again.gguf")).unwrap());
    let names: Vec<_> = fs::read_dir(path("once")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    for name in names {
        assert!(fs::read(path("once").join(&name)).unwrap() == fs::read(path("again").join(&name)).unwrap(), "{name:?}");
    }
    let config = read(&path("once"), CONFIG_FILE);
    assert_eq!((&config["architectures"], &config["dtype"]), (&json!(["LlamaForCausalLM"]), &json!("float32")));

    fs::write(path("mine.gguf"), "mine").unwrap();
    unusable(["export", "--stock", text(&path("mine.gguf"))], &["is not a GGUF file"]);
    fs::create_dir(path("mine")).unwrap();
    fs::write(path("mine").join(CONFIG_FILE), "{}").unwrap();
    unusable(["export", "--stock", text(&path("mine"))], &["was not written by wasmformer"]);
}
