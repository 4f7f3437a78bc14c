//! Programs of the full profile, resolved to executable code.
//!
//! A [`Module`] is the contents of one file. The [`reader`] has read and validated the file and resolved its
//! structured control; the imports are still unresolved. [Joining](join) adds the code that serves the
//! imports. A [`Program`] is closed. It has one flat code for all functions, so that a *pc* names an
//! instruction of the whole program. It has at most one memory. It imports only functions that
//! an [`Op`](crate::full::isa::Op) stands for. [`close()`] makes a program from one module. A [`store`] makes
//! a program from several modules that are [linked](link), with their current state.
//!
//! `block`, `loop` and `end` are removed: each branch has the pc of its target. Code that validation shows to
//! be unreachable is removed too. Every remaining instruction has a *height*: the number of operands on the
//! stack before the instruction, without the function's locals. The height is the same each time the
//! instruction is reached.

pub mod bulk;
mod call;
mod close;
mod constant;
pub mod header;
pub mod imports;
pub mod input;
mod instr;
pub mod integer;
pub mod join;
pub mod limits;
pub mod link;
pub mod load;
mod module;
mod newer;
pub mod reader;
mod resolve;
pub mod store;
pub mod typed;

pub use call::Call;
pub(in crate::full) use close::built_in_program;
pub use close::close;
pub use header::Header;
pub use input::Input;
pub use instr::{Branch, Immediate, Instr, Refusal, Value};
pub use load::{InvocationError, Loaded, load, load_file};
pub use module::{
    ConstExpr, ConstOp, Data, Element, Export, FuncType, Function, GlobalType, Import, ImportKind, Limits, Module, Placed, TableType,
};

use std::ops::Deref;

use crate::full::isa::ValType;
use crate::full::trace::State;
use crate::shown;

/// A closed program and its initial state. A program can only be made from validated modules; its
/// [parts](Parts) can be read, but not changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    parts: Parts,
}

impl Deref for Program {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// The parts of a [`Program`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The code of all functions, one after another. Branch targets and entries are indices into it.
    pub code: Vec<Instr>,
    /// The targets of all `br_table`s. Each `br_table` has a range of this list, with its default target
    /// last.
    pub branches: Vec<Branch>,
    /// The functions. Calls, references and exports name them by index.
    pub functions: Vec<Function>,
    /// Per function that the program's module imports: its index here. `None` if nothing reaches it, and for
    /// a program that is linked from several modules the list is empty.
    pub imports: Vec<Option<u32>>,
    /// The distinct function types: equal types have the same index.
    pub types: Vec<FuncType>,
    /// The globals with their values.
    pub globals: Vec<Global>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The references of each element segment that an instruction uses.
    pub segments: Vec<Vec<Value>>,
    /// The memory, where there is one.
    pub memory: Option<Memory>,
    /// The exports, by name.
    pub exports: Vec<(String, Export)>,
    /// The functions to run before any other, in this order: the start function, and a reactor's
    /// `_initialize`.
    pub starts: Vec<u32>,
}

/// A global and its initial value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    /// The global's type, and whether its value can change.
    pub ty: GlobalType,
    /// The value.
    pub value: Value,
}

/// A table and its initial contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The type of the references.
    pub element: ValType,
    /// The reference in each place.
    pub places: Vec<Value>,
    /// The length to which the table may grow, at most [`MAX_TABLE`](limits::MAX_TABLE).
    pub max: u32,
}

/// A memory and its initial contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The memory's length in pages of [`PAGE`](limits::PAGE) bytes.
    pub pages: u32,
    /// The length to which the memory may grow, at most [`MAX_PAGES`](limits::MAX_PAGES).
    pub max_pages: u32,
    /// Runs of bytes, each with its address, in ascending order and not adjacent. All other bytes are 0.
    pub data: Vec<(u32, Vec<u8>)>,
}

impl Memory {
    /// A memory of these bytes, whose number must be a multiple of a page. Each run begins and ends with a
    /// byte that is not 0. A few zeros do not end a run: they cost less than a new run.
    pub fn new(bytes: &[u8], max_pages: u32) -> Memory {
        const GAP: usize = 4;
        let mut data: Vec<(u32, Vec<u8>)> = Vec::new();
        for (address, &byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
            match data.last_mut() {
                Some((start, run)) if address - (*start as usize + run.len()) < GAP => {
                    run.resize(address - *start as usize, 0);
                    run.push(byte);
                }
                _ => data.push((address as u32, vec![byte])),
            }
        }
        Memory { pages: bytes.len() as u32 / limits::PAGE, max_pages, data }
    }
}

impl Program {
    /// The program with its parts changed and not checked, for tests of programs that cannot be made from a
    /// module.
    #[doc(hidden)]
    #[must_use]
    pub fn edited_unchecked(mut self, edit: impl FnOnce(&mut Parts)) -> Program {
        edit(&mut self.parts);
        self
    }

    /// Makes the program begin with the state that a run left. The functions that run before
    /// any other are removed, because they have run.
    pub fn go_on_from(&mut self, state: &State) {
        self.parts.tables.iter_mut().zip(&state.tables).for_each(|(table, places)| table.places.clone_from(places));
        let dropped = self.parts.segments.iter_mut().zip(&state.dropped).filter(|(_, dropped)| **dropped);
        dropped.for_each(|(segment, _)| segment.clear());
        self.parts.globals.iter_mut().zip(&state.globals).for_each(|(global, value)| global.value = *value);
        if let Some(of_program) = &mut self.parts.memory {
            *of_program = Memory::new(&state.memory, of_program.max_pages);
        }
        self.parts.starts.clear();
    }

    /// The exported function of this name.
    pub fn exported_function(&self, name: &str) -> Option<u32> {
        self.exports.iter().find_map(|(exported, export)| match export {
            Export::Function(index) if exported == name => Some(*index),
            _ => None,
        })
    }

    /// The first name that a function is exported by.
    pub fn export_of(&self, function: u32) -> Option<&str> {
        self.exports.iter().find(|(_, export)| *export == Export::Function(function)).map(|(name, _)| &name[..])
    }

    /// The indices of the exported functions.
    pub fn exported_functions(&self) -> impl Iterator<Item = u32> {
        self.exports.iter().filter_map(|(_, export)| match export {
            Export::Function(index) => Some(*index),
            _ => None,
        })
    }

    /// The function whose code holds a pc.
    pub fn function_at(&self, pc: u32) -> Option<u32> {
        // The functions' code is in the order of the functions.
        let index = self.functions.partition_point(|function| function.end <= pc);
        self.functions.get(index).filter(|function| function.entry <= pc).map(|_| index as u32)
    }

    /// Whether the function whose code holds a pc stands for an import that nobody serves.
    pub fn is_unserved(&self, pc: u32) -> bool {
        let entry = self.function_at(pc).map(|function| self.functions[function as usize].entry);
        let first = entry.and_then(|entry| self.code.get(entry as usize));
        entry == Some(pc) && first.is_some_and(|instr| matches!(instr.immediate, Immediate::Refused(Refusal::Import(_))))
    }

    /// A function's name for display, safe to print: its own name, the name that it is exported by, or its
    /// index.
    pub fn function_name(&self, function: u32) -> String {
        let exported = || self.exports.iter().find(|(_, export)| *export == Export::Function(function)).map(|(name, _)| name.clone());
        let own = self.functions[function as usize].name.clone();
        own.or_else(exported).map_or_else(|| format!("#{function}"), |name| shown::shown(&name))
    }

    /// A pc for display, with its instruction and function.
    pub fn place(&self, pc: u32) -> String {
        let instruction = self.code.get(pc as usize).map(ToString::to_string).unwrap_or_default();
        let function = self.function_at(pc).map(|function| format!(" in {}", self.function_name(function))).unwrap_or_default();
        format!("pc {pc}, {instruction}{function}")
    }

    /// The branches that an instruction may take instead of continuing at the next instruction.
    pub fn branches_of<'p>(&'p self, instr: &'p Instr) -> &'p [Branch] {
        match &instr.immediate {
            Immediate::Branch(branch) => std::slice::from_ref(branch),
            Immediate::Branches(range) => &self.branches[range.start as usize..range.end as usize],
            _ => &[],
        }
    }

    /// The type of a function.
    pub fn type_of(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize].ty as usize]
    }
}
