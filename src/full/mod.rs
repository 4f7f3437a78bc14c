//! The full language: WebAssembly as compilers emit it.
//!
//! `src/full/README.md` has its programs, imports, forms and limits.

pub mod floats;
pub mod isa;
pub mod listing;
pub mod machine;
pub mod program;
pub mod tables;
pub mod trace;
pub mod vm;
pub mod wasi;
