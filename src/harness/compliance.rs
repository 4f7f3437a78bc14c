//! The compliance suite: the seed document's twelve groups, embedded in the library.
//!
//! Each program's header states the outputs, trap and files that reasoning gives. Passing means that an
//! engine's run has them; the trace itself is compared by [`super::compare()`].

use super::engine::{Case, Engine, EngineError, record};
use crate::program::reader::{Module, read_bytes};
use crate::program::{ReadError, Source};
use crate::trace::End;

const PROGRAMS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/compliance.rs"));

/// The groups in the seed document's order: folder, title.
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

/// The longest trace that a program of the suite may have.
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

    /// Runs the program on an engine. `Ok(None)` if all that its header expects came true, else what did not.
    ///
    /// # Errors
    /// Where the engine cannot run it.
    pub fn check(&self, engine: &dyn Engine) -> Result<Option<String>, EngineError> {
        let header = &self.module.header;
        let files = header.files();
        let run = record(engine, Case { program: &self.module.program, files: &files }, STEP_LIMIT)?.run;
        let expected_end = header.trap.map_or(End::Halt, End::Trap);
        let expected_outputs = header.outputs.clone().unwrap_or_default();
        Ok(if run.end != expected_end {
            Some(format!("expected to end by {expected_end}, ended by {}", run.end))
        } else if run.state.outputs != expected_outputs {
            Some(format!("expected outputs {expected_outputs:?}, got {:?}", run.state.outputs))
        } else if run.state.files != header.files_after() {
            Some(format!("expected files {:?}, got {:?}", header.files_after(), run.state.files))
        } else {
            None
        })
    }
}

/// Reads the whole suite.
///
/// # Errors
/// Where a program is not of the profile; the tests show that all are.
pub fn suite() -> Result<Vec<Entry>, ReadError> {
    let read = |(path, text): &(&'static str, &str)| {
        let source = Source::named(format!("corpus/compliance/{path}.wat"));
        Ok(Entry { path, module: read_bytes(&source, text.as_bytes())? })
    };
    PROGRAMS.iter().map(read).collect()
}
