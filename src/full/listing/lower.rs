//! Lowering: from a program to a listing.
//!
//! Nearly every instruction becomes one instruction of the machine. A function begins by setting to 0 the
//! locals that it may read before it sets them. A branch that drops operands first moves the operands that it
//! keeps. `call_indirect`, `memory.grow`, sign-extending loads and `i64.store` take two steps. Division is in
//! `long_division`. The locals of the entry are the globals and the lengths of tables; the entry runs the
//! start functions and the calls from outside.

use super::division::Division;
use super::float_path::FloatPath;
use super::floats::Float;
use super::indirect::{type_number, types_of_hosts};
use super::lines::{Deferred, Label, Lowering, Of};
use super::operation::Operation;
use super::unset::read_unset;
use super::waiting::Fusing;
use super::{Layout, Listing, ListingError, Place};
use crate::full::floats::trap;
use crate::full::isa::{Op, Row, TABLE, ValType};
use crate::full::program::{Branch, Call, Immediate, Instr, Program, Value};
use crate::full::tables::access;

/// The relation of the machine's instructions to those of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingForm {
    /// At least one instruction of the machine per instruction of the program.
    #[default]
    Plain,
    /// Several instructions of the program may become one of the machine.
    Fused,
}

/// A listing, and where each function begins in it.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The listing.
    pub listing: Listing,
    /// Per function: the pc of its entry.
    pub entries: Vec<u64>,
}

/// Lowers a program and the calls to be made.
///
/// # Errors
/// Where a limit of the machine is exceeded.
pub fn lower(program: &Program, calls: &[Call], form: ListingForm) -> Result<Lowered, ListingError> {
    let layout = Layout::of(program)?;
    let (fusing, constants) = match form {
        ListingForm::Plain => (None, Vec::new()),
        ListingForm::Fused => {
            let (fusing, constants) = Fusing::new(program, &layout);
            (Some(fusing), constants)
        }
    };
    for function in layout.prompted(program).flatten() {
        type_number(program.functions[function as usize].ty)?;
    }
    let mut l = Lowering::new(program, types_of_hosts(program, &layout), layout, fusing);
    l.entry(&constants, calls)?;
    let functions = 0..program.functions.len() as u32;
    let (hosts, own): (Vec<u32>, Vec<u32>) = functions.partition(|index| program.functions[*index as usize].passes_on);
    let add = |l: &mut Lowering<'_>, index| {
        l.put(Label::Function(index));
        l.function(index)
    };
    own.into_iter().try_for_each(|index| add(&mut l, index))?;
    l.put(Label::Hosts);
    hosts.into_iter().try_for_each(|index| add(&mut l, index))?;
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
    let listing = Listing { lines: l.lines, layout: l.layout };
    listing.check()?;
    Ok(Lowered { listing, entries })
}

impl Lowering<'_> {
    /// Adds the deferred code.
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
                Deferred::Division { division, line, after } => division.exception(self, line, after)?,
                Deferred::Float { exception, after } => exception.lower(self, after)?,
                Deferred::Host { from, ty, after } => {
                    self.at = from;
                    self.call_host(ty, after)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the entry. Its locals are the globals, the lengths of tables, and the constants that follow them.
    /// It sets these, runs the start functions, and then makes the calls. The results of all calls stay on
    /// the stack.
    fn entry(&mut self, constants: &[Value], calls: &[Call]) -> Result<(), ListingError> {
        let globals = self.program.globals.iter().map(|global| global.value);
        let lengths: Vec<Value> = self.layout.lengths.iter().map(|length| Value::I32(*length as i32)).collect();
        globals.chain(lengths).chain(constants.iter().copied()).for_each(|value| self.constant(value));
        for start in &self.program.starts {
            self.call_function(*start)?;
        }
        for Call { function, arguments } in calls {
            arguments.iter().for_each(|argument| self.constant(*argument));
            self.call_function(*function)?;
        }
        self.add(Operation::Halt);
        Ok(())
    }

    pub(super) fn constant(&mut self, value: Value) {
        let op = if value.ty() == ValType::I64 { Op::I64Const } else { Op::I32Const };
        self.add_with(Operation::Wasm(op), value.bits(), 0);
    }

    /// Adds the lines of a function.
    pub(super) fn function(&mut self, index: u32) -> Result<(), ListingError> {
        let program = self.program;
        let function = &program.functions[index as usize];
        let parameters = program.type_of(index).params.len();
        self.locals = function.locals.len() as u32;
        for (local, _) in read_unset(program, function, parameters).iter().enumerate().filter(|(_, unset)| **unset) {
            self.height = local as u32;
            self.constant(Value::zero(function.locals[local]));
        }
        let mut next = function.entry;
        while next < function.end {
            let pc = next;
            self.make_room(0)?;
            let instr = &program.code[pc as usize];
            self.height = self.locals + instr.height;
            self.at = pc;
            self.meet(pc)?;
            self.put(self.target_of(pc));
            let folded = self.fold(instr, index)?;
            next += folded.max(1);
            if folded > 0 {
                continue;
            }
            self.begins = self.of_program(pc);
            self.instruction(instr, index)?;
            self.note_result(instr);
        }
        self.deferred()
    }

    fn instruction(&mut self, instr: &Instr, function: u32) -> Result<(), ListingError> {
        let program = self.program;
        match (instr.op, &instr.immediate) {
            (Op::If, Immediate::Branch(branch)) => self.add_to(Operation::BranchIfZero, self.target_of(branch.target)),
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
            (Op::CallIndirect, Immediate::Indirect { ty, table }) => self.call_indirect(*ty, *table)?,
            (Op::Refused, Immediate::Refused(what)) if self.of == Of::Floats => {
                let trap = trap(what).map_or(Operation::Wasm(Op::Unreachable), Operation::Trap);
                self.add(trap);
            }
            (Op::Refused, Immediate::Refused(what)) if let (Of::Tables, Some(access)) = (self.of, access(what)) => self.access(access),
            (Op::MemoryGrow, _) => {
                self.add(Operation::GrowTry);
                self.add(Operation::GrowFix);
            }
            (Op::I64Store | Op::F64Store, Immediate::Offset(offset)) => {
                let operands = self.next.operands;
                self.add_with(Operation::StoreLow, u64::from(*offset), 0);
                self.next.operands = operands;
                // Where this addition wraps, the first half has trapped.
                self.add_with(Operation::StoreHigh, u64::from(offset.wrapping_add(4)), 0);
            }
            (op, Immediate::Offset(offset)) => {
                let op = by_bits(op);
                let (access, extension) = signed_load(op.row()).map_or((op, None), |(load, extension)| (load, Some(extension)));
                self.add_with(Operation::Wasm(access), u64::from(*offset), 0);
                extension.into_iter().for_each(|extension| self.add(Operation::Wasm(extension)));
            }
            (op, Immediate::Local(index) | Immediate::Global(index)) => self.add_indexed(op, *index)?,
            _ if self.table_instruction(instr)? => {}
            (op, immediate) => match (immediate.constant(), Division::of(op), Float::of(op)) {
                (Some(value), ..) => self.constant(value),
                (_, Some(division), _) => division.lower(self),
                (.., Some(float)) => match FloatPath::of(op) {
                    Some(path) => path.lower(self, float),
                    None => float.lower(self)?,
                },
                _ => self.add(Operation::Wasm(op)),
            },
        }
        Ok(())
    }

    /// Adds a branch.
    fn branch(&mut self, branch: Branch) -> Result<(), ListingError> {
        self.unwind(self.locals + branch.height, branch.arity)?;
        self.add_to(Operation::Wasm(Op::Br), self.target_of(branch.target));
        Ok(())
    }

    /// The label to jump to for a branch taken at a height: the branch's target, if no operand must be moved.
    pub(super) fn target(&mut self, height: u32, branch: Branch) -> Label {
        if branch.arity == 0 || self.locals + branch.height + branch.arity == height {
            return self.target_of(branch.target);
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
            if self.put_result(Place::Local(to), None) {
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

/// For an access of a float: the access of the integer with the same bits.
fn by_bits(op: Op) -> Op {
    match op {
        Op::F32Load => Op::I32Load,
        Op::F64Load => Op::I64Load,
        Op::F32Store => Op::I32Store,
        op => op,
    }
}

/// For a sign-extending load: the load that extends with zeros, and the instruction that extends the sign.
fn signed_load(row: &Row) -> Option<(Op, Op)> {
    if !row.signed {
        return None;
    }
    let mut like = TABLE.iter().filter(|other| (other.pushes, other.bytes) == (row.pushes, row.bytes));
    let load = like.find(|other| other.accesses() && !other.signed)?;
    let extension = like.find(|other| !other.accesses() && other.signed && other.pops == other.pushes)?;
    Some((load.op, extension.op))
}
