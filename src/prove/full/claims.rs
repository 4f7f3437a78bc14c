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
        Op::Else => vec![Operation::Wasm(Op::Br)],
        Op::MemoryGrow => vec![Operation::GrowTry, Operation::GrowFix],
        Op::I64Store | Op::F64Store => vec![Operation::StoreLow, Operation::StoreHigh],
        Op::F32Load => vec![Operation::Wasm(Op::I32Load)],
        Op::F64Load => vec![Operation::Wasm(Op::I64Load)],
        Op::F32Store => vec![Operation::Wasm(Op::I32Store)],
        Op::CallIndirect => vec![Operation::TableGet, Operation::CallValue, Operation::CallHost],
        _ if op.gives_remainder().is_some() => return Err("the digits of quotients are not followed"),
        _ if row.accesses() && row.signed => signed_load(row),
        _ if is_on_floats(op) && !is_comparison(op) => return Err("a routine of other instructions, or a path of their own"),
        _ if is_comparison(op) => return Err("comparisons of floats are not followed"),
        _ if row.uses_table() => return Err("a routine of other instructions"),
        Op::ElemDrop | Op::RefNull | Op::RefIsNull | Op::RefFunc => return Err("made of other instructions"),
        _ => vec![Operation::Wasm(op)],
    })
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
            Ok(_) => (false, 0, "nothing is stated of what it emits".to_string()),
            Err(reason) => (false, 0, reason.to_string()),
        };
        Claim { instruction: row.mnemonic, proved: is_proved, cases, of }
    };
    TABLE.iter().map(claim).collect()
}
