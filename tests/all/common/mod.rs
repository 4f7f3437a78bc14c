//! Helpers of the tests: cases in files, the command as a process, exported weights, repeatable random
//! damage, and a second forward pass.

#[cfg(unix)]
pub mod case;
pub mod command;
pub mod console;
pub mod exported;
pub mod full;
pub mod lockstep;
pub mod network;
pub mod random;
pub mod specialized;

use std::fs;
use std::path::{Path, PathBuf};

pub use random::Random;
use wasmparser::{Operator, Parser, Payload};

/// A copy of `bytes` with one to four bytes changed, doubled, swapped or removed, or with its end cut off.
pub fn damaged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let Some(last) = damaged.len().checked_sub(1) else { break };
        let at = random.below(damaged.len());
        match random.below(12) {
            0 => damaged.truncate(at),
            1 | 2 => drop(damaged.remove(at)),
            3 | 4 => damaged.insert(at, damaged[at]),
            5 | 6 => damaged.swap(at, last.min(at + 1)),
            7 | 8 => damaged[at] ^= 1 << random.below(8),
            _ => damaged[at] = random.below(256) as u8,
        }
    }
    damaged
}

/// The Rust files of a folder and of its subfolders.
pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => sources(&path),
        Some(extension) if extension == "rs" => vec![path],
        _ => Vec::new(),
    };
    paths.flat_map(of).collect()
}

/// The binary of a text module.
pub fn binary(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect(text);
    wast::parser::parse::<wast::Wat<'_>>(&buffer).expect(text).encode().expect(text)
}

/// The number of instructions of a module, without `end`.
pub fn instructions(wasm: &[u8]) -> usize {
    let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        Payload::CodeSectionEntry(body) => Some(body.get_operators_reader().unwrap()),
        _ => None,
    });
    bodies.flatten().filter(|operator| !matches!(operator, Ok(Operator::End))).count()
}
