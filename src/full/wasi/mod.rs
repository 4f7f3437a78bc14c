//! WASI preview 1 without a WASI host. A module that imports from `wasi_snapshot_preview1` is
//! [joined](super::program::join) with routines that implement [WASI] in WebAssembly's own instructions. The
//! routines use seven functions of module `host`:
//!
//! | import | meaning |
//! | --- | --- |
//! | `output(i32)` | emits the low byte |
//! | `error(i32)` | emits the low byte to standard error, separately from the output |
//! | `input() -> i32` | takes the next byte of the input; −1 at its end |
//! | `poll() -> i32` | the same as `input`, but −2 where the host would have to wait for the byte |
//! | `send(i32)` | gives the system the low byte, as a part of a question |
//! | `receive() -> i32` | takes the next byte of the system's answer; −1 at its end |
//! | `exit(i32)` | ends the program from any depth of calls, with the low byte as its status |
//!
//! So every engine that executes the joined module executes WASI too, and the host does not read the
//! program's memory: what a program asks of its system is bytes out and bytes in, and the run's
//! [world](world::World) answers. A function of WASI without a routine is an import that nobody serves.
//!
//! [WASI]: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

mod process;
pub mod world;

use std::sync::LazyLock;

pub use process::{Process, ProcessError};

use super::program::{Export, FuncType, Module, reader};

/// The module that WASI's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";
/// The module of the previous version of WASI. Most functions are the same in both versions.
pub const UNSTABLE: &str = "wasi_unstable";

/// Whether a module name is that of WASI's functions.
pub fn is_wasi(module: &str) -> bool {
    module == MODULE || module == UNSTABLE
}

/// The text of the module of routines.
const ROUTINES: &str =
    concat!(include_str!("streams.wat"), include_str!("system.wat"), include_str!("files.wat"), include_str!("paths.wat"));

/// The module of routines.
pub(super) fn routines() -> &'static Module {
    static MODULE: LazyLock<Module> = LazyLock::new(|| reader::built_in("the routines of WASI", ROUTINES));
    &MODULE
}

/// The routine with this name.
fn exported(name: &str) -> Option<u32> {
    routines().exports.iter().find_map(|(exported, export)| match export {
        Export::Function(index) if exported == name => Some(*index),
        _ => None,
    })
}

/// Whether a function of WASI needs routines that ask the system what each descriptor is.
pub(super) fn needs_files(name: &str) -> bool {
    exported(name).is_none() && exported(&format!("{name}{FILES}")).is_some()
}

/// What is added to the name of a function for the routine of processes that may have files.
const FILES: &str = " with files";

/// What is added to the name for the routine that takes each 64-bit parameter as two of 32 bits.
const HALVES: &str = " in halves";

/// The function of WASI that the routine of this name serves.
pub fn served_by(routine: &str) -> Option<&str> {
    let name = routine.strip_suffix(HALVES).unwrap_or(routine);
    exported(routine).map(|_| name.strip_suffix(FILES).unwrap_or(name))
}

/// The functions that work otherwise in the previous version of WASI where there are files.
const CHANGED: [&str; 4] = ["fd_seek", "fd_filestat_get", "path_filestat_get", "poll_oneoff"];

/// The routine, by function index, that serves a function of WASI imported with this type. `with_files` says
/// whether the process may have files.
///
/// # Errors
/// The routine's type, if it is not this type; `None` if there is no such routine.
pub(super) fn routine(module: &str, name: &str, ty: &FuncType, with_files: bool) -> Result<u32, Option<&'static FuncType>> {
    let files = Some(format!("{name}{FILES}")).filter(|name| with_files && exported(name).is_some());
    if files.is_some() && module == UNSTABLE && CHANGED.contains(&name) {
        return Err(None);
    }
    let name = files.unwrap_or_else(|| name.to_string());
    let named = exported(&name).ok_or(None)?;
    let in_halves = exported(&format!("{name}{HALVES}"));
    let fits = |routine: &u32| routines().function_type(*routine) == ty;
    let fitting = [Some(named), in_halves].into_iter().flatten().find(fits);
    fitting.ok_or_else(|| Some(routines().function_type(named)))
}
