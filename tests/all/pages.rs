//! What pages show is true: outputs, commands, links, the picture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use crate::common::case::replay;
use crate::common::command::{ADDITION, good, text};

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
    "engines/python/README.md",
    "engines/typescript/README.md",
    "engines/v8/README.md",
    "fuzz/README.md",
    "snapshots/README.md",
    "src/byte/README.md",
    "src/comparison.md",
    "src/full/README.md",
    "src/harness/mutate/README.md",
    "tests/cases/README.md",
    "web/README.md",
];

/// Whether this is a clone: the package has not all folders.
pub fn is_clone() -> bool {
    Path::new(".github").exists()
}

/// The pages that are there.
fn pages() -> impl Iterator<Item = &'static str> {
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

/// The blocks of a page fenced as this language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The consoles of the README, one after the other in one folder: what is typed and all that comes back,
/// standard error first.
#[cfg(unix)]
#[test]
fn the_readme_shows_what_commands_print() {
    let readme = page("README.md");
    let shown = blocks(&readme, "console").concat();
    let marked: String =
        shown.lines().map(|line| if line.starts_with("$ ") { format!("{line}\n") } else { format!("| {line}\n") }).collect();
    let mut now = String::new();
    for command in replay(&marked).split("$ ").skip(1) {
        let mut lines = command.lines();
        now += &format!("$ {}\n", lines.next().unwrap());
        let (said, printed): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('!'));
        let lines = said.iter().chain(&printed).filter(|line| line.starts_with(['!', '|']));
        now += &lines.map(|line| format!("{}\n", line.get(2..).unwrap_or_default().trim_end())).collect::<String>();
    }
    assert_eq!(shown, now, "the README should show:\n{now}");
}

#[test]
fn lines_of_the_readme_are_short() {
    for line in page("README.md").lines().filter(|line| !line.starts_with('|')) {
        assert!(line.chars().count() <= 160, "{line}");
    }
}

#[test]
fn no_page_says_what_the_readme_says() {
    let readme = page("README.md");
    let long = |line: &&str| line.len() > 60 && !line.starts_with("| ");
    let lines: BTreeSet<&str> = readme.lines().filter(long).collect();
    for path in pages().filter(|path| *path != "README.md") {
        let page = page(path);
        let again = page.lines().find(|line| lines.contains(line));
        assert_eq!(again, None, "{path} repeats the README");
    }
}

#[test]
fn links_lead_to_what_is_there() {
    for path in pages().filter(|_| is_clone()) {
        let text = page(path);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.starts_with("https:")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = Path::new(path).parent().unwrap().join(file);
            let target = if file.is_empty() { PathBuf::from(path) } else { target };
            assert!(target.exists(), "{path}: {link}");
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                assert!(text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading), "{path}: {link}");
            }
        }
    }
}

/// What a heading is called in links.
fn anchor(heading: &str) -> String {
    let kept = |c: char| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-').then(|| c.to_ascii_lowercase()) };
    heading.trim_start_matches('#').trim().chars().filter_map(kept).collect()
}

/// Every command line of a page has a command and options that there are, and names files that there are.
#[test]
fn commands_of_pages_are_understood() {
    let mut helps = BTreeMap::<String, String>::new();
    for path in pages() {
        let page = page(path);
        for line in page
            .lines()
            .flat_map(|line| line.split('`'))
            .filter_map(|part| part.trim_start_matches("$ ").trim().strip_prefix("wasmformer "))
        {
            let line = line.split(['#', '|', '>', '…']).next().unwrap();
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(command) = words.first().filter(|word| word.chars().all(char::is_lowercase)) else { continue };
            let help = helps.entry(command.to_string()).or_insert_with(|| good([command, "--help"]).stdout().to_string());
            for option in words.iter().take_while(|word| **word != "--").filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                assert!(help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")), "{path}: {line}: {option}");
            }
            // What is built by a set-up command is not there before.
            let committed = words.iter().filter(|word| !word.contains("/dist/"));
            for file in committed.filter(|word| word.starts_with("corpus/") || word.starts_with("engines/")) {
                assert!(Path::new(file.trim_matches('"')).exists(), "{path}: {line}: {file}");
            }
        }
    }
}

#[test]
fn the_picture_is_what_the_command_draws() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("step.svg");
    good(["xray", ADDITION, "--step", "34", "--svg", text(&drawn)]);
    let (now, kept) = (fs::read_to_string(&drawn).unwrap(), Path::new("snapshots/step.svg"));
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(kept, &now).unwrap();
    }
    assert!(fs::read_to_string(kept).unwrap() == now, "snapshots/step.svg is not what this draws; INSTA_UPDATE=always accepts it");
    for words in ["prefers-color-scheme: dark", "→ 44", "200 (token of step 32)", "100 (token of step 33)"] {
        assert!(now.contains(words), "{words}");
    }
}
