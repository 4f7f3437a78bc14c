//! Processes as engines: whatever a process does wrong is reported under the process's name, within its time
//! limit, and the command never waits longer for the process.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

const PROGRAM: &str = "corpus/compliance/core-arithmetic-logic/addition";
const HELLO: &str = r#"echo '{"type":"hello","protocol":1,"engine":"script"}'"#;
const LOADED: &str = r#"read line; echo '{"type":"loaded"}'"#;

/// The exit status and the output of `diff` with a shell script as an engine. The time limit per answer is
/// 1.5 seconds, so the command must end soon, even if starting the processes takes some time.
fn diff(script: &str, more: &[&str]) -> (i32, String) {
    let command = format!("sh -c '{}'", script.replace('\'', "'\"'\"'"));
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_wasmformer"))
        .args(["diff", PROGRAM, "--engine-timeout", "1.5", "--engine-cmd", &command])
        .args(more)
        .output()
        .unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{script}: took {:?}", start.elapsed());
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text + &String::from_utf8(output.stderr).unwrap())
}

/// Asserts that the failure of a script is reported once, and that the script is not run on the programs that
/// follow.
fn fails(script: &str, told: &str) {
    let (status, text) = diff(script, &[]);
    assert_eq!(status, 1, "{script}: {text}");
    assert!(text.contains(told), "{script}: expected {told:?} in {text}");
    assert!(text.contains("0 agree, 0 diverge, 1 failed, 3 not run"), "{script}: {text}");
    assert!(text.contains("is not run on the remaining programs"), "{script}: {text}");
}

#[test]
fn what_hangs_is_given_up() {
    fails("sleep 600", "hangs: it did not send hello within 1.5 s");
    fails(&format!("{HELLO}; sleep 600"), "hangs: it did not send the answer to load within 1.5 s");
    fails(&format!("{HELLO}; {LOADED}; sleep 600"), "hangs: it did not send the answer to begin within 1.5 s");
}

#[test]
fn what_a_process_started_is_killed_with_it() {
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("alive");
    fails(&format!("(sleep 4; echo > {}) & sleep 600", file.display()), "hangs");
    std::thread::sleep(Duration::from_secs(5));
    assert!(!file.exists(), "a descendant outlived its engine");
}

#[test]
fn what_dies_is_told_with_its_status_and_last_words() {
    fails("exit 3", "died (exit status: 3) before hello");
    fails("echo first >&2; echo out of memory >&2; exit 1", "died (exit status: 1) before hello; its last words: \"out of memory\"");
    fails(&format!("{HELLO}; {LOADED}; read line; kill -9 $$"), "died (signal: 9");
    fails(&format!("{HELLO}; exec >&-; sleep 600"), "closed its standard output");
}

#[test]
fn garbage_is_quoted() {
    fails("echo good morning", "wrote \"good morning\" instead of hello");
    fails(&format!("{HELLO}; {LOADED}; read line; printf \"\\\\377\\\\376\\\\n\"; sleep 600"), "which is not a valid answer");
    fails(&format!("{HELLO}; read line; echo loading..."), "answered load with \"loading...\", which is not a valid answer");
    fails(&format!("{HELLO}; echo debug; sleep 600"), "\"debug\"");
    fails(&format!("{HELLO}; {LOADED}; read line; echo '{{\"type\":\"token\"}}'"), "missing field `token`");
    fails("tr '\\0' x < /dev/zero", "wrote a line of more than 1048576 bytes instead of hello");
}

#[test]
fn other_versions_and_wrong_answers_are_failures() {
    fails(r#"echo '{"type":"hello","protocol":7,"engine":"future"}'; sleep 9"#, "speaks version 7 of the protocol; this harness speaks 1");
    let answer = |answer: &str| format!("{HELLO}; {LOADED}; read line; echo '{answer}'; sleep 600");
    fails(&answer(r#"{"type":"token","token":260}"#), "answered token 260, outside the vocabulary of 260");
    fails(&answer(r#"{"type":"token","token":-1}"#), "which is not a valid answer");
    fails(&answer(r#"{"type":"token","token":5,"logits":[1]}"#), "answered token 5 with logits not asked for");
    fails(&answer(r#"{"type":"loaded"}"#), "answered loaded instead of a token");
    fails(&answer(r#"{"type":"error","reason":"no idea"}"#), "says that it cannot go on: no idea");
    let logits = r#"echo '{"type":"hello","protocol":1,"engine":"script","logits":true}'"#;
    let logits = |answer: &str| format!("{logits}; {LOADED}; read line; echo '{answer}'; sleep 600");
    fails(&logits(r#"{"type":"token","token":5}"#), "answered token 5 with logits missing");
    fails(&logits(r#"{"type":"token","token":0,"logits":[1]}"#), "answered 1 logits; the vocabulary has 260");
    let zeros = vec!["0"; 260].join(",");
    fails(&logits(&format!(r#"{{"type":"token","token":5,"logits":[{zeros}]}}"#)), "answered token 5, but the arg-max of its logits is 0");
}

#[test]
fn a_wrong_token_is_a_divergence_and_the_engine_goes_on() {
    let always_zero = format!(
        "{HELLO}; {LOADED}; while read line; do case $line in *'\"end\"'*) ;; *) echo '{{\"type\":\"token\",\"token\":0}}';; esac; done"
    );
    let (status, text) = diff(&always_zero, &[]);
    assert_eq!(status, 1);
    assert!(text.contains("script differs from vm at step 0, pc 0, i32.const"), "{text}");
    assert!(text.contains("0 agree, 4 diverge, 0 failed, 0 not run"), "{text}");

    let (status, text) = diff(&always_zero, &["--limit", "2"]);
    assert_eq!(status, 1);
    assert!(text.contains("script differs from vm at step 0, pc 0, i32.const"), "of a program that is given up, the beginning: {text}");
    assert!(text.contains("0 agree, 4 diverge, 0 failed or not run, 0 inconclusive"), "{text}");

    let (status, json) = diff(&always_zero, &["--json"]);
    assert_eq!(status, 1);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["totals"]["diverge"], 4);
    assert_eq!(json["engines"][0]["diverge"], 4);
    assert_eq!(json["engines"][0]["engine"], "script");
    assert_eq!(json["programs"][0]["verdict"], "agree", "the engines within the process agree");
    assert_eq!(json["programs"][0]["engines"][0]["verdict"], "diverge");
    assert_eq!(json["programs"][0]["engines"][0]["report"]["difference"]["what"], "step");
}

#[test]
fn what_cannot_be_started_or_is_no_command_is_a_usage_error() {
    for (command, told) in [("/no/such/engine", "cannot be started"), ("'", "is not closed"), (" ", "no command")] {
        let output = Command::new(env!("CARGO_BIN_EXE_wasmformer")).args(["diff", PROGRAM, "--engine-cmd", command]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(told), "{command}: {text}");
    }
}

#[test]
fn a_file_of_somebody_else_is_not_replaced_by_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let export = || Command::new(env!("CARGO_BIN_EXE_wasmformer")).arg("export").arg(folder.path()).output().unwrap();
    assert!(export().status.success());
    let contents = || {
        let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect::<Vec<_>>()
    };
    let first = contents();
    assert_eq!(first.len(), 14, "nothing else is left behind: {first:?}");
    assert!(export().status.success(), "its own files are replaced");
    assert_eq!(contents(), first, "two exports are the same to the byte");

    std::fs::write(folder.path().join("README.md"), "mine").unwrap();
    let refused = export();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("README.md: exists and was not written by wasmformer"));
    assert_eq!(std::fs::read(folder.path().join("README.md")).unwrap(), b"mine");
}
