//! `wasmformer repl`.

mod byte;
mod full;

use std::io::{IsTerminal, Write};

use clap::Args;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};

use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::load::LanguageName;

#[derive(Args)]
pub(super) struct Repl {
    /// The machine. For the byte machine you type instructions; for the full machine, functions and calls of
    /// them
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
}

/// A line that can be typed: name, operand, meaning.
type Command = (&'static str, &'static str, &'static str);

/// A session, which takes the lines that are typed.
trait Session {
    /// The text printed before the first line, on a terminal.
    const GREETING: &'static str;

    /// The commands that `:help` lists and Tab completes.
    const COMMANDS: &'static [Command];

    /// A session in which nothing was typed.
    fn new() -> Self;

    /// The words besides commands that Tab completes.
    fn words() -> Vec<&'static str>;

    /// Takes a line.
    fn take(&mut self, line: &str, out: &mut Results<'_>) -> Result<(), CliError>;
}

impl Repl {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        match self.machine {
            LanguageName::Byte => converse::<byte::Typed>(out),
            LanguageName::Full => converse::<full::Typed>(out),
        }
    }
}

/// Reads lines until there are no more, and gives each to a session.
fn converse<S: Session>(out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let fail = |error: ReadlineError| CliError::Usage(format!("the terminal cannot be read: {error}"));
    let mut editor: Editor<Words, DefaultHistory> = Editor::new().map_err(fail)?;
    let commands = S::COMMANDS.iter().map(|(name, ..)| *name);
    editor.set_helper(Some(Words(S::words().into_iter().chain(commands).collect())));
    let mut session = S::new();
    let prompt = if std::io::stdin().is_terminal() { "> " } else { "" };
    if !prompt.is_empty() {
        writeln!(out, "{}", S::GREETING)?;
    }
    // Ends when standard output is closed, because then nobody reads the results.
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

/// Lists commands.
fn help(commands: &[Command], out: &mut Results<'_>) -> Result<(), CliError> {
    for (name, operand, meaning) in commands {
        writeln!(out, "{:<26}  {meaning}", format!("{name} {operand}").trim_end())?;
    }
    Ok(())
}

/// The error for an unknown command.
fn unknown(command: &str) -> CliError {
    CliError::Usage(format!("there is no command {command}; :help lists all commands"))
}

/// Completes words.
struct Words(Vec<&'static str>);

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line[..position].trim_start();
        let fitting = self.0.iter().filter(|word| word.starts_with(typed)).map(|word| format!("{word} "));
        Ok((position - typed.len(), fitting.collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}
