//! The fused form: fewer of the machine's instructions for the same instructions of WebAssembly.
//!
//! As in interpreters that translate to registers, the values of `local.get`, `global.get` and constants are
//! not put on the operand stack. Such an operand waits until an instruction takes it from its slot. A
//! following `local.set`, `local.tee` or `global.set` becomes the place of an instruction's result. `drop`
//! and `nop` do not need a line. A comparison of integers and the branch that takes its result are one line.
//! A sum that is only the address of an access to memory waits too: the access adds it up. All lines of a
//! division, on both of its paths, take the operands from their slots. A waiting operand is put on the stack
//! where two control paths meet, before its slot changes, and where an instruction takes its operands only
//! from the stack.

use super::float_path::FloatPath;
use super::floats::Float;
use super::layout::Prompted;
use super::lines::{Lowering, Of};
use super::operation::Operation;
use super::waiting::Waiting;
use super::{ListingError, Place};
use crate::full::isa::{Immediate as Immediates, Op, Operand, Writes};
use crate::full::program::{Immediate, Instr};
use crate::full::tables;

/// What becomes of a waiting operand at an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The operand still waits.
    Waits,
    /// The operand is not needed any more.
    Dropped,
    /// The operand is put on the stack.
    Stacked,
    /// The instruction takes the operand from its slot, as its operand top (0), second (1) or third (2).
    Taken(usize),
}

impl<'p> Lowering<'p> {
    /// Prepares for the program's instruction at a pc: if a branch goes there, all waiting operands are put
    /// on the stack, so that they are there on every path.
    pub(super) fn meet(&mut self, pc: u32) -> Result<(), ListingError> {
        let target = self.target_of(pc);
        let Some(fusing) = self.fusing.as_mut().filter(|fusing| fusing.targets.contains(&target)) else { return Ok(()) };
        fusing.result = None;
        self.settle(|_, _| Fate::Stacked)?;
        // A jump to this pc bypasses the instructions folded before it, so these instructions get a line of
        // their own.
        if !self.next.before.is_empty() {
            self.add(Operation::Wasm(Op::Nop));
        }
        Ok(())
    }

    /// The number of instructions of the program, from this one on, that do not need a line of their own any
    /// more. If this one needs one, this first settles what becomes of the waiting operands.
    pub(super) fn fold(&mut self, instr: &Instr, function: u32) -> Result<u32, ListingError> {
        if let Some((branch, operation)) = self.branch_on(instr) {
            self.compare_and_branch(instr, branch, operation)?;
            return Ok(2);
        }
        if let Some(address) = self.address(instr)
            && let Some(fusing) = &mut self.fusing
        {
            fusing.waiting.retain(|waiting| waiting.height < address.height);
            fusing.waiting.push(address);
            fusing.result = None;
            self.next.before.extend(self.of_program(self.at));
            return Ok(1);
        }
        let Some(fusing) = &mut self.fusing else { return Ok(0) };
        let top = self.height.wrapping_sub(1);
        let waits = fusing.waiting.last().is_some_and(|waiting| waiting.height == top);
        let source = fusing.source(instr);
        if source.is_some() || matches!(instr.op, Op::Nop | Op::Drop) {
            if instr.op == Op::Drop && waits {
                fusing.waiting.pop();
            }
            fusing.waiting.extend(source.map(|place| Waiting { height: self.height, place, addend: None }));
            fusing.result = None;
            self.next.before.extend(self.of_program(self.at));
            return Ok(1);
        }
        let (place, index) = match (instr.op, &instr.immediate) {
            (Op::LocalSet | Op::LocalTee, Immediate::Local(local)) => (Place::Local(*local), *local),
            (Op::GlobalSet, Immediate::Global(global)) => (Place::Below(*global), *global),
            _ => {
                self.settle(|l, waiting| l.fate(waiting, instr, function))?;
                return Ok(0);
            }
        };
        let sets = self.put_result(place, self.of_program(self.at));
        if !sets {
            self.settle(|l, waiting| l.fate(waiting, instr, function))?;
            self.begins = self.of_program(self.at);
            self.add_indexed(instr.op, index)?;
        }
        // The operand that `local.tee` leaves is on the stack only if it was on the stack before; otherwise
        // it waits in the local.
        if let (Op::LocalTee, Some(fusing), true) = (instr.op, &mut self.fusing, sets || waits) {
            fusing.waiting.push(Waiting { height: top, place, addend: None });
        }
        Ok(1)
    }

    /// The sum of this instruction as an operand that waits, if it is a sum that is only needed as the
    /// address of one access to memory.
    fn address(&self, instr: &Instr) -> Option<Waiting> {
        let fusing = self.fusing.as_ref().filter(|_| instr.op == Op::I32Add)?;
        let height = self.height - 2;
        // A number on the stack is in the slot that the stack has for it.
        let [second, top] = [height, height + 1].map(|height| {
            let waiting = fusing.waiting.iter().find(|waiting| waiting.height == height);
            waiting.map_or(Place::Local(height), |waiting| waiting.place)
        });
        self.is_address(instr, [second, top]).then_some(Waiting { height, place: top, addend: Some(second) })
    }

    /// Whether the sum of what is in these places is only needed as an address, and until then no other path
    /// leads to the code, and the places keep what they hold.
    fn is_address(&self, sum: &Instr, places: [Place; 2]) -> bool {
        let (Some(fusing), locals) = (&self.fusing, self.locals) else { return false };
        let height = sum.height - 2;
        // Top's slot is used again by the next line that pushes a number.
        let mut is_overwritten = false;
        for (pc, instr) in (self.at + 1..).zip(&self.program.code[self.at as usize + 1..]) {
            let row = instr.op.row();
            let plain =
                !matches!(instr.op, Op::Unreachable | Op::Else | Op::Return | Op::MemoryGrow) && !row.pops.contains(&Operand::Several);
            let named = matches!(row.immediate, Immediates::Local | Immediates::Global | Immediates::Offset);
            let known = named || instr.immediate.constant().is_some() || row.immediate == Immediates::None;
            if fusing.targets.contains(&self.target_of(pc)) || !plain || !known {
                return false;
            }
            let above = instr.height - 1 - height;
            if (above as usize) < row.pops.len() {
                let address = u32::from(row.writes == Writes::Memory);
                return row.accesses() && above == address && !(is_overwritten && places[1] == Place::Local(locals + height + 1));
            }
            let sets = match (row.writes, &instr.immediate) {
                (Writes::Local, Immediate::Local(local)) => Some(Place::Local(*local)),
                (Writes::Global, Immediate::Global(global)) => Some(Place::Below(*global)),
                _ => None,
            };
            if sets.is_some_and(|place| places.contains(&place)) {
                return false;
            }
            is_overwritten |= fusing.source(instr).is_none();
        }
        false
    }

    /// The branch after this instruction, with the operation that does the work of both: if this instruction
    /// is a comparison, the branch takes its result, and no branch goes between them.
    fn branch_on(&self, comparison: &Instr) -> Option<(&'p Instr, Operation)> {
        let pc = self.at + 1;
        self.fusing.as_ref().filter(|fusing| !fusing.targets.contains(&self.target_of(pc)))?;
        let branch = self.program.code.get(pc as usize)?;
        Some((branch, Operation::of_branch(comparison.op, branch.op)?))
    }

    /// Adds the line of a comparison and a branch.
    fn compare_and_branch(&mut self, comparison: &Instr, branch: &Instr, operation: Operation) -> Result<(), ListingError> {
        let Immediate::Branch(to) = branch.immediate else { return Ok(()) };
        let operands = comparison.op.row().pops.len() as u32;
        self.settle(|l, waiting| match l.height - 1 - waiting.height {
            above if above < operands => Fate::Taken(above as usize),
            _ => l.over_branch(waiting, branch),
        })?;
        self.begins = self.of_program(self.at);
        self.next.after = self.of_program(self.at + 1);
        let label = if branch.op == Op::If { self.target_of(to.target) } else { self.target(self.height - operands, to) };
        self.add_to(operation, label);
        Ok(())
    }

    /// What becomes of a waiting operand below the condition of a branch that may be taken. Where it is not
    /// taken, an operand that it drops waits on.
    fn over_branch(&self, waiting: Waiting, branch: &Instr) -> Fate {
        match (branch.op, &branch.immediate) {
            (Op::BrIf, Immediate::Branch(to)) if to.arity == 0 && waiting.height >= self.locals + to.height => Fate::Waits,
            _ => Fate::Stacked,
        }
    }

    /// Notes whether the last line has left the result of an instruction of the program on the stack.
    pub(super) fn note_result(&mut self, instr: &Instr) {
        let pushes = self.lines.last().is_some_and(|line| line.operation.writes() == Writes::Pushed);
        // Where an instruction on floats may jump, its slow path has a line that gives the result too.
        let pushes = pushes && FloatPath::of(instr.op).is_none();
        let (line, height) = (self.lines.len().wrapping_sub(1), self.height.wrapping_sub(1));
        if let Some(fusing) = &mut self.fusing {
            fusing.result = pushes.then_some((line, height));
        }
    }

    /// Makes the last line put its result into a local or global, if the result is the top operand and the
    /// old value there is not needed, and returns whether it did. So no operand may wait there. An
    /// instruction that is folded clears the result: it could read the old value, or be the one that pushed
    /// the top operand. `after` is the pc of the instruction that this replaces.
    pub(super) fn put_result(&mut self, place: Place, after: Option<u32>) -> bool {
        let last = (self.lines.len().wrapping_sub(1), self.height.wrapping_sub(1));
        let Some(fusing) = self.fusing.as_mut().filter(|fusing| fusing.result == Some(last)) else { return false };
        if fusing.waiting.iter().any(|waiting| waiting.place == place) {
            return false;
        }
        fusing.result = None;
        let folded = &mut self.lines[last.0].folded;
        (folded.result, folded.after) = (Some(place), after);
        true
    }

    /// Settles what becomes of each waiting operand before the next line.
    fn settle(&mut self, fate: impl Fn(&Self, Waiting) -> Fate) -> Result<(), ListingError> {
        let Some(fusing) = &mut self.fusing else { return Ok(()) };
        let (height, mut operands, mut still) = (self.height, [None; 3], Vec::new());
        for waiting in std::mem::take(&mut fusing.waiting) {
            self.height = height;
            match fate(self, waiting) {
                Fate::Waits => still.push(waiting),
                Fate::Dropped => {}
                Fate::Stacked => self.stack(waiting.height, waiting.place)?,
                Fate::Taken(operand) => {
                    operands[operand] = Some(waiting.place);
                    operands[2] = operands[2].or(waiting.addend);
                }
            }
        }
        self.height = height;
        self.next.operands = operands;
        if let Some(fusing) = &mut self.fusing {
            fusing.waiting = still;
        }
        Ok(())
    }

    /// Puts an operand on the stack, at a height.
    pub(super) fn stack(&mut self, height: u32, place: Place) -> Result<(), ListingError> {
        self.height = height;
        match place {
            Place::Local(index) => self.add_indexed(Op::LocalGet, index),
            Place::Below(index) => self.add_indexed(Op::GlobalGet, index),
        }
    }

    /// What becomes of a waiting operand at an instruction.
    fn fate(&self, waiting: Waiting, instr: &Instr, function: u32) -> Fate {
        let program = self.program;
        let above = self.height - 1 - waiting.height;
        let taken_from = |operands: u32, fate: Fate| if above < operands { fate } else { Fate::Waits };
        let top_or = |other: Fate| if above == 0 { Fate::Taken(0) } else { other };
        let unless = |changes: bool, fate: Fate| if changes { Fate::Stacked } else { fate };
        let is_global = matches!(waiting.place, Place::Below(index) if (index as usize) < program.globals.len());
        match (instr.op, &instr.immediate) {
            (Op::Return, _) => self.unwound(waiting, 0, program.type_of(function).results.len() as u32),
            (Op::Br, Immediate::Branch(branch)) => self.unwound(waiting, self.locals + branch.height, branch.arity),
            (Op::If | Op::BrIf | Op::BrTable, _) => top_or(self.over_branch(waiting, instr)),
            (Op::Else, _) => Fate::Stacked,
            // The run ends here, but in the routines of tables, where the imports are instructions.
            (Op::Unreachable, _) => Fate::Dropped,
            (Op::Refused, _) if self.of != Of::Tables => Fate::Dropped,
            (Op::Refused, _) => Fate::Stacked,
            (Op::LocalSet | Op::LocalTee, Immediate::Local(local)) => top_or(unless(waiting.place == Place::Local(*local), Fate::Waits)),
            (Op::GlobalSet, Immediate::Global(global)) => top_or(unless(waiting.place == Place::Below(*global), Fate::Waits)),
            // The called function may change any global, and takes its arguments from the stack.
            (Op::Call, Immediate::Function(callee)) => {
                unless(is_global, taken_from(program.type_of(*callee).params.len() as u32, Fate::Stacked))
            }
            (Op::CallIndirect, Immediate::Indirect { ty, .. }) => {
                let arguments = program.types[*ty as usize].params.len() as u32;
                let called = unless(is_global, taken_from(arguments + 1, Fate::Stacked));
                if self.layout.prompted == Prompted::Functions { called } else { top_or(called) }
            }
            (op, _) => match above as usize {
                above if above >= op.row().pops.len() => Fate::Waits,
                // A later line needs the operands too.
                _ if op == Op::MemoryGrow || tables::routine(op).is_some() => Fate::Stacked,
                _ if FloatPath::of(op).is_some() || Float::of(op).is_some_and(Float::calls) => Fate::Stacked,
                // The address of a store is its operand top.
                above @ (0 | 1) => Fate::Taken(if op.row().writes == Writes::Memory { 1 - above } else { above }),
                2 if op == Op::Select => Fate::Taken(2),
                _ => Fate::Stacked,
            },
        }
    }

    /// What becomes of a waiting operand where the top `kept` operands are moved down to a height. A single
    /// operand can be moved from any slot.
    fn unwound(&self, waiting: Waiting, to: u32, kept: u32) -> Fate {
        let first = self.height - kept;
        match waiting.height {
            height if height < to => Fate::Stacked,
            height if height < first => Fate::Dropped,
            _ if kept == 1 && first != to => Fate::Taken(0),
            _ => Fate::Stacked,
        }
    }
}
