//! The `;;!` header of a test file: the expectations about its program, as TOML.
//!
//! ```text
//! ;;! category = "writing"
//! ;;! about = "a byte written past the old end extends the file"
//! ;;! outputs = [104, 105]
//! ;;! files = { 0 = "h" }          # contents at the start: bytes or ASCII text
//! ;;! after = { 0 = "hi" }         # contents at the end, of the files that change
//! ;;! trap = "file-full"           # only where the program traps
//! ```

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::wasm::header::{Contents, HeaderFault, parse};

use crate::byte::isa::Trap;
use crate::byte::profile::{FILE_CAPACITY, FILES, Files};

/// A parsed header. A file without a header has the default header, which expects nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The category that the program belongs to.
    pub category: Option<String>,
    /// What the program is meant to test.
    pub about: Option<String>,
    /// The expected outputs.
    pub outputs: Option<Vec<u8>>,
    /// The trap with which the program is expected to end.
    pub trap: Option<Trap>,
    #[serde(default)]
    files: BTreeMap<String, Contents>,
    #[serde(default)]
    after: BTreeMap<String, Contents>,
}

impl Header {
    /// Reads the header lines at the start of a source text.
    pub(super) fn parse(source: &str) -> Result<Header, HeaderFault> {
        let (header, toml): (Header, String) = parse(source)?;
        for (key, files) in [("files", &header.files), ("after", &header.after)] {
            let line = toml.lines().position(|line| line.trim_start().starts_with(key)).map_or(1, |index| index + 1);
            for (descriptor, contents) in files {
                if !(0..FILES).any(|known| known.to_string() == *descriptor) {
                    return Err((line, format!("the ;;! header names descriptor {descriptor:?}; descriptors are 0 to {}", FILES - 1)));
                }
                check_contents(descriptor, contents.bytes()).map_err(|fault| (line, fault))?;
            }
        }
        Ok(header)
    }

    /// The header of a program that starts with `files`. The program is expected to give `outputs`, to leave
    /// the files `after`, and to end with `trap` if that is given.
    pub fn new(about: impl Into<String>, files: &Files, outputs: &[u8], after: &Files, trap: Option<Trap>) -> Header {
        let named = |files: &Files, wanted: &dyn Fn(usize, &Vec<u8>) -> bool| {
            let wanted = files.iter().enumerate().filter(|(file, contents)| wanted(*file, contents));
            wanted.map(|(file, contents)| (file.to_string(), Contents::Bytes(contents.clone()))).collect()
        };
        Header {
            category: None,
            about: Some(about.into()),
            outputs: Some(outputs.to_vec()),
            trap,
            files: named(files, &|_, contents| !contents.is_empty()),
            after: named(after, &|file, contents| files[file] != *contents),
        }
    }

    /// The files' contents at the start.
    pub fn files(&self) -> Files {
        let mut files = Files::default();
        overlay(&mut files, &self.files);
        files
    }

    /// The files' expected contents at the end.
    pub fn files_after(&self) -> Files {
        let mut files = self.files();
        overlay(&mut files, &self.after);
        files
    }
}

impl fmt::Display for Header {
    /// Writes the header as the lines from which the same header is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |f: &mut fmt::Formatter<'_>, key: &str, text: &Option<String>| match text {
            Some(text) => writeln!(f, ";;! {key} = {}", toml::Value::from(text.as_str())),
            None => Ok(()),
        };
        text(f, "category", &self.category)?;
        text(f, "about", &self.about)?;
        for (key, files) in [("files", &self.files), ("after", &self.after)] {
            let listed: Vec<_> = files.iter().map(|(file, contents)| format!("{file} = {:?}", contents.bytes())).collect();
            if !listed.is_empty() {
                writeln!(f, ";;! {key} = {{ {} }}", listed.join(", "))?;
            }
        }
        if let Some(outputs) = &self.outputs {
            writeln!(f, ";;! outputs = {outputs:?}")?;
        }
        if let Some(trap) = self.trap {
            writeln!(f, ";;! trap = {}", toml::Value::from(trap.name()))?;
        }
        Ok(())
    }
}

/// Refuses contents that do not fit in a file.
fn check_contents(name: &str, contents: &[u8]) -> Result<(), String> {
    match contents.len() {
        0..=FILE_CAPACITY => Ok(()),
        length => Err(format!("file {name} has {length} bytes; at most {FILE_CAPACITY} fit")),
    }
}

fn overlay(files: &mut Files, contents: &BTreeMap<String, Contents>) {
    for (descriptor, file) in files.iter_mut().enumerate() {
        if let Some(contents) = contents.get(&descriptor.to_string()) {
            *file = contents.bytes().to_vec();
        }
    }
}
