//! Build script: gives the fuzzer the programs of `corpus/` to start from.
//!
//! libFuzzer reads inputs from `fuzz/corpus/TARGET` and writes new inputs there. So the programs are copied,
//! to keep new inputs out of `corpus/`. Only a build for fuzzing copies them.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const BYTE: &[&str] = &["compliance", "long", "regressions"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=../corpus");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_CFG_FUZZING").is_none() {
        return Ok(());
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    // The byte machine's targets start from the byte programs. The full machine's target starts from short
    // programs only, because all seeds run before any mutant.
    for (target, folders) in [("diff", BYTE), ("parse", BYTE), ("full", &["full"])] {
        let seeds = root.join("corpus").join(target);
        fs::create_dir_all(&seeds)?;
        for folder in folders {
            copy(&root.join("../corpus").join(folder), "seed", &seeds)?;
        }
    }
    Ok(())
}

/// Copies all programs below a folder. The copies' names are made of the paths.
fn copy(folder: &Path, name: &str, seeds: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{name}-{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            copy(&path, &name, seeds)?;
        } else if path.extension().is_some_and(|extension| extension == "wat" || extension == "wasm") {
            fs::copy(&path, seeds.join(name))?;
        }
    }
    Ok(())
}
