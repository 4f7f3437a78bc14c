//! The table of commands: which command exists for which machine. The README's table is generated from it.

use std::fmt;
use std::io::Write;

use clap::CommandFactory;

use super::{Cli, CliError, Outcome};

/// Whether a command exists for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Served {
    Yes,
    /// The command does not exist for the machine; the string is the reason.
    No(&'static str),
}
use Served::{No, Yes};

/// A command.
struct Row {
    name: &'static str,
    byte: Served,
    full: Served,
}

const fn row(name: &'static str, byte: Served, full: Served) -> Row {
    Row { name, byte, full }
}

/// The commands that concern a machine, in the order of the help.
const TABLE: [Row; 19] = [
    row("run", Yes, Yes),
    row("trace", Yes, Yes),
    row("diff", Yes, Yes),
    row("suite", Yes, No("use `spec`, WebAssembly's own suite")),
    row("spec", No("the values of that suite are not bytes; use `suite`"), Yes),
    row("soak", Yes, Yes),
    row("gen", Yes, Yes),
    row("shrink", Yes, Yes),
    row("exhaustive", Yes, Yes),
    row("prove", Yes, Yes),
    row("mutate", Yes, Yes),
    row("bench", Yes, Yes),
    row("info", Yes, Yes),
    row("studio", Yes, Yes),
    row("repl", Yes, Yes),
    row("xray", Yes, Yes),
    row("listing", Yes, Yes),
    row("export", Yes, Yes),
    row("specialize", Yes, Yes),
];

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Yes => f.write_str("yes"),
            No(reason) => write!(f, "no: {reason}"),
        }
    }
}

/// Prints the commands as a table in Markdown: what each command does, and for which machines it exists.
pub(super) fn print(out: &mut dyn Write) -> Result<Outcome, CliError> {
    let cli = Cli::command();
    writeln!(out, "| command | what it does | byte | full |\n| --- | --- | --- | --- |")?;
    for Row { name, byte, full } in &TABLE {
        let about = cli.find_subcommand(name).and_then(clap::Command::get_about).map(ToString::to_string).unwrap_or_default();
        writeln!(out, "| `{name}` | {about} | {byte} | {full} |")?;
    }
    Ok(Outcome::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commands that have nothing to do with a machine.
    const OF_NONE: [&str; 2] = ["completions", "man"];

    #[test]
    fn every_command_has_a_row_in_the_order_of_help() {
        let cli = Cli::command();
        let commands: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).filter(|name| !OF_NONE.contains(name)).collect();
        assert_eq!(TABLE.map(|row| row.name).to_vec(), commands);
    }

    /// Commands that take the machine of this name too: it runs the byte language.
    const STOCK: (&str, [&str; 2]) = ("stock", ["suite", "info"]);

    /// The command whose machine follows from the file that a visitor opens.
    const BY_FILE: &str = "studio";

    /// The values that an option accepts.
    fn values(argument: &clap::Arg) -> Vec<String> {
        argument.get_possible_values().iter().map(|value| value.get_name().to_string()).collect()
    }

    #[test]
    fn a_command_takes_a_machine_exactly_if_it_is_there_for_both() {
        let cli = Cli::command();
        for Row { name, byte, full } in &TABLE {
            let command = cli.find_subcommand(name).unwrap();
            let machine = command.get_arguments().find(|argument| argument.get_id() == "machine");
            let mut machines = machine.map(values).unwrap_or_default();
            let takes_stock = machines.pop_if(|machine| machine == STOCK.0).is_some();
            assert_eq!(takes_stock, STOCK.1.contains(name), "{name}");
            let expected = match (byte, full) {
                (Yes, Yes) if *name != BY_FILE => &["byte", "full"][..],
                _ if takes_stock => &["byte"],
                _ => &[],
            };
            assert_eq!(machines, expected, "{name}");
            assert!([*byte, *full].contains(&Yes), "{name} is there for no machine");
        }
    }
}
