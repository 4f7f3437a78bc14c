//! `wasmformer repl`.

mod byte;
mod complete;
mod full;

use std::env;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use rustyline::Editor;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;

use complete::Words;

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
    /// The name of the file that keeps the lines typed on a terminal for later sessions.
    const HISTORY: &'static str;

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

/// Reads lines until there are no more, and gives each to a session. Lines that are not typed but piped are a
/// script: if one of them cannot be taken, the exit status says so.
fn converse<S: Session>(out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let fail = |error: ReadlineError| CliError::Usage(format!("the terminal cannot be read: {error}"));
    let mut editor: Editor<Words, DefaultHistory> = Editor::new().map_err(fail)?;
    let commands = S::COMMANDS.iter().map(|(name, ..)| *name);
    editor.set_helper(Some(Words(S::words().into_iter().chain(commands).collect())));
    let mut session = S::new();
    let is_typed = std::io::stdin().is_terminal();
    let history = history(S::HISTORY).filter(|_| is_typed);
    if is_typed {
        writeln!(out, "{}", S::GREETING)?;
    }
    // What was typed in earlier sessions is a convenience: without it the session goes on.
    let _ = history.as_ref().map(|path| editor.load_history(path));
    let mut is_refused = false;
    // Ends when standard output is closed, because then nobody reads the results.
    while out.arrived() {
        let line = match editor.readline(if is_typed { "> " } else { "" }) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(fail(error)),
        };
        let line = line.trim();
        if line == ":quit" {
            break;
        }
        if !line.is_empty() {
            editor.add_history_entry(line).map_err(fail)?;
        }
        match session.take(line, out) {
            Ok(()) => {}
            Err(CliError::Output(error)) => return Err(CliError::Output(error)),
            Err(error) => {
                is_refused = true;
                complain(&format!("error: {error}"));
            }
        }
    }
    if let Some(path) = &history {
        let _ = path.parent().map(fs::create_dir_all);
        let _ = editor.append_history(path);
    }
    Ok(if is_refused && !is_typed { Outcome::Incomplete } else { Outcome::Good })
}

/// The file for the lines of later sessions, in the user's folder for state.
fn history(name: &str) -> Option<PathBuf> {
    let folder = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("wasmformer").join(name))
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
