//! WebAssembly's own test suite: every assertion of the core files of version 1.
//!
//! A script's commands act on a [`Backend`] with modules, instances and invocations. Engines of the harness
//! are used through [`StoreBackend`], which gives the engine one closed program per invocation and carries
//! the state from one invocation to the next. wasmi has a backend of its own, which does not share this code.
//! An assertion passes, fails, or is skipped for a reason. Reasons are counted.

mod backend;
mod script;
mod store;
mod values;
mod wasmi;

use std::collections::BTreeMap;

use crate::harness::Tick;
pub use backend::{Backend, Failure, SPECTEST_PRINTS};
pub use script::Results;
pub use store::StoreBackend;
pub use wasmi::WasmiBackend;

/// Name and text of each script, sorted.
const SCRIPTS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/spec.rs"));

/// The results of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileResults {
    /// The file's name.
    pub file: String,
    /// The results of the file's assertions.
    pub results: Results,
}

/// The files whose names contain `filter`: name and text, sorted by name.
pub fn files(filter: &str) -> Vec<(&'static str, &'static str)> {
    SCRIPTS.iter().copied().filter(|(name, _)| name.contains(filter)).collect()
}

/// Runs files, with a new backend per file. `tick` is called after each file. Once it returns a break, the
/// remaining files are not run.
pub fn run<'e>(files: &[(&str, &str)], new_backend: &dyn Fn() -> Box<dyn Backend + 'e>, tick: &Tick<'_>) -> Vec<FileResults> {
    let mut all = Vec::new();
    for (name, text) in files {
        all.push(FileResults { file: (*name).to_string(), results: script::run(name, text, &mut *new_backend()) });
        if tick().is_break() {
            break;
        }
    }
    all
}

/// The sums over files.
pub fn total(files: &[FileResults]) -> Results {
    let mut total = Results::default();
    for FileResults { results, .. } in files {
        total.commands += results.commands;
        total.failed.extend_from_slice(&results.failed);
        merge(&mut total.passed, &results.passed);
        merge(&mut total.skipped, &results.skipped);
    }
    total
}

fn merge<K: Clone + Ord>(sum: &mut BTreeMap<K, usize>, counts: &BTreeMap<K, usize>) {
    for (key, count) in counts {
        *sum.entry(key.clone()).or_default() += count;
    }
}
