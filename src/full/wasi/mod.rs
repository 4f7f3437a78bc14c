//! WASI preview 1 without a WASI host. A module that imports from `wasi_snapshot_preview1` is
//! [joined](super::program::join) with routines that implement [WASI] in WebAssembly's own instructions. The
//! routines use five functions of module `host`:
//!
//! | import | meaning |
//! | --- | --- |
//! | `output(i32)` | emits the low byte |
//! | `error(i32)` | emits the low byte to standard error, separately from the output |
//! | `input() -> i32` | takes the next byte of the input; −1 at its end |
//! | `poll() -> i32` | the same as `input`, but −2 where the host would have to wait for the byte |
//! | `exit(i32)` | ends the program from any depth of calls, with the low byte as its status |
//!
//! So every engine that executes the joined module executes WASI too, and the host does not read the
//! program's memory. There are no clocks, no randomness and no files: a function of WASI without a routine is
//! an import that nobody serves.
//!
//! [WASI]: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

mod process;

use std::sync::LazyLock;

pub use process::{Process, ProcessError};

use super::program::{Export, FuncType, Module, reader};

/// The module that WASI's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";
/// The module of the previous version of WASI. Of the functions that have a routine, both versions are the
/// same.
pub const UNSTABLE: &str = "wasi_unstable";

/// Whether a module name is that of WASI's functions.
pub fn is_wasi(module: &str) -> bool {
    module == MODULE || module == UNSTABLE
}

/// The module of routines.
pub(super) fn routines() -> &'static Module {
    static MODULE: LazyLock<Module> = LazyLock::new(|| reader::built_in("the routines of WASI", include_str!("routines.wat")));
    &MODULE
}

/// The routine, by function index, that serves a function of WASI imported with this type.
///
/// # Errors
/// The routine's type, if it is not this type; `None` if there is no such routine.
pub(super) fn routine(name: &str, ty: &FuncType) -> Result<u32, Option<&'static FuncType>> {
    let exported = |name: &str| {
        routines().exports.iter().find_map(|(exported, export)| match export {
            Export::Function(index) if exported == name => Some(*index),
            _ => None,
        })
    };
    let named = exported(name).ok_or(None)?;
    let in_halves = exported(&format!("{name} in halves"));
    let fits = |routine: &u32| routines().function_type(*routine) == ty;
    let fitting = [Some(named), in_halves].into_iter().flatten().find(fits);
    fitting.ok_or_else(|| Some(routines().function_type(named)))
}
