//! Machine code for x86-64, of instructions that every such processor has (SSE2).
//!
//! A function gets `numbers` in RDI, `inputs` in RSI, `outputs` in RDX and its constants in RCX, by the
//! System V convention. XMM7 is zero throughout. No other registers are used but XMM0 to XMM3, RAX and R8,
//! which a function need not keep. Every address is one of the four registers plus 32 bits, and in a search
//! plus RAX, which is below the length of a table.

use std::collections::HashMap;

use super::{Op, Piece, Sum};

/// Functions as bytes, and the numbers that they refer to.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub bytes: Vec<u8>,
    /// The start of each function in the bytes.
    pub starts: Vec<usize>,
    pub constants: Vec<f64>,
}

/// The register that an address counts from, as it is encoded.
#[derive(Clone, Copy)]
enum Base {
    Constants = 1,
    Outputs = 2,
    Inputs = 6,
    Numbers = 7,
}

/// A number in memory.
#[derive(Clone, Copy)]
struct At(Base, u32);

/// Prefix and opcode of an instruction.
pub(super) type Opcode = [u8; 3];

const MOVE: Opcode = [0xf2, 0x0f, 0x10];
const STORE: Opcode = [0xf2, 0x0f, 0x11];
pub(super) const ADD: Opcode = [0xf2, 0x0f, 0x58];
pub(super) const MULTIPLY: Opcode = [0xf2, 0x0f, 0x59];
pub(super) const SUBTRACT: Opcode = [0xf2, 0x0f, 0x5c];
#[cfg(test)]
pub(super) const MINIMUM: Opcode = [0xf2, 0x0f, 0x5d];
pub(super) const MAXIMUM: Opcode = [0xf2, 0x0f, 0x5f];
/// It sets the carry flag if the register is less than the number in memory.
const COMPARE: Opcode = [0x66, 0x0f, 0x2e];
const STORE_NARROW: Opcode = [0xf3, 0x0f, 0x11];
/// `f32` to `f64`, and back.
const WIDEN: Opcode = [0xf3, 0x0f, 0x5a];
const NARROW: Opcode = [0xf2, 0x0f, 0x5a];

/// Between registers of 128 bits.
const COPY: Opcode = [0x66, 0x0f, 0x28];
pub(super) const AND: Opcode = [0x66, 0x0f, 0x54];
/// The second operand where the first one has zeros.
pub(super) const AND_NOT: Opcode = [0x66, 0x0f, 0x55];
pub(super) const OR: Opcode = [0x66, 0x0f, 0x56];
/// A comparison that gives a mask; which one, is said by one more byte.
const COMPARE_MASK: Opcode = [0xf2, 0x0f, 0xc2];
const LESS_OR_EQUAL: u8 = 2;

/// Number of pieces up to which masks are faster than a search.
const FEW_PIECES: usize = 4;

/// The registers by what they have.
const RESULT: u8 = 0;
const TERM: u8 = 1;
const MASK: u8 = 2;
const SELECTED: u8 = 3;
const ZERO: u8 = 7;

/// Assembles functions. Inputs and outputs are `f32` if they are narrow, else `f64`.
pub(super) fn assemble(functions: &[Vec<Op>], is_narrow: bool) -> Assembled {
    Assembler::new(is_narrow).functions(functions)
}

pub(super) struct Assembler {
    assembled: Assembled,
    /// The places of constants, by their bits.
    known: HashMap<u64, u32>,
    is_narrow: bool,
    /// A planted fault: the second instruction stands for the first.
    #[cfg(test)]
    pub fault: Option<[Opcode; 2]>,
}

impl Assembler {
    pub fn new(is_narrow: bool) -> Assembler {
        Assembler {
            assembled: Assembled::default(),
            known: HashMap::new(),
            is_narrow,
            #[cfg(test)]
            fault: None,
        }
    }

    pub fn functions(mut self, functions: &[Vec<Op>]) -> Assembled {
        for function in functions {
            self.assembled.starts.push(self.assembled.bytes.len());
            // xorps xmm7, xmm7
            self.bytes(&[0x0f, 0x57, 0xff]);
            function.iter().for_each(|op| self.op(op));
            // ret
            self.bytes(&[0xc3]);
        }
        self.assembled
    }

    fn opcode(&mut self, opcode: Opcode) {
        #[cfg(test)]
        let opcode = match self.fault {
            Some([of, other]) if of == opcode => other,
            _ => opcode,
        };
        self.bytes(&opcode);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.assembled.bytes.extend_from_slice(bytes);
    }

    /// An instruction between a register and memory.
    fn memory(&mut self, opcode: Opcode, register: u8, At(base, offset): At) {
        self.opcode(opcode);
        // Mode 10: base and 32 bits.
        self.bytes(&[0b10 << 6 | register << 3 | base as u8]);
        self.bytes(&offset.to_le_bytes());
    }

    /// An instruction between two registers.
    fn registers(&mut self, opcode: Opcode, to: u8, from: u8) {
        self.opcode(opcode);
        self.bytes(&[0b11 << 6 | to << 3 | from]);
    }

    fn constant(&mut self, number: f64) -> At {
        let constants = &mut self.assembled.constants;
        let place = *self.known.entry(number.to_bits()).or_insert_with(|| {
            constants.push(number);
            constants.len() as u32 - 1
        });
        At(Base::Constants, place * 8)
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Sum { to, sum } => {
                self.sum(sum);
                self.memory(STORE, RESULT, number(*to));
            }
            Op::Positive { to, sum } => {
                self.sum(sum);
                // Of two zeros, and of what is no number, the second operand.
                self.registers(MAXIMUM, RESULT, ZERO);
                self.memory(STORE, RESULT, number(*to));
            }
            Op::Product { to, factor, sum } => {
                self.sum(sum);
                self.memory(MULTIPLY, RESULT, number(*factor));
                self.registers(ADD, RESULT, ZERO);
                self.memory(STORE, RESULT, number(*to));
            }
            Op::Pieces { to, sum, pieces } => {
                self.sum(sum);
                self.pieces(pieces);
                self.memory(STORE, RESULT, number(*to));
            }
            Op::Input { to, from } => {
                let (opcode, size) = if self.is_narrow { (WIDEN, 4) } else { (MOVE, 8) };
                self.memory(opcode, RESULT, At(Base::Inputs, u32::from(*from) * size));
                self.memory(STORE, RESULT, number(*to));
            }
            Op::Output { to, sum } => {
                self.sum(sum);
                let (opcode, size) = if self.is_narrow { (STORE_NARROW, 4) } else { (STORE, 8) };
                if self.is_narrow {
                    self.registers(NARROW, RESULT, RESULT);
                }
                self.memory(opcode, RESULT, At(Base::Outputs, u32::from(*to) * size));
            }
        }
    }

    /// A sum, in XMM0. It begins with what cannot be a negative zero.
    fn sum(&mut self, Sum { constant, terms }: &Sum) {
        let first = terms.iter().position(|(_, weight)| *weight == 1.0).filter(|_| *constant == 0.0);
        match first {
            Some(first) => self.memory(MOVE, RESULT, number(terms[first].0)),
            None if *constant == 0.0 => self.registers(COPY, RESULT, ZERO),
            None => {
                let constant = self.constant(*constant);
                self.memory(MOVE, RESULT, constant);
            }
        }
        for (at, (index, weight)) in terms.iter().enumerate() {
            match *weight {
                _ if Some(at) == first => {}
                1.0 => self.memory(ADD, RESULT, number(*index)),
                -1.0 => self.memory(SUBTRACT, RESULT, number(*index)),
                weight => {
                    let weight = self.constant(weight);
                    self.memory(MOVE, TERM, weight);
                    self.memory(MULTIPLY, TERM, number(*index));
                    self.registers(ADD, RESULT, TERM);
                }
            }
        }
    }

    /// A function in pieces of XMM0, in XMM0. Without branches, since which piece it is can seldom be
    /// foretold.
    fn pieces(&mut self, pieces: &[Piece]) {
        if pieces.len() <= FEW_PIECES {
            self.select(pieces);
        } else {
            self.search(pieces);
        }
        // A line may give a negative zero.
        self.registers(ADD, RESULT, ZERO);
    }

    /// The last piece that begins at XMM0 or below, by masks: one piece after the other replaces the result.
    fn select(&mut self, pieces: &[Piece]) {
        self.registers(COPY, SELECTED, ZERO);
        for Piece { from, slope, height } in pieces {
            let from = self.constant(*from);
            self.memory(MOVE, MASK, from);
            self.registers(COMPARE_MASK, MASK, RESULT);
            self.bytes(&[LESS_OR_EQUAL]);
            let height_at = self.constant(*height);
            match (*slope == 0.0, *height == 0.0) {
                (true, true) => self.registers(COPY, TERM, ZERO),
                (true, false) => self.memory(MOVE, TERM, height_at),
                (false, _) => {
                    let slope = self.constant(*slope);
                    self.memory(MOVE, TERM, slope);
                    self.registers(MULTIPLY, TERM, RESULT);
                    self.memory(ADD, TERM, height_at);
                }
            }
            self.registers(AND, TERM, MASK);
            self.registers(AND_NOT, MASK, SELECTED);
            self.registers(OR, MASK, TERM);
            self.registers(COPY, SELECTED, MASK);
        }
        self.registers(COPY, RESULT, SELECTED);
    }

    /// The last piece that begins at XMM0 or below, by binary search: RAX is the distance of a piece from the
    /// first one of the table.
    fn search(&mut self, pieces: &[Piece]) {
        let below = Piece { from: f64::NEG_INFINITY, slope: 0.0, height: 0.0 };
        let mut table = vec![below];
        table.extend_from_slice(pieces);
        let size = table.len().next_power_of_two();
        table.resize(size, Piece { from: f64::INFINITY, ..below });
        let [from, slope, height] = [|piece: &Piece| piece.from, |piece: &Piece| piece.slope, |piece: &Piece| piece.height].map(|of| {
            let constants = &mut self.assembled.constants;
            constants.extend(table.iter().map(of));
            (constants.len() - size) as u32 * 8
        });
        // xor eax, eax
        self.bytes(&[0x31, 0xc0]);
        let mut step = size as u32 / 2;
        while step > 0 {
            self.indexed(COMPARE, from + step * 8);
            // lea r8, [rax + step * 8]
            self.bytes(&[0x4c, 0x8d, 0x80]);
            self.bytes(&(step * 8).to_le_bytes());
            // cmovae rax, r8
            self.bytes(&[0x49, 0x0f, 0x43, 0xc0]);
            step /= 2;
        }
        self.indexed(MULTIPLY, slope);
        self.indexed(ADD, height);
    }

    /// An instruction between XMM0 and the constant at an offset plus RAX.
    fn indexed(&mut self, opcode: Opcode, offset: u32) {
        self.opcode(opcode);
        // Mode 10 with an index: RCX plus RAX plus 32 bits.
        self.bytes(&[0b10 << 6 | RESULT << 3 | 0b100, 0x01]);
        self.bytes(&offset.to_le_bytes());
    }
}

fn number(index: u16) -> At {
    At(Base::Numbers, u32::from(index) * 8)
}
