//! The state of fusing: the targets of the program's branches, its constants with slots, and the operands
//! that wait.

use std::collections::{HashMap, HashSet};

use super::lines::{Label, Of};
use super::{Fetched, Layout, Place, floats, hot};
use crate::full::floats::routines;
use crate::full::program::limits::MAX_GLOBALS;
use crate::full::program::{Instr, Program, Value};
use crate::full::tables;

/// What fusing must know of a program, and of the code before the next line.
pub(super) struct Fusing {
    /// Constants with slots of their own, after the slots of the globals and of the lengths of tables: the
    /// index of each constant.
    pub(super) pool: HashMap<Value, u32>,
    /// The targets of branches, in the program and in the routines of its float instructions.
    pub(super) targets: HashSet<Label>,
    /// Operands that are not on the stack, the lowest first.
    pub(super) waiting: Vec<Waiting>,
    /// The line whose result is an operand on the stack that is not used yet, and the height of the stack
    /// below that operand.
    pub(super) result: Option<(usize, u32)>,
}

/// An operand that is not on the stack.
#[derive(Clone, Copy)]
pub(super) struct Waiting {
    /// The height of the stack below the operand.
    pub(super) height: u32,
    /// The slot that holds the operand.
    pub(super) place: Place,
    /// The slot of a number that is added to it, if the operand is an address.
    pub(super) addend: Option<Place>,
}

impl Fusing {
    /// The state for a program, and the constants that get slots, in the order of the slots.
    pub(super) fn new(program: &Program, layout: &Layout) -> (Fusing, Vec<Value>) {
        let globals = program.globals.len() + layout.lengths.len();
        let of_floats = floats::constants(program);
        let mut seen = HashSet::new();
        let mut constants: Vec<Value> =
            hot::constants(program).into_iter().chain(of_floats.iter().copied()).filter(|value| seen.insert(*value)).collect();
        constants.truncate((MAX_GLOBALS as usize).saturating_sub(globals));
        let pool = constants.iter().enumerate().map(|(index, value)| (*value, (globals + index) as u32)).collect();
        let targets = |of, program: &Program| -> Vec<Label> {
            let branches = program.code.iter().flat_map(|instr| program.branches_of(instr));
            branches.map(|branch| Label::Instruction(of, branch.target)).collect()
        };
        let mut all: HashSet<Label> = targets(Of::Program, program).into_iter().collect();
        if !of_floats.is_empty() {
            all.extend(targets(Of::Floats, routines()));
        }
        if !layout.lengths.is_empty() {
            all.extend(targets(Of::Tables, tables::routines()));
        }
        let targets = all;
        (Fusing { pool, targets, waiting: Vec::new(), result: None }, constants)
    }

    /// The slot that holds the value that an instruction pushes, if the instruction does nothing else.
    pub(super) fn source(&self, instr: &Instr) -> Option<Place> {
        match Fetched::by(instr)? {
            Fetched::From(place) => Some(place),
            Fetched::Constant(value) => self.place_of(value),
        }
    }

    /// The slot that holds a constant, if the constant has one.
    pub(super) fn place_of(&self, value: Value) -> Option<Place> {
        self.pool.get(&value).map(|index| Place::Below(*index))
    }
}
