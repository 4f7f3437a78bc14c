//! Instructions on floats, in integer instructions of the machine on the floats' bits.

use super::ListingError;
use super::lines::{Lowering, Of};
use super::operation::Operation;
use super::routines::Routine;
use crate::full::floats;
use crate::full::isa::Op;
use crate::full::program::{Immediate, Program, Value};

/// How the machine does the work of an instruction on floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Float {
    /// The result is the operand.
    Reinterpreted,
    /// The result is the operand combined with a constant.
    Masked { op: Op, mask: Value },
    /// The result is that of a routine.
    Routine(u32),
    /// The result is that of a routine, for operand top combined with a constant: a difference is the sum
    /// with the other sign.
    Difference { op: Op, mask: Value, sum: u32 },
}

impl Float {
    /// The work of an instruction. `None` if it is not on floats, or is a constant or an access to memory.
    pub(super) fn of(op: Op) -> Option<Float> {
        Some(match op {
            Op::I32ReinterpretF32 | Op::I64ReinterpretF64 | Op::F32ReinterpretI32 | Op::F64ReinterpretI64 => Float::Reinterpreted,
            Op::F32Abs => Float::Masked { op: Op::I32And, mask: Value::I32(i32::MAX) },
            Op::F64Abs => Float::Masked { op: Op::I64And, mask: Value::I64(i64::MAX) },
            // Where the sign is changed, it is negated.
            Op::F32Neg | Op::F32Copysign => Float::Masked { op: Op::I32Xor, mask: Value::I32(i32::MIN) },
            Op::F64Neg | Op::F64Copysign => Float::Masked { op: Op::I64Xor, mask: Value::I64(i64::MIN) },
            Op::F32Sub => Float::Difference { op: Op::I32Xor, mask: Value::I32(i32::MIN), sum: floats::routine(Op::F32Add)? },
            Op::F64Sub => Float::Difference { op: Op::I64Xor, mask: Value::I64(i64::MIN), sum: floats::routine(Op::F64Add)? },
            _ => Float::Routine(floats::routine(op)?),
        })
    }

    /// Whether a routine is called, which takes its operands from the stack.
    pub(super) fn calls(self) -> bool {
        matches!(self, Float::Routine(_) | Float::Difference { .. })
    }

    /// Adds the lines.
    pub(super) fn lower(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        match self {
            // The operand is copied to its own slot.
            Float::Reinterpreted => l.add_indexed(Op::LocalTee, l.height - 1),
            Float::Masked { op, mask } => {
                l.masked(op, mask);
                Ok(())
            }
            Float::Routine(function) => l.call_of_floats(function),
            Float::Difference { op, mask, sum } => {
                l.masked(op, mask);
                l.call_of_floats(sum)
            }
        }
    }
}

impl Lowering<'_> {
    /// Adds an instruction of operand top and a constant.
    fn masked(&mut self, op: Op, mask: Value) {
        let [operand, ..] = std::mem::take(&mut self.next.operands);
        let place = self.fusing.as_ref().and_then(|fusing| fusing.place_of(mask));
        if place.is_some() {
            self.height += 1;
            self.next.added = 1;
        } else {
            self.constant(mask);
        }
        self.next.operands = [place, operand, None];
        self.add(Operation::Wasm(op));
    }

    /// Adds a call of a function of the [routines](floats::routines).
    pub(super) fn call_of_floats(&mut self, function: u32) -> Result<(), ListingError> {
        let ty = floats::routines().type_of(function);
        self.call_routine(Routine::Float(function), ty.params.len() as u32, ty.results.len() as u32)
    }

    /// Adds the lines of a function of the routines.
    pub(super) fn float_routine(&mut self, function: u32) -> Result<(), ListingError> {
        let program = std::mem::replace(&mut self.program, floats::routines());
        self.of = Of::Floats;
        let added = self.function(function);
        (self.of, self.program) = (Of::Program, program);
        added
    }
}

/// The distinct constants that the machine needs for the float instructions of a program: masks, and the
/// constants of the routines that are reached.
pub(super) fn constants(program: &Program) -> Vec<Value> {
    let mut constants = Vec::new();
    let mut reached: Vec<u32> = Vec::new();
    for float in program.code.iter().filter(|instr| floats::is_on_floats(instr.op)).filter_map(|instr| Float::of(instr.op)) {
        match float {
            Float::Reinterpreted => {}
            Float::Masked { mask, .. } => constants.push(mask),
            Float::Routine(function) => reached.push(function),
            Float::Difference { mask, sum, .. } => {
                constants.push(mask);
                reached.push(sum);
            }
        }
    }
    let mut next = 0;
    while let Some(function) = reached.get(next).copied() {
        next += 1;
        if reached[..next - 1].contains(&function) {
            continue;
        }
        let routines = floats::routines();
        let function = &routines.functions[function as usize];
        for instr in &routines.code[function.entry as usize..function.end as usize] {
            match instr.immediate {
                Immediate::Function(callee) => reached.push(callee),
                _ => constants.extend(instr.immediate.constant()),
            }
        }
    }
    constants
}
