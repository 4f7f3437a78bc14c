//! The parts of a module, as readers over its bytes.

use wasmparser::{
    DataSectionReader, ElementSectionReader, ExportSectionReader, ExternalKind, FuncType, FunctionBody, GlobalSectionReader, Import,
    KnownCustom, MemorySectionReader, Name, Operator, Parser, Payload, Result, TableSectionReader, TypeRef,
};

use super::LinkError;

/// A module taken apart: the sections of WebAssembly 1.0.
#[derive(Default)]
pub(super) struct Sections<'a> {
    pub types: Vec<FuncType>,
    /// With their offsets.
    pub imports: Vec<(u64, Import<'a>)>,
    /// The type index of each function, imported ones first.
    pub functions: Vec<u32>,
    pub tables: Option<TableSectionReader<'a>>,
    pub memories: Option<MemorySectionReader<'a>>,
    pub globals: Option<GlobalSectionReader<'a>>,
    pub exports: Option<ExportSectionReader<'a>>,
    pub start: Option<u32>,
    pub elements: Option<ElementSectionReader<'a>>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub data: Option<DataSectionReader<'a>>,
    /// The names of functions, by index.
    pub names: Vec<(u32, &'a str)>,
}

impl<'a> Sections<'a> {
    /// Takes a module apart.
    ///
    /// # Errors
    /// Where it is malformed, or has a section that WebAssembly 1.0 does not have.
    pub fn read(wasm: &'a [u8]) -> std::result::Result<Sections<'a>, LinkError> {
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(types) => sections.types = types.into_iter_err_on_gc_types().collect::<Result<_>>()?,
                Payload::ImportSection(imports) => {
                    sections.imports = imports.into_imports_with_offsets().collect::<Result<_>>()?;
                    sections.functions = sections.imports.iter().filter_map(|(_, import)| function(import)).collect();
                }
                Payload::FunctionSection(functions) => sections.functions.extend(functions.into_iter().collect::<Result<Vec<_>>>()?),
                Payload::TableSection(tables) => sections.tables = Some(tables),
                Payload::MemorySection(memories) => sections.memories = Some(memories),
                Payload::GlobalSection(globals) => sections.globals = Some(globals),
                Payload::ExportSection(exports) => sections.exports = Some(exports),
                Payload::StartSection { func, .. } => sections.start = Some(func),
                Payload::ElementSection(elements) => sections.elements = Some(elements),
                Payload::CodeSectionEntry(body) => sections.bodies.push(body),
                Payload::DataSection(data) => sections.data = Some(data),
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        sections.names = names.into_iter().flatten().flat_map(function_names).collect();
                    }
                }
                Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
                _ => return Err(LinkError::Module("it has a section that WebAssembly 1.0 does not have".to_string())),
            }
        }
        Ok(sections)
    }

    /// The imported functions, by index among all imports.
    pub fn imported_functions(&self) -> impl Iterator<Item = usize> {
        (0..self.imports.len()).filter(|&index| function(&self.imports[index].1).is_some())
    }

    /// The type of a function.
    pub fn function_type(&self, function: usize) -> &FuncType {
        &self.types[self.functions[function] as usize]
    }

    /// The function exported by that name.
    pub fn exported_function(&self, name: &str) -> Result<Option<usize>> {
        for export in self.exports.iter().cloned().flatten() {
            let export = export?;
            if export.kind == ExternalKind::Func && export.name == name {
                return Ok(Some(export.index as usize));
            }
        }
        Ok(None)
    }

    /// Whether there is a memory, defined or imported.
    pub fn has_memory(&self) -> bool {
        self.memories.is_some() || self.imports.iter().any(|(_, import)| matches!(import.ty, TypeRef::Memory(_)))
    }

    /// Which functions the given ones may run, themselves included: those that they call, and so on.
    pub fn reachable(&self, roots: impl IntoIterator<Item = usize>) -> Result<Vec<bool>> {
        let imported = self.functions.len() - self.bodies.len();
        let mut reached = vec![false; self.functions.len()];
        let mut pending: Vec<usize> = roots.into_iter().collect();
        while let Some(function) = pending.pop() {
            if std::mem::replace(&mut reached[function], true) || function < imported {
                continue;
            }
            for operator in self.bodies[function - imported].get_operators_reader()? {
                if let Operator::Call { function_index } = operator? {
                    pending.push(function_index as usize);
                }
            }
        }
        Ok(reached)
    }
}

/// The type index of an imported function.
fn function(import: &Import<'_>) -> Option<u32> {
    match import.ty {
        TypeRef::Func(ty) => Some(ty),
        _ => None,
    }
}

/// The function names of a subsection; names that cannot be read are no reason to refuse a module.
fn function_names(names: Name<'_>) -> Vec<(u32, &str)> {
    match names {
        Name::Function(functions) => functions.into_iter().flatten().map(|name| (name.index, name.name)).collect(),
        _ => Vec::new(),
    }
}
