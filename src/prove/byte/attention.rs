//! What heads write, as functions of the row that they choose.

use super::invariant::{Holds, Invariant, carried};
use crate::byte::isa::{Op, TABLE};
use crate::byte::trace::Token;
use crate::prove::Failure;
use crate::prove::network::{Head, Linear};
use crate::transformer::{Attention, Stage};

/// Magnitude that no number of the proof may reach: f32 holds all integers below it.
pub(super) const EXACT: i128 = 1 << 24;

/// The instructions that take a step, and `None` for rows that execute nothing.
pub(super) fn executed() -> impl Iterator<Item = Option<Op>> {
    TABLE.iter().map(|row| row.op).filter(|op| !op.is_marker()).map(Some).chain([None])
}

/// The instructions that can be the previous one of a step: `halt` ends the run. `None` for rows whose step
/// is the first.
pub(super) fn previous() -> impl Iterator<Item = Option<Op>> {
    executed().filter(|op| *op != Some(Op::Halt))
}

/// The token of an instruction's row; the start token where there is none.
pub(super) fn opcode(op: Option<Op>) -> Token {
    op.map_or(Token::Start, |op| Token::Byte(op.row().opcode))
}

/// A number that heads add to a lane, from the row that they choose.
#[derive(Clone, Debug)]
pub(super) struct Retrieved {
    /// By the row's token.
    pub token: Vec<i64>,
    /// By the previous instruction of the row, in the order of [`previous`].
    pub previous: Vec<i64>,
    /// For each unit of the row's written operand.
    pub written: i64,
    /// For each unit of the row's written base.
    pub base: i64,
}

/// Tables of the lanes that are functions of an instruction: of lane and token.
#[derive(Clone, Debug)]
pub(super) struct ByToken(pub Vec<Vec<i64>>);

impl ByToken {
    pub fn of(&self, lane: usize, token: Token) -> i64 {
        self.0[lane][token.id()]
    }
}

/// The heads of a layer that write something, with their numbers. Each must be of a kind, and must write
/// only lanes that the layer's attention sets.
pub(super) fn writing<'n>(
    invariant: &Invariant,
    heads: &'n [Head],
    layer: usize,
    is_kind: impl Fn(Attention) -> bool,
) -> Result<Vec<(usize, &'n Head)>, Failure> {
    let mut writing = Vec::new();
    for (index, head) in heads.iter().enumerate() {
        let mut lanes = head.writes().peekable();
        if lanes.peek().is_none() {
            continue;
        }
        if let Some((lane, ..)) = lanes.find(|(lane, ..)| !invariant.holds(*lane).set_by().contains(&Stage::Attention(layer))) {
            let name = invariant.name(lane);
            return Err(Failure::new(format!("layer {layer}, head {index} writes the lane {name}, which the layer's attention must not")));
        }
        if !is_kind(head.kind) {
            return Err(Failure::new(format!("layer {layer}, head {index} is of the kind {}", head.kind)));
        }
        writing.push((index, head));
    }
    Ok(writing)
}

/// The value of a form that reads own lanes only, by the row's token.
pub(super) fn by_token(tokens: &[Linear], form: &Linear) -> Vec<i128> {
    tokens.iter().map(|embedded| form.on(|lane| embedded.weight(lane))).collect()
}

/// What heads that choose the same row add to a lane.
///
/// # Errors
/// If a value reads a lane that is not a function of the row's token, previous instruction and written place,
/// or a number is too large.
pub(super) fn retrieved(
    invariant: &Invariant,
    tokens: &[Linear],
    previous_lanes: &ByToken,
    heads: &[(usize, &Head)],
    lane: usize,
) -> Result<Retrieved, Failure> {
    let [mut token, mut marks] = [vec![0i128; tokens.len()], vec![0i128; previous().count()]];
    let (mut written, mut base) = (0i128, 0i128);
    for (index, head) in heads {
        for (_, dimension, weight) in head.writes().filter(|(of, ..)| *of == lane) {
            let value = &head.value[dimension];
            let allowed = |holds| matches!(holds, Holds::Own | Holds::One | Holds::Previous | Holds::Written | Holds::Base);
            invariant.reads_only(value, || format!("the value of head {index}"), allowed)?;
            let weight = i128::from(weight);
            token.iter_mut().zip(by_token(tokens, value)).for_each(|(sum, own)| *sum += weight * own);
            for (sum, op) in marks.iter_mut().zip(previous()) {
                let mark = value.on(|lane| match invariant.holds(lane) {
                    Holds::One => 1,
                    Holds::Previous => previous_lanes.of(lane, opcode(op)),
                    _ => 0,
                });
                *sum += weight * mark;
            }
            written += weight * i128::from(invariant.weight(value, Holds::Written));
            base += weight * i128::from(invariant.weight(value, Holds::Base));
        }
    }
    let small = |number: i128| {
        let too_large = || Failure::new(format!("the lane {} can hold {number}, which is not exact", invariant.name(lane)));
        if number.abs() < EXACT { Ok(number as i64) } else { Err(too_large()) }
    };
    let all = |numbers: Vec<i128>| numbers.into_iter().map(small).collect::<Result<Vec<i64>, _>>();
    Ok(Retrieved { token: all(token)?, previous: all(marks)?, written: small(written)?, base: small(base)? })
}

impl Retrieved {
    /// Whether the number depends on the row's token only.
    pub fn is_by_token(&self) -> bool {
        self.previous.iter().all(|mark| *mark == 0) && self.written == 0 && self.base == 0
    }

    /// Checks that the number is a function of the row's token.
    pub fn expect(&self, name: &str, wanted: impl Fn(u8) -> i64) -> Result<u64, Failure> {
        let mut cases = 0;
        for token in carried() {
            let wanted = if let Token::Byte(byte) = token { wanted(byte) } else { 0 };
            let held = self.token[token.id()];
            cases += 1;
            if held != wanted || !self.is_by_token() {
                return Err(Failure::new(format!("of a row with the token {token}, the lane {name} gets {held} instead of {wanted}")));
            }
        }
        Ok(cases)
    }
}
