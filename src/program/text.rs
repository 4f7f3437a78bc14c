//! The text format: `.wat` to binary, remembering which line each part came from.

use wast::Wat;
use wast::core::{FuncKind, ImportItems, ModuleField, ModuleKind};
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Span;

use super::reader::{Part, Position, ReadError, Source};

/// Where the parts of a text module stand, as lines and columns.
#[derive(Default)]
pub(super) struct Lines {
    module: Option<Position>,
    parts: Vec<(Part, Position)>,
}

impl Lines {
    /// The position of a part, or else of the module.
    pub(super) fn find(&self, part: Part) -> Option<Position> {
        self.parts.iter().find(|(p, _)| *p == part).map(|(_, position)| *position).or(self.module)
    }
}

/// Translates a text module to binary.
pub(super) fn encode(source: &Source, text: &str) -> Result<(Vec<u8>, Lines), ReadError> {
    let position = |span: Span| {
        let (line, column) = span.linecol_in(text);
        Position::Line(line + 1, column + 1)
    };
    let fail = |error: wast::Error| source.error(Some(position(error.span())), error.message());

    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut buffer = ParseBuffer::new_with_lexer(lexer).map_err(fail)?;
    buffer.track_instr_spans(true);
    let mut wat = parser::parse::<Wat>(&buffer).map_err(fail)?;

    let mut lines = Lines { module: Some(position(wat.span())), parts: Vec::new() };
    if let Wat::Module(module) = &wat
        && let ModuleKind::Text(fields) = &module.kind
    {
        lines.parts = parts(fields).into_iter().map(|(part, span)| (part, position(span))).collect();
    }
    let binary = wat.encode().map_err(fail)?;
    Ok((binary, lines))
}

/// The parts of a module that a refusal can point at. Numbering follows the binary format: imports by
/// index, the instructions of the first defined function in order.
fn parts(fields: &[ModuleField<'_>]) -> Vec<(Part, Span)> {
    let mut parts = Vec::new();
    let mut imports = 0;
    let mut functions = 0;
    for field in fields {
        match field {
            ModuleField::Import(import) => {
                let count = match &import.items {
                    ImportItems::Single { .. } => 1,
                    ImportItems::Group1 { items, .. } => items.len(),
                    ImportItems::Group2 { items, .. } => items.len(),
                };
                parts.extend((imports..imports + count).map(|index| (Part::Import(index), import.span)));
                imports += count;
            }
            ModuleField::Func(function) => match &function.kind {
                FuncKind::Import(..) => {
                    parts.push((Part::Import(imports), function.span));
                    imports += 1;
                }
                FuncKind::Inline { expression, .. } => {
                    parts.push((Part::Function(functions), function.span));
                    if functions == 0 {
                        let spans = expression.instr_spans.iter().flatten();
                        parts.extend(spans.enumerate().map(|(index, span)| (Part::Instruction(index), *span)));
                    }
                    functions += 1;
                }
            },
            ModuleField::Table(table) => parts.push((Part::Section("table"), table.span)),
            ModuleField::Memory(memory) => parts.push((Part::Section("memory"), memory.span)),
            ModuleField::Global(global) => parts.push((Part::Section("global"), global.span)),
            ModuleField::Export(export) => parts.push((Part::Section("export"), export.span)),
            ModuleField::Start(index) => parts.push((Part::Section("start"), index.span())),
            ModuleField::Elem(elem) => parts.push((Part::Section("element"), elem.span)),
            ModuleField::Data(data) => parts.push((Part::Section("data"), data.span)),
            ModuleField::Tag(tag) => parts.push((Part::Section("tag"), tag.span)),
            ModuleField::Type(_) | ModuleField::Rec(_) | ModuleField::Custom(_) => {}
        }
    }
    parts
}
