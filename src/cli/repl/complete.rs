//! What Tab completes in the REPL: instructions, commands, and the files that commands name.

use std::fs;
use std::path::Path;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// The commands that name a file: all that follows the blank is its path.
const NAME_A_FILE: [&str; 2] = [":load ", ":save "];

/// The words that can begin a line.
pub(super) struct Words(pub Vec<&'static str>);

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = line[..position].trim_start();
        if let Some(path) = NAME_A_FILE.iter().find_map(|command| typed.strip_prefix(command)) {
            let path = path.trim_start();
            return Ok((position - path.len(), files(path)));
        }
        let fitting = self.0.iter().filter(|word| word.starts_with(typed)).map(|word| format!("{word} "));
        Ok((position - typed.len(), fitting.collect()))
    }
}

/// The paths that begin like this, folders with a slash at their end. Hidden files are listed only if the
/// name begins with a dot.
fn files(path: &str) -> Vec<String> {
    let (folder, begun) = path.rfind('/').map_or(("", path), |slash| path.split_at(slash + 1));
    let Ok(entries) = fs::read_dir(Path::new(if folder.is_empty() { "." } else { folder })) else { return Vec::new() };
    let named = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let fits = name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'));
        // A link to a folder is a folder.
        let slash = if entry.path().is_dir() { "/" } else { "" };
        fits.then(|| format!("{folder}{name}{slash}"))
    });
    let mut found: Vec<String> = named.collect();
    found.sort_unstable();
    found
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}

#[cfg(test)]
mod tests {
    use rustyline::history::DefaultHistory;

    use super::*;

    fn completed(line: &str) -> (usize, Vec<String>) {
        Words(vec!["i32.add", "i32.and", ":load"]).complete(line, line.len(), &Context::new(&DefaultHistory::new())).unwrap()
    }

    #[test]
    fn instructions_commands_and_paths_are_completed() {
        assert_eq!(completed("  i32.a"), (2, vec!["i32.add ".to_string(), "i32.and ".to_string()]));
        assert_eq!(completed(":lo"), (0, vec![":load ".to_string()]));
        let folder = tempfile::tempdir().unwrap();
        for name in ["one.wat", "other.wasm", ".hidden"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("own programs")).unwrap();
        let within = format!("{}/", folder.path().display());
        let (start, found) = completed(&format!(":load {within}o"));
        assert_eq!((start, found), (6, ["one.wat", "other.wasm", "own programs/"].map(|name| format!("{within}{name}")).to_vec()));
        assert_eq!(completed(&format!(":save {within}.h")).1, [format!("{within}.hidden")]);
        assert_eq!(completed(&format!(":load {within}nothing/x")).1, [""; 0]);
    }
}
