//! From the tokens of a run to its steps, its end, and its final state.
//!
//! A token gives the value written, and the listing gives the slot or address. So a decoder that follows the
//! pc and the frame knows the value of every slot and byte that the run wrote. The decoder returns nothing to
//! the network.

use std::collections::HashMap;

use super::host::answer;
use crate::full::isa::{self, Op, Operand, Trap, ValType, Writes};
use crate::full::listing::operation::Operation;
use crate::full::listing::token::{Event, Family, RADIX, Token};
use crate::full::listing::{Banked, Fetched, Layout, Line, Listing, Place};
use crate::full::program::limits::PAGE;
use crate::full::program::{Immediate, Input, Instr, Program, Value, input};
use crate::full::trace::{Effect, End, State, Step};

/// An instruction of the program being executed.
#[derive(Clone, Copy, Debug)]
struct Current {
    pc: u32,
    /// The number of slots below the instruction's frame, and the height before the instruction.
    frame: u64,
    height: u64,
    /// The pc of the instruction that puts the result into a local or global, if the same line does that.
    after: Option<u32>,
}

/// Reads a run, token by token.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    program: &'a Program,
    listing: &'a Listing,
    /// The types of the results of all calls.
    results: Vec<ValType>,
    input: input::Bytes<'a>,
    pc: u64,
    frame: u64,
    /// The value in progress.
    value: Option<u64>,
    /// Whether the high digit of a jump was the latest token.
    is_jumping: bool,
    slots: HashMap<u64, Value>,
    /// The words of the bank that are not 0, or were not, by address.
    bank: HashMap<u32, Value>,
    current: Option<Current>,
    /// The steps that the latest token completed.
    steps: Vec<Step>,
    state: State,
    end: Option<End>,
}

impl<'a> Decoder<'a> {
    /// A decoder at the beginning of a run of a listing.
    pub fn new(program: &'a Program, listing: &'a Listing, results: Vec<ValType>, input: impl Into<Input<'a>>) -> Decoder<'a> {
        let mut memory = Vec::new();
        if let Some(start) = &program.memory {
            memory.resize(start.pages as usize * PAGE as usize, 0);
            for (address, run) in &start.data {
                memory[*address as usize..][..run.len()].copy_from_slice(run);
            }
        }
        let globals = program.globals.iter().map(|global| global.value).collect();
        Decoder {
            program,
            listing,
            results,
            input: input.into().bytes(),
            pc: Listing::pc(0),
            frame: 0,
            value: None,
            is_jumping: false,
            slots: HashMap::new(),
            current: None,
            steps: Vec::new(),
            bank: listing.layout.words(program).collect(),
            state: State {
                outputs: Vec::new(),
                errors: Vec::new(),
                requests: Vec::new(),
                memory,
                globals,
                tables: Vec::new(),
                dropped: Vec::new(),
            },
            end: None,
        }
    }

    /// The pc of the program's instruction in progress, where there is one.
    pub fn pc(&self) -> Option<u32> {
        self.current.as_ref().map(|current| current.pc)
    }

    /// How the run ended; `None` before the end.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The state that the run has left so far.
    pub fn into_state(mut self) -> State {
        let Layout { tables, segments, .. } = &self.listing.layout;
        let length = |banked: Banked, at_start: usize| {
            let slot = self.slots.get(&self.slot_of(Place::Below(banked.slot)));
            slot.map_or(at_start, |length| length.bits() as usize)
        };
        let all = (0..).zip(&self.program.tables).map(|(index, table): (usize, _)| match tables.get(index).copied().flatten() {
            Some(banked) => {
                let addresses = (banked.base..).step_by(4).take(length(banked, table.places.len()));
                addresses.map(|address| self.bank.get(&address).copied().unwrap_or(Value::reference(None))).collect()
            }
            None => table.places.clone(),
        });
        let all: Vec<Vec<Value>> = all.collect();
        let segments = self.program.segments.iter().zip(segments);
        let dropped = segments.map(|(segment, banked)| banked.is_some_and(|banked| length(banked, segment.len()) < segment.len()));
        let dropped: Vec<bool> = dropped.collect();
        (self.state.tables, self.state.dropped) = (all, dropped);
        self.state
    }

    /// Takes the next token. Returns the steps that the token completes, and the steps of the following
    /// instructions without a line.
    pub fn take(&mut self, token: Token) -> &[Step] {
        self.steps.clear();
        self.follow(token);
        &self.steps
    }

    fn follow(&mut self, token: Token) {
        let Some(line) = self.listing.line(self.pc) else { return self.lose(format!("pc {} is not in the listing", self.pc)) };
        let number = u64::from(token.number);
        if !std::mem::take(&mut self.is_jumping) {
            self.compare(line, token);
        }
        match token.family {
            Family::Byte(place) | Family::Ones(place) => {
                let above = if place == 7 { 0 } else { u64::MAX << (8 * (place + 1)) };
                let start = if let Family::Ones(_) = token.family { above } else { 0 };
                let value = self.value.take().unwrap_or(start).wrapping_add(number << (8 * place));
                if place > 0 {
                    self.value = Some(value);
                    return;
                }
                self.write(line, value);
                self.arrive(self.pc + 1)
            }
            Family::Forward(0) => self.arrive(self.pc + number),
            Family::Back(0) => self.arrive(self.pc.wrapping_sub(number)),
            Family::Forward(_) => {
                self.is_jumping = true;
                self.in_between(self.pc + number * u64::from(RADIX), self.frame);
            }
            Family::Back(_) => {
                self.is_jumping = true;
                self.in_between(self.pc.wrapping_sub(number * u64::from(RADIX)), self.frame);
            }
            Family::Enter => self.in_between(self.pc, self.frame + number),
            Family::Leave => self.in_between(self.pc, self.frame.wrapping_sub(number)),
            Family::Output => {
                self.state.outputs.push(number as u8);
                self.arrive(self.pc + 1)
            }
            Family::Error => {
                self.state.errors.push(number as u8);
                self.arrive(self.pc + 1)
            }
            Family::Send => {
                self.input.send(number as u8);
                self.state.requests.push(number as u8);
                self.arrive(self.pc + 1)
            }
            Family::Exit => self.finish(End::Exited(number as u8)),
            Family::Event => match token.event() {
                Some(Event::Step) => {
                    if line.operation == Operation::BankStore {
                        self.store_in_bank(line);
                    }
                    self.arrive(self.pc + 1)
                }
                Some(event @ (Event::Ask | Event::Poll | Event::Receive)) => {
                    let answer = answer(event, &mut self.input);
                    self.follow(answer);
                }
                Some(Event::Halt) => {
                    let first = self.frame + 1 + u64::from(line.height) - self.results.len() as u64;
                    let value = |(slot, ty): (u64, &ValType)| Value::from_bits(*ty, self.slot(slot).bits());
                    self.finish(End::Returned((first..).zip(&self.results).map(value).collect()))
                }
                Some(Event::Trap(trap)) => self.trap(trap),
                Some(Event::Refused) => match self.instr().map(|instr| &instr.immediate) {
                    Some(Immediate::Refused(what)) => self.finish(End::Refused(what.clone())),
                    _ => self.lose(format!("{token} where nothing is refused")),
                },
                None => self.lose(format!("{token} is not an event")),
            },
            _ => self.lose(format!("{token} is only for listings")),
        }
    }

    fn lose(&mut self, what: String) {
        self.end = Some(End::Lost(what));
    }

    fn in_between(&mut self, pc: u64, frame: u64) {
        (self.pc, self.frame) = (pc, frame);
    }

    /// A step that traps has no effect.
    fn trap(&mut self, trap: Trap) {
        self.end = Some(End::Trapped(trap));
        let step = self.current.take().map(|current| Step { pc: current.pc, effect: Effect::Nothing });
        self.steps.extend(step);
    }

    fn finish(&mut self, end: End) {
        self.complete();
        self.end = Some(end);
    }

    /// Continues at a pc. If an instruction of the program begins there, the instruction before is complete.
    fn arrive(&mut self, pc: u64) {
        self.pc = pc;
        let Some(line) = self.listing.line(pc) else { return };
        if line.begins.is_none() && line.folded.before.is_empty() {
            return;
        }
        self.complete();
        line.folded.before.iter().for_each(|pc| self.pass(*pc));
        self.current =
            line.begins.map(|pc| Current { pc, frame: self.frame, height: u64::from(line.height - line.folded.added), after: None });
    }

    /// Makes the step of an instruction without a line. The value that it pushes is recorded in the slot that
    /// the operand stack has for the value. The sum of an address has no token: it is computed here.
    fn pass(&mut self, pc: u32) {
        let (Some(instr), Some(function)) = (self.program.code.get(pc as usize), self.program.function_at(pc)) else { return };
        let top = self.frame + self.program.functions[function as usize].locals.len() as u64 + u64::from(instr.height);
        let value = match Fetched::by(instr) {
            Some(Fetched::From(place)) => Some(self.slot(self.slot_of(place))),
            Some(Fetched::Constant(value)) => Some(value),
            // An address, which the line of an access to memory adds up.
            None if instr.op == Op::I32Add => {
                let [second, top] = [top - 1, top].map(|slot| self.slot(slot).bits() as u32);
                Some(Value::I32(second.wrapping_add(top) as i32))
            }
            None => None,
        };
        if let Some(value) = value {
            self.slots.insert(top + 1 - instr.op.row().pops.len() as u64, value);
        }
        self.steps.push(Step { pc, effect: value.map_or(Effect::Nothing, Effect::Push) });
    }

    fn instr(&self) -> Option<&'a Instr> {
        self.program.code.get(self.current.as_ref()?.pc as usize)
    }

    fn slot(&self, slot: u64) -> Value {
        self.slots.get(&slot).copied().unwrap_or(Value::I32(0))
    }

    /// The slot of a place in the current frame.
    fn slot_of(&self, place: Place) -> u64 {
        match place {
            Place::Local(index) => self.frame + 1 + u64::from(index),
            Place::Below(index) => 1 + u64::from(index),
        }
    }

    /// Writes a value to the slot that an instruction writes.
    fn write(&mut self, line: &Line, bits: u64) {
        let top = self.frame + u64::from(line.height);
        let above = top.saturating_add_signed(line.operation.delta());
        let global = matches!(line.operation, Operation::Wasm(op) if op.row().immediate == isa::Immediate::Global);
        let named = self.slot_of(if global { Place::Below(line.index.into()) } else { Place::Local(line.index.into()) });
        let (slot, source) = match line.operation.writes() {
            Writes::Local | Writes::Global => (named, line.folded.operands[0].map_or(top, |place| self.slot_of(place))),
            _ => (above, named),
        };
        let ty = match line.operation.value() {
            Operand::Is(ty) => ty,
            Operand::Named => self.slot(source).ty(),
            Operand::Any | Operand::Several => self.slot(above).ty(),
        };
        let value = Value::from_bits(ty, bits);
        self.slots.insert(slot, value);
        if let Some(place) = line.folded.result {
            self.slots.insert(self.slot_of(place), value);
        }
        if let Some(current) = &mut self.current {
            current.after = line.folded.after.or(current.after);
        }
    }

    /// Makes the step of a comparison whose line branches on it: the line's first token says whether the
    /// branch is taken. From then on, the branch is in progress. Its lines may overwrite the comparison's
    /// result.
    fn compare(&mut self, line: &Line, token: Token) {
        let branch = line.folded.after.and_then(|pc| Some((pc, self.program.code.get(pc as usize)?.op)));
        let Some((pc, op @ (Op::BrIf | Op::If))) = branch else { return };
        let operands = self.instr().map_or(0, |instr| instr.op.row().pops.len() as u64);
        let Some(current) = &mut self.current else { return };
        let is_taken = token.event() != Some(Event::Step);
        let result = Value::I32((is_taken == (op == Op::BrIf)).into());
        self.steps.push(Step { pc: current.pc, effect: Effect::Push(result) });
        (current.pc, current.height) = (pc, current.height + 1 - operands);
        let slot = current.frame + current.height;
        self.slots.insert(slot, result);
    }

    /// Stores a word in the bank.
    fn store_in_bank(&mut self, line: &Line) {
        let top = self.frame + u64::from(line.height);
        let [address, value, _] = line.folded.operands.map(|place| place.map(|place| self.slot_of(place)));
        let (address, value) = (self.slot(address.unwrap_or(top - 1)), self.slot(value.unwrap_or(top)));
        self.bank.insert(address.bits() as u32, value);
    }

    /// Completes the instruction in progress, and the instruction that was merged into its line.
    fn complete(&mut self) {
        let (Some(instr), Some(current)) = (self.instr(), self.current.take()) else { return };
        let effect = self.effect(instr, &current);
        self.steps.push(Step { pc: current.pc, effect });
        let after = current.after.and_then(|pc| Some((pc, self.program.code.get(pc as usize)?)));
        if let Some((pc, instr)) = after {
            let effect = self.effect(instr, &current);
            self.steps.push(Step { pc, effect });
        }
    }

    /// The effect of an instruction that is complete.
    fn effect(&mut self, instr: &Instr, current: &Current) -> Effect {
        let Current { frame, height, .. } = *current;
        let (row, top) = (instr.op.row(), frame + height);
        match (row.writes, &instr.immediate) {
            (Writes::Pushed, _) => {
                let value = self.slot(top + 1 - row.pops.len() as u64);
                if let (Op::MemoryGrow, Value::I32(0..)) = (row.op, value) {
                    self.grow(self.slot(top + 1).bits());
                }
                Effect::Push(value)
            }
            (Writes::Local, Immediate::Local(index)) => Effect::Local(*index, self.slot(frame + 1 + u64::from(*index))),
            (Writes::Global, Immediate::Global(index)) => {
                let value = self.slot(1 + u64::from(*index));
                self.state.globals[*index as usize] = value;
                Effect::Global(*index, value)
            }
            (Writes::Memory, Immediate::Offset(offset)) => {
                let address = self.slot(top - 1).bits() + u64::from(*offset);
                let value = self.slot(top).bits();
                self.store(address as usize, row.bytes as usize, value);
                Effect::Memory { address: address as u32, width: row.bytes, value }
            }
            (Writes::Table, Immediate::Table(table)) => {
                let (place, reference) = (self.slot(top - 1).bits() as u32, self.slot(top));
                Effect::Table { table: *table, place, reference }
            }
            (Writes::Output, _) => self.state.outputs.last().map_or(Effect::Nothing, |byte| Effect::Output(*byte)),
            (Writes::Request, _) => self.state.requests.last().map_or(Effect::Nothing, |byte| Effect::Send(*byte)),
            (Writes::Error, _) => self.state.errors.last().map_or(Effect::Nothing, |byte| Effect::Error(*byte)),
            _ => Effect::Nothing,
        }
    }

    fn grow(&mut self, pages: u64) {
        self.state.memory.resize(pages as usize * PAGE as usize, 0);
    }

    fn store(&mut self, address: usize, width: usize, value: u64) {
        if let Some(bytes) = self.state.memory.get_mut(address..address + width) {
            bytes.copy_from_slice(&value.to_le_bytes()[..width]);
        }
    }
}
