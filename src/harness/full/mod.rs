//! The harness for the full profile.

pub mod engine;
mod vm;

pub use engine::{Case, Engine, Run, Watch};
pub use vm::VmEngine;
