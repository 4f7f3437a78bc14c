//! Pushes that are dropped before every kind of end. In the fused form the network makes no tokens for such
//! pushes, but their steps must still show the pushed values.

use crate::common::full::{called, fused, network, program};
use wasmformer::full::isa::Trap;
use wasmformer::full::program::Value;
use wasmformer::full::trace::End;
use wasmformer::harness::full::{Case, WasmiEngine};
use wasmformer::harness::{Engine, Full, VmEngine, compare};

/// How `main` ends; asserts that all engines agree.
fn end_of(text: &str) -> End {
    let loaded = program(text);
    let calls = called(loaded.program.exported_function("main"), &[]);
    let case = Case::of(&loaded, &calls, &[]);
    let engines: [&dyn Engine<Full>; 4] = [&VmEngine, &WasmiEngine::default(), network(), fused()];
    let (verdict, recorded) = compare(case, &engines, 100_000).unwrap();
    assert!(verdict.is_agreement(), "{text}: {verdict:?}");
    recorded.run.end
}

/// Bodies of functions with a parameter T (77), a result T and three locals. R is an instruction whose result
/// is 5, D is an entry of `DROPPED`, Z is a result 0, and O is a result 1.
const ENDS: [(&str, &str); 24] = [
    ("the function's end", "R D"),
    ("a return", "R D return"),
    ("a return over operands", "local.get 0 R D return"),
    ("a branch to the function", "local.get 0 R D br 0"),
    ("a branch", "(block (result T) local.get 0 R D br 0)"),
    ("a branch of two values", "(block (result T T) local.get 0 R R D br 0) drop"),
    ("a conditional branch", "(block (result T) R Z D br_if 0)"),
    ("a conditional branch taken", "(block (result T) R O D br_if 0)"),
    ("a conditional branch over operands", "(block (result T) local.get 0 R O D br_if 0 drop)"),
    ("a conditional branch over operands, not taken", "(block (result T) R local.get 0 Z D br_if 0 drop)"),
    ("a table of branches", "(block (result T) local.get 0 (block (result T) R O D br_table 0 1 0) D br 0)"),
    ("a table of branches over operands", "(block (result T) local.get 0 R Z D br_table 0 1)"),
    ("an if", "Z D (if (result T) (then local.get 0) (else R))"),
    ("an else", "O (if (result T) (then R D) (else local.get 0 D))"),
    ("an if's end", "Z (if (result T) (then local.get 0 D) (else R D))"),
    ("a block's end", "(block (result T) R D)"),
    ("a loop's end", "(loop (result T) R D)"),
    ("a loop's beginning", "R D (loop (param T) (result T) D)"),
    ("a loop's next turn", "(local $i i32) R (loop (param T) (result T) (local.tee $i (i32.eqz (local.get $i))) D br_if 0)"),
    ("a call", "R D call $same"),
    ("a call through the table", "R (i32.const 0) D call_indirect (param T) (result T)"),
    ("a local", "R D local.set 0 local.get 0 R D local.tee 1 local.get 1 T.and T.and D"),
    ("a global", "R D global.set $g global.get $g"),
    ("a store, a select and an operation", "(i32.const 8) R D T.store (i32.const 8) T.load R R D T.or O D select"),
];

/// Instructions whose pushes are dropped: of a local that is in the result's slot, of another local, of a
/// global, of a constant, and of several of these.
const DROPPED: [&str; 9] = [
    "local.get 0 drop",
    "local.get 1 drop",
    "global.get $g drop",
    "T.const 9 drop",
    "memory.size drop",
    "nop",
    "local.get 0 local.get 0 drop drop",
    "local.get 2 nop local.get 0 drop T.const 9 drop drop",
    "local.get 0 local.tee 1 drop",
];

/// A module that calls all functions of `ENDS` twice, in a loop, so that their constants have slots in the
/// fused form.
fn module(ty: &str, dropped: &str) -> String {
    let function = |(name, body): &(&str, &str)| {
        let (locals, body) = body.strip_prefix("(local $i i32)").map_or(("", *body), |body| ("(local $i i32)", body));
        let words = body.replace('R', "(T.add (local.get 3) (T.const 5))").replace('D', dropped);
        let words = words.replace('Z', "(i32.eqz (i32.const 3))").replace('O', "(i32.eqz (i32.const 0))");
        format!("(func (;{name};) (param T) (result T) (local T T T) {locals} {words})\n")
    };
    let functions: String = ENDS.iter().map(function).collect();
    let calls: String = (0..ENDS.len())
        .map(|index| format!("(local.set $wrong (T.or (local.get $wrong) (T.xor (call {index} (T.const 77)) (T.const 5))))\n"))
        .collect();
    let text = format!(
        r#"(module {functions}
            (func $same (param T) (result T) (local.get 0))
            (memory 1) (global $g (mut T) (T.const 6)) (table funcref (elem $same))
            (func (export "main") (result T) (local $wrong T) (local $turn i32)
              (loop $again
                {calls}
                (br_if $again (i32.lt_u (local.tee $turn (i32.add (local.get $turn) (i32.const 1))) (i32.const 2))))
              (local.get $wrong)))"#
    );
    text.replace('T', ty)
}

#[test]
fn what_is_dropped_before_an_end_was_what_it_was() {
    for dropped in DROPPED {
        assert_eq!(end_of(&module("i32", dropped)), End::Returned(vec![Value::I32(0)]), "{dropped}");
        assert_eq!(end_of(&module("i64", dropped)), End::Returned(vec![Value::I64(0)]), "{dropped}");
    }
}

#[test]
fn what_is_dropped_before_a_trap_was_what_it_was() {
    for ty in ["i32", "i64"] {
        let text = format!(
            r#"(module (memory 1) (func (export "main") (result {ty}) (local {ty})
                (local.set 0 ({ty}.const 3)) memory.size local.get 0 drop unreachable))"#
        );
        assert_eq!(end_of(&text), End::Trapped(Trap::Unreachable));
    }
}

/// wasmi 2.0.0 on its own does not move the values.
#[test]
fn a_table_of_branches_takes_several_values_along() {
    let text = |index: u32| {
        format!(
            r#"(module (func (export "main") (result i64 i32 i32) (local i32)
                (block (result i64 i32 i32)
                  (i32.const 7) (i64.const 256) (local.tee 0 (i32.const 1)) (i32.const 3) (br_table 0 1 0 1 (i32.const {index})))))"#
        )
    };
    for index in 0..5 {
        assert_eq!(end_of(&text(index)), End::Returned(vec![Value::I64(256), Value::I32(1), Value::I32(3)]), "{index}");
    }
}
