//! Calls of functions from outside.

use super::{Program, Value};
use crate::full::isa::ValType;

/// A function invoked with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function, by index.
    pub function: u32,
    /// The arguments, of the types of the function's parameters.
    pub arguments: Vec<Value>,
}

impl Call {
    /// A call of a function.
    pub fn new(function: u32, arguments: &[Value]) -> Call {
        Call { function, arguments: arguments.to_vec() }
    }
}

impl Program {
    /// The types of the results of a run that makes these calls, in the order of the calls.
    pub fn results(&self, calls: &[Call]) -> Vec<ValType> {
        calls.iter().flat_map(|call| &self.type_of(call.function).results).copied().collect()
    }
}
