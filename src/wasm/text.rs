//! The text format: translates `.wat` to binary and records the line of each part.

use std::cell::OnceCell;
use std::collections::HashMap;

use wast::core::{FuncKind, GlobalKind, ImportItems, MemoryKind, Module, ModuleField, ModuleKind, TableKind, TagKind};
use wast::lexer::{Lexer, TokenKind};
use wast::parser::{self, ParseBuffer};
use wast::token::Span;
use wast::{Wast, Wat};

use super::source::{Part, Position, ReadError, Source};

/// The places of the parts of a text module.
pub(crate) struct Lines<'t> {
    places: Places<'t>,
    module: Span,
    parts: Parts,
}

impl Lines<'_> {
    /// The position of a part. For an instruction that the text does not have (a function's end), this is the
    /// position of the function. For any other part that the text does not have, this is the position of the
    /// module.
    pub(crate) fn find(&self, part: Part) -> Position {
        let parts = &self.parts;
        let span = match part {
            Part::Import(index) => parts.imports.get(index),
            Part::Function(index) => parts.functions.get(index).map(|(span, _)| span),
            Part::Instruction(function, index) => {
                parts.functions.get(function).map(|(span, instructions)| instructions.get(index).unwrap_or(span))
            }
            Part::Section(name, index) => parts.sections.get(name).and_then(|items| items.get(index)),
        };
        self.places.position(*span.unwrap_or(&self.module))
    }
}

/// Lines and columns of a text.
struct Places<'t> {
    text: &'t str,
    /// The offset at which each line begins; computed at the first request.
    starts: OnceCell<Vec<usize>>,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Places<'t> {
        Places { text, starts: OnceCell::new() }
    }

    fn position(&self, span: Span) -> Position {
        let ends = || self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(end, _)| end + 1);
        let starts = self.starts.get_or_init(|| [0].into_iter().chain(ends()).collect());
        let line = starts.partition_point(|start| *start <= span.offset());
        Position::Line(line, span.offset() - starts[line - 1] + 1)
    }
}

/// The first bytes of a binary module.
const MAGIC: &[u8] = b"\0asm";
/// The layer of a component. In the 4 bytes that hold a module's version, a component has its version (2
/// bytes) and this layer (2 bytes).
const COMPONENT_LAYER: [u8; 2] = [1, 0];
/// The message for a component: what it is, and what to do.
const COMPONENT: &str = "a component, not a core module; `wasm-tools component unbundle` extracts its core modules";

/// The message for a script: what it is, and what to do.
const SCRIPT: &str = "a script of WebAssembly's test suite (.wast), not a module; `wasmformer spec` runs the official scripts";

/// The bytes as text, without a leading byte order mark; `None` if they are a binary module.
pub(crate) fn utf8<'t>(source: &Source, bytes: &'t [u8]) -> Result<Option<&'t str>, ReadError> {
    if bytes.is_empty() {
        return Err(source.error(Some(Position::Byte(0)), "the file is empty"));
    }
    if bytes.starts_with(MAGIC) {
        return match bytes.get(6..8) {
            Some(layer) if layer == COMPONENT_LAYER => Err(source.error(Some(Position::Byte(0)), COMPONENT)),
            _ => Ok(None),
        };
    }
    if MAGIC.starts_with(bytes) {
        let end = Some(Position::Byte(bytes.len() as u64));
        return Err(source.error(end, format!("a binary module that ends after {} bytes", bytes.len())));
    }
    let text = std::str::from_utf8(bytes).map(|text| Some(text.strip_prefix('\u{feff}').unwrap_or(text)));
    text.map_err(|error| {
        let position = Some(Position::Byte(error.valid_up_to() as u64));
        source.error(position, "neither a binary module (it does not begin with \\0asm) nor UTF-8 text")
    })
}

/// Translates a text module to binary.
pub(crate) fn encode<'t>(source: &Source, text: &'t str) -> Result<(Vec<u8>, Lines<'t>), ReadError> {
    let places = Places::new(text);
    let fail = |error: wast::Error| source.error(Some(places.position(error.span())), error.message());
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut buffer = ParseBuffer::new_with_lexer(lexer).map_err(fail)?;
    buffer.track_instr_spans(true);
    let mut wat = parser::parse::<Wat>(&buffer).map_err(|error| match other_language(text) {
        Some(reason) => source.error(Some(Position::Line(1, 1)), reason),
        None => fail(error),
    })?;
    let parts = match &wat {
        Wat::Component(_) => return Err(source.error(Some(Position::Line(1, 1)), COMPONENT)),
        Wat::Module(Module { kind: ModuleKind::Text(fields), .. }) => parts(fields),
        _ => Parts::default(),
    };
    let module = wat.span();
    let binary = wat.encode().map_err(fail)?;
    Ok((binary, Lines { places, module, parts }))
}

/// The message for a text that is known to be something other than a module.
fn other_language(text: &str) -> Option<&'static str> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut tokens = lexer.iter(0).map_while(Result::ok);
    let mut next = || tokens.find(|token| !matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment));
    let is_component =
        next().is_some_and(|token| token.kind == TokenKind::LParen) && next().is_some_and(|token| token.src(text) == "component");
    if is_component {
        return Some(COMPONENT);
    }
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).ok()?;
    parser::parse::<Wast<'_>>(&buffer).is_ok().then_some(SCRIPT)
}

/// The parts of a module that an error can point at, numbered as in the binary format: imports by index, the
/// instructions of each defined function in order, the items of a section in order.
fn parts(fields: &[ModuleField<'_>]) -> Parts {
    let mut parts = Parts::default();
    for field in fields {
        match field {
            ModuleField::Import(import) => {
                let count = match &import.items {
                    ImportItems::Single { .. } => 1,
                    ImportItems::Group1 { items, .. } => items.len(),
                    ImportItems::Group2 { items, .. } => items.len(),
                };
                (0..count).for_each(|_| parts.import(import.span));
            }
            ModuleField::Func(function) => match &function.kind {
                FuncKind::Import(..) => parts.import(function.span),
                FuncKind::Inline { expression, .. } => parts.function(function.span, expression.instr_spans.as_deref()),
            },
            ModuleField::Memory(memory) => match &memory.kind {
                MemoryKind::Import { .. } => parts.import(memory.span),
                MemoryKind::Inline { .. } => {
                    parts.section("memory", memory.span);
                    parts.section("data", memory.span);
                }
                MemoryKind::Normal(_) => parts.section("memory", memory.span),
            },
            ModuleField::Table(table) => match &table.kind {
                TableKind::Import { .. } => parts.import(table.span),
                _ => parts.section("table", table.span),
            },
            ModuleField::Global(global) => match &global.kind {
                GlobalKind::Import(_) => parts.import(global.span),
                GlobalKind::Inline(_) => parts.section("global", global.span),
            },
            ModuleField::Tag(tag) => match &tag.kind {
                TagKind::Import(_) => parts.import(tag.span),
                TagKind::Inline() => parts.section("tag", tag.span),
            },
            ModuleField::Export(export) => parts.section("export", export.span),
            ModuleField::Start(index) => parts.section("start", index.span()),
            ModuleField::Elem(elem) => parts.section("element", elem.span),
            ModuleField::Data(data) => parts.section("data", data.span),
            ModuleField::Type(_) | ModuleField::Rec(_) | ModuleField::Custom(_) => {}
        }
    }
    parts
}

#[derive(Default)]
struct Parts {
    imports: Vec<Span>,
    /// The defined functions, and the instructions of each function.
    functions: Vec<(Span, Vec<Span>)>,
    /// The items of the other sections.
    sections: HashMap<&'static str, Vec<Span>>,
}

impl Parts {
    fn import(&mut self, span: Span) {
        self.imports.push(span);
    }

    fn function(&mut self, span: Span, instructions: Option<&[Span]>) {
        self.functions.push((span, instructions.unwrap_or_default().to_vec()));
    }

    fn section(&mut self, name: &'static str, span: Span) {
        self.sections.entry(name).or_default().push(span);
    }
}
