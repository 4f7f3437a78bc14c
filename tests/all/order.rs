//! The order of the modules (rooms) of `src`: a file must not name a room that the file's own room may not
//! use.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::common::sources;

const LANGUAGE: &[&str] = &["file", "shown", "wasm", "transformer", "circuit"];
const BOTH: &[&str] = &["file", "shown", "wasm", "transformer", "circuit", "byte", "full"];

/// Each room, and the other rooms that it may use.
const ROOMS: [(&str, &[&str]); 12] = [
    ("file", &[]),
    ("shown", &[]),
    ("wasm", &["file", "shown"]),
    ("transformer", &["file", "shown"]),
    ("circuit", &["file", "shown", "transformer"]),
    ("byte", LANGUAGE),
    ("full", LANGUAGE),
    ("load", BOTH),
    ("harness", BOTH),
    ("prove", &["file", "shown", "wasm", "transformer", "circuit", "byte", "full", "load", "harness"]),
    ("studio", &["file", "shown", "wasm", "transformer", "circuit", "byte", "full", "load", "harness"]),
    ("cli", &["file", "shown", "wasm", "transformer", "circuit", "byte", "full", "load", "harness", "prove", "studio"]),
];

/// The rooms that a source text names after `crate::`, with their lines. Comments are not searched.
fn named(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    for (at, path) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + path.len()..];
        let list = rest.strip_prefix('{').map_or(rest, |list| &list[..list.find(';').unwrap_or(list.len())]);
        let is_list = rest.starts_with('{');
        let mut depth = 0;
        let mut first = true;
        let mut word = String::new();
        for c in list.chars().chain([' ']) {
            if c.is_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            if first && !word.is_empty() {
                found.insert((line, word.clone()));
            }
            word.clear();
            match c {
                ',' if depth == 0 => first = true,
                '{' => depth += 1,
                '}' => depth -= 1,
                ' ' | '\n' if first => {}
                _ => first = false,
            }
            if !is_list || depth < 0 {
                break;
            }
        }
    }
    found
}

/// The rooms named in a file of a room that this room may not use.
fn faults(room: &str, path: &Path, text: &str) -> Vec<String> {
    let (_, may) = ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is not a room"));
    let wrong = named(text).into_iter().filter(|(_, name)| name != room && !may.contains(&name.as_str()));
    wrong.map(|(line, name)| format!("{}:{line}: {room} may not use {name}", path.display())).collect()
}

#[test]
fn no_room_uses_one_that_comes_after_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut read = BTreeSet::new();
    for path in &sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        if ["lib", "main"].contains(&room) {
            continue;
        }
        read.insert(room.to_string());
        wrong.extend(faults(room, inside, &fs::read_to_string(path).unwrap()));
    }
    assert_eq!(read.into_iter().collect::<Vec<_>>(), BTreeSet::from(ROOMS.map(|(room, _)| room)).into_iter().collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_use_that_climbs_is_found() {
    let found = |room, text| faults(room, Path::new("x.rs"), text).join("; ");
    assert_eq!(found("transformer", "\nuse crate::harness::compare;"), "x.rs:2: transformer may not use harness");
    assert_eq!(found("byte", "use crate::{wasm::Source, full::{isa, trace}};"), "x.rs:1: byte may not use full");
    assert_eq!(found("byte", "let x = crate::cli::run();"), "x.rs:1: byte may not use cli");
    assert_eq!(found("full", "use crate::shown;\npub(in crate::full) fn f() {} // crate::cli"), "");
}
