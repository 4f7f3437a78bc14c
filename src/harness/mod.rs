//! The harness: engines, their comparison in lockstep, and the suites they are compared on.

pub mod bench;
pub mod compare;
pub mod compliance;
pub mod conformance;
pub mod corpus;
pub mod engine;
pub mod engines;
pub mod exhaustive;
pub mod full;
pub mod fuzz;
pub mod generate;
pub mod margins;
pub mod mutate;
pub mod origin;
pub mod shrink;
pub mod soak;
pub mod statistics;
pub mod stop;

pub use compare::{Report, Verdict, compare};
pub use conformance::{Conformance, conform};
pub use engine::{Case, Engine, EngineError, Observed, Recorded, Run, Watch, record};
pub use engines::{DenseEngine, ExternalEngine, IndexedEngine, VmEngine, WasmiEngine};
pub use generate::Generated;
pub use stop::{Stop, Tick};
