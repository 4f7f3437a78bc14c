//! The full language in the harness: its cases, machine and generators, and the parts that only this language
//! has.

mod answers;
pub mod exhaustive;
mod expectation;
mod fuzz;
pub mod generate;
pub(super) mod instrument;
mod language;
mod machine;
pub mod results;
mod shrink;
pub mod spec;
mod wasmi;
#[cfg(feature = "wasmtime")]
mod wasmtime;

pub use expectation::failure;
pub use generate::Generated;
pub use language::Given;
pub use machine::{FullReader, Listed};
pub use wasmi::WasmiEngine;
#[cfg(feature = "wasmtime")]
pub use wasmtime::WasmtimeEngine;

/// The full language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Full;

/// A full program, the calls to run, and the input.
pub type Case<'a> = super::Case<'a, Full>;
/// The result of a run of a full program.
pub type Run = super::Run<Full>;
/// What an engine reports of a run of a full program.
pub type Observed<'a> = super::Observed<'a, Full>;
/// A watch of a run of a full program.
pub type Watch<'w> = super::Watch<'w, Full>;
/// A run of a full program with its trace.
pub type Recorded = super::Recorded<Full>;
/// The full machine's network.
pub type NetworkEngine = super::NetworkEngine<Full>;
/// Statistics of full programs.
pub type Statistics = super::statistics::Statistics<Full>;
