//! Comments are prose beside code: a line of a comment must not be too wide to read.

use std::fs;

use crate::common::sources;

/// The largest number of columns of a comment line, including its indentation.
const COLUMNS: usize = 110;

#[test]
fn comment_lines_are_of_110_columns_at_most() {
    let mut wide = Vec::new();
    for path in ["src", "tests/all", "benches"].iter().flat_map(|folder| sources(folder.as_ref())) {
        for (index, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let comment = line.trim_start().strip_prefix("//").map(|rest| rest.trim_start_matches(['/', '!']).trim_start());
            // A row of a table cannot be broken, nor can an address.
            let may_break = comment.is_some_and(|comment| !comment.starts_with('|') && !comment.contains("://"));
            if may_break && line.chars().count() > COLUMNS {
                wide.push(format!("{}:{}", path.display(), index + 1));
            }
        }
    }
    assert!(wide.is_empty(), "comments beyond column {COLUMNS}:\n{}", wide.join("\n"));
}
