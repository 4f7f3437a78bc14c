//! What a statement of an instruction is given in a case: its operands and immediates, and whether numbers
//! reach bounds.

use super::check::{Stop, Wanted};
use super::expr::Expr;
use super::machine::{HALF, Phase};
use super::region::{Byte, Region};
use super::site::OPERANDS;
use super::symbols::Symbols;
use crate::full::listing::token::Token;

/// An operand: 0 is top, 1 second, 2 third, 3 the addend of an address.
pub(super) type Operand = usize;
pub(super) const TOP: Operand = 0;
pub(super) const SECOND: Operand = 1;
pub(super) const THIRD: Operand = 2;
pub(super) const ADDEND: Operand = 3;

/// What an instruction is given in a case.
pub(super) struct Given<'g> {
    pub symbols: &'g mut Symbols,
    pub region: &'g Region,
    pub phase: Phase,
}

pub(super) fn byte_of(operand: Operand, place: usize) -> Byte {
    OPERANDS[operand] + place
}

impl Given<'_> {
    pub fn normal(&mut self, expr: &Expr) -> Expr {
        self.symbols.normal(self.region, expr)
    }

    /// A function of a byte of an operand.
    pub fn of(&mut self, operand: Operand, place: usize, function: impl Fn(i128) -> i128) -> Expr {
        self.symbols.of_byte(self.region, byte_of(operand, place), |value| function(value as i128))
    }

    pub fn byte(&mut self, operand: Operand, place: usize) -> Expr {
        self.of(operand, place, |value| value)
    }

    /// A half of an operand: the low one is 0.
    pub fn half(&mut self, operand: Operand, half: usize) -> Expr {
        let bytes: Vec<Expr> = (0..4).map(|place| self.of(operand, 4 * half + place, |value| value << (8 * place))).collect();
        let sum = Expr::sum(bytes.iter().map(|byte| (byte, 1)));
        self.normal(&sum)
    }

    /// A half of an operand as a signed number.
    pub fn signed_half(&mut self, operand: Operand, half: usize) -> Expr {
        let negative = self.negative(operand, half).times(-HALF);
        let half = self.half(operand, half);
        self.normal(&half.plus(&negative))
    }

    /// Whether a half of an operand is negative.
    pub fn negative(&mut self, operand: Operand, half: usize) -> Expr {
        self.of(operand, 4 * half + 3, |value| i128::from(value >= 128))
    }

    /// Whether a number is at least this; the case is split where that is not known.
    pub fn at_least(&mut self, number: &Expr, least: i128) -> Result<bool, Stop> {
        let gate = self.normal(&number.add(-least));
        let range = self.symbols.range(self.region, &gate);
        if range.low >= 0 || range.high < 0 { Ok(range.low >= 0) } else { Err(Stop::Split(gate)) }
    }

    /// `[number ≥ least]`, as a number.
    pub fn reaches(&mut self, number: &Expr, least: i128) -> Expr {
        self.symbols.step(self.region, &number.add(-least))
    }

    /// ⌊number / unit⌋ of a number from 0 on, which is at most `most`: the number of multiples that it
    /// reaches.
    pub fn quotient(&mut self, number: &Expr, unit: i128, most: i128) -> Expr {
        let number = self.normal(number);
        let range = self.symbols.range(self.region, &number);
        let known = range.low.div_euclid(unit).clamp(0, most);
        let last = range.high.div_euclid(unit).clamp(known, most);
        let steps: Vec<Expr> = (known + 1..=last).map(|multiple| self.reaches(&number, multiple * unit)).collect();
        Expr::sum(steps.iter().map(|step| (step, 1))).add(known)
    }

    /// ⌊number / 2^32⌋.
    pub fn carry(&mut self, number: &Expr, most: i128) -> Expr {
        self.quotient(number, HALF, most)
    }

    /// A number from 0 on, modulo 2^32, and what it carries.
    pub fn wrapped(&mut self, number: &Expr, most: i128) -> (Expr, Expr) {
        let carry = self.carry(number, most);
        (number.minus(&carry.times(HALF)), carry)
    }

    /// Whether a half is 0 or 2^32 − 1. It is a sum of functions of bytes that are not negative; the case is
    /// split until each of them is 0, or the greatest, or the sum is neither.
    pub fn is_all(&mut self, half: &Expr) -> Result<bool, Stop> {
        let range = self.symbols.range(self.region, half);
        let Some((symbol, _)) = half.terms.iter().max_by_key(|(_, weight)| *weight) else {
            return Ok(range.low == 0 || range.low == HALF - 1);
        };
        let part = Expr::symbol(*symbol);
        let least = if range.low <= 0 { 1 } else { self.symbols.range(self.region, &part).high };
        let may_be = range.low <= 0 || range.high >= HALF - 1;
        if may_be {
            self.at_least(&part, least)?;
        }
        Ok(false)
    }

    /// The distance of a shift: operand top modulo the number of bits, which must be known in the case.
    pub fn distance(&mut self, bits: usize) -> Result<usize, Stop> {
        let distance = self.of(TOP, 0, |byte| byte % bits as i128);
        let distance = distance.as_constant().and_then(|distance| usize::try_from(distance).ok());
        distance.ok_or_else(|| Stop::Fail("the distance of a shift must be known".to_string()))
    }

    /// Bytes of an operand at these places, as a number: the first is the lowest. No place is 0, and places
    /// from `of` on are copies of the sign if it is `signed`.
    pub fn window(&mut self, operand: Operand, places: &[Option<usize>], of: usize, signed: bool) -> Expr {
        let mut parts = Vec::new();
        for (index, place) in places.iter().enumerate() {
            parts.push(match place {
                Some(place) if *place < of => self.of(operand, *place, |value| value << (8 * index)),
                Some(_) if signed => self.of(operand, of - 1, |value| if value >= 128 { 255 << (8 * index) } else { 0 }),
                _ => Expr::default(),
            });
        }
        let sum = Expr::sum(parts.iter().map(|part| (part, 1)));
        self.normal(&sum)
    }
}

/// A number of 32 or of 64 bits.
pub(super) fn value(wide: bool, low: Expr, high: Expr) -> Result<Wanted, Stop> {
    Ok(Wanted::Value { wide, unit: 1, halves: [Some(low), Some(high)], emitted: None })
}

pub(super) fn truth(holds: bool) -> Result<Wanted, Stop> {
    value(false, Expr::constant(holds.into()), Expr::default())
}

pub(super) fn event(token: Token) -> Result<Wanted, Stop> {
    Ok(Wanted::Token { first: token, number: Expr::default(), unit: 1 })
}
