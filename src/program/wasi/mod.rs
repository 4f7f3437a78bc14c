//! WASI preview 1 without a host: a module that imports from `wasi_snapshot_preview1` is linked with [routines] that
//! implement what it imports, in WebAssembly's own instructions, over three functions of module `host`:
//!
//! | import | meaning |
//! | --- | --- |
//! | `output(i32)` | emits the low byte |
//! | `input() -> i32` | takes the next byte of the input; −1 at its end |
//! | `exit(i32)` | ends the program from any depth of calls, with that status |
//!
//! So whoever executes the linked module executes WASI too, and the host reads nothing of the program's memory.
//! Time and randomness are refused: a program must have one trace.
//!
//! [routines]: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

mod merge;
mod process;
mod sections;

use std::borrow::Cow;

use thiserror::Error;
use wasm_encoder::reencode;
use wasmparser::{FuncType, Validator, WasmFeatures};

pub use process::{Process, ProcessError};

use super::source::Source;
use super::text;
use sections::Sections;

/// The module that WASI's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

const ROUTINES: &str = include_str!("routines.wat");

/// Why a module cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// An import that no routine serves.
    #[error("{MODULE}.{name}: {reason}")]
    Import {
        /// Which of the module's imports.
        index: usize,
        /// Where it stands in the module, in bytes.
        offset: u64,
        /// The function's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A module that is not valid, or newer than WebAssembly 1.0 in what its sections hold.
    #[error("{0}")]
    Module(String),
}

impl From<wasmparser::Error> for LinkError {
    fn from(error: wasmparser::Error) -> LinkError {
        LinkError::Module(error.to_string())
    }
}

impl From<reencode::Error> for LinkError {
    fn from(error: reencode::Error) -> LinkError {
        match error {
            reencode::Error::ParseError(error) => error.into(),
            error => LinkError::Module(error.to_string()),
        }
    }
}

/// Links a module with the routines it imports, and no others. Its own functions, globals and types come first, in
/// their order. A module that imports nothing of WASI is returned as it is.
///
/// # Errors
/// For an import without a routine or of another type than the routine's; for a module that is not valid, or that has
/// no memory for WASI's pointers to point into.
pub fn link<'w>(wasm: &'w [u8], process: &Process) -> Result<Cow<'w, [u8]>, LinkError> {
    let program = Sections::read(wasm)?;
    if program.imports.iter().all(|(_, import)| import.module != MODULE) {
        return Ok(Cow::Borrowed(wasm));
    }
    Validator::new_with_features(WasmFeatures::all()).validate_all(wasm)?;
    let (routines, _) = text::encode(&Source::named("WASI's routines"), ROUTINES).map_err(|error| LinkError::Module(error.to_string()))?;
    let routines = Sections::read(&routines)?;
    let wanted = resolve(&program, &routines)?;
    Ok(Cow::Owned(merge::merge(&program, &routines, &wanted, process)?))
}

/// The routine, by function index, for each of the program's imports of WASI, by function index.
fn resolve(program: &Sections<'_>, routines: &Sections<'_>) -> Result<Vec<(usize, usize)>, LinkError> {
    let mut wanted = Vec::new();
    for (index, (offset, import)) in program.imports.iter().enumerate() {
        if import.module != MODULE {
            continue;
        }
        let refuse = |reason: String| LinkError::Import { index, offset: *offset, name: import.name.to_string(), reason };
        let Some(function) = program.imported_functions().position(|imported| imported == index) else {
            return Err(refuse("not imported as a function".to_string()));
        };
        let Some(routine) = routines.exported_function(import.name)? else {
            return Err(refuse(unserved(import.name).to_string()));
        };
        let (ty, expected) = (program.function_type(function), routines.function_type(routine));
        if ty != expected {
            return Err(refuse(format!("imported as {}, but it is {}", signature(ty), signature(expected))));
        }
        if !program.has_memory() {
            return Err(refuse("the module has no memory for it to work on".to_string()));
        }
        wanted.push((function, routine));
    }
    Ok(wanted)
}

/// Why there is no routine of that name.
fn unserved(name: &str) -> &'static str {
    if name.starts_with("clock_") {
        "refused: the machine has no clock, since a program must have one trace"
    } else if name == "random_get" {
        "refused: the machine has no randomness, since a program must have one trace"
    } else {
        "refused: no routine for it; there are standard streams, arguments, environment and exit"
    }
}

fn signature(ty: &FuncType) -> String {
    let list = |types: &[wasmparser::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(ty.params()), list(ty.results()))
}
