//! The interface on which a test script acts.

use super::Version;
use crate::full::isa::Trap;
use crate::full::isa::ValType::{self, F32, F64, I32};
use crate::full::program::{Limits, TableType, Value};

/// The reason why a command did not give a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The module is malformed or not valid.
    Invalid(String),
    /// The module's imports cannot be satisfied.
    Unlinkable(String),
    /// The run trapped.
    Trap(Trap),
    /// The command needs something that the engine declares as unsupported. The reason does not name a place
    /// in the script, so that equal reasons can be counted.
    Unsupported(String),
    /// Any other failure. It should not occur.
    Broken(String),
}

/// Modules, instances and invocations of one script.
pub trait Backend {
    /// Checks that a module is well-formed, and valid in a version of WebAssembly: the profile may have more.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with the validator's message.
    fn validate(&mut self, wasm: &[u8], version: Version) -> Result<(), Failure>;

    /// Instantiates a module and runs its start function. Returns the instance's number.
    ///
    /// # Errors
    /// Any failure.
    fn instantiate(&mut self, wasm: &[u8]) -> Result<usize, Failure>;

    /// Makes the exports of an instance available to imports of other modules.
    fn register(&mut self, module: &str, instance: usize);

    /// Invokes an exported function.
    ///
    /// # Errors
    /// Any failure.
    fn invoke(&mut self, instance: usize, function: &str, arguments: &[Value]) -> Result<Vec<Value>, Failure>;

    /// The value of an exported global.
    ///
    /// # Errors
    /// Where the instance does not export such a global.
    fn get(&mut self, instance: usize, global: &str) -> Result<Value, Failure>;

    /// A declared limit that a run has reached without a trap. After it, results may differ from those that a
    /// script expects.
    fn limit_met(&self) -> Option<String>;
}

/// The functions of the module `spectest` with their parameters. The functions have no results, and their
/// output is not checked.
pub const SPECTEST_PRINTS: [(&str, &[ValType]); 7] = [
    ("print", &[]),
    ("print_i32", &[I32]),
    ("print_i64", &[ValType::I64]),
    ("print_f32", &[F32]),
    ("print_f64", &[F64]),
    ("print_i32_f32", &[I32, F32]),
    ("print_f64_f64", &[F64, F64]),
];
/// The table of `spectest`.
pub(super) const SPECTEST_TABLE: TableType = TableType { element: ValType::FuncRef, limits: Limits { min: 10, max: Some(20) } };
/// The memory of `spectest`, in pages.
pub(super) const SPECTEST_MEMORY: Limits = Limits { min: 1, max: Some(2) };
/// The globals of `spectest`: name, type and bits of the value. In the suite the value is 666, and 666.6 for
/// float types.
pub(super) fn spectest_globals() -> [(&'static str, ValType, u64); 4] {
    [
        ("global_i32", I32, 666),
        ("global_i64", ValType::I64, 666),
        ("global_f32", F32, u64::from(666.6f32.to_bits())),
        ("global_f64", F64, 666.6f64.to_bits()),
    ]
}
