//! The `;;!` header of a full program: how the program is run, and what is expected of the run, as TOML.
//!
//! ```text
//! ;;! about = "remainders take the sign of the dividend"
//! ;;! invoke = "remainder"          # else `main`, `_start`, or nothing but the start function
//! ;;! arguments = [-7, 3]
//! ;;! input = "text or bytes"       # what `host.input` gives
//! ;;! files = [["notes/a.txt", "text or bytes"]]    # in the folder `/` that a WASI program is given
//! ;;! results = [-1]                # or one of: trap = "division-by-zero", exit = 3; a float has a point or is
//!                                   # inf or nan: [1.0]
//! ;;! outputs = "text or bytes"
//! ;;! errors = "text or bytes"      # what `host.error` is given
//! ```

use serde::Deserialize;

use super::Value;
use crate::full::isa::{Trap, ValType};
use crate::full::wasi::world::Folder;
use crate::wasm::header::{self, Contents, HeaderFault};

/// A parsed header. A file without a header has the default header, which expects nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The category the program belongs to.
    pub category: Option<String>,
    /// What the program tests.
    pub about: Option<String>,
    /// The exported function to invoke.
    pub invoke: Option<String>,
    /// The arguments of that function.
    #[serde(default)]
    pub arguments: Vec<i64>,
    input: Option<Contents>,
    #[serde(default)]
    files: Vec<(String, Contents)>,
    outputs: Option<Contents>,
    errors: Option<Contents>,
    /// The expected results.
    pub results: Option<Vec<Expected>>,
    /// The expected trap.
    pub trap: Option<Trap>,
    /// The expected status of `host.exit`.
    pub exit: Option<u8>,
}

/// An expected result.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// An integer.
    Integer(i64),
    /// A float, which is rounded to 32 bits where the result has 32 bits.
    Float(f64),
}

impl PartialEq for Expected {
    fn eq(&self, other: &Expected) -> bool {
        match (self, other) {
            (Expected::Integer(a), Expected::Integer(b)) => a == b,
            (Expected::Float(a), Expected::Float(b)) => same(*a, *b),
            _ => false,
        }
    }
}

impl Eq for Expected {}

impl Expected {
    /// Whether a value of this type is the expected one.
    pub fn is(self, value: Value, ty: ValType) -> bool {
        match (self, ty) {
            (Expected::Integer(integer), ValType::I32 | ValType::I64) => value.signed() == integer,
            (Expected::Float(float), ValType::F32) => same(f32::from_bits(value.bits() as u32).into(), (float as f32).into()),
            (Expected::Float(float), ValType::F64) => same(f64::from_bits(value.bits()), float),
            _ => false,
        }
    }
}

/// Whether two floats have the same bits, or both are NaN.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

impl Header {
    /// Reads the header lines at the start of a source text.
    pub(super) fn parse(source: &str) -> Result<Header, HeaderFault> {
        header::parse(source).map(|(header, _)| header)
    }

    /// The bytes that `host.input` gives.
    pub fn input(&self) -> &[u8] {
        self.input.as_ref().map_or(&[], Contents::bytes)
    }

    /// The folder that the program is given, with the header's files; `None` if there are none.
    pub fn folder(&self) -> Option<Folder> {
        let files = self.files.iter().map(|(path, contents)| (path.clone(), contents.bytes().to_vec())).collect();
        (!self.files.is_empty()).then(|| Folder::given("/".to_string(), &files))
    }

    /// The expected outputs.
    pub fn outputs(&self) -> Option<&[u8]> {
        self.outputs.as_ref().map(Contents::bytes)
    }

    /// The expected error messages.
    pub fn errors(&self) -> Option<&[u8]> {
        self.errors.as_ref().map(Contents::bytes)
    }

    /// Whether the header says how a run ends, or what a run outputs.
    pub fn expects_something(&self) -> bool {
        self.outputs.is_some() || self.errors.is_some() || self.results.is_some() || self.trap.is_some() || self.exit.is_some()
    }
}
