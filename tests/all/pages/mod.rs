//! What pages show is true: outputs ([the consoles](the_readme_shows_what_commands_print)), command lines
//! ([`commands`]), numbers ([`numbers`]), links, the picture.

mod commands;
mod facts;
mod figures;
mod numbers;
pub mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use crate::common::case::replay;
use crate::common::command::{ADDITION, good, text as path_text};
use text::{is_clone, page, pages};

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

#[test]
fn the_picture_is_what_the_command_draws() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("step.svg");
    good(["xray", ADDITION, "--step", "34", "--svg", path_text(&drawn)]);
    let (now, kept) = (fs::read_to_string(&drawn).unwrap(), Path::new("snapshots/step.svg"));
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(kept, &now).unwrap();
    }
    assert!(fs::read_to_string(kept).unwrap() == now, "snapshots/step.svg is not what this draws; INSTA_UPDATE=always accepts it");
    for words in ["prefers-color-scheme: dark", "→ 44", "200 (token of step 32)", "100 (token of step 33)"] {
        assert!(now.contains(words), "{words}");
    }
}
