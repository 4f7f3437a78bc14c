//! Arithmetic on floats by the network's own instructions: right where rounding is hard, and cheap.

use crate::common::Random;
use crate::common::full::{fused, network, unchecked};
use wasmformer::full::isa::Op;
use wasmformer::full::program::Value;
use wasmformer::harness::bench::floats::costs;
use wasmformer::harness::full::exhaustive::{Domain, Part, run};
use wasmformer::harness::full::generate::one;
use wasmformer::harness::{Engine, Full, VmEngine};

use std::ops::ControlFlow;

const ARITHMETIC: [Op; 6] = [Op::F32Add, Op::F32Sub, Op::F32Mul, Op::F64Add, Op::F64Sub, Op::F64Mul];
/// Pairs of operands per instruction.
const PAIRS: usize = 150;

/// The number of bits of a float, and of its fraction.
fn widths(op: Op) -> (u32, u32) {
    if op.row().params().is_some_and(|params| params[0].bits() == 32) { (32, 23) } else { (64, 52) }
}

/// A float near 1, whose fraction is nearly 0, nearly all ones, short, or any.
fn near_one(random: &mut Random, (bits, fraction): (u32, u32)) -> u64 {
    let ones = (1u64 << fraction) - 1;
    let any = (random.below(1 << 28) as u64) << 28 | random.below(1 << 28) as u64;
    let kept = random.below(fraction as usize) as u32;
    let low = [0, 1 << kept, ones ^ (1 << kept), any & ones >> kept << kept, any & ones][random.below(5)] & ones;
    let bias = (1u64 << (bits - fraction - 2)) - 1;
    let apart = [4, 12, 70][random.below(3)];
    let exponent = bias + random.below(apart) as u64 - 2;
    (random.below(2) as u64) << (bits - 1) | exponent << fraction | low
}

/// A float that differs from another one by little, in either sign.
fn near(random: &mut Random, other: u64, (bits, fraction): (u32, u32)) -> u64 {
    let steps = 1u64 << random.below(fraction as usize);
    let distance = random.below(3) as u64 * steps;
    let sign = (random.below(2) as u64) << (bits - 1);
    (other ^ sign).wrapping_add(distance) & (u64::MAX >> (64 - bits))
}

#[test]
fn sums_and_products_are_rounded_as_the_processor_rounds() {
    let mut random = Random::new(21);
    for op in ARITHMETIC {
        let width = widths(op);
        let ty = op.row().params().unwrap()[0];
        let pair = |index: usize| {
            let first = near_one(&mut random, width);
            let second = if index.is_multiple_of(3) { near(&mut random, first, width) } else { near_one(&mut random, width) };
            vec![Value::from_bits(ty, first), Value::from_bits(ty, second)]
        };
        let cases: Vec<Vec<Value>> = (0..PAIRS).map(pair).collect();
        let domain = Domain { op, modules: vec![Part { wasm: one::module(op, &cases, 0), cases: PAIRS, traps: false }] };
        let engines: [&(dyn Engine<Full> + Sync); 3] = [&VmEngine, network(), fused()];
        let (statistics, reports) = run(&domain, &engines, &|| ControlFlow::Continue(())).unwrap();
        assert!(reports.is_empty(), "{}", reports[0]);
        assert_eq!(statistics.executed(op.row().mnemonic), PAIRS as u64);
    }
}

/// The tokens that the usual operands may take.
#[test]
fn arithmetic_on_usual_floats_takes_few_tokens() {
    let costs = costs(unchecked()).unwrap();
    for op in ARITHMETIC {
        let (_, cost) = costs.iter().find(|(of, _)| *of == op).unwrap();
        let most = if widths(op).0 == 32 { 12.0 } else { 20.0 };
        assert!(*cost <= most, "{op}: {cost} tokens");
    }
}
