//! A snapshot for each of the byte machine's programs, for people to review: listing, trace, and what it left behind.
//!
//! Review changes with `cargo insta review`, or accept them with `INSTA_UPDATE=always cargo test --test all snapshots`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use wasmformer::byte::program::reader::read_file;
use wasmformer::byte::trace::{Step, render};
use wasmformer::harness::byte::Case;
use wasmformer::harness::byte::compliance::STEP_LIMIT;
use wasmformer::harness::{VmEngine, record};
use wasmformer::wasm::find::find_programs;

/// Steps shown at the start and at the end of a long trace.
const SHOWN: usize = 40;

fn snapshot(path: &Path) -> String {
    let module = read_file(path).unwrap();
    let (program, files) = (&module.program, module.header.files());
    let recorded = record(&VmEngine, Case::new(program, &files), STEP_LIMIT).unwrap();
    let (steps, state) = (&recorded.steps, &recorded.run.state);

    let mut text = String::new();
    if let Some(about) = &module.header.about {
        writeln!(text, "{about}\n").unwrap();
    }
    writeln!(text, "{}\n{}", program.listing(), render::HEADING).unwrap();
    let elided = steps.len().saturating_sub(2 * SHOWN);
    for (index, step) in steps.iter().enumerate() {
        if elided == 0 || index < SHOWN || index >= steps.len() - SHOWN {
            writeln!(text, "{}", render::step_line(program, index, *step)).unwrap();
        } else if index == SHOWN {
            let hidden = &steps[SHOWN..SHOWN + elided];
            writeln!(text, "        … {elided} steps with digest {:016x}", digest(hidden)).unwrap();
        }
    }
    writeln!(text, "\nend      {}", recorded.run.end).unwrap();
    writeln!(text, "steps    {}", steps.len()).unwrap();
    writeln!(text, "tokens   {}", 1 + 2 * program.code().len() + steps.len()).unwrap();
    writeln!(text, "outputs  {}", render::bytes(&state.outputs)).unwrap();
    for (index, value) in state.locals.iter().enumerate().filter(|(_, value)| **value != 0) {
        writeln!(text, "local    {index} = {value}").unwrap();
    }
    for (address, value) in state.memory.iter().enumerate().filter(|(_, value)| **value != 0) {
        writeln!(text, "cell     {address} = {value}").unwrap();
    }
    for (file, (before, after)) in files.iter().zip(&state.files).enumerate().filter(|(_, (before, after))| before != after) {
        writeln!(text, "file     {file} was {}, is {}", render::bytes(before), render::bytes(after)).unwrap();
    }
    text
}

/// FNV-1a over pcs and tokens, so that no hidden step can change unnoticed.
fn digest(steps: &[Step]) -> u64 {
    let numbers = steps.iter().flat_map(|step| [step.pc as u64, step.token.id() as u64]);
    numbers.fold(0xcbf2_9ce4_8422_2325, |hash, number| (hash ^ number).wrapping_mul(0x0100_0000_01b3))
}

/// The byte machine's programs.
fn programs() -> Vec<PathBuf> {
    let folders = ["corpus/compliance", "corpus/long", "corpus/regressions"];
    folders.iter().flat_map(|folder| find_programs(Path::new(folder)).unwrap()).collect()
}

/// A program's path below `corpus/`, as the name of its snapshot.
fn name(path: &Path) -> String {
    let below = path.strip_prefix("corpus").unwrap().with_extension("");
    below.components().map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("__")
}

#[test]
fn every_program_has_the_trace_of_its_snapshot() {
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        for path in programs() {
            insta::assert_snapshot!(name(&path), snapshot(&path));
        }
    });
}

#[test]
fn every_snapshot_has_its_program() {
    let programs: BTreeSet<String> = programs().iter().map(|path| name(path)).collect();
    let source = format!("---\nsource: {}\n", file!());
    for entry in std::fs::read_dir("snapshots").unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let of = file.strip_suffix(".snap").unwrap_or_else(|| panic!("{file} is no snapshot: a change waits for review"));
        assert!(programs.contains(of), "snapshots/{file} belongs to no program: delete it");
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(text.starts_with(&source), "snapshots/{file} is not of {}", file!());
    }
}
