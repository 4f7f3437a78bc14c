//! The corpus. It is embedded in the library, so that commands can use it in any working directory.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::wasm::{Bytes, ReadError, Source};

/// All programs of the corpus and their inputs, with their names in the repository.
pub const CORPUS: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// The place of a program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// The corpus, with the program's name there.
    Corpus(&'static str),
}

impl Place {
    /// The programs in a folder of the corpus, sorted.
    pub fn of_corpus(folder: &str) -> Vec<Place> {
        let is_program = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "wat" || extension == "wasm");
        let names = CORPUS.iter().map(|(name, _)| *name).filter(|name| Path::new(name).starts_with(folder) && is_program(name));
        let mut places: Vec<Place> = names.map(Place::Corpus).collect();
        places.sort();
        places
    }

    /// The contents of the program's file.
    ///
    /// # Errors
    /// As [`Bytes::read`].
    pub fn read(&self) -> Result<Bytes, ReadError> {
        match self {
            Place::File(path) => Bytes::read(path),
            Place::Corpus(name) => {
                let source = Source::named(*name);
                let bytes = embedded(name).ok_or_else(|| source.unreadable(&"it is not in the corpus"))?;
                Ok(Bytes { source, bytes: bytes.to_vec() })
            }
        }
    }

    /// The path of the program's file. For a program of the corpus: its name, as a path.
    pub fn path(&self) -> &Path {
        match self {
            Place::File(path) => path,
            Place::Corpus(name) => Path::new(name),
        }
    }

    /// The contents of the file with the same name and another extension, if such a file exists.
    pub fn beside(&self, extension: &str) -> Option<Vec<u8>> {
        match self {
            Place::File(path) => fs::read(path.with_extension(extension)).ok(),
            Place::Corpus(name) => embedded(Path::new(name).with_extension(extension).to_str()?).map(<[u8]>::to_vec),
        }
    }

    /// The file's name without its extension.
    pub fn stem(&self) -> String {
        self.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn embedded(name: &str) -> Option<&'static [u8]> {
    CORPUS.iter().find(|(other, _)| *other == name).map(|(_, contents)| *contents)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path().display().fmt(f)
    }
}
