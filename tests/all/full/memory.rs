//! The memory that programs take on the full machine's network: it is estimated before the run, and it is
//! bounded.

use std::fmt::Write;
use std::ops::ControlFlow;

use crate::common::command::{folder, good, text, wasmformer};
use crate::common::full::{called, fused, network, program, unchecked};
use wasmformer::full;
use wasmformer::full::isa::Op;
use wasmformer::full::listing::lower::{ListingForm, lower};
use wasmformer::full::listing::size::Size;
use wasmformer::full::listing::token::Vocabulary;
use wasmformer::full::listing::{ListingError, MAX_LINES};
use wasmformer::full::machine::host::FullHost;
use wasmformer::full::program::{Immediate, Loaded};
use wasmformer::harness::full::{Case, NetworkEngine};
use wasmformer::harness::{Engine, Verdict, VmEngine, compare};
use wasmformer::transformer::{IndexedModel, IndexedSession, Network, generate};

/// An `if` that is not taken around this number of instructions, of all kinds.
fn code(instructions: usize) -> Loaded {
    let kinds = ["(local.set 0 (i32.add (local.get 0) (i32.const 70000)))", "nop", "(i64.store offset=9 (local.get 0) (i64.const -1))"];
    let body: String = kinds.iter().cycle().take(instructions / 3).copied().collect();
    program(&format!("(module (memory 1) (func (export \"main\") (local i32) (if (i32.const 0) (then {body}))))"))
}

fn nops(instructions: usize) -> Loaded {
    program(&format!("(module (func (export \"main\") (if (i32.const 0) (then {}))))", "nop ".repeat(instructions)))
}

/// This number of bytes of data, `apart` addresses from each other.
fn data(bytes: usize, apart: usize) -> Loaded {
    let one = format!("\\ff{}", "\\00".repeat(apart - 1));
    program(&format!("(module (memory 20) (data (i32.const 16) \"{}\") (func (export \"main\")))", one.repeat(bytes)))
}

fn table(places: usize) -> Loaded {
    let filled = "$main ".repeat(places);
    let main = "(func $main (export \"main\") (if (i32.const 0) (then (call_indirect (i32.const 0)))))";
    program(&format!("(module (table {places} funcref) (elem (i32.const 0) {filled}) {main})"))
}

fn br_table(targets: usize) -> Loaded {
    let targets = "0 ".repeat(targets);
    program(&format!("(module (func (export \"main\") (block (br_table {targets} (i32.const 0)))))"))
}

/// If fewer bytes than this are kept, the estimate may be many times as large.
const SMALL: u64 = 100_000;

/// The counted size of a program's prompt, and the memory in bytes that the network keeps after passing it.
fn counted_and_kept(model: &IndexedModel<f64>, loaded: &Loaded, form: ListingForm) -> (Size, u64) {
    let lowered = lower(&loaded.program, &called(loaded.entry(None).unwrap(), &[]), form).unwrap();
    let entry = |function: u32| lowered.entries[function as usize];
    let tokens = lowered.listing.tokens(&loaded.program, entry);
    let size = lowered.listing.size(&loaded.program, entry);
    assert_eq!(size.rows, tokens.len() as u64);
    let (vocabulary, mut kept) = (Vocabulary::new(), 0);
    generate(&mut IndexedSession::new(model), &mut FullHost::new(&vocabulary, &tokens, &[]), &mut (), |_, _, network| {
        kept = network.kept() as u64;
        false
    });
    (size, kept)
}

#[test]
fn a_prompt_keeps_what_was_estimated_from_its_rows() {
    let model = IndexedModel::new(&full::machine::compile::<f64>().unwrap().0);
    let (_, empty) = counted_and_kept(&model, &program("(module (func (export \"main\")))"), ListingForm::Plain);
    let programs = [
        ("code", code(70_000)),
        ("nops", nops(70_000)),
        ("data", data(300_000, 1)),
        ("sparse data", data(150_000, 8)),
        ("table", table(65_000)),
        ("br_table", br_table(70_000)),
    ];
    let mut wrong = String::new();
    for (what, loaded) in &programs {
        for form in [ListingForm::Plain, ListingForm::Fused] {
            let (size, kept) = counted_and_kept(&model, loaded, form);
            let (kept, estimated) = (kept - empty, size.of_indexed());
            println!("{what}, {form:?}: {size:?} keeps {kept}, {estimated} are estimated");
            if kept > estimated || estimated > 3 * kept.max(SMALL) {
                let _ = writeln!(wrong, "{what}, {form:?}: {kept} bytes are kept, {estimated} were estimated of {size:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_target_of_a_br_table_is_an_instruction_of_at_most_four_rows() {
    let sizes = [1, 10_001].map(|targets| {
        let lowered = lower(&br_table(targets).program, &called(Some(0), &[]), ListingForm::Plain).unwrap();
        lowered.listing.size(&br_table(targets).program, |function| lowered.entries[function as usize])
    });
    assert_eq!(sizes[1].instructions - sizes[0].instructions, 10_000);
    assert!(sizes[1].rows - sizes[0].rows <= 40_000 + 2, "{sizes:?}");
}

fn error(engine: &NetworkEngine, loaded: &Loaded) -> String {
    let calls = called(loaded.entry(None).unwrap(), &[]);
    let case = Case::of(loaded, &calls, &[]);
    engine.run(case, &mut |_| ControlFlow::Continue(())).unwrap_err().reason
}

#[test]
fn a_prompt_beyond_the_memory_allowed_is_refused_with_both_sizes() {
    let loaded = nops(10_000);
    let limited = network().clone().with_memory(2_000_000);
    let reason = error(&limited, &loaded);
    assert!(reason.starts_with("its prompt of 10023 rows takes about "), "{reason}");
    assert!(reason.ends_with(" of memory; the limit is 2.0 MB, set by --max-memory"), "{reason}");
    // In the fused form the `nop`s are not instructions of the machine.
    let calls = called(Some(0), &[]);
    let case = Case::of(&loaded, &calls, &[]);
    let fused = fused().clone().with_memory(2_000_000);
    assert!(compare(case, &[&VmEngine, &fused], 100).unwrap().0.is_agreement());
    // A comparison is then inconclusive, and no engine is at fault.
    let verdict = compare(case, &[&VmEngine, &limited], 100).unwrap().0;
    assert!(matches!(&verdict, Verdict::Inconclusive { reason } if reason.contains("its prompt of 10023 rows")), "{verdict:?}");
}

#[test]
fn a_run_that_outgrows_the_memory_allowed_is_ended_with_both_sizes() {
    let loaded = program(
        "(module (memory 8) (func (export \"main\") (local i32)
            (loop (i32.store8 (local.get 0) (i32.const 1))
                (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 120000))))))",
    );
    let reason = error(&unchecked().clone().with_memory(2_000_000), &loaded);
    assert!(reason.starts_with("its run takes 2."), "{reason}");
    let calls = called(Some(0), &[]);
    let case = Case::of(&loaded, &calls, &[]);
    assert!(compare(case, &[&VmEngine, &unchecked().clone().with_memory(100_000_000)], 1_000_000).unwrap().0.is_agreement());
}

#[test]
fn br_tables_beyond_a_listing_are_refused_before_they_are_listed() {
    let targets = MAX_LINES as u32 + 1;
    let program = br_table(3).program.edited_unchecked(|program| {
        program.branches.resize(targets as usize, program.branches[0]);
        let branching = program.code.iter_mut().find(|instr| instr.op == Op::BrTable).unwrap();
        branching.immediate = Immediate::Branches(0..targets);
    });
    // The entry takes two instructions, and the operand one.
    let error = lower(&program, &called(Some(0), &[]), ListingForm::Plain).unwrap_err();
    assert_eq!(error, ListingError::TooLong { lines: MAX_LINES + 4 });
}

#[test]
fn diff_counts_a_program_beyond_the_memory_allowed_and_goes_on() {
    let (large, small) = (format!("(module (func (export \"main\") {}))", "nop ".repeat(4000)), "(module (func (export \"main\")))");
    let folder = folder(&[("a.wat", large.as_bytes()), ("b.wat", small.as_bytes())]);
    let ran = wasmformer(["diff", "--model", "full", "--max-memory", "500k", text(folder.path())]);
    let printed = ran.stdout();
    assert!(printed.contains("a.wat: indexed: its prompt of 4019 rows takes about 1"), "{printed}");
    assert!(printed.ends_with("1 agree, 0 diverge, 1 inconclusive, 0 unreadable\n"), "{printed}");
    assert_eq!(ran.status, 2);
    good(["diff", "--model", "full", text(folder.path())]);
}
