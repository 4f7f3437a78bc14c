//! Build script: lists the compliance programs, so that they travel inside the binary.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let suite = root.join("corpus/compliance");
    let mut programs = Vec::new();
    collect(&suite, &mut programs)?;
    programs.sort();

    let mut list = String::from("[\n");
    for path in programs {
        let name = path.strip_prefix(&suite).expect("found below it").with_extension("");
        let name = name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        writeln!(list, "({name:?}, include_str!({:?})),", path.display().to_string()).expect("a string takes anything");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("compliance.rs"), list)
}

/// All `.wat` files below a folder; cargo is told to look at each folder again when it changes.
fn collect(folder: &Path, programs: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, programs)?;
        } else if path.extension().is_some_and(|extension| extension == "wat") {
            programs.push(path);
        }
    }
    Ok(())
}
