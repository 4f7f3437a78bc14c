//! Values of wasmi, and what its references refer to.

use std::collections::HashMap;

use wasmi::{AsContext, AsContextMut, ExternRef, F32, F64, Func, Instance, Nullable, Ref, Val};

use crate::full::isa::ValType;
use crate::full::program::{Module, Program, Value};
use crate::harness::full::instrument::steps::function_name;

/// The functions that references may refer to, with their indices in the program.
///
/// wasmi does not compare functions, but their debug forms differ.
#[derive(Default)]
pub(in crate::harness::full) struct Functions(HashMap<String, u32>);

/// The index for a function that the program does not have.
const UNKNOWN: u32 = u32::MAX - 1;

impl Functions {
    /// The functions of an instance of a program's instrumented module.
    pub(super) fn of(store: impl AsContext, instance: Instance, module: &Module, program: &Program) -> Functions {
        let imported = program.imports.len() as u32;
        let imports = (0..).zip(&program.imports).filter_map(|(import, index)| Some((import, (*index)?)));
        let defined = (0..module.functions.len() as u32).map(|index| (imported + index, index));
        let exported = |(of_module, index)| Some((format!("{:?}", instance.get_func(&store, &function_name(of_module))?), index));
        Functions(imports.chain(defined).filter_map(exported).collect())
    }

    /// A reference to a function as a value.
    pub(super) fn value(&self, reference: Nullable<Func>) -> Value {
        let index = |function: Func| self.0.get(&format!("{function:?}")).copied().unwrap_or(UNKNOWN);
        match reference {
            Nullable::Null => Value::reference(None),
            Nullable::Val(function) => Value::reference(Some(index(function))),
        }
    }

    /// A value of wasmi as a value. A float is given by its bits.
    pub(in crate::harness::full) fn value_of(&self, store: impl AsContext, value: &Val) -> Option<Value> {
        match value {
            Val::I32(value) => Some(Value::I32(*value)),
            Val::I64(value) => Some(Value::I64(*value)),
            Val::F32(value) => Some(Value::from_bits(ValType::F32, u64::from(value.to_bits()))),
            Val::F64(value) => Some(Value::from_bits(ValType::F64, value.to_bits())),
            Val::FuncRef(reference) => Some(self.value(*reference)),
            Val::ExternRef(reference) => Some(number(store, *reference)),
            Val::V128(_) => None,
        }
    }

    /// A reference in a table as a value.
    pub(super) fn in_table(&self, store: impl AsContext, reference: Ref) -> Value {
        match reference {
            Ref::Func(reference) => self.value(reference),
            Ref::Extern(reference) => number(store, reference),
        }
    }
}

/// A reference to something of the host's, which is a number, as a value.
pub(super) fn number(store: impl AsContext, reference: Nullable<ExternRef>) -> Value {
    let number = |reference: ExternRef| reference.data(store.as_context()).downcast_ref::<u32>().copied().unwrap_or(UNKNOWN);
    match reference {
        Nullable::Null => Value::reference(None),
        Nullable::Val(reference) => Value::reference(Some(number(reference))),
    }
}

/// A value of a type as a value of wasmi. A float is given by its bits. From outside, no function is given.
pub(in crate::harness::full) fn to_val(store: impl AsContextMut, value: Value, ty: wasmi::ValType) -> Val {
    match (ty, value) {
        (wasmi::ValType::F32, value) => Val::F32(F32::from_bits(value.bits() as u32)),
        (wasmi::ValType::F64, value) => Val::F64(F64::from_bits(value.bits())),
        (wasmi::ValType::FuncRef, _) => Val::FuncRef(Nullable::Null),
        (wasmi::ValType::ExternRef, value) => {
            Val::ExternRef(value.referred().map_or(Nullable::Null, |number| Nullable::Val(ExternRef::new(store, number))))
        }
        (_, Value::I32(value)) => Val::I32(value),
        (_, Value::I64(value)) => Val::I64(value),
    }
}
