//! What a person types, and what comes back: exit status, standard output, standard error.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use safetensors::SafeTensors;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use wasmformer::byte;
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE};

pub const BINARY: &str = env!("CARGO_BIN_EXE_wasmformer");
const ENGINES: [&str; 5] = ["indexed", "forced", "dense", "vm", "wasmi"];
const SUITE: usize = 112;

pub const ADDITION: &str = "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat";
const LOOP_LIMIT: &str = "corpus/compliance/loop-edge-cases/iteration-limits/third-entry-traps.wat";
const FULL_FILE: &str = "corpus/compliance/filesystem/writing/thirty-third-write.wat";
pub const LONG: &str = "corpus/long/three-nested-loops.wat";

/// Outputs the first two bytes of file 1.
const READS: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (func (export "main") (local i32)
    i32.const 1 call $fd_open local.set 0
    i32.const 1 call $fd_read call $output
    i32.const 1 call $fd_read call $output))"#;

#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    pub fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub fn lines(&self) -> Vec<&str> {
        self.stdout().lines().collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Ran { status: output.status.code().expect("no signal"), stdout: output.stdout, stderr }
    }
}

pub fn wasmformer<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    Command::new(BINARY).args(arguments).output().unwrap().into()
}

/// Asserts success without a word on standard error; returns standard output.
pub fn good<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    let ran = wasmformer(arguments);
    assert!(ran.status == 0 && ran.stderr.is_empty(), "{ran:?}");
    ran
}

/// Asserts that the command could not do its work, and says so in one paragraph that contains all of `parts`.
pub fn unusable<'a>(arguments: impl IntoIterator<Item = &'a str>, parts: &[&str]) {
    let ran = wasmformer(arguments);
    let one_paragraph = ran.stderr.starts_with("error: ") && ran.stderr.ends_with('\n') && !ran.stderr.contains("\n\n");
    assert!(ran.status == 2 && ran.stdout.is_empty() && one_paragraph, "{parts:?}: {ran:?}");
    for part in parts {
        assert!(ran.stderr.contains(part), "{part:?} is missing in {}", ran.stderr);
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder of these files.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, contents) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    folder
}

fn exported() -> TempDir {
    let folder = tempdir().unwrap();
    let weights = folder.path().join("weights");
    let ran = good(["export", text(&weights)]);
    let written = [WEIGHTS_FILE, CONFIG_FILE].map(|name| weights.join(name).display().to_string());
    assert_eq!(ran.lines()[..2], written, "card and Python files follow");
    folder
}

/// The place of one weight in the bytes of a safetensors file.
fn place(safetensors: &[u8], tensor: &str, row: usize, column: usize) -> usize {
    let tensors = SafeTensors::deserialize(safetensors).unwrap();
    let tensor = tensors.tensor(tensor).unwrap();
    let start = tensor.data().as_ptr() as usize - safetensors.as_ptr() as usize;
    start + 4 * (row * tensor.shape()[1] + column)
}

#[test]
fn run_prints_outputs() {
    for engine in ENGINES {
        assert_eq!(good(["run", "--engine", engine, ADDITION]).stdout(), "0\n0\n255\n255\n0\n0\n255\n254\n44\n", "{engine}");
        let raw = good(["run", "--engine", engine, "--raw", ADDITION]).stdout;
        assert_eq!(raw, [0, 0, 255, 255, 0, 0, 255, 254, 44], "{engine}");
    }
    assert_eq!(good(["run", ADDITION]).stdout, good(["run", "--engine", "dense", ADDITION]).stdout);
    assert_eq!(good(["run", "corpus/compliance/limits-bounds/value-limits/empty-body.wat"]).stdout(), "");
}

#[test]
fn run_tells_of_traps_after_the_outputs() {
    let traps = [
        (LOOP_LIMIT, "1\n0\n2\n0\n3\n", "trap: too many iterations of a loop at pc "),
        (FULL_FILE, "66\n0\n", "trap: write past the capacity of a file at pc "),
    ];
    for (path, stdout, stderr) in traps {
        let rans = ENGINES.map(|engine| wasmformer(["run", "--engine", engine, path]));
        for ran in &rans {
            assert_eq!((ran.status, ran.stdout()), (1, stdout), "{ran:?}");
            assert!(ran.stderr.starts_with(stderr) && ran.stderr.lines().count() == 1, "{ran:?}");
            assert_eq!(ran.stderr, rans[0].stderr);
        }
    }
}

#[test]
fn run_gives_files_to_descriptors() {
    let files = folder(&[("reads.wat", READS.as_bytes()), ("hi", b"hi"), ("full", &[7; 32]), ("over", &[7; 33]), ("a=b", b"eq")]);
    let at = |name: &str| text(&files.path().join(name)).to_string();
    let reads = at("reads.wat");
    let run = |files: &[String], engine: &str| {
        let flags = files.iter().flat_map(|file| ["--file", file]);
        good(["run", "--engine", engine, &reads].into_iter().chain(flags)).stdout().to_string()
    };
    for engine in ENGINES {
        assert_eq!(run(&[], engine), "0\n0\n");
        assert_eq!(run(&[format!("1={}", at("hi"))], engine), "104\n105\n");
        assert_eq!(run(&[format!("0={}", at("hi"))], engine), "0\n0\n");
        assert_eq!(run(&[format!("0={}", at("hi")), format!("1={}", at("full"))], engine), "7\n7\n");
        assert_eq!(run(&[format!("1={}", at("hi")), format!("1={}", at("a=b"))], engine), "101\n113\n");
    }

    let over = format!("1={}", at("over"));
    unusable(["run", &reads, "--file", &over], &[&at("over"), "has more than the 32 bytes that fit"]);
    let missing = format!("1={}", at("missing"));
    unusable(["run", &reads, "--file", &missing], &[&at("missing"), "cannot be read"]);
    for (file, reason) in
        [("4=x", "not 0 to 3"), ("-1=x", "not 0 to 3"), ("x=y", "not 0 to 3"), ("=x", "not 0 to 3"), ("1", "expected N=PATH"), ("", "")]
    {
        let ran = wasmformer(["run", &reads, &format!("--file={file}")]);
        assert!(ran.status == 2 && ran.stderr.starts_with("error: ") && ran.stderr.contains(reason), "{file}: {ran:?}");
    }
}

#[test]
fn trace_prints_a_table() {
    let expected = "  step    pc  instruction       token  depth
     0     0  i32.const 1           1      1
     1     1  fd_open               1      1
     2     2  local.set 0           1      0
     3     3  i32.const 1           1      1
     4     4  fd_read             104      1
     5     5  output              104      0
     6     6  i32.const 1           1      1
     7     7  fd_read             105      1
     8     8  output              105      0
     9     9  halt               halt      0
";
    let files = folder(&[("reads.wat", READS.as_bytes()), ("hi", b"hi")]);
    let file = format!("1={}", text(&files.path().join("hi")));
    for engine in ENGINES {
        assert_eq!(
            good(["trace", "--engine", engine, "--file", &file, text(&files.path().join("reads.wat"))]).stdout(),
            expected,
            "{engine}"
        );
    }
    let closed = READS.replace("i32.const 1 call $fd_open local.set 0", "");
    let files = folder(&[("closed.wat", closed.as_bytes())]);
    for engine in ENGINES {
        let ran = wasmformer(["trace", "--engine", engine, text(&files.path().join("closed.wat"))]);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert_eq!(ran.lines()[2].split_whitespace().collect::<Vec<_>>(), ["1", "1", "fd_read", "trap", "1"], "{ran:?}");
        assert_eq!(ran.stderr, "trap: read or write on a closed descriptor at pc 1, fd_read (token trap)\n");
    }
}

/// Copies of two programs that agree, one of them trapping, and one more in a folder below.
fn agreeing() -> Vec<(&'static str, Vec<u8>)> {
    vec![("a.wat", fs::read(ADDITION).unwrap()), ("b.wat", fs::read(FULL_FILE).unwrap()), ("below/c.wat", READS.into())]
}

fn folder_with(more: &[(&'static str, &[u8])]) -> TempDir {
    let agreeing = agreeing();
    let files: Vec<_> = agreeing.iter().map(|(name, bytes)| (*name, &bytes[..])).chain(more.iter().copied()).collect();
    folder(&files)
}

const UNREADABLE: (&str, &[u8]) = ("z.wat", b"(module (func (export \"main\") i32.const 300 drop))");

#[test]
fn diff_agrees() {
    let programs = folder_with(&[("notes.txt", b"not a program")]);
    let ran = good(["diff", text(programs.path())]);
    let lines = ran.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    for (line, name) in lines.iter().zip(["a.wat", "b.wat", "below/c.wat"]) {
        assert!(line.starts_with("agree  ") && line.contains(name) && line.ends_with(" tokens"), "{line}");
    }
    assert_eq!(lines[3], "3 agree, 0 diverge, 0 inconclusive, 0 unreadable");

    let both = good(["diff", ADDITION, text(&programs.path().join("below"))]);
    assert_eq!(both.lines().last(), Some(&"2 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
}

#[test]
fn diff_counts_what_it_cannot_compare() {
    let programs = folder_with(&[UNREADABLE]);
    let path = text(programs.path());
    let ran = wasmformer(["diff", "--model", "byte", path]);
    assert_eq!(ran.status, 2, "{ran:?}");
    let unreadable: Vec<_> = ran.lines().into_iter().filter(|line| line.starts_with("unreadable  ")).collect();
    assert!(matches!(unreadable[..], [line] if line.contains("z.wat:1:31: i32.const 300")), "{ran:?}");
    assert_eq!(ran.lines().last(), Some(&"3 agree, 0 diverge, 0 inconclusive, 1 unreadable"));

    let ran = wasmformer(["diff", "--model", "byte", "--limit", "20", path]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(ran.lines().last(), Some(&"1 agree, 0 diverge, 2 inconclusive, 1 unreadable"));
}

#[test]
fn diff_prints_one_json_document() {
    let programs = folder_with(&[UNREADABLE]);
    let ran = wasmformer(["diff", "--model", "byte", "--json", text(programs.path())]);
    assert_eq!((ran.status, ran.stderr.as_str()), (2, ""));
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(document["totals"], json!({ "agree": 3, "diverge": 0, "inconclusive": 0, "unreadable": 1 }));
    let listed = document["programs"].as_array().unwrap();
    let verdicts: Vec<_> = listed.iter().map(|program| program["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["agree", "agree", "agree", "unreadable"]);
    assert_eq!(listed[2]["steps"], 10);
    assert_eq!(listed[2]["tokens"], 1 + 2 * 10 + 10);
    assert!(listed[3]["program"].as_str().unwrap().ends_with("z.wat") && listed[3]["reason"].as_str().unwrap().contains("i32.const 300"));
}

#[test]
fn diff_refuses_paths_without_programs() {
    let empty = tempdir().unwrap();
    unusable(["diff", text(empty.path())], &[text(empty.path()), "no .wat or .wasm file"]);
    unusable(["diff", "no/such/folder"], &["no/such/folder", "cannot be read"]);
}

#[test]
fn suite_passes_on_every_engine() {
    let ran = good(["suite"]);
    let lines = ran.lines();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["group", "programs", "vm", "wasmi", "dense", "indexed", "forced"]);
    let cells = |line: &'_ str| line.split_whitespace().rev().take(ENGINES.len() + 1).map(str::to_string).collect::<Vec<_>>();
    let (all, groups) = lines[1..].split_last().unwrap();
    assert!(all.starts_with("all "), "{all}");
    let [passed @ .., programs] = &cells(all)[..] else { panic!("{all}") };
    assert!(passed.iter().all(|passed| *passed == format!("{SUITE}/{SUITE}")) && *programs == SUITE.to_string(), "{all}");
    assert_eq!(groups.len(), 12);
    let mut total = 0;
    for group in groups {
        let cells = cells(group);
        let (programs, passed) = cells.split_last().unwrap();
        assert!(passed.iter().all(|passed| *passed == format!("{programs}/{programs}")), "{group}");
        total += programs.parse::<usize>().unwrap();
    }
    assert_eq!(total, SUITE);
}

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
fn exported_weights_agree() {
    let folder = exported();
    let weights = folder.path().join("weights");
    good(["export", text(&weights)]);
    assert_eq!(good(["run", "--weights", text(&weights), ADDITION]).stdout, good(["run", ADDITION]).stdout);
    let programs = folder_with(&[]);
    let ran = good(["diff", "--weights", text(&weights), text(programs.path())]);
    assert_eq!(ran.lines().last(), Some(&"3 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
    unusable(["run", "--engine", "vm", "--weights", text(&weights), ADDITION], &["--weights is for the transformer"]);
}

#[test]
fn export_leaves_foreign_files_alone() {
    let foreign = folder(&[("config.json", b"{}")]);
    unusable(["export", text(foreign.path())], &["config.json", "was not written by wasmformer"]);
    assert_eq!(fs::read(foreign.path().join("config.json")).unwrap(), b"{}");
    assert_eq!(fs::read_dir(foreign.path()).unwrap().count(), 1);
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

#[test]
fn one_wrong_weight_is_found_where_it_matters() {
    let folder = exported_with_a_wrong_sum();
    let ran = wasmformer(["diff", "corpus/compliance", "--weights", text(&folder.path().join("weights"))]);
    assert!(ran.status == 1 && ran.stderr.contains("these are not the weights as compiled"), "{ran:?}");
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
    let folder = exported_with_a_wrong_sum();
    let weights = folder.path().join("weights");
    let programs = folder_with(&[UNREADABLE]);
    let ran = wasmformer(["diff", "--model", "byte", "--json", text(programs.path()), "--weights", text(&weights)]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let document: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(document["totals"], json!({ "agree": 2, "diverge": 1, "inconclusive": 0, "unreadable": 1 }));
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
fn run_refuses_bad_programs() {
    let with_imports = |body: &str| {
        format!("(module\n{}\n(memory 1)\n(func (export \"main\") (local i32) {body}))", READS.lines().skip(1).take(3).collect::<String>())
    };
    let wasm = wasmformer::byte::program::reader::read_file(Path::new(ADDITION)).unwrap().wasm;
    let programs: Vec<(&str, Vec<u8>, &str)> = vec![
        ("f32.wat", with_imports("f32.const 1 drop").into(), "f32.const is not in the profile"),
        ("f32-local.wat", "(module (func (export \"main\") (local f32)))".into(), "a local of type f32"),
        ("truncated.wasm", wasm[..wasm.len() / 2].to_vec(), "at byte 0x"),
        ("empty.wasm", Vec::new(), "the file is empty"),
        ("prose.wat", "It was a dark and stormy night.".into(), "prose.wat:1:1: "),
        ("latin1.wat", b"(module (; \xe9 ;))".to_vec(), "UTF-8"),
        ("import.wat", "(module (import \"env\" \"print\" (func)) (func (export \"main\")))".into(), "unknown import env.print"),
        ("descriptor.wat", with_imports("local.get 0 call $fd_read call $output").into(), "the descriptor of fd_read must be"),
        ("constant.wat", with_imports("i32.const 300 call $output").into(), "i32.const 300: a constant must be 0 to 255"),
        ("unwind.wat", with_imports("loop i32.const 1 local.get 0 br_if 0 call $output end").into(), "would unwind 1 value(s)"),
        ("type-error.wat", with_imports("i32.add").into(), "not valid WebAssembly"),
        ("header.wat", ";;! colour = 1\n(func (export \"main\"))".into(), "the ;;! header does not parse"),
    ];
    let files: Vec<_> = programs.iter().map(|(name, bytes, _)| (*name, &bytes[..])).collect();
    let folder = folder(&files);
    for (name, _, reason) in &programs {
        let path = folder.path().join(name);
        unusable(["run", "--model", "byte", text(&path)], &[text(&path), reason]);
        unusable(["trace", "--model", "byte", "--engine", "vm", text(&path)], &[text(&path), reason]);
    }
    unusable(["run", "no/such.wat"], &["no/such.wat: cannot be read"]);
    unusable(["run", text(folder.path())], &[text(folder.path()), "cannot be read"]);
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
        (WEIGHTS_FILE, &good_weights[..good_weights.len() / 2], "is no safetensors file"),
        (WEIGHTS_FILE, b"", "is no safetensors file"),
        (CONFIG_FILE, &config("d_ffn", json!(99)), "316000 parameters are stated"),
        (CONFIG_FILE, &config("dtype", json!("F16")), "dtype is F16, expected F32"),
        (CONFIG_FILE, b"", "is no config"),
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

#[test]
fn usage_errors_exit_with_2() {
    let cases: [(&[&str], &str); 8] = [
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["run"], "required arguments were not provided"),
        (&["run", ADDITION, "--fast"], "unexpected argument '--fast'"),
        (&["run", ADDITION, "--engine", "v8"], "invalid value 'v8'"),
        (&["run", ADDITION, ADDITION], "arguments are for a function that --invoke names"),
        (&["diff", "--limit", "many"], "invalid value 'many'"),
        (&["export"], "required arguments were not provided"),
        (&["info", "--json"], "unexpected argument '--json'"),
    ];
    for (arguments, reason) in cases {
        let ran = wasmformer(arguments.iter().copied());
        assert!(ran.status == 2 && ran.stdout.is_empty(), "{ran:?}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(reason), "{ran:?}");
    }
    let none = wasmformer([]);
    assert!(none.status == 2 && none.stderr.contains("Usage: wasmformer"), "{none:?}");
}

#[test]
fn help_lists_the_instructions() {
    let help = good(["--help"]);
    for part in ["Usage: wasmformer", "suite", "i32.add", "fd_write", "0x6a", "mod 256"] {
        assert!(help.stdout().contains(part), "{part}");
    }
    assert_eq!(good(["--version"]).stdout(), concat!("wasmformer ", env!("CARGO_PKG_VERSION"), "\n"));
}

pub fn shell(script: &str) -> Ran {
    Command::new("sh").args(["-c", script]).env("WASMFORMER", BINARY).output().unwrap().into()
}

#[cfg(unix)]
#[test]
fn stops_quietly_when_nobody_reads_on() {
    let trace = format!("trace --engine vm {LONG}");
    let diff = format!("diff --json {ADDITION}");
    for (command, reader, lines) in [(&trace, "head -1", 1), (&trace, "true", 0), (&diff, "true", 0)] {
        let ran = shell(&format!("(\"$WASMFORMER\" {command}; echo status $? >&2) | {reader}"));
        assert_eq!((ran.lines().len(), ran.stderr.as_str()), (lines, "status 2\n"), "{command} | {reader}");
    }
}

#[cfg(unix)]
#[test]
fn keeps_its_status_when_nobody_reads_the_errors() {
    for (arguments, status) in [(LOOP_LIMIT, 1), ("no/such.wat", 2)] {
        let run = format!("\"$WASMFORMER\" run --engine vm {arguments} 2>&1 > /dev/null");
        let ran = shell(&format!("exec 3>&1; (sleep 0.2; {run}; echo status $? >&3) | true"));
        assert_eq!(ran.stdout(), format!("status {status}\n"), "{arguments}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn says_when_results_cannot_be_written() {
    for command in ["info", &format!("run {ADDITION}"), &format!("diff {ADDITION}")] {
        let ran = shell(&format!("\"$WASMFORMER\" {command} > /dev/full"));
        assert!(ran.status == 2 && ran.stderr.starts_with("error: the results cannot be written: "), "{command}: {ran:?}");
    }
}
