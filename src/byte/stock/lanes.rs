//! The lanes, and what each word puts into them.
//!
//! A number is in its bits, so that keys can be made of it; every lane is an integer. The lanes that end in
//! `_here` are about the instruction whose pc was told last.

use std::array;

use super::words::{HALT, Vocabulary, Word};
use crate::byte::isa::{Op, Reports, Row};
use crate::byte::machine::meaning::{Flag, meaning};
use crate::byte::program::Instr;
use crate::circuit::{Circuit, Form, Lane, ONE};

/// Bits of a pc, a height or a label.
pub const BITS: usize = 11;
/// Bits of a byte.
pub const BYTE: usize = 8;
/// Bits of an address.
pub const ADDRESS: usize = 9;
/// Bits of a file's offset.
pub const OFFSET: usize = 6;
/// Bits of a descriptor.
pub const FILE: usize = 2;
/// The flags of [`Flag::ALL`] that this machine uses: all but the last, the change of the depth.
const FLAGS: usize = Flag::ALL.len() - 1;

/// What an instruction means, as lanes.
#[derive(Clone, Debug)]
pub struct Meaning {
    flags: [Lane; FLAGS],
    /// The instruction is `loop`.
    pub enters: Lane,
    /// The instruction is `end_loop`.
    pub leaves: Lane,
    /// The slot that the instruction pushes into, counted down from the height before it: one lane for each
    /// count, 0 to 2.
    pub pushes: [Lane; 3],
}

impl Meaning {
    fn declare(circuit: &mut Circuit, of: &str) -> Meaning {
        let flags = array::from_fn(|index| circuit.lane(format!("{}{of}", Flag::ALL[index].1), "the instruction switches this on"));
        let mut lane = |name: String, meaning: &str| circuit.lane(name + of, meaning);
        Meaning {
            flags,
            enters: lane("loop".into(), "the instruction enters a loop"),
            leaves: lane("end_loop".into(), "the instruction is the end of a loop's body"),
            pushes: array::from_fn(|pops| lane(format!("pushes_{pops}"), "the instruction pushes, after popping so many")),
        }
    }

    /// The lane of a flag.
    pub fn flag(&self, flag: Flag) -> Lane {
        self.flags[Flag::ALL.iter().position(|(known, _)| *known == flag).expect("a flag that this machine uses")]
    }

    /// The sum of some flags.
    pub fn any<const N: usize>(&self, flags: [Flag; N]) -> Form {
        flags.into_iter().map(|flag| self.flag(flag).into()).sum()
    }

    /// The instruction uses a file.
    pub fn uses_file(&self) -> Form {
        self.any([Flag::FdOpen, Flag::FdRead, Flag::FdWrite, Flag::FdClose])
    }

    /// All lanes.
    pub fn all(&self) -> Vec<Lane> {
        self.flags.iter().copied().chain([self.enters, self.leaves]).chain(self.pushes).collect()
    }

    fn of(&self, row: &Row) -> Form {
        let flags = meaning(row.op).iter().map(|(flag, weight)| self.flag(*flag) * *weight).sum::<Form>();
        let pushes = if row.reports == Reports::Pushed { self.pushes[row.pops].into() } else { Form::default() };
        let marker = match row.op {
            Op::Loop => self.enters.into(),
            Op::EndLoop => self.leaves.into(),
            _ => Form::default(),
        };
        flags + pushes + marker
    }
}

/// Which kind of word a row is: one lane each.
#[derive(Clone, Debug)]
pub struct Kinds {
    pub begin: Lane,
    pub pc: Lane,
    pub byte: Lane,
    pub address: Lane,
    pub count: Lane,
    pub offset: Lane,
    pub instr: Lane,
    pub height: Lane,
    pub label: Lane,
    pub place: Lane,
    pub content: Lane,
    /// The word ends a run.
    pub last: Lane,
}

/// The named lanes.
#[derive(Clone, Debug)]
pub struct Lanes {
    pub is: Kinds,
    /// The word's number.
    pub bits: [Lane; BITS],
    /// For a pc or a height: the number less 1.
    pub below: [Lane; BITS],
    /// For a height: the number less 2.
    pub below_two: [Lane; BITS],
    /// The meaning of an instruction, in its own row.
    pub own: Meaning,

    /// The latest pc.
    pub pc: [Lane; BITS],
    /// The pc before the latest pc.
    pub pc_before: [Lane; BITS],
    /// The latest address, or place in a file: offset, then file.
    pub place: [Lane; ADDRESS],

    /// The meaning of the instruction at the latest pc.
    pub here: Meaning,
    pub immediate: [Lane; BYTE],
    /// The immediate of the instruction before, which says the descriptor of an instruction that uses a file.
    pub descriptor: [Lane; FILE],
    pub height: [Lane; BITS],
    /// The slot of the top of the stack.
    pub top_slot: [Lane; BITS],
    /// The slot below the top.
    pub second_slot: [Lane; BITS],
    pub label: [Lane; BITS],
    /// The slot that the row's byte was pushed into, as a key.
    pub slot_key: [Lane; BITS],
    /// The row's byte is in a slot, a local or a memory cell; the row is a byte that takes a branch.
    pub is_slot: Lane,
    pub is_local: Lane,
    pub is_cell: Lane,
    pub branches: Lane,

    pub top: [Lane; BYTE],
    pub second: [Lane; BYTE],
    pub cursor: [Lane; OFFSET],
    /// The place in a file that the row's byte is at, as a key.
    pub content_key: [Lane; OFFSET + FILE],
    /// The byte to report, before it is taken mod 256.
    pub result: Lane,
    /// The number of any other word to come.
    pub next: Lane,
    /// What the next word is, if it is not a byte.
    pub to_pc: Lane,
    pub to_address: Lane,
    pub to_count: Lane,
    pub to_offset: Lane,
    pub to_halt: Lane,
    pub to_traps: [Lane; 3],

    pub content: Lane,
    pub has_content: Lane,
    pub local: Lane,
    pub cell: Lane,
    pub count: Lane,
    /// How often 256 goes into the result.
    pub wraps: Lane,
}

fn bits<const N: usize>(circuit: &mut Circuit, name: &str, meaning: &str) -> [Lane; N] {
    array::from_fn(|bit| circuit.lane(format!("{name}.{bit}"), format!("bit {bit} of {meaning}")))
}

impl Lanes {
    /// Declares the lanes and embeds all words.
    pub fn declare(circuit: &mut Circuit, vocabulary: &Vocabulary) -> Lanes {
        let one = circuit.lane("one", "1 in every row");
        debug_assert_eq!(one, ONE);
        let lanes = Lanes::named(circuit);
        for id in 0..Word::count() {
            let form = vocabulary.word(id).map_or(Form::default(), |word| lanes.embedding(word));
            circuit.embed(id, form + ONE);
        }
        lanes
    }

    fn named(c: &mut Circuit) -> Lanes {
        let mut is = |name: &str| c.lane(format!("is_{name}"), format!("the kind of the row is {name}"));
        let is = Kinds {
            begin: is("begin"),
            pc: is("pc"),
            byte: is("byte"),
            address: is("address"),
            count: is("count"),
            offset: is("offset"),
            instr: is("instruction"),
            height: is("height"),
            label: is("label"),
            place: is("place"),
            content: is("content"),
            last: is("last"),
        };
        Lanes {
            is,
            bits: bits(c, "number", "the word's number"),
            below: bits(c, "number_below", "the word's number less 1"),
            below_two: bits(c, "number_two_below", "the word's number less 2"),
            own: Meaning::declare(c, ""),
            pc: bits(c, "pc", "the latest pc"),
            pc_before: bits(c, "pc_before", "the pc before the latest pc"),
            place: bits(c, "place", "the latest address, or place in a file"),
            here: Meaning::declare(c, "_here"),
            immediate: bits(c, "immediate_here", "the immediate at the latest pc"),
            descriptor: bits(c, "descriptor_here", "the immediate before the latest pc"),
            height: bits(c, "height_here", "the height at the latest pc"),
            top_slot: bits(c, "top_slot", "the height at the latest pc less 1"),
            second_slot: bits(c, "second_slot", "the height at the latest pc less 2"),
            label: bits(c, "label_here", "the label at the latest pc"),
            slot_key: bits(c, "slot_key", "the slot that the instruction pushes into, as 1 or -1"),
            is_slot: c.lane("is_slot", "the row's byte was pushed"),
            is_local: c.lane("is_local", "the row's byte was written to a local"),
            is_cell: c.lane("is_cell", "the row's byte was written to memory"),
            branches: c.lane("branches", "the row's byte takes a branch"),
            top: bits(c, "top", "the top of the stack"),
            second: bits(c, "second", "the value below the top"),
            cursor: bits(c, "cursor", "the file's offset"),
            content_key: bits(c, "content_key", "the place of the row's byte in a file, as 1 or -1"),
            result: c.lane("result", "the byte to report, before it is taken mod 256"),
            next: c.lane("next", "the number of the next word, if it is not a byte"),
            to_pc: c.lane("to_pc", "the next word is a pc"),
            to_address: c.lane("to_address", "the next word is an address"),
            to_count: c.lane("to_count", "the next word is a count"),
            to_offset: c.lane("to_offset", "the next word is an offset"),
            to_halt: c.lane("to_halt", "the next word is halt"),
            to_traps: array::from_fn(|trap| c.lane(format!("to_trap.{trap}"), "the next word is this trap")),
            content: c.lane("content", "the byte at the file's offset"),
            has_content: c.lane("has_content", "there is a byte at the file's offset"),
            local: c.lane("local", "the value of the local"),
            cell: c.lane("cell", "the value of the memory cell"),
            count: c.lane("count", "the number of iterations of the loop"),
            wraps: c.lane("wraps", "how often 256 goes into the result"),
        }
    }

    /// The lanes of a word.
    fn embedding(&self, word: Word) -> Form {
        let number = |kind: Lane, number: usize| kind + binary(&self.bits, number);
        let last = if word == HALT || matches!(word, Word::Trap(_)) { self.is.last.into() } else { Form::default() };
        let is = &self.is;
        last + match word {
            Word::Begin => is.begin.into(),
            Word::End | Word::Trap(_) => Form::default(),
            Word::Pc(pc) => number(is.pc, pc.into()) + binary(&self.below, usize::from(pc).saturating_sub(1)),
            Word::Byte(byte) => number(is.byte, byte.into()),
            Word::Address(address) => number(is.address, address.into()),
            Word::Count(count) => number(is.count, count.into()),
            Word::Offset(offset) => number(is.offset, offset.into()),
            Word::Instr(Instr { op, arg }) => number(is.instr, arg.into()) + self.own.of(op.row()),
            Word::Height(height) => {
                let height = usize::from(height);
                let below = binary(&self.below, height.saturating_sub(1)) + binary(&self.below_two, height.saturating_sub(2));
                number(is.height, height) + below
            }
            Word::Label(pc) => number(is.label, pc.into()),
            Word::Place(file, offset) => number(is.place, usize::from(file) << OFFSET | usize::from(offset)),
            Word::Content(byte) => number(is.content, byte.into()),
        }
    }
}

/// The form that sets the bits of a number.
fn binary(lanes: &[Lane], number: usize) -> Form {
    lanes.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1).map(|(_, lane)| (*lane).into()).sum()
}

/// The number that bits are of.
pub fn number(bits: &[Lane]) -> Form {
    bits.iter().enumerate().map(|(bit, lane)| *lane * (1 << bit)).sum()
}
