//! The `;;!` header of a full program: how it is run, and what is expected of it, as TOML.
//!
//! ```text
//! ;;! about = "remainders take the sign of the dividend"
//! ;;! invoke = "remainder"          # else `main`, `_start`, or nothing but the start function
//! ;;! arguments = [-7, 3]
//! ;;! input = "text or bytes"       # what `host.input` gives
//! ;;! results = [-1]                # or one of: trap = "division-by-zero", exit = 3
//! ;;! outputs = "text or bytes"
//! ;;! errors = "text or bytes"      # what `host.error` is given
//! ```

use serde::Deserialize;

use crate::program::header::{self, Contents, HeaderFault};
use crate::trace::full::{End, State, Trap};

/// A parsed header. A file without one has the default header, which expects nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The category the program belongs to.
    pub category: Option<String>,
    /// What the program is there to catch.
    pub about: Option<String>,
    /// The exported function to invoke.
    pub invoke: Option<String>,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Vec<i64>,
    input: Option<Contents>,
    outputs: Option<Contents>,
    errors: Option<Contents>,
    /// The expected results.
    pub results: Option<Vec<i64>>,
    /// The expected trap.
    pub trap: Option<Trap>,
    /// The expected status of `host.exit`.
    pub exit: Option<u8>,
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

    /// The expected outputs.
    pub fn outputs(&self) -> Option<&[u8]> {
        self.outputs.as_ref().map(Contents::bytes)
    }

    /// Whether it says how a run ends, or what it outputs.
    pub fn expects_something(&self) -> bool {
        self.outputs.is_some() || self.errors.is_some() || self.results.is_some() || self.trap.is_some() || self.exit.is_some()
    }

    /// What a run that ended like this, in this state, did otherwise than expected, if anything.
    pub fn failure(&self, end: &End, state: &State) -> Option<String> {
        if !self.expects_something() {
            return None;
        }
        let as_expected = match (end, self.trap, self.exit) {
            (End::Returned(values), None, None) => {
                self.results.as_ref().is_none_or(|results| values.iter().map(|value| value.signed()).eq(results.iter().copied()))
            }
            (End::Trapped(trap), expected, None) => Some(*trap) == expected,
            (End::Exited(status), None, expected) => *status == expected.unwrap_or(0),
            _ => false,
        };
        if !as_expected {
            return Some(format!("ended otherwise than expected: {end}"));
        }
        let text = crate::trace::render::bytes;
        let errors = self.errors.as_ref().map(Contents::bytes);
        [("outputs", self.outputs(), &state.outputs), ("error messages", errors, &state.errors)].into_iter().find_map(
            |(what, expected, actual)| {
                let expected = expected.filter(|expected| expected != actual)?;
                Some(format!("{what} {} instead of {}", text(actual), text(expected)))
            },
        )
    }
}
