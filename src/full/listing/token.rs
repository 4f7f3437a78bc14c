//! The vocabulary: tokens that the network emits, and tokens that occur only in the listing before a run.
//!
//! A token is a family and a number within the family. The emitted tokens of a step together describe
//! everything that the step does:
//!
//! | family | meaning of a token |
//! | --- | --- |
//! | `V{m}` | byte m of a value; the highest bytes may be left out, byte 0 ends the value |
//! | `X{m}` | the first byte of a value, whose bytes above place m are all 255 |
//! | `J+{m}`, `J-{m}` | a digit of a jump's length, in base 2048; place 0 ends the jump |
//! | `F`, `U` | a call, or a return; the number is the slots by which the frame moves |
//! | `out`, `err`, `send`, `exit` | a byte of output, of an error message, of a question to the system, or a status |
//! | `event` | a step without a result, the ends of a run, the questions for a byte of input or of the answer |

use std::fmt;

use crate::full::isa::Trap;
use crate::full::program::limits::{MAX_FRAME_SLOTS, MAX_PAGES};

use super::operation::Operation;

/// Upper bound (exclusive) of the digits of jumps and of corrections of heights.
pub const RADIX: u16 = 2048;
/// Number of distances, in slots, by which a call can move the frame: any within the frame.
const SHIFTS: u16 = MAX_FRAME_SLOTS as u16 + 1;
/// The high digit of a [`Family::Shift`] that stands for 0.
pub const SHIFT_ZERO: u16 = 128;

/// An operand or result for which an instruction of the fused form can use another slot than that on the
/// operand stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shifted {
    /// The operand top.
    Top,
    /// The operand second.
    Second,
    /// The operand third, or the operand that is added to an address.
    Third,
    /// The result.
    Result,
}

impl Shifted {
    /// All of them.
    pub const ALL: [Shifted; 4] = [Shifted::Top, Shifted::Second, Shifted::Third, Shifted::Result];
}

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A byte of a value at a place; at place 7 also the byte 256, a zero that absorbs a carry.
    Byte(u8),
    /// A value's first byte, with 255 in all places above.
    Ones(u8),
    /// A digit of a jump forward.
    Forward(u8),
    /// A digit of a jump back.
    Back(u8),
    /// A call: the frame pointer rises.
    Enter,
    /// A return: the frame pointer falls.
    Leave,
    /// A byte of output.
    Output,
    /// A byte of an error message.
    Error,
    /// A byte of a question to the system.
    Send,
    /// The end, with a status.
    Exit,
    /// One of [`Event`].
    Event,
    /// An instruction of the listing.
    Opcode,
    /// A byte of the following instruction's immediate.
    Immediate(u8),
    /// A byte of the following instruction's second immediate: the index of a local or global, a number of
    /// arguments, or a type.
    Index(u8),
    /// One byte of the slot offset of the next instruction's operand or result. In the high byte, 0 is
    /// encoded as 128.
    Shift(Shifted, u8),
    /// The following instruction's height, minus the height that the instruction before it leaves.
    Raise,
    /// The height that the instruction before leaves, minus the following instruction's height.
    Lower,
    /// The memory's length in pages.
    Pages,
    /// The length in pages to which the memory may grow.
    MaxPages,
    /// A byte of memory; the parameter is the address modulo 4.
    Data(u8),
    /// A byte of the number of zeros in memory before the next byte given.
    Ahead(u8),
    /// One of [`Mark`].
    Mark,
}

/// Tokens without a number that the network emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step that has no result.
    Step,
    /// The end.
    Halt,
    /// The next token is a byte of input, or `X0:255` at its end.
    Ask,
    /// The next token is a byte of input, `X0:255` at its end, or `X0:254` where the host would have to wait
    /// for the byte.
    Poll,
    /// The next token is a byte of the system's answer, or `X0:255` at its end.
    Receive,
    /// The end, at an instruction outside the profile.
    Refused,
    /// The end, by a trap.
    Trap(Trap),
}

impl Event {
    /// All events.
    pub fn all() -> impl Iterator<Item = Event> {
        [Event::Step, Event::Halt, Event::Ask, Event::Poll, Event::Receive, Event::Refused].into_iter().chain(Trap::ALL.map(Event::Trap))
    }

    /// Whether the host appends an answer.
    pub fn is_question(self) -> bool {
        matches!(self, Event::Ask | Event::Poll | Event::Receive)
    }
}

/// Tokens without a number that only listings hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Place 7 to 1 of a value, before a run has written any value.
    Place(u8),
    /// The byte 0, for heads that look up the bits of a byte.
    Zero,
    /// The byte 255, for heads that look up the bits of a byte.
    AllOnes,
    /// This operand of the following instruction, or its result, is in a slot below all frames.
    Below(Shifted),
    /// The following instruction accesses memory at the sum of top and an addend.
    Adds,
    /// The start of the table, or the end of one of its elements.
    Element,
    /// The start of the run.
    Go,
}

impl Mark {
    /// All marks.
    pub fn all() -> impl Iterator<Item = Mark> {
        let below = Shifted::ALL.map(Mark::Below);
        (1..8).map(Mark::Place).chain([Mark::Zero, Mark::AllOnes, Mark::Element]).chain(below).chain([Mark::Adds, Mark::Go])
    }
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The token's kind.
    pub family: Family,
    /// The token's number within its family.
    pub number: u16,
}

impl Family {
    /// All families, in the order of the vocabulary; the emitted ones first.
    pub fn all() -> impl Iterator<Item = Family> {
        let emitted =
            (0..8).map(Family::Byte).chain((0..7).map(Family::Ones)).chain((0..2).flat_map(|m| [Family::Forward(m), Family::Back(m)]));
        let emitted =
            emitted.chain([Family::Enter, Family::Leave, Family::Output, Family::Error, Family::Send, Family::Exit, Family::Event]);
        let listed = [Family::Opcode].into_iter().chain((0..8).map(Family::Immediate)).chain((0..2).map(Family::Index));
        let listed = listed.chain(Shifted::ALL.into_iter().flat_map(|what| (0..2).map(move |place| Family::Shift(what, place))));
        let listed = listed.chain([Family::Raise, Family::Lower, Family::Pages, Family::MaxPages]).chain((0..4).map(Family::Data));
        emitted.chain(listed).chain((0..4).map(Family::Ahead)).chain([Family::Mark])
    }

    /// The number of tokens in this family.
    pub fn size(self) -> u16 {
        match self {
            Family::Byte(7) => 257,
            Family::Pages | Family::MaxPages => MAX_PAGES as u16 + 1,
            Family::Forward(_) | Family::Back(_) | Family::Raise | Family::Lower => RADIX,
            Family::Enter | Family::Leave => SHIFTS,
            Family::Event => Event::all().count() as u16,
            Family::Opcode => Operation::all().len() as u16,
            Family::Mark => Mark::all().count() as u16,
            _ => 256,
        }
    }

    /// Whether the network emits tokens of this family.
    pub fn is_emitted(self) -> bool {
        self < Family::Opcode
    }

    /// The token of this family with a number.
    pub fn token(self, number: u16) -> Token {
        debug_assert!(number < self.size(), "{self:?} has no token {number}");
        Token { family: self, number }
    }
}

/// The vocabulary: tokens by identifier.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// First identifier of each family.
    families: Vec<(Family, usize)>,
    size: usize,
}

impl Vocabulary {
    /// The vocabulary of the full machine.
    pub fn new() -> Vocabulary {
        let mut size = 0;
        let families = Family::all().map(|family| {
            let first = size;
            size += usize::from(family.size());
            (family, first)
        });
        let families = families.collect();
        Vocabulary { families, size }
    }

    /// The number of tokens.
    pub fn size(&self) -> usize {
        self.size
    }

    /// A token's identifier.
    pub fn id(&self, token: Token) -> usize {
        let family = self.families.iter().find(|(family, _)| *family == token.family);
        family.map_or(0, |(_, first)| *first) + usize::from(token.number)
    }

    /// The token of an identifier.
    pub fn token(&self, id: usize) -> Option<Token> {
        let family = self.families.partition_point(|(_, first)| *first <= id).checked_sub(1)?;
        let (family, first) = self.families[family];
        (id < self.size).then(|| Token { family, number: (id - first) as u16 })
    }

    /// All tokens with their identifiers.
    pub fn all(&self) -> impl Iterator<Item = (usize, Token)> {
        (0..self.size).filter_map(|id| Some((id, self.token(id)?)))
    }
}

impl Default for Vocabulary {
    fn default() -> Self {
        Vocabulary::new()
    }
}

impl Event {
    /// The token for this event.
    pub fn token(self) -> Token {
        Family::Event.token(Event::all().position(|event| event == self).unwrap_or(0) as u16)
    }
}

impl Mark {
    /// The token for this mark.
    pub fn token(self) -> Token {
        Family::Mark.token(Mark::all().position(|mark| mark == self).unwrap_or(0) as u16)
    }
}

impl Operation {
    /// The token of this operation's opcode.
    pub fn token(self) -> Token {
        Family::Opcode.token(Operation::all().iter().position(|operation| *operation == self).unwrap_or(0) as u16)
    }
}

impl Token {
    /// The event that this token stands for, if the token is an event.
    pub fn event(self) -> Option<Event> {
        (self.family == Family::Event).then(|| Event::all().nth(self.number.into())).flatten()
    }

    /// The mark that this token stands for, if the token is a mark.
    pub fn mark(self) -> Option<Mark> {
        (self.family == Family::Mark).then(|| Mark::all().nth(self.number.into())).flatten()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.family {
            Family::Byte(place) => write!(f, "V{place}:{number}"),
            Family::Ones(place) => write!(f, "X{place}:{number}"),
            Family::Forward(place) => write!(f, "J+{place}:{number}"),
            Family::Back(place) => write!(f, "J-{place}:{number}"),
            Family::Enter => write!(f, "F:{number}"),
            Family::Leave => write!(f, "U:{number}"),
            Family::Output => write!(f, "out:{number}"),
            Family::Error => write!(f, "err:{number}"),
            Family::Send => write!(f, "send:{number}"),
            Family::Exit => write!(f, "exit:{number}"),
            Family::Event => match self.event() {
                Some(Event::Trap(trap)) => write!(f, "trap:{trap}"),
                Some(event) => f.write_str(&format!("{event:?}").to_lowercase()),
                None => f.write_str("event:?"),
            },
            Family::Opcode => match Operation::all().get(usize::from(number)) {
                Some(operation) => write!(f, "{operation}"),
                None => f.write_str("op:?"),
            },
            Family::Immediate(place) => write!(f, "I{place}:{number}"),
            Family::Index(place) => write!(f, "N{place}:{number}"),
            Family::Shift(what, place) => write!(f, "{}{place}:{number}", format!("{what:?}").to_lowercase()),
            Family::Raise => write!(f, "height+{number}"),
            Family::Lower => write!(f, "height-{number}"),
            Family::Pages => write!(f, "pages:{number}"),
            Family::MaxPages => write!(f, "max-pages:{number}"),
            Family::Data(residue) => write!(f, "D{residue}:{number}"),
            Family::Ahead(place) => write!(f, "A{place}:{number}"),
            Family::Mark => match self.mark() {
                Some(Mark::Place(place)) => write!(f, "place:{place}"),
                Some(Mark::Below(what)) => write!(f, "{}-below", format!("{what:?}").to_lowercase()),
                Some(mark) => f.write_str(&format!("{mark:?}").to_lowercase()),
                None => f.write_str("mark:?"),
            },
        }
    }
}
