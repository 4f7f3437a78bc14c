//! The command line: what a person types and sees.
//!
//! Results go to standard output, everything said about them to standard error. Exit statuses: 0 agreed or
//! ran; 1 divergence or trap; 2 usage, or input that cannot be used. `run` and `trace` pass on the status that a program
//! itself exits with.

mod bench;
mod card;
mod diff;
mod exhaustive;
mod export;
mod external;
mod full;
mod r#gen;
mod info;
mod input;
mod jobs;
mod listing;
mod memory;
mod mutate;
mod repl;
mod run;
mod shrink;
mod soak;
mod spec;
mod studio;
mod suite;
mod trace;
mod xray;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use crate::harness::EngineError;
use crate::isa;
use crate::program::ReadError;
use crate::shown;
use crate::transformer::folder::FolderError;

/// A transformer, compiled and never trained, whose forward passes execute WebAssembly.
#[derive(Parser)]
#[command(version, about, after_long_help = instructions())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a program and print its outputs
    Run(run::Run),
    /// Run a program and print its step trace
    Trace(trace::Trace),
    /// Run programs on all engines in lockstep and compare everything observable
    Diff(diff::Diff),
    /// Run the compliance suite on every engine
    Suite(suite::Suite),
    /// Run WebAssembly's own test suite, every integer assertion of its version 1
    Spec(spec::Spec),
    /// Run generated programs through all engines, as many as time allows
    Soak(soak::Soak),
    /// Write generated programs
    Gen(r#gen::Gen),
    /// Make a diverging program small
    Shrink(shrink::Shrink),
    /// Run every case of every small domain through the transformer
    Exhaustive(exhaustive::Exhaustive),
    /// Change every weight in turn: the suites must notice
    Mutate(mutate::Mutate),
    /// Time the engines on the same programs, and a token at any length of the trace
    Bench(bench::Bench),
    /// Describe the machine: shape, lanes, heads, neurons, proven bounds
    Info(info::Info),
    /// Serve the studio on this machine: REPL, X-ray, article and slides in a browser
    Studio(studio::Studio),
    /// Type instructions line by line, and see what the transformer makes of each
    Repl(repl::Repl),
    /// Look into the forward passes of a run: every head, neuron and lane
    Xray(xray::XrayArgs),
    /// Print a program's listing
    Listing(listing::ListingArgs),
    /// Write the weights, their config, a model card and Python files: a folder as model hubs take it
    Export(export::Export),
}

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All agreed, or ran to its end.
    Good,
    /// A divergence, or a trap.
    Bad,
    /// The program ended itself, with this status.
    Exited(u8),
    /// Something could not be used or compared, and was counted.
    Incomplete,
}

/// Why a command could not do its work.
#[derive(Debug, Error)]
enum CliError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("{0}")]
    Usage(String),
    #[error("the results cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(full::plain_numbers(std::env::args_os()));
    let mut out = io::stdout().lock();
    let result = match &cli.command {
        Command::Run(run) => run.execute(&mut out),
        Command::Trace(trace) => trace.execute(&mut out),
        Command::Diff(diff) => diff.execute(&mut out),
        Command::Suite(suite) => suite.execute(&mut out),
        Command::Spec(spec) => spec.execute(&mut out),
        Command::Soak(soak) => soak.execute(&mut out),
        Command::Gen(generate) => generate.execute(&mut out),
        Command::Shrink(shrink) => shrink.execute(&mut out),
        Command::Exhaustive(exhaustive) => exhaustive.execute(&mut out),
        Command::Mutate(mutate) => mutate.execute(&mut out),
        Command::Bench(bench) => bench.execute(&mut out),
        Command::Info(info) => info.execute(&mut out),
        Command::Studio(studio) => studio.execute(&mut out),
        Command::Repl(repl) => repl.execute(&mut out),
        Command::Xray(xray) => xray.execute(&mut out),
        Command::Listing(listing) => listing.execute(&mut out),
        Command::Export(export) => export.execute(&mut out),
    };
    let result = result.and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    ExitCode::from(match result {
        Ok(Outcome::Good) => 0,
        Ok(Outcome::Bad) => 1,
        Ok(Outcome::Exited(status)) => status,
        Ok(Outcome::Incomplete) => 2,
        // Whoever read the output has seen enough.
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            complain(&format!("error: {error}"));
            2
        }
    })
}

fn instructions() -> String {
    format!("Instructions of the byte profile:\n  {}", isa::table_lines("  ").join("\n  "))
}

/// Says something on standard error; if nobody reads it there, nothing is lost but the saying.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", shown::lines(text));
}
