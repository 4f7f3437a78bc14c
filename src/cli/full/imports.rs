//! `wasmformer run --list-imports`.

use std::io::Write;
use std::path::Path;

use crate::cli::{CliError, Outcome};
use crate::full::program::{ImportKind, imports, reader};
use crate::full::wasi::Process;
use crate::wasm::Source;

/// Prints the imports of a module, one per line: module and name, type, and what provides the import.
pub(in crate::cli) fn list_imports(path: &Path, out: &mut dyn Write) -> Result<Outcome, CliError> {
    let module = reader::read_file(path)?.module;
    let providers = imports::resolve(&Source::named(path.display().to_string()), &module, &Process::default())?;
    for (import, provider) in module.imports.iter().zip(providers) {
        let kind = match import.kind {
            ImportKind::Function(ty) => module.types[ty as usize].to_string(),
            ImportKind::Table(ty) => format!("table {ty}"),
            ImportKind::Memory(limits) => format!("memory {limits}"),
            ImportKind::Global(ty) => format!("global {ty}"),
        };
        writeln!(out, "{:<44}  {kind:<32}  {provider}", import.path())?;
    }
    Ok(Outcome::Good)
}
