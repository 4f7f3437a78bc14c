//! A snapshot per program of both languages, for people to review: the listing, the trace and the final
//! state; for a full program also the tokens of its prompt, in both forms.
//!
//! Review changes with `cargo insta review`, or accept them with `INSTA_UPDATE=always cargo test --test all
//! snapshots`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use wasmformer::byte::program::reader::read_file;
use wasmformer::byte::trace::{Step, render};
use wasmformer::full;
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::program::{Loaded, Program, load_file};
use wasmformer::full::wasi::Process;
use wasmformer::harness::byte::Case;
use wasmformer::harness::byte::compliance::STEP_LIMIT;
use wasmformer::harness::{VmEngine, record};
use wasmformer::wasm::find::find_programs;

/// The number of steps shown at the start of a long trace, and at its end.
const SHOWN: usize = 40;

fn byte_snapshot(path: &Path) -> String {
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

/// The FNV-1a hash of pcs and tokens, so that no step that is not shown can change unnoticed.
fn digest(steps: &[Step]) -> u64 {
    fnv(steps.iter().flat_map(|step| [step.pc as u64, step.token.id() as u64]))
}

fn fnv(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0xcbf2_9ce4_8422_2325, |hash, number| (hash ^ number).wrapping_mul(0x0100_0000_01b3))
}

/// Writes the lines of a listing or a trace; if there are many, only the first and the last ones.
fn elided(text: &mut String, lines: &[String]) {
    if lines.len() <= 2 * SHOWN {
        lines.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        return;
    }
    let hidden = &lines[SHOWN..lines.len() - SHOWN];
    let numbers = hidden.iter().flat_map(|line| line.bytes()).map(u64::from);
    lines[..SHOWN].iter().for_each(|line| writeln!(text, "{line}").unwrap());
    writeln!(text, "        … {} lines with digest {:016x}", hidden.len(), fnv(numbers)).unwrap();
    lines[lines.len() - SHOWN..].iter().for_each(|line| writeln!(text, "{line}").unwrap());
}

/// The code of a full program, each function under its name and type.
fn code(program: &Program) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, function) in program.functions.iter().enumerate() {
        let types = program.type_of(index as u32);
        let list = |types: &[full::isa::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        lines.push(format!("{}: [{}] -> [{}]", program.function_name(index as u32), list(&types.params), list(&types.results)));
        let code = (function.entry..function.end).map(|pc| format!("{pc:>6}  {}", program.code[pc as usize]));
        lines.extend(code);
    }
    lines
}

/// The tokens of the run's prompt, several per line.
fn prompt(loaded: &Loaded, form: ListingForm) -> (usize, Vec<String>) {
    let calls = loaded.invocation().unwrap();
    let lowered = lower(&loaded.program, &calls, form).unwrap();
    let tokens = lowered.listing.tokens(&loaded.program, |function| lowered.entries[function as usize]);
    let lines = tokens.chunks(10).map(|some| some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    (tokens.len(), lines.collect())
}

fn full_snapshot(path: &Path) -> String {
    let loaded = load_file(path, &Process::default()).unwrap();
    let program = &loaded.program;
    let calls = loaded.invocation().unwrap();
    let mut vm = full::vm::Vm::new(program, &calls, loaded.header.input());
    let steps: Vec<_> = std::iter::from_fn(|| vm.step()).take(STEP_LIMIT).collect();
    let end = vm.end().expect("it ends").clone();
    let state = vm.into_state();

    let mut text = String::new();
    if let Some(about) = &loaded.header.about {
        writeln!(text, "{about}\n").unwrap();
    }
    elided(&mut text, &code(program));
    writeln!(text, "\n{}", full::trace::HEADING).unwrap();
    let lines = steps.iter().enumerate().map(|(index, step)| full::trace::step_line(program, index, *step));
    elided(&mut text, &lines.collect::<Vec<_>>());
    writeln!(text, "\nend      {}", end.typed(&program.results(&calls))).unwrap();
    writeln!(text, "steps    {}", steps.len()).unwrap();
    for (name, bytes) in [("outputs", &state.outputs), ("errors ", &state.errors)].into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        writeln!(text, "{name}  {}", render::bytes(bytes)).unwrap();
    }
    for (index, value) in state.globals.iter().enumerate() {
        writeln!(text, "global   {index} = {}", value.typed(program.globals[index].ty.value)).unwrap();
    }
    if !state.memory.is_empty() {
        let digest = fnv(state.memory.iter().copied().map(u64::from));
        writeln!(text, "memory   {} bytes with digest {digest:016x}", state.memory.len()).unwrap();
    }
    for (name, form) in [("plain", ListingForm::Plain), ("fused", ListingForm::Fused)] {
        let (tokens, lines) = prompt(&loaded, form);
        writeln!(text, "\nprompt in the {name} form: {tokens} tokens").unwrap();
        elided(&mut text, &lines);
    }
    text
}

/// The programs below folders of `corpus`.
fn programs(folders: &[&str]) -> Vec<PathBuf> {
    folders.iter().flat_map(|folder| find_programs(&Path::new("corpus").join(folder)).unwrap()).collect()
}

fn byte_programs() -> Vec<PathBuf> {
    programs(&["compliance", "long", "regressions"])
}

fn full_programs() -> Vec<PathBuf> {
    programs(&["full"])
}

/// The name of a program's snapshot: the program's path below `corpus/`.
fn name(path: &Path) -> String {
    let below = path.strip_prefix("corpus").unwrap().with_extension("");
    below.components().map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("__")
}

fn check(programs: &[PathBuf], snapshot: fn(&Path) -> String) {
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        for path in programs {
            insta::assert_snapshot!(name(path), snapshot(path));
        }
    });
}

#[test]
fn every_byte_program_has_the_trace_of_its_snapshot() {
    check(&byte_programs(), byte_snapshot);
}

#[test]
fn every_full_program_has_the_trace_and_the_prompts_of_its_snapshot() {
    check(&full_programs(), full_snapshot);
}

#[test]
fn every_snapshot_has_its_program() {
    let programs: BTreeSet<String> = byte_programs().iter().chain(&full_programs()).map(|path| name(path)).collect();
    let source = format!("---\nsource: {}\n", file!());
    for entry in std::fs::read_dir("snapshots").unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        // The page about them, and the picture that `pages.rs` draws again.
        if ["README.md", "step.svg"].contains(&&file[..]) {
            continue;
        }
        let of = file.strip_suffix(".snap").unwrap_or_else(|| panic!("{file} is not a snapshot: a change waits for review"));
        assert!(programs.contains(of), "snapshots/{file} belongs to no program: delete it");
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(text.starts_with(&source), "snapshots/{file} is not of {}", file!());
    }
}
