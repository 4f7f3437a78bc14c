//! The harness: engines, their comparison in lockstep, and the suites they are compared on.
//!
//! The harness is written once, generic over [`Language`]. The parts that only one language needs are in
//! [`byte`] and [`full`].

pub mod bench;
pub mod byte;
pub mod compare;
pub mod conformance;
pub mod corpus;
pub mod engine;
pub mod engines;
pub mod exhaustive;
pub mod full;
pub mod fuzz;
pub mod generate;
pub mod language;
pub mod machine;
pub mod margins;
pub mod mutate;
pub mod origin;
pub mod random;
pub mod report;
pub mod residuals;
mod shrink;
pub mod soak;
pub mod specialize;
pub mod statistics;
pub mod stop;
pub mod tokens;
pub mod vm;

pub use byte::Byte;
pub use compare::{Verdict, compare};
pub use conformance::{Conformance, conform};
pub use engine::{Case, Emitted, Engine, EngineError, Observed, Recorded, Run, Transformer, Watch, on_steps, on_tokens, record};
pub use engines::{ExternalEngine, NetworkEngine};
pub use full::Full;
pub use language::Language;
pub use report::Report;
pub use specialize::Specialization;
pub use stop::{Stop, Tick};
pub use vm::VmEngine;
