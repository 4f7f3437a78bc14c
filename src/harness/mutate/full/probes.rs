//! Programs written for one token: they have it in their listing, or emit it, and look at what became of it.
//!
//! Most tokens are one number among many of a family, as `V3:200`, and no corpus has them all. Without a
//! program here are jumps, heights corrected down, and what only the fused form's listings have.

use crate::full::listing::token::{Family, Token};
use crate::full::program::limits::{MAX_FRAME_SLOTS, PAGE};

/// Programs, one of which may have the token. The caller runs them and checks.
pub(super) fn candidates(token: Token) -> Vec<String> {
    let number = u64::from(token.number);
    match token.family {
        Family::Byte(place) if number == 0 && place < 7 => vec![value(256 << (8 * place))],
        Family::Byte(place) | Family::Immediate(place) if number < 256 => vec![value(number << (8 * place))],
        Family::Ones(place) => vec![value((!255 | number) << (8 * place))],
        Family::Output => vec![said("output", number)],
        Family::Error => vec![said("error", number)],
        Family::Send => vec![said("send", number)],
        Family::Exit => vec![said("exit", number)],
        // The frame of the caller begins that much below that of the callee.
        Family::Enter | Family::Leave => (number.saturating_sub(2)..=number).rev().map(frame).collect(),
        Family::Raise => (number..number + 4).map(frame).collect(),
        Family::Index(place) => vec![local(number << (8 * place))],
        Family::Data(residue) => vec![bytes(4 + u64::from(residue), number)],
        Family::Ahead(place) => [0, 1].map(|more| bytes((number << (8 * place)) + more, 1)).into(),
        Family::Pages => vec![pages(number, number)],
        Family::MaxPages => vec![pages(number.min(1), number)],
        _ => Vec::new(),
    }
}

/// A constant, copied, counted, added, shifted by, divided by, stored and loaded.
fn value(value: u64) -> String {
    let with_another = ["and", "xor", "add", "sub", "mul", "shl", "shr_u", "rotl", "div_u", "lt_s", "lt_u"];
    let with_another: String = with_another
        .map(|op| format!("i64.const 81985529216486895 local.get 0 i64.{op} drop local.get 0 i64.const 3 i64.{op} drop "))
        .concat();
    let alone = ["clz", "ctz", "popcnt", "eqz"].map(|op| format!("local.get 0 i64.{op} drop ")).concat();
    main(
        "(memory 1)",
        "i64",
        1,
        &format!("i64.const {} local.set 0 {alone}{with_another}i32.const 8 local.get 0 i64.store i32.const 8 i64.load drop", value as i64),
    )
}

/// A byte given to a function of the host.
fn said(function: &str, byte: u64) -> String {
    main(&format!("(import \"host\" \"{function}\" (func $said (param i32)))"), "i32", 0, &format!("i32.const {byte} call $said"))
}

/// A call from a frame of so many locals, the last of which is looked at after it.
fn frame(locals: u64) -> String {
    let Some(last) = locals.checked_sub(1) else { return main("(func $callee)", "i64", 0, "call $callee") };
    let callee = "(func $callee (param i64) (result i64) local.get 0)";
    main(callee, "i64", locals, &format!("i64.const 77 local.set {last} i64.const 78 call $callee drop local.get {last} drop"))
}

/// A local of this index.
fn local(index: u64) -> String {
    main("", "i64", index + 1, &format!("i64.const 77 local.set {index} i64.const 78 drop local.get {index} drop"))
}

/// A byte of memory at an address; the byte 1 is at address 0 too.
fn bytes(address: u64, byte: u64) -> String {
    let memory = format!("(memory {})", address / u64::from(PAGE) + 1);
    let data = format!("(data (i32.const 0) \"\\01\") (data (i32.const {address}) \"\\{byte:02x}\")");
    main(&format!("{memory} {data}"), "i64", 0, &format!("i32.const {address} i32.load8_u drop i32.const 0 i32.load8_u drop"))
}

/// A memory that is grown as far as it may be, and once more.
fn pages(pages: u64, most: u64) -> String {
    let more = most - pages;
    main(
        &format!("(memory {pages} {most})"),
        "i64",
        0,
        &format!("memory.size drop i32.const {more} memory.grow drop i32.const 1 memory.grow drop memory.size drop"),
    )
}

/// A module with one function to run, of so many locals.
fn main(parts: &str, ty: &str, locals: u64, code: &str) -> String {
    let locals = format!(" {ty}").repeat(locals.min(u64::from(MAX_FRAME_SLOTS)) as usize);
    format!("(module {parts} (func (export \"main\") (local{locals}) {code}))")
}
