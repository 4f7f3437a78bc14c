//! Machines: WebAssembly interpreters expressed as circuits.

pub mod byte;
