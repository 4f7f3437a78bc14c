//! A module of routines, and the functions of it that a program needs.

use std::convert::Infallible;

use wasm_encoder::{Function, reencode};
use wasmparser::{FunctionBody, Import};

use super::{Plan, Sections};
use crate::full::program::bulk;
use crate::full::program::imports::Provider;
use crate::full::wasi;

/// A module of routines, and the functions of it that a program needs, each with its index in that module.
pub(super) struct Library<'a> {
    pub sections: Sections<'a>,
    /// Functions of the host, which stay imports.
    pub host: Vec<(usize, Import<'a>)>,
    pub bodies: Vec<(usize, FunctionBody<'a>)>,
    /// Functions made for the program that the routines import.
    pub made: Vec<(usize, Function)>,
}

impl<'a> Library<'a> {
    /// The libraries that a plan needs: the library of WASI first, the library of bulk instructions last.
    pub fn needed(plan: &'a Plan<'_>) -> Result<Vec<Library<'a>>, reencode::Error<Infallible>> {
        let mut libraries = Vec::new();
        let wanted: Vec<usize> = plan.providers.iter().filter_map(Provider::wasi).map(|routine| routine as usize).collect();
        if !wanted.is_empty() {
            let sections = Sections::read(&wasi::routines().wasm)?;
            libraries.push(Library::new(sections, &wanted, &|list, name| plan.process.function(list, name))?);
        }
        if !plan.bulk.is_empty() {
            let sections = Sections::read(&bulk::routines().wasm)?;
            let wanted: Vec<usize> = plan.bulk.iter().filter_map(|bulk| sections.exported_function(bulk.routine())).collect();
            libraries.push(Library::new(sections, &wanted, &|list, name| plan.segments.function(list, name))?);
        }
        Ok(libraries)
    }

    /// The part of a library that the `wanted` functions need. `made` makes the functions that they import,
    /// except the host's functions.
    fn new(
        sections: Sections<'a>,
        wanted: &[usize],
        made: &dyn Fn(&str, &str) -> Option<Function>,
    ) -> Result<Library<'a>, reencode::Error<Infallible>> {
        let reached = sections.reachable(wanted.iter().copied())?;
        let mut library = Library { sections, host: Vec::new(), bodies: Vec::new(), made: Vec::new() };
        let imports = library.sections.imported_functions().enumerate().filter(|(function, _)| reached[*function]);
        for (function, import) in imports {
            match made(import.module, import.name) {
                Some(made) => library.made.push((function, made)),
                None => library.host.push((function, *import)),
            }
        }
        let imported = library.sections.imported();
        let bodies = library.sections.bodies.iter().enumerate().map(|(index, body)| (imported + index, body.clone()));
        library.bodies = bodies.filter(|(function, _)| reached[*function]).collect();
        Ok(library)
    }
}
