//! WebAssembly's own test suite: every assertion of the core files of versions 1 and 2, but those on vectors.
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

use wasmparser::WasmFeatures;

use crate::harness::Tick;
pub use backend::{Backend, Failure, SPECTEST_PRINTS};
pub use script::Results;
pub use store::StoreBackend;
pub use wasmi::WasmiBackend;

/// Name and text of each script of version 1, sorted.
const VERSION_1: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/spec1.rs"));
/// Name and text of each script of version 2, sorted.
const VERSION_2: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/spec2.rs"));

/// A version of WebAssembly, and of its test suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Version 1.
    One,
    /// Version 2.
    Two,
}

impl Version {
    /// The number of the version.
    pub fn number(self) -> u32 {
        match self {
            Version::One => 1,
            Version::Two => 2,
        }
    }

    /// The features of the version that the profile has.
    pub fn features(self) -> WasmFeatures {
        match self {
            Version::One => WasmFeatures::WASM1,
            Version::Two => WasmFeatures::WASM2.difference(WasmFeatures::SIMD),
        }
    }
}

/// The results of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileResults {
    /// The file's name.
    pub file: String,
    /// The results of the file's assertions.
    pub results: Results,
}

/// The files of a version whose names contain `filter`: name and text, sorted by name.
pub fn files(version: Version, filter: &str) -> Vec<(&'static str, &'static str)> {
    let scripts = match version {
        Version::One => VERSION_1,
        Version::Two => VERSION_2,
    };
    scripts.iter().copied().filter(|(name, _)| name.contains(filter)).collect()
}

/// Runs files of a version, with a new backend per file. `tick` is called after each file. Once it returns a
/// break, the remaining files are not run.
pub fn run<'e>(
    version: Version,
    files: &[(&str, &str)],
    new_backend: &dyn Fn() -> Box<dyn Backend + 'e>,
    tick: &Tick<'_>,
) -> Vec<FileResults> {
    let mut all = Vec::new();
    for (name, text) in files {
        all.push(FileResults { file: (*name).to_string(), results: script::run(version, name, text, &mut *new_backend()) });
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
