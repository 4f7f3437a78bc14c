//! Listings: a program in the machine's own instructions, and the tokens that begin a run of it.
//!
//! A prompt holds, in this order: marks for values that a run has not written yet, the memory's length and
//! contents, the table, two instructions that do nothing, and the program's instructions. The immediates of
//! an instruction precede it.

mod division;
pub mod features;
mod float_path;
mod floats;
mod fuse;
mod hot;
mod indirect;
mod layout;
mod lines;
mod long_division;
pub mod lower;
mod meaning;
pub mod operation;
mod routines;
pub mod size;
mod tables;
pub mod token;
mod unset;
mod waiting;

use std::ops::{Deref, DerefMut};

use super::isa::{Op, Writes};
use super::program::limits::MAX_TABLE;
use super::program::{Immediate, Instr, Memory, Program, Value};
pub(in crate::full) use layout::Banked;
pub use layout::Layout;
use operation::Operation;
use size::Size;
use token::{Family, Mark, RADIX, SHIFT_ZERO, Shifted, Token};

/// Upper bound (exclusive) of the pcs of a listing: the length of a jump has at most two digits.
pub const MAX_LISTING: u64 = (RADIX as u64).pow(2);
/// Limit of the sum of a listing's immediates, separately for their lower and upper 32 bits: running sums of
/// the immediates must stay exact.
pub const MAX_IMMEDIATES: u64 = 1 << 50;
/// The pc of the first instruction: pcs begin at 1, and two instructions must precede it.
pub const FIRST_PC: i64 = 3;
/// Maximum number of instructions of a listing: every pc must be below [`MAX_LISTING`].
pub const MAX_LINES: usize = MAX_LISTING as usize - 16;

/// An instruction of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the instruction does.
    pub operation: Operation,
    /// The immediate: a constant, an offset, a pc, or the number of targets.
    pub immediate: u64,
    /// The second immediate: the index of a local or global, a number of arguments, or a type.
    pub index: u16,
    /// The height of the stack before the instruction, locals included.
    pub height: u32,
    /// The pc of the program's instruction that begins here.
    pub begins: Option<u32>,
    /// Instructions of the program that this line does as well.
    pub folded: AlsoDone,
}

/// Instructions of the program that the fused form merges into one instruction of the machine. In the plain
/// form nothing is merged, and the operands are on the stack but for those of a few lines on floats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The pcs of the instructions before this line that do not have a line of their own.
    pub before: Vec<u32>,
    /// The slots of the operands top, second and third, where they are not on the operand stack. An access to
    /// memory has a third one only as an addend of its address.
    pub operands: [Option<Place>; 3],
    /// The local or global that receives the result, instead of the operand stack.
    pub result: Option<Place>,
    /// The pc of the program's instruction after this line's own that sets that local or global, or that
    /// branches on the comparison.
    pub after: Option<u32>,
    /// The number of operands that the line's height counts and the program's instruction does not have.
    pub added: u32,
}

/// The [`Folded`] of a line. Most lines have an empty one, for which nothing is allocated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlsoDone(Option<Box<Folded>>);

/// The [`Folded`] of a line that does nothing else.
static NOTHING: Folded = Folded { before: Vec::new(), operands: [None; 3], result: None, after: None, added: 0 };

impl From<Folded> for AlsoDone {
    fn from(folded: Folded) -> AlsoDone {
        AlsoDone((folded != NOTHING).then(|| Box::new(folded)))
    }
}

impl Deref for AlsoDone {
    type Target = Folded;

    fn deref(&self) -> &Folded {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for AlsoDone {
    fn deref_mut(&mut self) -> &mut Folded {
        self.0.get_or_insert_default()
    }
}

/// A slot that is not on the operand stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The slot of a local.
    Local(u32),
    /// A slot below all frames: that of a global or of a constant.
    Below(u32),
}

/// The value pushed by an instruction that only fetches a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The value in a slot.
    From(Place),
    /// The instruction's immediate.
    Constant(Value),
}

impl Fetched {
    /// The value that this instruction fetches; `None` if the instruction does anything else.
    pub fn by(instr: &Instr) -> Option<Fetched> {
        match (instr.op.row().writes, &instr.immediate) {
            (Writes::Pushed, Immediate::Local(index)) => Some(Fetched::From(Place::Local(*index))),
            (Writes::Pushed, Immediate::Global(index)) => Some(Fetched::From(Place::Below(*index))),
            (_, immediate) => immediate.constant().map(Fetched::Constant),
        }
    }
}

/// A program ready to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The instructions; the first has the pc `FIRST_PC`.
    pub lines: Vec<Line>,
    /// Where the program's tables are.
    pub layout: Layout,
}

/// Why a program cannot be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Too many instructions.
    #[error("the program needs at least {lines} instructions of the machine; a listing holds at most {MAX_LINES}")]
    TooLong {
        /// A lower bound of the number of instructions: beyond the limit counting soon ends.
        lines: usize,
    },
    /// Constants too large to be added up exactly.
    #[error("the program's constants and offsets add up to more than 2^50")]
    Immediates,
    /// A number of arguments, or an index, that does not fit the second immediate.
    #[error("at pc {pc}, index {index} is beyond the machine's limit of {}", u16::MAX)]
    Index {
        /// The pc of the program's instruction.
        pc: u32,
        /// The index.
        index: u32,
    },
    /// Tables, element segments or functions that do not fit beside the program's memory, globals and types.
    #[error("the program's tables do not fit: they take a place of memory beyond its data, and their lengths take globals")]
    Tables,
    /// A type of a function in the table, or of an indirect call, whose index does not fit the second
    /// immediate.
    #[error("type {index} is beyond the machine's limit of {}", u16::MAX - 1)]
    Type {
        /// The index of the type.
        index: u32,
    },
}

impl Line {
    /// The slot offsets of operands and a result that are not in their usual slots on the operand stack, and
    /// whether they are in slots below all frames. The offset of the result counts from the height before the
    /// next line, because the result is written there by default.
    pub(in crate::full) fn shifts(&self, next_height: u32) -> impl Iterator<Item = (Shifted, bool, i64)> {
        let height = i64::from(self.height);
        // For a store, operand top is the address, which lies below the value on the stack.
        let stored = i64::from(self.operation.writes() == Writes::Memory);
        let operands = [(Shifted::Top, height - stored), (Shifted::Second, height - 1 + stored), (Shifted::Third, height - 2)];
        let operands = operands.into_iter().zip(self.folded.operands);
        let offset = |place: Place, from: i64| {
            let (Place::Local(index) | Place::Below(index)) = place;
            (matches!(place, Place::Below(_)), i64::from(index) + 1 - from)
        };
        let operands = operands.filter_map(move |((what, on_stack), place)| {
            let (is_below, slots) = offset(place?, on_stack);
            Some((what, is_below, slots))
        });
        let next_height = i64::from(next_height);
        let on_stack = (self.operation.writes() == Writes::Pushed).then_some((false, height + self.operation.delta() - next_height));
        let result = self.folded.result.map(|place| offset(place, next_height)).or(on_stack);
        operands.chain(result.map(|(is_below, slots)| (Shifted::Result, is_below, slots)))
    }

    /// Whether the line accesses memory at the sum of two operands.
    pub fn adds(&self) -> bool {
        let accesses = matches!(self.operation, Operation::Wasm(op) if op.row().accesses());
        self.folded.operands[2].is_some() && (accesses || matches!(self.operation, Operation::StoreLow | Operation::StoreHigh))
    }

    /// The tokens of [`Line::shifts`].
    fn folded_tokens(&self, next_height: u32) -> impl Iterator<Item = Token> {
        let adds = self.adds().then(|| Mark::Adds.token());
        self.shifts(next_height)
            .flat_map(|(what, is_below, slots)| is_below.then(|| Mark::Below(what).token()).into_iter().chain(shift(what, slots)))
            .chain(adds)
    }
}

/// The digits of a shift that are not 0.
fn shift(what: Shifted, slots: i64) -> impl Iterator<Item = Token> {
    let (low, high) = (slots.rem_euclid(256), slots.div_euclid(256));
    let high = (high != 0).then(|| Family::Shift(what, 1).token((high + i64::from(SHIFT_ZERO)) as u16));
    (low != 0).then(|| Family::Shift(what, 0).token(low as u16)).into_iter().chain(high)
}

impl Listing {
    /// Checks the limits that every listing must keep.
    ///
    /// # Errors
    /// Where a limit is exceeded.
    pub fn check(&self) -> Result<(), ListingError> {
        if self.lines.len() > MAX_LINES {
            return Err(ListingError::TooLong { lines: self.lines.len() });
        }
        let half = |shift: u32| self.lines.iter().map(|line| u128::from(line.immediate >> shift & 0xffff_ffff)).sum::<u128>();
        // The running sums include the pcs in the table.
        if half(0).max(half(32)) + u128::from(u64::from(MAX_TABLE) * MAX_LISTING) > u128::from(MAX_IMMEDIATES) {
            return Err(ListingError::Immediates);
        }
        Ok(())
    }

    /// The line of a pc.
    pub fn line(&self, pc: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(pc.checked_sub(FIRST_PC as u64)?).ok()?)
    }

    /// The pc of a line.
    pub fn pc(line: usize) -> u64 {
        line as u64 + FIRST_PC as u64
    }

    /// The tokens that begin a run. `entry_of` gives a function's pc.
    pub fn tokens(&self, program: &Program, entry_of: impl Fn(u32) -> u64) -> Vec<Token> {
        let mut tokens = Vec::new();
        self.each_token(program, entry_of, |token| tokens.push(token));
        tokens
    }

    /// The number of the tokens that begin a run.
    pub fn size(&self, program: &Program, entry_of: impl Fn(u32) -> u64) -> Size {
        let mut size = Size::default();
        self.each_token(program, entry_of, |token| size.count(token));
        size
    }

    fn each_token(&self, program: &Program, entry_of: impl Fn(u32) -> u64, mut take: impl FnMut(Token)) {
        (1..8).rev().for_each(|place| take(Mark::Place(place).token()));
        [Mark::Zero.token(), Mark::AllOnes.token()].into_iter().for_each(&mut take);
        let (pages, max_pages) = program.memory.as_ref().map_or((0, 0), |memory| (memory.pages, memory.max_pages));
        [Family::Pages.token(pages as u16), Family::MaxPages.token(max_pages as u16)].into_iter().for_each(&mut take);
        let next = program.memory.as_ref().map_or(0, |memory| data(memory, &mut take));
        bank(self.layout.words(program), next, &mut take);
        take(Mark::Element.token());
        for element in self.layout.prompted(program) {
            if let Some(function) = element {
                digits(entry_of(function), Family::Immediate).for_each(&mut take);
                digits(u64::from(program.functions[function as usize].ty) + 1, Family::Index).for_each(&mut take);
            }
            take(Mark::Element.token());
        }
        let folded = AlsoDone::default();
        let nothing = Line { operation: Operation::Wasm(Op::Nop), immediate: 0, index: 0, height: 0, begins: None, folded };
        let mut height = 0;
        let mut lines = [&nothing, &nothing].into_iter().chain(&self.lines).peekable();
        while let Some(line) = lines.next() {
            digits(line.immediate, Family::Immediate).for_each(&mut take);
            digits(line.index.into(), Family::Index).for_each(&mut take);
            line.folded_tokens(lines.peek().map_or(0, |next| next.height)).for_each(&mut take);
            let correction = i64::from(line.height) - height;
            let family = if correction > 0 { Family::Raise } else { Family::Lower };
            let mut left = correction.unsigned_abs();
            while left > 0 {
                let part = left.min(u64::from(RADIX) - 1);
                take(family.token(part as u16));
                left -= part;
            }
            take(line.operation.token());
            height = i64::from(line.height) + line.operation.delta();
        }
        take(Mark::Go.token());
    }
}

/// The bytes of a number that are not 0, as tokens of the families of their places.
fn digits(number: u64, family: impl Fn(u8) -> Family) -> impl Iterator<Item = Token> {
    number
        .to_le_bytes()
        .into_iter()
        .enumerate()
        .filter(|(_, byte)| *byte != 0)
        .map(move |(place, byte)| family(place as u8).token(byte.into()))
}

/// The contents of a memory. Zeros are left out: memory that is not written reads as 0. Returns the address
/// after the last byte.
fn data(memory: &Memory, take: &mut impl FnMut(Token)) -> u64 {
    let mut next = 0;
    for (start, run) in &memory.data {
        for (address, byte) in (u64::from(*start)..).zip(run).filter(|(_, byte)| **byte != 0) {
            digits(address - next, Family::Ahead).for_each(&mut *take);
            take(Family::Data((address % 4) as u8).token((*byte).into()));
            next = address + 1;
        }
    }
    next
}

/// The contents of the bank. The key of a byte is 1 more than that of the byte of memory at the same address,
/// in the same family, so that it is the key of no byte of memory.
fn bank(words: impl Iterator<Item = (u32, Value)>, mut next: u64, take: &mut impl FnMut(Token)) {
    for (address, value) in words {
        for (address, byte) in (u64::from(address)..).zip(value.bits().to_le_bytes()).filter(|(_, byte)| *byte != 0) {
            digits(address + 1 - next, Family::Ahead).for_each(&mut *take);
            take(Family::Data((address % 4) as u8).token(byte.into()));
            next = address + 2;
        }
    }
}
