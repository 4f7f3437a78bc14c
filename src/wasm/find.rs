//! Finding programs in folders.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::source::{ReadError, Source};

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The paths of its programs, sorted.
    pub programs: Vec<PathBuf>,
    /// Entries that cannot be looked into: links to nothing or to a folder that they are in, folders that may
    /// not be listed.
    pub unreadable: Vec<ReadError>,
}

/// All programs in a file or folder, and what in it cannot be looked into; `-` is one program, from standard
/// input.
///
/// # Errors
/// Where the path itself cannot be looked into, or there is nothing to be read.
pub fn find(path: &Path) -> Result<Found, ReadError> {
    let mut found = Found::default();
    if path.as_os_str() == "-" {
        found.programs.push(path.to_path_buf());
    } else if fs::metadata(path).map_err(|error| unreadable(path, &error))?.is_dir() {
        list(path, &[], &mut found).map_err(|error| unreadable(path, &error))?;
    } else {
        found.programs.push(path.to_path_buf());
    }
    if found == Found::default() {
        return Err(Source::named(path.display().to_string()).error(None, "no .wat or .wasm file in this folder"));
    }
    found.programs.sort();
    found.unreadable.sort_by(|a, b| a.source_name.cmp(&b.source_name));
    Ok(found)
}

/// The paths of all programs in a file or folder, sorted.
///
/// # Errors
/// Where something in it cannot be looked into, or there is no program.
pub fn find_programs(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let Found { programs, unreadable } = find(path)?;
    unreadable.into_iter().next().map_or(Ok(programs), Err)
}

/// Adds what a folder holds. `above` are the folders that it is in, by the names that the system gives them.
fn list(folder: &Path, above: &[PathBuf], found: &mut Found) -> io::Result<()> {
    let above = [above, &[fs::canonicalize(folder)?]].concat();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                if fs::canonicalize(&path).is_ok_and(|target| above.contains(&target)) {
                    found.unreadable.push(unreadable(&path, &"a link to a folder that it is in"));
                } else if let Err(error) = list(&path, &above, found) {
                    found.unreadable.push(unreadable(&path, &error));
                }
            }
            Ok(_) if path.extension().is_some_and(|extension| extension == "wat" || extension == "wasm") => found.programs.push(path),
            Ok(_) => {}
            Err(error) => found.unreadable.push(unreadable(&path, &error)),
        }
    }
    Ok(())
}

fn unreadable(path: &Path, reason: &dyn Display) -> ReadError {
    Source::named(path.display().to_string()).unreadable(reason)
}
