//! The locals that a function may read before it has set them: only these must be set to 0 when the function
//! begins.
//!
//! The code is traversed once. At the target of a backward branch, every local that was set on the way into
//! the loop is set on the branch too, so a backward branch adds nothing. At a forward branch, the locals that
//! are not set yet are noted for its target.

use std::collections::HashMap;

use crate::full::isa::{Op, Writes};
use crate::full::program::{Function, Immediate, Program};

/// Per local: whether it may be read before it is set. Parameters are set from the start.
pub(super) fn read_unset(program: &Program, function: &Function, parameters: usize) -> Vec<bool> {
    let locals = function.locals.len();
    let mut unset: Vec<bool> = (0..locals).map(|local| local >= parameters).collect();
    let mut read = vec![false; locals];
    let mut at_target: HashMap<u32, Vec<bool>> = HashMap::new();
    for pc in function.entry..function.end {
        if let Some(at_branches) = at_target.remove(&pc) {
            join(&mut unset, &at_branches);
        }
        let instr = &program.code[pc as usize];
        match (instr.op.row().writes, &instr.immediate) {
            (Writes::Local, Immediate::Local(local)) => unset[*local as usize] = false,
            (_, Immediate::Local(local)) => read[*local as usize] |= unset[*local as usize],
            _ => {}
        }
        for branch in program.branches_of(instr).iter().filter(|branch| branch.target > pc) {
            join(at_target.entry(branch.target).or_insert_with(|| vec![false; locals]), &unset);
        }
        if matches!(instr.op, Op::Br | Op::BrTable | Op::Else | Op::Return | Op::Unreachable) {
            unset.fill(false);
        }
    }
    read
}

/// The locals that are unset on either of two control paths that meet.
fn join(unset: &mut [bool], other: &[bool]) {
    unset.iter_mut().zip(other).for_each(|(unset, other)| *unset |= other);
}
