//! The compliance suite: the seed document's twelve groups, embedded in the library.
//!
//! Each program's header states the expected outputs, trap and files, which were derived by reasoning. An
//! engine passes a program if its run has this outcome and its trace equals the reference VM's trace.

use super::Run;
use crate::byte::program::reader::{Module, read_bytes};
use crate::byte::trace::End;
use crate::harness::corpus::{CORPUS, Place};
use crate::wasm::{Bytes, ReadError};

/// The groups in the seed document's order: folder and title.
pub const GROUPS: [(&str, &str); 12] = [
    ("core-arithmetic-logic", "Core arithmetic & logic"),
    ("comparisons", "Comparisons"),
    ("memory-variables", "Memory & variables"),
    ("filesystem", "Filesystem"),
    ("filesystem-integration", "Filesystem integration"),
    ("limits-bounds", "Limits & bounds"),
    ("basic-loops", "Basic loops"),
    ("loop-arithmetic", "Loop + arithmetic"),
    ("loop-locals-memory", "Loop + locals/memory"),
    ("loop-filesystem", "Loop + filesystem"),
    ("loop-edge-cases", "Loop edge cases"),
    ("combined-output", "Combined & output"),
];

/// The maximum length of the trace of a program of the suite.
pub const STEP_LIMIT: usize = 1_000_000;

/// One program of the suite.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Group, category and name, with slashes.
    pub path: &'static str,
    /// The program with its header.
    pub module: Module,
}

impl Entry {
    /// The folder of the group.
    pub fn group(&self) -> &'static str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// The first expectation of the header that a run does not meet. `None` if the run meets all of them.
    pub fn failure(&self, run: &Run) -> Option<String> {
        let header = &self.module.header;
        let end = header.trap.map_or(End::Halt, End::Trap);
        let outputs = header.outputs.as_deref().unwrap_or_default();
        if run.end != end {
            Some(format!("expected the end {end}, but the run ended with {}", run.end))
        } else if run.state.outputs != outputs {
            Some(format!("expected outputs {outputs:?}, got {:?}", run.state.outputs))
        } else if run.state.files != header.files_after() {
            Some(format!("expected files {:?}, got {:?}", header.files_after(), run.state.files))
        } else {
            None
        }
    }
}

/// Reads the whole suite.
///
/// # Errors
/// Where a program does not conform to the profile. The tests show that all programs conform.
pub fn suite() -> Result<Vec<Entry>, ReadError> {
    let path = |name: &'static str| name.strip_prefix("corpus/compliance/")?.strip_suffix(".wat");
    let programs = CORPUS.iter().filter_map(|(name, _)| Some((Place::Corpus(name), path(name)?)));
    programs
        .map(|(place, path)| Ok(Entry { path, module: place.read().and_then(|Bytes { source, bytes }| read_bytes(&source, &bytes))? }))
        .collect()
}
