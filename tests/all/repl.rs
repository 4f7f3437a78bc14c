//! The REPL and the X-ray as commands.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::tempdir;

const BINARY: &str = env!("CARGO_BIN_EXE_wasmformer");
const ADDITION: &str = "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat";

/// What is said to typed lines: standard output and standard error. The status must be 0.
fn typed(lines: &[&str]) -> (String, String) {
    let piped = Stdio::piped;
    let mut repl = Command::new(BINARY).arg("repl").stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    repl.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let Output { status, stdout, stderr } = repl.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&stderr));
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn xray(arguments: &[&str]) -> Output {
    Command::new(BINARY).arg("xray").args(arguments).output().unwrap()
}

#[test]
fn each_line_is_answered() {
    let (said, errors) = typed(&["i32.const 200", "i32.const 100", "i32.add", "", ";; a comment", "local.tee 1", "output", ":state"]);
    let steps: Vec<&str> = said.lines().filter(|line| line.contains("i32.add") || line.contains("output ")).collect();
    assert_eq!(steps[0].split_whitespace().collect::<Vec<_>>(), ["2", "2", "i32.add", "44", "1"]);
    assert!(said.contains("stack [200 100]\n") && said.contains("stack []   output [44] \",\"\n"), "{said}");
    assert!(said.contains("locals  [0 44]\n") && said.contains("memory  all 0\n"), "{said}");
    assert_eq!(errors, "");
}

#[test]
fn what_cannot_be_taken_changes_nothing() {
    let (said, errors) =
        typed(&["i32.const 1", "i32.add", "i32.foo", "i32.const 999", ":undo", ":undo", ":nothing", ":xray 7", ":xray x", ":stack"]);
    let expected = [
        "error: i32.add needs 2 operand(s) here, but the stack of this block holds 1",
        "error: i32.foo is not in the profile",
        "error: i32.const needs an operand of 0 to 255",
        "error: there is nothing to take back",
        "error: there is no command :nothing; :help lists them",
        "error: there is no step 7: the run has steps 0 to 0",
        "error: \"x\" is no step",
    ];
    assert_eq!(errors.lines().collect::<Vec<_>>(), expected);
    assert!(said.ends_with("took back i32.const 1; stack []\n[]\n"), "{said}");
}

#[test]
fn a_loop_runs_before_it_is_closed() {
    let (said, errors) = typed(&[
        "i32.const 3",
        "local.set 0",
        "loop",
        "local.get 0",
        "i32.const 1",
        "i32.sub",
        "local.tee 0",
        "br_if 0",
        ":listing",
        ":state",
    ]);
    // Two steps before the loop, five an iteration.
    assert!(said.contains("    16     7  br_if 0"), "{said}");
    assert!(said.contains("locals  [0]\n") && said.contains("   8    halt\n   9  end_loop\n"), "{said}");
    assert_eq!(errors, "");
    let (said, _) = typed(&["loop", "i32.const 1", "br_if 0"]);
    assert!(said.contains("trap: too many iterations of a loop"), "{said}");
}

#[test]
fn a_program_is_saved_and_loaded() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sum.wat");
    let path = path.to_str().unwrap();
    let save = format!(":save {path}");
    let (said, errors) = typed(&["i32.const 5", &save, "i32.const 6", "i32.mul", "output", &save, &save]);
    assert!(said.contains(&format!("{path}: 5 instructions\n")), "{said}");
    let errors: Vec<&str> = errors.lines().collect();
    assert!(errors[0].contains("not yet a whole program: the function ends with 1 value(s)"), "{errors:?}");
    assert!(errors[1].contains("cannot be written"), "{errors:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let ran = Command::new(BINARY).args(["run", path]).output().unwrap();
    assert_eq!(ran.stdout, b"30\n");
    let (said, errors) = typed(&[&format!(":load {path}"), "i32.const 1", ":load /nowhere.wat", ":stack"]);
    assert!(said.contains("output [30]") && said.ends_with("\n[1]\n"), "{said}");
    assert!(errors.contains("/nowhere.wat: cannot be read"), "{errors}");
}

#[test]
fn the_last_instruction_is_looked_into() {
    let (said, errors) = typed(&["i32.const 12", "i32.const 11", "i32.mul", ":xray"]);
    assert!(said.contains("step 2  pc 2  i32.mul  → 132") && said.contains("product"), "{said}");
    assert!(said.contains("gate 11 · value 12 = 132"), "{said}");
    assert_eq!(errors, "");
}

#[test]
fn x_rays_are_printed_one_step_a_line() {
    let every = xray(&[ADDITION, "--json"]);
    let steps: Vec<Value> =
        every.stdout.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect();
    let trace = Command::new(BINARY).args(["trace", ADDITION]).output().unwrap();
    assert_eq!(steps.len(), String::from_utf8(trace.stdout).unwrap().lines().count() - 1);
    let one = xray(&[ADDITION, "--step", "2", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&one.stdout).unwrap(), steps[2]);
    let shown = String::from_utf8(xray(&[ADDITION, "--step", "2"]).stdout).unwrap();
    for part in
        ["step 2  pc 2  i32.add  → 0", "fetch operand", "sum of deltas", "quotient_256 0 → 1", "wrap-around", "logits, highest first"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn steps_that_are_not_there_are_refused() {
    let beyond = xray(&[ADDITION, "--step", "100000"]);
    assert_eq!(beyond.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&beyond.stderr).contains("there is no step 100000: the run has steps 0 to 36"));
    assert_eq!(xray(&["/nowhere.wat"]).status.code(), Some(2));
}
