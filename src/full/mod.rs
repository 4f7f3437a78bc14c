//! The full language: WebAssembly as compilers emit it.

pub mod isa;
pub mod listing;
pub mod machine;
pub mod program;
pub mod trace;
pub mod vm;
pub mod wasi;
