//! Instrumenting: a module with the same semantics that also reports what it does.
//!
//! The module's [NaNs](floats) are canonical. An [`Addition`] defines what is reported: [`steps`] reports
//! every step, [`results`] reports how a run ends and its final state. Each body is put into a block, so that
//! a branch to the body's own label arrives at the `return` at the body's end. The start function is called
//! from outside, so that the state can be read even where the function traps.

mod br_table;
mod floats;
pub mod results;
pub mod steps;

use std::collections::HashMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, DataSection, ElementSection, EntityType, ExportSection, Function, FunctionSection, GlobalSection,
    ImportSection, InstructionSink, MemorySection, MemoryType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, ImportSectionReader, Operator, Parser, Payload, ValidPayload, Validator,
    ValidatorResources,
};

use crate::full::isa;
use crate::full::program::limits::{MAX_PAGES, MAX_TABLE};
use crate::full::program::{Import, ImportKind, Instr, Module, Program, reader};

/// The module name of unserved functions. Each function is named by the index of its import.
pub const UNSERVED: &str = "unserved";

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// A function that an instrumented module imports: module, name, parameters, results.
type Imported = (&'static str, &'static str, &'static [ValType], &'static [ValType]);

/// The code that instrumenting adds to a module.
trait Addition {
    /// The functions that are imported in addition to the module's own imports.
    fn imports(&self) -> &'static [Imported];

    /// Whether each function has one more local, an i32 after its own locals.
    fn wants_local(&self) -> bool {
        false
    }

    /// Writes code at the beginning of each function.
    fn enter(&self, _around: &Around<'_>, _sink: &mut InstructionSink<'_>) {}

    /// Writes code before an instruction that is a step.
    fn before(&self, around: &Around<'_>, sink: &mut InstructionSink<'_>, place: &Place<'_>);

    /// Writes code in place of the instruction. Returns `false` if nothing was written and the instruction
    /// itself is kept.
    ///
    /// # Errors
    /// Where the operator cannot be read.
    fn instead(
        &self,
        _around: &Around<'_>,
        _sink: &mut InstructionSink<'_>,
        _place: &Place<'_>,
        _operator: &Operator<'_>,
    ) -> Result<bool, Error<Infallible>> {
        Ok(false)
    }

    /// Writes code after the instruction. `top` is the type of the topmost operand.
    fn after(&self, _around: &Around<'_>, _sink: &mut InstructionSink<'_>, _instr: &Instr, _top: Option<isa::ValType>) {}

    /// Adds items after those of the module: at least the exports.
    fn finish(&self, around: &Around<'_>, sections: &mut Sections);
}

/// The module that is being instrumented.
struct Around<'m> {
    module: &'m Module,
    /// The number of functions that the module imports. The added imports follow them.
    imported: u32,
    /// Which of these functions are unserved.
    unserved: Vec<bool>,
    /// The number of added imports.
    added: u32,
}

/// An instruction of a function.
struct Place<'a> {
    pc: u32,
    instr: &'a Instr,
    local_type: &'a dyn Fn(u32) -> Option<isa::ValType>,
    /// The local of [`Addition::wants_local`].
    local: u32,
    /// The locals for floats.
    floats: floats::Locals,
}

/// The sections of the instrumented module.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
}

struct Instrumenter<'m, A> {
    around: Around<'m>,
    addition: A,
    /// The types of blocks with several results: from the index of a function type to the index of the type
    /// of a block with the same results.
    block_types: HashMap<u32, u32>,
}

/// The instrumented module, in the binary format. Equal modules give equal results.
fn instrument(module: &Module, addition: impl Addition) -> Result<Vec<u8>, Error<Infallible>> {
    let functions = module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_)));
    let unserved: Vec<bool> = functions.map(Import::is_unserved).collect();
    let around = Around { module, imported: unserved.len() as u32, unserved, added: addition.imports().len() as u32 };
    Instrumenter { around, addition, block_types: HashMap::new() }.module()
}

/// The index, in the module's index space, of a function of the module's program.
pub fn index_of(program: &Program, module: &Module, function: u32) -> u32 {
    if (function as usize) < module.functions.len() {
        let imported = module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_)));
        return imported.count() as u32 + function;
    }
    program.imports.iter().position(|index| *index == Some(function)).unwrap_or_default() as u32
}

impl Around<'_> {
    /// The index of the module's function in the instrumented module.
    fn function(&self, function: u32) -> u32 {
        if function < self.imported { function } else { function + self.added }
    }

    /// The number of functions that the module defines.
    fn defined(&self) -> u32 {
        self.module.functions.len() as u32
    }

    /// The types of the globals, in order.
    fn globals(&self) -> impl Iterator<Item = isa::ValType> {
        let imported = self.module.imports.iter().filter_map(|import| match import.kind {
            ImportKind::Global(ty) => Some(ty),
            _ => None,
        });
        imported.chain(self.module.globals.iter().map(|(ty, _)| *ty)).map(|ty| ty.value)
    }
}

impl<A: Addition> Reencode for Instrumenter<'_, A> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.around.function(function))
    }

    /// Lowers a table's maximum to the profile's limit.
    fn table_type(&mut self, ty: wasmparser::TableType) -> Result<TableType, Error<Infallible>> {
        let most = u64::from(MAX_TABLE);
        let ty = utils::table_type(self, ty)?;
        Ok(TableType { maximum: Some(ty.maximum.map_or(most, |maximum| maximum.min(most))), ..ty })
    }

    /// Lowers the memory's maximum to the profile's limit.
    fn memory_type(&mut self, ty: wasmparser::MemoryType) -> Result<MemoryType, Error<Infallible>> {
        let most = u64::from(MAX_PAGES);
        let ty = utils::memory_type(self, ty);
        Ok(MemoryType { maximum: Some(ty.maximum.map_or(most, |maximum| maximum.min(most))), ..ty })
    }
}

impl<A: Addition> Instrumenter<'_, A> {
    fn module(mut self) -> Result<Vec<u8>, Error<Infallible>> {
        let mut sections = Sections::default();
        let mut validator = Validator::new_with_features(reader::FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        let mut parser = Parser::new(0);
        parser.set_features(reader::FEATURES);
        // Added items come after the module's items of the same kind, so the module's own indices do not
        // change, except those of the functions that it defines.
        let mut extended = false;
        for payload in parser.parse_all(&self.around.module.wasm) {
            let payload = payload?;
            let validated = validator.payload(&payload)?;
            match payload {
                Payload::TypeSection(section) => utils::parse_type_section(&mut self, &mut sections.types, section)?,
                Payload::ImportSection(section) => self.imports(&mut sections.imports, section)?,
                Payload::FunctionSection(section) => utils::parse_function_section(&mut self, &mut sections.functions, section)?,
                Payload::TableSection(section) => utils::parse_table_section(&mut self, &mut sections.tables, section)?,
                Payload::MemorySection(section) => utils::parse_memory_section(&mut self, &mut sections.memories, section)?,
                Payload::GlobalSection(section) => utils::parse_global_section(&mut self, &mut sections.globals, section)?,
                Payload::ElementSection(section) => utils::parse_element_section(&mut self, &mut sections.elements, section)?,
                Payload::DataSection(section) => utils::parse_data_section(&mut self, &mut sections.data, section)?,
                _ => {}
            }
            if let ValidPayload::Func(function, body) = validated {
                if !extended {
                    self.extend(&mut sections);
                    extended = true;
                }
                allocations = self.function(function, &body, allocations, &mut sections.code)?;
            }
        }
        if !extended {
            self.extend(&mut sections);
        }
        self.addition.finish(&self.around, &mut sections);
        Ok(sections.encoded())
    }

    /// Unserved functions are named by their index, because the same name may be imported with two types.
    fn imports(&mut self, imports: &mut ImportSection, section: ImportSectionReader<'_>) -> Result<(), Error<Infallible>> {
        for (index, import) in section.into_imports().enumerate() {
            let import = import?;
            if self.around.module.imports[index].is_unserved() {
                imports.import(UNSERVED, &index.to_string(), self.entity_type(import.ty)?);
            } else {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    /// Adds the imports of the addition, and the types of blocks.
    fn extend(&mut self, Sections { types, imports, .. }: &mut Sections) {
        for (module, name, params, results) in self.addition.imports() {
            imports.import(module, name, EntityType::Function(types.len()));
            types.ty().function(params.iter().copied(), results.iter().copied());
        }
        for (index, ty) in self.around.module.types.iter().enumerate().filter(|(_, ty)| ty.results.len() > 1) {
            self.block_types.insert(index as u32, types.len());
            types.ty().function([], ty.results.iter().map(|ty| val_type(*ty)));
        }
    }

    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
        allocations: FuncValidatorAllocations,
        code: &mut CodeSection,
    ) -> Result<FuncValidatorAllocations, Error<Infallible>> {
        let module = self.around.module;
        let ty = function.ty;
        let mut validator = function.into_validator(allocations);
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        validator.read_locals(&mut body.get_binary_reader())?;
        let local = validator.len_locals();
        locals.extend(self.addition.wants_local().then_some((1, I32)));
        let temporary = floats::Locals { first: local + u32::from(self.addition.wants_local()) };
        if module.code.iter().any(|instr| floats::concerns(instr.op)) {
            locals.extend(floats::LOCALS.map(|ty| (1, ty)));
        }
        let mut instrumented = Function::new(locals);
        self.addition.enter(&self.around, &mut instrumented.instructions());
        let block = match module.types[ty as usize].results[..] {
            [] => BlockType::Empty,
            [result] => BlockType::Result(val_type(result)),
            _ => BlockType::FunctionType(self.block_types[&ty]),
        };
        instrumented.instructions().block(block);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            if matches!(operator, Operator::End) && validator.control_stack_height() == 1 {
                instrumented.instructions().end();
            }
            let pc = module.offsets.binary_search(&offset).ok();
            let Some(pc) = pc.filter(|pc| *pc < module.code.len()) else {
                validator.op(offset, &operator)?;
                instrumented.instruction(&self.instruction(operator)?);
                continue;
            };
            let instr = &module.code[pc];
            let local_type = |index| validator.get_local_type(index).map(reader::value_type);
            let place = Place { pc: pc as u32, instr, local_type: &local_type, local, floats: temporary };
            self.addition.before(&self.around, &mut instrumented.instructions(), &place);
            if !self.addition.instead(&self.around, &mut instrumented.instructions(), &place, &operator)? {
                instrumented.instruction(&self.instruction(operator.clone())?);
            }
            floats::make_canonical(&mut instrumented.instructions(), instr.op, temporary);
            validator.op(offset, &operator)?;
            let top = validator.get_operand_type(0).flatten().map(reader::value_type);
            self.addition.after(&self.around, &mut instrumented.instructions(), instr, top);
        }
        code.function(&instrumented);
        Ok(validator.into_allocations())
    }
}

impl Sections {
    /// The module with these sections, in the binary format.
    fn encoded(&self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions).section(&self.tables).section(&self.memories);
        module.section(&self.globals).section(&self.exports).section(&self.elements).section(&self.code).section(&self.data);
        module.finish()
    }
}

fn val_type(ty: isa::ValType) -> ValType {
    match ty {
        isa::ValType::I32 => ValType::I32,
        isa::ValType::I64 => ValType::I64,
        isa::ValType::F32 => ValType::F32,
        isa::ValType::F64 => ValType::F64,
        isa::ValType::FuncRef => ValType::FUNCREF,
        isa::ValType::ExternRef => ValType::EXTERNREF,
    }
}
