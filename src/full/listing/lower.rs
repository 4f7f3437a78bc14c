//! Lowering: from a program to a listing.
//!
//! Nearly every instruction becomes one of the machine's. What needs more: a function begins by setting to 0 the locals that
//! it may read before it sets them; a branch that drops operands moves those it keeps first; `call_indirect`, `memory.grow`,
//! loads with a sign and `i64.store` are two steps; division is in `routines`. The entry, whose locals the globals are, runs
//! the start function and what is invoked.

use std::collections::{HashMap, HashSet};

use super::fuse::Fusing;
use super::indirect::types_of_hosts;
use super::operation::Operation;
use super::routines::{Division, Routine};
use super::unset::read_unset;
use super::{Folded, Line, Listing, ListingError, MAX_LINES};
use crate::full::isa::{Op, Row, TABLE, ValType};
use crate::full::program::{Branch, Immediate, Instr, Program, Value};

/// What the machine's instructions are to those of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingForm {
    /// At least one for each.
    Plain,
    /// As few as do the same.
    Fused,
}

/// A place in a listing that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    /// What becomes of the program's instruction at a pc.
    Instruction(u32),
    /// The entry of a function.
    Function(u32),
    /// The first of the functions that pass on to the host.
    Hosts,
    /// The entry of a routine.
    Routine(Routine),
    /// A place within what one instruction becomes.
    Local(usize),
}

/// What is put off until the function's end, so that it is not in the way of what usually happens.
pub(super) enum Deferred {
    /// Unwind as for a branch, and jump there.
    Branch { from: u32, branch: Branch },
    /// A division that the machine cannot do in one go.
    Division(Division),
    /// Call a function of the host that was found in the table, and go on after the call.
    Host { from: u32, ty: u32, after: Label },
}

/// A listing in the making.
pub(super) struct Lowering<'p> {
    pub(super) program: &'p Program,
    pub(super) lines: Vec<Line>,
    /// Immediates that are the pc of a label.
    pub(super) references: Vec<(usize, Label)>,
    labels: HashMap<Label, usize>,
    next_local: usize,
    deferred: Vec<(Label, u32, Deferred)>,
    /// Routines in the order of their first use.
    routines: Vec<Routine>,
    /// The height before the next line.
    pub(super) height: u32,
    /// The instruction that begins with the next line.
    pub(super) begins: Option<u32>,
    /// What is folded into the next line.
    pub(super) next: Folded,
    /// The program's instruction being lowered.
    pub(super) at: u32,
    /// Locals of the function being lowered.
    pub(super) locals: u32,
    /// Types of functions in the table that pass on to the host.
    pub(super) hosts: HashSet<u32>,
    /// In the fused form.
    pub(super) fusing: Option<Fusing>,
}

/// A listing, and where each function begins in it.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The listing.
    pub listing: Listing,
    /// By function: the pc of its entry.
    pub entries: Vec<u64>,
}

/// Lowers a program and what is to be invoked.
///
/// # Errors
/// Where a limit of the machine is exceeded.
pub fn lower(program: &Program, function: Option<u32>, arguments: &[Value], form: ListingForm) -> Result<Lowered, ListingError> {
    let (fusing, constants) = match form {
        ListingForm::Plain => (None, Vec::new()),
        ListingForm::Fused => {
            let (fusing, constants) = Fusing::new(program);
            (Some(fusing), constants)
        }
    };
    let mut l = Lowering {
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
        hosts: types_of_hosts(program),
        fusing,
    };
    for function in program.table.iter().flatten().flatten() {
        type_number(program.functions[*function as usize].ty)?;
    }
    l.entry(&constants, function, arguments)?;
    let functions = 0..program.functions.len() as u32;
    let (hosts, own): (Vec<u32>, Vec<u32>) = functions.partition(|index| program.functions[*index as usize].passes_on);
    own.into_iter().try_for_each(|index| l.function(index))?;
    l.put(Label::Hosts);
    hosts.into_iter().try_for_each(|index| l.function(index))?;
    let mut next = 0;
    while let Some(routine) = l.routines.get(next).copied() {
        l.put(Label::Routine(routine));
        routine.lower(&mut l)?;
        l.deferred()?;
        next += 1;
    }
    for (line, label) in std::mem::take(&mut l.references) {
        l.lines[line].immediate = Listing::pc(l.labels[&label]);
    }
    let entries = (0..program.functions.len() as u32).map(|index| Listing::pc(l.labels[&Label::Function(index)])).collect();
    let listing = Listing { lines: l.lines };
    listing.check()?;
    Ok(Lowered { listing, entries })
}

impl Lowering<'_> {
    /// Whether a listing holds what there is and so many lines more: a `br_table` may ask for millions.
    fn make_room(&self, more: usize) -> Result<(), ListingError> {
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

    /// Adds a call of a routine, with two operands and one result.
    pub(super) fn call_routine(&mut self, routine: Routine) -> Result<(), ListingError> {
        if !self.routines.contains(&routine) {
            self.routines.push(routine);
        }
        self.call(Operation::CallRoutine, Some(Label::Routine(routine)), 2, 1)
    }

    /// The label is here.
    pub(super) fn put(&mut self, label: Label) {
        self.labels.insert(label, self.lines.len());
    }

    /// A new label.
    pub(super) fn label(&mut self) -> Label {
        self.next_local += 1;
        Label::Local(self.next_local)
    }

    /// What is to be done at a label of its own, with the operands as they are here.
    pub(super) fn defer(&mut self, height: u32, what: Deferred) -> Label {
        let label = self.label();
        self.deferred.push((label, height, what));
        label
    }

    /// Adds what was deferred.
    fn deferred(&mut self) -> Result<(), ListingError> {
        while let Some((label, height, what)) = self.deferred.pop() {
            self.make_room(0)?;
            self.put(label);
            self.height = height;
            match what {
                Deferred::Branch { from, branch } => {
                    self.at = from;
                    self.branch(branch)?;
                }
                Deferred::Division(division) => division.exception(self)?,
                Deferred::Host { from, ty, after } => {
                    self.at = from;
                    self.call_host(ty, after)?;
                }
            }
        }
        Ok(())
    }

    /// Sets the globals and the constants that follow them, which are its locals; runs the start functions, then what is invoked with its arguments.
    fn entry(&mut self, constants: &[Value], function: Option<u32>, arguments: &[Value]) -> Result<(), ListingError> {
        let globals = self.program.globals.iter().map(|global| global.value);
        globals.chain(constants.iter().copied()).for_each(|value| self.constant(value));
        for start in &self.program.starts {
            self.call_function(*start)?;
        }
        if let Some(function) = function {
            arguments.iter().for_each(|argument| self.constant(*argument));
            self.call_function(function)?;
        }
        self.add(Operation::Halt);
        Ok(())
    }

    fn constant(&mut self, value: Value) {
        let op = if value.ty() == ValType::I64 { Op::I64Const } else { Op::I32Const };
        self.add_with(Operation::Wasm(op), value.bits(), 0);
    }

    fn function(&mut self, index: u32) -> Result<(), ListingError> {
        let program = self.program;
        let function = &program.functions[index as usize];
        let parameters = program.type_of(index).params.len();
        self.put(Label::Function(index));
        self.locals = function.locals.len() as u32;
        for (local, _) in read_unset(program, function, parameters).iter().enumerate().filter(|(_, unset)| **unset) {
            self.height = local as u32;
            self.constant(Value::zero(function.locals[local]));
        }
        for pc in function.entry..function.end {
            self.make_room(0)?;
            let instr = &program.code[pc as usize];
            self.height = self.locals + instr.height;
            self.at = pc;
            self.meet(pc)?;
            self.put(Label::Instruction(pc));
            if self.fold(instr, index)? {
                continue;
            }
            self.begins = Some(pc);
            self.instruction(instr, index)?;
            self.note_result(instr);
        }
        self.deferred()
    }

    fn instruction(&mut self, instr: &Instr, function: u32) -> Result<(), ListingError> {
        let program = self.program;
        match (instr.op, &instr.immediate) {
            (Op::If, Immediate::Branch(branch)) => self.add_to(Operation::BranchIfZero, Label::Instruction(branch.target)),
            (Op::Br | Op::Else, Immediate::Branch(branch)) => self.branch(*branch)?,
            (Op::BrIf, Immediate::Branch(branch)) => {
                let label = self.target(self.height - 1, *branch);
                self.add_to(Operation::Wasm(Op::BrIf), label);
            }
            (Op::BrTable, Immediate::Branches(range)) => {
                self.make_room(range.len())?;
                self.add_with(Operation::Wasm(Op::BrTable), u64::from(range.end - range.start - 1), 0);
                let height = self.height;
                for branch in &program.branches[range.start as usize..range.end as usize] {
                    let label = self.target(height, *branch);
                    self.add_to(Operation::Wasm(Op::Br), label);
                }
            }
            (Op::Return, _) => {
                self.unwind(0, program.type_of(function).results.len() as u32)?;
                self.add(Operation::Wasm(Op::Return));
            }
            (Op::Call, Immediate::Function(callee)) => self.call_function(*callee)?,
            (Op::CallIndirect, Immediate::Type(ty)) => self.call_indirect(*ty)?,
            (Op::MemoryGrow, _) => {
                self.add(Operation::GrowTry);
                self.add(Operation::GrowFix);
            }
            (Op::I64Store, Immediate::Offset(offset)) => {
                let operands = self.next.operands;
                self.add_with(Operation::StoreLow, u64::from(*offset), 0);
                self.next.operands = operands;
                // Where this wraps, the first half has trapped.
                self.add_with(Operation::StoreHigh, u64::from(offset.wrapping_add(4)), 0);
            }
            (op, Immediate::Offset(offset)) => {
                let (access, extension) = signed_load(op.row()).map_or((op, None), |(load, extension)| (load, Some(extension)));
                self.add_with(Operation::Wasm(access), u64::from(*offset), 0);
                extension.into_iter().for_each(|extension| self.add(Operation::Wasm(extension)));
            }
            (op, Immediate::Local(index) | Immediate::Global(index)) => self.add_indexed(op, *index)?,
            (op, immediate) => match (immediate.constant(), Division::of(op)) {
                (Some(value), _) => self.constant(value),
                (_, Some(division)) => division.lower(self),
                (None, None) => self.add(Operation::Wasm(op)),
            },
        }
        Ok(())
    }

    /// Adds a branch.
    fn branch(&mut self, branch: Branch) -> Result<(), ListingError> {
        self.unwind(self.locals + branch.height, branch.arity)?;
        self.add_to(Operation::Wasm(Op::Br), Label::Instruction(branch.target));
        Ok(())
    }

    /// Where to jump for a branch taken at a height: straight there if nothing must be moved.
    fn target(&mut self, height: u32, branch: Branch) -> Label {
        if branch.arity == 0 || self.locals + branch.height + branch.arity == height {
            return Label::Instruction(branch.target);
        }
        let from = self.at;
        self.defer(height, Deferred::Branch { from, branch })
    }

    /// Moves the top `kept` operands down to a height, the lowest first.
    fn unwind(&mut self, to: u32, kept: u32) -> Result<(), ListingError> {
        let first = self.height - kept;
        if first == to || kept == 0 {
            return Ok(());
        }
        if kept == 1 {
            if self.put_result(to, None) {
                return Ok(());
            }
            return self.add_indexed(Op::LocalSet, to);
        }
        for place in 0..kept {
            self.add_indexed(Op::LocalGet, first + place)?;
            self.add_indexed(Op::LocalSet, to + place)?;
        }
        Ok(())
    }
}

/// Types count from 1: 0 is that of an empty place in the table.
pub(super) fn type_number(index: u32) -> Result<u16, ListingError> {
    u16::try_from(u64::from(index) + 1).map_err(|_| ListingError::Type { index })
}

/// For a load with a sign: the load without, and the extension that gives it one.
fn signed_load(row: &Row) -> Option<(Op, Op)> {
    if !row.signed {
        return None;
    }
    let mut like = TABLE.iter().filter(|other| (other.pushes, other.bytes) == (row.pushes, row.bytes));
    let load = like.find(|other| other.accesses() && !other.signed)?;
    let extension = like.find(|other| !other.accesses() && other.signed && other.pops == other.pushes)?;
    Some((load.op, extension.op))
}
