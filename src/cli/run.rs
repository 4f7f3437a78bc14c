//! `wasmformer run`.

use std::io::{self, Write};
use std::ops::ControlFlow;

use clap::Args;

use super::full;
use super::input::{Either, Input, Loaded};
use super::{CliError, Outcome, complain};
use crate::harness::{Observed, Watch};
use crate::isa::Op;
use crate::trace::{End, Step, Token};

#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    input: Input,
    /// Print the outputs of a byte program as bytes instead of one decimal a line
    #[arg(long)]
    raw: bool,
    /// Print what a full program imports and what stands for it, and run nothing
    #[arg(long)]
    list_imports: bool,
}

impl Run {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        if self.list_imports {
            return full::list_imports(self.input.file(), out);
        }
        let loaded = match self.input.load()? {
            Either::Byte(loaded) => loaded,
            Either::Full(input) => return full::run(&input, out),
        };
        follow(&loaded, |step| match (loaded.program.code()[step.pc].op, step.token) {
            (Op::Output, Token::Byte(byte)) if self.raw => out.write_all(&[byte]),
            (Op::Output, Token::Byte(byte)) => writeln!(out, "{byte}"),
            _ => Ok(()),
        })
    }
}

/// Runs a program, showing each step as it is made, and tells on standard error of an end other than `halt`.
pub(super) fn follow(loaded: &Loaded, mut show: impl FnMut(Step) -> io::Result<()>) -> Result<Outcome, CliError> {
    let mut failed = None;
    let mut last = None;
    let watch: &mut Watch<'_> = &mut |observed: &Observed<'_>| {
        last = Some(observed.step);
        failed = show(observed.step).err();
        if failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let run = loaded.engine.run(loaded.case(), watch)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if run.end == End::Halt {
        return Ok(Outcome::Good);
    }
    if let Some(Step { pc, token }) = last {
        complain(&format!("{} at pc {pc}, {} (token {token})", run.end, loaded.program.code()[pc]));
    }
    Ok(Outcome::Bad)
}
