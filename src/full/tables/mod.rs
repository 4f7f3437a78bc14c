//! The instructions of tables as [routines](routines.wat), for the network. They work on words of the bank: a
//! memory of the machine that no instruction of a program can reach.

use std::sync::LazyLock;

use super::isa::Op;
use super::program::{Program, Refusal, built_in_program};

/// The module of the imports that stand for instructions of the machine.
const MODULE: &str = "table";

/// What an import of the routines stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Push the word at an address of the bank.
    Load,
    /// Store a word at an address of the bank.
    Store,
    /// Trap.
    Outside,
}

/// The program of all routines.
pub fn routines() -> &'static Program {
    static PROGRAM: LazyLock<Program> =
        LazyLock::new(|| built_in_program("the routines of table instructions", include_str!("routines.wat")));
    &PROGRAM
}

/// The function of [`routines`] that does the work of an instruction of tables, if there is one.
pub fn routine(op: Op) -> Option<u32> {
    // `table.init` copies from a segment.
    let op = if op == Op::TableInit { Op::TableCopy } else { op };
    matches!(op, Op::TableGet | Op::TableSet | Op::TableGrow | Op::TableFill | Op::TableCopy)
        .then(|| routines().exported_function(op.row().mnemonic))
        .flatten()
}

/// What a refused call in the routines stands for.
pub fn access(refused: &Refusal) -> Option<Access> {
    let Refusal::Import(path) = refused else { return None };
    match path.strip_prefix(MODULE)?.strip_prefix('.')? {
        "load" => Some(Access::Load),
        "store" => Some(Access::Store),
        "outside" => Some(Access::Outside),
        _ => None,
    }
}
