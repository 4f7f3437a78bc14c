//! Reading full programs: refusals with name and place, and both sides of every limit.

use wasmformer::full::isa::Op;
use wasmformer::full::isa::Trap;
use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_INSTRUCTIONS, MAX_PAGES, MAX_TABLE};
use wasmformer::full::program::{Immediate, load};
use wasmformer::full::trace::End;
use wasmformer::full::vm::Vm;
use wasmformer::full::wasi::Process;
use wasmformer::wasm::Source;

use wasm_encoder::{CodeSection, Function, FunctionSection, Module, TypeSection};

use crate::common::binary;
use crate::common::full::{called, read};

fn refused(text: &str, expected: &str) {
    let error = read(text).expect_err(text).to_string();
    assert!(error.contains(expected), "{text}\n  is refused with\n{error}\n  not with\n{expected}");
}

fn end(text: &str) -> End {
    let loaded = read(text).unwrap_or_else(|error| panic!("{error}"));
    let function = loaded.entry(None).unwrap();
    let mut vm = Vm::new(&loaded.program, &called(function, &[]), &[]);
    while vm.step().is_some() {}
    vm.end().cloned().unwrap()
}

#[test]
fn what_is_newer_is_refused_by_name_and_place() {
    refused("(module (func v128.const i32x4 1 2 3 4 drop))", "v128.const in function 0: newer");
    refused("(module (func) (func\n  return_call 0))", "test.wat:2:3: return_call in function 1: newer");
    let imported = "(import \"env\" \"f\" (func))";
    refused(&format!("(module {imported} (func $named v128.const i32x4 1 2 3 4 drop))"), "v128.const in named: newer");
    refused(&format!("(module {imported} (func (export \"out\") return_call 0))"), "return_call in out: newer");
    refused("(module (memory i64 1))", "newer than the profile");
    refused("(module (memory 1) (memory 1))", "newer than the profile");
    refused("(module (tag))", "newer than the profile");
}

#[test]
fn the_place_in_a_binary_is_an_offset() {
    let text = "(module (memory 1) (func nop i32.const 0 v128.load drop))";
    let loaded = |bytes: &[u8]| load(&Source::named("test.wasm"), bytes, &Process::default());
    let wasm = binary(text);
    let at = wasm.windows(2).position(|bytes| bytes == [0xfd, 0x00]).unwrap();
    let error = loaded(&wasm).unwrap_err().to_string();
    assert!(error.starts_with(&format!("test.wasm: at byte {at:#x}: v128.load in function 0: newer")), "{error}");
    let error = loaded(&wasm[..wasm.len() - 1]).unwrap_err().to_string();
    assert!(error.contains("not valid WebAssembly"), "{error}");
}

#[test]
fn invalid_modules_are_refused_as_such() {
    refused("(module (func (result i32)))", "not valid WebAssembly: type mismatch");
    refused("(module\n (func)\n (func\n  local.get 3\n  drop))", "test.wat:4:3: not valid WebAssembly: unknown local 3");
    refused("(module (func i32.const 1 i32.load drop))", "not valid WebAssembly: unknown memory");
}

#[test]
fn imports_that_the_host_does_not_have_are_refused_by_name() {
    refused(
        "(module (import \"host\" \"output\" (func (param i64))))",
        "host.output: imported with the type [i64] -> [], but its type is [i32] -> []",
    );
    refused("(module (import \"host\" \"output\" (global i32)))", "host.output: the program imports it, but not as a function");
    refused("(module (import \"host\" \"refused\" (func)))", "unknown import host.refused");
}

#[test]
fn segments_that_do_not_fit_are_refused() {
    refused(
        "(module (memory 1) (data (i32.const 65536) \"x\"))",
        "data segment 0 does not fit: it has 1 bytes from 65536 on, and there are only 65536 (memory-out-of-bounds)",
    );
    assert!(read("(module (memory 1) (data (i32.const 65535) \"x\") (data (i32.const 65536) \"\") (func (export \"main\")))").is_ok());
    refused(
        "(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))",
        "element segment 0 does not fit: it has 1 places from 1 on, and there are only 1 (table-out-of-bounds)",
    );
    assert!(read("(module (table 1 funcref) (func $f) (elem (i32.const 0) $f))").is_ok());
}

#[test]
fn limits_hold_on_both_sides() {
    let memory = |pages: u32| format!("(module (memory {pages}))");
    assert!(read(&memory(MAX_PAGES)).is_ok());
    refused(&memory(MAX_PAGES + 1), &format!("the memory has {} pages; at most {MAX_PAGES} fit", MAX_PAGES + 1));
    assert!(read("(module (memory 0 65536))").is_ok(), "a maximum is not a demand");

    let table = |places: u32| format!("(module (table {places} funcref))");
    assert!(read(&table(MAX_TABLE)).is_ok());
    refused(&table(MAX_TABLE + 1), "the table has");

    let globals = |count: u32| format!("(module {})", "(global i32 (i32.const 1))".repeat(count as usize));
    assert!(read(&globals(MAX_GLOBALS)).is_ok());
    refused(&globals(MAX_GLOBALS + 1), "there are");

    let locals = |count: u32| format!("(module (func (local {})))", "i64 ".repeat(count as usize));
    assert!(read(&locals(MAX_FRAME_SLOTS)).is_ok());
    refused(&locals(MAX_FRAME_SLOTS + 1), "the function has");
    let slots = |count: u32| format!("(module (func (local {}) i32.const 1 drop))", "i64 ".repeat(count as usize));
    assert!(read(&slots(MAX_FRAME_SLOTS - 1)).is_ok());
    refused(&slots(MAX_FRAME_SLOTS), "slots, locals and operands");

    // The end of the function is an instruction too.
    let long = |count: u32| load(&Source::named("test.wasm"), &nops(count - 1), &Process::default());
    assert!(long(MAX_INSTRUCTIONS).is_ok());
    let error = long(MAX_INSTRUCTIONS + 1).unwrap_err().to_string();
    assert!(error.contains("instructions; at most"), "{error}");
}

/// A binary module of one function that consists of this number of `nop`s. As a text it would be too large.
fn nops(count: u32) -> Vec<u8> {
    let mut body = Function::new([]);
    for _ in 0..count {
        body.instructions().nop();
    }
    body.instructions().end();
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    functions.function(0);
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module.finish()
}

#[test]
fn memory_grows_to_its_limit_and_no_further() {
    let grow =
        |to: u32| format!("(module (memory 1) (func (export \"main\") (result i32 i32) i32.const {} memory.grow memory.size))", to - 1);
    let results = |text: &str| match end(text) {
        End::Returned(values) => values.iter().map(|value| value.signed()).collect::<Vec<_>>(),
        end => panic!("{end}"),
    };
    assert_eq!(results(&grow(MAX_PAGES)), [1, i64::from(MAX_PAGES)]);
    assert_eq!(results(&grow(MAX_PAGES + 1)), [-1, 1]);
}

#[test]
fn calls_go_as_deep_as_the_limit() {
    let recursion = |calls: u32| {
        format!(
            "(module (func $f (param i32) local.get 0 if local.get 0 i32.const 1 i32.sub call $f end)
               (func (export \"main\") i32.const {} call $f))",
            // `main` itself and the call that ends the recursion are two calls.
            calls - 2
        )
    };
    assert_eq!(end(&recursion(MAX_CALL_DEPTH)), End::Returned(Vec::new()));
    assert_eq!(end(&recursion(MAX_CALL_DEPTH + 1)), End::Trapped(Trap::CallStackExhausted));
}

#[test]
fn structured_control_becomes_branches() {
    let loaded = read(
        "(module (func (export \"main\") (param i32) (result i32)
           (block $out (result i32)
             i32.const 10  i32.const 20
             local.get 0
             (if (result i32) (then i32.const 1) (else i32.const 2  br $out))
             br $out
             i32.const 77 unreachable))))",
    );
    // One parenthesis too many is an error of the text, with its place.
    assert!(loaded.unwrap_err().to_string().starts_with("test.wat:7:"));

    let loaded = read(
        "(module (func (export \"main\") (param i32) (result i32)
           (block $out (result i32)
             i32.const 10  i32.const 20
             local.get 0
             (if (result i32) (then i32.const 1) (else i32.const 2  br $out))
             br $out
             i32.const 77 unreachable)))",
    )
    .unwrap();
    let listed: Vec<String> = loaded.program.code.iter().map(|instr| format!("{} {instr}", instr.height)).collect();
    let expected = [
        "0 i32.const 10",
        "1 i32.const 20",
        "2 local.get 0",
        "3 if @6 (0 over 2)",
        "2 i32.const 1",
        "3 else @8 (0 over 3)",
        "2 i32.const 2",
        "3 br @9 (1 over 0)",
        "3 br @9 (1 over 0)",
        "1 return",
    ];
    assert_eq!(listed, expected);
    assert!(loaded.program.code.iter().all(|instr| instr.op != Op::Unreachable && instr.immediate != Immediate::I32(77)));
    assert_eq!(loaded.program.functions[0].max_height, 3);
}
