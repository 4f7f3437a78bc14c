//! The limits of full programs and of their listings: a program at a limit runs, and a program one beyond it
//! is refused or traps.

use std::sync::OnceLock;

use crate::common::binary;
use crate::common::full::{called, fused, network, read};
use wasmformer::full::isa::Trap;
use wasmformer::full::isa::{Op, ValType};
use wasmformer::full::listing::MAX_IMMEDIATES;
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::listing::operation::Operation;
use wasmformer::full::listing::{AlsoDone, Line, Listing, ListingError, MAX_LINES};
use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_INSTRUCTIONS, MAX_PAGES, MAX_TABLE, PAGE};
use wasmformer::full::program::{FuncType, Immediate, Loaded, Value, load};
use wasmformer::full::trace::End;
use wasmformer::full::vm::Vm;
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::Case;
use wasmformer::harness::{Engine, Full, VmEngine, compare};
use wasmformer::wasm::{ReadError, Source};

fn read_binary(bytes: &[u8]) -> Result<Loaded, ReadError> {
    load(&Source::named("test.wasm"), bytes, &Process::default())
}

/// How a program ends; asserts that the reference VM and the network in both forms agree.
fn end_of(loaded: &Loaded) -> End {
    let calls = called(loaded.entry(None).unwrap(), &[]);
    let case = Case::of(loaded, &calls, &[]);
    let engines: [&dyn Engine<Full>; 3] = [&VmEngine, network(), fused()];
    let (verdict, recorded) = compare(case, &engines, 100_000).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    recorded.run.end
}

fn returned(values: &[i32]) -> End {
    End::Returned(values.iter().copied().map(Value::I32).collect())
}

#[test]
fn the_last_value_of_a_limit_runs_and_one_more_is_refused() {
    let last = MAX_PAGES * PAGE - 1;
    let memory = |pages: u32| {
        let load = format!("(i32.store8 (i32.const {last}) (i32.add (i32.load8_u (i32.const {last})) (i32.const 1)))");
        format!(
            r#"(module (memory {pages}) (data (i32.const {last}) "\07") (func (export "main") (result i32)
            {load} (i32.load8_u (i32.const {last}))))"#
        )
    };
    let table = |places: u32| {
        format!(
            r#"(module (table {places} funcref) (elem (i32.const {}) $f) (func $f (result i32) (i32.const 9))
            (func (export "main") (result i32) (call_indirect (result i32) (i32.const {}))))"#,
            places - 1,
            places - 1
        )
    };
    let globals = |count: u32| {
        let globals = "(global (mut i32) (i32.const 3))".repeat(count as usize);
        format!(
            r#"(module {globals} (func (export "main") (result i32)
            (global.set {0} (i32.const 5)) (i32.add (global.get {0}) (global.get 0))))"#,
            count - 1
        )
    };
    // The last operand is in the last slot, and a call from there must return correctly.
    let slots = |count: u32| {
        let locals = "i32 ".repeat(count as usize - 1);
        format!(
            r#"(module (func $f) (func (export "main") (result i32) (local {locals})
            (local.set {} (i32.const 4)) (i32.const 6) (call $f) (return)))"#,
            count - 2
        )
    };
    type Module<'a> = &'a dyn Fn(u32) -> String;
    let rows: [(Module<'_>, u32, i32, &str); 4] = [
        (&memory, MAX_PAGES, 8, "test.wat:1:10: the memory has 833 pages; at most 832 fit"),
        (&table, MAX_TABLE, 9, "test.wat:1:10: the table has 65537 places; at most 65536 fit"),
        (&globals, MAX_GLOBALS, 8, "test.wat:1:10: there are 4097 globals; at most 4096 fit"),
        (&slots, MAX_FRAME_SLOTS, 6, "the function's frame has 8705 slots, locals and operands; at most 8704 fit"),
    ];
    for (module, limit, result, refusal) in rows {
        assert_eq!(end_of(&read(&module(limit)).unwrap()), returned(&[result]), "{refusal}");
        let error = read(&module(limit + 1)).expect_err(refusal).to_string();
        assert!(error.contains(refusal), "{error}\n  instead of\n{refusal}");
    }
}

#[test]
fn one_more_than_what_a_run_may_use_traps() {
    let load =
        |address: u32| format!("(module (memory {MAX_PAGES}) (func (export \"main\") (result i32) (i32.load (i32.const {address}))))");
    let indirect = |place: u32| {
        format!(
            "(module (table {MAX_TABLE} funcref) (elem (i32.const {}) $f) (func $f (result i32) (i32.const 0))
            (func (export \"main\") (result i32) (call_indirect (result i32) (i32.const {place}))))",
            MAX_TABLE - 1
        )
    };
    // `main` is the first call in progress, and $f calls itself `depth - 2` times.
    let calls = |depth: u32| {
        format!(
            "(module (func $f (param i32) (result i32) (if (result i32) (local.get 0)
                (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
            (func (export \"main\") (result i32) (call $f (i32.const {}))))",
            depth - 2
        )
    };
    type Module<'a> = &'a dyn Fn(u32) -> String;
    let rows: [(Module<'_>, u32, Trap); 3] = [
        (&load, MAX_PAGES * PAGE - 4, Trap::MemoryOutOfBounds),
        (&indirect, MAX_TABLE - 1, Trap::TableOutOfBounds),
        (&calls, MAX_CALL_DEPTH, Trap::CallStackExhausted),
    ];
    for (module, last, trap) in rows {
        assert_eq!(end_of(&read(&module(last)).unwrap()), returned(&[0]), "{trap}");
        assert_eq!(end_of(&read(&module(last + 1)).unwrap()), End::Trapped(trap));
    }
}

/// Accesses that end at addresses where another byte or bit is needed, and at the memory's end. They are in a
/// part by which the memory has grown.
#[test]
fn every_width_reaches_the_last_byte() {
    let accesses = |at: u32| {
        let store = |op: &str, type_: &str, at: u32| format!("({op} (i32.const {at}) ({type_}.const 0x51627384))");
        let load = |op: &str, at: u32| format!("({op} (i32.const {at})) drop");
        let stores = [("i32.store8", "i32", 1), ("i32.store16", "i32", 2), ("i32.store", "i32", 4), ("i64.store", "i64", 8)];
        let loads = [("i32.load8_s", 1), ("i32.load16_u", 2), ("i32.load", 4), ("i64.load32_s", 4), ("i64.load", 8)];
        let stores = stores.iter().map(|(op, type_, width)| store(op, type_, at - width));
        let loads = loads.iter().map(|(op, width)| load(op, at - width));
        stores.chain(loads).collect::<String>()
    };
    let end = MAX_PAGES * PAGE;
    let grown = |body: &str| {
        let text = format!(
            "(module (memory 1) (func (export \"main\") (result i32)
            (drop (memory.grow (i32.const {}))) {body} (i32.load (i32.const {}))))",
            MAX_PAGES - 1,
            end - 4
        );
        read(&text).unwrap()
    };
    let body: String = [1 << 16, 1 << 24, 3 << 24, end - 1, end - 2, end - 3, end].into_iter().map(accesses).collect();
    assert_eq!(end_of(&grown(&body)), returned(&[0]), "the upper half of what i64.store wrote last");
    for op in ["i32.load8_u", "i32.load16_s", "i32.load"] {
        assert_eq!(end_of(&grown(&format!("({op} (i32.const {end})) drop"))), End::Trapped(Trap::MemoryOutOfBounds), "{op}");
    }
    for (op, beyond) in [("i32.store8", end), ("i32.store16", end - 1), ("i32.store", end - 3), ("i32.store", u32::MAX)] {
        let store = format!("({op} (i32.const {}) (i32.const 7))", beyond as i32);
        assert_eq!(end_of(&grown(&store)), End::Trapped(Trap::MemoryOutOfBounds), "{op} {beyond}");
    }
}

#[test]
fn memory_grows_to_its_limit_by_the_network_too() {
    let grow =
        |by: u32| format!("(module (memory 1) (func (export \"main\") (result i32 i32) (memory.grow (i32.const {by})) memory.size))");
    let rows = [(MAX_PAGES - 1, [1, MAX_PAGES as i32]), (MAX_PAGES, [-1, 1]), (u32::MAX, [-1, 1])];
    for (by, results) in rows {
        assert_eq!(end_of(&read(&grow(by)).unwrap()), returned(&results), "by {by}");
    }
}

/// The longest program that is allowed, made of instructions that do nothing.
fn longest() -> &'static Loaded {
    static LONGEST: OnceLock<Loaded> = OnceLock::new();
    LONGEST.get_or_init(|| {
        let size = |number: u32| (0..5).map(move |place| (number >> (7 * place)) as u8 & 0x7f | if place < 4 { 0x80 } else { 0 });
        let nops = MAX_INSTRUCTIONS - 1;
        let mut wasm = binary("(module (func (export \"main\")))");
        let code = wasm.iter().rposition(|byte| *byte == 10).unwrap();
        wasm.truncate(code + 1);
        // The code section with one body: no locals, the instructions, the end.
        wasm.extend(size(nops + 2 + 5 + 1).chain([1]).chain(size(nops + 2)).chain([0]));
        wasm.resize(wasm.len() + nops as usize, 0x01);
        wasm.push(0x0b);
        read_binary(&wasm).unwrap()
    })
}

#[test]
fn the_longest_program_runs_but_is_too_long_to_be_listed() {
    let loaded = longest();
    let mut vm = Vm::new(&loaded.program, &called(Some(0), &[]), &[]);
    let mut steps = 0;
    while vm.step().is_some() {
        steps += 1;
    }
    assert_eq!((steps, vm.end()), (MAX_INSTRUCTIONS, Some(&returned(&[]))));

    // The entry adds two instructions: a call and a halt.
    let most = MAX_LINES - 2;
    for (length, expected) in [(most, Ok(most + 2)), (most + 1, Err(ListingError::TooLong { lines: most + 3 }))] {
        let program = loaded.program.clone().edited_unchecked(|program| {
            program.code.drain(..program.code.len() - length);
            program.functions[0].end = length as u32;
        });
        assert_eq!(lower(&program, &called(Some(0), &[]), ListingForm::Plain).map(|lowered| lowered.listing.lines.len()), expected);
    }
    let calls = called(Some(0), &[]);
    let case = Case::of(loaded, &calls, &[]);
    let error = network().run(case, &mut |_| std::ops::ControlFlow::Continue(())).unwrap_err().to_string();
    assert!(error.contains("the program needs at least 4194289 instructions of the machine; a listing holds at most 4194288"), "{error}");
}

#[test]
fn immediates_add_up_to_their_limit_in_each_half() {
    // Of the limit, 2^38 is reserved for the pcs in the table.
    let most = MAX_IMMEDIATES - (1 << 38);
    for shift in [0, 32] {
        for (sum, expected) in [(most, Ok(())), (most + 1, Err(ListingError::Immediates))] {
            let full = u64::from(u32::MAX);
            let line = |immediate: u64| Line {
                operation: Operation::Wasm(Op::I64Const),
                immediate: immediate << shift,
                index: 0,
                height: 0,
                begins: None,
                folded: AlsoDone::default(),
            };
            let mut lines = vec![line(full); (sum / full) as usize];
            lines.push(line(sum % full));
            assert_eq!(Listing { lines, ..Listing::default() }.check(), expected, "{sum} << {shift}");
        }
    }
    assert_eq!(ListingError::Immediates.to_string(), "the program's constants and offsets add up to more than 2^50");
}

/// Types are numbered from 1 in a listing, so the last type that has an index is 65,534. The same immediate
/// holds the number of arguments.
#[test]
fn indices_reach_their_limit() {
    let text = "(module (table 1 funcref) (elem (i32.const 0) $f) (func $f (result i32) (i32.const 8))
        (func (export \"main\") (result i32) (call_indirect (result i32) (i32.const 0))))";
    let last = u32::from(u16::MAX) - 1;
    // The function in the table has the type `has`, and the call expects the type `asks`.
    let types = |has: u32, asks: u32| {
        let mut loaded = read(text).unwrap();
        loaded.program = loaded.program.edited_unchecked(|program| {
            program.types.resize(last as usize + 2, FuncType { params: Vec::new(), results: program.types[0].results.clone() });
            program.functions[0].ty = has;
            let indirect = program.code.iter_mut().find(|instr| instr.op == Op::CallIndirect).unwrap();
            indirect.immediate = Immediate::Indirect { ty: asks, table: 0 };
        });
        loaded
    };
    let end = |loaded: &Loaded| {
        let calls = called(Some(1), &[]);
        let case = Case::new(&loaded.program, &calls, &[]);
        let (verdict, recorded) = compare(case, &[&VmEngine, network(), fused()], 100).unwrap();
        (verdict.is_agreement(), recorded.run.end)
    };
    assert_eq!(end(&types(last, last)), (true, returned(&[8])));
    // These types differ from `last` in only one of their two bytes.
    for other in [last - 1, last - 256] {
        assert_eq!(end(&types(last, other)), (true, End::Trapped(Trap::IndirectCallType)), "{other}");
    }
    for beyond in [types(last, last + 1), types(last + 1, last)] {
        let error = lower(&beyond.program, &called(Some(1), &[]), ListingForm::Plain).unwrap_err();
        assert_eq!(error.to_string(), "type 65535 is beyond the machine's limit of 65534");
    }

    let with_arguments = |count: usize| {
        let program = read("(module (func (export \"main\")))").unwrap().program.edited_unchecked(|program| {
            program.types[0].params = vec![ValType::I32; count];
            program.functions[0].locals = vec![ValType::I32; count];
        });
        lower(&program, &called(Some(0), &vec![Value::I32(0); count]), ListingForm::Plain).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(with_arguments((1 << 16) - 1), Ok(()));
    assert_eq!(with_arguments(1 << 16), Err("at pc 0, index 65536 is beyond the machine's limit of 65535".to_string()));
}

const NEWER: &str = "newer than the profile, WebAssembly 2.0 without vectors: ";

/// Instructions of each newer proposal, with the bytes with which they begin in a binary.
#[test]
fn newer_instructions_are_refused_by_name_and_place() {
    let rows: [(&str, &[u8], &str); 11] = [
        ("v128.const i64x2 1 2", &[0xfd, 12], "SIMD"),
        ("v128.load", &[0xfd, 0], "SIMD"),
        ("i32x4.add", &[0xfd, 0xae, 1], "SIMD"),
        ("atomic.fence", &[0xfe, 3], "threads"),
        ("i32.atomic.load", &[0xfe, 0x10], "threads"),
        ("memory.atomic.notify", &[0xfe, 0], "threads"),
        ("return_call 0", &[0x12], "tail calls"),
        ("return_call_indirect (type 0)", &[0x13], "tail calls"),
        ("throw_ref", &[0x0a], "exceptions"),
        ("call_ref 0", &[0x14], "function references"),
        ("ref.i31", &[0xfb, 28], "gc"),
    ];
    for (instruction, opcode, proposal) in rows {
        let text = format!(
            "(module (type (func)) (memory 1) (table 1 funcref) (elem (i32.const 0) 0) (export \"f\" (func 0)) (func\n nop unreachable\n {instruction} unreachable))"
        );
        let name = instruction.split(' ').next().unwrap();
        let reason = format!("{name} in f: {NEWER}{proposal} support is not enabled");
        assert_begins(&read(&text).expect_err(name).to_string(), &format!("test.wat:3:2: {reason}"));
        let wasm = binary(&text);
        let before = [0x01, 0x00];
        let pattern = [&before, opcode].concat();
        let at = wasm.windows(pattern.len()).rposition(|bytes| bytes == pattern).unwrap() + before.len();
        assert_begins(&read_binary(&wasm).expect_err(name).to_string(), &format!("test.wasm: at byte {at:#x}: {reason}"));
    }
}

/// An error may go on, after the reason, with the features that the module needs.
fn assert_begins(error: &str, reason: &str) {
    assert!(error == reason || error.starts_with(&format!("{reason}; the module needs ")), "{error}");
}

/// Newer features outside function bodies, each with an older form that is accepted.
#[test]
fn newer_sections_are_refused_and_their_older_forms_are_not() {
    let rows = [
        ("(memory i64 1)", "memory64 must be enabled for 64-bit memories", "(memory 1)"),
        ("(table i64 1 funcref)", "memory64 must be enabled for 64-bit tables", "(table 1 funcref)"),
        ("(memory 1 1 shared)", "threads must be enabled for shared memories", "(memory 1 1)"),
        ("(memory 1) (memory 1)", "multiple memories", "(memory 2)"),
        ("(tag)", "exceptions proposal not enabled", "(type (func))"),
        ("(func (param v128))", "SIMD support is not enabled", "(func (param f64))"),
        ("(type (struct))", "struct indexed types not supported without the gc feature", "(type (func (result i32 i32)))"),
    ];
    for (newer, reason, older) in rows {
        let text = format!("(module {newer})");
        let error = read(&text).expect_err(newer).to_string();
        assert!(error.starts_with("test.wat:1:") && error.contains(&format!(": {NEWER}{reason}")), "{newer}: {error}");
        let error = read_binary(&binary(&text)).expect_err(newer).to_string();
        assert!(error.starts_with("test.wasm: at byte 0x") && error.contains(&format!(": {NEWER}{reason}")), "{newer}: {error}");
        let accepted = read(&format!("(module {older})"));
        assert!(accepted.is_ok(), "{older}: {}", accepted.unwrap_err());
    }
}

#[test]
fn what_the_profile_has_of_newer_webassembly_runs() {
    let rows = [
        ("i32", "(i32.extend8_s (i32.const 0x80))", vec![Value::I32(-128)]),
        ("i64", "(i64.extend32_s (i64.const 0x80000000))", vec![Value::I64(-(1 << 31))]),
        ("i32 i32", "(block (result i32 i32) (i32.const 1) (i32.const 2))", vec![Value::I32(1), Value::I32(2)]),
        ("i32", "(i32.const 4) (loop (param i32) (result i32) (i32.const 3) (i32.mul))", vec![Value::I32(12)]),
        ("i32", "(select (i32.const 1) (i32.const 2) (i32.const 0))", vec![Value::I32(2)]),
    ];
    for (results, body, expected) in rows {
        let loaded = read(&format!("(module (func (export \"main\") (result {results}) {body}))")).unwrap();
        assert_eq!(end_of(&loaded), End::Returned(expected), "{body}");
    }
}

#[test]
fn imports_are_refused_by_name_and_place() {
    let there = "the imports are host.output, host.input, host.poll, host.error, host.exit, host.send, host.receive";
    let rows = [
        ("\"host\" \"clock\" (func)", format!("unknown import host.clock; {there}")),
        ("\"host\" \"exit\" (func)", "host.exit: imported with the type [] -> [], but its type is [i32] -> []".to_string()),
        ("\"host\" \"exit\" (global i32)", "host.exit: the program imports it, but not as a function".to_string()),
        (
            "\"wasi_snapshot_preview1\" \"fd_write\" (func)",
            "wasi_snapshot_preview1.fd_write: imported with the type [] -> [], but its type is [i32 i32 i32 i32] -> [i32]".to_string(),
        ),
    ];
    for (import, reason) in rows {
        let text = format!("(module\n (import \"host\" \"output\" (func (param i32)))\n (import {import}))");
        assert_eq!(read(&text).expect_err(import).to_string(), format!("test.wat:3:3: {reason}"));
        let wasm = binary(&text);
        let first = wasm.windows(7).position(|bytes| bytes == b"\x06output").unwrap();
        // After its name, the first import ends with a byte for its kind and a byte for its type.
        let at = first + 7 + 2;
        assert_eq!(read_binary(&wasm).expect_err(import).to_string(), format!("test.wasm: at byte {at:#x}: {reason}"));
    }
    assert!(read("(module\n (import \"host\" \"output\" (func (param i32))))").is_ok());
}
