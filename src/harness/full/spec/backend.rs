//! What a test script acts on.

use crate::full::isa::Trap;
use crate::full::isa::ValType::{self, F32, F64, I32};
use crate::full::program::{Limits, Value};

/// Why a command did not give a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The module is malformed or not valid.
    Invalid(String),
    /// Its imports cannot be satisfied.
    Unlinkable(String),
    /// It trapped.
    Trap(Trap),
    /// It is beyond what the engine states that it can do. The reason names no place, so that it can be
    /// counted.
    Unsupported(String),
    /// Anything else, which should not be.
    Broken(String),
}

/// Modules, instances and invocations of one script.
pub trait Backend {
    /// Whether a module is well-formed and valid.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with the complaint.
    fn validate(&mut self, wasm: &[u8]) -> Result<(), Failure>;

    /// Instantiates a module and runs its start function. Gives the instance's number.
    ///
    /// # Errors
    /// Any failure.
    fn instantiate(&mut self, wasm: &[u8]) -> Result<usize, Failure>;

    /// Lets other modules import what an instance exports.
    fn register(&mut self, module: &str, instance: usize);

    /// Invokes an exported function.
    ///
    /// # Errors
    /// Any failure.
    fn invoke(&mut self, instance: usize, function: &str, arguments: &[Value]) -> Result<Vec<Value>, Failure>;

    /// The value of an exported global.
    ///
    /// # Errors
    /// Where there is none.
    fn get(&mut self, instance: usize, global: &str) -> Result<Value, Failure>;

    /// A stated limit that a run has met without a trap, so that what follows may differ from what a script
    /// expects.
    fn limit_met(&self) -> Option<String>;
}

/// The functions of the module `spectest` with their parameters. They have no results, and nothing checks
/// what they print.
pub const SPECTEST_PRINTS: [(&str, &[ValType]); 7] = [
    ("print", &[]),
    ("print_i32", &[I32]),
    ("print_i64", &[ValType::I64]),
    ("print_f32", &[F32]),
    ("print_f64", &[F64]),
    ("print_i32_f32", &[I32, F32]),
    ("print_f64_f64", &[F64, F64]),
];
/// Its table.
pub(super) const SPECTEST_TABLE: Limits = Limits { min: 10, max: Some(20) };
/// Its memory, in pages.
pub(super) const SPECTEST_MEMORY: Limits = Limits { min: 1, max: Some(2) };
/// Its globals' value, 666 in the suite; those of float types hold the bits of 666.6.
pub(super) fn spectest_globals() -> [(&'static str, ValType, u64); 4] {
    [
        ("global_i32", I32, 666),
        ("global_i64", ValType::I64, 666),
        ("global_f32", F32, u64::from(666.6f32.to_bits())),
        ("global_f64", F64, 666.6f64.to_bits()),
    ]
}
