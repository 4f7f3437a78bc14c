//! The commands on full programs.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::cli::{BINARY, Ran, folder, good, text, unusable, wasmformer};

/// The greatest common divisor, exported beside a `main` that prints.
const GCD: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (func $gcd (export "gcd") (param $a i64) (param $b i64) (result i64)
    (if (result i64) (i64.eqz (local.get $b))
      (then (local.get $a))
      (else (call $gcd (local.get $b) (i64.rem_u (local.get $a) (local.get $b))))))
  (func (export "pair") (param i32) (result i32 i32) (local.get 0) (i32.popcnt (local.get 0)))
  (func (export "main") (call $output (i32.const 104)) (call $output (i32.const 105))))"#;

/// Accepted by the byte machine too, where 200 + 100 is 44, and 44 < 200.
const BOTH: &str = r#"(module
  (import "host" "output" (func $output (param i32)))
  (func (export "main")
    i32.const 200  i32.const 100  i32.add  i32.const 200  i32.lt_s  call $output))"#;

#[test]
fn run_invokes_what_is_named() {
    let folder = folder(&[("gcd.wat", GCD.as_bytes())]);
    let path = folder.path().join("gcd.wat");
    let run = |arguments: &[&str]| good(["run", text(&path)].into_iter().chain(arguments.iter().copied()));
    assert_eq!(run(&[]).stdout(), "hi");
    assert_eq!(run(&["--invoke", "gcd", "1071000000000", "462000000000"]).stdout(), "21000000000\n");
    assert_eq!(run(&["--invoke", "pair", "-1"]).stdout(), "-1\n32\n");
    assert_eq!(run(&["--engine", "wasmi", "--invoke", "pair", "0xffff0000"]).stdout(), "-65536\n16\n");
    assert_eq!(run(&["--model", "full"]).stdout(), "hi");
    assert_eq!(run(&["--invoke", "pair", "-0x1"]).stdout(), "-1\n32\n");
    assert_eq!(run(&["--invoke", "pair", "--", "-0x7fff_ffff"]).stdout(), "-2147483647\n2\n");
    assert_eq!(run(&["--invoke", "pair", "+1_000"]).stdout(), "1000\n6\n");
}

/// Floats that no instruction computes.
const MOVED: &str = r#";;! invoke = "f"
;;! results = [1.5]
(module
  (global $g f32 (f32.const 1.5))
  (global $d (mut f64) (f64.const -2.25))
  (func (export "f") (result f32) (global.get $g))
  (func (export "d") (result i32 f64) (local f64)
    (local.set 0 (global.get $d))
    (i32.const 3)
    (select (local.get 0) (global.get $d) (i32.const 0))))"#;

#[test]
fn floats_that_are_only_moved_are_shown_as_floats() {
    let wrong = MOVED.replace("1.5]", "2.5]").replace("$g f32 (f32.const 1.5)", "$g f32 (f32.const nan:0x200000)");
    let folder = folder(&[("moved.wat", MOVED.as_bytes()), ("wrong.wat", wrong.as_bytes())]);
    let path = folder.path().join("moved.wat");
    for engine in ["vm", "wasmi", "indexed", "fused"] {
        assert_eq!(good(["run", text(&path), "--engine", engine]).stdout(), "1.5\n");
        assert_eq!(good(["run", text(&path), "--engine", engine, "--invoke", "d"]).stdout(), "3\n-2.25\n");
    }
    let trace = good(["trace", text(&path), "--invoke", "d"]);
    assert!(trace.lines()[1].ends_with("-2.25") && trace.lines()[2].ends_with("local 0 = -2.25"), "{trace:?}");
    assert_eq!(good(["diff", text(&path)]).lines().last(), Some(&"1 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
    let ran = wasmformer(["diff", text(&folder.path().join("wrong.wat"))]);
    assert!(ran.status == 1 && ran.stdout().contains("ended otherwise than expected: returned nan:0x200000"), "{ran:?}");
}

#[test]
fn trace_diff_and_listing_take_what_run_takes() {
    let folder = folder(&[("gcd.wat", GCD.as_bytes())]);
    let path = folder.path().join("gcd.wat");
    let path = text(&path);
    let trace = good(["trace", path, "--invoke", "pair", "-0x1"]);
    assert!(trace.lines()[1].contains("pair") && trace.lines()[1].ends_with("-1"), "{trace:?}");
    let agree = "1 agree, 0 diverge, 0 inconclusive, 0 unreadable";
    for arguments in [&["--invoke", "gcd", "12", "18"][..], &["--invoke", "pair", "-1"], &["--invoke", "pair", "--", "-0x1"], &[]] {
        let diff = good(["diff", path].into_iter().chain(arguments.iter().copied()));
        assert_eq!(diff.lines().last(), Some(&agree), "{diff:?}");
    }
    unusable(["diff", path, "--invoke", "lcm"], &["no function \"lcm\" is exported"]);
    unusable(["diff", path, path, "--invoke", "gcd"], &["is no integer"]);
    unusable(["diff", "corpus/full", "--invoke", "main"], &["for one program"]);
    let arguments = "corpus/programs/wasi/arguments.wasm";
    let diff = good(["diff", arguments, "--engine", "wasmi", "--env", "NAME=wasmformer", "--", "one", "two words"]);
    assert_eq!(diff.lines().last(), Some(&agree), "{diff:?}");
    let trace = wasmformer(["trace", arguments, "--engine", "vm", "--env", "NAME=wasmformer", "one"]);
    assert_eq!(trace.status, 2, "it exits with the number of its arguments");

    let lines = |arguments: &[&str]| good(["listing"].into_iter().chain(arguments.iter().copied())).stdout;
    assert_eq!(lines(&[path]), lines(&[path, "--model", "full"]));
    assert_ne!(lines(&[path]), lines(&[path, "--fused"]));
    assert_ne!(lines(&[path]), lines(&[path, "--invoke", "gcd", "1", "2"]));
    let byte = "corpus/regressions";
    assert!(std::fs::read_dir(byte).unwrap().count() > 0);
    unusable(["listing", path, "--model", "byte", "--fused"], &["are for the full machine"]);
}

#[test]
fn reports_show_types_where_values_read_alike() {
    use wasmformer::full::program::{Program, Value};
    use wasmformer::full::trace::{Effect, End, State, Step};
    use wasmformer::harness::full::Case;
    use wasmformer::harness::language::Language;
    use wasmformer::harness::report::StepDifference;
    use wasmformer::harness::{Full, Recorded, Run};

    let program = Program::default();
    let case = Case::new(&program, None, &[], &[]);
    let step = |value| Step { pc: 1, effect: Effect::Push(value) };
    let differs = |expected, actual| {
        let state = State { outputs: Vec::new(), errors: Vec::new(), memory: Vec::new(), globals: Vec::new() };
        let recorded = Recorded::<Full> { steps: vec![step(expected)], run: Run { end: End::Stopped, state } };
        let found = StepDifference::new(case, &recorded, 0, Some(step(actual)), Vec::new());
        (found.expected.unwrap(), found.actual.unwrap())
    };
    assert_eq!(differs(Value::I64(0), Value::I32(0)), ("i64 0".to_string(), "i32 0".to_string()));
    assert_eq!(differs(Value::I64(0), Value::I32(1)), ("0".to_string(), "1".to_string()));
    let returned = |value| End::Returned(vec![value]);
    let (expected, actual) = Full::ends_apart(case, &returned(Value::I64(0)), &returned(Value::I32(0)));
    assert_eq!((&expected[..], &actual[..]), ("returned i64 0", "returned i32 0"));
}

#[test]
fn invocations_that_do_not_fit_are_refused() {
    let folder = folder(&[("gcd.wat", GCD.as_bytes()), ("none.wat", b"(module (func (export \"f\") (param f64)))")]);
    let path = folder.path().join("gcd.wat");
    let run =
        |arguments: &[&str], part: &str| unusable(["run", text(&path)].into_iter().chain(arguments.iter().copied()), &[text(&path), part]);
    run(&["--invoke", "lcm", "1"], "no function \"lcm\" is exported; there is \"gcd\", \"pair\", \"main\"");
    run(&["--invoke", "gcd", "1"], "the function takes 2 argument(s), not 1");
    run(&["--invoke", "gcd", "1", "two"], "argument \"two\" is no integer");
    run(&["--invoke", "pair", "4294967296"], "4294967296 does not fit i32");
    run(&["--invoke", "pair", "0x-5"], "argument \"0x-5\" is no integer");
    run(&["--invoke", "pair", "--", "--5"], "argument \"--5\" is no integer");
    run(&["--invoke", "pair", "--", "-+5"], "argument \"-+5\" is no integer");
    run(&["--invoke", "pair", "--", "-170141183460469231731687303715884105728"], "does not fit 64 bits");
    run(&["5"], "arguments are for a function that --invoke names");
    let none = folder.path().join("none.wat");
    unusable(["run", text(&none)], &["nothing to run: neither _start nor main is exported; there is \"f\""]);
    unusable(["run", text(&none), "--invoke", "f", "1"], &["floats are not in the profile"]);
    unusable(["run", text(&path), "--model", "byte", "--invoke", "gcd"], &["a byte program has one function"]);
    unusable(["run", text(&path), "--file", "0=x"], &["--file is for byte programs"]);
}

#[test]
fn the_machine_is_the_smallest_that_can() {
    let folder = folder(&[("both.wat", BOTH.as_bytes())]);
    let path = folder.path().join("both.wat");
    assert_eq!(good(["run", text(&path)]).stdout(), "1\n");
    assert_eq!(good(["run", "--model", "byte", text(&path)]).stdout(), "1\n");
    assert_eq!(good(["run", "--model", "full", text(&path)]).stdout, [0]);
}

#[test]
fn traps_and_exits_have_their_status() {
    let ran = wasmformer(["run", "corpus/full/traps/division-by-zero.wat"]);
    assert_eq!((ran.status, &ran.stdout[..]), (1, &[3, 2, 1][..]));
    assert!(ran.stderr.starts_with("trap: division-by-zero at pc ") && ran.stderr.contains("i64.rem_u in main"), "{ran:?}");
    let ran = wasmformer(["run", "corpus/full/features/exit-from-a-callee.wat"]);
    assert_eq!((ran.status, ran.stdout(), ran.stderr.as_str()), (3, "x", ""));
}

#[test]
fn a_wasi_program_has_arguments_and_environment() {
    let arguments = ["run", "corpus/programs/wasi/arguments.wasm", "--env", "NAME=wasmformer", "one", "two words"];
    let ran = wasmformer(arguments);
    assert_eq!((ran.status, ran.stderr.as_str()), (3, ""), "it exits with the number of its arguments");
    let expected = ["0: [arguments.wasm]", "1: [one]", "2: [two words]", "NAME=wasmformer", "NAME is wasmformer"];
    assert_eq!(ran.lines(), expected);
    unusable(["run", "corpus/programs/wasi/arguments.wasm", "--env", "NAME"], &["NAME"]);
}

#[test]
fn input_is_what_is_piped_in() {
    let echo = r#"(module
      (import "host" "input" (func $input (result i32)))
      (import "host" "output" (func $output (param i32)))
      (func (export "main") (local $byte i32)
        (loop $again
          (if (i32.ge_s (local.tee $byte (call $input)) (i32.const 0))
            (then (call $output (local.get $byte)) (br $again))))))"#;
    let folder = folder(&[("echo.wat", echo.as_bytes())]);
    let path = folder.path().join("echo.wat");
    let mut child = Command::new(BINARY)
        .args(["run", text(&path)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"what goes in\xff").unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.status, &ran.stdout[..]), (0, &b"what goes in\xff"[..]), "{ran:?}");
}

#[test]
fn trace_shows_what_each_step_wrote() {
    let ran = good(["trace", "corpus/full/weaknesses/start-function.wat"]);
    let lines = ran.lines();
    assert_eq!(lines.len(), 12, "{ran:?}");
    assert!(lines[0].split_whitespace().eq(["step", "pc", "function", "instruction", "wrote"]));
    assert!(lines[2].split_whitespace().eq(["1", "1", "start", "host.output", "output", "83"]), "{}", lines[2]);
    assert!(lines[9].split_whitespace().eq(["8", "8", "main", "i32.load", "1207959552"]), "{}", lines[9]);
}

#[test]
fn diff_takes_programs_of_both_profiles() {
    let ran = good(["diff", "corpus/full/traps", "corpus/regressions"]);
    assert_eq!(ran.lines().last(), Some(&"13 agree, 0 diverge, 0 inconclusive, 0 unreadable"));
    let folder = folder(&[
        ("wrong.wat", b";;! invoke = \"main\"\n;;! results = [4]\n(module (func (export \"main\") (result i32) i32.const 3))"),
        ("float.wat", b"(module (func (export \"main\") (result f32) f32.const 3))"),
        ("none.wat", b"(module (memory 1))"),
    ]);
    let ran = wasmformer(["diff", text(folder.path())]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.lines().last(), Some(&"0 agree, 1 diverge, 1 inconclusive, 1 unreadable"));
    assert!(ran.stdout().contains("ended otherwise than expected: returned 3"), "{ran:?}");
    assert!(ran.stdout().contains("f32.const is not in the profile") && ran.stdout().contains("nothing to run"), "{ran:?}");
}

#[test]
fn spec_and_soak_count_everything() {
    let ran = good(["spec", "br_table", "--engine", "vm"]);
    assert!(ran.lines()[0].starts_with("vm ") && ran.lines().last().unwrap().starts_with("vm: 1 files, "), "{ran:?}");
    assert!(ran.lines().last().unwrap().ends_with(" 0 failed"), "{ran:?}");
    unusable(["spec", "no-such-file"], &["no file of the suite has \"no-such-file\" in its name"]);

    let output = tempfile::tempdir().unwrap();
    let ran = good(["soak", "--model", "full", "--count", "64", "--output", text(output.path())]);
    assert!(ran.lines().last().unwrap().starts_with("64 programs, "), "{ran:?}");
    assert!(ran.lines().last().unwrap().contains(" 0 diverge, 0 inconclusive, "), "{ran:?}");
}
