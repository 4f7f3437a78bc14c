//! Errors about a module, at a place that a person can find: a line of the text, or an offset in the binary.

use std::fmt;

use wasmparser::{Operator, Parser, Payload};

use super::source::{Part, Position, ReadError, Source};
use super::text::Lines;

/// Finds the places of a module's parts in the source, and makes errors that name these places.
pub(crate) struct Complaints<'s> {
    pub source: &'s Source,
    /// The lines of the text, if the source is text.
    pub lines: Option<&'s Lines<'s>>,
}

impl Complaints<'_> {
    /// The error that refuses the part at a byte offset.
    pub(crate) fn refuse(&self, part: Part, offset: u64, reason: impl fmt::Display) -> ReadError {
        self.source.error(Some(self.position(part, offset)), reason)
    }

    /// The place of the part at a byte offset.
    pub(crate) fn position(&self, part: Part, offset: u64) -> Position {
        match self.lines {
            Some(lines) => lines.find(part),
            None => Position::Byte(offset),
        }
    }

    /// The error for a module that WebAssembly's validation rejects. A text module that parses can still be
    /// invalid. Validation gives offsets in the encoded binary; an offset in a function's body is translated
    /// to the position of its instruction.
    pub(crate) fn invalid(&self, wasm: &[u8], error: wasmparser::Error) -> ReadError {
        let offset = error.offset();
        let reason = format!("not valid WebAssembly: {}", error.message());
        let (function, instruction) = instruction_at(wasm, offset).unwrap_or((0, usize::MAX));
        self.refuse(Part::Instruction(function, instruction), offset, reason)
    }
}

/// The defined function whose body holds a byte offset, and the index of the instruction there.
pub(crate) fn instruction_at(wasm: &[u8], offset: u64) -> Option<(usize, usize)> {
    let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload {
        Ok(Payload::CodeSectionEntry(body)) => Some(body),
        _ => None,
    });
    let (function, body) = bodies.enumerate().find(|(_, body)| body.range().contains(&offset))?;
    let mut found = None;
    for (index, operator) in body.get_operators_reader().ok()?.into_iter_with_offsets().enumerate() {
        match operator {
            Ok((_, at)) if at > offset => break,
            Ok(_) => found = Some(index),
            // This instruction cannot be decoded, so the error is about it.
            Err(_) => return Some((function, index)),
        }
    }
    found.map(|index| (function, index))
}

/// An instruction's name in the text format, for refusals.
pub(crate) fn mnemonic(operator: &Operator<'_>) -> String {
    let debug = format!("{operator:?}");
    let variant: String = debug.chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut name = String::new();
    for c in variant.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    if name == "typed_select" {
        return "select".to_string();
    }
    let prefixes = ["i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
    let others = ["local", "global", "memory", "table", "ref", "data", "elem", "atomic", "struct", "array", "any", "extern", "i31"];
    for prefix in prefixes.into_iter().chain(others) {
        if let Some(rest) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')) {
            return format!("{prefix}.{}", rest.replacen("atomic_", "atomic.", 1));
        }
    }
    name
}
