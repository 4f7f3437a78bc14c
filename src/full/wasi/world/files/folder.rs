//! A folder of this computer as all runs see it.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::errno::Errno;
use super::stat::{Kind, Stat};

/// Maximum length of a file, in bytes.
pub const MAX_FILE: u64 = 1 << 28;

/// A folder that a program is given, with its name there. What is in it is read when a run first looks at it,
/// and is kept: later runs see the same, whatever becomes of the folder. Nothing is written here.
#[derive(Debug)]
pub struct Folder {
    /// The folder's path in the program's view.
    pub guest: String,
    /// The folder's path on this computer. `None` for a folder that exists only here.
    host: Option<PathBuf>,
    /// What was found at paths within the folder.
    found: Mutex<HashMap<PathBuf, Result<Found, Errno>>>,
}

/// What is found at a path within a folder.
#[derive(Clone, Debug)]
pub enum Found {
    /// A folder's entries, sorted by name. Names that are not UTF-8 are left out.
    Folder(Arc<BTreeMap<String, Stat>>),
    /// The contents of a file.
    File(Arc<[u8]>),
    /// The target of a symbolic link.
    Link(Arc<str>),
}

impl Folder {
    /// A folder of this computer.
    ///
    /// # Errors
    /// Where there is no such folder.
    pub fn open(host: PathBuf, guest: String) -> io::Result<Folder> {
        if !fs::metadata(&host)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Folder { guest, host: Some(host), found: Mutex::default() })
    }

    /// A folder with these files, which exists only here. A file's path has its folders, divided by `/`.
    pub fn given(guest: String, files: &BTreeMap<String, Vec<u8>>) -> Folder {
        let mut folders: BTreeMap<PathBuf, BTreeMap<String, Stat>> = BTreeMap::from([(PathBuf::new(), BTreeMap::new())]);
        let mut found = HashMap::new();
        for (path, contents) in files {
            let mut path = PathBuf::from(path);
            let mut stat = Stat { kind: Kind::File, size: contents.len() as u64, accessed: 0, modified: 0 };
            found.insert(path.clone(), Ok(Found::File(contents.as_slice().into())));
            while let (Some(name), Some(parent)) = (path.file_name().and_then(|name| name.to_str()), path.parent()) {
                folders.entry(parent.to_path_buf()).or_default().insert(name.to_string(), stat);
                stat = Stat { kind: Kind::Folder, size: 0, accessed: 0, modified: 0 };
                path = parent.to_path_buf();
            }
        }
        found.extend(folders.into_iter().map(|(path, entries)| (path, Ok(Found::Folder(entries.into())))));
        Folder { guest, host: None, found: found.into() }
    }

    /// The folder's path on this computer, if it is one of this computer's.
    pub fn host(&self) -> Option<&Path> {
        self.host.as_deref()
    }

    /// What is at a path within the folder, where something of this kind was seen.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn found(&self, path: &Path, kind: Kind) -> Result<Found, Errno> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = found.get(path) {
            return found.clone();
        }
        let read = match &self.host {
            Some(host) => read(&host.join(path), kind),
            None => Err(Errno::Noent),
        };
        found.insert(path.to_path_buf(), read.clone());
        read
    }
}

/// Reads what is at a path of this computer.
fn read(path: &Path, kind: Kind) -> Result<Found, Errno> {
    match kind {
        Kind::Folder => {
            let mut entries = BTreeMap::new();
            for entry in fs::read_dir(path).map_err(errno)? {
                let entry = entry.map_err(errno)?;
                if let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) {
                    entries.insert(name, stat(&metadata));
                }
            }
            Ok(Found::Folder(entries.into()))
        }
        Kind::File if fs::metadata(path).map_err(errno)?.len() > MAX_FILE => Err(Errno::Fbig),
        Kind::File => fs::read(path).map(|contents| Found::File(contents.into())).map_err(errno),
        Kind::Link => {
            let target = fs::read_link(path).map_err(errno)?;
            target.to_str().map(|target| Found::Link(target.into())).ok_or(Errno::Ilseq)
        }
        Kind::Stream | Kind::Other => Err(Errno::Acces),
    }
}

/// The error number for an error of this computer.
fn errno(error: io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::NotFound => Errno::Noent,
        io::ErrorKind::PermissionDenied => Errno::Acces,
        io::ErrorKind::NotADirectory => Errno::Notdir,
        _ => Errno::Io,
    }
}

fn stat(metadata: &Metadata) -> Stat {
    let kind = match metadata.file_type() {
        ty if ty.is_dir() => Kind::Folder,
        ty if ty.is_file() => Kind::File,
        ty if ty.is_symlink() => Kind::Link,
        _ => Kind::Other,
    };
    let since = |time: io::Result<SystemTime>| {
        let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_nanos() as u64)
    };
    let size = if kind == Kind::Folder { 0 } else { metadata.len() };
    Stat { kind, size, accessed: since(metadata.accessed()), modified: since(metadata.modified()) }
}
