//! References, tables that change, and element segments, on the VM, wasmi and the network in both forms.

use crate::common::full::{called, fused, network, program};
use wasmformer::full::isa::{Trap, ValType};
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::program::{Loaded, Value};
use wasmformer::full::trace::End;
use wasmformer::harness::full::Recorded;
use wasmformer::harness::full::{Case, WasmiEngine};
use wasmformer::harness::{VmEngine, compare};

/// The run of `main`, on which all engines agree.
fn run(loaded: &Loaded, arguments: &[Value]) -> Recorded {
    let calls = called(loaded.entry(None).unwrap(), arguments);
    let case = Case::of(loaded, &calls, b"");
    let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default(), network(), fused()], 100_000).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    recorded
}

/// The results of `main`, as signed numbers; the trap's name if it traps.
fn main(text: &str) -> Result<Vec<i64>, Trap> {
    match run(&program(text), &[]).run.end {
        End::Returned(values) => Ok(values.iter().map(|value| value.signed()).collect()),
        End::Trapped(trap) => Err(trap),
        end => panic!("{end}"),
    }
}

/// A module with tables, functions that return 10 and 20, and a body of `main`.
fn with_tables(results: usize, body: &str) -> String {
    format!(
        r#"(module (memory 1) (data (i32.const 7) "data")
             (type $get (func (result i32)))
             (table $t 4 6 funcref) (table $u 3 funcref) (table $x 2 externref)
             (elem (table $t) (i32.const 0) func $ten)
             (elem $both func $ten $twenty)
             (elem $null funcref (ref.null func) (ref.func $other))
             (func $ten (result i32) (i32.const 10)) (func $twenty (result i32) (i32.const 20)) (func $other)
             (func (export "main") (result {}) {body}))"#,
        "i32 ".repeat(results)
    )
}

#[test]
fn calls_go_through_tables_that_change() {
    let body = "(table.set $t (i32.const 1) (ref.func $twenty)) (table.init $u $both (i32.const 1) (i32.const 0) (i32.const 2))
                (call_indirect $t (type $get) (i32.const 0)) (call_indirect $t (type $get) (i32.const 1))
                (call_indirect $u (type $get) (i32.const 1)) (call_indirect $u (type $get) (i32.const 2))";
    assert_eq!(main(&with_tables(4, body)), Ok(vec![10, 20, 10, 20]));
    for (place, trap) in [(0, Trap::UninitializedElement), (1, Trap::IndirectCallType), (3, Trap::TableOutOfBounds)] {
        let body = format!(
            "(table.set $u (i32.const 1) (ref.func $other)) (table.set $u (i32.const 2) (table.get $u (i32.const 0)))
             (call_indirect $u (type $get) (i32.const {place}))"
        );
        assert_eq!(main(&with_tables(1, &body)), Err(trap), "{place}");
    }
}

#[test]
fn tables_grow_and_are_filled_and_copied() {
    let body = "(table.size $t) (table.grow $t (ref.func $twenty) (i32.const 2)) (table.grow $t (ref.null func) (i32.const 1))
                (table.size $t) (call_indirect $t (type $get) (i32.const 5))
                (ref.is_null (table.get $t (i32.const 3)))";
    assert_eq!(main(&with_tables(6, body)), Ok(vec![4, 4, -1, 6, 20, 1]));
    // Overlapping copies in both directions, within a table and between two.
    let body = "(table.fill $t (i32.const 1) (ref.func $twenty) (i32.const 1))
                (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 3)) (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 2))
                (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const 3))
                (call_indirect $u (type $get) (i32.const 0)) (call_indirect $u (type $get) (i32.const 1))
                (ref.is_null (table.get $t (i32.const 3)))";
    assert_eq!(main(&with_tables(3, body)), Ok(vec![10, 20, 1]));
}

#[test]
fn nothing_is_written_beyond_the_end() {
    for body in [
        "(table.get $t (i32.const 4)) drop",
        "(table.set $t (i32.const -1) (ref.null func))",
        "(table.fill $t (i32.const 3) (ref.func $ten) (i32.const 2))",
        "(table.copy $t $u (i32.const 0) (i32.const 2) (i32.const 2))",
        "(table.copy $t $u (i32.const 5) (i32.const 0) (i32.const 0))",
        "(table.init $t $both (i32.const 3) (i32.const 0) (i32.const 2))",
        "(table.init $t $both (i32.const 0) (i32.const 1) (i32.const -1))",
        "(elem.drop $both) (table.init $t $both (i32.const 0) (i32.const 0) (i32.const 1))",
    ] {
        assert_eq!(main(&with_tables(0, body)), Err(Trap::TableOutOfBounds), "{body}");
    }
    // A range of no places may begin at the end.
    let body = "(elem.drop $both) (table.init $t $both (i32.const 4) (i32.const 0) (i32.const 0))
                (table.fill $t (i32.const 4) (ref.null func) (i32.const 0)) (table.size $t)";
    assert_eq!(main(&with_tables(1, body)), Ok(vec![4]));
}

#[test]
fn tables_leave_the_memory_as_it_is() {
    let body = "(table.fill $t (i32.const 0) (ref.func $twenty) (i32.const 4)) (i32.load (i32.const 7)) (i32.load (i32.const 11))
                (i32.store (i32.const 12) (i32.const -1)) (i32.store (i32.const 16) (i32.const -1)) (i32.store (i32.const 20) (i32.const -1))
                (call_indirect $t (type $get) (i32.const 0)) (call_indirect $t (type $get) (i32.const 3))";
    assert_eq!(main(&with_tables(4, body)), Ok(vec![0x6174_6164, 0, 20, 20]));
}

#[test]
fn references_are_values() {
    let loaded = program(
        r#"(module (global $g (mut externref) (ref.null extern)) (table $x 1 externref)
             (func (export "main") (param externref) (result externref i32 externref funcref)
               (global.set $g (local.get 0)) (table.set $x (i32.const 0) (global.get $g))
               (table.get $x (i32.const 0)) (ref.is_null (local.get 0))
               (select (result externref) (ref.null extern) (local.get 0) (i32.const 1)) (ref.func 0)))"#,
    );
    assert_eq!(Value::parse("7", ValType::ExternRef), Ok(Value::reference(Some(7))));
    let recorded = run(&loaded, &[Value::reference(Some(7))]);
    let results = [Some(7), None, None, Some(0)].map(Value::reference);
    assert_eq!(recorded.run.end, End::Returned(results.to_vec()));
    let shown = recorded.run.end.typed(&[ValType::ExternRef, ValType::I32, ValType::ExternRef, ValType::FuncRef]).to_string();
    assert_eq!(shown, "returned ref.extern 7 0 ref.null ref.func 0");
    assert_eq!(recorded.run.state.tables, [vec![Value::reference(Some(7))]]);
}

/// The prompt of a program whose only table is only called through has the table itself, and no routines.
#[test]
fn a_table_that_does_not_change_costs_nothing_more() {
    let lines = |declared: &str, body: &str| {
        let text = format!(
            r#"(module (table 2 funcref) (elem (i32.const 0) $f) {declared} (func $f)
                 (func (export "main") (call_indirect (i32.const 0)) {body}))"#
        );
        lower(&program(&text).program, &[], ListingForm::Plain).unwrap().listing.lines.len()
    };
    let plain = lines("", "");
    assert_eq!(lines("(table 3 funcref) (table 1 externref)", ""), plain);
    assert!(lines("", "(table.set (i32.const 0) (ref.null func))") > plain + 10);
}

#[test]
fn calls_of_the_host_through_a_table_that_changes_do_not_count() {
    let text = r#"(module (import "host" "output" (func $output (param i32))) (type $t (func (param i32)))
        (table 2 funcref) (elem declare func $output $f) (func $f (param i32))
        (func (export "main")
          (table.set (i32.const 0) (ref.func $output)) (table.set (i32.const 1) (ref.func $f))
          (call_indirect (type $t) (i32.const 65) (i32.const 0)) (call_indirect (type $t) (i32.const 66) (i32.const 1))))"#;
    let recorded = run(&program(text), &[]);
    assert_eq!((recorded.run.state.outputs, recorded.run.end), (b"A".to_vec(), End::Returned(Vec::new())));
}

#[test]
fn offsets_and_globals_are_computed() {
    let text = r#"(module
        (import "env" "base" (global $base i32))
        (memory 1) (table 4 funcref)
        (global $g i64 (i64.mul (i64.const 6) (i64.sub (i64.const 10) (i64.const 3))))
        (data (i32.add (global.get $base) (i32.const 3)) "\07")
        (elem (offset (i32.add (i32.const 1) (global.get $base))) func 0)
        (func (export "main") (result i64 i32 i32)
          (global.get $g) (i32.load8_u (i32.const 3)) (ref.is_null (table.get (i32.const 1)))))"#;
    assert_eq!(main(text), Ok(vec![42, 7, 0]));
}
