//! Programs written to tell mutants that the suite and the generators do not.
//!
//! What they have in common: an unset local or cell is read while others, at a known distance above and below
//! it, are set. The value found then has the wrong tag, and the neurons that refuse it must cancel out to 0;
//! the further the tag, the larger what has to cancel.

use crate::byte::isa::Op;
use crate::byte::profile::MAX_LOCALS;
use crate::byte::program::{Files, Instr, Program};
use crate::harness::byte::Generated;

/// The place never set, far from every other number in these programs.
const PLACE: u8 = 100;
/// Distances of the places that are set.
const DISTANCES: std::ops::RangeInclusive<u8> = 1..=6;
const VALUE: u8 = 201;

/// Every probe with its name.
pub fn probes() -> Vec<(String, Generated)> {
    let places =
        DISTANCES.flat_map(|distance| [("above", PLACE + distance), ("below", PLACE - distance)].map(|(side, set)| (distance, side, set)));
    let both = |(distance, side, set): (u8, &str, u8)| {
        [(format!("unset local, {distance} {side} it set"), local(set)), (format!("unset cell, {distance} {side} it set"), cell(set))]
    };
    places.flat_map(both).collect()
}

fn local(set: u8) -> Generated {
    let code = [(Op::I32Const, VALUE), (Op::LocalSet, set), (Op::LocalGet, PLACE), (Op::Output, 0)];
    program(&code)
}

/// Addresses are put together from a base and an offset, so that no operand is near them.
fn cell(set: u8) -> Generated {
    const BASE: u8 = 40;
    let code = [
        (Op::I32Const, BASE),
        (Op::I32Const, VALUE),
        (Op::I32Store, set - BASE),
        (Op::I32Const, BASE),
        (Op::I32Load, PLACE - BASE),
        (Op::Output, 0),
    ];
    program(&code)
}

fn program(code: &[(Op, u8)]) -> Generated {
    let code = code.iter().map(|(op, arg)| Instr::new(*op, *arg)).collect();
    let program = Program::new(code, MAX_LOCALS).unwrap_or_else(|refusal| unreachable!("a probe is valid: {refusal:?}"));
    Generated { program, files: Files::default() }
}
