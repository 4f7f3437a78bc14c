//! `wasmformer completions`, `wasmformer man`, and the long form of `--version`: made from the definition of
//! the command line.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::files::write_file;
use super::results::Results;
use super::{Cli, CliError, Outcome};
use crate::harness::corpus::Place;
use crate::harness::full::spec::{self, Version};
use crate::harness::language::Language;
use crate::harness::{Byte, Full};
use crate::{byte, full, shown};

#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the script by which a shell completes commands and options.
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "wasmformer", &mut script);
        out.write_all(&script)?;
        Ok(Outcome::Good)
    }
}

#[derive(Args)]
pub(super) struct Man {
    /// The folder; it is created if it does not exist
    folder: PathBuf,
}

impl Man {
    /// Writes a manual page of the command and of each of its commands.
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let unable = |error| CliError::Usage(format!("{}: cannot be made: {error}", shown::path(&self.folder)));
        fs::create_dir_all(&self.folder).map_err(unable)?;
        // Built, the commands have their full names.
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        for command in std::iter::once(&command).chain(command.get_subcommands()) {
            let name = command.get_display_name().unwrap_or(command.get_name()).to_string();
            let mut page = Vec::new();
            clap_mangen::Man::new(command.clone()).render(&mut page)?;
            let path = self.folder.join(format!("{name}.1"));
            write_file(&path, &page)?;
            writeln!(out, "{}", shown::path(&path))?;
        }
        Ok(Outcome::Good)
    }
}

/// What `--version` says: the version, the machines, and the suites that are inside.
pub(super) fn version() -> String {
    let instructions = |name: &str, count: usize| format!("machine  {name}: {count} instructions");
    let programs = |folder: &str| Place::of_corpus(folder).len();
    let scripts = |version: Version| {
        let count = spec::files(version, "").len();
        format!("suite    {count} scripts of WebAssembly's own, version {}", version.number())
    };
    let lines = [
        env!("CARGO_PKG_VERSION").to_string(),
        instructions(Byte::NAME, byte::isa::TABLE.len()),
        instructions(Full::NAME, full::isa::TABLE.len()),
        format!("suite    {} programs of the byte machine", programs("corpus/compliance")),
        format!("suite    {} programs of the full machine", programs("corpus/full") + programs("corpus/programs")),
        scripts(Version::One),
        scripts(Version::Two),
    ];
    lines.join("\n")
}
