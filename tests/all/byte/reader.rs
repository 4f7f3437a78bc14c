//! The programs that the reader accepts, those that it refuses, and the places at which its refusals point.

use std::fs;
use std::path::Path;

use crate::common::{Random, binary, damaged};
use wasmformer::byte::program::Program;
use wasmformer::byte::program::reader::{Module, read_bytes, read_file};
use wasmformer::harness::byte::Case;
use wasmformer::harness::{VmEngine, record};
use wasmformer::wasm::Position;
use wasmformer::wasm::find::find_programs;
use wasmformer::wasm::{ReadError, Source};

/// A mark in a source, right before the place at which a refusal must point. The mark is removed before
/// reading.
const MARK: &str = "▸";

const IMPORTS: &str = r#"(import "host" "output" (func $output (param i32)))
  (import "host" "halt" (func $halt))
  (import "fs" "fd_open" (func $fd_open (param i32) (result i32)))
  (import "fs" "fd_read" (func $fd_read (param i32) (result i32)))
  (import "fs" "fd_write" (func $fd_write (param i32 i32)))
  (import "fs" "fd_close" (func $fd_close (param i32)))"#;

/// A module with all imports, a memory, and a `main` with this body.
fn module(locals: usize, body: &str) -> String {
    let locals = " i32".repeat(locals);
    format!("(module\n  {IMPORTS}\n  (memory 1)\n  (func $main (export \"main\") (local{locals})\n    {body}\n  )\n)\n")
}

fn with_body(body: &str) -> String {
    module(2, body)
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Module, ReadError> {
    read_bytes(&Source::named("test"), bytes.as_ref())
}

fn listing(program: &Program) -> String {
    program.code().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A source without its mark, and the line and column of the mark.
fn unmark(marked: &str) -> (String, Option<Position>) {
    let position = marked.split_once(MARK).map(|(before, _)| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position::Line(1 + before.matches('\n').count(), 1 + line.len())
    });
    (marked.replace(MARK, ""), position)
}

/// `None` if a marked source is refused at its mark for this reason; else the difference.
fn complaint(marked: &str, reason: &str) -> Option<String> {
    let (text, position) = unmark(marked);
    assert!(position.is_some(), "a mark is missing in {marked}");
    let wanted = format!("expected {position:?} {reason:?}");
    match read(&text) {
        Ok(module) => Some(format!("{wanted}, accepted as {}\n{marked}", listing(&module.program))),
        Err(error) if error.position != position => Some(format!("{wanted}, refused at {:?}: {error}\n{marked}", error.position)),
        Err(error) if !error.to_string().contains(reason) => Some(format!("{wanted}, refused as {error}\n{marked}")),
        Err(_) => None,
    }
}

fn none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

fn refused(cases: &[(&str, &str)]) {
    none(cases.iter().filter_map(|(marked, reason)| complaint(marked, reason)));
}

fn refused_bodies(cases: &[(&str, &str)]) {
    none(cases.iter().filter_map(|(body, reason)| complaint(&with_body(body), reason)));
}

#[test]
fn names_instructions_outside_the_profile_as_webassembly_does() {
    let bodies = [
        ("▸f32.const 1 drop", "f32.const"),
        ("▸f64.const 1 drop", "f64.const"),
        ("▸i64.const 1 drop", "i64.const"),
        ("▸nop", "nop"),
        ("▸unreachable", "unreachable"),
        ("▸block end", "block"),
        ("local.get 0 ▸if end", "if"),
        ("local.get 0 ▸if else end", "if"),
        ("▸br 0", "br"),
        ("loop ▸br 0 end", "br"),
        ("local.get 0 ▸br_table 0", "br_table"),
        ("local.get 0 ▸drop", "drop"),
        ("local.get 0 local.get 0 local.get 0 ▸select call $output", "select"),
        ("local.get 0 ▸i32.eqz call $output", "i32.eqz"),
        ("local.get 0 ▸i32.clz call $output", "i32.clz"),
        ("local.get 0 ▸i32.extend8_s call $output", "i32.extend8_s"),
        ("local.get 0 local.get 0 ▸i32.xor call $output", "i32.xor"),
        ("local.get 0 local.get 0 ▸i32.shl call $output", "i32.shl"),
        ("local.get 0 local.get 0 ▸i32.rem_u call $output", "i32.rem_u"),
        ("local.get 0 local.get 0 ▸i32.lt_u call $output", "i32.lt_u"),
        ("local.get 0 ▸i32.load8_u call $output", "i32.load8_u"),
        ("local.get 0 local.get 0 ▸i32.store8", "i32.store8"),
        ("▸memory.size call $output", "memory.size"),
        ("local.get 0 ▸memory.grow call $output", "memory.grow"),
        ("local.get 0 local.get 0 local.get 0 ▸memory.fill", "memory.fill"),
        ("▸ref.null func drop", "ref.null"),
        ("▸return_call $halt", "return_call"),
        ("return ▸drop", "drop"),
        ("call $halt ▸nop", "nop"),
        ("(call $output (▸i32.xor\n (local.get 0)\n (local.get 0)))", "i32.xor"),
    ];
    none(bodies.iter().filter_map(|(body, name)| complaint(&with_body(body), &format!(": {name} is not in the profile"))));
}

#[test]
fn names_instructions_of_proposals_as_webassembly_does() {
    let bodies = [
        ("local.get 0 local.get 0 local.get 0 ▸select (result i32) call $output", "select"),
        ("local.get 0 ▸i32.atomic.load call $output", "i32.atomic.load"),
        ("local.get 0 ▸ref.i31 drop", "ref.i31"),
    ];
    none(bodies.iter().filter_map(|(body, name)| complaint(&with_body(body), &format!(": {name} is not in the profile"))));
}

#[test]
fn refuses_immediates_that_are_no_byte() {
    refused_bodies(&[
        ("▸i32.const 256 call $output", "i32.const 256: a constant must be 0 to 255"),
        ("▸i32.const 300 call $output", "i32.const 300: a constant must be 0 to 255"),
        ("▸i32.const -1 call $output", "i32.const -1: a constant must be 0 to 255"),
        ("i32.const 1\n  ▸i32.const 0x7fffffff\n  i32.add\n  call $output", "i32.const 2147483647: a constant must be 0 to 255"),
        ("(call $output (▸i32.const 300))", "i32.const 300"),
        ("return ▸i32.const 300 call $output", "i32.const 300"),
        ("local.get 0 ▸i32.load offset=256 call $output", "i32.load 256: a memory offset must be 0 to 255"),
        ("local.get 0 local.get 1 ▸i32.store offset=4294967295", "i32.store 4294967295: a memory offset"),
    ]);
}

#[test]
fn refuses_descriptors_that_the_host_cannot_know() {
    let bodies = [
        ("local.get 0 ▸call $fd_open call $output", "fd_open"),
        ("local.get 0 ▸call $fd_read call $output", "fd_read"),
        ("local.get 0 local.get 0 ▸call $fd_write", "fd_write"),
        ("local.get 0 ▸call $fd_close", "fd_close"),
        ("i32.const 4 ▸call $fd_close", "fd_close"),
        ("i32.const 0 i32.const 0 i32.add ▸call $fd_close", "fd_close"),
        ("i32.const 0 local.tee 0 ▸call $fd_close", "fd_close"),
        ("i32.const 0 i32.const 1 local.set 0 ▸call $fd_close", "fd_close"),
        ("i32.const 0 loop end ▸call $fd_close", "fd_close"),
        ("loop (result i32) i32.const 0 end ▸call $fd_close", "fd_close"),
        ("i32.const 0 call $fd_open ▸call $fd_close", "fd_close"),
    ];
    let reason = |name| format!("the descriptor of {name} must be an i32.const 0..=3 directly before it");
    none(bodies.iter().filter_map(|(body, name)| complaint(&with_body(body), &reason(name))));
}

#[test]
fn refuses_control_flow_outside_the_profile() {
    refused_bodies(&[
        ("local.get 0 ▸loop (param i32) call $output end", "a loop of the profile has no parameters"),
        ("▸loop (result i32 i32) i32.const 1 i32.const 2 end i32.add call $output", "at most one result"),
        ("▸loop (result f32) f32.const 1 end drop", "at most one result, an i32"),
        ("local.get 0 ▸br_if 0", "br_if 0 has no enclosing loop"),
        ("loop local.get 0 ▸br_if 1 end", "br_if 1 has no enclosing loop"),
        ("loop loop local.get 0 ▸br_if 2 end end", "br_if 2 has no enclosing loop"),
        ("loop end local.get 0 ▸br_if 0", "br_if 0 has no enclosing loop"),
        ("loop i32.const 5 local.get 0 ▸br_if 0 call $output end", "would unwind 1 value(s)"),
        ("loop i32.const 5 i32.const 6 local.get 0 ▸br_if 0 call $output call $output end", "would unwind 2 value(s)"),
        ("loop i32.const 5 loop local.get 0 ▸br_if 1 end call $output end", "would unwind 1 value(s)"),
        ("▸call $main", "main may call imported functions only"),
    ]);
}

#[test]
fn points_at_the_instruction_that_makes_webassembly_invalid() {
    refused_bodies(&[
        ("▸i32.add call $output", "not valid WebAssembly: type mismatch"),
        ("i32.const 1\n  ▸i32.add\n  call $output", "not valid WebAssembly: type mismatch"),
        ("(call $output\n  (▸i32.add (i32.const 1)))", "not valid WebAssembly: type mismatch"),
        ("▸call $output", "not valid WebAssembly: type mismatch"),
        ("i64.const 1\n  ▸call $output", "not valid WebAssembly: type mismatch"),
        ("▸local.get 2 call $output", "not valid WebAssembly: unknown local 2"),
        ("▸local.get 256 call $output", "not valid WebAssembly: unknown local 256"),
        ("▸call 99", "not valid WebAssembly: unknown function 99"),
        ("local.get 0 ▸br_if 1", "not valid WebAssembly: unknown label"),
        ("loop\n  i32.const 1\n  ▸end", "not valid WebAssembly: type mismatch"),
        ("i32.const 1 loop\n  ▸call $output end", "not valid WebAssembly: type mismatch"),
    ]);
    refused(&[("(module\n (func (export \"main\")\n  i32.const 0\n  ▸i32.load\n  return))", "not valid WebAssembly: unknown memory 0")]);
}

#[test]
fn points_at_the_instruction_that_cannot_be_decoded() {
    const ANY_REASON: &str = "";
    refused_bodies(&[("▸v128.const i32x4 0 0 0 0 drop", ANY_REASON), ("local.get 0\n  ▸i32x4.splat drop", ANY_REASON)]);
}

#[test]
fn refuses_modules_outside_the_profile() {
    refused(&[
        ("(module (▸func (export \"main\") (local f32)))", "a local of type f32; the profile has i32 only"),
        ("(module (▸func (export \"main\") (local i32 i64)))", "a local of type i64"),
        (
            "(module\n (▸import \"host\" \"print\" (func)) (func (export \"main\")))",
            "unknown import host.print; the profile has fs.fd_open",
        ),
        ("(module\n (▸import \"env\" \"output\" (func (param i32))) (func (export \"main\")))", "unknown import env.output"),
        (
            "(module\n (import \"host\" \"halt\" (func))\n (▸import \"host\" \"input\" (func (result i32)))\n (func (export \"main\")))",
            "unknown import host.input",
        ),
        ("(module\n (▸func (import \"host\" \"print\")) (func (export \"main\")))", "unknown import host.print"),
        (
            "(module\n (▸import \"host\" \"output\" (func (param i64))) (func (export \"main\")))",
            "must have 1 i32 parameter(s) and 0 result(s)",
        ),
        ("(module\n (▸import \"host\" \"output\" (func)) (func (export \"main\")))", "import host.output must have 1 i32 parameter(s)"),
        (
            "(module\n (▸import \"host\" \"halt\" (func (result i32))) (func (export \"main\")))",
            "import host.halt must have 0 i32 parameter(s)",
        ),
        ("(module\n (▸import \"fs\" \"fd_open\" (func (param i32))) (func (export \"main\")))", "import fs.fd_open must have"),
        (
            "(module\n (▸import \"host\" \"memory\" (memory 1)) (func (export \"main\")))",
            "import host.memory: only functions may be imported",
        ),
        ("(module\n (▸import \"host\" \"output\" (global i32)) (func (export \"main\")))", "only functions may be imported"),
        ("(module\n (▸table 1 funcref) (func (export \"main\")))", "the profile has no tables"),
        ("(module\n (▸global i32 (i32.const 1)) (func (export \"main\")))", "the profile has no globals"),
        ("(module\n (▸tag) (func (export \"main\")))", "the profile has no tags"),
        ("(module (func $main (export \"main\"))\n (start ▸$main))", "the profile has no start function"),
        ("(module (func $main (export \"main\"))\n (▸elem declare func $main))", "the profile has no element segments"),
        ("(module (memory 1)\n (▸data (i32.const 0) \"a\") (func (export \"main\")))", "the profile has no data segments"),
        (
            "(module\n (▸memory i64 1) (func (export \"main\")))",
            "the memory must have 32-bit addresses and pages of 64 KiB, and must not be shared",
        ),
        (
            "(module\n (▸memory 1 1 shared) (func (export \"main\")))",
            "the memory must have 32-bit addresses and pages of 64 KiB, and must not be shared",
        ),
        (
            "(module\n (▸memory 1 (pagesize 1)) (func (export \"main\")))",
            "the memory must have 32-bit addresses and pages of 64 KiB, and must not be shared",
        ),
        ("(module\n (func (export \"main\"))\n (▸func))", "the module defines 2 functions; it must define one, main"),
        ("(▸module)", "the module defines 0 functions"),
        ("(▸module (import \"host\" \"halt\" (func)) (export \"main\" (func 0)))", "the module defines 0 functions"),
        ("(module\n (▸func))", "must be exported as main"),
        ("(module\n (▸func (export \"Main\")))", "must be exported as main"),
        ("(module\n (▸func (export \"main\") (export \"start\")))", "be the only function exported"),
        ("(module (import \"host\" \"halt\" (func $halt)) (export \"main\" (func $halt))\n (▸func))", "must be exported as main"),
        (
            "(module (import \"host\" \"halt\" (func $halt)) (export \"halt\" (func $halt))\n (▸func (export \"main\")))",
            "be the only function exported",
        ),
        ("(module\n (▸func (export \"main\") (param i32)))", "main must have no parameters and no results"),
        ("(module\n (▸func (export \"main\") (result i32) i32.const 1))", "main must have no parameters and no results"),
    ]);
}

#[test]
fn refuses_what_is_no_text_module() {
    refused(&[
        ("▸hello, world", "expected `(`"),
        ("(module (func (export \"main\") ▸i32.plus))", "unknown operator or unexpected token"),
        ("(module\n  (func (export \"main\")\n    call ▸$print))", "unknown func: failed to find name `$print`"),
        ("(module (func (export \"main\") i32.const ▸x))", "expected a i32"),
        ("(module (func (export \"main\") i32.const ▸99999999999))", "invalid i32 number"),
        ("(module) ▸extra", "extra tokens remaining"),
        ("(▸modul)", "expected valid module field"),
        ("(module (func (export \"main)))▸", "unexpected end-of-file"),
    ]);
    for (text, reason) in
        [("(module", "expected `)`"), (";; nothing", "expected at least one module field"), ("\n\n", "expected at least one module field")]
    {
        let error = read(text).unwrap_err();
        assert!(matches!(error.position, Some(Position::Line(..))) && error.reason.contains(reason), "{text:?}: {error}");
    }
}

#[test]
fn refuses_malformed_headers() {
    refused(
        &[
            ("▸;;! outputs = [1", "the ;;! header does not parse"),
            (";;! outputs = [1]\n▸;;! about =", "the ;;! header does not parse"),
            ("▸;;! output = [1]", "unknown field `output`"),
            (";;! outputs = [1]\n▸;;! author = \"me\"", "unknown field `author`"),
            ("▸;;! outputs = [256]", "the ;;! header does not parse"),
            ("▸;;! outputs = \"text\"", "the ;;! header does not parse"),
            ("▸;;! trap = \"too-hot\"", "unknown variant `too-hot`"),
            ("▸;;! files = { 0 = [256] }", "the ;;! header does not parse"),
            ("▸;;! files = { 0 = 1 }", "the ;;! header does not parse"),
            ("▸;;! files = { 4 = \"x\" }", "descriptor \"4\"; descriptors are 0 to 3"),
            ("▸;;! after = { 4 = \"x\" }", "descriptor \"4\""),
            ("▸;;! files = { -1 = \"x\" }", "descriptor \"-1\""),
            ("▸;;! files = { a = \"x\" }", "descriptor \"a\""),
            ("▸;;! files = { 1 = \"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\" }", "file 1 has 33 bytes; at most 32 fit"),
            ("▸;;! after = { 1 = \"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456\" }", "file 1 has 33 bytes"),
        ]
        .map(|(header, reason)| (format!("{header}\n(module (func (export \"main\")))"), reason))
        .each_ref()
        .map(|(text, reason)| (text.as_str(), *reason)),
    );
}

#[test]
fn refuses_descriptors_of_headers_that_would_be_ignored() {
    refused(&[
        ("▸;;! files = { 01 = \"x\" }\n(func (export \"main\"))", "descriptor \"01\""),
        ("▸;;! files = { \"+1\" = \"x\" }\n(func (export \"main\"))", "descriptor \"+1\""),
    ]);
}

#[test]
fn points_at_the_part_to_blame_even_if_it_is_not_the_first_or_stands_inline() {
    refused(&[
        ("(module\n (memory 1)\n (▸memory 1)\n (func (export \"main\")))", "at most one memory"),
        (
            "(module\n (▸memory (import \"host\" \"memory\") 1)\n (func (import \"host\" \"halt\"))\n (func (export \"main\")))",
            "import host.memory: only functions may be imported",
        ),
        ("(module\n (▸memory (data \"a\"))\n (func (export \"main\")))", "the profile has no data segments"),
        ("(module\n (▸func (export \"main\")\n  i32.const 1))", "values remaining on stack"),
        (";;!outputs = [1]\n▸;;!author = \"me\"\n(func (export \"main\"))", "unknown field `author`"),
        (";;! outputs = [1]\n▸;;! files = { 4 = \"x\" }\n(func (export \"main\"))", "descriptor \"4\""),
    ]);
}

#[test]
fn points_at_bytes_of_binaries() {
    let body = |body: &str| with_body(body).replace("(local i32 i32)", "(local i32)");
    // The source, the bytes at which the refusal must point, and the reason.
    let cases: &[(String, &[u8], &str)] = &[
        (body("f32.const 1 drop"), b"\x43\0\0\x80\x3f", "f32.const is not in the profile"),
        (body("local.get 0 local.get 0 i32.xor call $output"), b"\x73\x10", "i32.xor is not in the profile"),
        (body("block end"), b"\x02\x40", "block is not in the profile"),
        (body("i32.const 256 call $output"), b"\x41\x80\x02", "i32.const 256: a constant"),
        (body("i32.const -1 call $output"), b"\x41\x7f", "i32.const -1: a constant"),
        (body("local.get 0 i32.load offset=256 call $output"), b"\x28\x02\x80\x02", "i32.load 256: a memory offset"),
        (body("local.get 0 call $fd_close"), b"\x10\x05", "the descriptor of fd_close"),
        (body("local.get 0 br_if 0"), b"\x0d\x00", "br_if 0 has no enclosing loop"),
        (body("loop i32.const 5 local.get 0 br_if 0 call $output end"), b"\x0d\x00", "would unwind 1 value"),
        (body("i32.add call $output"), b"\x6a\x10", "not valid WebAssembly: type mismatch"),
        (body("i64.const 1 call $output"), b"\x10\x00", "not valid WebAssembly: type mismatch"),
        ("(import \"host\" \"print\" (func))".into(), b"\x04host\x05print", "unknown import host.print"),
        ("(memory 1)(memory 2)".into(), b"\x00\x02", "at most one memory"),
        ("(memory 0)".into(), b"\x00\x00", "at least one page"),
        ("(memory i64 1)".into(), b"\x04\x01", "32-bit addresses"),
        ("(table 1 funcref)".into(), b"\x01\x70\x00\x01", "no tables"),
        ("(global i32 (i32.const 1))".into(), b"\x01\x7f\x00\x41\x01\x0b", "no globals"),
    ];
    none(cases.iter().filter_map(|(text, blamed, reason)| {
        let wasm = binary(text);
        let at = wasm.windows(blamed.len()).rposition(|window| window == *blamed).expect(text) as u64;
        let error = read(&wasm).expect_err(text);
        let right = error.position == Some(Position::Byte(at)) && error.reason.contains(reason);
        (!right).then(|| format!("expected {reason:?} at byte {at:#x}, got {error}\n{text}"))
    }));
}

#[test]
fn refuses_bytes_that_are_no_module() {
    let cases: [(&[u8], Position, &str); 7] = [
        (b"\0asm", Position::Byte(4), "not valid WebAssembly"),
        (b"\0asm\x02\0\0\0", Position::Byte(4), "not valid WebAssembly"),
        (b"\0asm\x0d\0\x01\0", Position::Byte(0), "component"),
        (b"\0asm\x01\0\0\0", Position::Byte(0), "the module defines 0 functions"),
        (b"\0as", Position::Byte(3), "a binary module that ends after 3 bytes"),
        (b"(module \xff)", Position::Byte(8), "neither a binary module (it does not begin with \\0asm) nor UTF-8 text"),
        (b"\x7fELF\x80", Position::Byte(4), "nor UTF-8 text"),
    ];
    none(cases.iter().filter_map(|(bytes, position, reason)| {
        let error = read(bytes).unwrap_err();
        let right = error.position == Some(*position) && error.reason.contains(reason);
        (!right).then(|| format!("expected {position:?} {reason:?}, got {:?} {error}", error.position))
    }));
    let component = read("(component)").unwrap_err();
    assert!(component.reason.contains("component"), "{component}");
}

#[test]
fn refuses_every_truncation_of_a_binary() {
    let wasm = binary("(import \"host\" \"output\" (func (param i32))) (func (export \"main\") (local i32) i32.const 1 call 0)");
    assert!(read(&wasm).is_ok());
    for length in 4..wasm.len() {
        let error = read(&wasm[..length]).expect_err("a part of a module");
        assert!(matches!(error.position, Some(Position::Byte(at)) if at <= length as u64), "{length} of {} bytes: {error}", wasm.len());
    }
}

#[test]
fn holds_both_sides_of_each_limit() {
    let nested = |depth: usize, innermost: &str| with_body(&format!("{}{innermost}{}", "loop ".repeat(depth), " end".repeat(depth)));
    let file = |length: usize| format!("{MARK};;! files = {{ 3 = {:?} }}\n(func (export \"main\"))", "x".repeat(length));
    let too_deep = with_body(&format!("{}▸loop {}", "loop ".repeat(256), "end ".repeat(257)));
    let many = |count: usize, last: &str| {
        with_body(&("local.get 0 local.set 0\n".repeat(count / 2) + last)).replace("(func $main", "(▸func $main")
    };
    let dead = "local.get 0 call $output ".repeat(2000);
    let locals = |count: usize, body: &str| module(count, body).replace("(func $main", "(▸func $main");

    let accepted = [
        with_body("i32.const 0 call $output i32.const 255 call $output"),
        with_body("local.get 0 i32.load offset=255 call $output local.get 0 local.get 0 i32.store offset=255"),
        with_body("i32.const 0 call $fd_close i32.const 3 call $fd_close"),
        module(0, ""),
        locals(256, "local.get 255 call $output"),
        nested(256, "local.get 0 br_if 255"),
        many(2046, "return"),
        many(2046, "call $halt"),
        many(2046, ""),
        many(2046, &format!("return {dead}")),
        file(0),
        file(32),
        "(memory 1) (func (export \"main\"))".to_string(),
        "(memory 65536) (func (export \"main\"))".to_string(),
    ];
    for text in accepted {
        assert!(read(unmark(&text).0).is_ok(), "{}", read(unmark(&text).0).unwrap_err());
    }

    let refused = [
        (with_body("▸i32.const 256 call $output"), "must be 0 to 255"),
        (with_body("local.get 0 ▸i32.load offset=256 call $output"), "must be 0 to 255"),
        (with_body("i32.const 4 ▸call $fd_close"), "i32.const 0..=3"),
        (locals(257, ""), "the function has 257 locals; at most 256 fit"),
        (module(257, "▸local.get 256 call $output"), "local.get 256: the index of a local must be 0 to 255"),
        (too_deep, "loops are nested more than 256 deep"),
        (nested(256, "local.get 0 ▸br_if 256"), "br_if 256: a branch's depth must be 0 to 255"),
        (many(2048, "return"), "the program has 2049 instructions; at most 2048 fit"),
        (many(2048, ""), "the program has 2049 instructions; at most 2048 fit"),
        (many(2046, "call $halt call $halt call $halt"), "the program has 2049 instructions"),
        (file(33), "file 3 has 33 bytes; at most 32 fit"),
        ("(▸memory 0) (func (export \"main\"))".to_string(), "at least one page"),
    ];
    none(refused.iter().filter_map(|(text, reason)| complaint(text, reason)));
}

fn listed(cases: &[(String, &str)]) {
    none(cases.iter().filter_map(|(text, expected)| match read(text) {
        Ok(module) if listing(&module.program) == *expected => None,
        Ok(module) => Some(format!("expected {expected}, got {}\n{text}", listing(&module.program))),
        Err(error) => Some(format!("expected {expected}, refused: {error}\n{text}")),
    }));
}

#[test]
fn lists_the_bodies_it_accepts() {
    let bodies = [
        ("", "halt"),
        ("return", "halt"),
        ("call $halt", "halt"),
        ("call $halt return", "halt; halt"),
        ("return return", "halt"),
        ("i32.const 1 return call $output", "i32.const 1; halt"),
        ("return i32.add call $output loop i32.const 255 br_if 0 end", "halt"),
        ("i32.const 1 call $halt call $output", "i32.const 1; halt; output; halt"),
        ("loop return end i32.const 1 call $output", "loop; halt; end_loop"),
        ("loop local.get 0 br_if 0 return end", "loop; local.get 0; br_if 0; halt; end_loop"),
        ("loop loop return i32.add br_if 1 end local.get 0 br_if 0 end", "loop; loop; halt; end_loop; end_loop"),
        ("loop i32.const 5 return end", "loop; i32.const 5; halt; end_loop"),
        ("loop (result i32) i32.const 7 end call $output", "loop; i32.const 7; end_loop; output; halt"),
        ("loop (result i32) return end call $output", "loop; halt; end_loop"),
        ("i32.const 7 loop local.get 0 br_if 0 end call $output", "i32.const 7; loop; local.get 0; br_if 0; end_loop; output; halt"),
        ("(call $output (i32.add (i32.const 1) (local.get 1)))", "i32.const 1; local.get 1; i32.add; output; halt"),
        ("(loop $l (br_if $l (local.get 0)))", "loop; local.get 0; br_if 0; end_loop; halt"),
        ("i32.const 0xff local.tee 1 call $output", "i32.const 255; local.tee 1; output; halt"),
        ("(i32.store offset=7 align=1 (i32.const 1) (i32.const 2))", "i32.const 1; i32.const 2; i32.store offset=7; halt"),
        ("(call $fd_write (i32.const 104) (i32.const 3))", "i32.const 104; i32.const 3; fd_write; halt"),
    ];
    listed(&bodies.map(|(body, expected)| (with_body(body), expected)));
}

#[test]
fn lists_bodies_whose_code_goes_on_after_a_halt_in_a_loop() {
    let bodies = [
        ("loop (result i32) i32.const 5 call $halt end call $output", "loop; i32.const 5; halt; end_loop; output; halt"),
        (
            "loop i32.const 1 i32.const 2 loop return end i32.add call $output end",
            "loop; i32.const 1; i32.const 2; loop; halt; end_loop; end_loop",
        ),
    ];
    listed(&bodies.map(|(body, expected)| (with_body(body), expected)));
}

#[test]
fn lists_the_modules_it_accepts() {
    let modules = [
        ("(func (export \"main\"))", "halt"),
        ("(module $named (func $main) (export \"main\" (func $main)))", "halt"),
        ("(module (func (export \"main\") (type $t)) (type $t (func)))", "halt"),
        (
            "(module (func $print (import \"host\" \"output\") (param i32)) (func (export \"main\") i32.const 1 call $print))",
            "i32.const 1; output; halt",
        ),
        (
            "(module (import \"host\" \"output\" (func (param i32))) (import \"host\" \"output\" (func (param i32))) (func (export \"main\")))",
            "halt",
        ),
        ("(module (memory 7 9) (func (export \"main\")))", "halt"),
        ("(module (memory (export \"memory\") 1) (func (export \"main\")))", "halt"),
        ("(module (memory 1) (export \"a\" (memory 0)) (export \"b\" (memory 0)) (func (export \"main\")))", "halt"),
        ("(module (@custom \"note\" \"anything\") (func (export \"main\")))", "halt"),
        ("(module (type $t (func)) (func (export \"main\") loop (type $t) end))", "loop; end_loop; halt"),
        (
            "(module (type $t (func (result i32))) (func (export \"main\") (local i32) loop (type $t) i32.const 1 end local.set 0))",
            "loop; i32.const 1; end_loop; local.set 0; halt",
        ),
        ("(; before ;) (module (; « ; » ;) (func (export \"main\"))) ;; after", "halt"),
    ];
    listed(&modules.map(|(text, expected)| (text.to_string(), expected)));
}

#[test]
fn reads_the_offset_after_an_explicit_memory_index() {
    let mut wasm = binary(&with_body("i32.const 0 i32.load offset=133 call $output"));
    let at = wasm.windows(4).position(|window| window == b"\x28\x02\x85\x01").unwrap();
    // Flag 0x40 of the multi-memory proposal says that the index of the memory precedes the offset.
    wasm[at..at + 4].copy_from_slice(b"\x28\x42\x00\x05");
    assert_eq!(listing(&read(&wasm).unwrap().program), "i32.const 0; i32.load offset=5; output; halt");
}

#[test]
fn reads_headers() {
    let text = ";;! category = \"c\"\r\n;;! about = \"a\"\r\n;;! outputs = [0, 255]\n;;! trap = \"loop-limit\"\n\
                ;;! files = { 0 = \"hi\", 3 = [0, 255] }\n;;! after = { 0 = [] }\n;; not a header\n;;! outputs = [7]\n(func (export \"main\"))";
    let header = read(text).unwrap().header;
    assert_eq!((header.category.as_deref(), header.about.as_deref()), (Some("c"), Some("a")));
    assert_eq!(header.outputs.as_deref(), Some(&[0, 255][..]));
    assert_eq!(header.trap, Some(wasmformer::byte::trace::Trap::LoopLimit));
    assert_eq!(header.files(), [b"hi".to_vec(), vec![], vec![], vec![0, 255]]);
    assert_eq!(header.files_after(), [vec![], vec![], vec![], vec![0, 255]]);
}

#[test]
fn refusals_name_their_source_and_place() {
    let text = with_body("\n    i32.const 1\n    drop");
    let source = Source::named("a.wat");
    let error = |bytes: &[u8]| read_bytes(&source, bytes).unwrap_err().to_string();
    assert_eq!(error(text.as_bytes()), "a.wat:12:5: drop is not in the profile");
    let wasm = binary(&text);
    let at = wasm.iter().rposition(|byte| *byte == 0x1a).unwrap();
    assert_eq!(error(&wasm), format!("a.wat: at byte {at:#x}: drop is not in the profile"));
    let missing = read_file(Path::new("no/such.wat")).unwrap_err();
    assert!(missing.position.is_none() && missing.to_string().starts_with("no/such.wat: cannot be read"), "{missing}");
}

#[test]
fn finds_programs_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let empty = find_programs(folder.path()).unwrap_err();
    assert!(empty.reason.contains("no .wat or .wasm file"), "{empty}");
    fs::create_dir_all(at("b/c")).unwrap();
    ["z.wat", "b/c/a.wasm", "b/y.wat", "note.txt"].iter().for_each(|name| fs::write(at(name), "").unwrap());
    assert_eq!(find_programs(folder.path()).unwrap(), ["b/c/a.wasm", "b/y.wat", "z.wat"].map(at));
    assert_eq!(find_programs(&at("note.txt")).unwrap(), [at("note.txt")]);
    let missing = find_programs(&at("missing")).unwrap_err();
    assert!(missing.to_string().contains("missing: cannot be read"), "{missing}");
}

/// The suite as text and binary, in pairs.
fn corpus() -> Vec<(Vec<u8>, Vec<u8>)> {
    let paths = find_programs(Path::new("corpus/compliance")).unwrap();
    paths.iter().map(|path| (fs::read(path).unwrap(), read_file(path).unwrap().wasm)).collect()
}

#[test]
fn reads_the_same_program_from_text_and_binary() {
    for (text, wasm) in corpus() {
        assert_eq!(read(text).unwrap().program, read(wasm).unwrap().program);
    }
}

/// Whether bytes are accepted. An accepted program must run; a refusal must point into the bytes.
fn survives(bytes: &[u8]) -> bool {
    const STEPS: usize = 5_000;
    match read(bytes) {
        Ok(Module { program, header, .. }) => {
            let recorded = record(&VmEngine, Case::new(&program, &header.files()), STEPS).unwrap();
            assert!(!recorded.steps.is_empty());
            true
        }
        Err(ReadError { position, reason, .. }) => {
            let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
            let inside = match position {
                None => false,
                Some(Position::Line(line, column)) => (1..=lines).contains(&line) && (1..=bytes.len() + 1).contains(&column),
                Some(Position::Byte(at)) => at <= bytes.len() as u64,
            };
            assert!(inside && !reason.is_empty(), "{position:?}: {reason}\n{}", bytes.escape_ascii());
            false
        }
    }
}

#[test]
fn survives_damaged_programs() {
    const ROUNDS: usize = 12;
    let mut random = Random::new(0x5eed_0001);
    let mut accepted = [0, 0];
    for (text, wasm) in corpus() {
        for _ in 0..ROUNDS {
            accepted[0] += usize::from(survives(&damaged(&text, &mut random)));
            accepted[1] += usize::from(survives(&damaged(&wasm, &mut random)));
        }
    }
    assert!(accepted.iter().all(|accepted| *accepted > 30), "{accepted:?} accepted: too few to show anything");
}

#[test]
fn survives_random_bytes() {
    const SYMBOLS: [&str; 16] = [
        "(",
        ")",
        "module",
        "func",
        "loop",
        "end",
        "(export \"main\")",
        "i32.const",
        "1",
        "br_if",
        "$x",
        "\"",
        "(;",
        ";)",
        ";;! files = ",
        "\n",
    ];
    let mut random = Random::new(0x5eed_0002);
    for _ in 0..1_000 {
        let length = random.below(64);
        let noise: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        let symbols = (0..length).map(|_| SYMBOLS[random.below(SYMBOLS.len())]).collect::<Vec<_>>();
        survives(&noise);
        survives(&[b"\0asm\x01\0\0\0", &noise[..]].concat());
        survives(symbols.join(" ").as_bytes());
    }
}

#[test]
fn survives_deep_nesting() {
    let deep = |open: &str, close: &str| open.repeat(2_000) + &close.repeat(2_000);
    for inner in [deep("(loop ", ")"), deep("(i32.load ", ")"), deep("loop ", " end"), deep("(; ", ";)"), deep("(", ")")] {
        survives(with_body(&inner).as_bytes());
    }
    survives(format!(";;! files = {}\n(func (export \"main\"))", "[".repeat(10_000)).as_bytes());
}
