//! Comments are prose beside code: a line of them is not wider than can be read.

use std::fs;
use std::path::Path;

use crate::common::sources;
use crate::pages::text::files;

/// The maximum number of columns of a comment line, with its indentation.
const COLUMNS: usize = 110;

/// The folders with sources, and what is made there.
const FOLDERS: &[&str] = &["src", "tests/all", "benches", "fuzz", "engines", "web/studio", "corpus"];
const MADE: &[&str] = &["/node_modules/", "/site/js/", "/dist/", "/.venv/", "/.torch/", "/__pycache__/"];

/// The numbers of the comment lines that are too wide. Tables, code and addresses cannot be broken.
fn wide(text: &str, is_comment: impl FnMut(&str) -> bool) -> Vec<usize> {
    let mut is_comment = is_comment;
    let mut wide = Vec::new();
    let mut within_code = false;
    for (index, line) in text.lines().enumerate() {
        if !is_comment(line.trim_start()) {
            continue;
        }
        let comment = line.trim_start().trim_start_matches(['/', '!', '*', '#']).trim_start();
        within_code ^= comment.starts_with("```");
        let may_break = !within_code && !comment.starts_with('|') && !comment.contains("://");
        if may_break && line.chars().count() > COLUMNS {
            wide.push(index + 1);
        }
    }
    wide
}

/// Whether a line of Rust or TypeScript is a comment.
fn of_braces(line: &str) -> bool {
    line.starts_with("//") || line.starts_with("/*") || line.starts_with("* ")
}

/// Whether the next line of a Python file is a comment, or belongs to a string between three quotes that
/// begins a line, which is documentation.
fn of_python() -> impl FnMut(&str) -> bool {
    let mut within = false;
    move |line| {
        let begins = !within && line.starts_with("\"\"\"");
        let is_comment = within || begins || line.starts_with('#');
        if begins || within {
            within = !(line.trim_end().ends_with("\"\"\"") && (within || line.trim_end().len() > 3));
        }
        is_comment
    }
}

fn wide_of(path: &Path) -> Vec<usize> {
    let text = || fs::read_to_string(path).unwrap();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs" | "ts" | "mjs") => wide(&text(), of_braces),
        Some("py") => wide(&text(), of_python()),
        _ => Vec::new(),
    }
}

#[test]
fn comment_lines_are_of_110_columns_at_most() {
    let folders = FOLDERS.iter().map(Path::new).filter(|folder| folder.exists());
    let is_made = |path: &Path| MADE.iter().any(|made| path.to_str().is_some_and(|path| path.contains(made)));
    let paths: Vec<_> = folders.flat_map(files).filter(|path| !is_made(path)).collect();
    assert!(paths.len() > sources(Path::new("src")).len());
    let line = |path: &Path, line| format!("{}:{line}", path.display());
    let found: Vec<String> = paths.iter().flat_map(|path| wide_of(path).into_iter().map(|at| line(path, at)).collect::<Vec<_>>()).collect();
    assert!(found.is_empty(), "comments beyond column {COLUMNS}:\n{}", found.join("\n"));
}

#[test]
fn a_wide_comment_is_found() {
    let words = "word ".repeat(22);
    assert_eq!(wide(&format!("let x;\n    /// {words}"), of_braces), [2]);
    assert_eq!(wide(&format!("/**\n * {words}\n */"), of_braces), [2]);
    assert!(wide(&format!("//! ```\n//! {words}\n//! ```\n// | {words} |\n{words}"), of_braces).is_empty());
    let python = format!("\"\"\"Short.\"\"\"\nx = 1\n\"\"\"Long:\nA {words}\n\"\"\"\nx = {words}\n# {words}");
    assert_eq!(wide(&python, of_python()), [4, 7]);
}
