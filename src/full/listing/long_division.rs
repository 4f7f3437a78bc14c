//! Division: the cases that the machine's own division instruction cannot do, in other instructions of the
//! machine.
//!
//! The network's division is unsigned, with divisors below 2^32. A signed division with a negative operand
//! divides the magnitudes and then corrects the sign. A 64-bit divisor of 2^32 or more calls a routine, which
//! is part of a listing only if a division in it may call it.

use super::division::Division;
use super::lines::{Deferred, Label, Lowering};
use super::operation::{Operation, Width};
use super::routines::Routine;
use super::{ListingError, Place};
use crate::full::isa::Op;

impl Division {
    /// Adds the common path.
    pub(super) fn lower(self, l: &mut Lowering<'_>) {
        let Division { width, signed, remainder } = self;
        let divide = Operation::Divide { width, signed, keeps: remainder };
        let (after, line, operands) = (l.label(), l.lines.len(), l.next.operands);
        if self.may_jump() {
            let exception = l.defer(l.height, Deferred::Division { division: self, line, after });
            l.add_to(divide, exception);
        } else {
            l.add(divide);
        }
        if remainder {
            l.next.operands = under_top(operands);
            l.add(Operation::Remainder(width));
        }
        l.put(after);
    }

    /// Adds the slow path, for operands that the machine's own division does not take. It finds the operands
    /// where the common path, which begins at a line, does, and leaves the result where that does.
    pub(super) fn exception(self, l: &mut Lowering<'_>, line: usize, after: Label) -> Result<(), ListingError> {
        let Division { width, signed, remainder } = self;
        let operands = l.lines[line].folded.operands;
        let end = &l.lines[line + usize::from(remainder)].folded;
        let (result, sets) = (end.result, end.after);
        if signed {
            for operand in [operands[1], operands[0]] {
                l.next.operands[1] = operand;
                l.add(Operation::Magnitude(width));
            }
        } else {
            let height = l.height;
            for (operand, place) in operands.into_iter().enumerate().rev() {
                place.map_or(Ok(()), |place| l.stack(height - 1 - operand as u32, place))?;
            }
            l.height = height;
        }
        match (width, signed, remainder) {
            (Width::W64, false, false) => LongDivision::Quotient.call(l)?,
            (Width::W64, false, true) => LongDivision::Remainder.call(l)?,
            (Width::W64, true, false) => LongDivision::AnyQuotient.call(l)?,
            (Width::W64, true, true) => LongDivision::AnyRemainder.call(l)?,
            (Width::W32, _, keeps) => {
                l.add(Operation::Divide { width, signed: false, keeps });
                if remainder {
                    l.add(Operation::Remainder(width));
                }
            }
        }
        if signed {
            (l.next.operands, l.next.result, l.next.after) = (under_top(operands), result, sets);
            l.add(if remainder { Operation::SignRemainder(width) } else { Operation::SignQuotient(width) });
        } else if let Some(place) = result {
            let (op, index) = match place {
                Place::Local(index) => (Op::LocalSet, index),
                Place::Below(index) => (Op::GlobalSet, index),
            };
            l.next.after = sets;
            l.add_indexed(op, index)?;
        }
        l.add_to(Operation::Wasm(Op::Br), after);
        Ok(())
    }
}

/// The slots of a division's operands, for a line that has a number above them on the stack.
fn under_top([divisor, dividend, _]: [Option<Place>; 3]) -> [Option<Place>; 3] {
    [None, divisor, dividend]
}

const DIVIDEND: u16 = 0;
const DIVISOR: u16 = 1;
const ESTIMATE: u16 = 2;

/// A routine that is called with a dividend and a divisor, both unsigned and 64 bits wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum LongDivision {
    /// The quotient by a divisor of 2^32 or more.
    Quotient,
    /// The remainder by a divisor of 2^32 or more.
    Remainder,
    /// The quotient by any divisor.
    AnyQuotient,
    /// The remainder by any divisor.
    AnyRemainder,
}

impl LongDivision {
    fn call(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        l.call_routine(Routine::LongDivision(self), 2, 1)
    }

    /// Adds the routine. Its result replaces the dividend.
    pub(super) fn lower(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        l.height = 2;
        match self {
            LongDivision::Quotient => quotient(l),
            LongDivision::Remainder => {
                get(l, DIVIDEND);
                get(l, DIVIDEND);
                get(l, DIVISOR);
                LongDivision::Quotient.call(l)?;
                get(l, DIVISOR);
                plain(l, &[Op::I64Mul, Op::I64Sub]);
            }
            LongDivision::AnyQuotient | LongDivision::AnyRemainder => {
                get(l, DIVIDEND);
                get(l, DIVISOR);
                let op = if self == LongDivision::AnyQuotient { Op::I64DivU } else { Op::I64RemU };
                if let Some(division) = Division::of(op) {
                    division.lower(l);
                }
            }
        }
        local(l, Op::LocalSet, DIVIDEND);
        l.add(Operation::Wasm(Op::Return));
        Ok(())
    }
}

/// Estimates the quotient q, and corrects the estimate. The divisor's highest 1 bit is bit 63 − s. Half the
/// dividend is divided by the upper 32 bits of the divisor shifted to the left by s. The result, shifted to
/// the left by s and to the right by 31, is q or q + 1. This estimate is decremented, but not below 0. The
/// rest is the dividend minus the estimate times the divisor. The estimate is incremented where the rest is
/// not less than the divisor. This follows the division of doublewords in H. S. Warren's Hacker's Delight,
/// chapter 9.
fn quotient(l: &mut Lowering<'_>) {
    constant(l, 0);
    get(l, DIVIDEND);
    constant(l, 1);
    plain(l, &[Op::I64ShrU]);
    get(l, DIVISOR);
    get(l, DIVISOR);
    plain(l, &[Op::I64Clz]);
    local(l, Op::LocalTee, ESTIMATE);
    plain(l, &[Op::I64Shl]);
    constant(l, 32);
    plain(l, &[Op::I64ShrU]);
    l.add(Operation::Divide { width: Width::W64, signed: false, keeps: false });
    get(l, ESTIMATE);
    plain(l, &[Op::I64Shl]);
    constant(l, 31);
    plain(l, &[Op::I64ShrU]);
    // Decrement, unless the estimate is 0.
    local(l, Op::LocalTee, ESTIMATE);
    get(l, ESTIMATE);
    constant(l, 0);
    plain(l, &[Op::I64Ne, Op::I64ExtendI32U, Op::I64Sub]);
    local(l, Op::LocalTee, ESTIMATE);
    // Increment, if the rest of the dividend is not less than the divisor.
    get(l, DIVIDEND);
    get(l, ESTIMATE);
    get(l, DIVISOR);
    plain(l, &[Op::I64Mul, Op::I64Sub]);
    get(l, DIVISOR);
    plain(l, &[Op::I64GeU, Op::I64ExtendI32U, Op::I64Add]);
}

fn get(l: &mut Lowering<'_>, index: u16) {
    local(l, Op::LocalGet, index);
}

fn local(l: &mut Lowering<'_>, op: Op, index: u16) {
    l.add_with(Operation::Wasm(op), 0, index);
}

fn constant(l: &mut Lowering<'_>, value: u64) {
    l.add_with(Operation::Wasm(Op::I64Const), value, 0);
}

fn plain(l: &mut Lowering<'_>, ops: &[Op]) {
    ops.iter().for_each(|op| l.add(Operation::Wasm(*op)));
}
