//! The byte machine with a program in its weights.

use std::fs;

use serde_json::Value;
use tempfile::tempdir;
use wasmformer::byte::isa::Op;
use wasmformer::byte::program::{Instr, Program};
use wasmformer::harness::byte::compliance::suite;
use wasmformer::harness::{Byte, Case, Specialization};
use wasmformer::transformer::Number;
use wasmformer::transformer::folder::{CONFIG_FILE, WEIGHTS_FILE};

use crate::common::command::{ADDITION, LOOP_LIMIT, good, text, unusable, wasmformer};
use crate::common::exported::place;
use crate::common::specialized::same_trace;

#[test]
fn traces_are_those_of_the_universal_weights() {
    let entries = suite().unwrap();
    let chosen: Vec<_> = entries.iter().step_by(5).collect();
    assert!(chosen.len() >= 20);
    for entry in chosen {
        let files = entry.module.header.files();
        let tokens = same_trace::<Byte>(entry.path, Case::<Byte>::new(&entry.module.program, &files), (), 300);
        assert!(tokens > 0, "{}", entry.path);
    }
}

/// The longest program that there can be, with the operands that need the largest numbers.
#[test]
fn the_longest_program_is_exact() {
    let pairs = (0..1023).flat_map(|_| [Instr::new(Op::I32Const, 255), Instr::from(Op::Output)]);
    let program = Program::from_code(pairs.chain([Op::Halt.into()]).collect()).unwrap();
    let files = Default::default();
    let case = Case::<Byte>::new(&program, &files);
    let Specialization { bounds, rows, .. } = Specialization::<Byte>::of(case, (), "longest").unwrap();
    assert_eq!(rows.len(), program.code().len() + 1);
    assert!(bounds.largest().bound < f32::EXACT, "{:?}", bounds.largest());
    assert_eq!(same_trace::<Byte>("longest", case, (), 50), 2047);
}

#[test]
fn a_folder_runs_its_program_and_no_other() {
    let made = tempdir().unwrap();
    let folder = text(made.path());
    let ran = good(["specialize", LOOP_LIMIT, folder]);
    assert_eq!(fs::read_dir(folder).unwrap().count(), ran.lines().len(), "nothing half-written is left");
    let config: Value = serde_json::from_slice(&fs::read(made.path().join(CONFIG_FILE)).unwrap()).unwrap();
    assert_eq!((&config["specialized"]["program"], &config["storage"]), (&"third-entry-traps.wat".into(), &"sparse".into()));
    assert_eq!(config["specialized"]["prompt"], serde_json::json!([256]));
    let card = fs::read_to_string(made.path().join("README.md")).unwrap();
    assert!(!card.contains("{{") && card.contains("third-entry-traps.wat"), "{card}");

    for engine in ["indexed", "dense", "forced"] {
        let ran = wasmformer(["trace", "--weights", folder, "--engine", engine, LOOP_LIMIT]);
        assert_eq!(ran.stdout, wasmformer(["trace", LOOP_LIMIT]).stdout, "{engine}");
    }
    let ran = good(["diff", "--weights", folder, LOOP_LIMIT]);
    assert_eq!(ran.lines().last(), Some(&"1 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
    unusable(["run", "--weights", folder, ADDITION], &["specialised to another program", "third-entry-traps.wat"]);
    unusable(["specialize", "--machine", "byte", "--fused", ADDITION, folder], &["only with the full machine"]);
}

/// A wrong number in a row that holds the program: another operand.
#[test]
fn a_planted_fault_is_found() {
    let made = tempdir().unwrap();
    let folder = text(made.path());
    good(["specialize", "--dense", ADDITION, folder]);
    let path = made.path().join(WEIGHTS_FILE);
    let mut bytes = fs::read(&path).unwrap();
    let labels: Value = serde_json::from_slice(&fs::read(made.path().join("labels.json")).unwrap()).unwrap();
    let constant = |row: &Value| row.as_str().unwrap().contains("i32.const ");
    let row = labels["program_rows"].as_array().unwrap().iter().position(constant).unwrap();
    let bit = labels["lanes"].as_array().unwrap().iter().position(|lane| lane["name"] == "bit_0").unwrap();
    let at = place(&bytes, "embedding", 260 + row, bit);
    let bit = f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    bytes[at..at + 4].copy_from_slice(&(1.0 - bit).to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let ran = wasmformer(["diff", "--weights", folder, ADDITION]);
    assert!(ran.status == 1 && ran.stderr.contains("these weights are not the compiled ones"), "{ran:?}");
    assert!(ran.stdout().starts_with("diverge  "), "{ran:?}");
}
