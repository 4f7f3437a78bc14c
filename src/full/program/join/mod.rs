//! Joining: a module is combined, as one module, with code that replaces its imports and the instructions
//! that the machine does not have.
//!
//! | in the program | in the joined module |
//! | --- | --- |
//! | an import of WASI | a [routine](crate::full::wasi), which becomes part of the module |
//! | `memory.copy`, `memory.fill`, `memory.init`, `data.drop` | a call of a [routine](super::bulk) |
//! | an import with a value of its own ([`Process::constant`](crate::full::wasi::Process)) | a function, or a global, of that value |
//! | an imported memory, table or global | one defined in the module, as declared: zeros, and places without functions |
//! | no counterpart | a function for bytes that are [given](Supply), which puts them into the memory |
//! | any other imported function | the same import; a call ends the run, except for the host's functions |
//!
//! So every engine executes the same module.

mod library;
mod merge;
mod sections;
mod supply;

use std::collections::BTreeSet;

use wasmparser::TypeRef;

use super::bulk::{Bulk, Segments};
use super::imports::{self, Constant, Provider};
use super::{ImportKind, Module, reader};
use crate::full::wasi::Process;
use crate::wasm::{ReadError, Source};
pub(super) use sections::Sections;
pub use supply::{Place, Supply};

/// The plan of a join: everything that the module is joined with.
struct Plan<'a> {
    /// The provider of each import.
    providers: Vec<Provider>,
    /// The instructions that become calls.
    bulk: BTreeSet<Bulk>,
    segments: Segments,
    process: &'a Process,
    /// Whether the imports are those of other modules, and stay imports.
    linked: bool,
}

/// Joins a module with only the routines and functions that it needs. The module's own functions, globals and
/// types come first, in their order. A module that does not need any is returned unchanged.
///
/// # Errors
/// Where an import from WASI is not a function of WASI's type; where a module imports from WASI and has no
/// memory that WASI's pointers could point into; where a value is given for an import that cannot have it;
/// where bytes are given that cannot be put into the memory;
/// where the joined module is beyond a limit.
pub fn join(source: &Source, module: Module, process: &Process) -> Result<Module, ReadError> {
    let providers = imports::resolve(source, &module, process)?;
    join_with(source, module, providers, process, false)
}

/// Joins a module that is linked with other modules: its imports stay imports, and only its bulk instructions
/// become calls.
///
/// # Errors
/// Where the joined module is beyond a limit.
pub fn join_linked(source: &Source, module: Module) -> Result<Module, ReadError> {
    let providers = vec![Provider::Linked; module.imports.len()];
    join_with(source, module, providers, &Process::default(), true)
}

fn join_with(source: &Source, module: Module, providers: Vec<Provider>, process: &Process, linked: bool) -> Result<Module, ReadError> {
    let internal = |error: String| source.error(None, error);
    let sections = Sections::read(&module.wasm).map_err(|error| internal(error.to_string()))?;
    let bulk = Bulk::all_in(&sections).map_err(|error| internal(error.to_string()))?;
    process.supplies().iter().try_for_each(|supply| supply.check(&module)).map_err(|reason| source.error(None, reason))?;
    if process.supplies().is_empty() && bulk.is_empty() && providers.iter().all(|provider| provider.is_import()) {
        return Ok(module);
    }
    let segments = Segments::of(&sections, &bulk).map_err(|error| internal(error.to_string()))?;
    let plan = Plan { providers, bulk, segments, process, linked };
    let wasm = merge::merge(&sections, &plan).map_err(|error| internal(error.to_string()))?;
    let mut joined = reader::read_bytes(source, &wasm)?.module;
    // Each remaining import gets its position in the file.
    let mut kept = module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_)));
    for import in &mut joined.imports {
        if let Some(original) = kept.find(|kept| (&kept.module, &kept.name) == (&import.module, &import.name)) {
            import.position = original.position;
        }
    }
    Ok(joined)
}

impl Plan<'_> {
    /// The provider of each imported function, by function index.
    fn function_providers(&self, program: &Sections<'_>) -> impl Iterator<Item = &Provider> {
        let imported = program.imports.iter().zip(&self.providers);
        imported.filter(|(import, _)| matches!(import.ty, TypeRef::Func(_))).map(|(_, provider)| provider)
    }

    /// The value of each imported global, by global index.
    fn imported_globals(&self, program: &Sections<'_>) -> Vec<Constant> {
        let value = |(import, provider): (&wasmparser::Import<'_>, &Provider)| match (import.ty, *provider) {
            (TypeRef::Global(_), Provider::Constant(value)) => Some(value),
            (TypeRef::Global(ty), _) => Some(Constant::zero(reader::value_type(ty.content_type))),
            _ => None,
        };
        program.imports.iter().zip(&self.providers).filter_map(value).collect()
    }
}
