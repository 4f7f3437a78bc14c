//! The byte language: one function, byte values, four small files. It is the published machine's, and small
//! enough to prove.

pub mod isa;
pub mod machine;
pub mod profile;
pub mod program;
pub mod trace;
pub mod vm;
