//! The instructions on floats as [routines](routines.wat) in integer instructions. A float is passed as the
//! integer with the same bits.
//!
//! The network compares floats by itself, and adds, subtracts and multiplies most floats. Where it cannot,
//! and for most other float instructions, it calls a routine. The reference VM computes with the processor's
//! floats instead, so the two share nothing.

use std::sync::LazyLock;

use super::isa::{Op, TABLE, Trap, ValType};
use super::program::{Program, Refusal, built_in_program};

/// The module of the imports that trap.
const TRAP: &str = "trap";

/// The program of all routines.
pub fn routines() -> &'static Program {
    static PROGRAM: LazyLock<Program> =
        LazyLock::new(|| built_in_program("the routines of float instructions", include_str!("routines.wat")));
    &PROGRAM
}

/// Whether an instruction has operands or results that are floats.
pub fn is_on_floats(op: Op) -> bool {
    op.row().pops.iter().chain(op.row().pushes).any(|operand| operand.ty().is_some_and(ValType::is_float))
}

/// Whether an instruction compares floats. The machine has these instructions.
pub fn is_comparison(op: Op) -> bool {
    use Op::{F32Eq, F32Ge, F32Gt, F32Le, F32Lt, F32Ne, F64Eq, F64Ge, F64Gt, F64Le, F64Lt, F64Ne};
    matches!(op, F32Eq | F32Ne | F32Lt | F32Gt | F32Le | F32Ge | F64Eq | F64Ne | F64Lt | F64Gt | F64Le | F64Ge)
}

/// The function of [`routines`] that does the work of an instruction, if there is one.
pub fn routine(op: Op) -> Option<u32> {
    static BY_OP: LazyLock<Vec<Option<u32>>> =
        LazyLock::new(|| TABLE.iter().map(|row| routines().exported_function(row.mnemonic)).collect());
    // The routines are not read for a program without floats.
    if is_on_floats(op) && !is_comparison(op) { BY_OP[op as usize] } else { None }
}

/// The trap for which a refusal stands: the routines trap by calls of imports that are named as the traps.
pub fn trap(refused: &Refusal) -> Option<Trap> {
    let Refusal::Import(path) = refused else { return None };
    let name = path.strip_prefix(TRAP)?.strip_prefix('.')?;
    Trap::ALL.into_iter().find(|trap| trap.name() == name)
}
