//! The generators make valid programs of every kind, traps at a known rate, and the same programs for the
//! same seed.

use std::collections::BTreeMap;

use wasmformer::byte::isa::TABLE;
use wasmformer::byte::isa::Trap;
use wasmformer::byte::program::reader::read_bytes;
use wasmformer::byte::trace::End;
use wasmformer::harness::byte::Generated;
use wasmformer::harness::{VmEngine, record};
use wasmformer::wasm::Source;

const PROGRAMS: u64 = 4000;
const STEP_LIMIT: usize = 20_000;

#[test]
fn every_instruction_and_trap_comes_up() {
    let mut executed: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    let (mut steps, mut instructions) = (0, 0);
    for seed in 0..PROGRAMS {
        let generated = Generated::from_seed(seed);
        let recorded = record(&VmEngine, generated.case(), STEP_LIMIT).unwrap();
        for step in &recorded.steps {
            *executed.entry(generated.program.code()[step.pc].op.row().mnemonic).or_default() += 1;
        }
        *ends.entry(recorded.run.end.to_string()).or_default() += 1;
        steps += recorded.steps.len() as u64;
        instructions += generated.program.code().len() as u64;
    }
    println!("{executed:?}\n{ends:?}\n{} instructions and {} steps a program", instructions / PROGRAMS, steps / PROGRAMS);
    for row in TABLE.iter().filter(|row| !row.op.is_marker()) {
        assert!(executed.get(row.mnemonic).is_some_and(|count| *count >= PROGRAMS / 100), "{} is rare: {executed:?}", row.mnemonic);
    }
    for trap in Trap::ALL {
        let share = ends.get(&End::Trap(trap).to_string()).copied().unwrap_or_default() * 1000 / PROGRAMS;
        assert!((20..=120).contains(&share), "{trap}: {share} in 1000 of {ends:?}");
    }
    assert_eq!(ends.get(&End::Stopped.to_string()), None, "every program ends");
}

#[test]
fn a_printed_program_is_read_as_the_same() {
    for seed in 0..PROGRAMS {
        let Generated { program, files } = Generated::from_seed(seed);
        let recorded = record(&VmEngine, wasmformer::harness::byte::Case::new(&program, &files), STEP_LIMIT).unwrap();
        let header = recorded.run.header(format!("seed {seed}, \"quoted\""), &files);
        let text = program.to_wat(&header);
        let module = read_bytes(&Source::named(format!("seed {seed}")), text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(module.program, program, "{text}");
        assert_eq!(module.header, header, "{text}");
        assert_eq!(module.header.files(), files);
    }
}
