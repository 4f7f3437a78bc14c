//! A module by itself as a program: its imports are the host's.

use super::store::{Extern, InstantiationError, Store};
use super::{FuncType, Module, Program};
use crate::isa::full::{Op, Signature, TABLE};
use crate::program::{ReadError, Source};

/// The module whose functions are instructions.
const HOST: &str = "host";

/// The program of a module that imports from the host alone. Its functions and globals keep the order of the module,
/// so that a pc is an index into [`Module::offsets`] too.
///
/// # Errors
/// Where it imports anything else, a segment does not fit, or it is beyond a limit.
pub fn close(source: &Source, module: &Module) -> Result<Program, ReadError> {
    let mut store = Store::default();
    let host = host_functions(&mut store);
    let resolve = |module: &str, name: &str| {
        let op = Op::from_host(name).filter(|_| module == HOST)?;
        host.iter().find(|(known, _)| *known == op).map(|(_, function)| *function)
    };
    let instance = store.instantiate(module.clone(), &resolve).map_err(|error| {
        let (position, reason) = match &error {
            InstantiationError::UnknownImport(import) => (Some(import.position), format!("{error}; the profile has {}", names())),
            InstantiationError::ImportType(import) => (Some(import.position), error.to_string()),
            InstantiationError::Segment(_) => (None, error.to_string()),
        };
        source.error(position, reason)
    })?;
    let linked = store.link_instance(instance).map_err(|error| source.error(None, error))?;
    Ok(linked.program)
}

/// Adds the host's functions to a store.
pub fn host_functions(store: &mut Store) -> Vec<(Op, Extern)> {
    let callable = TABLE.iter().filter(|row| row.op.is_host() && row.op != Op::Refused);
    let functions = callable.filter_map(|row| match row.signature {
        Signature::Fixed(params, result) => Some((row.op, FuncType { params: params.to_vec(), results: result.into_iter().collect() })),
        Signature::Polymorphic => None,
    });
    functions.map(|(op, ty)| (op, store.host_function(op, ty))).collect()
}

fn names() -> String {
    let names = TABLE.iter().filter(|row| row.op.is_host() && row.op != Op::Refused).map(|row| row.mnemonic);
    names.collect::<Vec<_>>().join(", ")
}
