//! A listing under construction: its lines, labels for places that are not known yet, and deferred code.

use std::collections::{HashMap, HashSet};

use super::division::Division;
use super::float_path::Exception;
use super::operation::Operation;
use super::routines::Routine;
use super::waiting::Fusing;
use super::{Folded, Layout, Line, ListingError, MAX_LINES};
use crate::full::isa::Op;
use crate::full::program::{Branch, Program};

/// The code that is being lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    /// The program.
    Program,
    /// The [routines of float instructions](super::floats).
    Floats,
    /// The [routines of table instructions](super::tables).
    Tables,
}

/// A place in a listing, whose pc may not be known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    /// The start of the lines of the instruction at a pc of this code.
    Instruction(Of, u32),
    /// The entry of a function of the program.
    Function(u32),
    /// The entry of the first function that passes its arguments on to the host.
    Hosts,
    /// The entry of a routine.
    Routine(Routine),
    /// A place within the lines of one instruction.
    Local(usize),
}

/// Code that is deferred to the function's end, so that the usual path does not have to jump over it.
pub(super) enum Deferred {
    /// Unwind the stack for a branch, and jump to its target.
    Branch { from: u32, branch: Branch },
    /// The slow path of a division whose common path begins at this line; the program continues at `after`.
    Division { division: Division, line: usize, after: Label },
    /// A case that the common path of a float instruction does not take; the program continues at `after`.
    Float { exception: Exception, after: Label },
    /// Call a function of the host that was found in the table, and continue at `after`.
    Host { from: u32, ty: u32, after: Label },
}

/// A listing under construction.
pub(super) struct Lowering<'p> {
    /// The code being lowered.
    pub(super) of: Of,
    /// The program that holds this code.
    pub(super) program: &'p Program,
    pub(super) lines: Vec<Line>,
    /// Lines whose immediate is the pc of a label.
    pub(super) references: Vec<(usize, Label)>,
    pub(super) labels: HashMap<Label, usize>,
    next_local: usize,
    pub(super) deferred: Vec<(Label, u32, Deferred)>,
    /// Routines in the order of their first use.
    pub(super) routines: Vec<Routine>,
    /// The height before the next line.
    pub(super) height: u32,
    /// The instruction that begins with the next line.
    pub(super) begins: Option<u32>,
    /// What is folded into the next line.
    pub(super) next: Folded,
    /// The pc of the instruction being lowered.
    pub(super) at: u32,
    /// Locals of the function being lowered.
    pub(super) locals: u32,
    /// Types of functions in the table that pass their arguments on to the host.
    pub(super) hosts: HashSet<u32>,
    /// Where the program's tables are.
    pub(super) layout: Layout,
    /// The state of fusing; `None` in the plain form.
    pub(super) fusing: Option<Fusing>,
}

impl<'p> Lowering<'p> {
    /// An empty listing of a program. `hosts` are the types of functions in the table that pass their
    /// arguments on to the host.
    pub(super) fn new(program: &'p Program, hosts: HashSet<u32>, layout: Layout, fusing: Option<Fusing>) -> Lowering<'p> {
        Lowering {
            of: Of::Program,
            program,
            lines: Vec::new(),
            references: Vec::new(),
            labels: HashMap::new(),
            next_local: 0,
            deferred: Vec::new(),
            routines: Vec::new(),
            height: 0,
            begins: None,
            next: Folded::default(),
            at: 0,
            locals: 0,
            hosts,
            layout,
            fusing,
        }
    }

    /// Checks that a listing can hold `more` lines besides those there are: a `br_table` may need millions.
    pub(super) fn make_room(&self, more: usize) -> Result<(), ListingError> {
        let lines = self.lines.len() + more;
        if lines > MAX_LINES { Err(ListingError::TooLong { lines }) } else { Ok(()) }
    }

    /// Adds an instruction without immediates.
    pub(super) fn add(&mut self, operation: Operation) {
        self.add_with(operation, 0, 0);
    }

    /// Adds an instruction.
    pub(super) fn add_with(&mut self, operation: Operation, immediate: u64, index: u16) {
        let (begins, folded) = (self.begins.take(), std::mem::take(&mut self.next).into());
        self.lines.push(Line { operation, immediate, index, height: self.height, begins, folded });
        self.height = self.height.saturating_add_signed(operation.delta() as i32);
    }

    /// Adds an instruction of WebAssembly with the index of a local or global.
    pub(super) fn add_indexed(&mut self, op: Op, index: u32) -> Result<(), ListingError> {
        let index = u16::try_from(index).map_err(|_| ListingError::Index { pc: self.at, index })?;
        self.add_with(Operation::Wasm(op), 0, index);
        Ok(())
    }

    /// Adds an instruction whose immediate is the pc of a label.
    pub(super) fn add_to(&mut self, operation: Operation, label: Label) {
        self.references.push((self.lines.len(), label));
        self.add(operation);
    }

    /// The label of the instruction at a pc.
    pub(super) fn target_of(&self, pc: u32) -> Label {
        Label::Instruction(self.of, pc)
    }

    /// The pc of the program's instruction, if the code being lowered is the program's.
    pub(super) fn of_program(&self, pc: u32) -> Option<u32> {
        (self.of == Of::Program).then_some(pc)
    }

    /// Places a label before the next line.
    pub(super) fn put(&mut self, label: Label) {
        self.labels.insert(label, self.lines.len());
    }

    /// A new label.
    pub(super) fn label(&mut self) -> Label {
        self.next_local += 1;
        Label::Local(self.next_local)
    }

    /// Defers code, and returns the label where it will be. The code finds the operands as they are at this
    /// height.
    pub(super) fn defer(&mut self, height: u32, what: Deferred) -> Label {
        let label = self.label();
        self.deferred.push((label, height, what));
        label
    }
}
