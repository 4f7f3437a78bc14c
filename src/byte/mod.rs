//! The byte language: one function, byte values, four small files. This is the language of the published
//! machine, and it is small enough to prove.

pub mod isa;
pub mod machine;
pub mod profile;
pub mod program;
pub mod trace;
pub mod vm;
