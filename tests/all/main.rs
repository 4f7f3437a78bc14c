//! All integration tests in one binary: they share what they link, and run side by side.

mod common;

mod bench;
#[cfg(unix)]
mod cases;
mod cli;
mod compliance;
mod exhaustive;
#[cfg(unix)]
mod external;
mod folder;
mod full;
mod full_calls;
mod full_cli;
mod full_ends;
mod full_export;
mod full_fused;
mod full_generators;
mod full_limits;
mod full_machine;
mod full_memory;
mod full_planted;
mod full_reader;
mod generators;
mod indexed;
mod input;
mod joining;
mod machine;
mod margins;
mod mutate;
#[cfg(unix)]
mod order;
mod outcome;
mod planted;
mod programs;
mod reader;
mod readme;
mod snapshots;
mod studio;
mod toolchains;
mod transformer;
mod unnarrowed;
mod wasi;
mod xray;
