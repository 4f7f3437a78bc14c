//! The command as a process: its arguments, exit status and outputs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::{TempDir, tempdir};

pub const BINARY: &str = env!("CARGO_BIN_EXE_wasmformer");

/// Programs of the corpus that many tests run.
pub const ADDITION: &str = "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat";
pub const LOOP_LIMIT: &str = "corpus/compliance/loop-edge-cases/iteration-limits/third-entry-traps.wat";
pub const LONG: &str = "corpus/long/three-nested-loops.wat";

#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    pub fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub fn lines(&self) -> Vec<&str> {
        self.stdout().lines().collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Ran { status: output.status.code().expect("no signal"), stdout: output.stdout, stderr }
    }
}

pub fn wasmformer<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    Command::new(BINARY).args(arguments).output().unwrap().into()
}

/// Asserts success and an empty standard error.
pub fn good<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    let ran = wasmformer(arguments);
    assert!(ran.status == 0 && ran.stderr.is_empty(), "{ran:?}");
    ran
}

/// Asserts that the command fails with status 2 and one paragraph on standard error that contains all of
/// `parts`.
pub fn unusable<'a>(arguments: impl IntoIterator<Item = &'a str>, parts: &[&str]) {
    let ran = wasmformer(arguments);
    let one_paragraph = ran.stderr.starts_with("error: ") && ran.stderr.ends_with('\n') && !ran.stderr.contains("\n\n");
    assert!(ran.status == 2 && ran.stdout.is_empty() && one_paragraph, "{parts:?}: {ran:?}");
    for part in parts {
        assert!(ran.stderr.contains(part), "{part:?} is missing in {}", ran.stderr);
    }
}

/// Runs a shell script, in which the command is `"$WASMFORMER"`.
pub fn shell(script: &str) -> Ran {
    Command::new("sh").args(["-c", script]).env("WASMFORMER", BINARY).output().unwrap().into()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A temporary folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, contents) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    folder
}
