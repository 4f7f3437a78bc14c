//! Division: what the machine's own division cannot do, in the machine's other instructions.
//!
//! The network divides by divisors below 2^32 and knows no signs. A signed division with a negative operand goes by the
//! magnitudes and mends the sign. A 64-bit divisor of 2^32 or more calls a routine, which is linked only when some division may.

use super::ListingError;
use super::lower::{Deferred, Label, Lowering};
use super::operation::{Operation, Width};
use crate::full::isa::Op;

/// One of WebAssembly's divisions and remainders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Division {
    pub(super) width: Width,
    signed: bool,
    remainder: bool,
    /// Where the program goes on after an exception.
    after: Option<Label>,
}

/// What is called with dividend and divisor, both unsigned and 64 bits wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Routine {
    /// The quotient by a divisor of 2^32 or more.
    Quotient,
    /// The remainder by a divisor of 2^32 or more.
    Remainder,
    /// The quotient by any divisor.
    AnyQuotient,
    /// The remainder by any divisor.
    AnyRemainder,
}

impl Division {
    /// The division that an instruction is.
    pub(super) fn of(op: Op) -> Option<Division> {
        let (row, remainder) = (op.row(), op.gives_remainder()?);
        Some(Division { width: Width::of(row.pops[0]), signed: row.signed, remainder, after: None })
    }

    /// Whether it may go by an exception, which takes the operands from the stack and leaves the result there.
    pub(super) fn may_jump(self) -> bool {
        self.signed || self.width == Width::W64
    }

    /// Whether the operands are needed after the quotient.
    pub(super) fn keeps(self) -> bool {
        self.remainder
    }

    /// What usually suffices.
    pub(super) fn lower(self, l: &mut Lowering<'_>) {
        let Division { width, signed, remainder, .. } = self;
        let divide = Operation::Divide { width, signed, keeps: remainder };
        let after = l.label();
        if self.may_jump() {
            let exception = l.defer(l.height, Deferred::Division(Division { after: Some(after), ..self }));
            l.add_to(divide, exception);
        } else {
            l.add(divide);
        }
        if remainder {
            l.add(Operation::Remainder(width));
        }
        l.put(after);
    }

    /// What does where that does not.
    pub(super) fn exception(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        let Division { width, signed, remainder, after } = self;
        if signed {
            l.add(Operation::Magnitude(width));
            l.add(Operation::Magnitude(width));
        }
        match (width, signed, remainder) {
            (Width::W64, false, false) => l.call_routine(Routine::Quotient)?,
            (Width::W64, false, true) => l.call_routine(Routine::Remainder)?,
            (Width::W64, true, false) => l.call_routine(Routine::AnyQuotient)?,
            (Width::W64, true, true) => l.call_routine(Routine::AnyRemainder)?,
            (Width::W32, _, keeps) => {
                l.add(Operation::Divide { width, signed: false, keeps });
                if remainder {
                    l.add(Operation::Remainder(width));
                }
            }
        }
        if signed {
            l.add(if remainder { Operation::SignRemainder(width) } else { Operation::SignQuotient(width) });
        }
        if let Some(after) = after {
            l.add_to(Operation::Wasm(Op::Br), after);
        }
        Ok(())
    }
}

const DIVIDEND: u16 = 0;
const DIVISOR: u16 = 1;
const ESTIMATE: u16 = 2;

impl Routine {
    /// Adds the routine: its result takes the place of the dividend.
    pub(super) fn lower(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        l.height = 2;
        match self {
            Routine::Quotient => quotient(l),
            Routine::Remainder => {
                get(l, DIVIDEND);
                get(l, DIVIDEND);
                get(l, DIVISOR);
                l.call_routine(Routine::Quotient)?;
                get(l, DIVISOR);
                plain(l, &[Op::I64Mul, Op::I64Sub]);
            }
            Routine::AnyQuotient | Routine::AnyRemainder => {
                get(l, DIVIDEND);
                get(l, DIVISOR);
                let op = if self == Routine::AnyQuotient { Op::I64DivU } else { Op::I64RemU };
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

/// The divisor has its highest bit at place 63 − s. Half the dividend divided by the divisor's upper 32 bits, once shifted to
/// the left by s, and shifted to the right by 31 − s, is the quotient or one more: one less, unless that is below 0, is the quotient or one too little, which
/// a multiplication tells (after the division of doublewords in H. S. Warren's Hacker's Delight, chapter 9).
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
    // One less, if that is not below 0.
    local(l, Op::LocalTee, ESTIMATE);
    get(l, ESTIMATE);
    constant(l, 0);
    plain(l, &[Op::I64Ne, Op::I64ExtendI32U, Op::I64Sub]);
    local(l, Op::LocalTee, ESTIMATE);
    // One more, if the divisor still goes into what is left.
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
