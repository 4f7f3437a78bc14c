//! The command line: what a person types and sees.
//!
//! Results go to standard output, everything said about them to standard error. Exit statuses: 0 agreed or
//! ran; 1 divergence or trap; 2 usage, input that cannot be used, or cut short before a divergence was known:
//! by an interruption, or because nobody reads the results any more. `run` and `trace` pass on the status
//! that a program itself exits with.

mod bench;
mod card;
mod checkpoint;
mod commands;
mod diff;
mod engines;
mod exhaustive;
mod export;
mod external;
mod files;
mod findings;
mod full;
mod r#gen;
mod info;
mod input;
mod interrupt;
mod jobs;
mod listing;
mod memory;
mod mutate;
mod prove;
mod repl;
mod results;
mod run;
mod said;
mod shell;
mod shrink;
mod soak;
mod spec;
mod specialize;
mod studio;
mod suite;
mod trace;
mod xray;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use results::Results;

use crate::byte::isa;
use crate::harness::EngineError;
use crate::shown;
use crate::transformer::folder::FolderError;
use crate::wasm::ReadError;

/// What `--help` says of exit statuses.
const STATUSES: &str = "Exit statuses:
  0  all agreed, or the program ran to its end
  1  a divergence, or a trap
  2  usage, input that cannot be used, or cut short without a divergence: interrupted, or its output closed
  A program's own exit status is passed on.";

/// A transformer, compiled and never trained, whose forward passes execute WebAssembly.
#[derive(Parser)]
#[command(version, long_version = shell::version(), about, after_help = STATUSES, after_long_help = after_help())]
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
    /// Run WebAssembly's own test suite, every assertion of its version 1, or of version 2 but vectors
    Spec(spec::Spec),
    /// Compare all engines on generated programs, as many as you ask for
    Soak(soak::Soak),
    /// Write generated programs
    Gen(r#gen::Gen),
    /// Make a program smaller on which engines diverge
    Shrink(shrink::Shrink),
    /// Run the transformer on every case of every small domain
    Exhaustive(exhaustive::Exhaustive),
    /// Prove a machine's weights: the byte machine's for every run of every program, the full machine's by
    /// instruction
    Prove(prove::Prove),
    /// Change every weight, one at a time, and check that the suites notice
    Mutate(mutate::Mutate),
    /// Measure the speed of the engines, and the time per token at growing lengths of the trace
    Bench(bench::Bench),
    /// Describe the machine: shape, lanes, heads, neurons, proven bounds
    Info(info::Info),
    /// Serve the studio on this machine: programs, REPL, X-ray, article and slides in a browser
    Studio(studio::Studio),
    /// Type instructions line by line, and see how the transformer executes each of them
    Repl(repl::Repl),
    /// Look into the forward passes of a run: every head, neuron and lane
    Xray(xray::XrayArgs),
    /// Print a program's listing
    Listing(listing::ListingArgs),
    /// Write the weights, their config, a model card and Python files to a folder in the format of model hubs
    Export(export::Export),
    /// Write weights that hold a program, so that the prompt holds none of it
    Specialize(specialize::Specialize),
    /// Print the script by which a shell completes commands and options
    Completions(shell::Completions),
    /// Write manual pages
    Man(shell::Man),
}

impl Command {
    /// Whether it tells, when it is interrupted, what it knows by then. Others are ended by the signal.
    fn tells_what_it_knows(&self) -> bool {
        use Command::{Bench, Diff, Exhaustive, Mutate, Prove, Soak, Spec, Suite};
        matches!(self, Diff(_) | Suite(_) | Spec(_) | Soak(_) | Exhaustive(_) | Prove(_) | Mutate(_) | Bench(_))
    }
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
    let cli = match Cli::try_parse_from(full::plain_numbers(std::env::args_os())) {
        Ok(cli) => cli,
        Err(said) => return help(&said),
    };
    jobs::default_pool();
    let mut stdout = io::stdout().lock();
    let mut out = Results::new(&mut stdout);
    if cli.command.tells_what_it_knows() {
        interrupt::listen(out.stop());
    }
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
        Command::Prove(prove) => prove.execute(&mut out),
        Command::Mutate(mutate) => mutate.execute(&mut out),
        Command::Bench(bench) => bench.execute(&mut out),
        Command::Info(info) => info.execute(&mut out),
        Command::Studio(studio) => studio.execute(&mut out),
        Command::Repl(repl) => repl.execute(&mut out),
        Command::Xray(xray) => xray.execute(&mut out),
        Command::Listing(listing) => listing.execute(&mut out),
        Command::Export(export) => export.execute(&mut out),
        Command::Specialize(specialize) => specialize.execute(&mut out),
        Command::Completions(completions) => completions.execute(&mut out),
        Command::Man(man) => man.execute(&mut out),
    };
    let stop = out.stop().clone();
    if let Some(error) = out.into_lost() {
        say_lost(error);
    }
    ExitCode::from(match result {
        Ok(Outcome::Bad) => 1,
        Ok(Outcome::Exited(status @ 1..)) => status,
        // It may have been more, had it not been cut short.
        Ok(_) if stop.is_requested() => 2,
        Ok(Outcome::Good | Outcome::Exited(0)) => 0,
        Ok(Outcome::Incomplete) => 2,
        Err(error) => {
            complain(&format!("error: {error}"));
            2
        }
    })
}

/// Prints help, or what is wrong with a command line.
fn help(said: &clap::Error) -> ExitCode {
    match said.print() {
        Ok(()) => ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2)),
        Err(error) => {
            say_lost(error);
            ExitCode::from(2)
        }
    }
}

/// Reports why results were lost, unless their reader closed the pipe.
fn say_lost(error: io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        complain(&format!("error: {}", CliError::Output(error)));
    }
}

fn after_help() -> String {
    format!("{STATUSES}\n\nInstructions of the byte profile:\n  {}", isa::table_lines("  ").join("\n  "))
}

/// Writes to standard error. A failed write is ignored.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", shown::lines(text));
}
