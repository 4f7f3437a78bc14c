//! `wasmformer run`.

use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;

use clap::Args;

use super::full::{self, Dump};
use super::input::{Either, Input, Loaded};
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::byte::isa::Op;
use crate::byte::trace::{End, Step, Token};
use crate::harness::{Stop, on_steps};

#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    input: Input,
    /// Print the outputs of a byte program as bytes instead of one decimal number per line
    #[arg(long)]
    raw: bool,
    /// Stop the run after this many steps, with a message and status 2. By default a run has no limit; Ctrl-C
    /// ends it
    #[arg(long, value_name = "STEPS")]
    limit: Option<u64>,
    /// After the results of a full program, print a part of its memory, or write it to FILE; address and
    /// length may be the names that --bytes gives
    #[arg(long = "dump", value_name = "ADDRESS:LENGTH[=FILE]")]
    dumps: Vec<Dump>,
    /// Print each import of a full program and what serves it, and run nothing
    #[arg(long)]
    list_imports: bool,
    /// Print on standard error each call of WASI that a full program makes, with the error number that it
    /// answers, and at the end the numbers of instructions and tokens
    #[arg(long)]
    verbose: bool,
}

/// What may end a run before its program ends: a limit of steps, or a request to stop.
pub(super) struct Leash {
    limit: Option<u64>,
    stop: Stop,
    steps: u64,
}

impl Leash {
    pub(super) fn new(limit: Option<u64>, out: &Results<'_>) -> Leash {
        Leash { limit, stop: out.stop().clone(), steps: 0 }
    }

    /// Counts a step. Breaks if the run must end without it.
    pub(super) fn step(&mut self) -> ControlFlow<()> {
        if self.limit == Some(self.steps) {
            return ControlFlow::Break(());
        }
        self.steps += 1;
        self.stop.flow()
    }

    /// The number of steps counted.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Reports that the limit ended the run, unless a request to stop did.
    pub(super) fn cut(&self, place: impl fmt::Display) -> Outcome {
        if !self.stop.is_requested() {
            complain(&format!("stopped after {} steps, the limit{place}", self.steps));
        }
        Outcome::Incomplete
    }
}

impl Run {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        if self.list_imports {
            return full::list_imports(self.input.file(), out);
        }
        let leash = Leash::new(self.limit, out);
        let loaded = match self.input.load()? {
            Either::Byte(_) if !self.dumps.is_empty() => return Err(CliError::Usage("--dump is for full programs".to_string())),
            Either::Byte(_) if self.verbose => return Err(CliError::Usage("--verbose is for full programs".to_string())),
            Either::Byte(loaded) => loaded,
            Either::Full(input) => return full::run(&input, leash, &self.dumps, self.verbose, out),
        };
        follow(&loaded, leash, |step| match (loaded.program.code()[step.pc].op, step.token) {
            (Op::Output, Token::Byte(byte)) if self.raw => out.write_all(&[byte]),
            (Op::Output, Token::Byte(byte)) => writeln!(out, "{byte}"),
            _ => Ok(()),
        })
    }
}

/// Runs a program and gives each step to `show` at once. Reports an end other than `halt` on standard error.
pub(super) fn follow(loaded: &Loaded, mut leash: Leash, mut show: impl FnMut(Step) -> io::Result<()>) -> Result<Outcome, CliError> {
    let mut failed = None;
    let mut last = None;
    let mut is_cut = false;
    let run = loaded.engine.run(
        loaded.case(),
        &mut on_steps(|step: Step| {
            is_cut = leash.step().is_break();
            if is_cut {
                return ControlFlow::Break(());
            }
            last = Some(step);
            failed = show(step).err();
            if failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }),
    )?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let place = last.map(|Step { pc, token }| format!(" at pc {pc}, {} (token {token})", loaded.program.code()[pc]));
    let place = place.unwrap_or_default();
    if is_cut {
        return Ok(leash.cut(place));
    }
    if run.end == End::Halt {
        return Ok(Outcome::Good);
    }
    complain(&format!("{}{place}", run.end));
    Ok(Outcome::Bad)
}
