//! Instrumenting: a module with the same meaning whose every step reports.
//!
//! Before each instruction that the profile counts as a step, `trace.at` is called with its pc; after it, or before it
//! consumes them, the values that it writes pass through a function that reports them and gives them back. A body is put
//! into a block, so that a branch to the body's own label arrives at the `return` that stands at its end. Memory, globals
//! and the functions to call are exported; the start function is called from outside, so that state can be read even
//! where it traps.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, DataSection, ElementSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    ImportSection, InstructionSink, MemorySection, TableSection, TypeSection, ValType,
};
use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, ImportSectionReader, Operator, Parser, Payload, ValidPayload, Validator,
    ValidatorResources,
};

use super::br_table;
use crate::full::isa::{Op, Operand, Writes};
use crate::full::program::{Export, Import, ImportKind, Instr, Module, reader};

/// The module of the reporting functions.
pub(super) const REPORTS: &str = "trace";
/// The module of the functions that nobody serves, each named by the index of its import.
pub(super) const UNSERVED: &str = "trace unserved";
/// The export of the memory.
pub(super) const MEMORY: &str = "trace memory";

/// The export of a global.
pub(super) fn global_name(index: usize) -> String {
    format!("trace global {index}")
}

/// The export of a defined function.
pub(super) fn function_name(index: u32) -> String {
    format!("trace function {index}")
}

/// The export of an imported function that the module exports, or starts with.
pub(super) fn import_name(index: u32) -> String {
    format!("trace import {index}")
}

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// The reporting functions in order: name, parameters, results.
const FUNCTIONS: [(&str, &[ValType], &[ValType]); 10] = [
    ("at", &[I32], &[]),     // pc
    ("refuse", &[I32], &[]), // pc; does not return
    ("push32", &[I32], &[I32]),
    ("push64", &[I64], &[I64]),
    ("local32", &[I32, I32], &[I32]), // value, index
    ("local64", &[I64, I32], &[I64]),
    ("global32", &[I32, I32], &[I32]), // value, index
    ("global64", &[I64, I32], &[I64]),
    ("store32", &[I32, I32, I32, I32], &[I32, I32]), // address, value, offset, width
    ("store64", &[I32, I64, I32, I32], &[I32, I64]),
];
const AT: u32 = 0;
const REFUSE: u32 = 1;
const PUSH: u32 = 2;
const LOCAL: u32 = 4;
const GLOBAL: u32 = 6;
const STORE: u32 = 8;

/// The instrumented module, in the binary format. Equal modules give equal results.
pub(super) fn instrument(module: &Module) -> Result<Vec<u8>, Error<Infallible>> {
    Instrumenter::new(module).module()
}

struct Instrumenter<'m> {
    module: &'m Module,
    /// Functions imported by the module; the reporting ones follow them.
    imported: u32,
    /// Which of them nobody serves.
    unserved: Vec<bool>,
    /// The types of blocks with several results: those of the function types with these indices.
    block_types: HashMap<u32, u32>,
    /// Whether there is a `br_table` that takes several values along.
    several: bool,
}

impl Reencode for Instrumenter<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(if function < self.imported { function } else { function + FUNCTIONS.len() as u32 })
    }
}

impl<'m> Instrumenter<'m> {
    fn new(module: &'m Module) -> Instrumenter<'m> {
        let functions = module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_)));
        let unserved: Vec<bool> = functions.map(Import::is_unserved).collect();
        let several = module.code.iter().any(|instr| br_table::takes_several(module, instr));
        Instrumenter { module, imported: unserved.len() as u32, unserved, block_types: HashMap::new(), several }
    }

    fn module(mut self) -> Result<Vec<u8>, Error<Infallible>> {
        let (mut types, mut imports, mut functions) = (TypeSection::new(), ImportSection::new(), FunctionSection::new());
        let (mut tables, mut memories, mut globals) = (TableSection::new(), MemorySection::new(), GlobalSection::new());
        let (mut elements, mut code, mut data) = (ElementSection::new(), CodeSection::new(), DataSection::new());
        let mut validator = Validator::new_with_features(reader::FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        let mut parser = Parser::new(0);
        parser.set_features(reader::FEATURES);
        // What is added goes behind what the module has, so that its own indices stay but for functions defined.
        let mut extended = false;
        for payload in parser.parse_all(&self.module.wasm) {
            let payload = payload?;
            let validated = validator.payload(&payload)?;
            match payload {
                Payload::TypeSection(section) => utils::parse_type_section(&mut self, &mut types, section)?,
                Payload::ImportSection(section) => self.imports(&mut imports, section)?,
                Payload::FunctionSection(section) => utils::parse_function_section(&mut self, &mut functions, section)?,
                Payload::TableSection(section) => utils::parse_table_section(&mut self, &mut tables, section)?,
                Payload::MemorySection(section) => utils::parse_memory_section(&mut self, &mut memories, section)?,
                Payload::GlobalSection(section) => utils::parse_global_section(&mut self, &mut globals, section)?,
                Payload::ElementSection(section) => utils::parse_element_section(&mut self, &mut elements, section)?,
                Payload::DataSection(section) => utils::parse_data_section(&mut self, &mut data, section)?,
                _ => {}
            }
            if let ValidPayload::Func(function, body) = validated {
                if !extended {
                    self.extend(&mut types, &mut imports);
                    extended = true;
                }
                allocations = self.function(function, &body, allocations, &mut code)?;
            }
        }
        if !extended {
            self.extend(&mut types, &mut imports);
        }
        let exports = self.exports();
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories).section(&globals);
        module.section(&exports).section(&elements).section(&code).section(&data);
        Ok(module.finish())
    }

    /// Functions that nobody serves are told apart by their index: the same name may be imported with two types.
    fn imports(&mut self, imports: &mut ImportSection, section: ImportSectionReader<'_>) -> Result<(), Error<Infallible>> {
        for (index, import) in section.into_imports().enumerate() {
            let import = import?;
            if self.module.imports[index].is_unserved() {
                imports.import(UNSERVED, &index.to_string(), self.entity_type(import.ty)?);
            } else {
                self.parse_import(imports, import)?;
            }
        }
        Ok(())
    }

    /// Adds the reporting functions, and the types of blocks.
    fn extend(&mut self, types: &mut TypeSection, imports: &mut ImportSection) {
        for (name, params, results) in FUNCTIONS {
            imports.import(REPORTS, name, EntityType::Function(types.len()));
            types.ty().function(params.iter().copied(), results.iter().copied());
        }
        for (index, ty) in self.module.types.iter().enumerate().filter(|(_, ty)| ty.results.len() > 1) {
            self.block_types.insert(index as u32, types.len());
            types.ty().function([], ty.results.iter().map(|ty| val_type(*ty)));
        }
    }

    fn exports(&self) -> ExportSection {
        let mut exports = ExportSection::new();
        let imports = |wanted: fn(&ImportKind) -> bool| self.module.imports.iter().filter(|import| wanted(&import.kind)).count();
        if self.module.memory.is_some() || imports(|kind| matches!(kind, ImportKind::Memory(_))) > 0 {
            exports.export(MEMORY, ExportKind::Memory, 0);
        }
        for index in 0..self.module.globals.len() + imports(|kind| matches!(kind, ImportKind::Global(_))) {
            exports.export(&global_name(index), ExportKind::Global, index as u32);
        }
        let exported = self.module.exports.iter().filter_map(|(_, export)| match export {
            Export::Function(index) if *index < self.imported => Some(*index),
            _ => None,
        });
        let start = self.module.start.filter(|function| *function < self.imported);
        for index in exported.chain(start).collect::<BTreeSet<u32>>() {
            exports.export(&import_name(index), ExportKind::Func, index);
        }
        for index in 0..self.module.functions.len() as u32 {
            exports.export(&function_name(index), ExportKind::Func, self.imported + FUNCTIONS.len() as u32 + index);
        }
        exports
    }

    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
        allocations: FuncValidatorAllocations,
        code: &mut CodeSection,
    ) -> Result<FuncValidatorAllocations, Error<Infallible>> {
        let ty = function.ty;
        let mut validator = function.into_validator(allocations);
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        validator.read_locals(&mut body.get_binary_reader())?;
        let free = validator.len_locals();
        locals.extend(self.several.then_some((1, I32)));
        let mut instrumented = Function::new(locals);
        let results = &self.module.types[ty as usize].results;
        let block = match results[..] {
            [] => BlockType::Empty,
            [result] => BlockType::Result(val_type(result)),
            _ => BlockType::FunctionType(self.block_types[&ty]),
        };
        instrumented.instructions().block(block);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            let pc = self.module.offsets.binary_search(&offset).ok();
            if matches!(operator, Operator::End) && validator.control_stack_height() == 1 {
                instrumented.instructions().end();
            }
            let instr = pc.map(|pc| &self.module.code[pc]);
            if let (Some(pc), Some(instr)) = (pc, instr) {
                self.before(&mut instrumented.instructions(), pc, instr, &|index| validator.get_local_type(index).map(value_type));
            }
            validator.op(offset, &operator)?;
            match (&operator, instr) {
                (Operator::BrTable { targets }, Some(instr)) if br_table::takes_several(self.module, instr) => {
                    br_table::chain(&mut instrumented.instructions(), targets, free)?;
                }
                _ => {
                    instrumented.instruction(&self.instruction(operator)?);
                }
            }
            if let Some(instr) = instr.filter(|instr| instr.op.row().writes == Writes::Pushed) {
                let top = validator.get_operand_type(0).flatten().map(value_type);
                debug_assert!(top.is_some(), "{instr} pushed a value");
                report(&mut instrumented.instructions(), self.imported + PUSH, top.unwrap_or(I32), None);
            }
        }
        code.function(&instrumented);
        Ok(validator.into_allocations())
    }

    /// What is reported before an instruction.
    fn before(&self, sink: &mut InstructionSink<'_>, pc: usize, instr: &Instr, local_type: &dyn Fn(u32) -> Option<ValType>) {
        use crate::full::program::Immediate;
        let first = self.imported;
        sink.i32_const(pc as i32).call(first + AT);
        let calls_nobody = matches!(instr.immediate, Immediate::Function(callee) if self.unserved.get(callee as usize) == Some(&true));
        if calls_nobody || instr.op == Op::Refused {
            sink.i32_const(pc as i32).call(first + REFUSE);
        }
        let row = instr.op.row();
        match (row.writes, &instr.immediate) {
            (Writes::Local, Immediate::Local(index)) => report(sink, first + LOCAL, local_type(*index).unwrap_or(I32), Some(*index)),
            (Writes::Global, Immediate::Global(index)) => report(sink, first + GLOBAL, self.global_type(*index), Some(*index)),
            (Writes::Memory, Immediate::Offset(offset)) => {
                let wide = row.pops.ends_with(&[Operand::I64]);
                sink.i32_const(*offset as i32).i32_const(row.bytes as i32).call(first + STORE + u32::from(wide));
            }
            _ => {}
        }
    }

    fn global_type(&self, index: u32) -> ValType {
        let imported = self.module.imports.iter().filter_map(|import| match import.kind {
            ImportKind::Global(ty) => Some(ty),
            _ => None,
        });
        let types = imported.chain(self.module.globals.iter().map(|(ty, _)| *ty));
        types.into_iter().nth(index as usize).map_or(I32, |ty| val_type(ty.value))
    }
}

/// Passes the value on top through a reporting function, the first of a pair for 32 and 64 bits; a float by its bits.
fn report(sink: &mut InstructionSink<'_>, function: u32, ty: ValType, index: Option<u32>) {
    match ty {
        ValType::F32 => drop(sink.i32_reinterpret_f32()),
        ValType::F64 => drop(sink.i64_reinterpret_f64()),
        _ => {}
    }
    if let Some(index) = index {
        sink.i32_const(index as i32);
    }
    sink.call(function + u32::from(matches!(ty, ValType::I64 | ValType::F64)));
    match ty {
        ValType::F32 => drop(sink.f32_reinterpret_i32()),
        ValType::F64 => drop(sink.f64_reinterpret_i64()),
        _ => {}
    }
}

fn value_type(ty: wasmparser::ValType) -> ValType {
    val_type(reader::value_type(ty))
}

fn val_type(ty: crate::full::isa::ValType) -> ValType {
    match ty {
        crate::full::isa::ValType::I32 => ValType::I32,
        crate::full::isa::ValType::I64 => ValType::I64,
        crate::full::isa::ValType::F32 => ValType::F32,
        crate::full::isa::ValType::F64 => ValType::F64,
    }
}
