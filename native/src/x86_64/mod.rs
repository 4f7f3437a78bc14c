//! Machine code for x86-64, of processors that have AVX and FMA.
//!
//! A function gets `numbers` in RDI, `inputs` in RSI, `outputs` in RDX and its constants in RCX, by the
//! System V convention. Besides, it uses RAX and R8 and the XMM registers, which it need not keep. Every
//! address is one of the four registers, or the start of a row in RAX, plus 32 bits. In a search it is RCX
//! plus 32 bits plus RAX, which is below the length of a table.

pub(super) mod encoding;
mod registers;

use std::collections::HashMap;

use encoding::{
    ADD, ADD_PRODUCT, AND, BLEND, Base, Bytes, COMPARE, COMPARE_MASK, COPY, GREATER_OR_EQUAL, Instruction, LOAD, MAXIMUM, MULTIPLY, NARROW,
    Operand, SCALE_AND_ADD, STORE, STORE_NARROW, SUBTRACT, TRUNCATE, WIDEN, XOR,
};
use registers::{REGISTERS, Registers};

use super::{Op, Piece, Row, Sum};

/// Number of pieces up to which masks are faster than a search.
const FEW_PIECES: usize = 4;

/// Registers that have no number.
const TERM: u8 = REGISTERS as u8;
const MASK: u8 = TERM + 1;
const ZERO: u8 = MASK + 1;

/// Distance of one row's start from the next one's.
const SIZE_OF_ROW: u32 = size_of::<Row<'_, f64>>() as u32;

/// The register RAX, as it is encoded.
const RAX: u8 = 0;

/// Number of bytes that a processor fetches at once: functions begin where it does.
const FETCHED: usize = 32;
/// `int3`, between functions.
const BREAKPOINT: u8 = 0xcc;

/// Functions as bytes, and the numbers that they refer to.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub bytes: Vec<u8>,
    /// The start of each function in the bytes.
    pub starts: Vec<usize>,
    pub constants: Vec<f64>,
}

/// Whether the processor has all instructions that are used.
pub(super) fn is_known() -> bool {
    std::arch::is_x86_feature_detected!("avx") && std::arch::is_x86_feature_detected!("fma")
}

pub(super) struct Assembler {
    code: Bytes,
    starts: Vec<usize>,
    constants: Vec<f64>,
    /// The places of constants, by their bits.
    known: HashMap<u64, u32>,
    is_narrow: bool,
}

impl Assembler {
    /// An assembler of functions whose inputs and outputs are `f32` if they are narrow, else `f64`.
    pub fn new(is_narrow: bool) -> Assembler {
        Assembler { code: Bytes::default(), starts: Vec::new(), constants: Vec::new(), known: HashMap::new(), is_narrow }
    }

    /// A planted fault: the second instruction stands for the first.
    #[cfg(test)]
    pub fn with_fault(mut self, fault: [Instruction; 2]) -> Assembler {
        self.code.fault = Some(fault);
        self
    }

    /// Assembles functions. The numbers that are not kept need not be in `numbers` after a function.
    pub fn functions<'f>(mut self, functions: impl Iterator<Item = &'f [Op]>, is_kept: &'f dyn Fn(u16) -> bool) -> Assembled {
        for ops in functions {
            self.code.bytes.resize(self.code.bytes.len().next_multiple_of(FETCHED), BREAKPOINT);
            self.starts.push(self.code.bytes.len());
            self.code.instruction(XOR, ZERO, ZERO, Operand::Register(ZERO));
            let mut function = Function { assembler: &mut self, registers: Registers::new(ops, is_kept), is_kept, row: None };
            ops.iter().enumerate().for_each(|(at, op)| function.op(at, op));
            // ret
            self.code.push(&[0xc3]);
        }
        // A mask is joined with a constant and what is behind it.
        self.constants.push(0.0);
        Assembled { bytes: self.code.bytes, starts: self.starts, constants: self.constants }
    }

    fn constant(&mut self, number: f64) -> Operand {
        let constants = &mut self.constants;
        let place = *self.known.entry(number.to_bits()).or_insert_with(|| {
            constants.push(number);
            constants.len() as u32 - 1
        });
        Operand::Memory(Base::Constants, place * 8)
    }
}

/// A function that is assembled.
struct Function<'a, 'f> {
    assembler: &'a mut Assembler,
    registers: Registers<'f>,
    is_kept: &'f dyn Fn(u16) -> bool,
    /// The row whose start is in RAX.
    row: Option<u16>,
}

/// Where a sum is.
#[derive(Clone, Copy)]
enum Place {
    /// In a register that may be changed.
    Own(u8),
    /// In the register or in the memory of a number.
    Of(Operand),
}

impl Function<'_, '_> {
    fn op(&mut self, at: usize, op: &Op) {
        self.registers.begin(at);
        let (to, register) = match op {
            Op::Sum { to, sum } => {
                let place = self.sum(sum);
                (to, self.register(place))
            }
            Op::Positive { to, sum } => {
                let operand = self.sum(sum).operand();
                let register = self.take();
                self.write(MAXIMUM, register, ZERO, operand);
                (to, register)
            }
            Op::Product { to, factor, sum } => {
                let place = self.sum(sum);
                let register = self.own(place);
                // The zero is added, so that a product with zero is not a negative zero.
                let factor = self.number(*factor);
                self.write(SCALE_AND_ADD, register, ZERO, factor);
                (to, register)
            }
            Op::Pieces { to, sum, pieces } => {
                let place = self.sum(sum);
                let x = self.register(place);
                let register = self.take();
                if pieces.len() <= FEW_PIECES {
                    self.select(pieces, x, register);
                } else {
                    self.search(pieces, x, register);
                }
                (to, register)
            }
            Op::Input { to, row, from } => {
                let register = self.take();
                self.begin_row(*row);
                if self.assembler.is_narrow {
                    self.write(WIDEN, register, ZERO, Operand::Memory(Base::Row, u32::from(*from) * 4));
                } else {
                    self.write(LOAD, register, 0, Operand::Memory(Base::Row, u32::from(*from) * 8));
                }
                (to, register)
            }
            Op::Integer { to, sum } => {
                match sum.as_immediate() {
                    // mov qword [rdi + number], constant
                    Some(constant) => {
                        self.assembler.code.push(&[0x48, 0xc7, 0x87]);
                        self.assembler.code.push(&(u32::from(*to) * 8).to_le_bytes());
                        self.assembler.code.push(&constant.to_le_bytes());
                    }
                    None => {
                        let operand = self.sum(sum).operand();
                        self.row = None;
                        self.write(TRUNCATE, RAX, 0, operand);
                        // mov [rdi + number], rax
                        self.assembler.code.push(&[0x48, 0x89, 0x87]);
                        self.assembler.code.push(&(u32::from(*to) * 8).to_le_bytes());
                    }
                }
                return;
            }
            Op::Output { to, sum } => {
                let place = self.sum(sum);
                let register = self.register(place);
                if self.assembler.is_narrow {
                    self.write(NARROW, TERM, ZERO, Operand::Register(register));
                    self.write(STORE_NARROW, TERM, 0, Operand::Memory(Base::Outputs, u32::from(*to) * 4));
                } else {
                    self.write(STORE, register, 0, Operand::Memory(Base::Outputs, u32::from(*to) * 8));
                }
                return;
            }
        };
        if (self.is_kept)(*to) {
            self.store(*to, register);
        }
        // A sum of one term is in that term's register.
        let must_move = self.registers.is_read_later(*to) && self.registers.is_lent(register, *to);
        self.registers.end_reading();
        let register = if must_move { self.own(Place::Of(Operand::Register(register))) } else { register };
        self.registers.end(*to, register);
    }

    fn write(&mut self, instruction: Instruction, register: u8, first: u8, operand: Operand) {
        self.assembler.code.instruction(instruction, register, first, operand);
    }

    fn take(&mut self) -> u8 {
        let (register, spilled) = self.registers.take();
        spilled.iter().for_each(|number| self.store(*number, register));
        register
    }

    fn store(&mut self, number: u16, register: u8) {
        self.write(STORE, register, 0, in_memory(number));
    }

    /// A number, in a register or in memory.
    fn number(&self, number: u16) -> Operand {
        self.registers.of(number).map_or(in_memory(number), Operand::Register)
    }

    /// A register with what is at a place.
    fn register(&mut self, place: Place) -> u8 {
        match place {
            Place::Own(register) | Place::Of(Operand::Register(register)) => register,
            Place::Of(_) => self.own(place),
        }
    }

    /// A register of its own with what is at a place.
    fn own(&mut self, place: Place) -> u8 {
        match place {
            Place::Own(register) => register,
            Place::Of(operand) => {
                let register = self.take();
                let instruction = if let Operand::Register(_) = operand { COPY } else { LOAD };
                self.write(instruction, register, 0, operand);
                register
            }
        }
    }

    /// Loads the start of a row.
    fn begin_row(&mut self, row: u16) {
        if self.row.replace(row) != Some(row) {
            // mov rax, [rsi + row]
            self.assembler.code.push(&[0x48, 0x8b, 0x86]);
            self.assembler.code.push(&(u32::from(row) * SIZE_OF_ROW).to_le_bytes());
        }
    }

    fn sum(&mut self, Sum { constant, terms }: &Sum) -> Place {
        let [mut added, mut subtracted] = [1.0, -1.0].map(|unit| {
            let terms = terms.iter().filter(|(_, weight)| *weight == unit);
            terms.map(|(index, _)| self.number(*index)).collect::<Vec<Operand>>()
        });
        let scaled: Vec<(Operand, f64)> =
            terms.iter().filter(|(_, weight)| weight.abs() != 1.0).map(|(index, weight)| (self.number(*index), *weight)).collect();
        if *constant != 0.0 {
            added.push(self.assembler.constant(*constant));
        }
        if let ([place], [], []) = (&added[..], &subtracted[..], &scaled[..]) {
            return Place::Of(*place);
        }
        let in_register = added.iter().position(|operand| matches!(operand, Operand::Register(_)));
        let first = in_register.or((!added.is_empty()).then_some(0)).map(|first| added.swap_remove(first));
        let register = match first.unwrap_or(Operand::Register(ZERO)) {
            Operand::Register(first) if !added.is_empty() || !subtracted.is_empty() => {
                let register = self.take();
                match added.pop() {
                    Some(second) => self.write(ADD, register, first, second),
                    None => subtracted.pop().iter().for_each(|second| self.write(SUBTRACT, register, first, *second)),
                }
                register
            }
            first => self.own(Place::Of(first)),
        };
        added.iter().for_each(|operand| self.write(ADD, register, register, *operand));
        subtracted.iter().for_each(|operand| self.write(SUBTRACT, register, register, *operand));
        for (operand, weight) in scaled {
            let weight = self.assembler.constant(weight);
            let factor = match operand {
                Operand::Register(factor) => factor,
                _ => {
                    self.write(LOAD, TERM, 0, operand);
                    TERM
                }
            };
            self.write(ADD_PRODUCT, register, factor, weight);
        }
        Place::Own(register)
    }

    /// The last piece that begins at x or below, by masks: one piece after the other replaces the result.
    /// Without branches, since which piece it is can seldom be foretold.
    fn select(&mut self, pieces: &[Piece], x: u8, to: u8) {
        if pieces.is_empty() {
            self.write(COPY, to, 0, Operand::Register(ZERO));
        }
        let mut before = 0.0;
        let are_steps = pieces.iter().all(|piece| piece.slope == 0.0);
        for (index, Piece { from, slope, height }) in pieces.iter().enumerate() {
            let from = self.assembler.constant(*from);
            self.write(COMPARE_MASK, MASK, x, from);
            self.assembler.code.push(&[GREATER_OR_EQUAL]);
            if are_steps {
                // What a step adds.
                let step = self.assembler.constant(*height - std::mem::replace(&mut before, *height));
                let register = if index == 0 { to } else { MASK };
                self.write(AND, register, MASK, step);
                if index > 0 {
                    self.write(ADD, to, to, Operand::Register(MASK));
                }
                continue;
            }
            let line = self.line(*slope, *height, x);
            if index == 0 {
                self.write(AND, to, MASK, Operand::Register(line));
            } else {
                self.write(BLEND, to, to, Operand::Register(line));
                self.assembler.code.push(&[MASK << 4]);
            }
        }
    }

    /// A register with `slope · x + height`.
    fn line(&mut self, slope: f64, height: f64, x: u8) -> u8 {
        match (slope, height) {
            (1.0, 0.0) => return x,
            (0.0, 0.0) => return ZERO,
            (1.0, _) => {
                let height = self.assembler.constant(height);
                self.write(ADD, TERM, x, height);
            }
            _ => {
                let height = self.assembler.constant(height);
                self.write(LOAD, TERM, 0, height);
                if slope != 0.0 {
                    let slope = self.assembler.constant(slope);
                    self.write(ADD_PRODUCT, TERM, x, slope);
                }
            }
        }
        TERM
    }

    /// The last piece that begins at x or below, by binary search: RAX is the distance of a piece from the
    /// first one of the table.
    fn search(&mut self, pieces: &[Piece], x: u8, to: u8) {
        let below = Piece { from: f64::NEG_INFINITY, slope: 0.0, height: 0.0 };
        let mut table = vec![below];
        table.extend_from_slice(pieces);
        let size = table.len().next_power_of_two();
        table.resize(size, Piece { from: f64::INFINITY, ..below });
        let [from, slope, height] = [|piece: &Piece| piece.from, |piece: &Piece| piece.slope, |piece: &Piece| piece.height].map(|of| {
            let constants = &mut self.assembler.constants;
            constants.extend(table.iter().map(of));
            (constants.len() - size) as u32 * 8
        });
        self.row = None;
        // xor eax, eax
        self.assembler.code.push(&[0x31, 0xc0]);
        let mut step = size as u32 / 2;
        while step > 0 {
            self.write(COMPARE, x, 0, Operand::Indexed(from + step * 8));
            // lea r8, [rax + step * 8]
            self.assembler.code.push(&[0x4c, 0x8d, 0x80]);
            self.assembler.code.push(&(step * 8).to_le_bytes());
            // cmovae rax, r8
            self.assembler.code.push(&[0x49, 0x0f, 0x43, 0xc0]);
            step /= 2;
        }
        self.write(MULTIPLY, to, x, Operand::Indexed(slope));
        self.write(ADD, to, to, Operand::Indexed(height));
    }
}

impl Sum {
    /// The sum, if it is a constant of 32 bits.
    fn as_immediate(&self) -> Option<i32> {
        let constant = self.constant as i32;
        (self.terms.is_empty() && f64::from(constant) == self.constant).then_some(constant)
    }
}

impl Place {
    fn operand(self) -> Operand {
        match self {
            Place::Own(register) => Operand::Register(register),
            Place::Of(operand) => operand,
        }
    }
}

fn in_memory(number: u16) -> Operand {
    Operand::Memory(Base::Numbers, u32::from(number) * 8)
}
