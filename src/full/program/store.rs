//! The store of the WebAssembly specification: instances of modules that share functions, memories, tables
//! and globals.
//!
//! Everything in the store has an address, which is an index in the store. Instantiating a module assigns
//! addresses to its imports, and allocates everything that the module defines. A reference to a function is
//! held by the function's address. [Linking](super::link) makes a closed program of everything that a
//! function can reach.

use thiserror::Error;

use super::limits::{MAX_PAGES, MAX_TABLE, PAGE};
use super::{ConstExpr, ConstOp, Export, FuncType, Global, Import, ImportKind, Limits, Module, Placed, TableType, Value};
use crate::full::isa::{Op, Trap, ValType};
use crate::full::vm::numeric::evaluate;

/// Something with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Function(usize),
    /// A table.
    Table(usize),
    /// A memory.
    Memory(usize),
    /// A global.
    Global(usize),
}

/// Why a module cannot be instantiated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InstantiationError {
    /// The import is not exported by anything.
    #[error("unknown import {}.{}", .0.module, .0.name)]
    UnknownImport(Box<Import>),
    /// The export has another type than the import.
    #[error("import {}.{} has another type", .0.module, .0.name)]
    ImportType(Box<Import>),
    /// A segment ends beyond the end of its table or memory. The segments before this segment have been
    /// written.
    #[error(transparent)]
    Segment(SegmentFault),
}

/// A segment that does not fit, and the offset where it should be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind} segment {index} does not fit: it has {length} {of} from {offset} on, and there are only {size} ({trap})")]
pub struct SegmentFault {
    /// The trap that WebAssembly's rules give for this.
    pub trap: Trap,
    kind: &'static str,
    of: &'static str,
    index: usize,
    offset: usize,
    length: usize,
    size: usize,
}

/// A function of the store.
#[derive(Clone, Debug)]
pub(super) enum FunctionInstance {
    /// A function defined by an instance's module, with this index among the functions that the module
    /// defines.
    Defined { instance: usize, index: usize },
    /// A function of the host, which is an instruction of the program.
    Host { op: Op, ty: FuncType },
    /// A function that ignores its arguments and has no results.
    Inert { ty: FuncType },
    /// An import, by module and name, that nobody serves. A call of the import ends the run.
    Unserved { path: String, ty: FuncType },
}

#[derive(Clone, Debug)]
pub(super) struct MemoryInstance {
    pub bytes: Vec<u8>,
    pub max: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct TableInstance {
    pub element: ValType,
    pub places: Vec<Value>,
    pub max: Option<u32>,
}

/// A module with addresses for all its index spaces.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub module: Module,
    pub functions: Vec<usize>,
    pub globals: Vec<usize>,
    pub memory: Option<usize>,
    pub tables: Vec<usize>,
    /// The element segments.
    pub segments: Vec<usize>,
}

/// All instances, and the functions, memories, tables and globals that they share.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub(super) instances: Vec<Instance>,
    pub(super) functions: Vec<FunctionInstance>,
    pub(super) memories: Vec<MemoryInstance>,
    pub(super) tables: Vec<TableInstance>,
    /// The references of each element segment; none once it is dropped.
    pub(super) segments: Vec<Vec<Value>>,
    pub(super) globals: Vec<Global>,
}

impl Store {
    /// Adds a function of the host, which is an instruction of the program.
    pub fn host_function(&mut self, op: Op, ty: FuncType) -> Extern {
        self.functions.push(FunctionInstance::Host { op, ty });
        Extern::Function(self.functions.len() - 1)
    }

    /// A function that ignores its arguments and has no results.
    pub fn inert_function(&mut self, ty: FuncType) -> Extern {
        self.functions.push(FunctionInstance::Inert { ty });
        Extern::Function(self.functions.len() - 1)
    }

    /// Adds a function that nobody serves, imported under this path.
    pub fn unserved_function(&mut self, path: String, ty: FuncType) -> Extern {
        self.functions.push(FunctionInstance::Unserved { path, ty });
        Extern::Function(self.functions.len() - 1)
    }

    /// Adds a memory of zeros; the limits are in pages.
    pub fn memory(&mut self, limits: Limits) -> Extern {
        self.memories.push(MemoryInstance { bytes: vec![0; limits.min as usize * PAGE as usize], max: limits.max });
        Extern::Memory(self.memories.len() - 1)
    }

    /// Adds a table of null references.
    pub fn table(&mut self, ty: TableType) -> Extern {
        let TableType { element, limits } = ty;
        self.tables.push(TableInstance { element, places: vec![Value::reference(None); limits.min as usize], max: limits.max });
        Extern::Table(self.tables.len() - 1)
    }

    /// A global.
    pub fn global(&mut self, global: Global) -> Extern {
        self.globals.push(global);
        Extern::Global(self.globals.len() - 1)
    }

    /// Instantiates a module with the imports that `resolve` finds, and returns the instance's index. The
    /// start function is not run.
    ///
    /// # Errors
    /// Where an import is missing or has another type, or a segment does not fit.
    pub fn instantiate(&mut self, module: Module, resolve: &dyn Fn(&Import) -> Option<Extern>) -> Result<usize, InstantiationError> {
        let mut instance =
            Instance { functions: Vec::new(), globals: Vec::new(), memory: None, tables: Vec::new(), segments: Vec::new(), module };
        for import in &instance.module.imports {
            let found = resolve(import);
            let found = found.ok_or_else(|| InstantiationError::UnknownImport(Box::new(import.clone())))?;
            if !self.fits(&instance.module, import.kind, found) {
                return Err(InstantiationError::ImportType(Box::new(import.clone())));
            }
            match found {
                Extern::Function(address) => instance.functions.push(address),
                Extern::Global(address) => instance.globals.push(address),
                Extern::Memory(address) => instance.memory = Some(address),
                Extern::Table(address) => instance.tables.push(address),
            }
        }
        let index = self.instances.len();
        for function in 0..instance.module.functions.len() {
            instance.functions.push(self.functions.len());
            self.functions.push(FunctionInstance::Defined { instance: index, index: function });
        }
        for (ty, value) in &instance.module.globals {
            let value = self.constant(&instance, value);
            instance.globals.push(self.globals.len());
            self.globals.push(Global { ty: *ty, value });
        }
        if let Some(Extern::Memory(address)) = instance.module.memory.map(|limits| self.memory(limits)) {
            instance.memory = Some(address);
        }
        for ty in &instance.module.tables {
            instance.tables.push(self.tables.len());
            self.table(*ty);
        }
        for element in &instance.module.elements {
            let items = element.items.iter().map(|item| self.constant(&instance, item)).collect();
            instance.segments.push(self.segments.len());
            self.segments.push(items);
        }
        self.instances.push(instance);
        self.write_segments(index)?;
        Ok(index)
    }

    /// The export of an instance with a name.
    pub fn export(&self, instance: usize, name: &str) -> Option<Extern> {
        let instance = &self.instances[instance];
        let (_, export) = instance.module.exports.iter().find(|(exported, _)| exported == name)?;
        match *export {
            Export::Function(index) => Some(Extern::Function(instance.functions[index as usize])),
            Export::Global(index) => Some(Extern::Global(instance.globals[index as usize])),
            Export::Memory => instance.memory.map(Extern::Memory),
            Export::Table(index) => Some(Extern::Table(instance.tables[index as usize])),
        }
    }

    /// The address of an instance's start function.
    pub fn start(&self, instance: usize) -> Option<usize> {
        let instance = &self.instances[instance];
        instance.module.start.map(|index| instance.functions[index as usize])
    }

    /// The current value of a global.
    pub fn global_value(&self, address: usize) -> Value {
        self.globals[address].value
    }

    /// The type of a function.
    pub fn function_type(&self, address: usize) -> &FuncType {
        match &self.functions[address] {
            FunctionInstance::Defined { instance, index } => {
                let module = &self.instances[*instance].module;
                &module.types[module.functions[*index].ty as usize]
            }
            FunctionInstance::Host { ty, .. } | FunctionInstance::Inert { ty } | FunctionInstance::Unserved { ty, .. } => ty,
        }
    }

    /// Whether an export may be used for an import.
    fn fits(&self, module: &Module, kind: ImportKind, found: Extern) -> bool {
        let within = |length: usize, max: Option<u32>, limits: Limits| {
            length >= limits.min as usize && limits.max.is_none_or(|most| max.is_some_and(|max| max <= most))
        };
        match (kind, found) {
            (ImportKind::Function(ty), Extern::Function(address)) => *self.function_type(address) == module.types[ty as usize],
            (ImportKind::Global(ty), Extern::Global(address)) => self.globals[address].ty == ty,
            (ImportKind::Memory(limits), Extern::Memory(address)) => {
                let memory = &self.memories[address];
                within(memory.bytes.len() / PAGE as usize, memory.max, limits)
            }
            (ImportKind::Table(ty), Extern::Table(address)) => {
                let table = &self.tables[address];
                table.element == ty.element && within(table.places.len(), table.max, ty.limits)
            }
            _ => false,
        }
    }

    /// The value of a constant expression.
    fn constant(&self, instance: &Instance, ConstExpr(ops): &ConstExpr) -> Value {
        let mut stack = Vec::new();
        for op in ops {
            let value = match *op {
                ConstOp::Value(value) => value,
                ConstOp::Global(index) => self.globals[instance.globals[index as usize]].value,
                ConstOp::Function(index) => Value::reference(Some(instance.functions[index as usize] as u32)),
                ConstOp::Numeric(op) => {
                    let operands = stack.split_off(stack.len() - op.row().pops.len());
                    evaluate(op, &operands).expect("sums and products do not trap")
                }
            };
            stack.push(value);
        }
        stack.pop().expect("validation found the value")
    }

    /// Writes an instance's segments in order, element segments first. Stops at the first segment that does
    /// not fit.
    fn write_segments(&mut self, index: usize) -> Result<(), InstantiationError> {
        let instance = &self.instances[index];
        for (index, element) in instance.module.elements.iter().enumerate() {
            let segment = instance.segments[index];
            if let Placed::Active { table, offset } = &element.place {
                let offset = self.constant(instance, offset).bits() as usize;
                let table = &mut self.tables[instance.tables[*table as usize]].places;
                let (size, length) = (table.len(), self.segments[segment].len());
                let fault = || SegmentFault { trap: Trap::TableOutOfBounds, kind: "element", of: "places", index, offset, length, size };
                let places = table.get_mut(offset..offset + length).ok_or_else(|| InstantiationError::Segment(fault()))?;
                places.copy_from_slice(&self.segments[segment]);
            }
            if element.place != Placed::Passive {
                self.segments[segment].clear();
            }
        }
        for (index, data) in instance.module.data.iter().enumerate() {
            let offset = self.constant(instance, &data.offset).bits() as usize;
            let memory = &mut self.memories[instance.memory.expect("validation found the memory of the segment")].bytes;
            let (size, length) = (memory.len(), data.bytes.len());
            let fault = || SegmentFault { trap: Trap::MemoryOutOfBounds, kind: "data", of: "bytes", index, offset, length, size };
            let bytes = memory.get_mut(offset..offset + length).ok_or_else(|| InstantiationError::Segment(fault()))?;
            bytes.copy_from_slice(&data.bytes);
        }
        Ok(())
    }
}

impl MemoryInstance {
    /// The length in pages to which the memory may grow.
    pub(super) fn max_pages(&self) -> u32 {
        self.max.unwrap_or(MAX_PAGES).min(MAX_PAGES)
    }
}

impl TableInstance {
    /// The length to which the table may grow.
    pub(super) fn max_places(&self) -> u32 {
        self.max.unwrap_or(MAX_TABLE).min(MAX_TABLE)
    }
}
