//! WASI preview 1 without a host: a module that imports from `wasi_snapshot_preview1` is linked with routines that do
//! what [WASI] says, in WebAssembly's own instructions, over three functions of module `host`:
//!
//! | import | meaning |
//! | --- | --- |
//! | `output(i32)` | emits the low byte |
//! | `input() -> i32` | takes the next byte of the input; −1 at its end |
//! | `exit(i32)` | ends the program from any depth of calls, with the low byte as its status |
//!
//! So whoever executes the linked module executes WASI too, and the host reads nothing of the program's memory.
//! Clocks and randomness are refused: a program must have one trace.
//!
//! [WASI]: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

mod merge;
mod process;
mod sections;

pub use process::{Process, ProcessError};

use super::{Export, ImportKind, Module, reader};
use crate::program::{ReadError, Source};
use merge::merge;

/// The module that WASI's functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

const ROUTINES: &str = include_str!("routines.wat");

/// Links a module with the routines it imports, and no others. Its own functions, globals and types come first, in
/// their order. A module that imports nothing of WASI is returned as it is.
///
/// # Errors
/// For an import without a routine or of another type than the routine's; for a module without a memory that WASI's
/// pointers could point into; where the linked module is beyond a limit.
pub fn link(source: &Source, module: Module, process: &Process) -> Result<Module, ReadError> {
    if module.imports.iter().all(|import| import.module != MODULE) {
        return Ok(module);
    }
    let routines = reader::read_bytes(&Source::named("WASI's routines"), ROUTINES.as_bytes())?.module;
    let wanted = resolve(source, &module, &routines)?;
    let linked = merge(&module, &routines, &wanted, process).map_err(|error| source.error(None, error))?;
    Ok(reader::read_bytes(source, &linked)?.module)
}

/// The routine, by function index, for each of the program's imports of WASI, by function index.
fn resolve(source: &Source, program: &Module, routines: &Module) -> Result<Vec<(usize, usize)>, ReadError> {
    let has_memory = program.memory.is_some() || program.imports.iter().any(|import| matches!(import.kind, ImportKind::Memory(_)));
    let mut wanted = Vec::new();
    let mut function = 0;
    for import in &program.imports {
        let refuse = |reason: &str| Err(source.error(Some(import.position), format!("{MODULE}.{}: {reason}", import.name)));
        let ty = match import.kind {
            ImportKind::Function(ty) => &program.types[ty as usize],
            _ if import.module == MODULE => return refuse("imported otherwise than as a function"),
            _ => continue,
        };
        if import.module == MODULE {
            let Some(routine) = routine(routines, &import.name) else {
                return refuse(unserved(&import.name));
            };
            let expected = routines.function_type(routine);
            if ty != expected {
                return refuse(&format!("imported as {ty}, but it is {expected}"));
            }
            if !has_memory {
                return refuse("the module has no memory for it to work on");
            }
            wanted.push((function, routine as usize));
        }
        function += 1;
    }
    Ok(wanted)
}

/// The routine of that name, by function index.
fn routine(routines: &Module, name: &str) -> Option<u32> {
    routines.exports.iter().find_map(|(exported, export)| match export {
        Export::Function(index) if exported == name => Some(*index),
        _ => None,
    })
}

/// Why there is no routine of that name.
fn unserved(name: &str) -> &'static str {
    if name.starts_with("clock_") {
        "refused: there is no clock, since a program must have one trace"
    } else if name == "random_get" {
        "refused: there is no randomness, since a program must have one trace"
    } else {
        "refused: there are standard streams, arguments, environment and exit, and nothing else of WASI"
    }
}
