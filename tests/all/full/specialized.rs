//! The full machine with a program in its weights.

use std::fs;

use serde_json::Value;
use tempfile::tempdir;
use wasmformer::full::listing::lower::ListingForm;
use wasmformer::harness::bench::full::Subject;
use wasmformer::harness::corpus::Place;
use wasmformer::harness::{Full, NetworkEngine, Specialization};
use wasmformer::transformer::Number;
use wasmformer::transformer::folder::CONFIG_FILE;

use crate::common::command::{folder, good, text, unusable, wasmformer};
use crate::common::full::program;
use crate::common::specialized::same_trace;

/// Memory at the start with gaps, stores over it and beside it, a table, globals, all widths of loads.
const MEMORY: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (memory 1 3)
  (data (i32.const 3) "\01\00\02\ff")
  (data (i32.const 21) "abc")
  (global $g (mut i64) (i64.const -2))
  (table 3 funcref)
  (elem (i32.const 1) $double)
  (type $unary (func (param i32) (result i32)))
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $show (param i32)
    (call $output (local.get 0)) (call $output (i32.shr_u (local.get 0) (i32.const 24))))
  (func (export "main") (local i32)
    (loop $next
      (call $show (i32.load (local.get 0)))
      (call $show (i32.load8_s offset=1 (local.get 0)))
      (call $show (i32.wrap_i64 (i64.load (local.get 0))))
      (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 28))))
    (i32.store16 (i32.const 4) (i32.const 0x0700))
    (i64.store (i32.const 20) (global.get $g))
    (i32.store8 (i32.const 65535) (i32.const 9))
    (call $show (i32.load (i32.const 2)))
    (call $show (i32.load (i32.const 18)))
    (call $show (i32.load (i32.const 24)))
    (call $show (i32.load (i32.const 65532)))
    (drop (memory.grow (i32.const 1)))
    (call $show (i32.load (i32.const 65536)))
    (call $show (call_indirect (type $unary) (i32.const 21) (i32.const 1)))
    (call $show (i32.and (i32.load (i32.const 3)) (i32.const -1)))
    (call $show (call_indirect (type $unary) (i32.const 21) (i32.const 0)))))"#;

/// A table that instructions change: it is in the bank, beside the memory's data.
const BANK: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (memory 1)
  (data (i32.const 0) "\05\06\07\08\09\0a\0b\0c")
  (type $constant (func (result i32)))
  (table $t 4 funcref)
  (elem (table $t) (i32.const 0) func $one $two)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "main")
    (table.set $t (i32.const 3) (table.get $t (i32.const 1)))
    (call $output (call_indirect $t (type $constant) (i32.const 3)))
    (call $output (call_indirect $t (type $constant) (i32.const 0)))
    (call $output (i32.load8_u (i32.const 7)))
    (call $output (i32.load8_u (i32.const 8)))
    (call $output (i32.load8_u (i32.const 12)))
    (call $output (ref.is_null (table.get $t (i32.const 2))))))"#;

#[test]
fn traces_are_those_of_the_universal_weights() {
    for (name, text) in [("memory", MEMORY), ("bank", BANK)] {
        let loaded = program(text);
        let calls = loaded.invocation().unwrap();
        let case = wasmformer::harness::full::Case::of(&loaded, &calls, &[]);
        for form in [ListingForm::Plain, ListingForm::Fused] {
            assert!(same_trace::<Full>(name, case, form, 40) > 40, "{name}");
        }
    }
}

#[test]
fn traces_of_compiled_programs_are_equal() {
    for name in ["fibonacci.wat", "queens.wasm", "crc32.wasm"] {
        let place = Place::of_corpus("corpus/programs").into_iter().find(|place| place.path().ends_with(name)).unwrap();
        let subject = Subject::short(&place).unwrap();
        assert!(same_trace::<Full>(name, subject.case(), ListingForm::Fused, 20) > 1000, "{name}");
    }
}

#[test]
fn bounds_are_proven_with_the_program() {
    let loaded = program(MEMORY);
    let calls = loaded.invocation().unwrap();
    let case = wasmformer::harness::full::Case::of(&loaded, &calls, &[]);
    let Specialization { bounds, model, .. } = Specialization::<Full>::of(case, ListingForm::Plain, "memory").unwrap();
    assert!(bounds.largest().bound < f64::EXACT, "{:?}", bounds.largest());
    let mut wrong = model.clone();
    let held = model.config.tokens();
    let lane = (0..model.config.d_model).find(|lane| model.embedding.get(held, *lane) > 1.0).unwrap();
    *wrong.embedding.get_mut(held, lane) += 1.0;
    assert!(NetworkEngine::<Full>::proven(&model).is_some() && NetworkEngine::<Full>::proven(&wrong).is_none());
}

#[test]
fn a_folder_runs_its_program_and_no_other() {
    let made = tempdir().unwrap();
    let written = made.path().join("weights");
    let weights = text(&written);
    let programs = folder(&[("memory.wat", MEMORY.as_bytes()), ("bank.wat", BANK.as_bytes())]);
    let [memory, bank] = ["memory.wat", "bank.wat"].map(|name| programs.path().join(name).display().to_string());
    good(["specialize", &memory, weights, "--fused"]);
    let config: Value = serde_json::from_slice(&fs::read(written.join(CONFIG_FILE)).unwrap()).unwrap();
    assert_eq!((&config["specialized"]["program"], &config["specialized"]["form"]), (&"memory.wat".into(), &"fused".into()));
    let ran = wasmformer(["run", "--weights", weights, &memory]);
    assert_eq!(ran.stdout, wasmformer(["run", &memory]).stdout);
    let ran = good(["diff", "--weights", weights, &memory]);
    assert_eq!(ran.lines().last(), Some(&"1 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
    unusable(["run", "--weights", weights, &bank], &["specialised to another program", "memory.wat"]);
}

/// The sparse form has a limit of parameters; a program beyond it is refused by name.
#[test]
fn a_program_that_does_not_fit_is_refused() {
    let data = "\\01".repeat(80_000);
    let large = format!(r#"(module (memory 2) (data (i32.const 0) "{data}") (func (export "main")))"#);
    let programs = folder(&[("large.wat", large.as_bytes())]);
    let large = programs.path().join("large.wat");
    let weights = programs.path().join("weights");
    unusable(["specialize", "--machine", "full", text(&large), text(&weights)], &["model.safetensors", "too many for the sparse form"]);
    assert!(!weights.exists(), "nothing is written");
}
