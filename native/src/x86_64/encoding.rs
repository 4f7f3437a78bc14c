//! How instructions are written: with the prefix VEX, which names a first operand beside the others.

/// An instruction: its code, and what its prefix says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    code: u8,
    map: Map,
    prefix: Prefix,
    is_wide: bool,
}

/// The table that a code is of, as it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Map {
    Of0F = 1,
    Of0F38 = 2,
    Of0F3A = 3,
}

/// What was a prefix of its own before VEX, as it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Of66 = 1,
    OfF3 = 2,
    OfF2 = 3,
}

const fn of_0f(prefix: Prefix, code: u8) -> Instruction {
    Instruction { code, map: Map::Of0F, prefix, is_wide: false }
}

pub(crate) const LOAD: Instruction = of_0f(Prefix::OfF2, 0x10);
pub(crate) const STORE: Instruction = of_0f(Prefix::OfF2, 0x11);
pub(crate) const STORE_NARROW: Instruction = of_0f(Prefix::OfF3, 0x11);
/// To a register for addresses, as an `i64`.
pub(crate) const TRUNCATE: Instruction = Instruction { code: 0x2c, map: Map::Of0F, prefix: Prefix::OfF2, is_wide: true };
pub(crate) const COPY: Instruction = of_0f(Prefix::Of66, 0x28);
/// It sets the carry flag if the first operand is less than the second.
pub(crate) const COMPARE: Instruction = of_0f(Prefix::Of66, 0x2e);
pub(crate) const AND: Instruction = of_0f(Prefix::Of66, 0x54);
pub(crate) const XOR: Instruction = of_0f(Prefix::Of66, 0x57);
pub(crate) const ADD: Instruction = of_0f(Prefix::OfF2, 0x58);
pub(crate) const MULTIPLY: Instruction = of_0f(Prefix::OfF2, 0x59);
/// `f32` to `f64`, and back. The first operand gives the upper half of the result.
pub(crate) const WIDEN: Instruction = of_0f(Prefix::OfF3, 0x5a);
pub(crate) const NARROW: Instruction = of_0f(Prefix::OfF2, 0x5a);
pub(crate) const SUBTRACT: Instruction = of_0f(Prefix::OfF2, 0x5c);
#[cfg(test)]
pub(crate) const MINIMUM: Instruction = of_0f(Prefix::OfF2, 0x5d);
/// It has one more byte, as a blend has.
#[cfg(test)]
pub(crate) const ROUND: Instruction = Instruction { code: 0x0b, map: Map::Of0F3A, prefix: Prefix::Of66, is_wide: false };
/// Of two zeros, the second operand.
pub(crate) const MAXIMUM: Instruction = of_0f(Prefix::OfF2, 0x5f);
/// A comparison that gives a mask. Which one, is said by one more byte.
pub(crate) const COMPARE_MASK: Instruction = of_0f(Prefix::OfF2, 0xc2);
pub(crate) const GREATER_OR_EQUAL: u8 = 0x0d;
/// The second operand where a mask has ones, else the first. The mask's register is in one more byte.
pub(crate) const BLEND: Instruction = Instruction { code: 0x4b, map: Map::Of0F3A, prefix: Prefix::Of66, is_wide: false };

const fn fused(code: u8) -> Instruction {
    Instruction { code, map: Map::Of0F38, prefix: Prefix::Of66, is_wide: true }
}

/// The register times the second operand, plus the first.
pub(crate) const SCALE_AND_ADD: Instruction = fused(0x99);
/// The product of the operands, plus the register.
pub(crate) const ADD_PRODUCT: Instruction = fused(0xb9);

/// The register that an address counts from, as it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Row = 0,
    Constants = 1,
    Outputs = 2,
    Numbers = 7,
}

/// The last operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(u8),
    /// What is so many bytes after a base.
    Memory(Base, u32),
    /// What is so many bytes plus RAX after the constants.
    Indexed(u32),
}

/// Machine code that grows.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    pub bytes: Vec<u8>,
    /// A planted fault: the second instruction stands for the first.
    #[cfg(test)]
    pub fault: Option<[Instruction; 2]>,
}

impl Bytes {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes an instruction with three operands. Where it has two, `first` is 0.
    pub fn instruction(&mut self, instruction: Instruction, register: u8, first: u8, operand: Operand) {
        #[cfg(test)]
        let instruction = match self.fault {
            Some([of, other]) if of == instruction => other,
            _ => instruction,
        };
        let Instruction { code, map, prefix, is_wide } = instruction;
        // Bits of registers above 7 are written inverted, and so is the whole first operand.
        let low = |register: u8| u8::from(register < 8) << 7;
        let last = (!first & 0b1111) << 3 | prefix as u8;
        match operand {
            Operand::Register(8..) => self.push(&[0xc4, low(register) | 1 << 6 | map as u8, u8::from(is_wide) << 7 | last]),
            _ if map == Map::Of0F && !is_wide => self.push(&[0xc5, low(register) | last]),
            _ => self.push(&[0xc4, low(register) | 0b11 << 5 | map as u8, u8::from(is_wide) << 7 | last]),
        }
        let register = (register & 7) << 3;
        match operand {
            Operand::Register(operand) => self.push(&[code, 0b11 << 6 | register | operand & 7]),
            Operand::Memory(base, offset) => match i8::try_from(offset) {
                // Mode 1: base and 8 bits. Mode 2: base and 32 bits.
                Ok(offset) => self.push(&[code, 0b01 << 6 | register | base as u8, offset as u8]),
                Err(_) => {
                    self.push(&[code, 0b10 << 6 | register | base as u8]);
                    self.push(&offset.to_le_bytes());
                }
            },
            Operand::Indexed(offset) => {
                // Mode 2 with an index: RCX plus RAX plus 32 bits.
                self.push(&[code, 0b10 << 6 | register | 0b100, 0x01]);
                self.push(&offset.to_le_bytes());
            }
        }
    }
}
