//! A module as one file defines it, with its imports still unresolved.

use std::fmt;

use super::imports::HOST;
use super::{Branch, Instr, Value};
use crate::full::isa::{Op, ValType};
use crate::wasm::Position;

/// A valid module of the full profile. Indices are those of the file's own index spaces, in which imports
/// come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// The module's bytes in the binary format, for engines that run WebAssembly themselves.
    pub wasm: Vec<u8>,
    /// The function types, as the file lists them.
    pub types: Vec<FuncType>,
    /// The imports.
    pub imports: Vec<Import>,
    /// The functions defined here. Their entries, and the branch targets in [`Module::code`], are indices
    /// into [`Module::code`].
    pub functions: Vec<Function>,
    /// The code of all functions defined here, one after another.
    pub code: Vec<Instr>,
    /// The targets of all `br_table`s.
    pub branches: Vec<Branch>,
    /// The byte offset in [`Module::wasm`] of each instruction of the code.
    pub offsets: Vec<u64>,
    /// The tables defined here.
    pub tables: Vec<TableType>,
    /// The memory defined here, in pages.
    pub memory: Option<Limits>,
    /// The globals defined here.
    pub globals: Vec<(GlobalType, ConstExpr)>,
    /// The exports, by name.
    pub exports: Vec<(String, Export)>,
    /// The start function.
    pub start: Option<u32>,
    /// The element segments.
    pub elements: Vec<Element>,
    /// The bytes written to memory before the module starts.
    pub data: Vec<Data>,
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// The parameters.
    pub params: Vec<ValType>,
    /// The results.
    pub results: Vec<ValType>,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's name, for display, where the file gives one.
    pub name: Option<String>,
    /// The index of the function's type.
    pub ty: u32,
    /// The types of the locals, the parameters first.
    pub locals: Vec<ValType>,
    /// The pc of the first instruction.
    pub entry: u32,
    /// The pc after the last instruction.
    pub end: u32,
    /// The greatest height of the operand stack.
    pub max_height: u32,
    /// Whether the function only passes its arguments on to a function of the host. A call of this function
    /// does not count as a call in progress, as a direct call of a host function does not.
    pub passes_on: bool,
}

/// Lengths of a table or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length at the start.
    pub min: u32,
    /// The greatest length declared.
    pub max: Option<u32>,
}

/// The type of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableType {
    /// The type of the references in the table.
    pub element: ValType,
    /// The lengths.
    pub limits: Limits,
}

/// The type of a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalType {
    /// The type of the global's value.
    pub value: ValType,
    /// Whether the value can change.
    pub mutable: bool,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The name of the module to import from.
    pub module: String,
    /// The name of the import in that module.
    pub name: String,
    /// The kind and type that the import must have.
    pub kind: ImportKind,
    /// The position of the import in the file.
    pub position: Position,
}

/// The kind and type that an import must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// A function of the type with this index.
    Function(u32),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(Limits),
    /// A global.
    Global(GlobalType),
}

/// The kind of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// A function, by index.
    Function(u32),
    /// A table, by index.
    Table(u32),
    /// The memory.
    Memory,
    /// A global, by index.
    Global(u32),
}

/// An expression for the initial value of a global, or for the offset of a segment.
/// Its instructions in order, on a stack of operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstExpr(pub Vec<ConstOp>);

/// An instruction of a constant expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstOp {
    /// A constant, or a null reference.
    Value(Value),
    /// The value of an imported global.
    Global(u32),
    /// A reference to a function.
    Function(u32),
    /// An addition, a subtraction or a multiplication.
    Numeric(Op),
}

/// An element segment: references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Where the references are written before the module starts.
    pub place: Placed,
    /// The references.
    pub items: Vec<ConstExpr>,
}

/// Where an element segment is written before the module starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Into a table. From then on the segment has no references.
    Active {
        /// The table.
        table: u32,
        /// The first place.
        offset: ConstExpr,
    },
    /// Nowhere: `table.init` writes it.
    Passive,
    /// Nowhere: the segment only declares that its functions are referred to, and has no references.
    Declared,
}

/// Bytes written to memory before the module starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// The first address.
    pub offset: ConstExpr,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Import {
    /// Whether the import is, in a joined module, a function that nobody serves.
    pub fn is_unserved(&self) -> bool {
        self.module != HOST && matches!(self.kind, ImportKind::Function(_))
    }

    /// The import's module and name, as in `module.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }
}

impl FuncType {
    /// The type of the host's function that an instruction stands for; `None` for any other instruction.
    pub fn of(op: Op) -> Option<FuncType> {
        let row = op.is_host().then(|| op.row())?;
        Some(FuncType { params: row.params()?, results: row.results()? })
    }
}

impl Module {
    /// Whether the module has a memory, imported or defined.
    pub fn has_memory(&self) -> bool {
        self.memory.is_some() || self.imports.iter().any(|import| matches!(import.kind, ImportKind::Memory(_)))
    }

    /// Whether the module has a table, imported or defined.
    pub fn has_table(&self) -> bool {
        self.table_types().next().is_some()
    }

    /// The types of the tables, imported ones first.
    pub fn table_types(&self) -> impl Iterator<Item = TableType> {
        let imported = self.imports.iter().filter_map(|import| match import.kind {
            ImportKind::Table(ty) => Some(ty),
            _ => None,
        });
        imported.chain(self.tables.iter().copied())
    }

    /// The type of a function, imported or defined.
    pub fn function_type(&self, function: u32) -> &FuncType {
        let imported = self.imports.iter().filter_map(|import| match import.kind {
            ImportKind::Function(ty) => Some(ty),
            _ => None,
        });
        let mut types = imported.chain(self.functions.iter().map(|function| function.ty));
        &self.types[types.nth(function as usize).expect("within the index space") as usize]
    }
}

impl fmt::Display for Limits {
    /// The minimum length, and the maximum length where one is declared.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.min)?;
        self.max.map_or(Ok(()), |max| write!(f, " {max}"))
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.limits, self.element)
    }
}

impl fmt::Display for GlobalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mutable { write!(f, "(mut {})", self.value) } else { write!(f, "{}", self.value) }
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(" ");
        write!(f, "[{}] -> [{}]", list(&self.params), list(&self.results))
    }
}
