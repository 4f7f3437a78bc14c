//! Constant expressions as they are read.

use wasmparser::Operator;

use super::{ConstExpr, ConstOp, Value};
use crate::full::isa::Op;

/// A constant expression, which is validated already.
pub(super) fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, wasmparser::Error> {
    let mut ops = Vec::new();
    for operator in expr.get_operators_reader() {
        ops.push(match operator? {
            Operator::I32Const { value } => ConstOp::Value(Value::I32(value)),
            Operator::I64Const { value } => ConstOp::Value(Value::I64(value)),
            Operator::F32Const { value } => ConstOp::Value(Value::I32(value.bits() as i32)),
            Operator::F64Const { value } => ConstOp::Value(Value::I64(value.bits() as i64)),
            Operator::RefNull { .. } => ConstOp::Value(Value::reference(None)),
            Operator::RefFunc { function_index } => ConstOp::Function(function_index),
            Operator::GlobalGet { global_index } => ConstOp::Global(global_index),
            Operator::I32Add => ConstOp::Numeric(Op::I32Add),
            Operator::I32Sub => ConstOp::Numeric(Op::I32Sub),
            Operator::I32Mul => ConstOp::Numeric(Op::I32Mul),
            Operator::I64Add => ConstOp::Numeric(Op::I64Add),
            Operator::I64Sub => ConstOp::Numeric(Op::I64Sub),
            Operator::I64Mul => ConstOp::Numeric(Op::I64Mul),
            Operator::End => break,
            other => unreachable!("{other:?} in a constant expression is newer than the profile"),
        });
    }
    Ok(ConstExpr(ops))
}
