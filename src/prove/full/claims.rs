//! Which instructions of WebAssembly are proved: those all of whose operations are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::full::floats::{is_comparison, is_on_floats};
use crate::full::isa::{Op, Row, TABLE};
use crate::full::listing::operation::Operation;

/// What is claimed of an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// The instruction.
    pub instruction: &'static str,
    /// Whether its tokens are proved; else they are only tested.
    pub proved: bool,
    /// The number of cases of the proofs of its operations.
    pub cases: u64,
    /// The operations that it consists of, if it is proved; else the reason why it is not.
    pub of: String,
}

/// The operations that an instruction consists of, or why there is no proof of it.
fn parts(op: Op) -> Result<Vec<Operation>, &'static str> {
    let row = op.row();
    Ok(match op {
        Op::If => vec![Operation::BranchIfZero],
        // A branch can move the operands that it keeps.
        Op::Else | Op::Br => wasm(&[Op::Br, Op::LocalGet, Op::LocalSet]),
        Op::BrIf | Op::BrTable => wasm(&[op, Op::Br, Op::LocalGet, Op::LocalSet]),
        Op::Return => wasm(&[Op::Return, Op::LocalGet, Op::LocalSet]),
        Op::Call => vec![Operation::Wasm(Op::Call), Operation::CallRoutine],
        Op::MemoryGrow => vec![Operation::GrowTry, Operation::GrowFix],
        Op::I64Store | Op::F64Store => vec![Operation::StoreLow, Operation::StoreHigh],
        Op::F32Load => vec![Operation::Wasm(Op::I32Load)],
        Op::F64Load => vec![Operation::Wasm(Op::I64Load)],
        Op::F32Store => vec![Operation::Wasm(Op::I32Store)],
        Op::F32Const => wasm(&[Op::I32Const]),
        Op::F64Const => wasm(&[Op::I64Const]),
        Op::CallIndirect => return Err("of a table that changes it is a routine, of which nothing is stated"),
        _ if op.gives_remainder().is_some() => return Err("nothing is stated of the digits of quotients"),
        _ if row.accesses() && row.signed => signed_load(row),
        _ if is_on_floats(op) && !is_comparison(op) => return Err("nothing is stated of sums and products of floats, nor of routines"),
        _ if is_comparison(op) => return Err("nothing is stated of comparisons of floats"),
        _ if row.uses_table() => return Err("a routine, of which nothing is stated"),
        Op::ElemDrop | Op::RefNull | Op::RefIsNull | Op::RefFunc => return Err("other lines, of which nothing is stated"),
        // A branch can be on the comparison itself.
        Op::I32Eqz => vec![Operation::Wasm(op), Operation::BranchIfZero, Operation::Wasm(Op::BrIf)],
        _ if Operation::all().contains(&Operation::BranchIf(op)) => vec![Operation::Wasm(op), Operation::BranchIf(op)],
        _ => vec![Operation::Wasm(op)],
    })
}

fn wasm(ops: &[Op]) -> Vec<Operation> {
    ops.iter().map(|op| Operation::Wasm(*op)).collect()
}

/// A load that extends the sign is a load and an extension.
fn signed_load(row: &Row) -> Vec<Operation> {
    let like = |wanted: fn(&Row) -> bool| {
        let mut rows = TABLE.iter().filter(|other| (other.pushes, other.bytes) == (row.pushes, row.bytes));
        rows.find(|other| wanted(other) && (other.accesses() || other.pops == other.pushes)).map(|row| Operation::Wasm(row.op))
    };
    let load = like(|other| other.accesses() && !other.signed);
    let extension = like(|other| !other.accesses() && other.signed);
    load.into_iter().chain(extension).collect()
}

/// The claims, from the cases of the operations that are proved.
pub(super) fn claims(proved: &BTreeMap<Operation, u64>) -> Vec<Claim> {
    let claim = |row: &Row| {
        let (is_proved, cases, of) = match parts(row.op) {
            Ok(parts) if parts.iter().all(|part| proved.contains_key(part)) => {
                let names: Vec<String> = parts.iter().map(ToString::to_string).collect();
                (true, parts.iter().map(|part| proved[part]).sum(), names.join(", "))
            }
            Ok(_) => (false, 0, "its computation was not asked for".to_string()),
            Err(reason) => (false, 0, reason.to_string()),
        };
        Claim { instruction: row.mnemonic, proved: is_proved, cases, of }
    };
    TABLE.iter().map(claim).collect()
}
