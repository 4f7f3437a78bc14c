//! The reference stack VM: the specification of the byte profile in plain Rust, written for reading.
//!
//! Every value is a byte. `execute` has one arm per instruction.

mod filesystem;

use super::isa::Op;
use super::profile::{CELLS, MAX_ITERATIONS};
use super::program::{Files, Instr, Program};
use super::trace::{End, State, Step, Token};
use crate::byte::isa::Trap;
pub use filesystem::FileSystem;

/// A program that the VM runs.
#[derive(Clone, Debug)]
pub struct Vm<'p> {
    program: &'p Program,
    pc: usize,
    stack: Vec<u8>,
    locals: Vec<u8>,
    memory: Vec<u8>,
    outputs: Vec<u8>,
    files: FileSystem,
    /// For the pc of each `loop` marker, the number of iterations begun since the loop was last entered.
    iterations: Vec<u32>,
    /// Whether a branch began one iteration too many, so that the next instruction traps.
    exhausted: bool,
    end: Option<End>,
}

impl<'p> Vm<'p> {
    /// The VM before the first step. `files` has the files' contents at the start.
    pub fn new(program: &'p Program, files: &Files) -> Vm<'p> {
        Vm {
            program,
            pc: 0,
            stack: Vec::new(),
            locals: vec![0; program.locals()],
            memory: vec![0; CELLS],
            outputs: Vec::new(),
            files: FileSystem::new(files),
            iterations: vec![0; program.code().len()],
            exhausted: false,
            end: None,
        }
    }

    /// The end of the run; `None` before the run has ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The observable state. It can be taken at any time.
    pub fn into_state(self) -> State {
        State { outputs: self.outputs, memory: self.memory, locals: self.locals, files: self.files.into_contents() }
    }

    /// Executes one instruction, after passing the markers before it. Returns `None` if the run has ended.
    pub fn step(&mut self) -> Option<Step> {
        if self.end.is_some() {
            return None;
        }
        self.pass_markers();
        let pc = self.pc;
        let result = if self.exhausted { Err(Trap::LoopLimit) } else { self.execute(self.program.code()[pc]) };
        let token = result.unwrap_or_else(|trap| {
            self.end = Some(End::Trap(trap));
            Token::Trap
        });
        Some(Step { pc, token })
    }

    /// Moves to the next instruction that takes a step. A `loop` marker on the way starts a new entry into
    /// its loop.
    fn pass_markers(&mut self) {
        while self.program.code()[self.pc].op.is_marker() {
            self.iterations[self.pc] = 1;
            self.pc += 1;
        }
    }

    /// Executes `instr` and returns the token that the step reports.
    fn execute(&mut self, Instr { op, arg }: Instr) -> Result<Token, Trap> {
        let pc = self.pc;
        self.pc += 1;
        let byte = match op {
            Op::I32Const => self.push(arg),
            Op::I32Add => self.binary(u8::wrapping_add),
            Op::I32Sub => self.binary(u8::wrapping_sub),
            Op::I32Mul => self.binary(u8::wrapping_mul),
            Op::I32And => self.binary(|a, b| a & b),
            Op::I32Or => self.binary(|a, b| a | b),
            Op::I32Eq => self.binary(|a, b| u8::from(a == b)),
            Op::I32Ne => self.binary(|a, b| u8::from(a != b)),
            Op::I32LtS => self.binary(|a, b| u8::from(a < b)),
            Op::I32GtS => self.binary(|a, b| u8::from(a > b)),
            Op::I32LeS => self.binary(|a, b| u8::from(a <= b)),
            Op::I32GeS => self.binary(|a, b| u8::from(a >= b)),
            Op::I32Load => {
                let address = usize::from(self.pop()) + usize::from(arg);
                self.push(self.memory[address])
            }
            Op::I32Store => {
                let value = self.pop();
                let address = usize::from(self.pop()) + usize::from(arg);
                self.memory[address] = value;
                value
            }
            Op::LocalGet => self.push(self.locals[usize::from(arg)]),
            Op::LocalSet => {
                let value = self.pop();
                self.locals[usize::from(arg)] = value;
                value
            }
            Op::LocalTee => {
                let value = self.pop();
                self.locals[usize::from(arg)] = value;
                self.push(value)
            }
            Op::FdOpen => {
                let descriptor = self.pop();
                self.files.open(descriptor);
                self.push(descriptor)
            }
            Op::FdRead => {
                let descriptor = self.pop();
                let byte = self.files.read(descriptor)?;
                self.push(byte)
            }
            Op::FdWrite => {
                let descriptor = self.pop();
                let byte = self.pop();
                self.files.write(descriptor, byte)?;
                byte
            }
            Op::FdClose => {
                let descriptor = self.pop();
                self.files.close(descriptor);
                descriptor
            }
            Op::BrIf => {
                let condition = self.pop();
                if condition != 0 {
                    self.repeat(self.program.branch_target(pc));
                }
                condition
            }
            Op::Output => {
                let value = self.pop();
                self.outputs.push(value);
                value
            }
            Op::Halt => {
                self.end = Some(End::Halt);
                return Ok(Token::Halt);
            }
            Op::Loop | Op::EndLoop => unreachable!("markers are passed, not executed"),
        };
        Ok(Token::Byte(byte))
    }

    /// Begins another iteration of the loop whose marker is at `start`.
    fn repeat(&mut self, start: usize) {
        self.iterations[start] += 1;
        self.exhausted = self.iterations[start] > MAX_ITERATIONS;
        self.pc = start + 1;
    }

    fn binary(&mut self, operation: impl Fn(u8, u8) -> u8) -> u8 {
        let top = self.pop();
        let second = self.pop();
        self.push(operation(second, top))
    }

    fn push(&mut self, value: u8) -> u8 {
        self.stack.push(value);
        value
    }

    /// Pops an operand. Validation proved that there is one.
    fn pop(&mut self) -> u8 {
        self.stack.pop().expect("a program's operand stack never underflows")
    }
}
