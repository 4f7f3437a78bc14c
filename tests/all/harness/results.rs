//! Engines that give results only have the results of the reference VM. The engines are V8, through its
//! adapter, and wasmtime, if it is compiled in.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS};
use wasmformer::full::program::{Input, Value, input, load_file};
use wasmformer::full::trace::End;
use wasmformer::full::wasi::Process;
use wasmformer::harness::engines::external::partner::Partner;
use wasmformer::harness::full::results::{ResultsError, ResultsRun};
use wasmformer::harness::full::{Case, Full, Generated, Run};
use wasmformer::harness::{Engine, ExternalEngine, Stop, VmEngine, record};
use wasmformer::wasm::find::find_programs;

use crate::common::command::BINARY;
use crate::common::full::{called, program};
use crate::common::instructions;

const ADAPTER: &str = "engines/v8/engine.mjs";
const STEP_LIMIT: usize = 2_000_000;

/// Node's V8. Without Node: `None`, and a message on standard error.
fn v8(adapter: &Path) -> Option<ExternalEngine<Full>> {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: there is no node");
        return None;
    }
    let command = ["node".to_string(), adapter.display().to_string()];
    let partner = Partner::start(&command, Duration::from_secs(30), Stop::default()).unwrap();
    assert_eq!(partner.retired(), None);
    Some(ExternalEngine::of_results(partner))
}

/// The engines that are available here.
fn engines() -> Vec<Box<dyn Engine<Full>>> {
    let v8 = v8(Path::new(ADAPTER)).map(|engine| Box::new(engine) as Box<dyn Engine<Full>>);
    #[cfg(feature = "wasmtime")]
    let v8 = v8.into_iter().chain([Box::new(wasmformer::harness::full::WasmtimeEngine) as _]);
    v8.into_iter().collect()
}

/// The runs of a case on the reference VM and on another engine.
fn both(engine: &dyn Engine<Full>, case: Case<'_>) -> (Run, Run) {
    let mut expected = record(&VmEngine, case, STEP_LIMIT).unwrap().run;
    // These engines do not tell what is in tables.
    expected.state.tables.clear();
    expected.state.dropped.clear();
    assert_ne!(expected.end, End::Stopped);
    (expected, engine.run(case, &mut |_| ControlFlow::Continue(())).unwrap())
}

/// How a module's `main` ends; asserts that the VM and the engine agree.
fn end(engine: &dyn Engine<Full>, text: &str) -> String {
    end_with(engine, text, &[], Input::default())
}

fn end_with(engine: &dyn Engine<Full>, text: &str, arguments: &[Value], input: Input<'_>) -> String {
    let loaded = program(text);
    let function = loaded.program.exported_function("main");
    let (expected, actual) = both(engine, Case::of(&loaded, &called(function, arguments), input));
    assert_eq!(actual, expected, "{text}");
    expected.end.to_string()
}

fn has_the_results_of_the_vm_on_the_corpus(engine: &dyn Engine<Full>) {
    let programs = find_programs(Path::new("corpus/full")).unwrap();
    assert!(programs.len() > 40);
    for path in programs {
        let loaded = load_file(&path, &Process::default()).unwrap();
        let calls = loaded.invocation().unwrap();
        let (expected, actual) = both(engine, Case::of(&loaded, &calls, loaded.header.input()));
        assert_eq!(actual, expected, "{}", path.display());
    }
}

fn has_the_results_of_the_vm_on_generated_programs(engine: &dyn Engine<Full>) {
    let mut compared = 0;
    for seed in 0..300 {
        let generated = Generated::from_seed(seed);
        let Ok(loaded) = generated.load() else { continue };
        let calls = generated.calls(&loaded);
        let case = Case::of(&loaded, &calls, &generated.input);
        if let Err(ResultsError::References | ResultsError::Tables) = ResultsRun::new(case) {
            continue;
        }
        let (expected, actual) = both(engine, case);
        assert_eq!(actual, expected, "seed {seed}");
        compared += 1;
    }
    assert!(compared > 250, "{compared}");
}

fn ends_runs_as_the_profile_has_it(engine: &dyn Engine<Full>) {
    let deep = |calls: u32, locals: &str| {
        let text = format!(
            r#"(module (func $down (param i32) (result i32) {locals}
                 (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
                 (br_if 0 (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)) unreachable)
               (func (export "main") (result i32) (call $down (i32.const {}))))"#,
            calls - 2
        );
        end(engine, &text)
    };
    for locals in ["", "(local i64 i32)", &format!("(local {})", "i64 ".repeat(MAX_FRAME_SLOTS as usize - 3))] {
        assert_eq!(deep(MAX_CALL_DEPTH, locals), "returned 7");
        assert_eq!(deep(MAX_CALL_DEPTH + 1, locals), "trap: call-stack-exhausted");
    }
    let through = |place: u32| {
        let text = format!(
            r#"(module (import "host" "exit" (func $exit (param i32))) (import "env" "far" (func $far (param i32)))
               (type $t (func (param i32))) (table 9 funcref) (elem (i32.const 0) $exit $far $other $same)
               (func $other) (func $same (param i32) (call_indirect (type $t) (i32.const 259) (i32.const 0)))
               (func (export "main") (call_indirect (type $t) (i32.const 5) (i32.const {place}))))"#
        );
        end(engine, &text)
    };
    let ends = ["exited with 5", "refused: the import env.far is not served", "trap: indirect-call-type", "exited with 3"];
    assert_eq!([0, 1, 2, 3].map(through), ends);
    assert_eq!(
        [8, 9, u32::MAX >> 1].map(through),
        ["uninitialized-element", "table-out-of-bounds", "table-out-of-bounds"].map(|trap| format!("trap: {trap}"))
    );

    let main = |declared: &str, body: &str| end(engine, &format!(r#"(module {declared} (func (export "main") {body}))"#));
    assert_eq!(main("(memory 1)", "(result i32 i32) (memory.grow (i32.const 832)) (memory.grow (i32.const 831))"), "returned -1 1");
    assert_eq!(main("(memory 1 2)", "(result i32 i32) (memory.grow (i32.const 1)) (memory.grow (i32.const 1))"), "returned 1 -1");
    assert_eq!(
        main("(table 1 funcref) (elem func)", "(result i32) (elem.drop 0) (table.grow (ref.null func) (i32.const 2))"),
        "returned 1"
    );
    // Some engines give one reason for both.
    for (float, expected) in [("nan", "trap: invalid-conversion"), ("3e9", "trap: integer-overflow"), ("-3.5", "returned -3")] {
        assert_eq!(main("", &format!("(result i32) (i32.trunc_f32_s (f32.const {float}))")), expected);
        assert_eq!(main("", &format!("(result i32) (i32.trunc_f64_s (f64.const {float}))")), expected);
    }
    assert_eq!(
        main(r#"(import "env" "far" (func (param f64)))"#, "(local f64) (call 0 (local.get 0))"),
        "refused: the import env.far is not served"
    );
    assert_eq!(main("", "unreachable"), "trap: unreachable");
    assert_eq!(main("", "(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))"), "trap: integer-overflow");
    assert_eq!(main("", "(drop (i64.rem_u (i64.const 1) (i64.const 0)))"), "trap: division-by-zero");
    assert_eq!(main("(memory 1)", "(i64.store (i32.const 65530) (i64.const -1))"), "trap: memory-out-of-bounds");
    assert_eq!(main("(memory 0)", "(drop (i32.load8_u (i32.const -1)))"), "trap: memory-out-of-bounds");
}

fn is_given_arguments_state_and_input_to_the_bit(engine: &dyn Engine<Full>) {
    // A signalling NaN as an argument, as a result and as a global.
    let text = r#"(module (global (mut f32) (f32.const nan:0x200001)) (global (mut i64) (i64.const -5)) (global $f (mut f64) (f64.const -0))
      (memory 2) (data (i32.const 65536) "abc")
      (func (export "main") (param i64 f32 i32 f64) (result f64 i32 f32 i64)
        (global.set $f (local.get 3)) (i64.store (i32.const 9) (local.get 0))
        (local.get 3) (local.get 2) (local.get 1) (local.get 0)))"#;
    let arguments = [Value::I64(i64::MIN), Value::I32(0x7f80_0001), Value::I32(-1), Value::I64(0x7ff0_0000_0000_0001u64 as i64)];
    assert_eq!(
        end_with(engine, text, &arguments, Input::default()),
        format!("returned {} -1 {} {}", 0x7ff0_0000_0000_0001u64, 0x7f80_0001, i64::MIN)
    );

    let starts = r#"(module (import "host" "output" (func $o (param i32))) (start $s) (func $s (call $o (i32.const 1)))
      (func (export "_initialize") (call $o (i32.const 2))) (func (export "main") (call $o (i32.const 259))))"#;
    assert_eq!(end(engine, starts), "returned");

    let echo = r#"(module (import "host" "output" (func $o (param i32))) (import "host" "input" (func $i (result i32)))
      (import "host" "poll" (func $p (result i32)))
      (func (export "main") (local i32)
        (loop (call $o (local.tee 0 (call $p))) (call $o (call $p)) (call $o (local.tee 0 (call $i)))
              (br_if 0 (i32.ne (local.get 0) (i32.const -1)))) (call $o (call $p))))"#;
    for bytes in [&b""[..], b"a", b"abcdefgh"] {
        assert_eq!(end_with(engine, echo, &[], Input::from(bytes)), "returned");
    }
    struct Slowly(Vec<&'static [u8]>);
    impl std::io::Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let part = self.0.pop().unwrap_or_default();
            buffer[..part.len()].copy_from_slice(part);
            Ok(part.len())
        }
    }
    let stream = input::Stream::new(Slowly(vec![b"z", b"wxy", b"abcd"]));
    assert_eq!(end_with(engine, echo, &[], Input::from(&stream)), "returned");
}

#[test]
fn each_has_the_results_of_the_vm_on_the_corpus() {
    engines().iter().for_each(|engine| has_the_results_of_the_vm_on_the_corpus(engine.as_ref()));
}

#[test]
fn each_has_the_results_of_the_vm_on_generated_programs() {
    engines().iter().for_each(|engine| has_the_results_of_the_vm_on_generated_programs(engine.as_ref()));
}

#[test]
fn each_ends_runs_as_the_profile_has_it() {
    engines().iter().for_each(|engine| ends_runs_as_the_profile_has_it(engine.as_ref()));
}

#[test]
fn each_is_given_arguments_state_and_input_to_the_bit() {
    engines().iter().for_each(|engine| is_given_arguments_state_and_input_to_the_bit(engine.as_ref()));
}

/// The adapter with one of its texts replaced.
fn spoilt(folder: &Path, right: &str, wrong: &str) -> PathBuf {
    let adapter = folder.join("engine.mjs");
    let text = std::fs::read_to_string(ADAPTER).unwrap();
    assert!(text.contains(right));
    std::fs::write(&adapter, text.replace(right, wrong)).unwrap();
    adapter
}

/// An adapter that makes V8 run `i32.or` instead of an `i32.xor` of a local.
fn wrong_in_xor(folder: &Path) -> PathBuf {
    let read = "Buffer.from(question.module, 'base64')";
    let is_xor = "byte === 0x73 && all[at - 1] < 8 && all[at - 2] === 0x20";
    spoilt(folder, read, &format!("{read}.map((byte, at, all) => ({is_xor} ? 0x72 : byte))"))
}

/// An adapter that loses the highest bit of each byte given to `host.output`.
#[cfg(unix)]
fn wrong_in_output(folder: &Path) -> PathBuf {
    spoilt(folder, "written.outputs.push(byte & 0xff)", "written.outputs.push(byte & 0x7f)")
}

const XOR: &str = r#"(module (func (export "main") (result i32) (local i32)
  (local.set 0 (i32.const 5)) (i32.xor (i32.const 3) (local.get 0))))"#;

/// The exit status and the output of the command.
fn wasmformer(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(BINARY).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn diff_holds_v8_against_the_vm() {
    let Some(_) = v8(Path::new(ADAPTER)) else { return };
    let command = format!("node {ADAPTER}");
    let (status, text) = wasmformer(&["diff", "corpus/full", "--engine", "wasmi", "--engine-cmd", &command]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("0 diverge, 0 failed, 0 not run; it reports no steps"), "{text}");
    // The engine is not given byte programs, which is reported and counted.
    let addition = "corpus/compliance/core-arithmetic-logic/addition";
    let (status, text) = wasmformer(&["diff", addition, "--engine", "wasmi", "--engine-cmd", &command]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("an engine of the level \"results\" cannot run byte programs"), "{text}");
    assert!(text.contains("0 agree, 0 diverge, 0 failed, 4 not run"), "{text}");
}

#[test]
fn an_adapter_wrong_in_one_instruction_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = wrong_in_xor(folder.path());
    let Some(v8) = v8(&adapter) else { return };
    let loaded = program(XOR);
    let (expected, actual) = both(&v8, Case::of(&loaded, &called(Some(0), &[]), Input::default()));
    assert_eq!((expected.end, actual.end), (End::Returned(vec![Value::I32(6)]), End::Returned(vec![Value::I32(7)])));

    let program = folder.path().join("xor.wat");
    std::fs::write(&program, XOR).unwrap();
    let command = format!("node {}", adapter.display());
    let (status, text) = wasmformer(&["diff", &program.display().to_string(), "--engine", "wasmi", "--engine-cmd", &command]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("ends differently from vm: expected returned 6, actual returned 7"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_soak_finds_a_wrong_adapter_and_its_findings_are_small_and_repeated_by_their_commands() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = wrong_in_output(folder.path());
    let Some(_) = v8(&adapter) else { return };
    let command = format!("node {}", adapter.display());
    let output = folder.path().join("found");
    let options = ["soak", "--machine", "full", "--count", "400", "--engine", "vm", "--engine-cmd", &command];
    let (status, text) = wasmformer(&[&options[..], &["--output", &output.display().to_string()]].concat());
    assert_eq!(status, 1, "{text}");
    let mut found = 0;
    for file in std::fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "wasm") {
            let count = instructions(&std::fs::read(&file).unwrap());
            assert!(count <= 5, "{}: {count} instructions\n{text}", file.display());
            let report: serde_json::Value = serde_json::from_slice(&std::fs::read(file.with_extension("json")).unwrap()).unwrap();
            let command = report["command"].as_str().unwrap().replacen("wasmformer", BINARY, 1);
            let again = Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(again.status.code(), Some(1), "{command}\n{again:?}");
            found += 1;
        }
    }
    assert!(found > 0, "{text}");
}

/// A run that never ends has no results: it is stopped, if necessary by the engine itself.
#[test]
#[cfg(feature = "wasmtime")]
fn wasmtime_gives_up_what_does_not_end() {
    let loaded = program(r#"(module (func (export "main") (loop (br 0))))"#);
    let case = Case::of(&loaded, &called(Some(0), &[]), Input::default());
    let error = wasmformer::harness::full::WasmtimeEngine.run(case, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(!error.is_fault && error.to_string().contains("fuel"), "{error}");
}

#[test]
#[cfg(feature = "wasmtime")]
fn the_command_holds_wasmtime_against_the_vm() {
    let (status, text) = wasmformer(&["diff", "corpus/full", "--engine", "wasmtime"]);
    assert!(status == 0 && text.contains(" 0 diverge, 0 inconclusive, 0 unreadable"), "{text}");
    let program = "corpus/full/traps/unreachable.wat";
    let (status, text) = wasmformer(&["run", program, "--engine", "wasmtime"]);
    assert!(status == 2 && text.contains("the engine wasmtime reports no steps: only diff, soak and shrink can use it"), "{text}");
}
