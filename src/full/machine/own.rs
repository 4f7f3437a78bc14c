//! The lanes that the embedding of a token sets.

use std::collections::BTreeMap;

use crate::full::listing::FIRST_PC;

use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Operation;
use crate::full::listing::token::{Event, Family, Mark, RADIX, SHIFT_ZERO, Shifted, Token, Vocabulary};

/// 2^32: the upper bound (exclusive) of a half of a value.
pub const HALF: i64 = 1 << 32;

/// The kinds of tokens, by which the latest token of a kind is found.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// Bytes at a place, and the marks for places.
    pub places: [i64; 8],
    /// [`Family::Enter`].
    pub enter: i64,
    /// All others.
    none: i64,
    /// What the kind of the token found is multiplied by, and then counts against the token if it is not the
    /// kind sought.
    pub apart: i64,
}

impl Kinds {
    /// In a run that begins with a mark for each place, a token of every kind of place is found.
    pub const MARKED: Kinds = Kinds { places: [0, 1, 2, 3, 4, 5, 6, 7], enter: 8, none: 9, apart: 0 };
    /// In any run. The kinds are so far apart that the nearest kind to a kind that is not there is a lower
    /// one, and the first token of the run has the lowest.
    pub const UNMARKED: Kinds = Kinds { places: [1, 3, 9, 27, 81, 243, 729, 2187], enter: 6561, none: 0, apart: 16 };
}

/// The lanes of the row's own token.
pub struct Own {
    pub kinds: Kinds,
    pub is_opcode: Lane,
    /// The change of the height by an instruction; in `height_delta`, also the corrections in the listing.
    pub delta: Lane,
    pub height_delta: Lane,
    features: BTreeMap<Feature, Lane>,
    /// Per half: a byte of an immediate, times the worth of its place. `immediate_mod_4`: the immediate
    /// modulo 4.
    pub immediate: [Lane; 2],
    pub immediate_mod_4: Lane,
    pub index: Lane,
    /// Per operand and for the result: the slot offset. `below`: whether it is in a slot below all frames.
    /// `adds`: whether there is an addend.
    pub shifts: [Lane; 4],
    pub below: [Lane; 4],
    pub adds: Lane,
    pub is_element: Lane,
    pub is_pages: Lane,
    pub pages: Lane,
    pub max_pages: Lane,
    /// Per residue modulo 4: 1 if the token is a byte of memory at an address with this residue.
    pub data_at: [Lane; 4],
    pub data: Lane,
    pub address_delta: Lane,
    pub frame_delta: Lane,
    pub depth_delta: Lane,
    pub pc_delta: Lane,
    /// The high digit of a jump, with its sign and without, and whether the token is such a digit.
    pub jump_high: Lane,
    pub jump_magnitude: Lane,
    pub is_jump_high: Lane,
    /// Whether the token is a call, the number of slots by which the call moves the frame, and whether the
    /// token is a return.
    pub is_enter: Lane,
    pub entered: Lane,
    pub is_leave: Lane,
    /// Per place: whether the token is a byte at this place.
    pub places: [Lane; 8],
    /// Whether the token is a byte at a place above 0.
    pub middle: Lane,
    /// The place as a number, for bytes and for the marks for places.
    pub place: Lane,
    pub byte: Lane,
    /// Whether all bytes above are 255; `ones_at_0`: the same, only for a byte at place 0.
    pub ones: Lane,
    pub ones_at_0: Lane,
    /// The part of the value that the token adds to its half.
    pub worth: Lane,
    pub high_bit: Lane,
    /// For a byte at place 0: the byte modulo 4; and for the byte as a shift distance s, in lane s div 8 mod
    /// 8: 2^(s mod 8) in `shift_left`, 2^(8 − s mod 8) in `shift_right`.
    pub mod_4: Lane,
    pub shift_left: [Lane; 8],
    pub shift_right: [Lane; 8],
    /// The kind, by which the latest token of a kind is found, and its square.
    pub kind: Lane,
    pub kind_squared: Lane,
    /// The byte plus 1 (0 if the token is not a byte) and its square; the byte's bits, whether it is not 0,
    /// and its leading and trailing zeros.
    pub byte_key: Lane,
    pub byte_key_squared: Lane,
    pub bits: [Lane; 8],
    pub not_zero: Lane,
    pub leading_zeros: Lane,
    pub trailing_zeros: Lane,
}

impl Own {
    /// Declares the lanes and embeds the tokens that occur in runs. `prompted`: whether the prompt holds the
    /// program.
    pub fn embed(g: &mut Graph, vocabulary: &Vocabulary, prompted: bool) -> Own {
        let features: Vec<Feature> =
            Operation::all().iter().flat_map(|operation| operation.features()).map(|(feature, _)| feature).collect();
        let features = features.into_iter().map(|feature| (feature, g.embedded(format!("own {feature:?}")))).collect();
        let own = Own {
            kinds: if prompted { Kinds::MARKED } else { Kinds::UNMARKED },
            is_opcode: g.embedded("is opcode"),
            delta: g.embedded("delta"),
            height_delta: g.embedded("height delta"),
            features,
            immediate: ["low", "high"].map(|half| g.embedded(format!("immediate {half}"))),
            immediate_mod_4: g.embedded("immediate mod 4"),
            index: g.embedded("index"),
            shifts: Shifted::ALL.map(|what| g.embedded(format!("shift of {what:?}").to_lowercase())),
            below: Shifted::ALL.map(|what| g.embedded(format!("{what:?} is below").to_lowercase())),
            adds: g.embedded("adds"),
            is_element: g.embedded("is element"),
            is_pages: g.embedded("is pages"),
            pages: g.embedded("pages"),
            max_pages: g.embedded("max pages"),
            data_at: std::array::from_fn(|r| g.embedded(format!("data at {r} mod 4"))),
            data: g.embedded("data"),
            address_delta: g.embedded("address delta"),
            frame_delta: g.embedded("frame delta"),
            depth_delta: g.embedded("depth delta"),
            pc_delta: g.embedded("pc delta"),
            jump_high: g.embedded("jump high"),
            jump_magnitude: g.embedded("jump magnitude"),
            is_jump_high: g.embedded("is jump high"),
            is_enter: g.embedded("is enter"),
            entered: g.embedded("entered"),
            is_leave: g.embedded("is leave"),
            places: std::array::from_fn(|m| g.embedded(format!("is place {m}"))),
            middle: g.embedded("middle"),
            place: g.embedded("place"),
            byte: g.embedded("byte"),
            ones: g.embedded("ones"),
            ones_at_0: g.embedded("ones at 0"),
            worth: g.embedded("worth"),
            high_bit: g.embedded("high bit"),
            mod_4: g.embedded("mod 4"),
            shift_left: std::array::from_fn(|k| g.embedded(format!("shift left {k}"))),
            shift_right: std::array::from_fn(|k| g.embedded(format!("shift right {k}"))),
            kind: g.embedded("kind"),
            kind_squared: g.embedded("kind squared"),
            byte_key: g.embedded("byte key"),
            byte_key_squared: g.embedded("byte key squared"),
            bits: std::array::from_fn(|i| g.embedded(format!("bit {i}"))),
            not_zero: g.embedded("not zero"),
            leading_zeros: g.embedded("leading zeros"),
            trailing_zeros: g.embedded("trailing zeros"),
        };
        for (id, token) in vocabulary.all().filter(|(_, token)| prompted || token.family.is_emitted()) {
            g.embed(id, own.of(token));
        }
        own
    }

    /// The row's own feature, if its token is an opcode.
    pub fn feature(&self, feature: Feature) -> Lane {
        self.features[&feature]
    }

    /// All features that any operation has.
    pub fn features(&self) -> impl Iterator<Item = (Feature, Lane)> + '_ {
        self.features.iter().map(|(feature, lane)| (*feature, *lane))
    }

    fn of(&self, token: Token) -> Form {
        let number = i64::from(token.number);
        let kind = match (token.family, token.mark()) {
            (Family::Byte(place) | Family::Ones(place), _) | (_, Some(Mark::Place(place))) => self.kinds.places[usize::from(place)],
            (Family::Enter, _) => self.kinds.enter,
            _ => self.kinds.none,
        };
        self.kind * kind + self.kind_squared * (kind * kind) + self.by_family(token, number)
    }

    fn by_family(&self, token: Token, number: i64) -> Form {
        let radix = i64::from(RADIX);
        match token.family {
            Family::Byte(place) => self.value_byte(place, number),
            Family::Ones(place) => {
                // The worth of the bytes 255 above this byte in its half. The other half is filled in
                // `value`.
                let above = if place == 3 { 0 } else { HALF - (1 << (8 * (place % 4 + 1))) };
                let at_0 = if place == 0 { Form::from(self.ones_at_0) } else { Form::default() };
                self.value_byte(place, number) + self.ones + self.worth * above + at_0
            }
            Family::Forward(0) => self.pc_delta * number,
            Family::Back(0) => self.pc_delta * -number,
            Family::Forward(_) => self.jump(number * radix, 1),
            Family::Back(_) => self.jump(number * radix, -1),
            Family::Enter => self.frame_delta * number + self.depth_delta + self.is_enter + self.entered * number,
            Family::Leave => self.frame_delta * -number - self.depth_delta + self.is_leave,
            Family::Output | Family::Error | Family::Send => self.pc_delta.into(),
            Family::Event if token.event() == Some(Event::Step) => self.pc_delta.into(),
            Family::Event | Family::Exit => Form::default(),
            Family::Opcode => self.opcode(Operation::all()[usize::from(token.number)]),
            Family::Immediate(place) => {
                let mod_4 = if place == 0 { self.immediate_mod_4 * (number % 4) } else { Form::default() };
                self.immediate[usize::from(place / 4)] * (number << (8 * (place % 4))) + mod_4
            }
            Family::Index(place) => self.index * (number << (8 * place)),
            Family::Shift(what, 0) => self.shifts[what as usize] * number,
            Family::Shift(what, _) => self.shifts[what as usize] * ((number - i64::from(SHIFT_ZERO)) << 8),
            Family::Raise => self.height_delta * number,
            Family::Lower => self.height_delta * -number,
            Family::Pages => self.is_pages + self.pages * number,
            Family::MaxPages => self.max_pages * number,
            Family::Data(residue) => self.data_at[usize::from(residue)] + self.address_delta + self.data * number,
            Family::Ahead(place) => self.address_delta * (number << (8 * place)),
            Family::Mark => match token.mark() {
                Some(Mark::Place(place)) => self.place * i64::from(place),
                Some(Mark::Zero) => self.bits_of(0),
                Some(Mark::AllOnes) => self.bits_of(255),
                Some(Mark::Below(what)) => self.below[what as usize].into(),
                Some(Mark::Adds) => self.adds.into(),
                Some(Mark::Element) => self.is_element.into(),
                // The first pc is not 1, because the listing begins with two instructions that do nothing.
                Some(Mark::Go) => self.pc_delta * FIRST_PC,
                None => Form::default(),
            },
        }
    }

    fn jump(&self, magnitude: i64, sign: i64) -> Form {
        let delta = magnitude * sign;
        self.pc_delta * delta + self.jump_high * delta + self.jump_magnitude * magnitude + self.is_jump_high
    }

    fn opcode(&self, operation: Operation) -> Form {
        let delta = operation.delta();
        self.is_opcode + self.delta * delta + self.height_delta * delta + self.features_of(operation)
    }

    /// The features of an operation.
    pub fn features_of(&self, operation: Operation) -> Form {
        operation.features().into_iter().map(|(feature, weight)| self.features[&feature] * weight).sum()
    }

    /// The slot offset of an operand or result, and whether it is in a slot below all frames.
    pub fn shifted(&self, what: Shifted, is_below: bool, slots: i64) -> Form {
        self.shifts[what as usize] * slots + self.below[what as usize] * i64::from(is_below)
    }

    /// The first row of a run of a program in the weights.
    pub fn go(&self, pages: i64, max_pages: i64) -> Form {
        self.pc_delta * FIRST_PC + self.is_pages + self.pages * pages + self.max_pages * max_pages
    }

    /// The lanes of a byte of a value. At place 7, number 256 is a byte 0.
    fn value_byte(&self, place: u8, number: i64) -> Form {
        let (index, byte) = (usize::from(place), (number & 255) as u8);
        let mut form =
            self.places[index] + self.place * i64::from(place) + self.byte * i64::from(byte) + self.worth * (number << (8 * (place % 4)));
        form += self.bits_of(byte) + self.high_bit * i64::from(byte >> 7);
        if place > 0 {
            form += self.middle;
        } else {
            let shift = usize::from(byte % 64);
            form += self.pc_delta + self.mod_4 * i64::from(byte % 4);
            form += self.shift_left[shift / 8] * (1 << (shift % 8)) + self.shift_right[shift / 8] * (1 << (8 - shift % 8));
        }
        form
    }

    fn bits_of(&self, byte: u8) -> Form {
        let key = i64::from(byte) + 1;
        let bits: Form = (0..8).map(|i| self.bits[i] * i64::from(byte >> i & 1)).sum();
        bits + self.byte_key * key
            + self.byte_key_squared * (key * key)
            + self.not_zero * i64::from(byte != 0)
            + self.leading_zeros * i64::from(byte.leading_zeros())
            + self.trailing_zeros * i64::from(byte.trailing_zeros())
    }
}
