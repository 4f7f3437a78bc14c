//! A session for full programs: functions, memories and globals are typed in the text format, and functions
//! are called. The memory and globals that a call leaves are those with which the next call begins.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use super::{Command, help, unknown};
use crate::cli::results::Results;
use crate::cli::{CliError, complain, xray};
use crate::file::Prepared;
use crate::full::isa::TABLE;
use crate::full::program::integer::integer;
use crate::full::program::typed::typed;
use crate::full::program::{Call, Loaded, Memory, load, load_file};
use crate::full::trace::{End, HEADING, State, step_line};
use crate::full::wasi::Process;
use crate::harness::full::{Case, Full, NetworkEngine, Recorded};
use crate::harness::{Verdict, VmEngine, compare};
use crate::shown;
use crate::studio::xray::Examiner;
use crate::wasm::Source;

/// The number of steps after which a call is stopped.
const STEP_LIMIT: usize = 1_000_000;
/// Bytes per line of `:memory`.
const LINE: usize = 16;
/// The most lines of memory that `:state` shows.
const MOST_LINES: usize = 16;

/// The module that is being typed, its instance, and the last call.
pub(super) struct Typed {
    engine: NetworkEngine,
    /// Compiled at the first `:xray`.
    examiner: Option<Examiner<Full>>,
    fields: Vec<String>,
    /// The lines so far of a field whose parentheses are not closed yet.
    open: String,
    instance: Loaded,
    last: Option<Called>,
}

/// A call, the instance before it, and its recorded run.
struct Called {
    began: Loaded,
    calls: Vec<Call>,
    recorded: Recorded,
}

impl super::Session for Typed {
    const HISTORY: &'static str = "full.history";

    const GREETING: &'static str =
        "Fields of a module, as (func $f (param i32) …), or calls: f 1 2. :help lists the commands, :quit leaves.";

    const COMMANDS: &'static [Command] = &[
        ("(FIELD …)", "", "add a func, memory, global, table, data or elem to the module; the instance restarts"),
        ("NAME", "ARGUMENTS…", "call a function by its name or by an export's name"),
        (":functions", "", "the functions"),
        (":memory", "ADDRESS [COUNT]", "bytes of memory"),
        (":globals", "", "the globals"),
        (":state", "", "globals and the memory that is not 0, as the calls so far have left them"),
        (":listing", "", "the module so far"),
        (":trace", "", "the steps of the last call"),
        (":xray", "[TOKEN]", "the forward pass of a token of the last call; without TOKEN, of the first"),
        (":undo", "", "remove the last field"),
        (":reset", "", "start again"),
        (":load", "FILE", "start again with a .wat or .wasm module"),
        (":save", "FILE", "write the module so far as .wat; an existing file is not replaced"),
        (":help", "", "this list"),
        (":quit", "", "leave (as Ctrl-D)"),
    ];

    fn words() -> Vec<&'static str> {
        TABLE.iter().map(|row| row.mnemonic).collect()
    }

    fn new() -> Typed {
        let instance = read(&[]).expect("an empty module is one");
        Typed { engine: NetworkEngine::indexed(), examiner: None, fields: Vec::new(), open: String::new(), instance, last: None }
    }

    fn take(&mut self, line: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        if line.starts_with('(') || !self.open.is_empty() {
            return self.field(line);
        }
        let (command, operands) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let operands: Vec<&str> = operands.split_whitespace().collect();
        match command {
            "" => {}
            _ if command.starts_with(";;") => {}
            ":help" => help(<Typed as super::Session>::COMMANDS, out)?,
            ":functions" => self.functions(out)?,
            ":memory" => self.memory(&operands, out)?,
            ":globals" => self.globals(out)?,
            ":state" => self.state(out)?,
            ":listing" => write!(out, "{}", text(&self.fields))?,
            ":save" => self.save(&operands.join(" "), out)?,
            ":trace" => self.trace(out)?,
            ":xray" => self.xray(operands.first().copied(), out)?,
            ":undo" => {
                let Some((_, before)) = self.fields.split_last() else {
                    return Err(CliError::Usage("there is nothing to remove".to_string()));
                };
                self.begin(before.to_vec())?;
            }
            ":reset" => self.begin(Vec::new())?,
            ":load" => {
                let path = operands.join(" ");
                self.instance = load_file(Path::new(&path), &Process::default())?;
                (self.fields, self.last) = (Vec::new(), None);
                self.functions(out)?;
            }
            _ if command.starts_with(':') => return Err(unknown(command)),
            _ => self.call(command, &operands, out)?,
        }
        Ok(())
    }
}

/// The instance of a module with these fields.
fn read(fields: &[String]) -> Result<Loaded, CliError> {
    Ok(load(&Source::named("typed"), text(fields).as_bytes(), &Process::default())?)
}

/// A module with these fields in the text format.
fn text(fields: &[String]) -> String {
    let fields: Vec<&str> = fields.iter().map(|field| field.trim_end()).collect();
    format!("(module\n{}\n)\n", fields.join("\n"))
}

impl Typed {
    /// Takes a line of a field. The field is complete when its parentheses are closed.
    fn field(&mut self, line: &str) -> Result<(), CliError> {
        self.open += line;
        self.open.push('\n');
        let count = |wanted: char| self.open.matches(wanted).count();
        if count('(') > count(')') {
            return Ok(());
        }
        let field = std::mem::take(&mut self.open);
        let fields = [&self.fields[..], &[field]].concat();
        self.begin(fields)
    }

    /// Begins a new instance, of a module with these fields.
    fn begin(&mut self, fields: Vec<String>) -> Result<(), CliError> {
        self.instance = read(&fields)?;
        (self.fields, self.last) = (fields, None);
        Ok(())
    }

    fn functions(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        let program = &self.instance.program;
        for function in 0..program.functions.len() as u32 {
            writeln!(out, "{}  {}", program.function_name(function), program.type_of(function))?;
        }
        Ok(())
    }

    fn memory(&self, operands: &[&str], out: &mut Results<'_>) -> Result<(), CliError> {
        let number = |text: &&str| integer(text).ok().and_then(|number| usize::try_from(number).ok());
        let refused = || CliError::Usage("expected :memory ADDRESS [COUNT]".to_string());
        let address = operands.first().and_then(number).ok_or_else(refused)?;
        let count = operands.get(1).map_or(Some(LINE), number).ok_or_else(refused)?;
        let Some(Memory { pages, data, .. }) = &self.instance.program.memory else {
            return Err(CliError::Usage("the module has no memory".to_string()));
        };
        let byte = |at: usize| {
            let run = data.iter().find(|(start, run)| (*start as usize..*start as usize + run.len()).contains(&at));
            run.map_or(0, |(start, run)| run[at - *start as usize])
        };
        let end = (address.saturating_add(count)).min(*pages as usize * crate::full::program::limits::PAGE as usize);
        for start in (address..end).step_by(LINE) {
            let bytes: Vec<String> = (start..end.min(start + LINE)).map(|at| format!("{:02x}", byte(at))).collect();
            writeln!(out, "{start:#010x}  {}", bytes.join(" "))?;
        }
        Ok(())
    }

    fn globals(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        for (index, global) in self.instance.program.globals.iter().enumerate() {
            writeln!(out, "global {index}  {:#}", global.value.typed(global.ty.value))?;
        }
        Ok(())
    }

    /// The globals, and the lines of memory that are not all 0.
    fn state(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        self.globals(out)?;
        let Some(Memory { pages, data, .. }) = &self.instance.program.memory else { return Ok(()) };
        writeln!(out, "memory  {pages} page(s)")?;
        let written = data.iter().flat_map(|(start, run)| (*start as usize..).zip(run)).filter(|(_, byte)| **byte != 0);
        let lines: BTreeSet<usize> = written.map(|(at, _)| at / LINE * LINE).collect();
        for line in lines.iter().take(MOST_LINES) {
            self.memory(&[&line.to_string()], out)?;
        }
        if lines.len() > MOST_LINES {
            writeln!(out, "… {} lines more; :memory ADDRESS COUNT shows them", lines.len() - MOST_LINES)?;
        }
        Ok(())
    }

    fn save(&self, path: &str, out: &mut Results<'_>) -> Result<(), CliError> {
        let refused = |reason: String| CliError::Usage(format!("{path}: {reason}"));
        if self.fields.is_empty() {
            return Err(refused("no field was typed; a module that was loaded is a file already".to_string()));
        }
        let written = Prepared::new(Path::new(path), text(&self.fields).as_bytes()).and_then(Prepared::publish_new);
        written.map_err(|error| refused(format!("cannot be written: {error}")))?;
        writeln!(out, "{path}: {} field(s)", self.fields.len())?;
        Ok(())
    }

    /// Calls a function on the network and on the reference VM, and reports a difference between the two.
    fn call(&mut self, name: &str, operands: &[&str], out: &mut Results<'_>) -> Result<(), CliError> {
        let usage = |error: String| CliError::Usage(error);
        // In the text format a name begins with `$`, which is not part of the name.
        let name = name.strip_prefix('$').unwrap_or(name);
        let program = &self.instance.program;
        let by_name = || (0..program.functions.len() as u32).find(|function| program.function_name(*function) == name);
        let function = program.exported_function(name).or_else(by_name);
        let function =
            function.ok_or_else(|| usage(format!("there is no function {}; :functions lists all functions", shown::shown(name))))?;
        let calls = self.instance.calls_of(&[function], operands).map_err(|error| usage(error.to_string()))?;
        let case = Case::new(program, &calls, &[]);
        let (verdict, recorded) = compare(case, &[&VmEngine, &self.engine], STEP_LIMIT)?;
        if !verdict.is_agreement() {
            complain(&match &verdict {
                Verdict::Diverge(report) => report.to_string(),
                Verdict::Inconclusive { reason } => reason.clone(),
                Verdict::Agree { .. } => String::new(),
            });
        }
        self.report(&calls, &recorded, out)?;
        let began = self.instance.clone();
        self.keep(&recorded.run.state);
        self.last = Some(Called { began, calls, recorded });
        Ok(())
    }

    /// Prints what a call did.
    fn report(&self, calls: &[Call], Recorded { steps, run }: &Recorded, out: &mut Results<'_>) -> Result<(), CliError> {
        for (what, bytes) in [("output", &run.state.outputs), ("error output", &run.state.errors)] {
            if !bytes.is_empty() {
                writeln!(out, "{what} {}", shown::bytes(bytes))?;
            }
        }
        let results = self.instance.program.results(calls);
        let end = match &run.end {
            End::Returned(values) => typed(values, &results).iter().map(|value| format!("{value:#}")).collect::<Vec<_>>().join(", "),
            end => end.to_string(),
        };
        let end = if end.is_empty() { "returned".to_string() } else { end };
        writeln!(out, "{end}   ({} steps)", steps.len())?;
        Ok(())
    }

    /// Makes the memory and globals after a call those with which the next call begins.
    fn keep(&mut self, state: &State) {
        self.instance.program.go_on_from(state);
    }

    fn last(&self) -> Result<&Called, CliError> {
        self.last.as_ref().ok_or_else(|| CliError::Usage("no function was called yet".to_string()))
    }

    fn trace(&self, out: &mut Results<'_>) -> Result<(), CliError> {
        let call = self.last()?;
        writeln!(out, "{HEADING}")?;
        for (index, step) in call.recorded.steps.iter().enumerate() {
            writeln!(out, "{}", step_line(&call.began.program, index, *step))?;
        }
        Ok(())
    }

    fn xray(&mut self, token: Option<&str>, out: &mut Results<'_>) -> Result<(), CliError> {
        let token = token.map_or(Ok(0), str::parse).map_err(|_| CliError::Usage("expected :xray [TOKEN]".to_string()))?;
        self.last()?;
        let (Some(call), examiner) = (&self.last, self.examiner.get_or_insert_with(Examiner::compiled)) else { return Ok(()) };
        let case = Case::new(&call.began.program, &call.calls, &[]);
        xray::print(examiner, case, Some(token), false, out).map(drop)
    }
}
