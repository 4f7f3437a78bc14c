//! Every command line of every page works: it runs here and ends well, or it stands in the list of those that
//! run elsewhere, with the reason and the place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::text::{command, commands, is_clone, page, pages};
use crate::common::command::{BINARY, good};

const RUN: &str = ".ci/run";
const PYTHON: &str = "engines/python/check";
const ENGINE: &str = "engine=\"node engines/typescript/dist/src/protocol.js";
const TYPESCRIPT: &str = "engines/typescript/check";
const C: &str = "engines/c/check";
const FILES: &str = "tests/all/cli/files.rs";
const NIGHTLY: &str = ".github/workflows/nightly.yml";
const TESTSUITE: &str = "corpus/toolchains/wasi-testsuite";
const REGISTRY: &str = "corpus/toolchains/registry/check";
const INTERPRETERS: &str = "corpus/toolchains/interpreters/check";
const MEASURE: &str = "benches/measure";
const BENCH: &str = "tests/all/cli/bench.rs";

/// The command lines that do not run here: command, reason, file that runs it, and what stands there if it is
/// not the command itself.
const ELSEWHERE: &[(&str, &str, &str, &str)] = &[
    (".ci/run", "runs these tests", ".github/workflows/ci.yml", ""),
    ("cargo +nightly fuzz cmin diff", "needs a corpus that fuzzing found", NIGHTLY, "cargo +nightly fuzz cmin"),
    ("cargo +nightly fuzz coverage diff", "needs nightly; minutes", NIGHTLY, "cargo +nightly fuzz coverage"),
    ("cargo +nightly fuzz run -s none --no-trace-compares diff -- -entropic=0", "needs nightly; does not end by itself", RUN, FUZZ),
    ("cargo +nightly fuzz run diff", "needs nightly; does not end by itself", NIGHTLY, "cargo +nightly fuzz run"),
    ("cargo +nightly fuzz run diff fuzz/artifacts/diff/crash-…", "needs a finding", NIGHTLY, "cargo +nightly fuzz run"),
    ("cargo +nightly fuzz tmin diff fuzz/artifacts/diff/crash-…", "needs a finding", NIGHTLY, "cargo +nightly fuzz tmin"),
    ("cargo bench", "minutes", RUN, ""),
    ("cargo build --release", "builds", MEASURE, ""),
    ("cargo build --release --manifest-path ../before/Cargo.toml", "builds", MEASURE, "cargo build --release"),
    ("cargo clippy --all-targets -- -D warnings", "builds", RUN, ""),
    ("cargo doc --open", "builds, and opens a browser", RUN, "cargo doc"),
    ("cargo fmt --all --check", "needs rustfmt", RUN, ""),
    ("cargo fuzz coverage", "needs nightly; minutes", NIGHTLY, "fuzz coverage"),
    ("cargo insta review", "needs cargo-insta; a person answers", RUN, ""),
    ("cargo install --path .", "builds for minutes", RUN, "cargo install --path"),
    ("cargo install --path . --features wasmtime", "builds for minutes", RUN, "--features wasmtime"),
    ("cargo install cargo-fuzz --locked", "builds, and needs the network", RUN, ""),
    ("cargo install cargo-insta --locked", "builds, and needs the network", RUN, ""),
    ("cargo run --release --", "builds", RUN, ""),
    ("cargo run --release -p wasmformer-fuzz --bin diff -- FILE…", "builds", RUN, "cargo run --release -p wasmformer-fuzz --bin diff --"),
    ("cargo test -- --ignored", "minutes", RUN, ""),
    ("corpus/programs/build", "needs Debian's clang", RUN, ""),
    ("corpus/toolchains/check", "needs Node and the network", RUN, ""),
    ("corpus/toolchains/check --all", "installs zig and rustc: minutes", RUN, ""),
    ("corpus/toolchains/check libraries", "needs Node and the network", RUN, "corpus/toolchains/check"),
    ("corpus/toolchains/check libraries wasi", "needs Node and the network", RUN, "corpus/toolchains/check"),
    ("corpus/toolchains/check programs", "needs Node and the network", RUN, "corpus/toolchains/check"),
    ("corpus/toolchains/check programs --record --all", "writes what is in git", RUN, "corpus/toolchains/check --all"),
    ("corpus/toolchains/registry/check", "needs Node and the network; minutes", REGISTRY, "registry/check [WORD]"),
    ("corpus/toolchains/interpreters/check", "needs Node and the network; minutes", INTERPRETERS, "interpreters/check [NAME…] [ENGINE…]"),
    ("corpus/toolchains/rust", "needs root on Debian; minutes", "corpus/toolchains/check", "corpus/toolchains/rust"),
    ("corpus/toolchains/wasi-testsuite FOLDER vm fused", "needs Node and a checkout of the suite", TESTSUITE, "wasi-testsuite FOLDER"),
    ("engines/c/check", "needs a C compiler", RUN, ""),
    ("engines/python/check", "needs numpy, torch and ONNX", RUN, ""),
    ("engines/python/check_certificate", "needs numpy and safetensors", PYTHON, "check_certificate"),
    ("engines/python/check numpy", "hours", NIGHTLY, ""),
    ("engines/python/setup", "installs from the network", RUN, ""),
    ("engines/stock/check", "needs transformers and llama.cpp", RUN, ""),
    ("engines/stock/setup", "installs from the network", RUN, ""),
    ("engines/typescript/check", "needs Node and the network", RUN, ""),
    ("node --liftoff-only …", "needs Node", RUN, "node --liftoff-only engines/v8/engine.mjs"),
    ("node --no-liftoff …", "needs Node", RUN, "node --no-liftoff engines/v8/engine.mjs"),
    ("node --liftoff-only engines/v8/engine.mjs", "needs Node", RUN, ""),
    ("node --no-liftoff engines/v8/engine.mjs", "needs Node", RUN, ""),
    ("node --test engines/v8", "needs Node", RUN, ""),
    ("node corpus/programs/wasi/check.mjs", "needs Node", RUN, ""),
    ("node engines/typescript/dist/src/protocol.js", "needs Node and a build", TYPESCRIPT, ""),
    ("node engines/typescript/speed/speed.mjs full", "needs Node and a build", TYPESCRIPT, "node engines/typescript/speed/speed.mjs"),
    ("node engines/v8/engine.mjs", "needs Node", RUN, ""),
    ("npm install --package-lock-only --omit-lockfile-registry-resolved", "writes what is in git", "corpus/toolchains/check", "npm ci"),
    ("npm install wasmformer-engine", "needs Node and the network", RUN, "npm install"),
    ("npm ci", "needs Node and the network", TYPESCRIPT, ""),
    ("npm run build", "needs Node", "web/check", ""),
    ("npm test", "needs Node", TYPESCRIPT, ""),
    ("python -m wasmformer.engine numpy", "needs numpy", PYTHON, "-m wasmformer.engine"),
    ("python -m wasmformer.engine onnx", "needs onnxruntime", PYTHON, "-m wasmformer.engine"),
    ("python -m wasmformer.engine torch", "needs torch", PYTHON, "-m wasmformer.engine"),
    ("wasmformer bench", "minutes, on an idle machine", MEASURE, ""),
    (
        "wasmformer bench --machine full --limit 200000 --plot benches/figures/cost-full.svg",
        "minutes, on an idle machine",
        MEASURE,
        PLOT_OF_FULL,
    ),
    ("wasmformer bench --machine full --save before.json", "minutes, on an idle machine", BENCH, "\"--save\""),
    ("wasmformer bench --machine full --baseline before.json", "minutes, on an idle machine", BENCH, "\"--baseline\""),
    ("wasmformer bench --plot benches/figures/cost.svg corpus/long/three-nested-loops.wat", "minutes, on an idle machine", MEASURE, PLOT),
    ("benches/measure", "minutes, on an idle machine", RUN, ""),
    ("benches/measure ../measured/before-$round bench-full", "minutes, on an idle machine", RUN, "benches/measure \"$made\""),
    ("benches/measure ../measured/after-$round bench-full", "minutes, on an idle machine", RUN, "benches/measure \"$made\""),
    ("wasmformer suite --machine stock", "a minute", RUN, ""),
    ("wasmformer diff", "tens of seconds", RUN, ""),
    ("wasmformer diff --engine indexed --limit 20000000 benches/nested-loops.wat", "tens of seconds", RUN, ""),
    ("wasmformer diff --engine-cmd", "names an option", RUN, "--engine-cmd"),
    ("wasmformer diff --engine-cmd \"node engines/typescript/dist/src/protocol.js\"", "needs Node and a build", TYPESCRIPT, ENGINE),
    (
        "wasmformer diff corpus/compliance --engine-cmd \"python -m wasmformer.engine numpy\"",
        "needs numpy",
        PYTHON,
        "suite=corpus/compliance",
    ),
    ("wasmformer diff corpus/compliance --engine-cmd \"COMMAND\"", "needs an engine", TYPESCRIPT, "diff corpus/compliance --engine-cmd"),
    ("wasmformer diff corpus/full --engine-cmd \"npx wasmformer-engine\"", "needs the package", RUN, ".bin/wasmformer-engine --check-host"),
    ("wasmformer diff corpus/full --engine wasmtime", "needs a build with wasmtime", RUN, ""),
    ("wasmformer diff corpus/full --engine-cmd \"COMMAND\"", "names any engine", RUN, "wasmformer diff corpus/full --engine-cmd"),
    ("wasmformer diff corpus/full --engine-cmd \"node engines/v8/engine.mjs\"", "needs Node", RUN, ""),
    ("wasmformer diff corpus/full", "tens of seconds", RUN, ""),
    ("wasmformer diff corpus/full --engine-cmd \"./w --protocol\"", "needs a C compiler", C, "wasmformer diff $full"),
    ("wasmformer export full --machine full --sparse", "seconds", C, "--machine full --sparse"),
    ("wasmformer mutate --csv", "minutes", RUN, ""),
    ("wasmformer run FILE.wasm --bytes in=DATA:malloc --invoke crc32 in in.length", "needs that function", FILES, "\"--bytes\""),
    ("wasmformer run FILE.wasm --bytes in=DATA@1024 --invoke sort in 10 --dump in:40", "needs that function", FILES, "\"--dump\""),
    ("wasmformer exhaustive", "minutes", RUN, ""),
    ("wasmformer exhaustive --machine full", "minutes", RUN, ""),
    ("wasmformer diff FILE.wasm --weights DIR", "needs the folder", "tests/all/full/specialized.rs", "\"diff\", \"--weights\""),
    ("wasmformer diff FILE.wat --weights DIR", "needs the folder", "tests/all/byte/specialized.rs", "\"diff\", \"--weights\""),
    ("wasmformer bench --compiled --longest 1000000", "a minute, on an idle machine", MEASURE, ""),
    ("wasmformer bench --machine full --compiled --longest 0 --limit 2000000", "minutes, on an idle machine", MEASURE, ""),
    ("wasmformer bench --specialized", "a minute, on an idle machine", MEASURE, ""),
    ("wasmformer bench --specialized --machine full", "minutes, on an idle machine", MEASURE, ""),
    ("wasmformer export", "names a command", "tests/all/full/export.rs", "\"export\""),
    ("wasmformer export DIR --machine full", "writes 173 MB", "tests/all/full/export.rs", "\"export\""),
    ("wasmformer mutate", "minutes", RUN, ""),
    ("wasmformer mutate --machine full --sample 300", "minutes", RUN, ""),
    ("wasmformer prove --machine full", "a minute", RUN, ""),
    ("wasmformer run", "names a command", "tests/all/cli/input.rs", "\"run\""),
    ("wasmformer shrink FILE.wasm --engine wasmtime", "needs a build with wasmtime", RUN, ""),
    ("wasmformer soak", "does not end by itself", RUN, ""),
    ("wasmformer soak --engine-cmd", "names an option", "tests/all/cli/external.rs", "\"--engine-cmd\""),
    ("wasmformer soak --machine full --engine vm --engine wasmi --engine wasmtime", "needs a build with wasmtime", RUN, ""),
    ("wasmformer spec", "minutes", RUN, ""),
    ("wasmformer spec --version 2", "minutes", RUN, ""),
    ("wasmformer studio", "serves until it is ended", "tests/all/cli/studio.rs", "\"studio\""),
    ("wasmformer studio FILE", "serves until it is ended", "tests/all/cli/studio.rs", "\"studio\""),
    ("wasmformer suite", "tens of seconds", RUN, ""),
    ("wasmformer xray", "names a command", "tests/all/cli/xray.rs", "\"xray\""),
    ("web/check", "needs Node, Chromium and the network", RUN, ""),
];
const PLOT: &str = "wasmformer bench --plot \"$folder/cost.svg\" corpus/long/three-nested-loops.wat";
const PLOT_OF_FULL: &str = "wasmformer bench --machine full --limit 200000 --plot \"$folder/cost-full.svg\"";
const FUZZ: &str = "cargo +nightly fuzz run -s none";

/// What a page calls `FILE`, `FILE.wat` and `FILE.wasm`: a module with all that the command lines name.
const FILE: &str = r#"(module
  (import "env" "seed" (func $seed (result i32)))
  (memory 1)
  (func (export "malloc") (param i32) (result i32) i32.const 1024)
  (func (export "crc32") (param i32 i32) (result i32) i32.const 0)
  (func (export "sort") (param i32 i32))
  (func (export "NAME") (param i32) (result i32) local.get 0)
  (func (export "ONE") (result i32) i32.const 1)
  (func (export "TWO") (result i32) i32.const 2)
  (func (export "main") (result i32) i32.const 3))"#;

/// All command lines, each with the pages that have it.
fn all() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut all = BTreeMap::<String, BTreeSet<&str>>::new();
    for path in pages() {
        for command in commands(path) {
            all.entry(command).or_default().insert(path);
        }
    }
    all
}

/// The command lines of a script, in the words of the pages: without the options that make them quiet and
/// keep versions.
fn plain(script: &str) -> String {
    let script = script.replace("\"$WASMFORMER\"", "wasmformer").replace("\"$wasmformer\"", "wasmformer");
    let script = script.replace("target/wasmtime/release/wasmformer", "wasmformer");
    ["--locked", "--quiet", "--silent", "--no-warnings", "--no-audit", "--no-fund"]
        .iter()
        .fold(script, |script, option| script.replace(&format!(" {option}"), ""))
}

/// Whether `cargo test` with these words runs a test of this binary.
fn is_test(words: &[&str]) -> bool {
    let filter = match words {
        [] | ["--test", "all"] | ["--test", "all", "NAME"] => return true,
        ["--test", "all", filter] | [filter] => filter,
        _ => return false,
    };
    let listed = Command::new(std::env::current_exe().unwrap()).args(["--list", filter]).output().unwrap();
    String::from_utf8(listed.stdout).unwrap().contains(": test")
}

/// Whether `.ci/run` has this part.
fn is_part(part: &str) -> bool {
    page(RUN).contains(&format!("\n{part}() {{"))
}

/// Runs a command line in a folder that has the files of the repository that pages name. Returns what it said
/// on standard error if it does not end with status 0.
#[cfg(unix)]
fn run(command: &str) -> Result<(), String> {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    for shared in ["corpus", "engines"].into_iter().filter(|shared| Path::new(shared).exists()) {
        symlink(fs::canonicalize(shared).unwrap(), folder.path().join(shared)).unwrap();
    }
    fs::create_dir(folder.path().join("data")).unwrap();
    symlink(fs::canonicalize("corpus/programs/wasi/hello.wasm").unwrap(), folder.path().join("hello.wasm")).unwrap();
    for name in ["FILE", "FILE.wat", "FILE.wasm"] {
        fs::write(folder.path().join(name), FILE).unwrap();
    }
    fs::write(folder.path().join("DATA"), [0; 40]).unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    let path = format!("{}:{}", Path::new(BINARY).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let line = command.replace(" ARGS…", " 7");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(folder.path()).env("PATH", path).stdin(std::process::Stdio::null());
    let output = shell.output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[cfg(unix)]
#[test]
fn commands_of_pages_run() {
    let (mut failed, mut ran) = (Vec::new(), 0);
    for (command, pages) in all() {
        let words: Vec<&str> = command.split_whitespace().collect();
        let held = match &words[..] {
            ["wasmformer", "COMMAND", "--help"] => Ok(()),
            ["cargo", "test", words @ ..] if is_test(words) => Ok(()),
            [RUN, parts @ ..] if !parts.is_empty() && (!is_clone() || parts.iter().all(|part| is_part(part))) => Ok(()),
            _ if ELSEWHERE.iter().any(|(elsewhere, ..)| *elsewhere == command) => Ok(()),
            ["wasmformer", ..] => {
                ran += 1;
                run(&command)
            }
            _ => Err("it is not in the list of what runs elsewhere".to_string()),
        };
        if let Err(reason) = held {
            failed.push(format!("{command}, of {pages:?}: {reason}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(ran > 12, "{ran}");
    println!("{ran} command lines ran here; these {} run elsewhere:", ELSEWHERE.len());
    for (command, reason, file, _) in ELSEWHERE {
        println!("  {command}: {reason}; {file}");
    }
}

/// What runs elsewhere really does: the script or workflow has the command. And each is in some page.
#[test]
fn commands_that_run_elsewhere_are_there() {
    if !is_clone() {
        return;
    }
    let all = all();
    for (command, _, file, words) in ELSEWHERE {
        let words = if words.is_empty() { command } else { words };
        assert!(plain(&page(file)).contains(&plain(words)), "{file} should run: {words}");
        assert!(all.contains_key(*command), "no page has: {command}");
    }
}

/// Every command line has a command and options that there are, and names files that there are. This holds
/// also for those that run elsewhere.
#[test]
fn commands_of_pages_are_understood() {
    let mut helps = BTreeMap::<String, String>::new();
    for (line, pages) in all() {
        let Some(rest) = line.strip_prefix("wasmformer ") else { continue };
        let words: Vec<&str> = rest.split_whitespace().take_while(|word| !["|", ">", "--"].contains(word)).collect();
        let Some(name) = words.first().filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())) else { continue };
        let help = helps.entry((*name).to_string()).or_insert_with(|| good([*name, "--help"]).stdout().to_string());
        // An option between quotes is of the engine's command.
        let own: Vec<&str> = rest.split('"').step_by(2).flat_map(str::split_whitespace).collect();
        for option in own.iter().take_while(|word| !["|", ">", "--"].contains(word)).filter(|word| word.starts_with("--")) {
            let option = option.split('=').next().unwrap();
            assert!(help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")), "{pages:?}: {line}: {option}");
        }
        // What is built by a set-up command is not there before.
        let committed = words.iter().filter(|word| !word.contains("/dist/"));
        for file in committed.filter(|word| word.starts_with("corpus/") || word.starts_with("engines/")) {
            assert!(Path::new(file.trim_matches('"')).exists(), "{pages:?}: {line}: {file}");
        }
    }
}

#[test]
fn commands_are_found_in_pages() {
    let found = |text| command("corpus/toolchains/README.md", text);
    assert_eq!(found("INSTA_UPDATE=always cargo test --test all cases   # comment").as_deref(), Some("cargo test --test all cases"));
    assert_eq!(found("check --all").as_deref(), if is_clone() { Some("corpus/toolchains/check --all") } else { None });
    assert_eq!(found("wasmformer"), None);
    assert_eq!(found("{\"programs\": [1]}"), None);
}
