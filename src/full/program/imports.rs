//! The providers of a module's imports.

use std::fmt;

use wasm_encoder::{ConstExpr, Function, HeapType, Instruction};

use super::integer::integer;
use super::{FuncType, GlobalType, Import, ImportKind, Module};
use crate::full::isa::{Op, TABLE, ValType};
use crate::full::wasi::{self, Process};
use crate::wasm::{ReadError, Source};

/// The name of the module whose functions are instructions.
pub const HOST: &str = "host";

/// The provider of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// An instruction: a function of module `host`.
    Host(Op),
    /// A routine of WASI, by function index among the routines.
    Wasi(u32),
    /// A value given for the import.
    Constant(Constant),
    /// A memory of zeros, a table without functions, or a global that is 0, as the import declares it.
    Declared,
    /// An export of another module that the module is linked with.
    Linked,
    /// No provider: a call of the import ends the run.
    Nobody,
}

/// The value of an import with a given value: a function that ignores its arguments and returns the value, or
/// a global.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// `None` for a function without a result.
    ty: Option<ValType>,
    bits: u64,
}

/// A value given for an import, before its type is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given {
    /// The value for a function without a result.
    Nothing,
    /// An integer, signed or unsigned.
    Integer(i128),
    /// A number that is not an integer, for a float.
    Float(f64),
}

impl Given {
    /// Reads a value from text: an integer, a decimal fraction, `nan`, `inf`, or nothing.
    pub fn parse(text: &str) -> Option<Given> {
        if text.is_empty() {
            return Some(Given::Nothing);
        }
        integer(text).map(Given::Integer).ok().or_else(|| text.parse().ok().map(Given::Float))
    }
}

/// The provider of each of a module's imports.
///
/// # Errors
/// Where an import from the host or from WASI has another type than the function there; where a module
/// imports from WASI and has no memory that WASI's pointers could point into; where a value is given for
/// something that is not imported, or that cannot have this value.
pub fn resolve(source: &Source, module: &Module, process: &Process) -> Result<Vec<Provider>, ReadError> {
    if let Some(name) = process.constants().map(|(name, _)| name).find(|name| module.imports.iter().all(|import| import.path() != **name)) {
        return Err(source.error(None, format!("a value is given for {name}, which the program does not import")));
    }
    let asks = |import: &Import| wasi::is_wasi(&import.module) && wasi::needs_files(&import.name);
    let with_files = process.has_folders() || module.imports.iter().any(asks);
    let provider = |import| provider(module, import, process, with_files).map_err(|reason| source.error(Some(import.position), reason));
    module.imports.iter().map(provider).collect()
}

/// The provider of one import.
fn provider(module: &Module, import: &Import, process: &Process, with_files: bool) -> Result<Provider, String> {
    let path = import.path();
    let given = process.constants().find_map(|(name, given)| (*name == path).then_some(*given));
    let ty = match import.kind {
        ImportKind::Function(ty) => &module.types[ty as usize],
        ImportKind::Global(GlobalType { value, .. }) if let Some(given) = given => {
            return Constant::new(Some(value), given).map(Provider::Constant).map_err(|reason| format!("{path}: {reason}"));
        }
        _ if given.is_some() => return Err(format!("{path}: a value is given, but the import is neither a function nor a global")),
        _ if wasi::is_wasi(&import.module) || import.module == HOST => {
            return Err(format!("{path}: the program imports it, but not as a function"));
        }
        _ => return Ok(Provider::Declared),
    };
    if let Some(given) = given {
        let result = match ty.results[..] {
            [] => None,
            [result] => Some(result),
            _ => return Err(format!("{path}: a value is given for a function with {} results", ty.results.len())),
        };
        return Constant::new(result, given).map(Provider::Constant).map_err(|reason| format!("{path}: {reason}"));
    }
    if import.module == HOST {
        return host(&path, &import.name, ty);
    }
    if !wasi::is_wasi(&import.module) {
        return Ok(Provider::Nobody);
    }
    match wasi::routine(&import.module, &import.name, ty, with_files) {
        Ok(_) if !module.has_memory() => Err(format!("{path}: this function needs a memory, and the module has none")),
        Ok(routine) => Ok(Provider::Wasi(routine)),
        Err(None) => Ok(Provider::Nobody),
        Err(Some(expected)) => Err(format!("{path}: imported with the type {ty}, but its type is {expected}")),
    }
}

/// The host's function of a name and type.
fn host(path: &str, name: &str, ty: &FuncType) -> Result<Provider, String> {
    match Op::from_host(name).and_then(|op| Some((op, FuncType::of(op)?))) {
        Some((op, expected)) if *ty == expected => Ok(Provider::Host(op)),
        Some((_, expected)) => Err(format!("{path}: imported with the type {ty}, but its type is {expected}")),
        None => {
            let names = TABLE.iter().filter(|row| row.op.is_host() && row.op != Op::Refused).map(|row| row.mnemonic);
            Err(format!("unknown import {path}; the imports are {}", names.collect::<Vec<_>>().join(", ")))
        }
    }
}

impl Provider {
    /// Whether the joined module still has the import.
    pub(super) fn is_import(self) -> bool {
        matches!(self, Provider::Host(_) | Provider::Linked | Provider::Nobody)
    }

    /// The index of the routine of WASI, if the provider is one.
    pub(super) fn wasi(&self) -> Option<u32> {
        match self {
            Provider::Wasi(routine) => Some(*routine),
            _ => None,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Provider::Host(_) => "served by the host",
            Provider::Wasi(_) => "served by a routine of WASI",
            Provider::Constant(_) => "served by the value given",
            Provider::Declared => "made as declared, filled with zeros",
            Provider::Linked => "served by another module",
            Provider::Nobody => "not served: a call ends the run",
        })
    }
}

impl Constant {
    /// The zero of a type.
    pub(super) fn zero(ty: ValType) -> Constant {
        Constant { ty: Some(ty), bits: 0 }
    }

    /// A given value as a value of a type.
    fn new(ty: Option<ValType>, given: Given) -> Result<Constant, String> {
        let fits = |bits: u32, number: i128| (-(1i128 << (bits - 1))..1i128 << bits).contains(&number);
        let bits = match (ty, given) {
            (None, Given::Nothing) => 0,
            (None, _) => return Err("a value is given for a function without a result".to_string()),
            (Some(ty), Given::Nothing) => return Err(format!("no value is given for its result of type {ty}")),
            (Some(ValType::I32), Given::Integer(number)) if fits(32, number) => u64::from(number as u32),
            (Some(ValType::I64), Given::Integer(number)) if fits(64, number) => number as u64,
            (Some(ValType::F32), Given::Integer(number)) => u64::from((number as f32).to_bits()),
            (Some(ValType::F64), Given::Integer(number)) => (number as f64).to_bits(),
            (Some(ValType::F32), Given::Float(number)) => u64::from((number as f32).to_bits()),
            (Some(ValType::F64), Given::Float(number)) => number.to_bits(),
            (Some(ty @ (ValType::FuncRef | ValType::ExternRef)), _) => return Err(format!("a number is given for its type {ty}")),
            (Some(ty), Given::Integer(number)) => return Err(format!("{number} does not fit {ty}")),
            (Some(ty), Given::Float(number)) => return Err(format!("{number} is not of type {ty}")),
        };
        Ok(Constant { ty, bits })
    }

    /// A function that returns the value.
    pub(super) fn function(self) -> Function {
        let mut function = Function::new([]);
        if self.ty.is_some() {
            function.instruction(&self.instruction());
        }
        function.instructions().end();
        function
    }

    /// The constant expression of the value, for a global or for the offset of a segment.
    pub(super) fn const_expr(self) -> ConstExpr {
        ConstExpr::extended([self.instruction()])
    }

    /// The instruction that pushes the value.
    pub(super) fn instruction(self) -> Instruction<'static> {
        match self.ty {
            None | Some(ValType::I32) => Instruction::I32Const(self.bits as i32),
            Some(ValType::I64) => Instruction::I64Const(self.bits as i64),
            Some(ValType::F32) => Instruction::F32Const(f32::from_bits(self.bits as u32).into()),
            Some(ValType::F64) => Instruction::F64Const(f64::from_bits(self.bits).into()),
            Some(ValType::FuncRef) => Instruction::RefNull(HeapType::FUNC),
            Some(ValType::ExternRef) => Instruction::RefNull(HeapType::EXTERN),
        }
    }
}
