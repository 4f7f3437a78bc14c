//! The parts of a module, as readers over its bytes.

use wasmparser::{
    DataSectionReader, ElementSectionReader, ExportSectionReader, ExternalKind, FuncType, FunctionBody, GlobalSectionReader, Import,
    KnownCustom, MemorySectionReader, Name, Operator, Parser, Payload, Result, SectionLimited, TableSectionReader, TypeRef,
};

/// The sections of a module, as in WebAssembly 1.0.
#[derive(Default)]
pub(in crate::full) struct Sections<'a> {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
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
    /// Splits a module, which the profile's reader has accepted, into its sections.
    pub fn read(wasm: &'a [u8]) -> Result<Sections<'a>> {
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(types) => sections.types = types.into_iter_err_on_gc_types().collect::<Result<_>>()?,
                Payload::ImportSection(imports) => {
                    sections.imports = imports.into_imports().collect::<Result<_>>()?;
                    sections.functions = sections.imports.iter().filter_map(function).collect();
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
                _ => {}
            }
        }
        Ok(sections)
    }

    /// The imported functions, in the order of their indices.
    pub fn imported_functions(&self) -> impl Iterator<Item = &Import<'a>> {
        self.imports.iter().filter(|import| function(import).is_some())
    }

    /// The number of imported functions.
    pub fn imported(&self) -> usize {
        self.functions.len() - self.bodies.len()
    }

    /// The number of globals that the module defines.
    pub fn own_globals(&self) -> u32 {
        self.globals.as_ref().map_or(0, SectionLimited::count)
    }

    /// The exported function of a name, by index.
    pub fn exported_function(&self, name: &str) -> Option<usize> {
        self.exported_functions().find(|(_, exported)| *exported == name).map(|(function, _)| function as usize)
    }

    /// The exported functions, by index, with the names that they are exported by.
    pub fn exported_functions(&self) -> impl Iterator<Item = (u32, &'a str)> {
        let exports = self.exports.clone().into_iter().flatten().flatten();
        exports.filter(|export| export.kind == ExternalKind::Func).map(|export| (export.index, export.name))
    }

    /// Per function: whether one of the `roots` is this function, calls it, or reaches it through further
    /// calls.
    pub fn reachable(&self, roots: impl IntoIterator<Item = usize>) -> Result<Vec<bool>> {
        let mut reached = vec![false; self.functions.len()];
        let mut pending: Vec<usize> = roots.into_iter().collect();
        while let Some(function) = pending.pop() {
            if std::mem::replace(&mut reached[function], true) || function < self.imported() {
                continue;
            }
            for operator in self.bodies[function - self.imported()].get_operators_reader()? {
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

/// The function names of a subsection. Names that cannot be read are left out; they are not a reason to
/// refuse a module.
fn function_names(names: Name<'_>) -> Vec<(u32, &str)> {
    match names {
        Name::Function(functions) => functions.into_iter().flatten().map(|name| (name.index, name.name)).collect(),
        _ => Vec::new(),
    }
}
