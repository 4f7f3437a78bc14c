//! The text of the pages, and the command lines in it.

use std::fs;
use std::path::{Path, PathBuf};

/// The pages, apart from those of tools' folders.
const PAGES: &[&str] = &[
    ".github/SECURITY.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "benches/README.md",
    "corpus/README.md",
    "corpus/toolchains/README.md",
    "engines/README.md",
    "engines/c/README.md",
    "engines/python/README.md",
    "engines/stock/README.md",
    "engines/typescript/README.md",
    "engines/v8/README.md",
    "engines/writing.md",
    "fuzz/README.md",
    "snapshots/README.md",
    "src/byte/README.md",
    "src/cli/README.md",
    "src/comparison.md",
    "src/full/README.md",
    "src/harness/mutate/README.md",
    "tests/cases/README.md",
    "web/README.md",
];

/// Whether this is a clone. The published package has only some of the folders.
pub fn is_clone() -> bool {
    Path::new(".github").exists()
}

/// The pages that are there.
pub fn pages() -> impl Iterator<Item = &'static str> {
    PAGES.iter().copied().filter(|path| is_clone() || Path::new(path).exists())
}

pub fn page(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The lines of a page, each with the kind of its place.
pub fn places(text: &str) -> Vec<(Place<'_>, &str)> {
    let mut fence: Option<&str> = None;
    let mut places = Vec::new();
    for line in text.lines() {
        let place = match (line.strip_prefix("```"), fence) {
            (Some(language), None) => {
                fence = Some(language);
                Place::Fence
            }
            (Some(_), Some(_)) => {
                fence = None;
                Place::Fence
            }
            (None, Some(language)) => Place::Code(language),
            (None, None) if line.starts_with("    ") => Place::Code("indented"),
            (None, None) => Place::Prose,
        };
        places.push((place, line));
    }
    places
}

/// The kind of the place at which a line of a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'t> {
    Prose,
    /// Within a block of code in this language, or in an indented block.
    Code(&'t str),
    /// At a block's first or last line.
    Fence,
}

/// The spans between backticks in a line of prose.
pub fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The programs that a command line of a page begins with, apart from files of the repository.
const PROGRAMS: &[&str] = &["wasmformer", "cargo", "npm", "node", "python"];

/// The command in a line or span of the page at `path`, without comment and variables, if it is a command. A
/// program beside the page is written as from the repository's root.
pub fn command(path: &str, text: &str) -> Option<String> {
    let text = text.split("  #").next().unwrap();
    let is_variable = |word: &&str| word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'));
    let words: Vec<&str> = text.split_whitespace().skip_while(is_variable).collect();
    let (first, rest) = words.split_first()?;
    if PROGRAMS.contains(first) {
        return (!rest.is_empty()).then(|| words.join(" "));
    }
    let beside = Path::new(path).parent().unwrap();
    let file = [Path::new(first).to_path_buf(), beside.join(first)].into_iter().find(|file| is_executable(file))?;
    Some(std::iter::once(file.to_str().unwrap()).chain(rest.iter().copied()).collect::<Vec<_>>().join(" "))
}

/// Whether a path is an executable file: on Unix by its mode.
fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}

/// All command lines of a page but those of consoles, which are replayed with their outputs.
pub fn commands(path: &str) -> Vec<String> {
    let text = page(path);
    let mut found = Vec::new();
    for (place, line) in places(&text) {
        match place {
            Place::Prose => found.extend(spans(line).filter_map(|span| command(path, span))),
            Place::Code("sh" | "indented") => found.extend(line.split("&&").filter_map(|part| command(path, part))),
            Place::Code(_) | Place::Fence => {}
        }
    }
    found
}
