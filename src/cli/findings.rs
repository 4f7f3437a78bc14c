//! Divergences that were found, written as files that a person can use.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::engines::Commanded;
use super::files::write_file;
use super::{CliError, complain};
use crate::full::program::Call;
use crate::full::program::typed::typed;
use crate::harness::generate::{Generate, Shrunk};
use crate::harness::{Byte, Full, byte, full};
use crate::shown;

/// A language whose generated programs can be written to files for `wasmformer diff`.
pub(super) trait Written: Generate {
    /// The files of a program, each with its extension. `about` is a description, written as a comment.
    fn files(generated: &Self::Generated, about: &str) -> Vec<(&'static str, Vec<u8>)>;

    /// The options and arguments after the path of the first file, in the command that repeats a comparison.
    fn invocation(generated: &Self::Generated) -> String;
}

impl Written for Byte {
    fn files(generated: &byte::Generated, about: &str) -> Vec<(&'static str, Vec<u8>)> {
        vec![("wat", Byte::text(generated, about).into_bytes())]
    }

    fn invocation(_generated: &byte::Generated) -> String {
        String::new()
    }
}

impl Written for Full {
    fn files(generated: &full::Generated, about: &str) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = vec![("wasm", generated.wasm.clone())];
        if let Ok(text) = wasmprinter::print_bytes(&generated.wasm) {
            files.push(("wat", format!(";; {about}\n{text}").into_bytes()));
        }
        if !generated.input.is_empty() {
            files.push(("in", generated.input.clone()));
        }
        files
    }

    fn invocation(generated: &full::Generated) -> String {
        // The machine is named, because the program may be a byte program too.
        let machine = " --machine full";
        let Ok(loaded) = generated.load() else { return machine.to_string() };
        let program = &loaded.program;
        let (mut names, mut arguments) = (String::new(), String::new());
        for Call { function, arguments: values } in generated.calls(&loaded) {
            // A name may begin with a hyphen.
            names += &format!(" --invoke={}", quoted(program.export_of(function).unwrap_or_default()));
            arguments.extend(typed(&values, &program.type_of(function).params).iter().map(|value| format!(" {value}")));
        }
        let separator = if names.is_empty() { "" } else { " --" };
        format!("{machine}{names}{separator}{arguments}")
    }
}

/// A word, quoted for a shell.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Writes a shrunk program and its report into a folder. The files' name is the digest of everything that a
/// run of the program depends on. The report contains the command that repeats the comparison; `engines` are
/// its options that select engines. `found` describes where the program comes from.
pub(super) fn keep<L: Commanded + Written>(
    folder: &Path,
    shrunk: &Shrunk<L::Generated>,
    engines: &str,
    found: &serde_json::Value,
) -> Result<(), CliError> {
    let Shrunk { generated, report, candidates } = shrunk;
    fs::create_dir_all(folder).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", shown::path(folder))))?;
    let name = format!("{}-{:016x}", L::NAME, L::digest(generated));
    let files = L::files(generated, &report.to_string());
    let first = files.first().map(|(extension, _)| folder.join(format!("{name}.{extension}"))).unwrap_or_default();
    for (extension, contents) in &files {
        write_file(&folder.join(format!("{name}.{extension}")), contents)?;
    }
    let command = format!("wasmformer diff {}{engines}{}", quoted(&first.display().to_string()), L::invocation(generated));
    let document = json!({ "report": report, "text": report.to_string(), "command": command, "candidates": candidates, "found": found });
    write_file(&folder.join(format!("{name}.json")), &format!("{document:#}\n"))?;
    complain(&format!("diverges: {}: {report}", first.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::full::program::reader::read_bytes;
    use crate::wasm::Source;

    /// The words into which a shell splits a command.
    #[cfg(unix)]
    fn words(command: &str) -> Vec<String> {
        let output =
            Command::new("sh").args(["-c", &format!("for word in {command}; do printf '%s\\n' \"$word\"; done")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect()
    }

    #[test]
    #[cfg(unix)]
    fn a_shell_takes_the_name_of_an_export_whatever_it_is() {
        for name in ["main", "", "-f", "it's", "two words", "$(id)", "`id`", "--", "a\\b"] {
            let text = format!("(module (func (export \"{}\") (param i32 f64)))", name.replace('\\', "\\\\"));
            let wasm = read_bytes(&Source::named("text"), text.as_bytes()).unwrap().module.wasm;
            let generated = full::Generated { wasm, choices: vec![0, 0], numbers: vec![u64::MAX], input: Vec::new() };
            let invoke = format!("--invoke={name}");
            assert_eq!(
                words(&Full::invocation(&generated)),
                ["--machine", "full", &invoke, &invoke, "--", "-1", "-nan:0xfffffffffffff", "-1", "-nan:0xfffffffffffff"]
            );
        }
    }
}
