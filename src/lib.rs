pub mod circuit;
pub mod harness;
pub mod isa;
pub mod machine;
pub mod program;
pub mod trace;
pub mod transformer;
pub mod vm;
