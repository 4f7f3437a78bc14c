//! The common path of arithmetic on floats: a few instructions of the machine, which jump to other code where
//! they are not enough.
//!
//! The operands stay on the stack, below what these instructions leave for each other, until the last one
//! writes the result in their place. So the exceptions find the operands there. The general exception is the
//! [routine](super::floats). A sum that has lost its leading bits, since its operands have different signs and
//! nearly the same magnitude, is exact: it is shifted to the left.

use super::floats::Float;
use super::lines::{Deferred, Label, Lowering};
use super::operation::{Operation, Width};
use super::{ListingError, Place};
use crate::full::isa::Op;
use crate::full::program::Value;

/// An instruction on floats that has a common path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FloatPath {
    /// Addition, or subtraction.
    Sum { width: Width, subtracts: bool },
    /// Multiplication.
    Product(Width),
}

/// A case that the common path does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    /// Any other case.
    Any(Float),
    /// The leading bits of a sum are 0; `any` is where the routine is called.
    Cancelled { width: Width, subtracts: bool, any: Label },
    /// A sum is 0.
    Zero(Width),
}

impl FloatPath {
    /// The common path of an instruction, if it has one.
    pub(super) fn of(op: Op) -> Option<FloatPath> {
        use Width::{W32, W64};
        Some(match op {
            Op::F32Add => FloatPath::Sum { width: W32, subtracts: false },
            Op::F32Sub => FloatPath::Sum { width: W32, subtracts: true },
            Op::F64Add => FloatPath::Sum { width: W64, subtracts: false },
            Op::F64Sub => FloatPath::Sum { width: W64, subtracts: true },
            Op::F32Mul => FloatPath::Product(W32),
            Op::F64Mul => FloatPath::Product(W64),
            _ => return None,
        })
    }

    /// Adds the lines; `float` is how the machine does the work otherwise.
    pub(super) fn lower(self, l: &mut Lowering<'_>, float: Float) {
        let after = l.label();
        let any = l.defer(l.height, Deferred::Float { exception: Exception::Any(float), after });
        // The first instruction writes above the operands.
        l.height += 1;
        l.next.added = 1;
        match self {
            FloatPath::Sum { width, subtracts } => {
                l.add_to(Operation::Align(width), any);
                l.add(Operation::AddAligned { width, subtracts });
                let cancelled = Exception::Cancelled { width, subtracts, any };
                let cancelled = l.defer(l.height, Deferred::Float { exception: cancelled, after });
                l.add_to(Operation::RoundSum { width, subtracts, normalized: false }, cancelled);
            }
            FloatPath::Product(width) => {
                match width {
                    Width::W32 => l.add_to(Operation::MultiplySignificands, any),
                    Width::W64 => {
                        l.add_to(Operation::MultiplyLow, any);
                        l.add(Operation::MultiplyHigh);
                    }
                }
                l.add(Operation::RoundProduct(width));
            }
        }
        l.put(after);
    }
}

impl Exception {
    /// Adds the lines, for operands as the common path has left them.
    pub(super) fn lower(self, l: &mut Lowering<'_>, after: Label) -> Result<(), ListingError> {
        match self {
            Exception::Any(float) => float.lower(l)?,
            Exception::Cancelled { width, subtracts, any } => {
                let zero = l.defer(l.height, Deferred::Float { exception: Exception::Zero(width), after });
                // The number of leading zeros is put above the sum.
                l.next.operands = [Some(Place::Local(l.height - 1)), None];
                l.height += 1;
                l.add(Operation::Wasm(Op::I64Clz));
                l.add_to(Operation::Normalize(width), any);
                l.add_to(Operation::RoundSum { width, subtracts, normalized: true }, zero);
            }
            // The difference of equal numbers is the positive zero.
            Exception::Zero(width) => {
                l.height -= 3;
                l.constant(match width {
                    Width::W32 => Value::I32(0),
                    Width::W64 => Value::I64(0),
                });
            }
        }
        l.add_to(Operation::Wasm(Op::Br), after);
        Ok(())
    }
}
