//! The engines: those that run within this process, and [`external`] ones.

mod bounded;
mod dense;
pub mod external;
mod generating;
mod indexed;
mod lower;
mod teacher;
mod vm;
mod wasmi;

pub use bounded::Bounded;
pub use dense::DenseEngine;
pub use external::ExternalEngine;
pub use indexed::IndexedEngine;
pub use lower::{Lowering, lower};
pub use teacher::TeacherForcedEngine;
pub use vm::VmEngine;
pub use wasmi::{Unnarrowed, WasmiEngine, run_unnarrowed};
