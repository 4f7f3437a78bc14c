//! A case: a file with commands and their output. A test replays the commands and compares the output.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use snapbox::assert::{Action, Assert};
use tempfile::{TempDir, tempdir};

use super::command::BINARY;

/// Runs the cases of one folder, and fails with all differences.
pub fn check(folder: &str) {
    let action = if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") { Action::Overwrite } else { Action::Verify };
    let mut differing = String::new();
    for path in children(&Path::new("tests/cases").join(folder)) {
        let expected = fs::read_to_string(&path).unwrap();
        let actual = replay(&expected);
        if let Err(difference) = compare(&path, actual, expected, action) {
            differing += &difference;
        }
    }
    assert!(differing.is_empty(), "{differing}\nINSTA_UPDATE=always accepts what is there now.");
}

/// # Errors
///
/// The difference, unless it is to be accepted. `[..]` in the expected text stands for any text within a
/// line.
pub fn compare(path: &Path, actual: String, expected: String, action: Action) -> Result<(), String> {
    let expected = snapbox::Data::text(expected);
    let (actual, expected) = Assert::new().normalize_paths(false).normalize(snapbox::Data::text(actual), expected);
    if actual == expected {
        return Ok(());
    }
    if action == Action::Overwrite {
        return actual.write_to_path(path).map_err(|error| error.to_string());
    }
    let mut difference = String::new();
    let (palette, now) = (snapbox::report::Palette::plain(), "now");
    snapbox::report::write_diff(&mut difference, &expected, &actual, Some(&path.display()), Some(&now), palette).unwrap();
    Err(difference)
}

/// Replays a case and returns its new text. The case's files are written to a temporary folder, in which its
/// commands run one after the other.
pub fn replay(case: &str) -> String {
    let folder = tempdir().unwrap();
    symlink(fs::canonicalize("corpus").unwrap(), folder.path().join("corpus")).unwrap();
    let mut now = String::new();
    let mut lines = case.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(command) = line.strip_prefix("$ ") {
            while lines.next_if(|line| line.starts_with(['|', '!', '?', '\\'])).is_some() {}
            now += &run(command, &folder);
            continue;
        }
        writeln!(now, "{line}").unwrap();
        if let Some(name) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            let mut text = String::new();
            while let Some(line) = lines.next_if(|line| !["$ ", "# ", "-- "].iter().any(|next| line.starts_with(next))) {
                writeln!(text, "{line}").unwrap();
            }
            now += &text;
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.trim_end_matches('\n').to_string() + "\n").unwrap();
        }
    }
    now
}

/// A command with its output. A command with alternatives, such as `<one|two>`, is run once per alternative;
/// if the outputs differ, each alternative is written as a command of its own.
fn run(command: &str, folder: &TempDir) -> String {
    let shown = |command: &str| {
        let path = format!("{}:{}", Path::new(BINARY).parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder.path()).env("PATH", path).env("LC_ALL", "C").stdin(Stdio::null());
        show(shell.output().unwrap())
    };
    let Some((before, alternatives, after)) = alternatives(command) else { return format!("$ {command}\n{}", shown(command)) };
    let commands: Vec<_> = alternatives.split('|').map(|one| format!("{before}{one}{after}")).collect();
    let all: Vec<_> = commands.iter().map(|command| shown(command)).collect();
    if all.iter().all(|one| *one == all[0]) {
        return format!("$ {command}\n{}", all[0]);
    }
    commands.iter().zip(all).map(|(command, shown)| format!("$ {command}\n{shown}")).collect()
}

/// The text between `<` and `>` in a command, if this text consists of words with `|` between them, and the
/// text before and after it.
fn alternatives(command: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = command.split_once('<')?;
    let (words, after) = rest.split_once('>')?;
    let all_words = words.split('|').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    (words.contains('|') && all_words).then_some((before, words, after))
}

fn show(output: Output) -> String {
    let status = output.status.code().expect("no signal");
    let mut shown = lines('|', &output.stdout) + &lines('!', &output.stderr);
    assert!(!shown.contains("panicked"), "{shown}");
    if status != 0 {
        writeln!(shown, "? {status}").unwrap();
    }
    shown
}

/// The lines of a stream, each with the mark before it. A line that a terminal should not print is escaped,
/// and has a backslash after the mark.
fn lines(mark: char, stream: &[u8]) -> String {
    let mut shown = String::new();
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok("") => writeln!(shown, "{mark}"),
            Ok(line) if !line.contains(char::is_control) => writeln!(shown, "{mark} {line}"),
            _ => writeln!(shown, "{mark}\\ {}", line.escape_ascii()),
        }
        .unwrap();
    }
    if !stream.is_empty() && !stream.ends_with(b"\n") {
        shown += "\\ no newline at the end\n";
    }
    shown
}

/// The entries of a folder, sorted.
pub fn children(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
