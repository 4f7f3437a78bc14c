//! Reading `.wat` and `.wasm` as modules of the full profile.
//!
//! wasmparser validates a module against WebAssembly 2.0 without vectors. A newer instruction or feature is
//! refused by its name. A module beyond a [limit](super::limits) of the engines is refused by that limit. A
//! bulk instruction of memory becomes an [`Op::Refused`](crate::full::isa::Op::Refused), until
//! [joining](super::join) replaces it by a call of a routine.

use std::path::Path;

use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FuncToValidate, FuncValidatorAllocations, FunctionBody, Name, OperatorsReader, Parser,
    Payload, TypeRef, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

use super::constant::const_expr;
use super::limits::{MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_INSTRUCTIONS, MAX_PAGES, MAX_TABLE};
use super::newer::{instruction, needs};
use super::resolve::{Code, Resolver};
use super::{
    ConstExpr, ConstOp, Data, Element, Export, FuncType, Function, GlobalType, Header, Import, ImportKind, Limits, Module, Placed,
    TableType,
};
use crate::full::isa::ValType;
use crate::wasm::complaints::{Complaints, instruction_at};
use crate::wasm::{Binary, Bytes, Part, ReadError, Source};

/// The features that a module may use.
pub const FEATURES: WasmFeatures = WasmFeatures::WASM1
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::EXTENDED_CONST);

/// The contents of a file.
#[derive(Clone, Debug)]
pub struct File {
    /// The module.
    pub module: Module,
    /// The `;;!` header; the default header for binary files.
    pub header: Header,
}

/// Reads a `.wat` or `.wasm` file. The first bytes of the file tell which of the two it is.
///
/// # Errors
/// Where the file cannot be read, is not valid WebAssembly, or is outside the profile.
pub fn read_file(path: &Path) -> Result<File, ReadError> {
    let Bytes { source, bytes } = Bytes::read(path)?;
    read_bytes(&source, &bytes)
}

/// Reads a module from memory: binary where it starts with `\0asm`, else text.
///
/// # Errors
/// Where the bytes are not valid WebAssembly, or are outside the profile.
pub fn read_bytes(source: &Source, bytes: &[u8]) -> Result<File, ReadError> {
    read(&Binary::read(source, bytes)?)
}

/// Reads a module that is in the binary format already.
///
/// # Errors
/// The same as [`read_bytes`].
pub fn read(binary: &Binary<'_>) -> Result<File, ReadError> {
    let header = binary.header(Header::parse)?;
    let module = Decoder::new(binary.complaints()).module(binary.wasm())?;
    Ok(File { module, header })
}

/// Reads a module that is built into this crate.
pub(in crate::full) fn built_in(name: &str, text: &str) -> Module {
    let read = read_bytes(&Source::named(name), text.as_bytes());
    read.unwrap_or_else(|error| unreachable!("a test reads it: {error}")).module
}

struct Decoder<'s> {
    report: Complaints<'s>,
    module: Module,
    code: Code,
    /// The type of each defined function.
    function_types: Vec<u32>,
}

impl<'s> Decoder<'s> {
    fn new(report: Complaints<'s>) -> Decoder<'s> {
        Decoder { report, module: Module::default(), code: Code::default(), function_types: Vec::new() }
    }

    fn module(mut self, wasm: &[u8]) -> Result<Module, ReadError> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut parser = Parser::new(0);
        parser.set_features(FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        for payload in parser.parse_all(wasm) {
            let payload = payload.map_err(|error| self.outside(wasm, error))?;
            let validated = validator.payload(&payload).map_err(|error| self.outside(wasm, error))?;
            if let ValidPayload::Func(function, body) = validated {
                allocations = self.function(wasm, function, &body, allocations)?;
            }
            self.section(wasm, payload)?;
        }
        self.module.wasm = wasm.to_vec();
        self.module.code = self.code.instructions;
        self.module.branches = self.code.branches;
        self.module.offsets = self.code.offsets;
        Ok(self.module)
    }

    /// The error for a module that is not valid in the profile. If the module is valid in all of WebAssembly,
    /// the error names what is too new.
    fn outside(&self, wasm: &[u8], error: wasmparser::Error) -> ReadError {
        if let Err(error) = Validator::new_with_features(WasmFeatures::all()).validate_all(wasm) {
            return self.report.invalid(wasm, error);
        }
        let place = instruction_at(wasm, error.offset());
        let (function, index) = place.unwrap_or((0, usize::MAX));
        let name = place.and_then(|place| instruction(wasm, &self.module, place)).map(|name| format!("{name}: ")).unwrap_or_default();
        let reason = format!("{name}newer than the profile, WebAssembly 2.0 without vectors: {}{}", error.message(), needs(wasm));
        self.report.refuse(Part::Instruction(function, index), error.offset(), reason)
    }

    /// Adds a section, which is validated already, to the module.
    fn section(&mut self, wasm: &[u8], payload: Payload<'_>) -> Result<(), ReadError> {
        self.try_section(payload).map_err(|fault| match fault {
            Fault::Invalid(error) => self.outside(wasm, error),
            Fault::Limit(part, offset, reason) => self.report.refuse(part, offset, reason),
        })
    }

    fn try_section(&mut self, payload: Payload<'_>) -> Result<(), Fault> {
        let module = &mut self.module;
        match payload {
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    let ty = ty?;
                    let list = |types: &[wasmparser::ValType]| types.iter().copied().map(value_type).collect();
                    module.types.push(FuncType { params: list(ty.params()), results: list(ty.results()) });
                }
            }
            Payload::ImportSection(imports) => {
                for (index, import) in imports.into_imports_with_offsets().enumerate() {
                    let (offset, import) = import?;
                    let kind = match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ImportKind::Function(ty),
                        TypeRef::Table(ty) => {
                            let ty = table_type(&ty);
                            limit(ty.limits.min, MAX_TABLE, "the table has {} places", Part::Import(index), offset)?;
                            ImportKind::Table(ty)
                        }
                        TypeRef::Memory(ty) => {
                            let limits = memory_limits(&ty);
                            limit(limits.min, MAX_PAGES, "the memory has {} pages", Part::Import(index), offset)?;
                            ImportKind::Memory(limits)
                        }
                        TypeRef::Global(ty) => ImportKind::Global(global_type(&ty)),
                        TypeRef::Tag(_) => unreachable!("exceptions are newer than the profile"),
                    };
                    let position = self.report.position(Part::Import(index), offset);
                    module.imports.push(Import { module: import.module.into(), name: import.name.into(), kind, position });
                }
            }
            Payload::FunctionSection(functions) => {
                self.function_types = functions.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::TableSection(tables) => {
                for (index, table) in tables.into_iter_with_offsets().enumerate() {
                    let (offset, table) = table?;
                    let ty = table_type(&table.ty);
                    limit(ty.limits.min, MAX_TABLE, "the table has {} places", Part::Section("table", index), offset)?;
                    module.tables.push(ty);
                }
            }
            Payload::MemorySection(memories) => {
                for (index, memory) in memories.into_iter_with_offsets().enumerate() {
                    let (offset, memory) = memory?;
                    let limits = memory_limits(&memory);
                    limit(limits.min, MAX_PAGES, "the memory has {} pages", Part::Section("memory", index), offset)?;
                    module.memory = Some(limits);
                }
            }
            Payload::GlobalSection(globals) => {
                limit(globals.count(), MAX_GLOBALS, "there are {} globals", Part::Section("global", 0), globals.range().start)?;
                for global in globals {
                    let global = global?;
                    module.globals.push((global_type(&global.ty), const_expr(&global.init_expr)?));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    let exported = match export.kind {
                        ExternalKind::Func | ExternalKind::FuncExact => Export::Function(export.index),
                        ExternalKind::Table => Export::Table(export.index),
                        ExternalKind::Memory => Export::Memory,
                        ExternalKind::Global => Export::Global(export.index),
                        ExternalKind::Tag => unreachable!("exceptions are newer than the profile"),
                    };
                    module.exports.push((export.name.into(), exported));
                }
            }
            Payload::StartSection { func, .. } => module.start = Some(func),
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element?;
                    let place = match element.kind {
                        ElementKind::Active { table_index, offset_expr } => {
                            Placed::Active { table: table_index.unwrap_or(0), offset: const_expr(&offset_expr)? }
                        }
                        ElementKind::Passive => Placed::Passive,
                        ElementKind::Declared => Placed::Declared,
                    };
                    let items = match element.items {
                        ElementItems::Functions(functions) => {
                            functions.into_iter().map(|function| Ok(ConstExpr(vec![ConstOp::Function(function?)]))).collect()
                        }
                        ElementItems::Expressions(_, items) => items.into_iter().map(|item| const_expr(&item?)).collect(),
                    };
                    let items: Result<_, wasmparser::Error> = items;
                    module.elements.push(Element { place, items: items? });
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    // Instructions that use a passive segment become code that contains the segment's bytes.
                    let wasmparser::DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                    module.data.push(Data { offset: const_expr(&offset_expr)?, bytes: segment.data.to_vec() });
                }
            }
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(names) = section.as_known() {
                    name_functions(module, names);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn function(
        &mut self,
        wasm: &[u8],
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
        allocations: FuncValidatorAllocations,
    ) -> Result<FuncValidatorAllocations, ReadError> {
        let index = self.module.functions.len();
        let ty = self.function_types[index];
        let results = self.module.types[ty as usize].results.len();
        let mut validator = function.into_validator(allocations);
        let mut reader = body.get_binary_reader();
        let entry = self.code.instructions.len() as u32;
        let part = Part::Function(index);
        let within = |count, most, what| limit(count, most, what, part, body.range().start);
        let resolved = validator.read_locals(&mut reader).map_err(Fault::Invalid).and_then(|()| {
            within(validator.len_locals(), MAX_FRAME_SLOTS, "the function has {} locals")?;
            let resolver = Resolver::new(wasm, &self.module.types, &mut self.code);
            let max_height = resolver.body(OperatorsReader::new(reader), &mut validator, results)?;
            within(validator.len_locals() + max_height, MAX_FRAME_SLOTS, "the function's frame has {} slots, locals and operands")?;
            within(self.code.instructions.len() as u32, MAX_INSTRUCTIONS, "up to the end of this function there are {} instructions")?;
            Ok(max_height)
        });
        let max_height = resolved.map_err(|fault| match fault {
            Fault::Invalid(error) => self.outside(wasm, error),
            Fault::Limit(part, offset, reason) => self.report.refuse(part, offset, reason),
        })?;
        let local = |index| value_type(validator.get_local_type(index).expect("below their number"));
        let locals = (0..validator.len_locals()).map(local).collect();
        let end = self.code.instructions.len() as u32;
        self.module.functions.push(Function { name: None, ty, locals, entry, end, max_height, passes_on: false });
        Ok(validator.into_allocations())
    }
}

/// Why a part of a module is refused.
enum Fault {
    Invalid(wasmparser::Error),
    Limit(Part, u64, String),
}

impl From<wasmparser::Error> for Fault {
    fn from(error: wasmparser::Error) -> Fault {
        Fault::Invalid(error)
    }
}

/// Refuses a count beyond its limit. `what` is the start of the message, with `{}` for the count.
fn limit(count: u32, most: u32, what: &str, part: Part, offset: u64) -> Result<(), Fault> {
    if count <= most {
        return Ok(());
    }
    Err(Fault::Limit(part, offset, format!("{}; at most {most} fit", what.replace("{}", &count.to_string()))))
}

/// The number of functions that a module imports. They come first in the index space.
pub(super) fn imported_functions(module: &Module) -> usize {
    module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_))).count()
}

/// The names of functions in a name section. Names are only displayed: a name that cannot be read is left
/// out.
pub(super) fn function_names(names: wasmparser::NameSectionReader<'_>) -> impl Iterator<Item = wasmparser::Naming<'_>> {
    let maps = names.into_iter().filter_map(|name| match name {
        Ok(Name::Function(map)) => Some(map),
        _ => None,
    });
    maps.flat_map(|map| map.into_iter().flatten())
}

fn name_functions(module: &mut Module, names: wasmparser::NameSectionReader<'_>) {
    let imported = imported_functions(module);
    for naming in function_names(names) {
        let function = (naming.index as usize).checked_sub(imported).and_then(|index| module.functions.get_mut(index));
        if let Some(function) = function {
            function.name = Some(naming.name.to_string());
        }
    }
}

/// The type as a type of the profile.
pub(crate) fn value_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::Ref(ty) if ty.is_extern_ref() => ValType::ExternRef,
        // In validation, `ref.func` gives a narrower type.
        wasmparser::ValType::Ref(_) => ValType::FuncRef,
        wasmparser::ValType::V128 => unreachable!("newer than the profile"),
    }
}

fn table_type(ty: &wasmparser::TableType) -> TableType {
    let limits = Limits { min: length(ty.initial), max: ty.maximum.map(length) };
    TableType { element: value_type(wasmparser::ValType::Ref(ty.element_type)), limits }
}

fn memory_limits(ty: &wasmparser::MemoryType) -> Limits {
    Limits { min: length(ty.initial), max: ty.maximum.map(length) }
}

/// A length as a `u32`. In the profile's 32-bit index spaces, every length fits.
fn length(length: u64) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn global_type(ty: &wasmparser::GlobalType) -> GlobalType {
    GlobalType { value: value_type(ty.content_type), mutable: ty.mutable }
}
