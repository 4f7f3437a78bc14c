//! A program whose values stay within a byte does the same without narrowing: wasmi runs the original module
//! and gives the same outputs, files and end. Three kinds of programs are excepted. The run itself shows the
//! kind: a value leaves the byte, cells less than four apart are used (an `i32.store` without narrowing
//! writes four cells), or the profile's limit of iterations traps.

use std::collections::BTreeSet;

use wasmformer::byte::isa::Op;
use wasmformer::byte::isa::Trap;
use wasmformer::byte::program::{Files, Program};
use wasmformer::byte::trace::{End, Replay, Step};
use wasmformer::harness::byte::compliance::{STEP_LIMIT, suite};
use wasmformer::harness::byte::{Case, Lowering, lower, run_unnarrowed};
use wasmformer::harness::{VmEngine, record};

const FUEL: u64 = 10_000_000;

/// The addresses that a trace loads from or stores to.
fn cells(program: &Program, steps: &[Step]) -> BTreeSet<usize> {
    let mut replay = Replay::new(program);
    let mut cells = BTreeSet::new();
    for step in steps {
        let instr = program.code()[step.pc];
        let operand = |below: usize| usize::from(replay.stack()[replay.stack().len() - 1 - below]) + usize::from(instr.arg);
        match instr.op {
            Op::I32Load => drop(cells.insert(operand(0))),
            Op::I32Store => drop(cells.insert(operand(1))),
            _ => {}
        }
        replay.step(step.pc, step.token);
    }
    cells
}

fn overlap(cells: &BTreeSet<usize>) -> bool {
    cells.iter().zip(cells.iter().skip(1)).any(|(a, b)| b - a < 4)
}

fn class(program: &Program, files: &Files) -> (&'static str, Vec<u8>, End, Files) {
    let recorded = record(&VmEngine, Case::new(program, files), STEP_LIMIT).unwrap();
    let within_byte = run_unnarrowed(&lower(program, Lowering::UNNARROWED), files, FUEL).unwrap().within_byte;
    let class = if recorded.run.end == End::Trap(Trap::LoopLimit) {
        "meets the limit of iterations"
    } else if overlap(&cells(program, &recorded.steps)) {
        "uses cells less than four apart"
    } else if !within_byte {
        "a value leaves the byte"
    } else {
        "same"
    };
    (class, recorded.run.state.outputs, recorded.run.end, recorded.run.state.files)
}

#[test]
fn programs_within_a_byte_run_unchanged() {
    let mut apart = Vec::new();
    let mut same = 0;
    for entry in suite().unwrap() {
        let files = entry.module.header.files();
        let (class, outputs, end, files_after) = class(&entry.module.program, &files);
        if class != "same" {
            apart.push(format!("{class}: {}", entry.path));
            continue;
        }
        let original = run_unnarrowed(&entry.module.wasm, &files, FUEL).unwrap();
        assert_eq!(original.outputs, outputs.into_iter().map(i32::from).collect::<Vec<_>>(), "{}", entry.path);
        assert_eq!((original.end, original.files), (end, files_after), "{}", entry.path);
        same += 1;
    }
    apart.sort();
    assert!(same >= 30, "only {same} programs run unchanged");
    insta::assert_snapshot!(apart.join("\n"), @r"
    a value leaves the byte: basic-loops/counted/operands-below-loops
    a value leaves the byte: basic-loops/nested/inner-count-starts-afresh
    a value leaves the byte: combined-output/whole-programs/checksum-of-four-files
    a value leaves the byte: comparisons/equality/one-bit-difference
    a value leaves the byte: comparisons/equality/wrapped-operands
    a value leaves the byte: comparisons/greater-than/gt-edges
    a value leaves the byte: comparisons/less-than/deciding-bit
    a value leaves the byte: comparisons/less-than/wrapped-operands
    a value leaves the byte: core-arithmetic-logic/addition/carry-ripple
    a value leaves the byte: core-arithmetic-logic/addition/grouping-and-wrapped-address
    a value leaves the byte: core-arithmetic-logic/addition/running-sum-wraps
    a value leaves the byte: core-arithmetic-logic/addition/wrap-at-256
    a value leaves the byte: core-arithmetic-logic/bitwise-and/each-bit-alone
    a value leaves the byte: core-arithmetic-logic/bitwise-and/lowest-set-bit
    a value leaves the byte: core-arithmetic-logic/bitwise-or/not-addition
    a value leaves the byte: core-arithmetic-logic/expressions/captured-operands
    a value leaves the byte: core-arithmetic-logic/expressions/deep-mixed-reduction
    a value leaves the byte: core-arithmetic-logic/multiplication/around-256
    a value leaves the byte: core-arithmetic-logic/multiplication/many-wraps
    a value leaves the byte: core-arithmetic-logic/multiplication/partial-products
    a value leaves the byte: core-arithmetic-logic/multiplication/powers-feedback
    a value leaves the byte: core-arithmetic-logic/multiplication/zero-one-and-minus-one
    a value leaves the byte: core-arithmetic-logic/subtraction/borrow-ripple
    a value leaves the byte: core-arithmetic-logic/subtraction/chain-grouping
    a value leaves the byte: core-arithmetic-logic/subtraction/operand-order
    a value leaves the byte: filesystem-integration/files-with-computation/min-and-max
    a value leaves the byte: filesystem-integration/files-with-computation/running-total
    a value leaves the byte: limits-bounds/address-limits/add-wraps-offset-does-not
    a value leaves the byte: limits-bounds/stack-depth/fold-deep
    a value leaves the byte: limits-bounds/stack-depth/tee-at-depth
    a value leaves the byte: limits-bounds/value-limits/extremes-everywhere
    a value leaves the byte: loop-arithmetic/accumulation/divide-and-multiply-back
    a value leaves the byte: loop-arithmetic/accumulation/factorials
    a value leaves the byte: loop-arithmetic/accumulation/fibonacci
    a value leaves the byte: loop-arithmetic/accumulation/popcount-and-bit-reversal
    a value leaves the byte: loop-arithmetic/accumulation/power-sums
    a value leaves the byte: loop-edge-cases/iteration-limits/exactly-256
    a value leaves the byte: loop-filesystem/streams/length-prefixed-sums
    a value leaves the byte: loop-filesystem/streams/xor-two-files
    a value leaves the byte: memory-variables/locals/get-is-a-copy
    a value leaves the byte: memory-variables/locals/unset-reads-zero
    a value leaves the byte: memory-variables/locals/zero-over-value
    meets the limit of iterations: comparisons/less-than/loop-bounds
    meets the limit of iterations: loop-edge-cases/iteration-limits/outer-limit-with-inner-loop
    meets the limit of iterations: loop-edge-cases/iteration-limits/third-entry-traps
    meets the limit of iterations: loop-edge-cases/iteration-limits/two-branches-share-one-count
    uses cells less than four apart: combined-output/whole-programs/postfix-interpreter
    uses cells less than four apart: combined-output/whole-programs/primes-and-gaps
    uses cells less than four apart: combined-output/whole-programs/sort-file
    uses cells less than four apart: comparisons/equality/mask-and-select
    uses cells less than four apart: comparisons/greater-than/all-six-together
    uses cells less than four apart: comparisons/greater-than/carry-and-borrow
    uses cells less than four apart: comparisons/greater-than/chains-and-ranges
    uses cells less than four apart: comparisons/greater-than/ge-edges
    uses cells less than four apart: comparisons/greater-than/maximum-and-ties
    uses cells less than four apart: comparisons/less-than/ladder-around-128
    uses cells less than four apart: comparisons/less-than/min-max-select
    uses cells less than four apart: core-arithmetic-logic/bitwise-or/build-from-bits
    uses cells less than four apart: core-arithmetic-logic/expressions/horner-polynomial
    uses cells less than four apart: core-arithmetic-logic/subtraction/negate-and-complement
    uses cells less than four apart: filesystem-integration/files-with-computation/bytes-as-addresses
    uses cells less than four apart: limits-bounds/address-limits/around-256
    uses cells less than four apart: limits-bounds/address-limits/cell-510
    uses cells less than four apart: limits-bounds/address-limits/high-neighbours
    uses cells less than four apart: limits-bounds/address-limits/offset-meets-address
    uses cells less than four apart: loop-filesystem/streams/reverse-full-file-in-place
    uses cells less than four apart: loop-locals-memory/tables/bubble-sort
    uses cells less than four apart: loop-locals-memory/tables/divisor-sieve
    uses cells less than four apart: loop-locals-memory/tables/histogram
    uses cells less than four apart: loop-locals-memory/tables/prefix-sums-above-255
    uses cells less than four apart: memory-variables/locals/local-against-cell
    uses cells less than four apart: memory-variables/memory/adjacent-cells
    uses cells less than four apart: memory-variables/memory/computed-addresses
    uses cells less than four apart: memory-variables/memory/latest-store-wins
    uses cells less than four apart: memory-variables/memory/pointer-chasing
    uses cells less than four apart: memory-variables/memory/swap-cells
    uses cells less than four apart: memory-variables/memory/unset-reads-zero
    ");
}
