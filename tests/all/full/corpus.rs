//! The corpus of the full language: all engines in lockstep, and everything that the programs' headers
//! expect.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use wasmformer::full::program::{Loaded, load_file};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::spec::{self, FileResults, StoreBackend, Version, WasmiBackend};
use wasmformer::harness::full::{Case, NetworkEngine, WasmiEngine, failure as header_failure};
use wasmformer::harness::{Engine, Full, VmEngine, compare};
use wasmformer::wasm::find::find_programs;

const STEP_LIMIT: usize = 2_000_000;

/// Runs a program on all engines with the invocation of its header. Returns the difference from the header's
/// expectations, if there is one.
fn failure(loaded: &Loaded, network: &NetworkEngine, fused: &NetworkEngine) -> Option<String> {
    let calls = loaded.invocation().unwrap();
    let case = Case::of(loaded, &calls, loaded.header.input());
    let engines: [&dyn Engine<Full>; 4] = [&VmEngine, &WasmiEngine::default(), network, fused];
    let (verdict, recorded) = compare(case, &engines, STEP_LIMIT).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    header_failure(&loaded.header, &recorded.run, &loaded.program.results(&calls))
}

fn programs(folder: &str) -> impl Iterator<Item = (PathBuf, Loaded)> {
    let found = find_programs(Path::new(folder)).unwrap().into_iter();
    found.map(|path| {
        let loaded = load_file(&path, &Process::default()).unwrap_or_else(|error| panic!("{error}"));
        (path, loaded)
    })
}

#[test]
fn the_corpus_runs_alike_and_as_its_headers_say() {
    let network = NetworkEngine::indexed();
    let fused = network.clone().fused();
    for (path, loaded) in programs("corpus/full") {
        let header = &loaded.header;
        assert!(header.about.is_some() && header.expects_something(), "{}", path.display());
        assert_eq!(failure(&loaded, &network, &fused), None, "{}", path.display());
    }
}

#[test]
fn the_test_suite_of_webassembly_passes() {
    for (version, count, least) in [(Version::One, 73, 18_400), (Version::Two, 90, 20_000)] {
        let (vm, suite, tick) = (VmEngine, spec::files(version, ""), || ControlFlow::Continue(()));
        let backends: [(&str, Vec<FileResults>); 2] = [
            ("vm", spec::run(version, &suite, &|| Box::new(StoreBackend::new(&vm)), &tick)),
            ("wasmi", spec::run(version, &suite, &|| Box::new(WasmiBackend::default()), &tick)),
        ];
        for (name, files) in backends {
            let total = spec::total(&files);
            assert_eq!(files.len(), count);
            assert!(total.failed.is_empty(), "{name}:\n{}", total.failed.join("\n"));
            let passed: usize = total.passed.values().sum();
            assert!(passed > least, "{name}: only {passed} assertions");
            for reason in total.skipped.keys() {
                let known = ["memory.grow beyond", "needs the effects of an earlier run"];
                assert!(known.iter().any(|known| reason.starts_with(known)), "{name}: {reason}");
            }
        }
    }
}
