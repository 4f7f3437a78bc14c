//! Linking: from a store to a closed program.
//!
//! A program has one code and one memory: the first memory that its code uses. An instruction of a linked
//! module that uses another memory becomes an [`Op::Refused`], which ends the run if it is reached. A direct
//! call of a function of the host becomes an instruction. In tables, a function of the host is represented by
//! a small function that passes its arguments on. The references of a program are to its own functions, by
//! index.

use std::collections::HashMap;

use thiserror::Error;

use super::limits::{MAX_GLOBALS, MAX_INSTRUCTIONS};
use super::store::{FunctionInstance, Instance, Store};
use super::{Branch, Export, FuncType, Function, Global, Immediate, Instr, Memory, Parts, Program, Refusal, Table, Value};
use crate::full::isa::{Op, ValType};
use crate::full::trace::State;

/// Why the functions that are reached cannot be linked to a program.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// The linked modules together have too many instructions.
    #[error("linked modules have {0} instructions; at most {MAX_INSTRUCTIONS} fit")]
    TooLong(usize),
    /// The linked modules together have too many globals.
    #[error("linked modules have {0} globals; at most {MAX_GLOBALS} fit")]
    TooManyGlobals(usize),
}

/// A program, and the addresses in the store of everything in it.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The program.
    pub program: Program,
    functions: Vec<usize>,
    memory: Option<usize>,
    globals: Vec<usize>,
    tables: Vec<usize>,
    segments: Vec<usize>,
}

impl Linked {
    /// A value of the program as a value of the store.
    pub fn in_store(&self, value: Value, ty: ValType) -> Value {
        match value.referred() {
            Some(function) if ty == ValType::FuncRef => Value::reference(Some(self.functions[function as usize] as u32)),
            _ => value,
        }
    }
}

impl Store {
    /// The program of a function and everything that the function can reach. The function has index 0.
    ///
    /// # Errors
    /// Where that exceeds the limits of a program.
    pub fn link_function(&self, address: usize) -> Result<Linked, LinkError> {
        let mut linker = Linker::new(self);
        linker.function(address);
        linker.finish()
    }

    /// The program of an instance: its functions, globals and exports, then everything else that these reach.
    /// The functions that the module defines, and its globals, come first, in the order of the module.
    ///
    /// # Errors
    /// Where that exceeds the limits of a program.
    pub fn link_instance(&self, index: usize) -> Result<Linked, LinkError> {
        let mut linker = Linker::new(self);
        let instance = &self.instances[index];
        for &address in &instance.functions {
            if let FunctionInstance::Defined { .. } = self.functions[address] {
                linker.function(address);
            }
        }
        for &address in &instance.globals {
            linker.global(address);
        }
        linker.memory = instance.memory;
        let export = |linker: &mut Linker<'_>, export: Export| match export {
            Export::Function(index) => Export::Function(linker.function(instance.functions[index as usize])),
            Export::Global(index) => Export::Global(linker.global(instance.globals[index as usize])),
            Export::Memory | Export::Table(_) => export,
        };
        let exports: Vec<_> =
            instance.module.exports.iter().map(|(name, exported)| (name.clone(), export(&mut linker, *exported))).collect();
        let start = self.start(index).map(|address| linker.function(address));
        // No table has an index yet, so these indices are the module's.
        for &address in &instance.tables {
            linker.table(address);
        }
        let mut linked = linker.finish()?;
        let imported = instance.functions.len() - instance.module.functions.len();
        let index = |address: &usize| linked.functions.iter().position(|linked| linked == address).map(|index| index as u32);
        linked.program.parts.imports = instance.functions[..imported].iter().map(index).collect();
        linked.program.parts.exports = exports;
        linked.program.parts.starts = start.into_iter().collect();
        Ok(linked)
    }

    /// Takes over the state that a run of a program left.
    pub fn absorb(&mut self, linked: &Linked, state: &State) {
        for (address, value) in linked.globals.iter().zip(&state.globals) {
            let Global { ty, value: of_store } = &mut self.globals[*address];
            *of_store = linked.in_store(*value, ty.value);
        }
        if let Some(address) = linked.memory {
            self.memories[address].bytes.clone_from(&state.memory);
        }
        for (address, places) in linked.tables.iter().zip(&state.tables) {
            let table = &mut self.tables[*address];
            table.places = places.iter().map(|place| linked.in_store(*place, table.element)).collect();
        }
        for (address, _) in linked.segments.iter().zip(&state.dropped).filter(|(_, dropped)| **dropped) {
            self.segments[*address].clear();
        }
    }
}

struct Linker<'s> {
    store: &'s Store,
    /// The address of each function, by the function's index in the program.
    functions: Vec<usize>,
    function_indices: HashMap<usize, u32>,
    globals: Vec<usize>,
    global_indices: HashMap<usize, u32>,
    memory: Option<usize>,
    tables: Vec<usize>,
    segments: Vec<usize>,
    types: Vec<FuncType>,
}

impl<'s> Linker<'s> {
    fn new(store: &'s Store) -> Linker<'s> {
        Linker {
            store,
            functions: Vec::new(),
            function_indices: HashMap::new(),
            globals: Vec::new(),
            global_indices: HashMap::new(),
            memory: None,
            tables: Vec::new(),
            segments: Vec::new(),
            types: Vec::new(),
        }
    }

    /// The index in the program of the function at an address.
    fn function(&mut self, address: usize) -> u32 {
        *self.function_indices.entry(address).or_insert_with(|| {
            self.functions.push(address);
            self.functions.len() as u32 - 1
        })
    }

    fn global(&mut self, address: usize) -> u32 {
        let index = *self.global_indices.entry(address).or_insert_with(|| {
            self.globals.push(address);
            self.globals.len() as u32 - 1
        });
        let Global { ty, value } = self.store.globals[address];
        self.refers(&[value], ty.value);
        index
    }

    /// The index in the program of the table at an address.
    fn table(&mut self, address: usize) -> u32 {
        let known = self.tables.iter().position(|known| *known == address);
        known.unwrap_or_else(|| {
            self.tables.push(address);
            let store = self.store;
            self.refers(&store.tables[address].places, store.tables[address].element);
            self.tables.iter().position(|known| *known == address).unwrap_or_default()
        }) as u32
    }

    /// The index in the program of an instance's element segment.
    fn segment(&mut self, instance: &Instance, index: u32) -> u32 {
        let address = instance.segments[index as usize];
        let known = self.segments.iter().position(|known| *known == address);
        known.unwrap_or_else(|| {
            self.segments.push(address);
            let store = self.store;
            // A reference of another type than a function's is null.
            self.refers(&store.segments[address], ValType::FuncRef);
            self.segments.len() - 1
        }) as u32
    }

    /// Adds the functions that values of a type refer to.
    fn refers(&mut self, values: &[Value], ty: ValType) {
        for address in values.iter().filter_map(|value| value.referred()).filter(|_| ty == ValType::FuncRef) {
            self.function(address as usize);
        }
    }

    /// A value of the store as a value of the program.
    fn in_program(&self, value: Value, ty: ValType) -> Value {
        match value.referred() {
            Some(address) if ty == ValType::FuncRef => Value::reference(self.function_indices.get(&(address as usize)).copied()),
            _ => value,
        }
    }

    fn ty(&mut self, ty: &FuncType) -> u32 {
        let known = self.types.iter().position(|known| known == ty);
        known.unwrap_or_else(|| {
            self.types.push(ty.clone());
            self.types.len() - 1
        }) as u32
    }

    /// Appends the code of every function. Functions that this code refers to are found on the way and are
    /// appended too.
    fn finish(mut self) -> Result<Linked, LinkError> {
        let mut program = Parts::default();
        let mut next = 0;
        while let Some(&address) = self.functions.get(next) {
            let function = self.append(address, &mut program);
            program.functions.push(function);
            next += 1;
        }
        match (program.code.len(), self.globals.len()) {
            (length, _) if length > MAX_INSTRUCTIONS as usize => return Err(LinkError::TooLong(length)),
            (_, count) if count > MAX_GLOBALS as usize => return Err(LinkError::TooManyGlobals(count)),
            _ => {}
        }
        program.globals = self.globals.iter().map(|address| self.store.globals[*address]).collect();
        for Global { ty, value } in &mut program.globals {
            *value = self.in_program(*value, ty.value);
        }
        let places = |places: &[Value], element| places.iter().map(|value| self.in_program(*value, element)).collect();
        program.tables = self
            .tables
            .iter()
            .map(|address| &self.store.tables[*address])
            .map(|table| Table { element: table.element, places: places(&table.places, table.element), max: table.max_places() })
            .collect();
        program.segments = self.segments.iter().map(|address| places(&self.store.segments[*address], ValType::FuncRef)).collect();
        program.memory = self.memory.map(|memory| {
            let memory = &self.store.memories[memory];
            Memory::new(&memory.bytes, memory.max_pages())
        });
        program.types = self.types;
        Ok(Linked {
            program: Program { parts: program },
            functions: self.functions,
            memory: self.memory,
            globals: self.globals,
            tables: self.tables,
            segments: self.segments,
        })
    }

    fn append(&mut self, address: usize, program: &mut Parts) -> Function {
        let store = self.store;
        let ty = self.ty(store.function_type(address));
        let entry = program.code.len() as u32;
        let (instance, index) = match &store.functions[address] {
            FunctionInstance::Defined { instance, index } => (&store.instances[*instance], *index),
            FunctionInstance::Host { op, ty: signature } => {
                program.code.extend(host_call(*op, signature));
                return function(ty, signature, entry, program);
            }
            FunctionInstance::Unserved { path, ty: signature } => {
                program.code.push(refused(Refusal::Import(path.as_str().into()), 0));
                return Function { name: Some(path.clone()), ..function(ty, signature, entry, program) };
            }
            FunctionInstance::Inert { ty: signature } => {
                program.code.push(Instr { op: Op::Return, immediate: Immediate::None, height: 0 });
                return function(ty, signature, entry, program);
            }
        };
        let defined = &instance.module.functions[index];
        let moved = |branch: &Branch| Branch { target: branch.target - defined.entry + entry, ..*branch };
        for instr in &instance.module.code[defined.entry as usize..defined.end as usize] {
            let mut instr = instr.clone();
            match &mut instr.immediate {
                Immediate::Branch(branch) => *branch = moved(branch),
                Immediate::Branches(range) => {
                    let targets = &instance.module.branches[range.start as usize..range.end as usize];
                    let first = program.branches.len() as u32;
                    program.branches.extend(targets.iter().map(moved));
                    *range = first..program.branches.len() as u32;
                }
                Immediate::Global(index) => *index = self.global(instance.globals[*index as usize]),
                Immediate::Indirect { ty, table } => {
                    *ty = self.ty(&instance.module.types[*ty as usize]);
                    *table = self.table(instance.tables[*table as usize]);
                }
                Immediate::Reference(index) => *index = self.function(instance.functions[*index as usize]),
                Immediate::Table(index) => *index = self.table(instance.tables[*index as usize]),
                Immediate::Tables { to, from } => {
                    *to = self.table(instance.tables[*to as usize]);
                    *from = self.table(instance.tables[*from as usize]);
                }
                Immediate::Init { table, segment } => {
                    *table = self.table(instance.tables[*table as usize]);
                    *segment = self.segment(instance, *segment);
                }
                Immediate::Element(index) => *index = self.segment(instance, *index),
                Immediate::Function(index) => {
                    let callee = instance.functions[*index as usize];
                    match &store.functions[callee] {
                        FunctionInstance::Host { op, .. } => instr = Instr { op: *op, immediate: Immediate::None, height: instr.height },
                        FunctionInstance::Unserved { path, .. } => instr = refused(Refusal::Import(path.as_str().into()), instr.height),
                        _ => *index = self.function(callee),
                    }
                }
                _ => {}
            }
            if instr.op.row().uses_memory() && !self.use_memory(instance) {
                instr = refused(Refusal::SecondMemory, instr.height);
            }
            program.code.push(instr);
        }
        Function { ty, entry, end: program.code.len() as u32, ..defined.clone() }
    }

    /// Whether the program's memory is the instance's memory. The first memory used becomes the program's
    /// memory.
    fn use_memory(&mut self, instance: &Instance) -> bool {
        self.memory = self.memory.or(instance.memory);
        self.memory == instance.memory
    }
}

/// An instruction that ends the run.
fn refused(what: Refusal, height: u32) -> Instr {
    Instr { op: Op::Refused, immediate: Immediate::Refused(what), height }
}

/// The code of the function that represents a function of the host in the table: it passes its arguments on.
fn host_call(op: Op, signature: &FuncType) -> Vec<Instr> {
    let arguments = signature.params.len() as u32;
    let get = |index| Instr { op: Op::LocalGet, immediate: Immediate::Local(index), height: index };
    let plain = |op, height| Instr { op, immediate: Immediate::None, height };
    (0..arguments).map(get).chain([plain(op, arguments), plain(Op::Return, signature.results.len() as u32)]).collect()
}

/// The function whose code, from `entry` on, is the last in the program so far. Its only locals are its
/// parameters, and it does not count as a call in progress.
fn function(ty: u32, signature: &FuncType, entry: u32, program: &Parts) -> Function {
    let max_height = signature.params.len().max(signature.results.len()) as u32;
    Function { name: None, ty, locals: signature.params.clone(), entry, end: program.code.len() as u32, max_height, passes_on: true }
}
