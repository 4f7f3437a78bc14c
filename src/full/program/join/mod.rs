//! Joining: a module with what stands for its imports, and for instructions that the machine does not have,
//! as one module.
//!
//! | in the program | in the joined module |
//! | --- | --- |
//! | an import of WASI | a [routine](crate::full::wasi), linked with it |
//! | `memory.copy`, `memory.fill`, `memory.init`, `data.drop` | a call of a [routine](super::bulk) |
//! | an import with a value of its own ([`Process::constant`](crate::full::wasi::Process)) | a function, or a global, of that value |
//! | an imported memory, table or global | its own, as declared: zeros, and places without functions |
//! | any other function | stays imported; a call of it ends the run |
//!
//! So every engine executes the same module.

mod library;
mod merge;
mod sections;

use std::collections::BTreeSet;

use wasmparser::TypeRef;

use super::bulk::{Bulk, Segments};
use super::imports::{self, Constant, Provider};
use super::{ImportKind, Module, reader};
use crate::full::wasi::Process;
use crate::wasm::{ReadError, Source};
pub(super) use sections::Sections;

/// What a module is joined with.
struct Plan<'a> {
    /// What stands for each of the imports.
    providers: Vec<Provider>,
    /// The instructions to become calls.
    bulk: BTreeSet<Bulk>,
    segments: Segments,
    process: &'a Process,
}

/// Joins a module with what it needs, and nothing else. Its own functions, globals and types come first, in
/// their order. A module that needs nothing is returned as it is.
///
/// # Errors
/// For an import from WASI that is not a function of WASI's type; for a module without a memory that WASI's
/// pointers could point into; for a value given for what cannot have it; where the joined module is beyond a
/// limit.
pub fn join(source: &Source, module: Module, process: &Process) -> Result<Module, ReadError> {
    let internal = |error: String| source.error(None, error);
    let providers = imports::resolve(source, &module, process)?;
    let sections = Sections::read(&module.wasm).map_err(|error| internal(error.to_string()))?;
    let bulk = Bulk::all_in(&sections).map_err(|error| internal(error.to_string()))?;
    if bulk.is_empty() && providers.iter().all(|provider| provider.is_import()) {
        return Ok(module);
    }
    let segments = Segments::of(&sections, &bulk).map_err(|error| internal(error.to_string()))?;
    let plan = Plan { providers, bulk, segments, process };
    let wasm = merge::merge(&sections, &plan).map_err(|error| internal(error.to_string()))?;
    let mut joined = reader::read_bytes(source, &wasm)?.module;
    // The imports that stay are still where the file has them.
    let mut kept = module.imports.iter().filter(|import| matches!(import.kind, ImportKind::Function(_)));
    for import in &mut joined.imports {
        if let Some(original) = kept.find(|kept| (&kept.module, &kept.name) == (&import.module, &import.name)) {
            import.position = original.position;
        }
    }
    Ok(joined)
}

impl Plan<'_> {
    /// What stands for each of the imported functions, by function index.
    fn function_providers(&self, program: &Sections<'_>) -> impl Iterator<Item = &Provider> {
        let imported = program.imports.iter().zip(&self.providers);
        imported.filter(|(import, _)| matches!(import.ty, TypeRef::Func(_))).map(|(_, provider)| provider)
    }

    /// What stands for each of the imported globals, by global index.
    fn imported_globals(&self, program: &Sections<'_>) -> Vec<Constant> {
        let value = |(import, provider): (&wasmparser::Import<'_>, &Provider)| match (import.ty, *provider) {
            (TypeRef::Global(_), Provider::Constant(value)) => Some(value),
            (TypeRef::Global(ty), _) => Some(Constant::zero(reader::value_type(ty.content_type))),
            _ => None,
        };
        program.imports.iter().zip(&self.providers).filter_map(value).collect()
    }
}
