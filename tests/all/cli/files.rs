//! The system around a full program, and bytes in and out of a library.

use std::fs;

use crate::common::command::{folder, good, text, unusable, wasmformer};

/// A library that gives memory from an address on, and sums up bytes.
const LIBRARY: &str = r#"(module (memory 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 0x100))
  (func (export "sum") (param $at i32) (param $left i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum)))"#;

/// A clock that is asked, and four random bytes.
const ASKS: &str = r#"(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory 1)
  (func (export "main") (result i64 i32)
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 0)))
    (drop (call $random (i32.const 8) (i32.const 4)))
    (i64.load (i32.const 0)) (i32.load (i32.const 8))))"#;

#[test]
fn only_run_writes_to_the_folder_that_a_program_is_given() {
    let copied = "corpus/full/wasi/file-copied.wat";
    let given = folder(&[("in.txt", b"one two three\n"), ("sub/x", b"x")]);
    let option = format!("{}::/", text(given.path()));
    let entries = || {
        let mut names: Vec<_> =
            fs::read_dir(given.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    good(["diff", copied, "--dir", &option, "--engine", "wasmi"]);
    wasmformer(["trace", copied, "--dir", &option, "--engine", "vm"]);
    assert_eq!(entries(), ["in.txt", "sub"]);
    let ran = good(["run", copied, "--dir", &option, "--engine", "vm"]);
    assert_eq!(ran.stdout(), "one two three\n000000two three\n00\\Og0");
    assert_eq!(entries(), ["in.txt", "new", "sub"]);
    unusable(["run", copied, "--dir", "no/such/folder"], &["--dir no/such/folder"]);
}

#[test]
fn clocks_and_random_bytes_are_the_same_in_each_run_unless_they_are_real() {
    let program = folder(&[("asks.wat", ASKS.as_bytes())]);
    let path = program.path().join("asks.wat");
    let run = |options: &[&str]| good([&["run", text(&path), "--engine", "vm"], options].concat()).stdout().to_string();
    assert_eq!(run(&[]), run(&["--clock", "946684800", "--seed", "0"]));
    let other = run(&["--clock", "5", "--seed", "1"]);
    assert!(other.starts_with("5001000000\n"), "{other}");
    assert_ne!(other.lines().nth(1), run(&[]).lines().nth(1));
    let real = ["--clock", "real", "--random", "real"];
    assert_ne!(run(&real), run(&real));
    let agreed = good([&["diff", text(&path), "--engine", "wasmi"], &real[..]].concat());
    assert!(agreed.stdout().contains("1 agree"), "{agreed:?}");
    assert_eq!(wasmformer(["run", text(&path), "--clock", "noon"]).status, 2);
}

#[test]
fn a_library_is_given_bytes_and_its_memory_is_shown() {
    let files = folder(&[("sums.wat", LIBRARY.as_bytes()), ("data", b"abcdefghijk")]);
    let (path, data) = (files.path().join("sums.wat"), files.path().join("data"));
    let (path, data, out) = (text(&path), text(&data), files.path().join("out"));
    let ran = good([
        "run",
        path,
        "--engine",
        "vm",
        "--bytes",
        &format!("in={data}:alloc"),
        "--invoke",
        "sum",
        "in",
        "in.length",
        "--dump",
        "in:3",
    ]);
    assert_eq!(ran.stdout(), "1122\n00000100  61 62 63\n");
    let dump = format!("8:in.length={}", text(&out));
    good(["run", path, "--engine", "vm", "--bytes", &format!("in={data}@8"), "--invoke", "sum", "9", "1", "--dump", &dump]);
    assert_eq!(fs::read(&out).unwrap(), b"abcdefghijk");
    good(["diff", path, "--engine", "wasmi", "--bytes", &format!("in={data}@8"), "--invoke", "sum", "in", "2"]);
    unusable(["run", path, "--bytes", &format!("in={data}")], &["--invoke"]);
    unusable(["run", path, "--bytes", "in", "--invoke", "sum", "1", "1"], &["NAME=FILE"]);
    unusable(["run", path, "--bytes", &format!("in={data}@0xfffc"), "--invoke", "sum", "1", "1"], &["memory-out-of-bounds"]);
}
