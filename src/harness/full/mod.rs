//! The harness for the full profile.

pub mod engine;

pub use engine::{Case, Engine, Run, Watch};
