//! The harness for the full profile.

pub mod compare;
pub mod engine;
pub mod exhaustive;
mod expectation;
pub mod fuzz;
pub mod generate;
pub mod margins;
mod network;
pub mod soak;
pub mod spec;
mod vm;
mod wasmi;

pub use compare::{Recorded, Report, Verdict, compare, record};
pub use engine::{Case, Engine, Run, Watch};
pub use expectation::failure;
pub use network::{Emitted, NetworkEngine, Tokens};
pub use vm::VmEngine;
pub use wasmi::WasmiEngine;
