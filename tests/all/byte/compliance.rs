//! The compliance suite on every engine.

use wasmformer::byte::program::reader::read_file;
use wasmformer::harness::byte::compliance::{GROUPS, STEP_LIMIT, suite};
use wasmformer::harness::byte::{Case, NetworkEngine, WasmiEngine};
use wasmformer::harness::{Byte, Engine, Verdict, VmEngine, compare, record};
use wasmformer::wasm::find::find_programs;

/// The number of programs per group, as counted in the seed document.
const SEED_COUNTS: [usize; 12] = [24, 16, 14, 8, 3, 15, 7, 7, 4, 6, 4, 4];

fn passes_on(engine: &dyn Engine<Byte>) {
    let mut failures = Vec::new();
    for entry in suite().unwrap() {
        let files = entry.module.header.files();
        let case = Case::new(&entry.module.program, &files);
        let run = record(engine, case, STEP_LIMIT).unwrap().run;
        if let Some(failure) = entry.failure(&run) {
            failures.push(format!("{}: {failure}", entry.path));
        }
    }
    assert!(failures.is_empty(), "{} programs fail on {}:\n{}", failures.len(), engine.name(), failures.join("\n"));
}

#[test]
fn passes_on_the_reference_vm() {
    passes_on(&VmEngine);
}

#[test]
fn passes_on_wasmi() {
    passes_on(&WasmiEngine::default());
}

#[test]
fn passes_on_the_dense_forward_pass() {
    passes_on(&NetworkEngine::dense());
}

#[test]
fn passes_on_the_indexed_forward_pass() {
    passes_on(&NetworkEngine::indexed());
}

#[test]
fn passes_on_the_compiled_forward_pass() {
    passes_on(&NetworkEngine::compiled().with_patience(1));
}

#[test]
fn all_engines_agree_in_lockstep() {
    let (vm, wasmi, dense) = (VmEngine, WasmiEngine::default(), NetworkEngine::dense());
    let teacher = dense.clone().forced();
    let indexed = NetworkEngine::indexed();
    let compiled = NetworkEngine::compiled().with_patience(1);
    let engines: [&dyn Engine<Byte>; 6] = [&vm, &wasmi, &dense, &indexed, &compiled, &teacher];
    for entry in suite().unwrap() {
        let files = entry.module.header.files();
        let case = Case::new(&entry.module.program, &files);
        match compare(case, &engines, STEP_LIMIT).unwrap().0 {
            Verdict::Agree { .. } => {}
            Verdict::Diverge(report) => panic!("{}: {report}", entry.path),
            Verdict::Inconclusive { reason } => panic!("{}: {reason}", entry.path),
        }
    }
}

#[test]
fn holds_the_seeds_programs() {
    let suite = suite().unwrap();
    for ((group, title), expected) in GROUPS.into_iter().zip(SEED_COUNTS) {
        let count = suite.iter().filter(|entry| entry.group() == group).count();
        assert!(count >= expected, "{title}: {count} of {expected} programs");
    }
    let known: usize = GROUPS.iter().map(|(group, _)| suite.iter().filter(|entry| entry.group() == *group).count()).sum();
    assert_eq!(known, suite.len(), "every program belongs to a group");
    let categories: std::collections::BTreeSet<_> = suite.iter().map(|entry| entry.path.rsplit_once('/').unwrap().0).collect();
    assert_eq!(categories.len(), 24);
}

#[test]
fn headers_name_the_category_that_the_folder_has() {
    for entry in suite().unwrap() {
        let header = &entry.module.header;
        assert_eq!(header.category.as_deref(), entry.path.split('/').nth(1), "{}", entry.path);
        assert!(header.about.is_some() && header.outputs.is_some(), "{}", entry.path);
    }
}

#[test]
fn regressions_stay_mended() {
    let (vm, wasmi, dense, indexed) = (VmEngine, WasmiEngine::default(), NetworkEngine::dense(), NetworkEngine::indexed());
    let engines: [&dyn Engine<Byte>; 4] = [&vm, &wasmi, &dense, &indexed];
    for path in find_programs("corpus/regressions".as_ref()).unwrap() {
        let module = read_file(&path).unwrap();
        let files = module.header.files();
        let (verdict, expected) = compare(Case::new(&module.program, &files), &engines, STEP_LIMIT).unwrap();
        assert!(matches!(verdict, Verdict::Agree { .. }), "{}: {verdict:?}", path.display());
        assert_eq!(Some(expected.run.state.outputs), module.header.outputs, "{}", path.display());
    }
}
