//! Resolved instructions, and the values that they work on.

use std::fmt;
use std::ops::Range;

use crate::full::isa::{Op, ValType};
use crate::shown;

/// A value. A float is held as the integer with the same bits. A reference is held as an i32: 0 if it is
/// null, else 1 more than the index of the function, or than the host's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
}

impl Value {
    /// The value that a local of this type starts with.
    pub fn zero(ty: ValType) -> Value {
        match ty {
            ValType::I32 | ValType::F32 | ValType::FuncRef | ValType::ExternRef => Value::I32(0),
            ValType::I64 | ValType::F64 => Value::I64(0),
        }
    }

    /// The type.
    pub fn ty(self) -> ValType {
        match self {
            Value::I32(_) => ValType::I32,
            Value::I64(_) => ValType::I64,
        }
    }

    /// A reference to the function with an index, or to the host's thing with a number; null for `None`.
    pub fn reference(to: Option<u32>) -> Value {
        Value::I32(to.map_or(0, |index| index.wrapping_add(1) as i32))
    }

    /// What a reference refers to. `None` for null.
    pub fn referred(self) -> Option<u32> {
        (self.bits() as u32).checked_sub(1)
    }

    /// The number, signed.
    pub fn signed(self) -> i64 {
        match self {
            Value::I32(value) => i64::from(value),
            Value::I64(value) => value,
        }
    }

    /// The bits. For an i32, the upper 32 bits are 0.
    pub fn bits(self) -> u64 {
        match self {
            Value::I32(value) => u64::from(value as u32),
            Value::I64(value) => value as u64,
        }
    }

    /// The value of a type with these bits.
    pub fn from_bits(ty: ValType, bits: u64) -> Value {
        match ty {
            ValType::I32 | ValType::F32 | ValType::FuncRef | ValType::ExternRef => Value::I32(bits as i32),
            ValType::I64 | ValType::F64 => Value::I64(bits as i64),
        }
    }
}

impl fmt::Display for Value {
    /// The value as an integer. The format `{:#}` puts the type before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.typed(self.ty()).fmt(f)
    }
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instr {
    /// The operation.
    pub op: Op,
    /// The immediate.
    pub immediate: Immediate,
    /// The number of operands on the stack before the instruction, without the function's locals.
    pub height: u32,
}

impl Instr {
    /// Sets the target of this branch, once the target is known.
    pub(super) fn set_target(&mut self, target: u32) {
        if let Immediate::Branch(branch) = &mut self.immediate {
            branch.target = target;
        }
    }
}

/// A resolved immediate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Immediate {
    /// The instruction does not have an immediate.
    None,
    /// The constant of `i32.const`.
    I32(i32),
    /// The constant of `i64.const`.
    I64(i64),
    /// The bits of the constant of `f32.const`.
    F32(u32),
    /// The bits of the constant of `f64.const`.
    F64(u64),
    /// The index of a local, parameters first.
    Local(u32),
    /// The index of a global.
    Global(u32),
    /// The offset of a load or store. The width of the access is [`Op::access_width`].
    Offset(u32),
    /// The index of a function.
    Function(u32),
    /// The index of the function that `ref.func` refers to.
    Reference(u32),
    /// The type of `ref.null`.
    Null(ValType),
    /// The index of the type that `call_indirect` asks for, and that of the table.
    Indirect {
        /// The type.
        ty: u32,
        /// The table.
        table: u32,
    },
    /// The index of a table.
    Table(u32),
    /// The indices of the tables of `table.copy`.
    Tables {
        /// The table that is written.
        to: u32,
        /// The table that is read.
        from: u32,
    },
    /// The indices of the table and the element segment of `table.init`.
    Init {
        /// The table.
        table: u32,
        /// The segment.
        segment: u32,
    },
    /// The index of the element segment of `elem.drop`.
    Element(u32),
    /// The branch of `br`, `br_if`, `if` (taken when its operand is 0) and `else`.
    Branch(Branch),
    /// The targets of a `br_table`: a range of the program's list, the default last.
    Branches(Range<u32>),
    /// What [`Op::Refused`] refuses.
    Refused(Refusal),
}

impl Immediate {
    /// The constant, if the immediate is one.
    pub fn constant(&self) -> Option<Value> {
        match *self {
            Immediate::I32(value) => Some(Value::I32(value)),
            Immediate::I64(value) => Some(Value::I64(value)),
            Immediate::F32(bits) => Some(Value::I32(bits as i32)),
            Immediate::F64(bits) => Some(Value::I64(bits as i64)),
            Immediate::Null(_) => Some(Value::I32(0)),
            Immediate::Reference(function) => Some(Value::reference(Some(function))),
            _ => None,
        }
    }
}

/// Something that ends a run where it is reached, because the engines do not support it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An instruction that is not in the profile, by name.
    Instruction(Box<str>),
    /// A call of an import that nobody serves, by module and name.
    Import(Box<str>),
    /// An access of a linked module to another memory than the program's.
    SecondMemory,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Instruction(name) => f.write_str(name),
            Refusal::Import(path) => write!(f, "import {}", shown::shown(path)),
            Refusal::SecondMemory => f.write_str("access to a second memory"),
        }
    }
}

impl Refusal {
    /// What is refused and why, as a sentence without a full stop.
    pub fn reason(&self) -> String {
        match self {
            Refusal::Instruction(name) => format!("{name} is not in the profile"),
            Refusal::Import(path) => format!("the import {} is not served", shown::shown(path)),
            Refusal::SecondMemory => format!("linked modules: {self}"),
        }
    }
}

/// The target of a branch, and the operands that the branch leaves on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The pc that the branch goes to.
    pub target: u32,
    /// The number of operands taken along from the top of the stack.
    pub arity: u32,
    /// The number of operands that stay below the operands taken along. The operands between are dropped.
    pub height: u32,
}

impl fmt::Display for Branch {
    /// The branch as `@target (arity over height)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{} ({} over {})", self.target, self.arity, self.height)
    }
}

impl fmt::Display for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.immediate {
            Immediate::None => write!(f, "{}", self.op),
            Immediate::I32(value) => write!(f, "{} {value}", self.op),
            Immediate::I64(value) => write!(f, "{} {value}", self.op),
            Immediate::F32(bits) => write!(f, "{} {}", self.op, Value::I32(*bits as i32).typed(ValType::F32)),
            Immediate::F64(bits) => write!(f, "{} {}", self.op, Value::I64(*bits as i64).typed(ValType::F64)),
            Immediate::Offset(0) => write!(f, "{}", self.op),
            Immediate::Offset(offset) => write!(f, "{} offset={offset}", self.op),
            Immediate::Local(index) | Immediate::Global(index) | Immediate::Function(index) => write!(f, "{} {index}", self.op),
            Immediate::Reference(index) | Immediate::Table(index) | Immediate::Element(index) => write!(f, "{} {index}", self.op),
            Immediate::Null(ty) => write!(f, "{} {}", self.op, if *ty == ValType::FuncRef { "func" } else { "extern" }),
            Immediate::Indirect { ty, table: 0 } => write!(f, "{} type={ty}", self.op),
            Immediate::Indirect { ty, table } => write!(f, "{} table={table} type={ty}", self.op),
            Immediate::Tables { to, from } => write!(f, "{} {to} {from}", self.op),
            Immediate::Init { table, segment } => write!(f, "{} {table} {segment}", self.op),
            Immediate::Branch(branch) => write!(f, "{} {branch}", self.op),
            Immediate::Branches(range) => write!(f, "{} {} targets", self.op, range.len()),
            Immediate::Refused(what) => write!(f, "{} {what}", self.op),
        }
    }
}
