//! The host of the byte machine: everything that the network does not compute, in one place.
//!
//! The host appends each emitted token. It supplies the positional encodings (pc, previous pc, file offsets,
//! fault), which repeat for each iteration of a loop body. It takes the branch of `br_if` according to the
//! emitted condition. It keeps the files' contents as rows for cross-attention, and the files' cursors. It
//! never reads a lane of the network and keeps no operand stack, locals or memory.

use std::array;

use thiserror::Error;

use super::lanes::positional;
use crate::byte::isa::Op;
use crate::byte::isa::Trap;
use crate::byte::profile::{FILE_CAPACITY, FILES, MAX_ITERATIONS, descriptor};
use crate::byte::program::{Files, Program};
use crate::byte::trace::{End, Step, Token};
use crate::transformer::{Config, Host, Next, Number, Row, Specialized, StoreRow};

/// Why a config does not belong to a byte machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The config names another machine, or has another vocabulary.
    #[error("these are the weights of machine {0:?}, not of the byte machine")]
    OtherMachine(String),
    /// The config lacks a lane that the host writes.
    #[error("the config does not name the lane {0:?}")]
    NoLane(String),
}

/// The indices of the lanes that the host writes.
#[derive(Clone, Debug)]
struct PositionalLanes {
    one: usize,
    index: usize,
    index_squared: usize,
    is_opcode: usize,
    is_operand: usize,
    pc: usize,
    previous_pc: usize,
    fault: usize,
    offsets: [usize; FILES],
}

impl PositionalLanes {
    fn find(config: &Config) -> Result<PositionalLanes, ConfigError> {
        if config.machine != super::NAME || config.tokens() != Token::COUNT {
            return Err(ConfigError::OtherMachine(config.machine.clone()));
        }
        let find = |name: &str| config.lane(name).ok_or_else(|| ConfigError::NoLane(name.to_string()));
        let [a, b, c, d] = positional::OFFSETS.map(find);
        Ok(PositionalLanes {
            one: find(positional::ONE)?,
            index: find(positional::INDEX)?,
            index_squared: find(positional::INDEX_SQUARED)?,
            is_opcode: find(positional::IS_OPCODE)?,
            is_operand: find(positional::IS_OPERAND)?,
            pc: find(positional::PC)?,
            previous_pc: find(positional::PREVIOUS_PC)?,
            fault: find(positional::FAULT)?,
            offsets: [a?, b?, c?, d?],
        })
    }
}

/// A program that a network runs, seen from outside the network.
#[derive(Clone, Debug)]
pub struct ByteHost<'p> {
    program: &'p Program,
    lanes: PositionalLanes,
    /// What the weights hold, if they hold the program.
    specialized: Option<Box<Specialized>>,
    pc: usize,
    previous_pc: Option<usize>,
    iterations: Vec<u32>,
    files: Files,
    cursors: [Option<usize>; FILES],
    outputs: Vec<u8>,
    /// The trap with which the step at pc must end.
    fault: Option<Trap>,
    end: Option<End>,
}

impl<'p> ByteHost<'p> {
    /// The host of a run of `program` by a model of this config.
    ///
    /// # Errors
    /// If the config does not belong to a byte machine: it has another vocabulary, or a positional lane is
    /// missing.
    pub fn new(program: &'p Program, files: &Files, config: &Config) -> Result<ByteHost<'p>, ConfigError> {
        let mut host = ByteHost {
            program,
            lanes: PositionalLanes::find(config)?,
            specialized: config.specialized.clone(),
            pc: 0,
            previous_pc: None,
            iterations: vec![0; program.code().len()],
            files: files.clone(),
            cursors: [None; FILES],
            outputs: Vec::new(),
            fault: None,
            end: None,
        };
        host.enter(0, None);
        Ok(host)
    }

    /// Checks that a model with this config can be run.
    ///
    /// # Errors
    /// The same as for [`ByteHost::new`].
    pub fn supports(config: &Config) -> Result<(), ConfigError> {
        PositionalLanes::find(config).map(drop)
    }

    /// The pc of the step in progress.
    pub fn pc(&self) -> usize {
        self.pc
    }

    /// The end of the run; `None` before the run has ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The outputs and the files' contents.
    pub fn into_outputs_and_files(self) -> (Vec<u8>, Files) {
        (self.outputs, self.files)
    }

    /// Takes the token of the step at pc. Returns the descriptor and offset of the write to a file's rows
    /// that follows from the token, if there is one. Sets `end` if the run ends.
    fn take(&mut self, token: Token) -> Option<(usize, usize)> {
        let byte = match (token, self.fault) {
            (Token::Trap, Some(trap)) => {
                self.end = Some(End::Trap(trap));
                return None;
            }
            (Token::Halt, None) => {
                self.end = Some(End::Halt);
                return None;
            }
            (Token::Byte(byte), None) => byte,
            _ => {
                self.end = Some(End::Lost);
                return None;
            }
        };
        let pc = self.pc;
        let mut written = None;
        let mut next = (pc + 1, None);
        match (self.program.code()[pc].op, descriptor(self.program, pc)) {
            (Op::Output, _) => self.outputs.push(byte),
            (Op::BrIf, _) if byte != 0 => {
                let start = self.program.branch_target(pc);
                self.iterations[start] += 1;
                let exhausted = self.iterations[start] > MAX_ITERATIONS;
                next = (start + 1, exhausted.then_some(Trap::LoopLimit));
            }
            (Op::FdOpen, Some(file)) => self.cursors[file] = Some(0),
            (Op::FdClose, Some(file)) => self.cursors[file] = None,
            (Op::FdRead, Some(file)) => {
                let length = self.files[file].len();
                self.cursors[file] = self.cursors[file].map(|cursor| (cursor + 1).min(length));
            }
            (Op::FdWrite, Some(file)) => {
                if let Some(cursor) = self.cursors[file] {
                    self.files[file].resize(self.files[file].len().max(cursor + 1), 0);
                    self.files[file][cursor] = byte;
                    self.cursors[file] = Some(cursor + 1);
                    written = Some((file, cursor));
                }
            }
            _ => {}
        }
        self.previous_pc = Some(pc);
        self.enter(next.0, next.1);
        written
    }

    /// Continues at `pc`, after the markers there. A `loop` marker among them starts a new entry into its
    /// loop. The fault of the next step is `exhausted`, or else follows from the state of the step's
    /// descriptor.
    fn enter(&mut self, mut pc: usize, exhausted: Option<Trap>) {
        let code = self.program.code();
        while let Some(marker) = code.get(pc).filter(|instr| instr.op.is_marker()) {
            if marker.op == Op::Loop {
                self.iterations[pc] = 1;
            }
            pc += 1;
        }
        let Some(instr) = code.get(pc) else {
            self.end = Some(End::Lost);
            return;
        };
        self.pc = pc;
        let cursor = descriptor(self.program, pc).and_then(|file| self.cursors[file]);
        self.fault = exhausted.or(match (instr.op, cursor) {
            (Op::FdRead | Op::FdWrite, None) => Some(Trap::ClosedDescriptor),
            (Op::FdWrite, Some(FILE_CAPACITY)) => Some(Trap::FileFull),
            _ => None,
        });
    }

    /// A row with its non-zero positional encodings.
    fn row<T: Number>(&self, token: Token, encodings: &[(usize, i64)]) -> Row<T> {
        let mut row = Row { token: 0, positional: Vec::with_capacity(1 + encodings.len()) };
        self.set_row(&mut row, token, encodings);
        row
    }

    fn set_row<T: Number>(&self, row: &mut Row<T>, token: Token, encodings: &[(usize, i64)]) {
        row.token = token.id();
        row.positional.clear();
        row.positional.push((self.lanes.one, T::from_integer(1)));
        for (lane, value) in encodings {
            if *value != 0 {
                row.positional.push((*lane, T::from_integer(*value)));
            }
        }
    }

    /// The encodings of a row that holds an instruction's token or a file's byte.
    fn index(&self, index: i64) -> [(usize, i64); 2] {
        [(self.lanes.index, index), (self.lanes.index_squared, index * index)]
    }

    /// The encodings of a row that executes nothing.
    fn idle(&self) -> [(usize, i64); 2] {
        [(self.lanes.pc, -1), (self.lanes.previous_pc, -1)]
    }

    /// The encodings of the row that executes the step at pc. The offset of a closed descriptor is encoded as
    /// that of the file's last row, whose byte is always 0.
    fn step(&self) -> [(usize, i64); 3 + FILES] {
        let lanes = &self.lanes;
        let previous = self.previous_pc.map_or(-1, |pc| pc as i64);
        let rest = [(lanes.pc, self.pc as i64), (lanes.previous_pc, previous), (lanes.fault, i64::from(self.fault.is_some()))];
        array::from_fn(|index| match index.checked_sub(rest.len()) {
            None => rest[index],
            Some(file) => (lanes.offsets[file], self.cursors[file].unwrap_or(FILE_CAPACITY) as i64),
        })
    }

    /// The rows of the start token and of two tokens per instruction. The last row already executes the first
    /// step. The start token is alone where the weights hold the program.
    fn prefix<T: Number>(&self) -> Vec<Row<T>> {
        if self.specialized.is_some() {
            return vec![self.row(Token::Start, &self.step())];
        }
        let start = (Token::Start, -1, true, true);
        let code = self.program.code().iter().enumerate().flat_map(|(pc, instr)| {
            let opcode = (Token::Byte(instr.op.row().opcode), pc as i64, true, false);
            [opcode, (Token::Byte(instr.arg), pc as i64, false, true)]
        });
        let last = 2 * self.program.code().len();
        let row = |(position, (token, index, is_opcode, is_operand))| {
            let marks = [(self.lanes.is_opcode, i64::from(is_opcode)), (self.lanes.is_operand, i64::from(is_operand))];
            let execution = if position == last { &self.step()[..] } else { &self.idle() };
            self.row(token, &[&self.index(index), &marks, execution].concat())
        };
        [start].into_iter().chain(code).enumerate().map(row).collect()
    }

    /// The row of a file's byte. Past the end of the file, the byte is 0.
    fn file_row<T: Number>(&self, file: usize, offset: usize) -> StoreRow<T> {
        let byte = self.files[file].get(offset).copied().unwrap_or(0);
        StoreRow { store: file, index: offset, row: self.row(Token::Byte(byte), &self.index(offset as i64)) }
    }
}

impl<T: Number> Host<T> for ByteHost<'_> {
    fn begin(&mut self) -> Next<T> {
        let rows = (0..FILES).flat_map(|file| (0..=FILE_CAPACITY).map(move |offset| (file, offset)));
        let held = self.specialized.iter().flat_map(|specialized| specialized.store_rows());
        let one = [(self.lanes.one, T::from_integer(1))];
        let held = held.map(|(store, index, token)| StoreRow { store, index, row: Row { token, positional: one.to_vec() } });
        Next { stores: rows.map(|(file, offset)| self.file_row(file, offset)).chain(held).collect(), rows: self.prefix() }
    }

    fn accept(&mut self, token: usize, given: &mut Next<T>) -> bool {
        let token = Token::from_id(token).unwrap_or(Token::Pad);
        let written = self.take(token);
        if self.end.is_some() {
            return false;
        }
        given.stores.clear();
        given.stores.extend(written.map(|(file, offset)| self.file_row(file, offset)));
        given.rows.truncate(1);
        match given.rows.first_mut() {
            Some(row) => self.set_row(row, token, &self.step()),
            None => given.rows.push(self.row(token, &self.step())),
        }
        true
    }
}

impl ByteHost<'_> {
    /// The step that reports this token at pc.
    pub fn as_step(&self, token: usize) -> Step {
        Step { pc: self.pc, token: Token::from_id(token).unwrap_or(Token::Pad) }
    }
}
