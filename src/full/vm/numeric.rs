//! The instructions that only compute one value from their operands.

use super::float;
use crate::full::isa::Trap;
use crate::full::isa::{Op, Operand};
use crate::full::program::Value::{self, I32, I64};

/// The value that a numeric instruction computes from its operands. The last operand was on top of the stack.
///
/// # Errors
/// The trap, where the instruction traps on these operands.
///
/// # Panics
/// Where `op` is not a numeric instruction, or the operands do not have the types in the instruction's row.
pub fn evaluate(op: Op, operands: &[Value]) -> Result<Value, Trap> {
    Ok(match (op, operands) {
        // i32
        (Op::I32Eqz, &[I32(a)]) => truth(a == 0),
        (Op::I32Eq, &[I32(a), I32(b)]) => truth(a == b),
        (Op::I32Ne, &[I32(a), I32(b)]) => truth(a != b),
        (Op::I32LtS, &[I32(a), I32(b)]) => truth(a < b),
        (Op::I32LtU, &[I32(a), I32(b)]) => truth((a as u32) < b as u32),
        (Op::I32GtS, &[I32(a), I32(b)]) => truth(a > b),
        (Op::I32GtU, &[I32(a), I32(b)]) => truth(a as u32 > b as u32),
        (Op::I32LeS, &[I32(a), I32(b)]) => truth(a <= b),
        (Op::I32LeU, &[I32(a), I32(b)]) => truth(a as u32 <= b as u32),
        (Op::I32GeS, &[I32(a), I32(b)]) => truth(a >= b),
        (Op::I32GeU, &[I32(a), I32(b)]) => truth(a as u32 >= b as u32),
        (Op::I32Clz, &[I32(a)]) => I32(a.leading_zeros() as i32),
        (Op::I32Ctz, &[I32(a)]) => I32(a.trailing_zeros() as i32),
        (Op::I32Popcnt, &[I32(a)]) => I32(a.count_ones() as i32),
        (Op::I32Add, &[I32(a), I32(b)]) => I32(a.wrapping_add(b)),
        (Op::I32Sub, &[I32(a), I32(b)]) => I32(a.wrapping_sub(b)),
        (Op::I32Mul, &[I32(a), I32(b)]) => I32(a.wrapping_mul(b)),
        (Op::I32DivS, &[I32(a), I32(b)]) => I32(a.checked_div(divisor_i32(b)?).ok_or(Trap::IntegerOverflow)?),
        (Op::I32DivU, &[I32(a), I32(b)]) => I32((a as u32 / divisor_i32(b)? as u32) as i32),
        (Op::I32RemS, &[I32(a), I32(b)]) => I32(a.wrapping_rem(divisor_i32(b)?)),
        (Op::I32RemU, &[I32(a), I32(b)]) => I32((a as u32 % divisor_i32(b)? as u32) as i32),
        (Op::I32And, &[I32(a), I32(b)]) => I32(a & b),
        (Op::I32Or, &[I32(a), I32(b)]) => I32(a | b),
        (Op::I32Xor, &[I32(a), I32(b)]) => I32(a ^ b),
        (Op::I32Shl, &[I32(a), I32(b)]) => I32(a.wrapping_shl(b as u32)),
        (Op::I32ShrS, &[I32(a), I32(b)]) => I32(a.wrapping_shr(b as u32)),
        (Op::I32ShrU, &[I32(a), I32(b)]) => I32((a as u32).wrapping_shr(b as u32) as i32),
        (Op::I32Rotl, &[I32(a), I32(b)]) => I32(a.rotate_left(b as u32 % 32)),
        (Op::I32Rotr, &[I32(a), I32(b)]) => I32(a.rotate_right(b as u32 % 32)),
        // i64
        (Op::I64Eqz, &[I64(a)]) => truth(a == 0),
        (Op::I64Eq, &[I64(a), I64(b)]) => truth(a == b),
        (Op::I64Ne, &[I64(a), I64(b)]) => truth(a != b),
        (Op::I64LtS, &[I64(a), I64(b)]) => truth(a < b),
        (Op::I64LtU, &[I64(a), I64(b)]) => truth((a as u64) < b as u64),
        (Op::I64GtS, &[I64(a), I64(b)]) => truth(a > b),
        (Op::I64GtU, &[I64(a), I64(b)]) => truth(a as u64 > b as u64),
        (Op::I64LeS, &[I64(a), I64(b)]) => truth(a <= b),
        (Op::I64LeU, &[I64(a), I64(b)]) => truth(a as u64 <= b as u64),
        (Op::I64GeS, &[I64(a), I64(b)]) => truth(a >= b),
        (Op::I64GeU, &[I64(a), I64(b)]) => truth(a as u64 >= b as u64),
        (Op::I64Clz, &[I64(a)]) => I64(a.leading_zeros() as i64),
        (Op::I64Ctz, &[I64(a)]) => I64(a.trailing_zeros() as i64),
        (Op::I64Popcnt, &[I64(a)]) => I64(a.count_ones() as i64),
        (Op::I64Add, &[I64(a), I64(b)]) => I64(a.wrapping_add(b)),
        (Op::I64Sub, &[I64(a), I64(b)]) => I64(a.wrapping_sub(b)),
        (Op::I64Mul, &[I64(a), I64(b)]) => I64(a.wrapping_mul(b)),
        (Op::I64DivS, &[I64(a), I64(b)]) => I64(a.checked_div(divisor_i64(b)?).ok_or(Trap::IntegerOverflow)?),
        (Op::I64DivU, &[I64(a), I64(b)]) => I64((a as u64 / divisor_i64(b)? as u64) as i64),
        (Op::I64RemS, &[I64(a), I64(b)]) => I64(a.wrapping_rem(divisor_i64(b)?)),
        (Op::I64RemU, &[I64(a), I64(b)]) => I64((a as u64 % divisor_i64(b)? as u64) as i64),
        (Op::I64And, &[I64(a), I64(b)]) => I64(a & b),
        (Op::I64Or, &[I64(a), I64(b)]) => I64(a | b),
        (Op::I64Xor, &[I64(a), I64(b)]) => I64(a ^ b),
        (Op::I64Shl, &[I64(a), I64(b)]) => I64(a.wrapping_shl(b as u32)),
        (Op::I64ShrS, &[I64(a), I64(b)]) => I64(a.wrapping_shr(b as u32)),
        (Op::I64ShrU, &[I64(a), I64(b)]) => I64((a as u64).wrapping_shr(b as u32) as i64),
        (Op::I64Rotl, &[I64(a), I64(b)]) => I64(a.rotate_left(b as u32 % 64)),
        (Op::I64Rotr, &[I64(a), I64(b)]) => I64(a.rotate_right(b as u32 % 64)),
        // Conversions
        (op, &[a]) if let ([Operand::Is(ty)], 1..) = (op.row().pushes, op.row().bytes) => {
            Value::from_bits(*ty, op.row().extended(a.bits()))
        }
        (op, operands) => float::evaluate(op, operands)?.unwrap_or_else(|| unreachable!("{op} of {operands:?}")),
    })
}

fn truth(holds: bool) -> Value {
    I32(i32::from(holds))
}

fn divisor_i32(value: i32) -> Result<i32, Trap> {
    if value == 0 { Err(Trap::DivisionByZero) } else { Ok(value) }
}

fn divisor_i64(value: i64) -> Result<i64, Trap> {
    if value == 0 { Err(Trap::DivisionByZero) } else { Ok(value) }
}
