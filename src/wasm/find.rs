//! Finding programs in folders.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::source::{ReadError, Source};

/// The contents of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The paths of the folder's programs, sorted.
    pub programs: Vec<PathBuf>,
    /// Entries that cannot be read: a link to nothing, a link to a folder that contains the link, a folder
    /// that may not be listed.
    pub unreadable: Vec<ReadError>,
}

/// Finds all programs in a file or folder, and the entries that cannot be read. The path `-` is one program,
/// from standard input.
///
/// # Errors
/// If the path itself cannot be read, or nothing was found.
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

/// Finds the paths of all programs in a file or folder, sorted.
///
/// # Errors
/// If an entry cannot be read, or there is no program.
pub fn find_programs(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let Found { programs, unreadable } = find(path)?;
    unreadable.into_iter().next().map_or(Ok(programs), Err)
}

/// Adds the contents of a folder. `above` has the canonical paths of the folders that contain this folder.
fn list(folder: &Path, above: &[PathBuf], found: &mut Found) -> io::Result<()> {
    let above = [above, &[fs::canonicalize(folder)?]].concat();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                if fs::canonicalize(&path).is_ok_and(|target| above.contains(&target)) {
                    found.unreadable.push(unreadable(&path, &"a link to a folder that contains the link"));
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
