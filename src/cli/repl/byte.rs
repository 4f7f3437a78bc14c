//! A session for byte programs, typed instruction by instruction. The program so far runs after each
//! instruction.

use std::io::Write;
use std::path::Path;

use super::{Command, help, unknown};
use crate::byte::isa::{self, TABLE};
use crate::byte::profile::{FILE_CAPACITY, FILES, Files};
use crate::byte::program::listing::{parse_line, so_far};
use crate::byte::program::reader::read_file;
use crate::byte::program::{Instr, Program};
use crate::byte::trace::{End, Replay, render};
use crate::cli::results::Results;
use crate::cli::{CliError, complain, xray};
use crate::file::Prepared;
use crate::harness::Byte;
use crate::harness::byte::compliance::STEP_LIMIT;
use crate::harness::byte::{Case, NetworkEngine, Recorded};
use crate::harness::{VmEngine, record};
use crate::shown;
use crate::studio::xray::Examiner;

/// The program that is being typed, with its last run.
pub(super) struct Typed {
    engine: NetworkEngine,
    /// Compiled at the first `:xray`.
    machine: Option<Examiner<Byte>>,
    listing: Vec<Instr>,
    files: Files,
    program: Program,
    recorded: Recorded,
    /// Whether the columns of steps have been named.
    is_headed: bool,
}

impl super::Session for Typed {
    const HISTORY: &'static str = "byte.history";

    const GREETING: &'static str = "One instruction per line; Tab completes, :help lists the commands, :quit leaves.";

    const COMMANDS: &'static [Command] = &[
        (":help", "", "this list, and the instructions"),
        (":stack", "", "the operand stack, bottom first"),
        (":state", "", "locals, memory, files, outputs"),
        (":listing", "", "the program so far"),
        (":trace", "", "the steps of the program so far"),
        (":file", "N BYTES", "what file N holds at the start: numbers, or \"text\""),
        (":xray", "[STEP]", "the forward pass of a step; without STEP, of the last instruction"),
        (":undo", "", "remove the last instruction"),
        (":reset", "", "start again"),
        (":load", "FILE", "start again with a .wat or .wasm program"),
        (":save", "FILE", "write the program so far as .wat; an existing file is not replaced"),
        (":quit", "", "leave (as Ctrl-D)"),
    ];

    fn words() -> Vec<&'static str> {
        TABLE.iter().map(|row| row.mnemonic).collect()
    }

    fn new() -> Typed {
        let engine = NetworkEngine::indexed();
        let program = so_far(&[]).expect("nothing but a halt is a program");
        let files = Files::default();
        let recorded = record(&engine, Case::new(&program, &files), STEP_LIMIT).expect("a halt runs");
        Typed { engine, machine: None, listing: Vec::new(), files, program, recorded, is_headed: false }
    }

    fn take(&mut self, line: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        if line.contains('\n') {
            // A terminal gives a pasted block as one line.
            return line.lines().map(str::trim).filter(|line| !line.is_empty()).try_for_each(|line| self.take(line, out));
        }
        let (command, operand) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let operand = operand.trim();
        match command {
            ":help" => {
                help(<Typed as super::Session>::COMMANDS, out)?;
                writeln!(out, "\n{}", isa::table_lines("  ").join("\n"))?;
            }
            ":stack" => writeln!(out, "{}", shown::bytes(&self.stack()))?,
            ":state" => self.state(out)?,
            ":listing" => write!(out, "{}", self.program.listing())?,
            ":trace" => write!(out, "{}", render::table(&self.program, &self.recorded.steps))?,
            ":file" => {
                let (file, bytes) = file_of(operand).map_err(CliError::Usage)?;
                let mut files = self.files.clone();
                files[file] = bytes;
                self.run(self.listing.clone(), files)?;
                self.report(out)?;
            }
            ":xray" => self.xray(operand, out)?,
            ":undo" => {
                let Some(last) = self.listing.last().copied() else {
                    return Err(CliError::Usage("there is nothing to remove".to_string()));
                };
                self.run(self.listing[..self.listing.len() - 1].to_vec(), self.files.clone())?;
                writeln!(out, "took back {last}; stack {}", shown::bytes(&self.stack()))?;
            }
            ":reset" => self.run(Vec::new(), Files::default())?,
            ":load" => {
                let module = read_file(Path::new(operand))?;
                let mut listing = module.program.code().to_vec();
                // The next instruction typed replaces the final `halt`.
                listing.pop_if(|last| last.op == isa::Op::Halt);
                self.run(listing, module.header.files())?;
                self.report(out)?;
            }
            ":save" => self.save(operand, out)?,
            _ if command.starts_with(':') => return Err(unknown(command)),
            _ => {
                let Some(instr) = parse_line(line).map_err(|error| CliError::Usage(error.to_string()))? else { return Ok(()) };
                let mut listing = self.listing.clone();
                listing.push(instr);
                self.run(listing, self.files.clone())?;
                self.report(out)?;
            }
        }
        Ok(())
    }
}

impl Typed {
    /// Runs a listing on the transformer and on the reference VM, and keeps it. Reports a difference between
    /// the two.
    fn run(&mut self, listing: Vec<Instr>, files: Files) -> Result<(), CliError> {
        let program = so_far(&listing).map_err(|refusal| CliError::Usage(refusal.to_string()))?;
        let case = Case::new(&program, &files);
        let recorded = record(&self.engine, case, STEP_LIMIT)?;
        let reference = record(&VmEngine, case, STEP_LIMIT)?;
        if recorded != reference {
            complain(&format!("the reference VM differs: it gives {reference:?}, the transformer gives {recorded:?}"));
        }
        (self.listing, self.files, self.program, self.recorded) = (listing, files, program, recorded);
        Ok(())
    }

    /// Prints what the last instruction did.
    fn report(&mut self, out: &mut Results<'_>) -> Result<(), CliError> {
        let Recorded { steps, run } = &self.recorded;
        match run.end {
            End::Halt => {}
            End::Stopped => writeln!(out, "stopped after {STEP_LIMIT} steps")?,
            other => writeln!(out, "{other}")?,
        }
        let last = steps.iter().enumerate().rev().find(|(_, step)| self.program.code()[step.pc].op != isa::Op::Halt);
        if let Some((index, step)) = last {
            if !std::mem::replace(&mut self.is_headed, true) {
                writeln!(out, "{}", render::HEADING)?;
            }
            writeln!(out, "{}", render::step_line(&self.program, index, *step))?;
        }
        let outputs = &run.state.outputs;
        let outputs = if outputs.is_empty() { String::new() } else { format!("   output {}", shown::bytes(outputs)) };
        writeln!(out, "stack {}{outputs}", shown::bytes(&self.stack()))?;
        Ok(())
    }

    /// The operand stack at the end of the run, derived from the trace.
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
            number => number.parse().map_err(|_| CliError::Usage(format!("{number:?} is not a step number")))?,
        };
        let machine = self.machine.get_or_insert_with(Examiner::compiled);
        xray::print(machine, Case::new(&self.program, &self.files), Some(step), false, out).map(drop)
    }

    fn save(&self, path: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        let refused = |reason: String| CliError::Usage(format!("{path}: {reason}"));
        let program =
            Program::from_code(self.listing.clone()).map_err(|refusal| refused(format!("the program is not complete yet: {refusal}")))?;
        let Recorded { run, .. } = record(&VmEngine, Case::new(&program, &self.files), STEP_LIMIT)?;
        let text = program.to_wat(&run.header("typed in the REPL", &self.files));
        // The file gets its name only after its contents are written, so it is never incomplete.
        let written = Prepared::new(Path::new(path), text.as_bytes()).and_then(Prepared::publish_new);
        written.map_err(|error| refused(format!("cannot be written: {error}")))?;
        writeln!(out, "{path}: {} instructions", program.code().len())?;
        Ok(())
    }
}

/// The operands of `:file`: a descriptor, and numbers or quoted text.
fn file_of(operands: &str) -> Result<(usize, Vec<u8>), String> {
    let (file, contents) = operands.split_once(char::is_whitespace).unwrap_or((operands, ""));
    let file = file.parse().ok().filter(|file| *file < FILES).ok_or(format!("expected :file N BYTES, with N below {FILES}"))?;
    let contents = contents.trim();
    let bytes: Vec<u8> = match contents.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if text.is_ascii() => text.into(),
        Some(_) => return Err("text of a file is ASCII: other characters have several bytes, which are written as numbers".to_string()),
        None => {
            let words = contents.split([' ', ',']).filter(|word| !word.is_empty());
            let byte = |word: &str| {
                word.parse().map_err(|_| format!("{:?} is not a byte: numbers are 0 to 255, text stands in quotes", shown::shown(word)))
            };
            words.map(byte).collect::<Result<_, _>>()?
        }
    };
    match bytes.len() {
        ..=FILE_CAPACITY => Ok((file, bytes)),
        length => Err(format!("{length} bytes; a file holds at most {FILE_CAPACITY}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Session as _;
    use super::*;

    #[test]
    fn a_file_is_given_as_numbers_or_as_text() {
        assert_eq!(file_of("1 104, 105"), Ok((1, vec![104, 105])));
        assert_eq!(file_of("0 \"O K\""), Ok((0, b"O K".to_vec())));
        assert_eq!(file_of("3"), Ok((3, Vec::new())));
        let long = format!("0 \"{}\"", "x".repeat(FILE_CAPACITY + 1));
        for wrong in ["", "4 1", "x 1", "0 256", "0 -1", "0 \"é\"", &long] {
            assert!(file_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pasted_block_is_taken_line_by_line_up_to_an_error() {
        let mut out = Vec::new();
        let mut results = Results::new(&mut out);
        let mut typed = Typed::new();
        typed.take("i32.const 5\n\n  i32.const 7\ni32.add\n", &mut results).unwrap();
        assert_eq!((&typed.stack()[..], typed.listing.len()), (&[12][..], 3));
        typed.take("i32.const 1\ni32.nonsense\ni32.const 2", &mut results).unwrap_err();
        assert_eq!((&typed.stack()[..], typed.listing.len()), (&[12, 1][..], 4));
    }
}
