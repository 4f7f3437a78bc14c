//! Machines: WebAssembly interpreters expressed as circuits.

pub mod byte;
pub mod full;
