//! The common path of instructions on two floats: a few instructions of the machine, which jump to other code
//! where they are not enough.
//!
//! The operands stay on the stack, below what these instructions leave for each other, until the last one
//! writes the result in their place. So the exceptions find the operands there. The general exception is the
//! [routine](super::floats). A sum that has lost its leading bits, since its operands have different signs
//! and nearly the same magnitude, is exact: it is shifted to the left.

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
    /// Minimum or maximum: the first operand is the result if this comparison holds.
    Extreme { width: Width, comparison: Op },
    /// The first operand with the second one's sign.
    Sign(Width),
}

/// A case that the common path does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    /// Any other case, or for a sign, that it has to be changed.
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
            Op::F32Min => FloatPath::Extreme { width: W32, comparison: Op::F32Lt },
            Op::F32Max => FloatPath::Extreme { width: W32, comparison: Op::F32Gt },
            Op::F64Min => FloatPath::Extreme { width: W64, comparison: Op::F64Lt },
            Op::F64Max => FloatPath::Extreme { width: W64, comparison: Op::F64Gt },
            Op::F32Copysign => FloatPath::Sign(W32),
            Op::F64Copysign => FloatPath::Sign(W64),
            _ => return None,
        })
    }

    /// Adds the lines; `float` is how the machine does the work otherwise.
    pub(super) fn lower(self, l: &mut Lowering<'_>, float: Float) {
        let after = l.label();
        let height = l.height;
        let given = if let FloatPath::Sign(_) = self { height - 1 } else { height };
        let any = l.defer(given, Deferred::Float { exception: Exception::Any(float), after });
        match self {
            FloatPath::Sum { width, subtracts } => {
                // The first instruction writes above the operands.
                l.height += 1;
                l.next.added = 1;
                l.add_to(Operation::Align(width), any);
                l.add(Operation::AddAligned { width, subtracts });
                let cancelled = Exception::Cancelled { width, subtracts, any };
                let cancelled = l.defer(l.height, Deferred::Float { exception: cancelled, after });
                l.add_to(Operation::RoundSum { width, subtracts, normalized: false }, cancelled);
            }
            FloatPath::Product(width) => {
                l.height += 1;
                l.next.added = 1;
                match width {
                    Width::W32 => l.add_to(Operation::MultiplySignificands, any),
                    Width::W64 => {
                        l.add_to(Operation::MultiplyLow, any);
                        l.add(Operation::MultiplyHigh);
                    }
                }
                l.add(Operation::RoundProduct(width));
            }
            FloatPath::Extreme { width, comparison } => {
                l.next.added = 2;
                l.of_slots(Operation::Wasm(comparison), [height, height - 1], height + 1);
                // Equal numbers may be zeros of different signs, and neither number may be less because of a
                // NaN.
                l.of_slots(Operation::Differ(width), [height, height - 1], height + 2);
                l.add_to(Operation::BranchIfZero, any);
                l.add(Operation::Wasm(Op::Select));
            }
            FloatPath::Sign(width) => {
                let (zero, less) = match width {
                    Width::W32 => (Value::I32(0), Op::I32LtS),
                    Width::W64 => (Value::I64(0), Op::I64LtS),
                };
                l.constant(zero);
                l.of_slots(Operation::Wasm(less), [height + 1, height - 1], height + 2);
                l.of_slots(Operation::Wasm(less), [height + 1, height], height + 1);
                l.height = height + 2;
                l.add(Operation::Wasm(Op::I32Ne));
                // If the signs are the same, the first operand is the result, and is in its place.
                l.add_to(Operation::Wasm(Op::BrIf), any);
                l.height = height - 1;
            }
        }
        l.put(after);
    }
}

impl Lowering<'_> {
    /// Adds an instruction of two operands in these slots of the stack (top, second), whose result is put
    /// into a slot above all operands in use.
    fn of_slots(&mut self, operation: Operation, operands: [u32; 2], result: u32) {
        self.height = result + 1;
        let [top, second] = operands.map(|slot| Some(Place::Local(slot - 1)));
        self.next.operands = [top, second, None];
        self.add(operation);
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
                l.next.operands = [Some(Place::Local(l.height - 1)), None, None];
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
