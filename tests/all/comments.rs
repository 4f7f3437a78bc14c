//! Comments are prose beside code: a line of them is not wider than can be read.

use std::fs;
use std::path::Path;

use crate::common::sources;

/// The maximum number of columns of a comment line, with its indentation.
const COLUMNS: usize = 110;

/// The numbers of the comment lines that are too wide. Tables, code and addresses cannot be broken.
fn wide(text: &str) -> Vec<usize> {
    let mut wide = Vec::new();
    let mut within_code = false;
    for (index, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
        let comment = comment.trim_start_matches(['/', '!']).trim_start();
        within_code ^= comment.starts_with("```");
        let may_break = !within_code && !comment.starts_with('|') && !comment.contains("://");
        if may_break && line.chars().count() > COLUMNS {
            wide.push(index + 1);
        }
    }
    wide
}

#[test]
fn comment_lines_are_of_110_columns_at_most() {
    let paths = ["src", "tests/all", "benches"].map(|folder| sources(Path::new(folder))).concat();
    let of_file =
        |path: &Path| wide(&fs::read_to_string(path).unwrap()).into_iter().map(|line| format!("{}:{line}", path.display())).collect();
    let found: Vec<String> = paths.iter().flat_map(|path| -> Vec<String> { of_file(path) }).collect();
    assert!(found.is_empty(), "comments beyond column {COLUMNS}:\n{}", found.join("\n"));
}

#[test]
fn a_wide_comment_is_found() {
    let words = "word ".repeat(22);
    assert_eq!(wide(&format!("let x;\n    /// {words}")), [2]);
    assert!(wide(&format!("//! ```\n//! {words}\n//! ```\n// | {words} |\n{words}")).is_empty());
}
