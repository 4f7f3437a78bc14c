//! Calls at the limits: the largest number of calls in progress, each with the largest number of slots; and
//! which calls count as in progress.

use crate::common::full::{called, fused, network, program};
use wasmformer::full::isa::Trap;
use wasmformer::full::program::Value;
use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS};
use wasmformer::full::trace::End;
use wasmformer::harness::full::{Case, WasmiEngine};
use wasmformer::harness::{Engine, Full, VmEngine, compare};

/// The end of `main` and its outputs; asserts that these engines agree.
fn run(text: &str, arguments: &[Value], engines: &[&dyn Engine<Full>]) -> (End, Vec<u8>) {
    let loaded = program(text);
    let calls = called(loaded.program.exported_function("main"), arguments);
    let case = Case::of(&loaded, &calls, b"i");
    let (verdict, recorded) = compare(case, engines, 10_000_000).unwrap();
    assert!(verdict.is_agreement(), "{text:.200}: {verdict:?}");
    (recorded.run.end, recorded.run.state.outputs)
}

/// Does the same as [`run`], on all engines.
fn on_all(text: &str, arguments: &[Value]) -> (End, Vec<u8>) {
    run(text, arguments, &[&VmEngine, &WasmiEngine::default(), network(), fused()])
}

fn returned(value: i32) -> End {
    End::Returned(vec![Value::I32(value)])
}

/// A program with a function that calls itself this number of times and returns the number of calls. The
/// function has these locals in addition to the slots that it uses.
fn recursive(locals: &str, calls: u32) -> String {
    format!(
        r#"(module (func $f (param i32) (result i32) (local {locals})
              (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0))))
            (func (export "main") (result i32) (call $f (i32.const {calls}))))"#
    )
}

/// The recursive function uses four slots: a parameter and three operands.
#[test]
fn frames_may_be_as_large_as_calls_are_deep() {
    // `main` and the first `$f` are two calls.
    let most = MAX_CALL_DEPTH - 2;
    for locals in [0, MAX_FRAME_SLOTS as usize - 4] {
        let locals = "i64 ".repeat(locals);
        assert_eq!(on_all(&recursive(&locals, most), &[]), (returned(most as i32), Vec::new()));
    }
    let one_more = recursive(&"i32 ".repeat(MAX_FRAME_SLOTS as usize - 4), most + 1);
    assert_eq!(on_all(&one_more, &[]).0, End::Trapped(Trap::CallStackExhausted));
}

/// A thousand slots of each frame hold operands. On the network this would take a million tokens, so only the
/// interpreters run it.
#[test]
fn frames_may_hold_operands_as_calls_are_deep() {
    let operands = "(local.get 0) ".repeat(1000);
    let locals = "i64 ".repeat(MAX_FRAME_SLOTS as usize - 1004);
    let most = MAX_CALL_DEPTH - 2;
    let text = format!(
        r#"(module (func $f (param i32) (result i32) (local {locals})
              {operands}
              (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0)))
              (return))
            (func (export "main") (result i32) (call $f (i32.const {most}))))"#
    );
    assert_eq!(run(&text, &[], &[&VmEngine, &WasmiEngine::default()]).0, returned(most as i32));
}

/// A program that has this number of calls in progress when it executes `last`.
fn deep(calls: u32, last: &str) -> String {
    format!(
        r#"(module
            (import "host" "output" (func $output (param i32)))
            (import "host" "input" (func $input (result i32)))
            (import "host" "exit" (func $exit (param i32)))
            (table funcref (elem $output $input $exit $own $same))
            (func $own (param i32))
            (func $same (param i32) (call $output (local.get 0)))
            (func $down (param i32)
              (if (local.get 0)
                (then (call $down (i32.sub (local.get 0) (i32.const 1))))
                (else {last})))
            (func (export "main") (call $down (i32.const {}))))"#,
        calls - 2
    )
}

#[test]
fn functions_of_the_host_are_no_calls_in_progress() {
    let by_name = "(call $output (i32.const 90))";
    let by_table = |place: u32| format!("(call_indirect (param i32) (i32.const 90) (i32.const {place}))");
    let input = "(call $output (call_indirect (result i32) (i32.const 1)))";
    let twice = "(call_indirect (param i32) (i32.const 89) (i32.const 0)) (call $output (i32.const 90))";
    let ended = (End::Returned(Vec::new()), b"Z".to_vec());
    let exhausted = (End::Trapped(Trap::CallStackExhausted), Vec::new());
    let rows = [
        (by_name.to_string(), ended.clone()),
        (by_table(0), ended.clone()),
        (input.to_string(), (End::Returned(Vec::new()), b"i".to_vec())),
        (twice.to_string(), (End::Returned(Vec::new()), b"YZ".to_vec())),
        (by_table(2), (End::Exited(90), Vec::new())),
        // Functions of WebAssembly count, also a function that only calls the host's function.
        (by_table(3), exhausted.clone()),
        (by_table(4), exhausted),
    ];
    // A run on the network takes some 100,000 tokens in the plain form, so only the fused form runs them.
    let engines: [&dyn Engine<Full>; 3] = [&VmEngine, &WasmiEngine::default(), fused()];
    for (last, expected) in rows {
        assert_eq!(run(&deep(MAX_CALL_DEPTH, &last), &[], &engines), expected, "{last}");
    }
    assert_eq!(run(&deep(MAX_CALL_DEPTH - 1, &by_table(4)), &[], &engines), ended);
}

/// The same call through the table finds, in turn, functions of the host and of the program.
#[test]
fn a_call_through_the_table_finds_the_hosts_functions_and_the_programs() {
    let text = r#"(module
        (import "host" "output" (func $output (param i32)))
        (import "host" "input" (func $input (result i32)))
        (import "host" "exit" (func $exit (param i32)))
        (table funcref (elem $plus $output $twice $output $exit))
        (func $plus (param i32) (call $output (i32.add (local.get 0) (i32.const 1))))
        (func $twice (param i32) (call $output (local.get 0)) (call $output (local.get 0)))
        (func (export "main") (local $place i32) (local $letter i32)
          (local.set $letter (i32.const 65))
          (loop $next
            (local.get $letter)
            (call_indirect (param i32) (local.get $letter) (local.get $place))
            (local.set $letter (i32.add (i32.const 2)))
            (local.set $place (i32.add (local.get $place) (i32.const 1)))
            (br $next))))"#;
    assert_eq!(on_all(text, &[]), (End::Exited(73), b"BCEEG".to_vec()));
}

#[test]
fn an_exported_function_of_the_host_can_be_invoked() {
    let module = |name: &str, ty: &str| format!(r#"(module (import "host" "{name}" (func $f {ty})) (export "main" (func $f)))"#);
    let argument = [Value::I32(65)];
    assert_eq!(on_all(&module("output", "(param i32)"), &argument), (End::Returned(Vec::new()), b"A".to_vec()));
    assert_eq!(on_all(&module("exit", "(param i32)"), &argument), (End::Exited(65), Vec::new()));
    assert_eq!(on_all(&module("input", "(result i32)"), &[]), (returned(i32::from(b'i')), Vec::new()));
    // The host's function runs after a start function, is exported under two names, and is in the table too.
    let started = r#"(module (import "host" "output" (func $f (param i32))) (export "main" (func $f)) (export "again" (func $f))
        (table funcref (elem $f)) (func $start (call_indirect (param i32) (i32.const 66) (i32.const 0))) (start $start))"#;
    assert_eq!(on_all(started, &argument), (End::Returned(Vec::new()), b"BA".to_vec()));
}

/// Floats are moved like any other value; only float instructions are refused.
#[test]
fn functions_with_float_parameters_can_be_invoked() {
    let text = r#"(module (func (export "main") (param f32 f64 i64) (result f64 i64) (local.get 1) (local.get 2)))"#;
    let (arguments, results) = ([Value::I32(0x3f80_0000), Value::I64(-5), Value::I64(7)], vec![Value::I64(-5), Value::I64(7)]);
    assert_eq!(on_all(text, &arguments).0, End::Returned(results));
}

/// Each call begins with the globals and memory that the call before left. The results of the run are the
/// results of all calls.
#[test]
fn several_calls_are_of_one_instance() {
    let loaded = program(
        r#"(module (import "host" "output" (func $output (param i32)))
            (global $n (mut i64) (i64.const 5)) (memory 1)
            (func $start (global.set $n (i64.const 7))) (start $start)
            (func (export "put") (param i32 i64) (result i32)
              (i64.store (local.get 0) (i64.add (local.get 1) (global.get $n)))
              (global.set $n (local.get 1))
              (local.get 0))
            (func (export "get") (param i32) (result i64 i32) (i64.load (local.get 0)) (memory.grow (i32.const 1)))
            (func (export "say") (param i32) (call $output (local.get 0)))
            (func (export "trap") (unreachable)))"#,
    );
    let engines: [&dyn Engine<Full>; 5] = [&VmEngine, &WasmiEngine::default(), network(), fused(), &network().clone().forced()];
    let end = |names: &[&str], arguments: &[&str]| {
        let calls = loaded.calls(names, arguments).unwrap();
        let (verdict, recorded) = compare(Case::of(&loaded, &calls, b""), &engines, 10_000).unwrap();
        assert!(verdict.is_agreement(), "{names:?}: {verdict:?}");
        (recorded.run.end, recorded.run.state.outputs)
    };
    let results = vec![Value::I32(8), Value::I64(9), Value::I32(1), Value::I32(8), Value::I64(4), Value::I32(2)];
    let names = ["put", "get", "say", "put", "get"];
    assert_eq!(end(&names, &["8", "2", "8", "65", "8", "2", "8"]), (End::Returned(results), b"A".to_vec()));
    assert_eq!(end(&["say", "trap", "say"], &["65", "66"]), (End::Trapped(Trap::Unreachable), b"A".to_vec()));
    assert_eq!(end(&["say", "say"], &["65", "66"]), (End::Returned(Vec::new()), b"AB".to_vec()));
}
