//! The joined module: the program, followed by the routines that it needs and by functions made for it.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, MemorySection, Module, NameMap, NameSection, StartSection, TableSection, TypeSection, ValType,
};
use wasmparser::{DataKind, Operator, TypeRef};

use super::library::Library;
use super::{Place, Plan, Sections};
use crate::full::program::bulk::Bulk;
use crate::full::program::imports::{Constant, Provider};

type Error = reencode::Error<Infallible>;

/// The new indices of the functions, types and globals of one of the modules. Memories and tables keep their
/// indices, because only the program has any.
#[derive(Default)]
struct Renumbering {
    /// The new index of each function; [`NOWHERE`] for a function that is left out.
    functions: Vec<u32>,
    first_type: u32,
    first_global: u32,
    /// The functions to call instead of bulk instructions.
    calls: HashMap<Bulk, u32>,
    /// The values of the globals that the program imports.
    imported_globals: Vec<Constant>,
}

/// The index of a function that is left out, since no remaining code refers to the function.
const NOWHERE: u32 = u32::MAX;

impl Reencode for Renumbering {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.functions[function as usize])
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, Error> {
        Ok(self.first_type + ty)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        Ok(self.first_global + global)
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        match Bulk::of(&operator).and_then(|bulk| self.calls.get(&bulk)) {
            Some(function) => Ok(Instruction::Call(*function)),
            None => utils::instruction(self, operator),
        }
    }

    /// A constant expression may refer only to imported globals. A joined module that does not import globals
    /// has the global's value instead.
    fn const_expr(&mut self, expr: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error> {
        let mut instructions = Vec::new();
        let mut reader = expr.get_operators_reader();
        while !reader.is_end_then_eof() {
            instructions.push(match reader.read()? {
                Operator::GlobalGet { global_index } if let Some(value) = self.imported_globals.get(global_index as usize) => {
                    value.instruction()
                }
                operator => self.instruction(operator)?,
            });
        }
        Ok(ConstExpr::extended(instructions))
    }
}

/// A function made for the program.
struct Made {
    /// The index of the function's type in the joined module.
    ty: u32,
    function: Function,
    name: String,
}

/// Joins the program with the libraries and functions that its plan needs.
pub(super) fn merge(program: &Sections<'_>, plan: &Plan<'_>) -> Result<Vec<u8>, Error> {
    let libraries = Library::needed(plan)?;
    let mut merger = Merger::new(program, plan, libraries);
    let made = merger.place(program, plan);
    merger.module(program, plan, &made)
}

struct Merger<'a> {
    program: Renumbering,
    libraries: Vec<(Library<'a>, Renumbering)>,
    /// The first of the globals that hold the number of bytes left in a segment.
    segment_globals: u32,
    first_made: u32,
    /// The type of the functions that put bytes into the memory.
    supply_type: u32,
    /// These functions, in the order of the bytes.
    supplying: Vec<u32>,
}

impl<'a> Merger<'a> {
    fn new(program: &Sections<'_>, plan: &Plan<'_>, libraries: Vec<Library<'a>>) -> Merger<'a> {
        let imported_globals = plan.imported_globals(program);
        let mut types = program.types.len() as u32;
        let mut globals = imported_globals.len() as u32 + program.own_globals();
        let imported_globals = if plan.linked { Vec::new() } else { imported_globals };
        let program = Renumbering { functions: vec![NOWHERE; program.functions.len()], imported_globals, ..Renumbering::default() };
        let place = |library: Library<'a>| {
            let sections = &library.sections;
            let functions = vec![NOWHERE; sections.functions.len()];
            let to = Renumbering { functions, first_type: types, first_global: globals, ..Renumbering::default() };
            types += sections.types.len() as u32;
            globals += sections.own_globals();
            (library, to)
        };
        let libraries = libraries.into_iter().map(place).collect();
        Merger { program, libraries, segment_globals: globals, first_made: 0, supply_type: types, supplying: Vec::new() }
    }

    /// Assigns an index to every function. Imports come first: those of the program, then the host's
    /// functions that the routines import. Then come the program's functions, the routines, and the functions
    /// made.
    fn place(&mut self, program: &Sections<'_>, plan: &Plan<'_>) -> Vec<Made> {
        let mut next = 0..;
        let mut place = |slot: &mut u32| *slot = next.next().expect("fewer functions than indices");
        for (slot, provider) in self.program.functions.iter_mut().zip(plan.function_providers(program)) {
            if provider.is_import() {
                place(slot);
            }
        }
        for (library, to) in &mut self.libraries {
            library.host.iter().for_each(|(function, _)| place(&mut to.functions[*function]));
        }
        self.program.functions[program.imported()..].iter_mut().for_each(&mut place);
        for (library, to) in &mut self.libraries {
            library.bodies.iter().for_each(|(function, _)| place(&mut to.functions[*function]));
            library.made.iter().for_each(|(function, _)| place(&mut to.functions[*function]));
        }
        self.first_made = next.start;
        self.make(program, plan)
    }

    /// Makes functions for imports with a value, and for instructions that need more than a call of a
    /// routine.
    fn make(&mut self, program: &Sections<'_>, plan: &Plan<'_>) -> Vec<Made> {
        let first = self.first_made;
        let mut made = Vec::new();
        for (index, (provider, import)) in plan.function_providers(program).zip(program.imported_functions()).enumerate() {
            self.program.functions[index] = match *provider {
                Provider::Wasi(routine) => self.libraries[0].1.functions[routine as usize],
                Provider::Constant(value) => {
                    made.push(Made {
                        ty: program.functions[index],
                        function: value.function(),
                        name: format!("{}.{}", import.module, import.name),
                    });
                    first + made.len() as u32 - 1
                }
                _ => continue,
            };
        }
        let globals = self.segment_globals + plan.segments.lengths().count() as u32;
        for (supply, global) in plan.process.supplies().iter().zip(globals..) {
            let allocator = match &supply.place {
                Place::By(name) => program.exported_function(name),
                Place::At(_) => None,
            };
            let allocator = allocator.map(|function| {
                let ty = &program.types[program.functions[function] as usize];
                (self.program.functions[function], ty.params().len())
            });
            made.push(Made { ty: self.supply_type, function: supply.function(allocator, global), name: supply.export() });
            self.supplying.push(first + made.len() as u32 - 1);
        }
        let Some((library, to)) = self.libraries.last() else { return made };
        for &bulk in &plan.bulk {
            let Some(routine) = library.sections.exported_function(bulk.routine()) else { continue };
            let function = match bulk {
                Bulk::Copy | Bulk::Fill => None,
                Bulk::Init(segment) => {
                    // The function has the type of `memory.copy`: the operands are the same.
                    let ty = library.sections.exported_function(Bulk::Copy.routine());
                    ty.map(|ty| (ty, plan.segments.init(segment, to.functions[routine], self.segment_globals)))
                }
                Bulk::Drop(segment) => plan.segments.drop_of(segment, self.segment_globals).map(|function| (routine, function)),
            };
            let called = match function {
                None => to.functions[routine],
                Some((typed_as, function)) => {
                    let ty = to.first_type + library.sections.functions[typed_as];
                    made.push(Made { ty, function, name: bulk.routine().to_string() });
                    first + made.len() as u32 - 1
                }
            };
            self.program.calls.insert(bulk, called);
        }
        made
    }

    fn module(mut self, program: &Sections<'_>, plan: &Plan<'_>, made: &[Made]) -> Result<Vec<u8>, Error> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        for ty in &program.types {
            types.ty().func_type(&self.program.func_type(ty.clone())?);
        }
        for (library, to) in &mut self.libraries {
            for ty in &library.sections.types {
                types.ty().func_type(&to.func_type(ty.clone())?);
            }
        }
        if !plan.process.supplies().is_empty() {
            types.ty().function([], []);
        }
        module.section(&types);
        module.section(&self.imports(program, plan)?);
        let (functions, code) = self.functions(program, made)?;
        module.section(&functions);
        self.storage(program, plan, &mut module)?;
        let mut exports = ExportSection::new();
        if let Some(section) = program.exports.clone() {
            self.program.parse_export_section(&mut exports, section)?;
        }
        for (supply, function) in plan.process.supplies().iter().zip(&self.supplying) {
            exports.export(&supply.export(), ExportKind::Func, *function);
        }
        module.section(&exports);
        if let Some(start) = program.start {
            module.section(&StartSection { function_index: self.program.function_index(start)? });
        }
        if let Some(section) = program.elements.clone() {
            let mut elements = ElementSection::new();
            self.program.parse_element_section(&mut elements, section)?;
            module.section(&elements);
        }
        module.section(&code);
        let mut data = DataSection::new();
        for segment in program.data.clone().into_iter().flatten() {
            let segment = segment?;
            // Passive segments have become code.
            if matches!(segment.kind, DataKind::Active { .. }) {
                self.program.parse_data(&mut data, segment)?;
            }
        }
        module.section(&data);
        module.section(&self.names(program, made));
        Ok(module.finish())
    }

    fn imports(&mut self, program: &Sections<'_>, plan: &Plan<'_>) -> Result<ImportSection, Error> {
        let mut imports = ImportSection::new();
        for (import, provider) in program.imports.iter().zip(&plan.providers) {
            if provider.is_import() {
                self.program.parse_import(&mut imports, *import)?;
            }
        }
        for (library, to) in &mut self.libraries {
            for (_, import) in &library.host {
                to.parse_import(&mut imports, *import)?;
            }
        }
        Ok(imports)
    }

    fn functions(&mut self, program: &Sections<'_>, made: &[Made]) -> Result<(FunctionSection, CodeSection), Error> {
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (body, &ty) in program.bodies.iter().zip(&program.functions[program.imported()..]) {
            functions.function(self.program.type_index(ty)?);
            self.program.parse_function_body(&mut code, body.clone())?;
        }
        for (library, to) in &mut self.libraries {
            for (function, body) in &library.bodies {
                functions.function(to.type_index(library.sections.functions[*function])?);
                to.parse_function_body(&mut code, body.clone())?;
            }
            for (function, body) in &library.made {
                functions.function(to.type_index(library.sections.functions[*function])?);
                code.function(body);
            }
        }
        for made in made {
            functions.function(made.ty);
            code.function(&made.function);
        }
        Ok((functions, code))
    }

    /// Adds tables, memories and globals. The ones that the program imports come first, so that all keep
    /// their indices.
    fn storage(&mut self, program: &Sections<'_>, plan: &Plan<'_>, module: &mut Module) -> Result<(), Error> {
        let (mut tables, mut memories, mut globals) = (TableSection::new(), MemorySection::new(), GlobalSection::new());
        let values = self.program.imported_globals.clone();
        let mut values = values.iter();
        for import in program.imports.iter().filter(|_| !plan.linked) {
            match import.ty {
                TypeRef::Table(ty) => drop(tables.table(self.program.table_type(ty)?)),
                TypeRef::Memory(ty) => drop(memories.memory(self.program.memory_type(ty)?)),
                TypeRef::Global(ty) => {
                    let ty = self.program.global_type(ty)?;
                    values.next().map(|value| globals.global(ty, &value.const_expr()));
                }
                _ => {}
            }
        }
        if let Some(section) = program.tables.clone() {
            self.program.parse_table_section(&mut tables, section)?;
        }
        if let Some(section) = program.memories.clone() {
            self.program.parse_memory_section(&mut memories, section)?;
        }
        let libraries = self.libraries.iter_mut().map(|(library, to)| (&library.sections, to));
        for (sections, to) in [(program, &mut self.program)].into_iter().chain(libraries) {
            if let Some(section) = sections.globals.clone() {
                to.parse_global_section(&mut globals, section)?;
            }
        }
        let counter = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        for length in plan.segments.lengths() {
            globals.global(counter, &ConstExpr::i32_const(length as i32));
        }
        for _ in plan.process.supplies() {
            globals.global(counter, &ConstExpr::i32_const(0));
        }
        module.section(&tables).section(&memories).section(&globals);
        Ok(())
    }

    /// The names of all remaining functions. A routine has the name that its library exports it by or its own
    /// name, not the name of the program's import.
    fn names(&self, program: &Sections<'_>, made: &[Made]) -> NameSection {
        let mut names = BTreeMap::new();
        let own = program.names.iter().map(|named| (*named, &self.program));
        let libraries = self.libraries.iter().flat_map(|(library, to)| {
            let sections = &library.sections;
            sections.names.iter().copied().chain(sections.exported_functions()).map(move |named| (named, to))
        });
        for ((function, name), to) in own.chain(libraries) {
            match to.functions.get(function as usize) {
                None | Some(&NOWHERE) => {}
                Some(&index) => drop(names.insert(index, name)),
            }
        }
        names.extend((self.first_made..).zip(made.iter().map(|made| made.name.as_str())));
        let mut functions = NameMap::new();
        for (index, name) in names {
            functions.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&functions);
        section
    }
}
