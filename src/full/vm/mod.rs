//! The reference VM of the full profile: WebAssembly in plain Rust, written to be easy to read.
//!
//! One stack holds the locals and operands of all calls in progress. The arguments of a call stay where they
//! are and become the callee's first locals. `execute` has one arm per instruction; [`numeric`] has the
//! instructions that only compute integers, [`float`] those on floats.

pub mod float;
mod memory;
pub mod numeric;
mod table;

use super::isa::{Op, Operand, Trap};
use super::program::limits::MAX_CALL_DEPTH;
use super::program::{Branch, Call, Immediate, Input, Program, Table, Value, input};
use super::trace::{Effect, End, State, Step};
use memory::Memory;

/// A call in progress.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// The function.
    function: u32,
    /// The pc where the caller continues.
    return_pc: u32,
    /// The index on the stack of the function's first local.
    base: usize,
}

/// A program being run.
#[derive(Clone, Debug)]
pub struct Vm<'p> {
    program: &'p Program,
    pc: u32,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    globals: Vec<Value>,
    memory: Option<Memory>,
    tables: Vec<Table>,
    segments: Vec<Vec<Value>>,
    input: input::Bytes<'p>,
    outputs: Vec<u8>,
    errors: Vec<u8>,
    requests: Vec<u8>,
    /// The calls still to be made; the next call is the last element.
    next: Vec<Call>,
    end: Option<End>,
}

impl<'p> Vm<'p> {
    /// The VM before the first step. The VM runs the program's start functions, then makes the calls in their
    /// order. `input` holds the bytes that `host.input` returns.
    pub fn new(program: &'p Program, calls: &[Call], input: impl Into<Input<'p>>) -> Vm<'p> {
        let mut vm = Vm {
            program,
            pc: 0,
            stack: Vec::new(),
            frames: Vec::new(),
            globals: program.globals.iter().map(|global| global.value).collect(),
            memory: program.memory.as_ref().map(Memory::new),
            tables: program.tables.clone(),
            segments: program.segments.clone(),
            input: input.into().bytes(),
            outputs: Vec::new(),
            errors: Vec::new(),
            requests: Vec::new(),
            next: calls.iter().rev().cloned().collect(),
            end: None,
        };
        vm.next.extend(program.starts.iter().rev().map(|start| Call::new(*start, &[])));
        vm.invoke_next();
        vm
    }

    /// How the run ended; `None` before the end.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The observable state, at any time.
    pub fn into_state(self) -> State {
        let memory = self.memory.map(Memory::into_bytes).unwrap_or_default();
        let dropped = self.segments.iter().zip(&self.program.segments).map(|(now, then)| now.len() < then.len()).collect();
        let tables = self.tables.into_iter().map(|table| table.places).collect();
        State { outputs: self.outputs, errors: self.errors, requests: self.requests, memory, globals: self.globals, tables, dropped }
    }

    /// The operands of the function in progress, bottom first.
    pub fn operands(&self) -> &[Value] {
        let Some(frame) = self.frames.last() else { return &self.stack };
        &self.stack[frame.base + self.program.functions[frame.function as usize].locals.len()..]
    }

    /// The pc of the next instruction; after the end, of the one after the last.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// The calls in progress, the outermost first: each function, with its locals and its operands.
    pub fn calls(&self) -> impl Iterator<Item = (u32, &[Value], &[Value])> {
        let ends = self.frames.iter().skip(1).map(|frame| frame.base).chain([self.stack.len()]);
        self.frames.iter().zip(ends).map(|(frame, end)| {
            let operands = frame.base + self.program.functions[frame.function as usize].locals.len();
            (frame.function, &self.stack[frame.base..operands], &self.stack[operands..end])
        })
    }

    /// Executes one instruction. Returns `None` after the run has ended.
    pub fn step(&mut self) -> Option<Step> {
        if self.end.is_some() {
            return None;
        }
        let pc = self.pc;
        self.pc += 1;
        let effect = self.execute(pc).unwrap_or_else(|trap| {
            self.end = Some(End::Trapped(trap));
            Effect::Nothing
        });
        debug_assert!(
            matches!(self.end, Some(End::Trapped(_))) || effect.writes() == self.program.code[pc as usize].op.row().writes,
            "the step at pc {pc} wrote {effect:?}"
        );
        Some(Step { pc, effect })
    }

    /// Executes the instruction at `pc`. `self.pc` is already the next pc; a jump changes it.
    fn execute(&mut self, pc: u32) -> Result<Effect, Trap> {
        let program = self.program;
        let instr = &program.code[pc as usize];
        match (instr.op, &instr.immediate) {
            (Op::Unreachable, _) => return Err(Trap::Unreachable),
            (Op::Nop, _) => {}
            (Op::If, Immediate::Branch(branch)) => {
                if self.pop_i32() == 0 {
                    self.branch(*branch);
                }
            }
            (Op::Br | Op::Else, Immediate::Branch(branch)) => self.branch(*branch),
            (Op::BrIf, Immediate::Branch(branch)) => {
                if self.pop_i32() != 0 {
                    self.branch(*branch);
                }
            }
            (Op::BrTable, Immediate::Branches(range)) => {
                let index = self.pop_u32();
                let default = range.end - 1;
                let chosen = range.start.saturating_add(index).min(default);
                self.branch(program.branches[chosen as usize]);
            }
            (Op::Return, _) => self.leave(),
            (Op::Call, Immediate::Function(function)) => self.call(*function)?,
            (Op::CallIndirect, Immediate::Indirect { ty, table }) => {
                let place = self.pop_u32();
                let function = self.tables[*table as usize].get(place)?.referred().ok_or(Trap::UninitializedElement)?;
                if program.functions[function as usize].ty != *ty {
                    return Err(Trap::IndirectCallType);
                }
                self.call(function)?;
            }
            (Op::RefNull | Op::RefFunc, immediate) if let Some(reference) = immediate.constant() => return Ok(self.push(reference)),
            (Op::RefIsNull, _) => {
                let is_null = self.pop().referred().is_none();
                return Ok(self.push(Value::I32(is_null.into())));
            }
            (Op::TableGet | Op::TableSet | Op::TableSize | Op::TableGrow | Op::TableFill, Immediate::Table(table)) => {
                return self.at_table(instr.op, *table);
            }
            (Op::TableCopy, Immediate::Tables { to, from }) => {
                let (length, source, target) = (self.pop_u32(), self.pop_u32(), self.pop_u32());
                let copied = self.tables[*from as usize].part(source, length)?.to_vec();
                self.tables[*to as usize].put(target, &copied)?;
            }
            (Op::TableInit, Immediate::Init { table, segment }) => {
                let (length, source, target) = (self.pop_u32(), self.pop_u32(), self.pop_u32());
                let copied = table::part(&self.segments[*segment as usize], source, length)?;
                self.tables[*table as usize].put(target, copied)?;
            }
            (Op::ElemDrop, Immediate::Element(segment)) => self.segments[*segment as usize].clear(),
            (Op::Drop, _) => drop(self.pop()),
            (Op::Select, _) => {
                let condition = self.pop_i32();
                let otherwise = self.pop();
                let value = self.pop();
                return Ok(self.push(if condition != 0 { value } else { otherwise }));
            }
            (Op::LocalGet, Immediate::Local(index)) => {
                let value = *self.local(*index);
                return Ok(self.push(value));
            }
            (Op::LocalSet, Immediate::Local(index)) => {
                let value = self.pop();
                *self.local(*index) = value;
                return Ok(Effect::Local(*index, value));
            }
            (Op::LocalTee, Immediate::Local(index)) => {
                let value = *self.top();
                *self.local(*index) = value;
                return Ok(Effect::Local(*index, value));
            }
            (Op::GlobalGet, Immediate::Global(index)) => return Ok(self.push(self.globals[*index as usize])),
            (Op::GlobalSet, Immediate::Global(index)) => {
                let value = self.pop();
                self.globals[*index as usize] = value;
                return Ok(Effect::Global(*index, value));
            }
            (Op::MemorySize, _) => {
                let pages = self.memory().pages();
                return Ok(self.push(Value::I32(pages as i32)));
            }
            (Op::MemoryGrow, _) => {
                let delta = self.pop_u32();
                let pages = self.memory().grow(delta);
                return Ok(self.push(Value::I32(pages.map_or(-1, |pages| pages as i32))));
            }
            (Op::I32Const | Op::I64Const | Op::F32Const | Op::F64Const, immediate) => {
                return Ok(self.push(immediate.constant().expect("a constant's immediate")));
            }
            (op, Immediate::Offset(offset)) => return self.access(op, *offset),
            (Op::Output, _) => {
                let byte = self.pop_u32() as u8;
                self.outputs.push(byte);
                return Ok(Effect::Output(byte));
            }
            (Op::Error, _) => {
                let byte = self.pop_u32() as u8;
                self.errors.push(byte);
                return Ok(Effect::Error(byte));
            }
            (op @ (Op::Input | Op::Poll), _) => {
                let answer = if op == Op::Poll { self.input.poll() } else { self.input.ask() };
                return Ok(self.push(Value::I32(answer.value())));
            }
            (Op::Send, _) => {
                let byte = self.pop_u32() as u8;
                self.requests.push(byte);
                self.input.send(byte);
                return Ok(Effect::Send(byte));
            }
            (Op::Receive, _) => {
                let answer = self.input.receive();
                return Ok(self.push(Value::I32(answer.value())));
            }
            (Op::Exit, _) => self.end = Some(End::Exited(self.pop_u32() as u8)),
            (Op::Refused, Immediate::Refused(what)) => self.end = Some(End::Refused(what.clone())),
            (op, _) => {
                let operands = self.stack.split_off(self.stack.len() - op.row().pops.len());
                return Ok(self.push(numeric::evaluate(op, &operands)?));
            }
        }
        Ok(Effect::Nothing)
    }

    /// A load at address top + `offset`, or a store at address second + `offset`. The sum does not wrap.
    fn access(&mut self, op: Op, offset: u32) -> Result<Effect, Trap> {
        let (row, width) = (op.row(), op.row().bytes);
        let [Operand::Is(loaded)] = *row.pushes else {
            let value = self.pop().bits();
            let address = u64::from(self.pop_u32()) + u64::from(offset);
            self.memory().store(address, width, value)?;
            return Ok(Effect::Memory { address: address as u32, width, value });
        };
        let address = u64::from(self.pop_u32()) + u64::from(offset);
        let bits = self.memory().load(address, width)?;
        Ok(self.push(Value::from_bits(loaded, row.extended(bits))))
    }

    /// Jumps. The operands that are taken along move down, in place of the operands that are dropped.
    fn branch(&mut self, Branch { target, arity, height }: Branch) {
        let locals = self.program.functions[self.frame().function as usize].locals.len();
        self.unwind(self.frame().base + locals + height as usize, arity as usize);
        self.pc = target;
    }

    /// Drops the values between a height of the stack and the `kept` values on top.
    fn unwind(&mut self, height: usize, kept: usize) {
        self.stack.drain(height..self.stack.len() - kept);
    }

    fn call(&mut self, function: u32) -> Result<(), Trap> {
        if self.frames.len() == MAX_CALL_DEPTH as usize && !self.program.functions[function as usize].passes_on {
            return Err(Trap::CallStackExhausted);
        }
        self.enter(function, self.pc);
        Ok(())
    }

    /// Begins a function. The arguments are on the stack already; the other locals are 0.
    fn enter(&mut self, function: u32, return_pc: u32) {
        let callee = &self.program.functions[function as usize];
        let parameters = self.program.type_of(function).params.len();
        self.frames.push(Frame { function, return_pc, base: self.stack.len() - parameters });
        self.stack.extend(callee.locals[parameters..].iter().map(|ty| Value::zero(*ty)));
        self.pc = callee.entry;
    }

    /// Ends a function. The results replace the function's frame.
    fn leave(&mut self) {
        let frame = *self.frame();
        self.unwind(frame.base, self.program.type_of(frame.function).results.len());
        self.frames.pop();
        self.pc = frame.return_pc;
        if self.frames.is_empty() {
            self.invoke_next();
        }
    }

    /// Makes the next call. After the last call, the stack holds the results of all calls.
    fn invoke_next(&mut self) {
        match self.next.pop() {
            Some(Call { function, arguments }) => {
                self.stack.extend(arguments);
                self.enter(function, 0);
            }
            None => self.end = Some(End::Returned(std::mem::take(&mut self.stack))),
        }
    }

    fn frame(&self) -> &Frame {
        self.frames.last().expect("a step is made in a function")
    }

    fn local(&mut self, index: u32) -> &mut Value {
        let place = self.frame().base + index as usize;
        &mut self.stack[place]
    }

    fn memory(&mut self) -> &mut Memory {
        self.memory.as_mut().expect("validation found the memory")
    }

    fn push(&mut self, value: Value) -> Effect {
        self.stack.push(value);
        Effect::Push(value)
    }

    fn top(&self) -> &Value {
        self.stack.last().expect("validation found the operand")
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect("validation found the operand")
    }

    fn pop_u32(&mut self) -> u32 {
        self.pop().bits() as u32
    }

    fn pop_i32(&mut self) -> i32 {
        self.pop_u32() as i32
    }
}
