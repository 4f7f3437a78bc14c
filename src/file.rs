//! Files that are written as a whole or not at all, bounded reading, and locks against a second writer.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file whose contents are written and flushed, under a temporary name in the folder of its path. Dropping
/// it removes the file.
pub(crate) struct Prepared {
    partial: NamedTempFile,
    path: PathBuf,
}

impl Prepared {
    /// Writes contents to a new temporary file in the folder of `path`; no link is followed.
    pub(crate) fn new(path: &Path, contents: &[u8]) -> io::Result<Prepared> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        // The usual permissions of new files: all that the umask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut partial = builder.tempfile_in(folder_of(path))?;
        partial.write_all(contents)?;
        partial.as_file().sync_all()?;
        Ok(Prepared { partial, path: path.to_path_buf() })
    }

    /// Gives the file its name, and replaces a file that has this name. A link of this name is replaced, not
    /// followed.
    pub(crate) fn publish(self) -> io::Result<()> {
        self.partial.persist(&self.path).map_err(|error| error.error)?;
        flush_names(folder_of(&self.path));
        Ok(())
    }

    /// Gives the file its name; fails if something has this name already.
    #[cfg(any(feature = "cli", test))]
    pub(crate) fn publish_new(self) -> io::Result<()> {
        self.partial.persist_noclobber(&self.path).map_err(|error| error.error)?;
        flush_names(folder_of(&self.path));
        Ok(())
    }
}

/// Writes a file as a whole; if writing fails, the path is left as it was.
#[cfg(any(feature = "cli", test))]
pub(crate) fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    Prepared::new(path, contents)?.publish()
}

/// Why a file could not be read.
#[derive(Debug)]
pub(crate) enum ReadFault {
    /// An error of the system.
    Io(io::Error),
    /// The file is longer than the bound.
    TooLong,
}

/// All bytes of a reader, if there are at most `most`. At most one byte more than that is read.
pub(crate) fn read_bounded(reader: impl Read, most: u64) -> Result<Vec<u8>, ReadFault> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(ReadFault::Io)?;
    if bytes.len() as u64 > most { Err(ReadFault::TooLong) } else { Ok(bytes) }
}

/// A lock that only one process at a time can have. The lock ends with the process, however the process ends.
/// The lock's file is removed if the process can still do it.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock whose file has this path. Returns `None` if another process has the lock. A file left
    /// behind by a killed process is not locked.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Lock>> {
        loop {
            let file = match File::options().write(true).create_new(true).open(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match existing(path) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    existing => existing?,
                },
                made => made?,
            };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                // If the file system has no locks, the lock counts as taken.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // The process that had the lock before may have removed the file after it was opened here.
            if is_at(&file, path) {
                return Ok(Some(Lock { path: path.to_path_buf(), _file: file }));
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file is removed while the lock is held, so no other process holds a lock on the removed file.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens an existing file; a link to a file is refused.
fn existing(path: &Path) -> io::Result<File> {
    if !path.symlink_metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "exists and is not a file"));
    }
    File::options().write(true).open(path)
}

/// Whether an open file is still the file at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |named: fs::Metadata| file.metadata().map(|open| (open.dev(), open.ino()) == (named.dev(), named.ino()));
    path.symlink_metadata().and_then(same).unwrap_or(false)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Flushes a folder's names to the disk, in the order in which they were given. If this fails, files are
/// still never incomplete.
fn flush_names(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let names = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        let first = Prepared::new(&path, b"first").unwrap();
        let second = Prepared::new(&path, b"second").unwrap();
        assert_eq!(names().len(), 2, "each has a name of its own, and the path has nothing yet: {:?}", names());
        second.publish().unwrap();
        first.publish().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names()), (b"first".to_vec(), vec!["file".into()]));
        assert!(Prepared::new(&path, b"third").unwrap().publish_new().is_err());
        assert_eq!((fs::read(&path).unwrap(), names().len()), (b"first".to_vec(), 1));
        #[cfg(unix)]
        {
            let victim = folder.path().join("victim");
            fs::write(&victim, "kept").unwrap();
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&victim, &path).unwrap();
            write_whole(&path, b"new").unwrap();
            assert_eq!((fs::read(&victim).unwrap(), fs::read(&path).unwrap()), (b"kept".to_vec(), b"new".to_vec()));
            assert!(path.symlink_metadata().unwrap().is_file());
        }
    }

    #[test]
    fn reading_stops_at_the_bound() {
        assert!(matches!(read_bounded(io::repeat(0), 1000), Err(ReadFault::TooLong)));
        assert_eq!(read_bounded(&[7; 1000][..], 1000).unwrap().len(), 1000);
    }

    #[test]
    fn a_lock_is_had_once_and_a_stale_file_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        fs::write(&path, "left behind").unwrap();
        let lock = Lock::take(&path).unwrap();
        assert!(lock.is_some() && Lock::take(&path).unwrap().is_none());
        drop(lock);
        assert!(!path.exists() && Lock::take(&path).unwrap().is_some());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("victim"), &path).unwrap();
            assert!(Lock::take(&path).is_err() && !folder.path().join("victim").exists());
        }
    }
}
