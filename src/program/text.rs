//! The text format: `.wat` to binary, remembering which line each part came from.

use wast::Wat;
use wast::core::{FuncKind, GlobalKind, ImportItems, MemoryKind, ModuleField, ModuleKind, TableKind, TagKind};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Span;

use super::source::{Part, Position, ReadError, Source};

/// Where the parts of a text module stand.
pub(super) struct Lines<'t> {
    text: &'t str,
    module: Span,
    parts: Vec<(Part, Span)>,
}

impl Lines<'_> {
    /// The position of a part; of the function for an instruction that the text does not have (its end), or
    /// else of the module.
    pub(super) fn find(&self, part: Part) -> Position {
        let span = |part| self.parts.iter().find(|(p, _)| *p == part).map(|(_, span)| *span);
        let outer = || if let Part::Instruction(function, _) = part { span(Part::Function(function)) } else { None };
        position(span(part).or_else(outer).unwrap_or(self.module), self.text)
    }
}

fn position(span: Span, text: &str) -> Position {
    let (line, column) = span.linecol_in(text);
    Position::Line(line + 1, column + 1)
}

/// The text that bytes are; `None` where they are a binary module.
pub(super) fn utf8<'t>(source: &Source, bytes: &'t [u8]) -> Result<Option<&'t str>, ReadError> {
    if bytes.starts_with(b"\0asm") {
        return Ok(None);
    }
    std::str::from_utf8(bytes).map(Some).map_err(|error| {
        let position = Some(Position::Byte(error.valid_up_to() as u64));
        source.error(position, "neither a binary module (it does not begin with \\0asm) nor UTF-8 text")
    })
}

/// Translates a text module to binary.
pub(super) fn encode<'t>(source: &Source, text: &'t str) -> Result<(Vec<u8>, Lines<'t>), ReadError> {
    let fail = |error: wast::Error| source.error(Some(position(error.span(), text)), error.message());
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut buffer = ParseBuffer::new_with_lexer(lexer).map_err(fail)?;
    buffer.track_instr_spans(true);
    let mut wat = parser::parse::<Wat>(&buffer).map_err(fail)?;

    let mut lines = Lines { text, module: wat.span(), parts: Vec::new() };
    if let Wat::Module(module) = &wat
        && let ModuleKind::Text(fields) = &module.kind
    {
        lines.parts = parts(fields);
    }
    let binary = wat.encode().map_err(fail)?;
    Ok((binary, lines))
}

/// The parts of a module that a refusal can point at. Numbering follows the binary format: imports by index,
/// the instructions of each defined function in order, the items of a section in order.
fn parts(fields: &[ModuleField<'_>]) -> Vec<(Part, Span)> {
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
    parts.found
}

#[derive(Default)]
struct Parts {
    found: Vec<(Part, Span)>,
    imports: usize,
    functions: usize,
}

impl Parts {
    fn import(&mut self, span: Span) {
        self.found.push((Part::Import(self.imports), span));
        self.imports += 1;
    }

    fn function(&mut self, span: Span, instructions: Option<&[Span]>) {
        self.found.push((Part::Function(self.functions), span));
        let spans = instructions.unwrap_or_default().iter().enumerate();
        self.found.extend(spans.map(|(index, span)| (Part::Instruction(self.functions, index), *span)));
        self.functions += 1;
    }

    fn section(&mut self, name: &'static str, span: Span) {
        let index = self.found.iter().filter(|(part, _)| matches!(part, Part::Section(other, _) if *other == name)).count();
        self.found.push((Part::Section(name, index), span));
    }
}
