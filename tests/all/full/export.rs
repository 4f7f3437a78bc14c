//! The full machine as a folder: an exported folder can be loaded and runs as the compiled machine does; a
//! folder that is not the full machine's is refused.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::{Value, json};
use tempfile::tempdir;
use wasmformer::full::isa::Op;
use wasmformer::full::listing::operation::Operation;
use wasmformer::full::listing::token::{Family, Token, Vocabulary};
use wasmformer::full::program::load_file;
use wasmformer::full::wasi::Process;
use wasmformer::harness::Emitted;
use wasmformer::harness::full::{Case, NetworkEngine};
use wasmformer::harness::on_tokens;
use wasmformer::transformer::Model;
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE, load};

use crate::common::command::{folder, good, text, unusable, wasmformer};

/// A program that outputs 7, computed as a sum.
const SEVEN: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (call $output (i32.add (i32.const 3) (i32.const 4)))))"#;

const TRAPPING: &str = "corpus/full/traps/division-by-zero.wat";

/// The tokens of a run, by identifier.
fn tokens(network: &NetworkEngine, path: &str) -> Vec<usize> {
    let loaded = load_file(Path::new(path), &Process::default()).unwrap();
    let calls = loaded.invocation().unwrap();
    let mut tokens = Vec::new();
    let mut keep = |emitted: &Emitted<'_>| {
        tokens.push(emitted.token);
        ControlFlow::Continue(())
    };
    let case = Case::of(&loaded, &calls, &[]);
    network.run_observed(case, &mut on_tokens(&mut keep), &mut ()).unwrap();
    tokens
}

/// All of this is one test, so that the file of 155 MB is written only once.
#[test]
fn an_exported_machine_is_the_machine() {
    let made = tempdir().unwrap();
    let exported = made.path().join("full");
    let weights = text(&exported);
    let ran = good(["export", "--model", "full", weights]);
    let named = ran.lines();
    for name in [WEIGHTS_FILE, CONFIG_FILE, "README.md", "labels.json", "tokenizer.json", "generation_config.json", "LICENSE"] {
        assert!(named.contains(&&exported.join(name).display().to_string()[..]), "{name}");
    }
    assert_eq!(fs::read_dir(&exported).unwrap().count(), named.len(), "nothing half-written is left");
    let config: Value = serde_json::from_slice(&fs::read(exported.join(CONFIG_FILE)).unwrap()).unwrap();
    assert_eq!((&config["dtype"], &config["storage"]), (&json!("float64"), &json!("dense")));

    let programs = folder(&[("seven.wat", SEVEN.as_bytes())]);
    let seven = programs.path().join("seven.wat");
    let seven = text(&seven);
    worked_example(&exported, seven);
    same_tokens(&exported, seven);
    commands(weights, seven);
    spelled_as_torch_does(&exported, seven);
    one_wrong_weight(&exported, seven);
    cut_off(&exported, seven);
}

/// The card shows the prompt of this program and what the network emits.
fn worked_example(exported: &Path, seven: &str) {
    let card = fs::read_to_string(exported.join("README.md")).unwrap();
    let vocabulary = Vocabulary::new();
    let listing = good(["listing", "--model", "full", seven]);
    let prompt: Vec<&str> = listing.lines().iter().map(|line| line.split_whitespace().last().unwrap()).collect();
    let emitted: Vec<String> =
        tokens(&NetworkEngine::indexed(), seven).iter().map(|id| vocabulary.token(*id).unwrap().to_string()).collect();
    for line in [prompt.join(" "), emitted.join(" ")] {
        assert!(card.contains(&format!("```text\n{line}\n```")), "{line}");
    }
}

fn same_tokens(exported: &Path, seven: &str) {
    let model: Model<f64> = load(exported).unwrap();
    let (compiled, indexed) = (NetworkEngine::indexed(), NetworkEngine::proven(&model).expect("the weights as compiled"));
    let dense = NetworkEngine::new(model).unwrap();
    for path in [seven, TRAPPING] {
        let expected = tokens(&compiled, path);
        assert!(expected.len() > 3);
        assert_eq!((tokens(&indexed, path), tokens(&dense, path)), (expected.clone(), expected), "{path}");
    }
}

fn commands(weights: &str, seven: &str) {
    // The weights select the machine: without them this program would run on the byte machine.
    let ran = good(["run", "--weights", weights, seven]);
    assert_eq!((&ran.stdout[..], ran.stderr.as_str()), (&[7][..], ""));
    assert_eq!(good(["run", "--weights", weights, "--engine", "dense", seven]).stdout, [7]);
    assert_eq!(good(["trace", "--weights", weights, seven]).stdout, good(["trace", "--model", "full", seven]).stdout);
    assert_eq!(wasmformer(["run", "--weights", weights, TRAPPING]).status, 1, "a trap");
    let ran = good(["diff", "--weights", weights, seven, "corpus/full/traps"]);
    assert!(ran.lines().last().unwrap().ends_with(" agree, 0 diverge, 0 inconclusive, 0 unreadable"), "{ran:?}");

    unusable(["run", "--weights", weights, "--model", "byte", seven], &["config.json", "dtype is float64, expected float32"]);
    unusable(["run", "--weights", weights, "--engine", "vm", seven], &["--weights needs an engine of the transformer"]);
    unusable(["diff", "--weights", weights, "--engine", "wasmi", seven], &["--weights needs an engine of the transformer"]);
}

fn spelled_as_torch_does(exported: &Path, seven: &str) {
    let path = exported.join(CONFIG_FILE);
    let sound = fs::read_to_string(&path).unwrap();
    fs::write(&path, sound.replace(r#""dtype": "float64""#, r#""dtype": "F64""#)).unwrap();
    assert_eq!(good(["run", "--weights", text(exported), seven]).stdout, [7]);
    fs::write(&path, sound.replace(r#""dtype": "float64""#, r#""dtype": "float32""#)).unwrap();
    unusable(["run", "--weights", text(exported), seven], &[CONFIG_FILE, "dtype is float32, expected float64"]);
    fs::write(&path, sound).unwrap();
}

/// The offset in the exported bytes of a non-zero weight in a token's row of a tensor.
fn place(bytes: &[u8], tensor: &str, token: Token) -> usize {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let tensor = tensors.tensor(tensor).unwrap();
    let start = tensor.data().as_ptr() as usize - bytes.as_ptr() as usize;
    let columns = tensor.shape()[1];
    let row = Vocabulary::new().id(token);
    let at = (0..columns).map(|column| start + 8 * (row * columns + column)).find(|at| bytes[*at..*at + 8] != [0; 8]);
    at.expect("a weight that is not zero")
}

/// A wrong weight of the unembedding is found by the logits. For other weights the report has the row, the
/// stage and the lane in which the passes first differ.
fn one_wrong_weight(exported: &Path, seven: &str) {
    let path = exported.join(WEIGHTS_FILE);
    let sound = fs::read(&path).unwrap();
    let add = Operation::Wasm(Op::I32Add).token();
    let places = [
        ("unembedding", Family::Byte(0).token(7), &["dense computes different logits than the compiled weights at step "][..]),
        ("embedding", add, &["dense ", "; first in lane ", " after the embedding of row ", " of the prompt: expected "]),
    ];
    for (tensor, token, parts) in places {
        let mut bytes = sound.clone();
        let at = place(&bytes, tensor, token);
        let wrong = -f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        bytes[at..at + 8].copy_from_slice(&wrong.to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        let ran = wasmformer(["diff", "--weights", text(exported), "--engine", "dense", seven]);
        assert!(ran.status == 1 && ran.stderr.contains("these weights are not the compiled ones"), "{ran:?}");
        assert!(parts.iter().all(|part| ran.stdout().contains(part)), "{ran:?}");
    }
    fs::write(&path, sound).unwrap();
}

fn cut_off(exported: &Path, seven: &str) {
    let path = exported.join(WEIGHTS_FILE);
    fs::File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    unusable(["run", "--weights", text(exported), seven], &[WEIGHTS_FILE, "is not a safetensors file"]);
    fs::remove_file(&path).unwrap();
    unusable(["diff", "--weights", text(exported), seven], &[WEIGHTS_FILE, "cannot be read"]);
    fs::write(exported.join(CONFIG_FILE), b"{}").unwrap();
    unusable(["run", "--weights", text(exported), seven], &[CONFIG_FILE, "is not a config"]);
    unusable(["export", "--model", "full", text(exported)], &[CONFIG_FILE, "was not written by wasmformer"]);
}

#[test]
fn weights_of_another_machine_are_refused() {
    let made = tempdir().unwrap();
    let byte = made.path().join("byte");
    good(["export", text(&byte)]);
    unusable(["run", "--weights", text(&byte), "--model", "full", TRAPPING], &["config.json", "dtype is float32, expected float64"]);
    unusable(["run", "--weights", text(&byte), TRAPPING], &["division-by-zero.wat"]);
    unusable(["run", "--weights", "no-such-folder", TRAPPING], &["config.json", "cannot be read"]);

    let (model, _) = wasmformer::byte::machine::compile::<f64>().unwrap();
    let error = NetworkEngine::new(model).unwrap_err();
    assert_eq!(error.reason, "these weights are for the machine \"byte\", not for \"full\"");
}

#[test]
fn the_prompt_is_printed_as_tokens() {
    let programs = folder(&[("seven.wat", SEVEN.as_bytes())]);
    let seven = programs.path().join("seven.wat");
    let ran = good(["listing", "--model", "full", text(&seven)]);
    let (printed, vocabulary) = (ran.lines(), Vocabulary::new());
    assert!(printed.last().unwrap().ends_with("  go") && printed.iter().any(|line| line.ends_with("  i32.add")), "{printed:?}");
    let ran = good(["listing", "--model", "full", "--json", text(&seven)]);
    let json: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let identifiers: Vec<usize> = json["tokens"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as usize).collect();
    let named = identifiers.iter().map(|id| format!("{id:>5}  {}", vocabulary.token(*id).unwrap()));
    assert!(named.eq(printed.iter().map(|line| (*line).to_string())));
}
