//! `wasmformer repl`.

use std::io::{IsTerminal, Write};
use std::path::Path;

use clap::Args;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};

use super::results::Results;
use super::{CliError, Outcome, complain, xray};
use crate::byte::isa::{self, TABLE};
use crate::byte::program::listing::{parse_line, so_far};
use crate::byte::program::reader::read_file;
use crate::byte::program::{Files, Instr, Program};
use crate::byte::trace::{End, Replay, render};
use crate::file::Prepared;
use crate::harness::Byte;
use crate::harness::byte::compliance::STEP_LIMIT;
use crate::harness::byte::{Case, NetworkEngine, Recorded};
use crate::harness::{VmEngine, record};
use crate::shown;
use crate::studio::xray::Examiner;

#[derive(Args)]
pub(super) struct Repl {}

/// What can be typed besides instructions: name, operand, meaning.
const COMMANDS: [(&str, &str, &str); 10] = [
    (":help", "", "this list, and the instructions"),
    (":stack", "", "the operand stack, bottom first"),
    (":state", "", "locals, memory, files, outputs"),
    (":listing", "", "the program so far"),
    (":xray", "[STEP]", "the forward pass of a step; without STEP, of the last instruction"),
    (":undo", "", "take the last instruction back"),
    (":reset", "", "begin anew"),
    (":load", "FILE", "begin anew with a .wat or .wasm program"),
    (":save", "FILE", "write the program so far as .wat; no file is replaced"),
    (":quit", "", "leave (as Ctrl-D)"),
];

impl Repl {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let fail = |error: ReadlineError| CliError::Usage(format!("the terminal cannot be read: {error}"));
        let mut editor: Editor<Words, DefaultHistory> = Editor::new().map_err(fail)?;
        editor.set_helper(Some(Words));
        let mut session = Session::new();
        let prompt = if std::io::stdin().is_terminal() { "> " } else { "" };
        if !prompt.is_empty() {
            writeln!(out, "One instruction a line; Tab completes, :help lists what there is, :quit leaves.")?;
        }
        // There is nothing to type for, once nobody reads what comes of it.
        while out.arrived() {
            let line = match editor.readline(prompt) {
                Ok(line) => line,
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => return Ok(Outcome::Good),
                Err(error) => return Err(fail(error)),
            };
            let line = line.trim();
            if line == ":quit" {
                return Ok(Outcome::Good);
            }
            if !line.is_empty() {
                editor.add_history_entry(line).map_err(fail)?;
            }
            match session.take(line, out) {
                Ok(()) => {}
                Err(CliError::Output(error)) => return Err(CliError::Output(error)),
                Err(error) => complain(&format!("error: {error}")),
            }
        }
        Ok(Outcome::Good)
    }
}

/// A program being typed, with its last run.
struct Session {
    engine: NetworkEngine,
    /// Compiled when it is first asked for.
    machine: Option<Examiner<Byte>>,
    listing: Vec<Instr>,
    files: Files,
    program: Program,
    recorded: Recorded,
}

impl Session {
    fn new() -> Session {
        let engine = NetworkEngine::indexed();
        let program = so_far(&[]).expect("nothing but a halt is a program");
        let files = Files::default();
        let recorded = record(&engine, Case::new(&program, &files), STEP_LIMIT).expect("a halt runs");
        Session { engine, machine: None, listing: Vec::new(), files, program, recorded }
    }

    fn take(&mut self, line: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        let (command, operand) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let operand = operand.trim();
        match command {
            ":help" => help(out)?,
            ":stack" => writeln!(out, "{}", shown::bytes(&self.stack()))?,
            ":state" => self.state(out)?,
            ":listing" => write!(out, "{}", self.program.listing())?,
            ":xray" => self.xray(operand, out)?,
            ":undo" => {
                let Some(last) = self.listing.last().copied() else {
                    return Err(CliError::Usage("there is nothing to take back".to_string()));
                };
                self.run(self.listing[..self.listing.len() - 1].to_vec(), self.files.clone())?;
                writeln!(out, "took back {last}; stack {}", shown::bytes(&self.stack()))?;
            }
            ":reset" => self.run(Vec::new(), Files::default())?,
            ":load" => {
                let module = read_file(Path::new(operand))?;
                let mut listing = module.program.code().to_vec();
                // What is typed next goes on where the program ended.
                listing.pop_if(|last| last.op == isa::Op::Halt);
                self.run(listing, module.header.files())?;
                self.report(out)?;
            }
            ":save" => self.save(operand, out)?,
            _ if command.starts_with(':') => {
                return Err(CliError::Usage(format!("there is no command {command}; :help lists them")));
            }
            _ => {
                let Some(instr) = parse_line(line).map_err(CliError::Usage)? else { return Ok(()) };
                let mut listing = self.listing.clone();
                listing.push(instr);
                self.run(listing, self.files.clone())?;
                self.report(out)?;
            }
        }
        Ok(())
    }

    /// Runs a listing by the transformer and by the reference VM, and keeps it. Says where the two differ.
    fn run(&mut self, listing: Vec<Instr>, files: Files) -> Result<(), CliError> {
        let program = so_far(&listing).map_err(|refusal| CliError::Usage(refusal.to_string()))?;
        let case = Case::new(&program, &files);
        let recorded = record(&self.engine, case, STEP_LIMIT)?;
        let reference = record(&VmEngine, case, STEP_LIMIT)?;
        if recorded != reference {
            complain(&format!("the reference VM differs: it has {reference:?}, the transformer {recorded:?}"));
        }
        (self.listing, self.files, self.program, self.recorded) = (listing, files, program, recorded);
        Ok(())
    }

    /// What the last instruction did.
    fn report(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        let Recorded { steps, run } = &self.recorded;
        match run.end {
            End::Halt => {}
            End::Stopped => writeln!(out, "stopped after {STEP_LIMIT} steps")?,
            other => writeln!(out, "{other}")?,
        }
        let last = steps.iter().enumerate().rev().find(|(_, step)| self.program.code()[step.pc].op != isa::Op::Halt);
        if let Some((index, step)) = last {
            writeln!(out, "{}", render::step_line(&self.program, index, *step))?;
        }
        let outputs = &run.state.outputs;
        let outputs = if outputs.is_empty() { String::new() } else { format!("   output {}", shown::bytes(outputs)) };
        writeln!(out, "stack {}{outputs}", shown::bytes(&self.stack()))?;
        Ok(())
    }

    /// The operand stack at the end, as the trace implies it.
    fn stack(&self) -> Vec<u8> {
        let mut replay = Replay::new(&self.program);
        self.recorded.steps.iter().for_each(|step| replay.step(step.pc, step.token));
        replay.stack().to_vec()
    }

    fn state(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        let state = &self.recorded.run.state;
        writeln!(out, "locals  {}", shown::bytes(&state.locals))?;
        let cells: Vec<String> = state.memory.iter().enumerate().filter(|(_, x)| **x != 0).map(|(at, x)| format!("{at}: {x}")).collect();
        writeln!(out, "memory  {}", if cells.is_empty() { "all 0".to_string() } else { format!("{}, all else 0", cells.join(", ")) })?;
        for (descriptor, file) in state.files.iter().enumerate() {
            writeln!(out, "file {descriptor}  {}", shown::bytes(file))?;
        }
        writeln!(out, "output  {}", shown::bytes(&state.outputs))?;
        Ok(())
    }

    fn xray(&mut self, operand: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        let step = match operand {
            "" => self.recorded.steps.len().saturating_sub(2),
            number => number.parse().map_err(|_| CliError::Usage(format!("{number:?} is no step")))?,
        };
        let machine = self.machine.get_or_insert_with(Examiner::compiled);
        xray::print(machine, Case::new(&self.program, &self.files), Some(step), false, out).map(drop)
    }

    fn save(&self, path: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        let refused = |reason: String| CliError::Usage(format!("{path}: {reason}"));
        let program = Program::from_code(self.listing.clone()).map_err(|refusal| refused(format!("not yet a whole program: {refusal}")))?;
        let Recorded { run, .. } = record(&VmEngine, Case::new(&program, &self.files), STEP_LIMIT)?;
        let text = program.to_wat(&run.header("typed at the REPL", &self.files));
        // A whole file or none: it appears under its name only once it is written.
        let written = Prepared::new(Path::new(path), text.as_bytes()).and_then(Prepared::publish_new);
        written.map_err(|error| refused(format!("cannot be written: {error}")))?;
        writeln!(out, "{path}: {} instructions", program.code().len())?;
        Ok(())
    }
}

fn help(out: &mut Results<'_>) -> Result<(), CliError> {
    for (name, operand, meaning) in COMMANDS {
        writeln!(out, "{:<14}  {meaning}", format!("{name} {operand}"))?;
    }
    writeln!(out, "\n{}", isa::table_lines("  ").join("\n"))?;
    Ok(())
}

/// Completes mnemonics and commands.
struct Words;

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line[..position].trim_start();
        let all = TABLE.iter().map(|row| row.mnemonic).chain(COMMANDS.iter().map(|command| command.0));
        let fitting = all.filter(|word| word.starts_with(typed)).map(|word| format!("{word} "));
        Ok((position - typed.len(), fitting.collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}
