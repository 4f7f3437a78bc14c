//! The part of reading WebAssembly that both languages share: sources and places in them, the text format,
//! the headers of test files, finding programs in folders.

mod binary;
pub(crate) mod complaints;
pub mod find;
pub(crate) mod header;
mod source;
pub(crate) mod text;

pub use binary::Binary;
pub(crate) use source::Part;
pub use source::{Bytes, MAX_FILE, Position, ReadError, Source};
