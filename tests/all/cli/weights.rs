//! Commands with right and wrong weights, and the bounds that `info` prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE};

use crate::common::command::{ADDITION, folder, good, text, unusable, wasmformer};
use crate::common::exported::{exported, exported_with_a_wrong_sum, place};

const SUITE: usize = 112;

/// A byte program without an addition.
const READS: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (func (export "main") (local i32)
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output
    i32.const 1 call $fd_read call $output))"#;

#[test]
fn info_shows_the_published_shape_and_bounds_within_exactness() {
    const EXACT: u64 = 1 << 24;
    let ran = good(["info"]);
    let shape: BTreeMap<_, _> = ran.lines().iter().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(' ')).collect();
    let shape = |name: &str| shape[name].trim();
    assert_eq!(shape("machine"), "byte");
    assert_eq!(shape("layers"), "8");
    assert_eq!(shape("heads"), "[13, 1, 0, 8, 2, 1, 1, 4]");
    assert_eq!(shape("parameters"), "316000");
    assert_eq!(shape("vocabulary"), "260");
    assert!(shape("d_model").starts_with("100 "), "{}", shape("d_model"));

    let (_, proof) = ran.stdout().split_once("proven bounds").unwrap();
    assert!(proof.lines().next().unwrap().ends_with(&EXACT.to_string()));
    let bounds: Vec<u64> = proof.lines().skip(1).take_while(|line| line.starts_with("  layer ")).map(bound).collect();
    assert!(bounds.len() > 8 && bounds.iter().all(|bound| *bound < EXACT), "{bounds:?}");
    let largest = proof.lines().find_map(|line| line.strip_prefix("  largest: ")).unwrap();
    assert!(largest.starts_with(&format!("{} ", bounds.iter().max().unwrap())), "{largest}");
}

/// The number in a line such as `  layer 3  attention scores  12570628  (top bits 0, 1)`.
fn bound(line: &str) -> u64 {
    line.split("  ").filter_map(|cell| cell.trim().parse().ok()).next().expect(line)
}

#[test]
fn one_wrong_weight_is_found_where_it_matters() {
    let folder = exported_with_a_wrong_sum();
    let ran = wasmformer(["diff", "corpus/compliance", "--weights", text(&folder.path().join("weights"))]);
    assert!(ran.status == 1 && ran.stderr.contains("these weights are not the compiled ones"), "{ran:?}");
    let lines = ran.lines();
    let (summary, lines) = lines.split_last().unwrap();
    let (diverge, agree): (Vec<&str>, Vec<&str>) = lines.iter().partition(|line| line.starts_with("diverge  "));
    assert!(!diverge.is_empty() && agree.iter().all(|line| line.starts_with("agree  ")), "{summary}");
    assert_eq!(diverge.len() + agree.len(), SUITE);
    assert_eq!(*summary, format!("{} agree, {} diverge, 0 inconclusive, 0 unreadable", agree.len(), diverge.len()));
    for line in diverge {
        let parts = [
            ".wat: dense differs from vm at step ",
            ", pc ",
            "; stack before [",
            "; expected ",
            ", actual ",
            "; highest logits ",
            ", margin ",
        ];
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
        assert!([", i32.add;", ", i32.or;"].iter().any(|sum| line.contains(sum)), "only sums can be wrong first: {line}");
    }
}

#[test]
fn a_divergence_in_json_names_step_instruction_and_tokens() {
    let weights = exported_with_a_wrong_sum();
    let weights = weights.path().join("weights");
    let unreadable = b"(module (func (export \"main\") i32.const 300 drop))";
    let programs = folder(&[("a.wat", &fs::read(ADDITION).unwrap()[..]), ("c.wat", READS.as_bytes()), ("z.wat", unreadable)]);
    let ran = wasmformer(["diff", "--model", "byte", "--json", text(programs.path()), "--weights", text(&weights)]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(document["totals"], json!({ "agree": 1, "diverge": 1, "inconclusive": 0, "unreadable": 1 }));
    let addition = &document["programs"][0];
    assert_eq!(addition["verdict"], "diverge");
    assert_eq!((&addition["engine"], &addition["reference"]), (&json!("dense"), &json!("vm")));
    let difference = &addition["difference"];
    assert_eq!((&difference["what"], &difference["instruction"]), (&json!("step"), &json!("i32.add")));
    assert!(difference["expected"].is_string() && difference["expected"] != difference["actual"], "{difference}");
    assert_eq!(difference["top_logits"].as_array().unwrap().len(), 3);
    assert_eq!(difference["stack"].as_array().unwrap().len(), 2);
}

#[test]
fn run_refuses_bad_weights() {
    let folder = exported();
    let weights = folder.path().join("weights");
    let [good_weights, good_config] = [WEIGHTS_FILE, CONFIG_FILE].map(|name| fs::read(weights.join(name)).unwrap());
    let config = |key: &str, value: Value| {
        let mut config: Value = serde_json::from_slice(&good_config).unwrap();
        config[key] = value;
        config.to_string().into_bytes()
    };
    let mut nan = good_weights.clone();
    let at = place(&nan, "layers.4.ffn.value", 1, 2);
    nan[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let shape = good_weights.windows(9).position(|window| window == b"[260,100]").unwrap();
    let mut reshaped = good_weights.clone();
    reshaped[shape..shape + 9].copy_from_slice(b"[100,260]");

    let cases: [(&str, &[u8], &str); 7] = [
        (WEIGHTS_FILE, &reshaped, "has shape [100, 260], the config asks for [260, 100]"),
        (WEIGHTS_FILE, &nan, "tensor layers.4.ffn.value is NaN at [1, 2]"),
        (WEIGHTS_FILE, &good_weights[..good_weights.len() / 2], "is not a safetensors file"),
        (WEIGHTS_FILE, b"", "is not a safetensors file"),
        (CONFIG_FILE, &config("d_ffn", json!(99)), "316000 parameters are stated"),
        (CONFIG_FILE, &config("dtype", json!("F16")), "dtype is F16, expected float32"),
        (CONFIG_FILE, b"", "is not a config"),
    ];
    for (name, bytes, reason) in cases {
        let path = weights.join(name);
        let before = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        unusable(["run", "--weights", text(&weights), ADDITION], &[text(&path), reason]);
        unusable(["diff", "--weights", text(&weights), ADDITION], &[text(&path), reason]);
        fs::write(&path, before).unwrap();
    }
    fs::write(weights.join(CONFIG_FILE), config("machine", json!("word"))).unwrap();
    unusable(["run", "--weights", text(&weights), ADDITION], &["the weights of machine \"word\""]);
    let missing: PathBuf = folder.path().join("missing");
    unusable(["run", "--weights", text(&missing), ADDITION], &[text(&missing), "cannot be read"]);
}
