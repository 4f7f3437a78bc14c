//! A module by itself as a program. Functions that the module still imports are served by the host, or by
//! nobody.

use std::collections::HashMap;

use super::imports::HOST;
use super::reader::built_in;
use super::store::{Extern, InstantiationError, Store};
use super::{FuncType, ImportKind, Module, Program};
use crate::full::isa::Op;
use crate::wasm::{ReadError, Source};

/// The program of a module that is built into this crate and needs nothing to be joined.
pub(in crate::full) fn built_in_program(name: &str, text: &str) -> Program {
    let closed = close(&Source::named(name), &built_in(name, text));
    closed.unwrap_or_else(|error| unreachable!("a test closes it: {error}"))
}

/// The program of a [joined](super::join) module. Its functions and globals keep the order of the module, so
/// that a pc is an index into [`Module::offsets`] too.
///
/// # Errors
/// Where the module imports anything but functions, a segment does not fit, or the module is beyond a limit.
pub fn close(source: &Source, module: &Module) -> Result<Program, ReadError> {
    let mut store = Store::default();
    let mut functions: HashMap<(&str, &str, &FuncType), Extern> = HashMap::new();
    for import in &module.imports {
        let ImportKind::Function(ty) = import.kind else { continue };
        let ty = &module.types[ty as usize];
        let host = Op::from_host(&import.name).filter(|op| import.module == HOST && FuncType::of(*op).as_ref() == Some(ty));
        functions.entry((&import.module, &import.name, ty)).or_insert_with(|| match host {
            Some(op) => store.host_function(op, ty.clone()),
            None => store.unserved_function(import.path(), ty.clone()),
        });
    }
    let resolve = |import: &super::Import| {
        let ImportKind::Function(ty) = import.kind else { return None };
        functions.get(&(import.module.as_str(), import.name.as_str(), &module.types[ty as usize])).copied()
    };
    let instance = store.instantiate(module.clone(), &resolve).map_err(|error| {
        let position = match &error {
            InstantiationError::UnknownImport(import) | InstantiationError::ImportType(import) => Some(import.position),
            InstantiationError::Segment(_) => None,
        };
        source.error(position, error)
    })?;
    let linked = store.link_instance(instance).map_err(|error| source.error(None, error))?;
    Ok(linked.program)
}
