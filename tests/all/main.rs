//! All integration tests in one binary: so they are linked once, and run in parallel. The folders have the
//! names of those in `src`.

mod comments;
mod common;
#[cfg(unix)]
mod order;
mod pages;
mod snapshots;

/// The byte language.
mod byte {
    mod compliance;
    mod generators;
    mod machine;
    mod mutate;
    mod planted;
    mod reader;
    mod specialized;
    mod stock;
    mod unnarrowed;
}

/// The full language.
mod full {
    mod calls;
    mod corpus;
    mod ends;
    mod export;
    mod floats;
    mod fused;
    mod generators;
    mod joining;
    mod limits;
    mod machine;
    mod memory;
    mod mutate;
    mod planted;
    mod programs;
    mod reader;
    mod reports;
    mod shrinking;
    mod specialized;
    mod tables;
    mod toolchains;
    mod wasi;
}

/// The forward passes.
mod transformer {
    mod folder;
    mod indexed;
    mod pass;
    mod sparse;
}

/// The harness, for both languages.
mod harness {
    mod exhaustive;
    mod limit;
    mod margins;
    #[cfg(unix)]
    mod results;
}

/// Proofs about weights.
mod prove {
    mod byte;
    mod full;
}

/// The command line.
mod cli {
    mod bench;
    #[cfg(unix)]
    mod cases;
    #[cfg(unix)]
    mod external;
    #[cfg(unix)]
    mod files;
    mod folders;
    mod input;
    mod outcome;
    #[cfg(unix)]
    mod pipes;
    mod studio;
    mod weights;
    mod xray;
}
