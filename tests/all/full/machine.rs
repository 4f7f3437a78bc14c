//! The full machine: its circuit is proven, its passes are equal to the bit, and its runs are those of the
//! reference VM.

use wasmformer::circuit::{Form, Graph, Key, ONE};
use wasmformer::full;
use wasmformer::full::isa::Trap;
use wasmformer::full::listing::lower::{ListingForm, Lowered, lower};
use wasmformer::full::listing::token::Vocabulary;
use wasmformer::full::machine::host::FullHost;
use wasmformer::full::program::limits::MAX_CALL_DEPTH;
use wasmformer::full::program::{Loaded, Value};
use wasmformer::full::trace::End;
use wasmformer::harness::full::Case;
use wasmformer::harness::soak::{self, Sampled};
use wasmformer::harness::{Full, VmEngine, compare};
use wasmformer::transformer::{CompiledModel, CompiledSession, IndexedModel, IndexedSession, Network, Row, Session, generate};

use crate::common::full::{called, fused, network, program};

/// A program that uses division, memory, a table, recursion, 64 bits and output.
const MEDLEY: &str = r#"(module
    (import "host" "output" (func $output (param i32)))
    (memory 1) (data (i32.const 7) "abc") (table funcref (elem $double $half))
    (global $seen (mut i64) (i64.const -3))
    (func $double (param i64) (result i64) (i64.shl (local.get 0) (i64.const 1)))
    (func $half (param i64) (result i64) (i64.div_s (local.get 0) (i64.const -2)))
    (func $sum (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
    (func (export "main") (result i64)
        (call $output (i32.load8_u (i32.const 8)))
        (i64.store offset=3 (i32.const 6) (i64.const 0x1122334455667788))
        (call $output (i32.load16_s (i32.const 12)))
        (call $output (call $sum (i32.const 5)))
        (global.set $seen (i64.xor (global.get $seen) (i64.rem_u (i64.const -1) (i64.const 0x300000001))))
        (call_indirect (param i64) (result i64) (i64.mul (global.get $seen) (i64.const 1000003)) (i32.const 1))))"#;

#[test]
fn the_circuit_is_exact_in_f64_and_not_in_f32() {
    let circuit = full::machine::circuit();
    let (_, bounds) = circuit.compile::<f64>().unwrap();
    assert!(bounds.largest().bound < 1 << 53);
    assert!(circuit.compile::<f32>().is_err());
}

#[test]
fn dense_indexed_and_compiled_logits_are_equal_to_the_bit() {
    let loaded = program(MEDLEY);
    let calls = loaded.invocation().unwrap();
    for form in [ListingForm::Plain, ListingForm::Fused] {
        let compared = compare_logits(&loaded, &lower(&loaded.program, &calls, form).unwrap());
        assert!(compared > 100, "{compared} in the {form:?} form");
    }
}

/// Runs at most 400 tokens by both passes and compares the logits. Returns the number of tokens.
fn compare_logits(loaded: &Loaded, lowered: &Lowered) -> usize {
    let tokens = lowered.listing.tokens(&loaded.program, |function| lowered.entries[function as usize]);
    let vocabulary = Vocabulary::new();
    let (model, bounds) = full::machine::compile::<f64>().unwrap();
    let of_indexed = IndexedModel::new(&model);
    let of_compiled = CompiledModel::new(&model, &bounds.ranges()).with_patience(2);
    let mut compiled = CompiledSession::new(&of_compiled);
    let mut dense = Session::new(&model);
    let rows: Vec<Row<f64>> = tokens.iter().map(|token| Row { token: vocabulary.id(*token), positional: Vec::new() }).collect();
    dense.pass(&rows, &mut ());
    compiled.pass(&rows, &mut ());
    let mut compared = 0;
    generate(&mut IndexedSession::new(&of_indexed), &mut FullHost::new(&vocabulary, &tokens, &[]), &mut (), |_, token, indexed| {
        assert_eq!(dense.logits(), indexed.logits(), "after {compared} tokens");
        assert_eq!(dense.logits(), compiled.logits(), "after {compared} tokens");
        assert_eq!((dense.token(), compiled.token()), (token, token));
        let row = [Row { token, positional: Vec::new() }];
        dense.pass(&row, &mut ());
        compiled.pass(&row, &mut ());
        compared += 1;
        compared < 400
    });
    assert!(compiled.parts() > 10, "{} parts were compiled", compiled.parts());
    compared
}

#[test]
fn a_medley_runs_as_on_the_reference_vm() {
    let loaded = program(MEDLEY);
    let calls = loaded.invocation().unwrap();
    let case = Case::of(&loaded, &calls, &[]);
    let (verdict, recorded) = compare(case, &[&VmEngine, network(), fused()], 10_000).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    assert_eq!(recorded.run.state.outputs, [b'b', 0x55, 15]);
}

#[test]
fn generated_programs_run_as_on_the_reference_vm() {
    let batch = soak::run::<Full>(7, 0..60, &[&VmEngine, network(), fused()], Sampled::default(), None).unwrap();
    assert!(batch.findings.is_empty(), "{}", batch.findings[0].shrunk.report);
    assert!(batch.statistics.agree > 50);
}

/// Calls work between frames of the largest size that the profile allows. Calls of the largest depth return,
/// and one call more traps.
#[test]
fn calls_reach_the_limits_of_frame_and_depth() {
    let locals = "i64 ".repeat(4000);
    let wide = format!(
        r#"(module (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func (export "main") (result i32) (local {locals}) (call $f (i32.const 41))))"#
    );
    let deep = |depth: u32| {
        format!(
            r#"(module (func $f (export "main") (param i32) (result i32)
                (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 9)) (else (call $f (i32.sub (local.get 0) (i32.const 1))))))
              (func (export "_start") (result i32) (call $f (i32.const {depth}))))"#
        )
    };
    // `main` and the first `$f` are two calls of those that fit.
    let returned = |value: i32| End::Returned(vec![Value::I32(value)]);
    let rows =
        [(wide, returned(42)), (deep(MAX_CALL_DEPTH - 2), returned(9)), (deep(MAX_CALL_DEPTH - 1), End::Trapped(Trap::CallStackExhausted))];
    for (text, end) in rows {
        let loaded = program(&text);
        let function = loaded.program.exported_function("_start").or(loaded.program.exported_function("main"));
        let calls = called(function, &[]);
        let case = Case::of(&loaded, &calls, &[]);
        let (verdict, recorded) = compare(case, &[&VmEngine, network(), fused()], 100_000).unwrap();
        assert_eq!((verdict.is_agreement(), recorded.run.end), (true, end));
    }
}

#[test]
fn what_cannot_be_listed_is_refused_by_name() {
    // The lower half of each constant is nearly 2^32. The limit of their sum is exceeded by 2^18 constants,
    // but not by 2^17.
    let constants = |count: usize| program(&format!("(module (func (export \"main\") {}))", "(drop (i32.const -1))".repeat(count)));
    let lowered = |loaded: &Loaded| lower(&loaded.program, &called(Some(0), &[]), ListingForm::Plain);
    assert!(lowered(&constants(1 << 17)).is_ok());
    let error = lowered(&constants(1 << 18)).unwrap_err();
    assert!(error.to_string().contains("2^50"), "{error}");
}

/// A graph with more lanes than dimensions, so that dimensions must be used again.
#[test]
fn dimensions_are_used_again_once_nobody_reads_them() {
    let mut graph = Graph::new(3);
    let x = graph.embedded("x");
    (0..3).for_each(|token| graph.embed(token, x * token as i64));
    let mut last = x;
    for round in 0..6 {
        let doubled = graph.neuron(ONE, last + last);
        last = graph.lane(format!("doubled {round}"), doubled);
    }
    let key = Key { key: Form::default(), square: Form::default() };
    let [copied] = graph.nearest("copy", 0, &key, [last.into()]);
    (0..3).for_each(|token| graph.unembed(token, copied * if token == 2 { 1 } else { 0 } - ONE));
    let circuit = graph.place("test", 2);
    assert!(circuit.lanes().len() < 6, "{} dimensions for 9 lanes", circuit.lanes().len());
    let (model, _) = circuit.compile::<f64>().unwrap();
    let mut session = Session::new(&model);
    session.pass(&[Row { token: 2, positional: Vec::new() }], &mut ());
    assert_eq!(session.logits(), [-1.0, -1.0, 2.0 * 64.0 - 1.0]);
}
