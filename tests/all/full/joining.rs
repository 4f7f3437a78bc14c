//! The code with which a module is joined: routines for bulk instructions, and providers of its imports.

use crate::common::full::called;
use wasmformer::full::isa::Trap;
use wasmformer::full::program::join::{Place, Supply};
use wasmformer::full::program::{Call, Loaded, Refusal, Value, load, reader};
use wasmformer::full::trace::{Effect, End, Step};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::{Case, NetworkEngine, WasmiEngine};
use wasmformer::harness::{Engine, Verdict, VmEngine, compare, on_steps};
use wasmformer::wasm::{ReadError, Source};

const STEP_LIMIT: usize = 100_000;

fn read_with(text: &str, constants: &[&str]) -> Result<Loaded, ReadError> {
    let process = constants.iter().fold(Process::default(), |process, given| process.constant(given).unwrap());
    load(&Source::named("test.wat"), text.as_bytes(), &process)
}

fn read(text: &str) -> Loaded {
    read_with(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// How an invocation ends; asserts that the reference VM and wasmi agree.
fn end_of(loaded: &Loaded, function: &str, arguments: &[i32]) -> End {
    let arguments: Vec<Value> = arguments.iter().copied().map(Value::I32).collect();
    let calls = called(loaded.entry(Some(function)).unwrap(), &arguments);
    let case = Case::of(loaded, &calls, b"");
    let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default()], STEP_LIMIT).unwrap();
    assert!(!matches!(verdict, Verdict::Diverge(_)), "{verdict:?}");
    recorded.run.end
}

fn results(loaded: &Loaded, function: &str) -> Vec<i64> {
    match end_of(loaded, function, &[]) {
        End::Returned(values) => values.iter().map(|value| value.signed()).collect(),
        end => panic!("{end}"),
    }
}

/// A page whose first 40 and last 40 bytes are all different from each other.
fn page() -> Vec<u8> {
    let mut page = vec![0; 0x1_0000];
    (0..40).for_each(|index| (page[usize::from(index)], page[0xffd8 + usize::from(index)]) = (index + 1, index + 101));
    page
}

/// The memory after an instruction with these operands on the reference VM, or the trap.
fn memory_after(instruction: &str, operands: [u32; 3]) -> Result<Vec<u8>, Trap> {
    let bytes = |from: usize| page()[from..from + 40].iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let [first, second, third] = operands.map(|operand| format!("(i32.const {})", operand as i32));
    let loaded = read(&format!(
        r#"(module (memory 1) (data (i32.const 0) "{}") (data (i32.const 0xffd8) "{}") (data $passive "passive data")
             (func (export "main") ({instruction} {first} {second} {third})))"#,
        bytes(0),
        bytes(0xffd8)
    ));
    let calls = called(loaded.entry(None).unwrap(), &[]);
    let case = Case::of(&loaded, &calls, b"");
    let mut stored = false;
    let see = |step: Step| {
        stored |= matches!(step.effect, Effect::Memory { .. });
        std::ops::ControlFlow::Continue(())
    };
    let run = VmEngine.run(case, &mut on_steps(see)).unwrap();
    match run.end {
        End::Returned(_) => Ok(run.state.memory),
        End::Trapped(trap) => {
            assert!(!stored, "{instruction} {operands:?} wrote before it trapped");
            Err(trap)
        }
        end => panic!("{end}"),
    }
}

/// The result by WebAssembly's definition of the instruction: if not everything fits, nothing is written.
fn expected(operands: [u32; 3], write: impl FnOnce(&mut Vec<u8>, [usize; 3])) -> Result<Vec<u8>, Trap> {
    let mut memory = page();
    let [at, _, length] = operands.map(|operand| operand as usize);
    if at + length > memory.len() {
        return Err(Trap::MemoryOutOfBounds);
    }
    write(&mut memory, operands.map(|operand| operand as usize));
    Ok(memory)
}

#[test]
fn memory_copy_moves_overlapping_bytes_both_ways() {
    for distance in -20..=20 {
        for length in [0, 1, 2, 7, 8, 9, 15, 16, 17, 20] {
            let operands = [20, (20 + distance) as u32, length];
            let wanted = expected(operands, |memory, [to, from, length]| memory.copy_within(from..from + length, to));
            assert!(memory_after("memory.copy", operands) == wanted, "{operands:?}");
        }
    }
}

#[test]
fn bulk_instructions_write_nothing_unless_all_of_it_fits() {
    let last = 0x1_0000;
    for (at, length) in [(last - 9, 9), (last, 0), (last - 8, 9), (last + 1, 0), (u32::MAX, 1), (u32::MAX, 0), (1, u32::MAX), (0, last)] {
        let fill = [at, 0x1ff, length];
        let wanted = expected(fill, |memory, [at, _, length]| memory[at..at + length].fill(0xff));
        assert!(memory_after("memory.fill", fill) == wanted, "memory.fill {fill:?}");
        for [to, from] in [[at, 0], [0, at]] {
            let wanted = match u64::from(from) + u64::from(length) > u64::from(last) {
                true => Err(Trap::MemoryOutOfBounds),
                false => expected([to, from, length], |memory, [to, from, length]| memory.copy_within(from..from + length, to)),
            };
            assert!(memory_after("memory.copy", [to, from, length]) == wanted, "memory.copy {to} {from} {length}");
        }
    }
}

#[test]
fn memory_init_copies_any_part_of_a_passive_segment() {
    let bytes = b"passive data";
    for from in 0..=13 {
        for length in 0..=13 {
            let wanted = match from + length > 12 {
                true => Err(Trap::MemoryOutOfBounds),
                false => expected([3, from, length], |memory, [to, from, length]| {
                    memory[to..to + length].copy_from_slice(&bytes[from..from + length]);
                }),
            };
            assert!(memory_after("memory.init $passive", [3, from, length]) == wanted, "{from} {length}");
        }
    }
}

#[test]
fn bulk_instructions_run_by_the_network_in_both_forms() {
    let network = NetworkEngine::indexed();
    let fused = network.clone().fused();
    let loaded = read(
        r#"(module (memory 1) (data (i32.const 0) "0123456789abcdefghijklmnopqrstuvwxyz") (data $passive "a passive segment")
          (func (export "main")
            (memory.copy (i32.const 3) (i32.const 0) (i32.const 30))
            (memory.copy (i32.const 0) (i32.const 5) (i32.const 21))
            (memory.fill (i32.const 65500) (i32.const 7) (i32.const 36))
            (memory.init $passive (i32.const 200) (i32.const 1) (i32.const 16))
            (data.drop $passive)
            (memory.init $passive (i32.const 200) (i32.const 0) (i32.const 1))))"#,
    );
    let calls = called(loaded.entry(None).unwrap(), &[]);
    let case = Case::of(&loaded, &calls, b"");
    let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default(), &network, &fused], STEP_LIMIT).unwrap();
    assert_eq!((verdict.is_agreement(), recorded.run.end), (true, End::Trapped(Trap::MemoryOutOfBounds)));
    assert_eq!(&recorded.run.state.memory[200..216], b" passive segment");
}

/// Bulk instructions may be in dead code too, for example after a branch.
#[test]
fn bulk_instructions_are_replaced_in_code_that_is_never_reached() {
    let loaded = read(
        r#"(module (memory 1) (data $p "x")
          (func (export "main") (result i32)
            (return (i32.const 5))
            (memory.init $p (i32.const 0) (i32.const 0) (i32.const 1))
            (data.drop $p)
            (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))))"#,
    );
    assert_eq!(results(&loaded, "main"), [5]);
}

const IMPORTS: &str = r#"(module
  (import "env" "log" (func $log (param i32) (result i32)))
  (import "env" "log" (func $log64 (param i64)))
  (import "wasi_snapshot_preview1" "absent" (func $random (param i32 i32) (result i32)))
  (import "env" "memory" (memory 2))
  (import "env" "table" (table 2 funcref))
  (import "env" "base" (global $base i32))
  (import "env" "count" (global $count (mut i64)))
  (export "log" (func $log))
  (elem (i32.const 0) $log $log64)
  (data (global.get $base) "A")
  (func (export "directly") (result i32) (call $log (i32.const 1)))
  (func (export "by table") (call_indirect (param i64) (i64.const 1) (i32.const 1)))
  (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 1)))
  (func (export "globals") (result i32 i64) (global.get $base) (global.get $count))
  (func (export "memory") (result i32 i32) (memory.size) (i32.load8_u (global.get $base))))"#;

#[test]
fn an_import_that_nobody_serves_ends_the_run_where_it_is_called() {
    let loaded = read(IMPORTS);
    assert_eq!(results(&loaded, "globals"), [0, 0]);
    assert_eq!(results(&loaded, "memory"), [2, 65]);
    let refused = |path: &str| End::Refused(Refusal::Import(path.into()));
    assert_eq!(end_of(&loaded, "directly", &[]), refused("env.log"));
    assert_eq!(end_of(&loaded, "by table", &[]), refused("env.log"));
    assert_eq!(end_of(&loaded, "random", &[]), refused("wasi_snapshot_preview1.absent"));
    let calls = called(loaded.entry(Some("by table")).unwrap(), &[]);
    let case = Case::of(&loaded, &calls, b"");
    let network = NetworkEngine::indexed();
    let (verdict, _) = compare(case, &[&VmEngine, &network, &network.clone().fused()], STEP_LIMIT).unwrap();
    assert!(matches!(verdict, Verdict::Inconclusive { .. }), "{verdict:?}");
}

#[test]
fn a_value_given_for_an_import_is_what_it_results_in() {
    let loaded = read_with(IMPORTS, &["env.base=0x10", "env.count=-3", "wasi_snapshot_preview1.absent=4294967295"]).unwrap();
    assert_eq!(results(&loaded, "globals"), [16, -3]);
    assert_eq!(results(&loaded, "memory"), [2, 65]);
    assert_eq!(results(&loaded, "random"), [-1]);
}

#[test]
fn a_value_that_an_import_cannot_have_is_refused() {
    let text = r#"(module (import "env" "f" (func)) (import "env" "g" (func (result i32))) (import "env" "memory" (memory 1)))"#;
    let refusal = |given: &str| read_with(text, &[given]).unwrap_err().to_string();
    insta::assert_snapshot!(
        ["env.f=1", "env.g=", "env.g=4294967296", "env.g=1.5", "env.memory=1", "env.h=1"].map(refusal).join("\n"),
        @r"
    test.wat:1:10: env.f: a value is given for a function without a result
    test.wat:1:36: env.g: no value is given for its result of type i32
    test.wat:1:36: env.g: 4294967296 does not fit i32
    test.wat:1:36: env.g: 1.5 is not of type i32
    test.wat:1:75: env.memory: a value is given, but the import is neither a function nor a global
    test.wat: a value is given for env.h, which the program does not import
    "
    );
    for given in ["env.g", "env.g=one", "env.g=0x", "env.g=--1"] {
        assert!(Process::default().constant(given).is_err(), "{given}");
    }
}

#[test]
fn a_host_function_of_another_type_is_refused() {
    let refusal = |item: &str| read_with(&format!("(module\n  (import {item}))"), &[]).unwrap_err().to_string();
    insta::assert_snapshot!([r#""host" "output" (func (param i64))"#, r#""host" "halt" (func)"#].map(refusal).join("\n"), @r"
    test.wat:2:4: host.output: imported with the type [i64] -> [], but its type is [i32] -> []
    test.wat:2:4: unknown import host.halt; the imports are host.output, host.input, host.poll, host.error, host.exit, host.send, host.receive
    ");
}

#[test]
fn both_versions_of_wasi_are_served_and_both_forms_of_seeking() {
    for module in ["wasi_snapshot_preview1", "wasi_unstable"] {
        for (offset, operand) in [("i64", "(i64.const 0)"), ("i32 i32", "(i32.const 0) (i32.const 0)")] {
            let loaded = read(&format!(
                r#"(module (import "{module}" "fd_seek" (func $seek (param i32 {offset} i32 i32) (result i32))) (memory 1)
                  (func (export "main") (result i32) (call $seek (i32.const 1) {operand} (i32.const 0) (i32.const 8))))"#
            ));
            assert!(loaded.is_process);
            assert_eq!(results(&loaded, "main"), [76]);
        }
    }
}

#[test]
fn a_reactor_is_initialized_before_what_is_invoked_and_once() {
    let loaded = read(
        r#"(module (global $n (mut i32) (i32.const 0))
          (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1))))
          (func (export "count") (result i32) (global.get $n)))"#,
    );
    assert_eq!(results(&loaded, "count"), [1]);
    assert_eq!(loaded.entry(Some("_initialize")).unwrap(), None);
    assert!(loaded.entry(None).unwrap_err().to_string().starts_with("nothing to run"));
}

#[test]
fn a_joined_module_needs_nothing_more() {
    let loaded = read(IMPORTS);
    let again = reader::read_bytes(&Source::named("again"), &loaded.module.wasm).unwrap().module;
    assert_eq!(again.functions.len(), loaded.module.functions.len());
    assert!(again.imports.iter().all(|import| import.path() != "env.memory"));
}

/// A library with an allocator that gives one address after another, and a function that sums up bytes.
const LIBRARY: &str = r#"(module (memory 1) (global $next (mut i32) (i32.const 1001))
  (func (export "alloc") (param i32 i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (i32.mul (local.get 0) (local.get 1)))))
  (func (export "sum") (param $at i32) (param $left i32) (result i32 i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum) (local.get $at)))"#;

#[test]
fn bytes_are_put_where_an_allocator_or_an_address_says() {
    let supply = |name: &str, bytes: &[u8], place| Supply { name: name.to_string(), bytes: bytes.to_vec(), place };
    let load_with = |supply: Supply| load(&Source::named("test.wat"), LIBRARY.as_bytes(), &Process::default().supply(supply));
    let first = supply("a", &[1; 17], Place::By("alloc".to_string()));
    let process = Process::default().supply(first).supply(supply("b", &[200, 100], Place::At(7))).supply(supply(
        "c",
        &[3; 8],
        Place::By("alloc".to_string()),
    ));
    let loaded = load(&Source::named("test.wat"), LIBRARY.as_bytes(), &process).unwrap();
    let put = process.supplies().iter().map(|supply| Call::new(loaded.program.exported_function(&supply.export()).unwrap(), &[]));
    let sums = loaded.calls(&["sum"; 3], &["1001", "17", "7", "3", "1018", "8"]).unwrap();
    let calls: Vec<Call> = put.chain(sums).collect();
    let network = NetworkEngine::indexed();
    let engines: [&dyn Engine<_>; 4] = [&VmEngine, &WasmiEngine::default(), &network, &network.clone().fused()];
    let (verdict, recorded) = compare(Case::of(&loaded, &calls, b""), &engines, STEP_LIMIT).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    assert_eq!(recorded.run.end, End::Returned([17, 1018, 300, 10, 24, 1026].map(Value::I32).to_vec()));
    let globals = &recorded.run.state.globals;
    assert_eq!(globals[globals.len() - 3..], [1001, 7, 1018].map(Value::I32));

    let refusal = |supply| load_with(supply).unwrap_err().to_string();
    insta::assert_snapshot!([
        refusal(supply("a", b"x", Place::By("malloc".to_string()))),
        refusal(supply("a", b"x", Place::By("sum".to_string()))),
        refusal(supply("a", &[0; (1 << 20) + 1], Place::At(0))),
    ].join("\n"), @r#"
    test.wat: bytes a: no function "malloc" is exported
    test.wat: bytes a: sum is [i32 i32] -> [i32 i32], but an allocator is [i32] -> [i32] or [i32 i32] -> [i32]
    test.wat: bytes a: 1048577 bytes; at most 1048576 are given at once
    "#);
}
