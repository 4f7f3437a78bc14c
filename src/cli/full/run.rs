//! `wasmformer run` on a full program.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::calls::SystemCalls;
use super::{Dump, FullInput};
use crate::cli::run::Leash;
use crate::cli::{CliError, Outcome, complain};
use crate::full::isa::Op;
use crate::full::program::typed::typed;
use crate::full::trace::{Effect, End, Step};
use crate::full::wasi::world::World;
use crate::harness::Observed;
use crate::harness::full::Run;
use crate::shown;

/// Prints the outputs as bytes, then the results, one per line. The program's error output goes to standard
/// error, as do its calls of WASI if `is_verbose`. What the program has changed in the folders that it is
/// given is written back to them.
pub(in crate::cli) fn run(
    input: &FullInput,
    leash: Leash,
    dumps: &[Dump],
    is_verbose: bool,
    out: &mut dyn Write,
) -> Result<Outcome, CliError> {
    let mut within_line = false;
    let program = &input.invoked.loaded.program;
    // A world of the same system that is asked the same has the same files in the end.
    let mut world = World::new(Some(&input.invoked.system));
    let mut calls = is_verbose.then(|| SystemCalls::new(program));
    let Followed { run, outcome, tokens, steps } = follow(input, leash, |step| {
        if let Some(line) = calls.as_mut().and_then(|calls| calls.step(step)) {
            out.flush()?;
            writeln!(io::stderr(), "{line}")?;
        }
        match step.effect {
            Effect::Output(byte) => {
                within_line = byte != b'\n';
                out.write_all(&[byte])
            }
            Effect::Error(byte) => {
                // Keeps the program's order of both outputs, if both go to one terminal.
                out.flush()?;
                io::stderr().write_all(&[byte])
            }
            Effect::Send(byte) => {
                world.send(byte);
                Ok(())
            }
            Effect::Push(_) if program.code[step.pc as usize].op == Op::Receive => {
                world.receive();
                Ok(())
            }
            _ => Ok(()),
        }
    })?;
    if let Some(calls) = calls {
        out.flush()?;
        calls.end().map_or(Ok(()), |line| writeln!(io::stderr(), "{line}"))?;
        let tokens = if tokens > 0 { format!(" in {tokens} tokens") } else { String::new() };
        writeln!(io::stderr(), "{steps} instructions{tokens}")?;
    }
    world.save().map_err(|(path, error)| CliError::Usage(format!("{}: it cannot be written: {error}", shown::path(&path))))?;
    if let End::Returned(values) = run.end {
        if within_line && !values.is_empty() {
            writeln!(out)?;
        }
        typed(&values, &input.invoked.results()).iter().try_for_each(|value| writeln!(out, "{value}"))?;
    }
    dumps.iter().try_for_each(|dump| dump.show(&run.state.memory, &input.invoked.put, out))?;
    Ok(outcome)
}

/// A run that has ended.
pub(super) struct Followed {
    run: Run,
    pub(super) outcome: Outcome,
    /// Number of tokens emitted. 0 for an engine without tokens.
    tokens: u64,
    /// Number of instructions executed.
    steps: u64,
}

/// Runs a program and gives each step to `show` at once. Reports an end that is neither a return nor an exit
/// on standard error.
pub(super) fn follow(input: &FullInput, mut leash: Leash, mut show: impl FnMut(Step) -> io::Result<()>) -> Result<Followed, CliError> {
    let mut failed = None;
    let (mut last, mut before) = (None, None);
    let mut is_cut = false;
    let mut tokens = 0;
    let run = input.engine.run(input.case(), &mut |observed| {
        let Observed::Step(step) = observed else {
            tokens += 1;
            return ControlFlow::Continue(());
        };
        is_cut = leash.step().is_break();
        if is_cut {
            return ControlFlow::Break(());
        }
        before = last.replace(step.pc);
        failed = show(*step).err();
        if failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(error) = input.failure() {
        return Err(CliError::Usage(format!("standard input cannot be read: {error}")));
    }
    let program = &input.invoked.loaded.program;
    let place = last.map(|pc| format!(" at {}", program.place(pc))).unwrap_or_default();
    let outcome = match &run.end {
        _ if is_cut => leash.cut(place),
        End::Returned(_) => Outcome::Good,
        End::Exited(status) => Outcome::Exited(*status),
        _ => {
            // An imported function that nothing provides has a pc of its own when it is called through the
            // table, so the caller's place is reported too.
            let caller = before.filter(|_| last.is_some_and(|pc| program.is_unserved(pc)));
            let caller = caller.map(|pc| format!(", called at {}", program.place(pc))).unwrap_or_default();
            complain(&format!("{}{place}{caller}", run.end));
            Outcome::Bad
        }
    };
    Ok(Followed { run, outcome, tokens, steps: leash.steps() })
}
