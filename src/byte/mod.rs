//! The byte language: one function, byte values, four small files. This is the language of the published
//! machine, and it is small enough to prove.
//!
//! `src/byte/README.md` has its programs, its instructions, what the network computes and what the host
//! does, and its limits.

pub mod isa;
pub mod machine;
pub mod profile;
pub mod program;
pub mod stock;
pub mod trace;
pub mod vm;
