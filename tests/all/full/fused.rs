//! The fused form: each instruction of the program is executed once, in fewer instructions of the machine,
//! with the same effects.

use std::path::Path;

use crate::common::full::{fused, network, program};
use wasmformer::full::isa::{Op, Trap};
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::listing::operation::Operation;
use wasmformer::full::listing::token::{Family, Mark};
use wasmformer::full::listing::{Line, Listing, Place};
use wasmformer::full::program::{Loaded, Value, load_file};
use wasmformer::full::trace::End;
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::Case;
use wasmformer::harness::{VmEngine, compare};
use wasmformer::wasm::find::find_programs;

fn listing(loaded: &Loaded, form: ListingForm) -> Listing {
    let calls = loaded.invocation().unwrap();
    lower(&loaded.program, &calls, form).unwrap().listing
}

/// The number of slots below the first frame: the entry sets them, then calls.
fn slots(listing: &Listing) -> usize {
    listing.lines.iter().take_while(|line| line.operation != Operation::Wasm(Op::Call)).count()
}

/// Runs `main` on the reference VM and on the network in both forms.
fn results(text: &str) -> Vec<Value> {
    let loaded = program(text);
    let calls = loaded.invocation().unwrap();
    let case = Case::of(&loaded, &calls, &[]);
    let (verdict, recorded) = compare(case, &[&VmEngine, network(), fused()], 10_000).unwrap();
    assert!(verdict.is_agreement(), "{text}: {verdict:?}");
    match recorded.run.end {
        End::Returned(values) => values,
        end => panic!("{end:?}"),
    }
}

fn i32s(values: &[i32]) -> Vec<Value> {
    values.iter().copied().map(Value::I32).collect()
}

#[test]
fn each_instruction_is_done_once() {
    let (mut plain_lines, mut fused_lines) = (0, 0);
    for path in ["corpus/full", "corpus/programs"].iter().flat_map(|folder| find_programs(Path::new(folder)).unwrap()) {
        let loaded = load_file(&path, &Process::default()).unwrap();
        for (form, lines) in [(ListingForm::Plain, &mut plain_lines), (ListingForm::Fused, &mut fused_lines)] {
            let listing = listing(&loaded, form);
            let pcs = listing.lines.iter().flat_map(|line| {
                let after = line.folded.after.filter(|_| !ends_slow_path(line));
                line.folded.before.iter().copied().chain(line.begins).chain(after)
            });
            let pcs: Vec<u32> = pcs.collect();
            assert!(pcs.iter().copied().eq(0..loaded.program.code.len() as u32), "{} in the {form:?} form", path.display());
            *lines += listing.lines.len();
        }
    }
    assert!(fused_lines * 3 < plain_lines * 2, "{fused_lines} of {plain_lines}");
}

/// Whether a line is the last one of a division's slow path, which puts the result where the common path puts
/// it.
fn ends_slow_path(line: &Line) -> bool {
    match line.operation {
        Operation::SignQuotient(_) | Operation::SignRemainder(_) => true,
        Operation::Wasm(Op::LocalSet | Op::GlobalSet) => line.begins.is_none(),
        _ => false,
    }
}

#[test]
fn the_plain_form_folds_nothing() {
    for path in find_programs(Path::new("corpus/full")).unwrap() {
        let listing = listing(&load_file(&path, &Process::default()).unwrap(), ListingForm::Plain);
        // In both forms, the lines of a float's common path have operands that lie deeper in the stack.
        let nothing = |line: &Line| line.folded.before.is_empty() && line.folded.result.is_none() && line.folded.after.is_none();
        assert!(listing.lines.iter().all(nothing), "{}", path.display());
    }
}

/// `i = i * 3 + 1` is two instructions of the machine. Each takes its operands from the places where they
/// are.
#[test]
fn operands_and_results_are_where_they_belong() {
    let text = r#"(module (func (export "main") (result i32) (local $i i32)
        (loop $more
            (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 3)) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 100))))
        (local.get $i)))"#;
    let loaded = program(text);
    let fused = listing(&loaded, ListingForm::Fused);
    let find = |name: &str| fused.lines.iter().find(|line| line.operation.to_string() == name).unwrap();
    // Constants in loops have slots below the first frame.
    assert_eq!(slots(&fused), 3);
    assert_eq!(find("i32.mul").folded.operands, [Some(Place::Below(0)), Some(Place::Local(0)), None]);
    assert_eq!(
        (find("i32.add").folded.operands, find("i32.add").folded.result),
        ([Some(Place::Below(1)), None, None], Some(Place::Local(0)))
    );
    let operations: Vec<Operation> = fused.lines.iter().map(|line| line.operation).collect();
    assert_eq!(operations.iter().filter(|operation| operation.to_string() == "local.get").count(), 0, "{operations:?}");
    let tokens = fused.tokens(&loaded.program, |_| 0);
    assert!(tokens.iter().any(|token| matches!(token.family, Family::Shift(..))));
    assert!(tokens.iter().any(|token| matches!(token.mark(), Some(Mark::Below(_)))));
    assert_eq!(results(text), i32s(&[121]));
}

/// A constant has a slot if it is used in a loop, in a function called in a loop, or in a recursive function.
/// Otherwise a slot costs more than it saves.
#[test]
fn constants_have_slots_where_they_are_used_often() {
    let base = |body: &str| slots(&listing(&program(&format!("(module {body})")), ListingForm::Fused));
    assert_eq!(base(r#"(func (export "main") (result i32) (i32.add (i32.const 1) (i32.const 2)))"#), 0);
    assert_eq!(
        base(
            r#"(func $f (result i32) (i32.const 5)) (func (export "main") (loop (drop (i32.const 6)) (br_if 0 (call $f))) (drop (i32.const 7)))"#
        ),
        2
    );
    assert_eq!(base(r#"(func $f (export "main") (result i32) (i32.const 5) (drop (call $f)))"#), 1);
    assert_eq!(base(r#"(func $f (result i32) (i32.const 5)) (func (export "main") (result i32) (call $f))"#), 0);
    let through_the_table = r#"(table funcref (elem $f)) (func $f (result i32) (i32.const 5))
        (func (export "main") (loop (br_if 0 (call_indirect (result i32) (i32.const 0)))))"#;
    assert_eq!(base(through_the_table), 2);
    // With 4,096 globals no slot is left for constants.
    let globals = "(global i32 (i32.const 7))".repeat(4095);
    let looping = |extra: &str| format!(r#"{globals} {extra} (func (export "main") (loop (drop (i32.const 1)) (br_if 0 (i32.const 0))))"#);
    assert_eq!(base(&looping("")), 4096);
    assert_eq!(base(&looping("(global i32 (i32.const 7))")), 4096);
}

#[test]
fn what_waits_is_put_on_the_stack_in_time() {
    let rows: [(&str, &[i32]); 12] = [
        // The local of a waiting operand changes: by set, by tee, and by the result of another instruction.
        (
            r#"(func (export "main") (result i32) (local $x i32) (local.get $x) (local.set $x (i32.const 5)) (i32.sub (local.get $x)))"#,
            &[-5],
        ),
        (
            r#"(func (export "main") (result i32) (local $x i32)
                (local.get $x) (local.tee $x (i32.const 7)) (i32.sub) (local.get $x) (i32.mul))"#,
            &[-49],
        ),
        (
            r#"(func (export "main") (result i32) (local $x i32)
                (local.get $x) (i32.add (local.get $x) (i32.const 9)) (local.tee $x) (i32.sub) (local.get $x) (i32.add))"#,
            &[0],
        ),
        // The global of a waiting operand changes: here, and in a called function.
        (
            r#"(global $g (mut i32) (i32.const 3)) (func (export "main") (result i32)
                (global.get $g) (global.set $g (i32.const 10)) (i32.sub (global.get $g)))"#,
            &[-7],
        ),
        (
            r#"(global $g (mut i32) (i32.const 3)) (func $f (global.set $g (i32.const 20)))
                (func (export "main") (result i32) (global.get $g) (call $f) (i32.sub (global.get $g)))"#,
            &[-17],
        ),
        // Two control-flow paths join.
        (
            r#"(func (export "main") (result i32) (local $x i32)
                (local.get $x) (if (result i32) (i32.const 1) (then (i32.const 4)) (else (local.get $x))) (i32.sub))"#,
            &[-4],
        ),
        // A branch jumps over folded code. Only the fall-through path executes that code.
        (
            r#"(func (export "main") (result i32) (local $x i32)
                (block (br_if 0 (local.get $x)) (nop) (drop (local.get $x))) (local.get $x))"#,
            &[0],
        ),
        // Copies; drops of a waiting operand and of an operand on the stack.
        (
            r#"(func (export "main") (result i32) (local $x i32) (local $y i32)
                (local.set $x (i32.const 6)) (local.set $y (local.get $x)) (drop (local.get $x)) (drop (i32.add (local.get $x) (local.get $y)))
                (local.tee $x (local.tee $y (i32.add (local.get $x) (local.get $y)))) (i32.add (local.get $y)))"#,
            &[24],
        ),
        // An instruction with three operands, and function results from a local and from a calculation.
        (
            r#"(func $least (param i32 i32) (result i32)
                    (return (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1)))))
                (func $second (param i32 i32) (result i32) (local.get 1))
                (func (export "main") (result i32)
                    (call $second (i32.const 9) (call $least (i32.const -3) (call $least (i32.const 1) (i32.const 2)))))"#,
            &[-3],
        ),
        // Branches that carry one operand, from a local and from a calculation, and a branch that carries two
        // operands.
        (
            r#"(func (export "main") (result i32 i32 i32 i32) (local $x i32) (local.set $x (i32.const 2))
                (block (result i32) (i32.const 50) (local.get $x) (br 0))
                (block (result i32) (i32.const 50) (i32.add (local.get $x) (i32.const 1)) (br 0))
                (block (result i32 i32) (i32.const 50) (local.get $x) (i32.mul (local.get $x) (local.get $x)) (br 0)))"#,
            &[2, 3, 2, 4],
        ),
        // Divisions that may take the slow path, and remainders, which need their operands twice.
        (
            r#"(func (export "main") (result i32 i32 i32) (local $x i32) (local $y i32) (local.set $x (i32.const -7)) (local.set $y (i32.const 2))
                (local.set $x (i32.div_s (local.get $x) (local.get $y))) (local.get $x)
                (i32.rem_s (local.get $x) (local.get $y)) (i32.rem_u (local.get $x) (local.get $y)))"#,
            &[-3, -1, 1],
        ),
        // Stores, whose address is below the value on the stack.
        (
            r#"(memory 1) (func (export "main") (result i32 i32) (local $at i32) (local $wide i64)
                (local.set $at (i32.const 40)) (local.set $wide (i64.const 0x500000003))
                (i64.store offset=8 (local.get $at) (local.get $wide)) (i32.store (local.get $at) (local.get $at))
                (i32.load (local.get $at)) (i32.load offset=12 (local.get $at)))"#,
            &[40, 5],
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(results(&format!("(module {body})")), i32s(expected), "{body}");
    }
}

/// At a function's beginning, only locals that may be read before they are set are set to 0.
#[test]
fn locals_that_are_set_first_are_not_zeroed() {
    let zeros = |body: &str| {
        let loaded = program(&format!(r#"(module (func (export "main") {body}))"#));
        let function = &loaded.program.functions[0];
        // The entry has two lines: a call and the end.
        let lines = listing(&loaded, ListingForm::Plain).lines;
        lines.iter().filter(|line| line.begins.is_none()).count() - 2 + function.locals.len() * 10
    };
    assert_eq!(zeros("(local i32) (drop (local.get 0))"), 11);
    assert_eq!(zeros("(local i32) (local.set 0 (i32.const 1)) (drop (local.get 0))"), 10);
    // The local is set on one of two paths, and on both.
    assert_eq!(zeros("(local i32 i32) (if (local.get 1) (then (local.set 0 (i32.const 1)))) (drop (local.get 0))"), 22);
    let both =
        "(local i32 i32) (if (local.get 1) (then (local.set 0 (i32.const 1))) (else (local.set 0 (i32.const 2)))) (drop (local.get 0))";
    assert_eq!(zeros(both), 21);
    assert_eq!(zeros("(local i32) (loop (drop (local.get 0)) (local.set 0 (i32.const 1)) (br_if 0 (i32.const 0)))"), 11);
    assert_eq!(zeros("(local i32) (loop (local.set 0 (i32.const 1)) (br_if 0 (local.get 0)))"), 10);
    assert_eq!(
        results(
            r#"(module (func $f (result i32) (local $a i32) (local $b i32) (local.set $a (i32.const 4)) (i32.sub (local.get $a) (local.get $b)))
            (func (export "main") (result i32) (drop (i32.add (i32.const 70) (i32.mul (i32.const 80) (i32.const 90)))) (call $f)))"#
        ),
        i32s(&[4])
    );
}

/// The number of lines that compare and branch, and of lines of comparisons alone.
fn comparisons(text: &str) -> (usize, usize) {
    let lines = listing(&program(text), ListingForm::Fused).lines;
    let both = lines.iter().filter(|line| line.begins.is_some() && line.folded.after.is_some() && line.operation.delta() < 0);
    let alone = |line: &&Line| matches!(line.operation, Operation::Wasm(op) if Operation::of_branch(op, Op::BrIf).is_some());
    (both.filter(|line| line.folded.result.is_none()).count(), lines.iter().filter(alone).count())
}

/// Every comparison of integers with both branches, on numbers around which the result changes.
#[test]
fn a_comparison_and_its_branch_are_one_line() {
    let pairs = ["0", "1", "-1", "0x7fffffff", "0x80000000"];
    for (ty, two) in [("i32", false), ("i64", true)] {
        let wide = ["0x100000000", "0x7fffffffffffffff", "0x8000000000000000", "0xffffffff"];
        let numbers: Vec<&str> = pairs.into_iter().chain(wide.into_iter().filter(|_| two)).collect();
        for name in ["eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] {
            let compared = if name == "eqz" { "(local.get 0)" } else { "(local.get 0) (local.get 1)" };
            let functions = format!(
                "(func $branch (param {ty} {ty}) (result i32)
                    (block (br_if 0 ({ty}.{name} {compared})) (return (i32.const 2))) (i32.const 3))
                (func $arms (param {ty} {ty}) (result i32)
                    (if (result i32) ({ty}.{name} {compared}) (then (i32.const 5)) (else (i32.const 7))))"
            );
            let calls = numbers.iter().flat_map(|a| numbers.iter().map(move |b| (a, b)));
            let calls: String = calls
                .map(|(a, b)| {
                    let call = |function| format!("(call {function} ({ty}.const {a}) ({ty}.const {b}))");
                    format!("(i32.mul (i32.const 5)) (i32.add (i32.mul {} {}))", call("$branch"), call("$arms"))
                })
                .collect();
            let text = format!(r#"(module {functions} (func (export "main") (result i32) (i32.const 0) {calls}))"#);
            // The machine has no branch for an `i64` that is not 0.
            let folded = if two && name == "eqz" { (1, 1) } else { (2, 0) };
            assert_eq!(comparisons(&text), folded, "{ty}.{name}");
            results(&text);
        }
    }
}

#[test]
fn a_comparison_and_a_branch_that_something_comes_between_are_two_lines() {
    // Of two branches, the second one goes between the comparison and the first one.
    let between = r#"(module (func $f (param i32) (result i32)
            (block (br_if 0 (block (result i32) (drop (br_if 0 (i32.const 1) (local.get 0))) (i32.eq (local.get 0) (i32.const 5))))
                (return (i32.const 8)))
            (i32.const 9))
        (func (export "main") (result i32 i32) (call $f (i32.const 0)) (call $f (i32.const 5))))"#;
    assert_eq!((comparisons(between), results(between)), ((0, 1), i32s(&[8, 9])));
    // The result is needed twice, or is a number.
    let twice = r#"(module (func (export "main") (result i32) (local $x i32)
        (block (br_if 0 (local.tee $x (i32.lt_s (i32.const 1) (i32.const 2)))) (return (i32.const 4))) (local.get $x)))"#;
    assert_eq!((comparisons(twice), results(twice)), ((0, 1), i32s(&[1])));
    let number = r#"(module (func (export "main") (result i32) (i32.add (i32.ge_u (i32.const 1) (i32.const 2)) (i32.const 4))))"#;
    assert_eq!((comparisons(number), results(number)), ((0, 1), i32s(&[4])));
}

/// What lies below the operands of a comparison and a branch: dropped where the branch is taken, or needed on
/// both paths; and operands that the branch takes along, which are moved in other lines.
#[test]
fn operands_below_a_branch_wait_only_where_it_drops_them() {
    let gets = |text: &str| {
        let lines = listing(&program(text), ListingForm::Fused).lines;
        lines.iter().filter(|line| line.operation == Operation::Wasm(Op::LocalGet)).count()
    };
    let dropped = r#"(module (func $f (param i32 i32) (result i32)
            (block (local.get 1) (br_if 0 (i32.lt_s (local.get 0) (i32.const 3))) (local.get 0) (br_if 0 (local.get 1)) (return (i32.mul)))
            (i32.const 1))
        (func (export "main") (result i32 i32 i32)
            (call $f (i32.const 2) (i32.const 0)) (call $f (i32.const 4) (i32.const 0)) (call $f (i32.const 4) (i32.const 7))))"#;
    assert_eq!((gets(dropped), results(dropped)), (0, i32s(&[1, 0, 1])));
    let kept = r#"(module (func $f (param i32 i32) (result i32)
            (local.get 1) (block (br_if 0 (i32.lt_s (local.get 0) (i32.const 3))) (local.set 1 (i32.const 50))) (i32.add (local.get 1)))
        (func (export "main") (result i32 i32) (call $f (i32.const 2) (i32.const 7)) (call $f (i32.const 3) (i32.const 7))))"#;
    assert_eq!((gets(kept), results(kept)), (1, i32s(&[14, 57])));
    let carried = r#"(module (func $f (param i32 i32) (result i32 i32)
            (block (result i32 i32) (i32.const 6) (local.get 1) (local.get 0) (br_if 0 (i32.eqz (local.get 0))) (br 0)))
        (func (export "main") (result i32 i32 i32 i32) (call $f (i32.const 0) (i32.const 7)) (call $f (i32.const 3) (i32.const 7))))"#;
    assert_eq!(results(carried), i32s(&[7, 0, 7, 3]));
}

/// A jump of two digits, over lines that compare and branch: its first digit alone leads to one of these.
#[test]
fn a_long_branch_on_a_comparison_is_taken_once() {
    let never = "(br_if 1 (i32.lt_s (local.get $x) (i32.const -5)))".repeat(2_500);
    let text = format!(
        r#"(module (func (export "main") (result i32) (local $x i32) (loop $again (block
            (local.set $x (i32.add (local.get $x) (i32.const 1)))
            (block (br_if 0 (i32.lt_s (local.get $x) (i32.const 9))) {never})
            (br_if $again (i32.lt_u (local.get $x) (i32.const 3))))) (local.get $x)))"#
    );
    assert_eq!(results(&text), i32s(&[3]));
}

/// The number of lines whose result goes to a global, and of lines that only set a global.
fn globals(text: &str) -> (usize, usize) {
    let lines = listing(&program(text), ListingForm::Fused).lines;
    let count = |is: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
    let results = count(&|line| matches!(line.folded.result, Some(Place::Below(_))));
    (results, count(&|line| line.begins.is_some() && line.operation == Operation::Wasm(Op::GlobalSet)))
}

/// Results of each type, of instructions of several kinds, at the first and the last of many globals, in
/// frames at several heights.
#[test]
fn a_result_goes_into_a_global() {
    let many = "(global (mut i32) (i32.const 0))".repeat(700);
    for (ty, start, instruction) in [
        ("i32", "i32.const 5", "i32.sub (i32.const 3)"),
        ("i32", "i32.const -9", "i32.load (i32.and (i32.const 15))"),
        ("i64", "i64.const -123456789012345", "i64.mul (i64.const 3)"),
        ("i64", "i64.const 7", "select (i64.const 70000000000) (i32.const 1)"),
        ("f64", "f64.const -0.5", "f64.neg"),
        ("f32", "f32.const 0.25", "f32.neg"),
    ] {
        let (name, operands) = instruction.split_once(' ').unwrap_or((instruction, ""));
        let value = |of: &str| match name {
            "i32.load" => format!("({name} (i32.and (global.get {of}) (i32.const 15)))"),
            _ => format!("({name} (global.get {of}) {operands})"),
        };
        let text = format!(
            r#"(module (memory 1) (data (i32.const 0) "\01\02\03\84\05\06\07\08\81\82\83\84")
            (global $first (mut {ty}) ({start})) {many} (global $last (mut {ty}) ({start}))
            (func $f (param $depth i32) (param i64 i64)
                (global.set $first {first}) (global.set $last {last})
                (if (local.get $depth) (then (call $f (i32.sub (local.get $depth) (i32.const 1)) (i64.const 0) (i64.const 0)))))
            (func (export "main") (result {ty} {ty}) (call $f (i32.const 2) (i64.const 0) (i64.const 0))
                (global.get $first) (global.get $last)))"#,
            first = value("$first"),
            last = value("$last"),
        );
        assert_eq!(globals(&text), (2, 0), "{instruction}");
        let values = results(&text);
        assert_eq!(values[0], values[1], "{instruction}");
    }
}

#[test]
fn a_result_goes_to_the_stack_where_the_global_is_still_needed() {
    let body = |body: &str, expected: (usize, usize), value: i32| {
        let text = format!(
            r#"(module (global $g (mut i32) (i32.const 7)) (func $f (result i32) (global.get $g))
            (func (export "main") (result i32) (local $x i32) {body}))"#
        );
        assert_eq!((globals(&text), results(&text)), (expected, i32s(&[value])), "{body}");
    };
    body("(global.set $g (i32.mul (global.get $g) (global.get $g))) (call $f)", (1, 0), 49);
    // An operand waits in the global.
    body("(global.get $g) (global.set $g (i32.mul (global.get $g) (i32.const 3))) (i32.sub (global.get $g))", (0, 1), -14);
    // The result is needed in a local too.
    body("(global.set $g (local.tee $x (i32.mul (global.get $g) (i32.const 3)))) (i32.sub (global.get $g) (local.get $x))", (0, 1), 0);
    // The value comes from a call, from another place, or on two paths.
    body("(global.set $g (call $f)) (global.get $g)", (0, 1), 7);
    body("(global.set $g (local.get $x)) (global.get $g)", (0, 1), 0);
    body(
        "(global.set $g (if (result i32) (local.get $x) (then (i32.const 1)) (else (i32.mul (call $f) (i32.const 2))))) (call $f)",
        (0, 1),
        14,
    );
}

/// The operand third of `select`, which lies below both others, from locals, globals and constants.
#[test]
fn a_select_takes_all_operands_from_their_slots() {
    for (ty, places) in [
        ("i32", ["(local.get $a)", "(global.get $g)", "(i32.const 77)"]),
        ("i64", ["(local.get $a)", "(global.get $g)", "(i64.const -123456789012345)"]),
        ("f64", ["(local.get $a)", "(global.get $g)", "(f64.const 0.5)"]),
    ] {
        let selects: String =
            places.iter().flat_map(|third| places.iter().map(move |second| format!("{third} {second} (local.get $c) select "))).collect();
        let many = format!("(result {})", [ty; 9].join(" "));
        let text = format!(
            r#"(module (global $g (mut {ty}) ({ty}.const -3)) (func $f (param $a {ty}) (param $c i32) {many} {selects})
            (func (export "main") (result {results})
                (call $f ({ty}.const 1234) (i32.const 1)) (call $f ({ty}.const 5678) (i32.const 0))))"#,
            results = [ty; 18].join(" "),
        );
        let lines = listing(&program(&text), ListingForm::Fused).lines;
        let thirds = lines.iter().filter(|line| line.operation == Operation::Wasm(Op::Select) && line.folded.operands[2].is_some());
        assert!(thirds.count() >= 6, "{ty}");
        assert_eq!(results(&text).len(), 18);
    }
    // The local changes before the instruction, so the old value is on the stack.
    let changed = r#"(module (func $f (param $a i32) (param $c i32) (result i32)
            (select (local.get $a) (local.tee $a (i32.const 9)) (local.get $c)))
        (func (export "main") (result i32 i32) (call $f (i32.const 4) (i32.const 0)) (call $f (i32.const 4) (i32.const 1))))"#;
    assert_eq!(results(changed), i32s(&[9, 4]));
}

/// All divisions, with operands from all kinds of places and results to all kinds of places, on the common
/// and on the slow paths.
#[test]
fn divisions_take_and_put_their_numbers_anywhere() {
    let numbers: [(&str, &[i64]); 2] = [
        ("i32", &[7, -7, 3, -3, i32::MIN as i64, i32::MAX as i64]),
        ("i64", &[7, -7, 3, -3, i64::MIN, 1 << 32, -(1 << 40), 0x1234_5678_9abc_def0]),
    ];
    for (ty, numbers) in numbers {
        for op in ["div_s", "div_u", "rem_s", "rem_u"] {
            // Of $a and $b, quotients or remainders of: locals; a global; a constant; numbers on the stack.
            let text = format!(
                r#"(module (global $g (mut {ty}) ({ty}.const 0)) (global $h (mut {ty}) ({ty}.const 0))
                (func $f (param $a {ty}) (param $b {ty}) (result {ty} {ty} {ty} {ty} {ty} {ty}) (local $x {ty}) (local $y {ty}) (local $z {ty})
                    (global.set $g (local.get $b))
                    (local.set $x ({ty}.{op} (local.get $a) (local.get $b)))
                    (local.set $y (local.get $a))
                    (local.set $y ({ty}.{op} (local.get $y) (global.get $g)))
                    (global.set $h ({ty}.{op} (local.get $a) ({ty}.const -13)))
                    (global.set $g ({ty}.{op} ({ty}.or (local.get $a) ({ty}.const 4)) (global.get $g)))
                    (local.get $x) (local.get $y) (global.get $h) (global.get $g)
                    ({ty}.{op} (local.get $a) (local.tee $z ({ty}.or (local.get $b) ({ty}.const 5))))
                    ({ty}.add
                        (local.tee $z ({ty}.{op} ({ty}.xor (local.get $a) ({ty}.const 1)) ({ty}.or (local.get $b) ({ty}.const 2))))
                        (local.get $z)))
                (func (export "main") (result {results})
                    {calls}))"#,
                results = [ty].repeat(6 * numbers.len() * numbers.len()).join(" "),
                calls = numbers
                    .iter()
                    .flat_map(|a| numbers.iter().map(move |b| (a, b)))
                    .map(|(a, b)| format!("(call $f ({ty}.const {a}) ({ty}.const {b})) "))
                    .collect::<String>()
            );
            let lines = listing(&program(&text), ListingForm::Fused).lines;
            let count = |is: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
            let divides = |line: &Line| matches!(line.operation, Operation::Divide { .. });
            let taken = count(&|line| divides(line) && line.folded.operands[1].is_some());
            let put = count(&|line| (divides(line) || matches!(line.operation, Operation::Remainder(_))) && line.folded.after.is_some());
            assert_eq!((taken, put), (4, 5), "{ty}.{op}");
            results(&text);
        }
    }
}

#[test]
fn divisions_trap_wherever_their_operands_are() {
    for (ty, least) in [("i32", i32::MIN as i64), ("i64", i64::MIN)] {
        for (op, a, b, ends) in [
            ("div_s", 1, 0, End::Trapped(Trap::DivisionByZero)),
            ("rem_s", -1, 0, End::Trapped(Trap::DivisionByZero)),
            ("div_u", 1, 0, End::Trapped(Trap::DivisionByZero)),
            ("rem_u", 1, 0, End::Trapped(Trap::DivisionByZero)),
            ("div_s", least, -1, End::Trapped(Trap::IntegerOverflow)),
        ] {
            let text = format!(
                r#"(module (func $f (param $a {ty}) (param $b {ty}) (result {ty})
                    (local.set $a ({ty}.{op} (local.get $a) (local.get $b))) (local.get $a))
                (func (export "main") (result {ty}) (call $f ({ty}.const {a}) ({ty}.const {b}))))"#
            );
            assert_eq!(end(&text), ends, "{ty}.{op}");
        }
    }
}

/// How a run of `main` ends, on the reference VM and on the network in both forms.
fn end(text: &str) -> End {
    let loaded = program(text);
    let calls = loaded.invocation().unwrap();
    let (verdict, recorded) = compare(Case::of(&loaded, &calls, &[]), &[&VmEngine, network(), fused()], 10_000).unwrap();
    assert!(verdict.is_agreement(), "{text}: {verdict:?}");
    recorded.run.end
}

/// The number of lines that add up an address, and of lines that only add.
fn sums(text: &str) -> (usize, usize) {
    let lines = listing(&program(text), ListingForm::Fused).lines;
    let count = |is: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
    (count(&|line| line.adds()), count(&|line| line.operation == Operation::Wasm(Op::I32Add)))
}

/// Accesses of every width at all residues modulo 4 of the parts of a sum, with all kinds of places for them.
#[test]
fn an_access_adds_its_address_up() {
    let accesses = [
        ("i32", "load", "store"),
        ("i32", "load8_s", "store8"),
        ("i32", "load16_u", "store16"),
        ("i64", "load", "store"),
        ("i64", "load8_u", "store8"),
        ("i64", "load16_s", "store16"),
        ("i64", "load32_s", "store32"),
    ];
    for (ty, load, store) in accesses {
        for offset in 0..4 {
            let text = format!(
                r#"(module (memory 1) (global $g i32 (i32.const 1000))
                (func $f (param $a i32) (param $b i32) (result {ty}) (local $value {ty})
                    ({ty}.{store} offset={offset} (i32.add (local.get $a) (local.get $b)) ({ty}.const -1234567))
                    (local.set $value ({ty}.load (i32.const 104)))
                    ({ty}.{store} offset={offset} (i32.add (global.get $g) (local.get $b)) (local.get $value))
                    ({ty}.{load} offset={offset} (i32.add (i32.add (local.get $a) (i32.const 900)) (local.get $b))))
                (func (export "main") {results}
                    {calls}))"#,
                results = format!("(result {ty})").repeat(16),
                calls = (0..16).map(|k| format!("(call $f (i32.const {}) (i32.const {})) ", 100 + k / 4, 4 + k % 4)).collect::<String>()
            );
            // Of the sum within a sum, the number that is added is on the stack.
            assert_eq!(sums(&text), if (ty, store) == ("i64", "store") { (5, 1) } else { (3, 1) }, "{text}");
            assert!(matches!(end(&text), End::Returned(values) if values.len() == 16));
        }
    }
}

/// A sum is modulo 2^32; with the offset it is not.
#[test]
fn a_sum_wraps_and_an_address_does_not() {
    let run = |a: i64, b: i64, offset: u32, load: &str| {
        let text = format!(
            r#"(module (memory 1) (data (i32.const 8) "\01\02\03\04\05\06\07\08") (data (i32.const 65532) "\09\0a\0b\0c")
            (func $f (param $a i32) (param $b i32) (result i32)
                (i32.{load} offset={offset} (i32.add (local.get $a) (local.get $b))))
            (func (export "main") (result i32) (call $f (i32.const {a}) (i32.const {b}))))"#
        );
        assert_eq!(sums(&text), (1, 0));
        end(&text)
    };
    let is = |value: i32| End::Returned(i32s(&[value]));
    let beyond = End::Trapped(Trap::MemoryOutOfBounds);
    assert_eq!(run(4, 4, 0, "load"), is(0x0403_0201));
    assert_eq!(run(-8, 16, 0, "load"), is(0x0403_0201));
    assert_eq!(run(-8, 17, 2, "load8_u"), is(4));
    assert_eq!(run(-1, -1, 0, "load"), beyond);
    assert_eq!(run(-1, 1, 8, "load"), is(0x0403_0201));
    assert_eq!(run(-8, 4, 12, "load"), beyond);
    assert_eq!(run(-8, 7, 1, "load8_u"), beyond);
    assert_eq!(run(i32::MIN.into(), i32::MIN.into(), 9, "load8_u"), is(2));
    assert_eq!(run(i32::MAX.into(), 1, 0, "load8_u"), beyond);
    assert_eq!(run(65_000, 532, 0, "load"), is(0x0c0b_0a09));
    assert_eq!(run(65_000, 533, 0, "load"), beyond);
    assert_eq!(run(-4, 65_536, 0, "load"), is(0x0c0b_0a09));
    assert_eq!(run(-4, 65_536, 1, "load"), beyond);
    assert_eq!(run(-4, 65_539, 0, "load8_u"), is(0x0c));
    assert_eq!(run(1, 1, u32::MAX, "load8_u"), beyond);
    assert_eq!(run(-1, 2, u32::MAX, "load8_u"), beyond);
    assert_eq!(run(-2, -2, u32::MAX, "load8_u"), beyond);
}

#[test]
fn a_sum_that_is_more_than_an_address_has_a_line() {
    let body = |body: &str, expected: (usize, usize), values: &[i32]| {
        let text = format!(
            r#"(module (memory 1) (data (i32.const 8) "\01\02\03\04\05\06\07\08") (global $g (mut i32) (i32.const 4))
            (func $change (result i32) (global.set $g (i32.const 5)) (i32.const 7))
            (func $f (param $a i32) (param $b i32) (result i32 i32) {body})
            (func (export "main") (result i32 i32) (call $f (i32.const 6) (i32.const 2))))"#
        );
        assert_eq!((sums(&text), results(&text)), (expected, i32s(values)), "{body}");
    };
    let sum = "(i32.add (local.get $a) (local.get $b))";
    // It is needed again, is the value that is stored, or is a part of a number.
    body(&format!("(i32.load8_u (local.tee $a {sum})) (local.get $a)"), (0, 1), &[1, 8]);
    body(&format!("(i32.store8 (local.get $b) {sum}) (i32.load8_u (local.get $b)) (local.get $a)"), (0, 1), &[8, 6]);
    body(&format!("(i32.mul {sum} (i32.load8_u {sum})) (local.get $a)"), (1, 1), &[8, 6]);
    // A part changes before the access: a local, and a global, also in a called function.
    body(&format!("(i32.store8 {sum} (local.tee $b (i32.const 3))) (i32.load8_u (i32.const 8)) (i32.load8_u {sum})"), (1, 1), &[3, 2]);
    body(
        "(i32.store8 (i32.add (global.get $g) (local.get $a)) (block (result i32) (global.set $g (i32.const 9)) (i32.const 77)))
            (i32.load8_u (i32.const 10)) (global.get $g)",
        (0, 1),
        &[77, 9],
    );
    body(
        "(i32.store8 (i32.add (global.get $g) (local.get $a)) (call $change)) (i32.load8_u (i32.const 10)) (global.get $g)",
        (0, 1),
        &[7, 5],
    );
    // Another path leads to the access, with another address.
    body(
        &format!("(i32.load8_u (block (result i32) (drop (br_if 0 (i32.const 9) (local.get $a))) {sum})) (local.get $b)"),
        (0, 1),
        &[2, 2],
    );
    // A part on the stack is overwritten before the store.
    body(
        "(i32.store8 (i32.add (local.get $a) (i32.shr_u (local.get $b) (i32.const 1))) (i32.mul (local.get $a) (local.get $b)))
            (i32.load8_u (i32.const 7)) (local.get $a)",
        (0, 1),
        &[12, 6],
    );
    // The other part on the stack is not.
    body(
        "(i32.store8 (i32.add (i32.shr_u (local.get $b) (i32.const 1)) (local.get $a)) (i32.mul (local.get $a) (local.get $b)))
            (i32.load8_u (i32.const 7)) (local.get $a)",
        (1, 0),
        &[12, 6],
    );
}
