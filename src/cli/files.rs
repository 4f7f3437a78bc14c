//! Files that commands write.

use std::path::Path;

use super::CliError;
use crate::file::{self, Lock};
use crate::shown;

/// Writes a file as a whole; if writing fails, the path is left as it was.
pub(super) fn write_file(path: &Path, contents: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), CliError> {
    file::write_whole(path, contents.as_ref())
        .map_err(|error| CliError::Usage(format!("{}: cannot be written: {error}", shown::path(path))))
}

/// Locks a path for this process alone, until the returned lock is dropped.
pub(super) fn lock(path: &Path) -> Result<Lock, CliError> {
    let fail = |reason: String| CliError::Usage(format!("{}: {reason}", shown::path(path)));
    let lock = Lock::take(&path.with_extension("lock")).map_err(|error| fail(format!("cannot be locked: {error}")))?;
    lock.ok_or_else(|| fail("another process is using it".to_string()))
}
