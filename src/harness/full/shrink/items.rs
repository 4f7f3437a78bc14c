//! Reductions of a module outside function bodies: exports, segments, functions and other items that are not
//! needed.

use std::ops::Range;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, CoreTypeEncoder, DataSection, ElementSection, ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection,
    Module, RawSection, SectionId, TableSection,
};
use wasmparser::{
    Data, Element, Export, FunctionBody, FunctionSectionReader, Global, Imports, MemorySectionReader, Parser, RecGroup, Table, TypeRef,
};

use super::Shrinker;
use super::draft::sections;
use crate::harness::shrink::stretches;

/// Sections that are often not needed.
const SECTIONS: [SectionId; 2] = [SectionId::Custom, SectionId::Start];

/// The kinds of items. Kinds that refer to others come first.
const KINDS: [Kind; 8] = [Kind::Export, Kind::Element, Kind::Data, Kind::Function, Kind::Global, Kind::Table, Kind::Memory, Kind::Type];

/// Tries to drop every item. Returns whether an item was dropped.
pub(super) fn reduce(shrinker: &mut Shrinker<'_>) -> bool {
    let mut any = false;
    for id in SECTIONS {
        let wasm = shrinker.wasm();
        if sections(wasm).any(|(section, _)| section == id as u8) {
            let candidate = without_section(wasm, id);
            any |= shrinker.accept_wasm(candidate);
        }
    }
    for kind in KINDS {
        let count = without(shrinker.wasm(), kind, 0..0).map_or(0, |(_, count)| count as usize);
        any |= stretches(count, |range| {
            let (candidate, _) = without(shrinker.wasm(), kind, range.start as u32..range.end as u32)?;
            shrinker.accept_wasm(candidate).then_some(range.len())
        });
    }
    any
}

/// A module without its sections that have this identifier.
fn without_section(wasm: &[u8], without: SectionId) -> Vec<u8> {
    let mut module = Module::new();
    for (id, data) in sections(wasm).filter(|(id, _)| *id != without as u8) {
        module.section(&RawSection { id, data });
    }
    module.finish()
}

/// A module without the items of `range`, and the number of items of this kind before. `None` where something
/// refers to the items.
fn without(wasm: &[u8], kind: Kind, range: Range<u32>) -> Option<(Vec<u8>, u32)> {
    let mut without = Without { kind, range, seen: 0, bodies: 0 };
    let mut module = Module::new();
    without.parse_core_module(&mut module, Parser::new(0), wasm).ok()?;
    Some((module.finish(), without.seen))
}

/// A kind of item of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Type,
    Function,
    Table,
    Memory,
    Global,
    Export,
    Element,
    Data,
}

/// Encodes a module again without some items of a kind.
struct Without {
    kind: Kind,
    range: Range<u32>,
    /// The number of items of the kind read so far.
    seen: u32,
    /// The number of functions so far that are imported or whose body was read.
    bodies: u32,
}

/// The error that something refers to an item that should be removed, or that the module cannot be encoded
/// without it.
#[derive(Debug)]
struct InUse;

type Encoded<T = ()> = Result<T, Error<InUse>>;

impl Without {
    /// Counts the next item of a kind. Returns whether the item is kept.
    fn keeps(&mut self, kind: Kind) -> bool {
        let index = self.seen;
        self.seen += u32::from(kind == self.kind);
        kind != self.kind || !self.range.contains(&index)
    }

    /// The index of an item after the removal.
    fn index(&self, kind: Kind, index: u32) -> Encoded<u32> {
        match index {
            _ if kind != self.kind || index < self.range.start => Ok(index),
            _ if index < self.range.end => Err(Error::UserError(InUse)),
            _ => Ok(index - self.range.len() as u32),
        }
    }
}

impl Reencode for Without {
    type Error = InUse;

    fn type_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Type, index)
    }

    fn function_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Function, index)
    }

    fn table_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Table, index)
    }

    fn memory_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Memory, index)
    }

    fn global_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Global, index)
    }

    fn element_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Element, index)
    }

    fn data_index(&mut self, index: u32) -> Encoded<u32> {
        self.index(Kind::Data, index)
    }

    fn data_count(&mut self, count: u32) -> Encoded<u32> {
        Ok(if self.kind == Kind::Data { count - self.range.len() as u32 } else { count })
    }

    /// Custom sections are dropped. They only hold names and the like, which do not affect a run.
    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Encoded {
        Ok(())
    }

    fn parse_recursive_type_group(&mut self, encoder: CoreTypeEncoder<'_>, group: RecGroup) -> Encoded {
        if self.keeps(Kind::Type) { utils::parse_recursive_type_group(self, encoder, group) } else { Ok(()) }
    }

    fn parse_imports(&mut self, section: &mut ImportSection, imports: Imports<'_>) -> Encoded {
        let kind = match &imports {
            Imports::Single(_, import) => match import.ty {
                TypeRef::Func(_) | TypeRef::FuncExact(_) => Kind::Function,
                TypeRef::Table(_) => Kind::Table,
                TypeRef::Memory(_) => Kind::Memory,
                TypeRef::Global(_) => Kind::Global,
                TypeRef::Tag(_) => return Err(Error::UserError(InUse)),
            },
            // Other forms of imports are newer than the profile.
            _ => return Err(Error::UserError(InUse)),
        };
        self.bodies += u32::from(kind == Kind::Function);
        if self.keeps(kind) { utils::parse_imports(self, section, imports) } else { Ok(()) }
    }

    fn parse_function_section(&mut self, functions: &mut FunctionSection, section: FunctionSectionReader<'_>) -> Encoded {
        for ty in section {
            let ty = ty?;
            if self.keeps(Kind::Function) {
                functions.function(self.type_index(ty)?);
            }
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Encoded {
        let is_gone = self.kind == Kind::Function && self.range.contains(&self.bodies);
        self.bodies += 1;
        if is_gone { Ok(()) } else { utils::parse_function_body(self, code, body) }
    }

    fn parse_table(&mut self, tables: &mut TableSection, table: Table<'_>) -> Encoded {
        if self.keeps(Kind::Table) { utils::parse_table(self, tables, table) } else { Ok(()) }
    }

    fn parse_memory_section(&mut self, memories: &mut MemorySection, section: MemorySectionReader<'_>) -> Encoded {
        for memory in section {
            let memory = memory?;
            if self.keeps(Kind::Memory) {
                memories.memory(self.memory_type(memory)?);
            }
        }
        Ok(())
    }

    fn parse_global(&mut self, globals: &mut GlobalSection, global: Global<'_>) -> Encoded {
        if self.keeps(Kind::Global) { utils::parse_global(self, globals, global) } else { Ok(()) }
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Encoded {
        if self.keeps(Kind::Export) { utils::parse_export(self, exports, export) } else { Ok(()) }
    }

    fn parse_element(&mut self, elements: &mut ElementSection, element: Element<'_>) -> Encoded {
        if self.keeps(Kind::Element) { utils::parse_element(self, elements, element) } else { Ok(()) }
    }

    fn parse_data(&mut self, data: &mut DataSection, datum: Data<'_>) -> Encoded {
        if self.keeps(Kind::Data) { utils::parse_data(self, data, datum) } else { Ok(()) }
    }
}
