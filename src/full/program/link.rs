//! Linking: from a store to a closed program.
//!
//! A program has one code, one memory and one table: the first memory and table that its code uses. An
//! instruction of a linked module that uses another memory or table becomes an [`Op::Refused`], which ends
//! the run if it is reached. A direct call of a function of the host becomes an instruction. In the table, a
//! function of the host is represented by a small function that passes its arguments on.

use std::collections::HashMap;

use thiserror::Error;

use super::limits::{MAX_GLOBALS, MAX_INSTRUCTIONS};
use super::store::{FunctionInstance, Instance, Store};
use super::{Branch, Export, FuncType, Function, Immediate, Instr, Memory, Parts, Program, Refusal, Value};
use crate::full::isa::Op;

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

/// A program, and the addresses in the store of its memory and globals.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The program.
    pub program: Program,
    memory: Option<usize>,
    globals: Vec<usize>,
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
            Export::Memory | Export::Table => export,
        };
        let exports: Vec<_> =
            instance.module.exports.iter().map(|(name, exported)| (name.clone(), export(&mut linker, *exported))).collect();
        let start = self.start(index).map(|address| linker.function(address));
        let mut linked = linker.finish()?;
        linked.program.parts.exports = exports;
        linked.program.parts.starts = start.into_iter().collect();
        Ok(linked)
    }

    /// Takes over the globals and the memory that a run of a program left.
    pub fn absorb(&mut self, linked: &Linked, globals: &[Value], memory: &[u8]) {
        for (address, value) in linked.globals.iter().zip(globals) {
            self.globals[*address].value = *value;
        }
        if let Some(address) = linked.memory {
            self.memories[address].bytes = memory.to_vec();
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
    table: Option<usize>,
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
            table: None,
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
        *self.global_indices.entry(address).or_insert_with(|| {
            self.globals.push(address);
            self.globals.len() as u32 - 1
        })
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
        program.types = self.types;
        program.globals = self.globals.iter().map(|address| self.store.globals[*address]).collect();
        let elements = self.table.map(|table| &self.store.tables[table].elements);
        program.table =
            elements.map(|elements| elements.iter().map(|place| place.map(|address| self.function_indices[&address])).collect());
        program.memory = self.memory.map(|memory| {
            let memory = &self.store.memories[memory];
            Memory::new(&memory.bytes, memory.max_pages())
        });
        Ok(Linked { program: Program { parts: program }, memory: self.memory, globals: self.globals })
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
                Immediate::Type(index) => {
                    *index = self.ty(&instance.module.types[*index as usize]);
                }
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
            if instr.op == Op::CallIndirect && !self.use_table(instance) {
                instr = refused(Refusal::SecondTable, instr.height);
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

    /// Whether the program's table is the instance's table. The first table used becomes the program's table.
    fn use_table(&mut self, instance: &Instance) -> bool {
        if self.table.is_none() {
            self.table = instance.table;
            let places = instance.table.map(|table| &self.store.tables[table].elements);
            for &address in places.into_iter().flatten().flatten() {
                self.function(address);
            }
        }
        self.table == instance.table
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
