//! The byte language in the harness: its cases, machine and generators, and the parts that only this language
//! has.

pub mod compliance;
mod fuzz;
pub mod generate;
mod language;
mod lower;
mod machine;
pub mod shrink;
mod stock;
mod wasmi;

pub use generate::Generated;
pub use language::Given;
pub use lower::{Lowering, lower};
pub use machine::ByteReader;
pub use stock::StockEngine;
pub use wasmi::{Unnarrowed, WasmiEngine, run_unnarrowed};

/// The byte language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Byte;

/// A byte program with its files.
pub type Case<'a> = super::Case<'a, Byte>;
/// The result of a run of a byte program.
pub type Run = super::Run<Byte>;
/// What an engine reports of a run of a byte program.
pub type Observed<'a> = super::Observed<'a, Byte>;
/// A watch of a run of a byte program.
pub type Watch<'w> = super::Watch<'w, Byte>;
/// A run of a byte program with its trace.
pub type Recorded = super::Recorded<Byte>;
/// The byte machine's network.
pub type NetworkEngine = super::NetworkEngine<Byte>;
