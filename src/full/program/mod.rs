//! Programs of the full profile: any integer WebAssembly 1.0 module, resolved to what executes.
//!
//! A [`Module`] is what one file says: read and validated by the [`reader`], its structured control resolved,
//! its imports still open; [joining](join) gives it what stands for them. A [`Program`] is closed: one flat
//! code for all functions, so that a *pc* names an instruction of the whole program; at most one memory and
//! one table; nothing imported but what an [`Op`](crate::full::isa::Op) stands for. [`close()`] makes it of
//! one module, a [`store`] of several that are [linked](link), with their state at the time.
//!
//! `block`, `loop` and `end` are gone: branches carry the pc they go to. Code that validation shows to be
//! unreachable is gone too. Every instruction that is left has a *height*: the number of operands above the
//! function's locals before it, the same each time it is reached.

pub mod bulk;
mod call;
mod close;
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
pub use close::close;
pub use header::Header;
pub use input::Input;
pub use instr::{Branch, Immediate, Instr, Refusal, Value};
pub use load::{InvocationError, Loaded, load, load_file};
pub use module::{ConstExpr, Data, Element, Export, FuncType, Function, GlobalType, Import, ImportKind, Limits, Module};

use std::ops::Deref;

use crate::shown;

/// A closed program and the state it starts from. Only modules that are validated give one; its
/// [parts](Parts) are there to be read.
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

/// What a [`Program`] consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The code of all functions, one after another. Branch targets and entries are indices into it.
    pub code: Vec<Instr>,
    /// The targets of all `br_table`s; each owns a run of them, its default last.
    pub branches: Vec<Branch>,
    /// The functions. Calls, the table and exports name them by index.
    pub functions: Vec<Function>,
    /// The distinct function types: equal types have one index.
    pub types: Vec<FuncType>,
    /// The globals with their values.
    pub globals: Vec<Global>,
    /// The table's elements, where there is a table: the function in each place, if any. It never grows.
    pub table: Option<Vec<Option<u32>>>,
    /// The memory, where there is one.
    pub memory: Option<Memory>,
    /// What is exported, by name.
    pub exports: Vec<(String, Export)>,
    /// The functions to run before any other, in this order: the start function, and a reactor's
    /// `_initialize`.
    pub starts: Vec<u32>,
}

/// A global and its value at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global {
    /// Its type, and whether it can change.
    pub ty: GlobalType,
    /// Its value.
    pub value: Value,
}

/// A memory and its contents at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Its length in pages of [`PAGE`](limits::PAGE) bytes.
    pub pages: u32,
    /// The length to which it may grow, never more than [`MAX_PAGES`](limits::MAX_PAGES).
    pub max_pages: u32,
    /// Runs of bytes at addresses, in order and apart; all else is 0.
    pub data: Vec<(u32, Vec<u8>)>,
}

impl Memory {
    /// A memory of these bytes, a multiple of a page, in runs that begin and end with what is not 0. A few
    /// zeros do not end a run: they cost less than a new one.
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
    /// The program with its parts changed, which nothing checks: for tests of what no module gives.
    #[doc(hidden)]
    #[must_use]
    pub fn edited_unchecked(mut self, edit: impl FnOnce(&mut Parts)) -> Program {
        edit(&mut self.parts);
        self
    }

    /// Begins with the globals and the memory that a run left. What runs before any other function has run.
    pub fn go_on_from(&mut self, globals: &[Value], memory: &[u8]) {
        self.parts.globals.iter_mut().zip(globals).for_each(|(global, value)| global.value = *value);
        if let Some(of_program) = &mut self.parts.memory {
            *of_program = Memory::new(memory, of_program.max_pages);
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

    /// The exported functions.
    pub fn exported_functions(&self) -> impl Iterator<Item = u32> {
        self.exports.iter().filter_map(|(_, export)| match export {
            Export::Function(index) => Some(*index),
            _ => None,
        })
    }

    /// The function whose code holds a pc.
    pub fn function_at(&self, pc: u32) -> Option<u32> {
        // Functions stand in the code in their order.
        let index = self.functions.partition_point(|function| function.end <= pc);
        self.functions.get(index).filter(|function| function.entry <= pc).map(|_| index as u32)
    }

    /// Whether the function whose code holds a pc stands for an import that nobody serves.
    pub fn is_unserved(&self, pc: u32) -> bool {
        let entry = self.function_at(pc).map(|function| self.functions[function as usize].entry);
        let first = entry.and_then(|entry| self.code.get(entry as usize));
        entry == Some(pc) && first.is_some_and(|instr| matches!(instr.immediate, Immediate::Refused(Refusal::Import(_))))
    }

    /// A function's name for people, fit to be printed: its own, what it is exported as, or its index.
    pub fn function_name(&self, function: u32) -> String {
        let exported = || self.exports.iter().find(|(_, export)| *export == Export::Function(function)).map(|(name, _)| name.clone());
        let own = self.functions[function as usize].name.clone();
        own.or_else(exported).map_or_else(|| format!("#{function}"), |name| shown::shown(&name))
    }

    /// A pc for people: with its instruction and function.
    pub fn place(&self, pc: u32) -> String {
        let instruction = self.code.get(pc as usize).map(ToString::to_string).unwrap_or_default();
        let function = self.function_at(pc).map(|function| format!(" in {}", self.function_name(function))).unwrap_or_default();
        format!("pc {pc}, {instruction}{function}")
    }

    /// Where an instruction may go but to the next.
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
