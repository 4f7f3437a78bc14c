//! The command `xray`: tests that cannot be written as a case of `tests/cases/xray`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::common::command::{ADDITION, BINARY};

fn xray(arguments: &[&str]) -> Output {
    Command::new(BINARY).arg("xray").args(arguments).output().unwrap()
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
}
