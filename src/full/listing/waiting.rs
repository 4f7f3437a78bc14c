//! What the fused form has to know: the program's jumps, its constants with slots, and which operands wait.

use std::collections::{HashMap, HashSet};

use super::{Fetched, Place, hot};
use crate::full::program::limits::MAX_GLOBALS;
use crate::full::program::{Instr, Program, Value};

/// What fusing has to know of a program, and of the code before the next line.
pub(super) struct Fusing {
    /// Constants with slots of their own, which follow the globals': the index of each.
    pub(super) pool: HashMap<Value, u32>,
    /// The pcs to which branches go.
    pub(super) targets: HashSet<u32>,
    /// Operands that are not on the stack, the lowest first.
    pub(super) waiting: Vec<Waiting>,
    /// The line whose result is an operand on the stack and not used yet, and the height before it.
    pub(super) result: Option<(usize, u32)>,
}

/// An operand that is not on the stack.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    /// The height before it.
    pub(super) height: u32,
    /// Where it is.
    pub(super) place: Place,
}

impl Fusing {
    /// For a program; and the constants that get slots, in their order.
    pub(super) fn new(program: &Program) -> (Fusing, Vec<Value>) {
        let globals = program.globals.len();
        let mut constants = hot::constants(program);
        constants.truncate((MAX_GLOBALS as usize).saturating_sub(globals));
        let pool = constants.iter().enumerate().map(|(index, value)| (*value, (globals + index) as u32)).collect();
        let targets = program.code.iter().flat_map(|instr| program.branches_of(instr)).map(|branch| branch.target).collect();
        (Fusing { pool, targets, waiting: Vec::new(), result: None }, constants)
    }

    /// The slot in which an instruction finds what it pushes, if it does nothing else.
    pub(super) fn source(&self, instr: &Instr) -> Option<Place> {
        match Fetched::by(instr)? {
            Fetched::From(place) => Some(place),
            Fetched::Constant(value) => self.pool.get(&value).map(|index| Place::Below(*index)),
        }
    }
}
