//! The vocabulary: every token is a word of a text.

use std::fmt;

use crate::byte::isa::{Immediate, Op, TABLE, Trap};
use crate::byte::profile::{CELLS, FILE_CAPACITY, FILES, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::byte::program::Instr;

/// The offset of a file that is closed.
pub const CLOSED: u8 = FILE_CAPACITY as u8 + 1;
/// The word that ends a run without a trap: the instruction that does it.
pub const HALT: Word = Word::Instr(Instr { op: Op::Halt, arg: 0 });
/// Specials that runtimes expect first: the word for what no word spells, the begin of a sequence, the end of
/// a generation; then a word for each byte. Only begin and end occur.
const FIRST: usize = 3 + 256;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// The first word of every sequence.
    Begin,
    /// The last one: what follows [`HALT`] and traps.
    End,
    /// A pc: before an instruction of the listing; in a run, before what the instruction does.
    Pc(u16),
    /// The byte that a step reports.
    Byte(u8),
    /// The address of a load or store.
    Address(u16),
    /// The number of iterations of a loop since the loop was entered.
    Count(u16),
    /// The offset of a file from now on, or [`CLOSED`].
    Offset(u8),
    /// An instruction with its immediate.
    Instr(Instr),
    /// The operand stack's height before an instruction.
    Height(u16),
    /// The loop that an instruction enters or branches to, by its pc.
    Label(u16),
    /// A place in a file at the start: file and offset.
    Place(u8, u8),
    /// What is at this place.
    Content(u8),
    /// The end of a run by a trap.
    Trap(Trap),
}

/// The words of one kind with a number, in the order of their identifiers.
struct Family {
    count: usize,
    word: fn(usize) -> Word,
}

const FAMILIES: [Family; 9] = [
    Family { count: MAX_INSTRUCTIONS, word: |number| Word::Pc(number as u16) },
    Family { count: 256, word: |number| Word::Byte(number as u8) },
    Family { count: CELLS, word: |number| Word::Address(number as u16) },
    Family { count: MAX_ITERATIONS as usize + 1, word: |number| Word::Count(number as u16) },
    Family { count: CLOSED as usize + 1, word: |number| Word::Offset(number as u8) },
    Family { count: MAX_INSTRUCTIONS, word: |number| Word::Height(number as u16) },
    Family { count: MAX_INSTRUCTIONS, word: |number| Word::Label(number as u16) },
    Family { count: FILES * FILE_CAPACITY, word: |number| Word::Place((number / FILE_CAPACITY) as u8, (number % FILE_CAPACITY) as u8) },
    Family { count: 256, word: |number| Word::Content(number as u8) },
];

impl Word {
    /// Every word that a text can hold, with its identifier.
    pub fn all() -> impl Iterator<Item = (usize, Word)> {
        let numbered = FAMILIES.iter().flat_map(|family| (0..family.count).map(family.word));
        let instructions = TABLE.iter().flat_map(|row| (0..immediates(row.op)).map(|arg| Word::Instr(Instr::new(row.op, arg as u8))));
        numbered.chain(instructions).chain(Trap::ALL.map(Word::Trap)).enumerate().map(|(index, word)| (FIRST + index, word))
    }

    /// The number of identifiers.
    pub fn count() -> usize {
        FIRST + Word::all().count()
    }

    /// The word's separator from the word before: a line break before a pc and a place, else a blank.
    pub fn separator(self) -> &'static str {
        match self {
            Word::Begin | Word::End => "",
            Word::Pc(_) | Word::Place(..) => "\n",
            _ => " ",
        }
    }
}

/// The number of words of an instruction.
fn immediates(op: Op) -> usize {
    if op.row().immediate == Immediate::None { 1 } else { 256 }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Begin => f.write_str("<s>"),
            Word::End => f.write_str("</s>"),
            Word::Pc(pc) => write!(f, "p:{pc}"),
            Word::Byte(byte) => write!(f, "v:{byte}"),
            Word::Address(address) => write!(f, "a:{address}"),
            Word::Count(count) => write!(f, "c:{count}"),
            Word::Offset(CLOSED) => f.write_str("o:closed"),
            Word::Offset(offset) => write!(f, "o:{offset}"),
            Word::Instr(Instr { op, .. }) if immediates(*op) == 1 => write!(f, "{op}"),
            Word::Instr(Instr { op, arg }) => write!(f, "{op}:{arg}"),
            Word::Height(height) => write!(f, "h:{height}"),
            Word::Label(pc) => write!(f, "l:{pc}"),
            Word::Place(file, offset) => write!(f, "f:{file}:{offset}"),
            Word::Content(byte) => write!(f, "b:{byte}"),
            Word::Trap(trap) => write!(f, "trap:{}", trap.name()),
        }
    }
}

/// The vocabulary: from words to identifiers and back.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// The words by identifier; `None` for specials that do not occur.
    words: Vec<Option<Word>>,
    /// Words and identifiers, in the order of the words.
    ids: Vec<(Word, usize)>,
}

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        Vocabulary::new()
    }
}

impl Vocabulary {
    /// The identifier of the word for what no word spells.
    pub const UNKNOWN: usize = 0;
    /// The identifier of [`Word::Begin`].
    pub const BEGIN: usize = 1;
    /// The identifier of [`Word::End`].
    pub const END: usize = 2;
    /// The identifier of the word for the byte 0; those of the other bytes follow.
    pub const BYTES: usize = 3;

    /// The vocabulary.
    pub fn new() -> Vocabulary {
        let mut words = vec![None; FIRST];
        words[Vocabulary::BEGIN] = Some(Word::Begin);
        words[Vocabulary::END] = Some(Word::End);
        words.extend(Word::all().map(|(_, word)| Some(word)));
        let mut ids: Vec<_> = words.iter().enumerate().filter_map(|(id, word)| Some(((*word)?, id))).collect();
        ids.sort_unstable();
        Vocabulary { words, ids }
    }

    /// The identifier of a word.
    pub fn id(&self, word: Word) -> usize {
        self.ids[self.ids.binary_search_by_key(&word, |(word, _)| *word).expect("every word is in the vocabulary")].1
    }

    /// The word with this identifier, if there is one.
    pub fn word(&self, id: usize) -> Option<Word> {
        *self.words.get(id)?
    }

    /// The spelling of every identifier. Specials have the spellings that runtimes expect.
    pub fn spellings(&self) -> impl Iterator<Item = String> {
        self.words.iter().enumerate().map(|(id, word)| match word {
            Some(word) => word.to_string(),
            None if id == Vocabulary::UNKNOWN => "<unk>".to_string(),
            None => format!("<0x{:02X}>", id - Vocabulary::BYTES),
        })
    }
}

/// Words as a text. The begin of a sequence is left out: runtimes put it there.
pub fn text(words: &[Word]) -> String {
    let spelled = words.iter().filter(|word| **word != Word::Begin);
    spelled.map(|word| format!("{}{word}", word.separator())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_distinct_and_found() {
        let vocabulary = Vocabulary::new();
        let spellings: Vec<_> = vocabulary.spellings().collect();
        assert_eq!(spellings.len(), Word::count());
        assert_eq!(spellings.iter().collect::<BTreeSet<_>>().len(), Word::count());
        assert!(spellings.iter().all(|word| !word.is_empty() && !word.contains(char::is_whitespace)));
        for (id, word) in Word::all() {
            assert_eq!((vocabulary.id(word), vocabulary.word(id)), (id, Some(word)));
        }
        assert_eq!(vocabulary.word(Word::count()), None);
    }

    #[test]
    fn a_text_has_a_line_for_each_instruction() {
        let words = [Word::Begin, Word::Pc(0), Word::Instr(Instr::new(Op::I32Const, 7)), Word::Height(0), Word::Pc(0), Word::Byte(7), HALT];
        assert_eq!(text(&words), "\np:0 i32.const:7 h:0\np:0 v:7 halt");
    }
}
