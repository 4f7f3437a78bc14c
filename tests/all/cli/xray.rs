//! The command `xray`: tests that cannot be written as a case of `tests/cases/xray`.

use std::process::{Command, Output};

use serde_json::Value;

use crate::common::command::{ADDITION, BINARY, good};

fn xray(arguments: &[&str]) -> Output {
    Command::new(BINARY).arg("xray").args(arguments).output().unwrap()
}

/// With the weights of a folder, an X-ray is that of the compiled machine, if the folder holds its weights.
#[test]
fn weights_of_a_folder_are_x_rayed() {
    let made = tempfile::tempdir().unwrap();
    let folder = made.path().join("byte").display().to_string();
    good(["export", &folder]);
    let step = [ADDITION, "--step", "2", "--json"];
    let of_folder = xray(&[&step[..], &["--weights", &folder]].concat());
    assert_eq!(of_folder.stdout, xray(&step).stdout);
    assert!(!of_folder.stdout.is_empty());
    let absent = xray(&[ADDITION, "--weights", "no-such-folder"]);
    assert_eq!(absent.status.code(), Some(2));
}

/// The description as JSON says what the text says.
#[test]
fn info_is_the_same_as_json() {
    let text = good(["info"]);
    let json: Value = serde_json::from_str(good(["info", "--json"]).stdout()).unwrap();
    for (label, of) in [("d_ffn", &json["d_ffn"]), ("vocabulary", &json["vocab_size"]), ("non-zero", &json["non_zero"])] {
        assert!(text.lines().iter().any(|line| line.starts_with(label) && line.ends_with(&format!(" {of}"))), "{label} {of}");
    }
    let neurons = json["layers"].as_array().unwrap().iter().map(|layer| layer["neurons"].as_array().unwrap().len() as u64);
    assert!(neurons.eq(std::iter::repeat_n(json["d_ffn"].as_u64().unwrap(), 8)), "every neuron is named");
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
