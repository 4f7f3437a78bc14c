//! A case of a proof: what is known about the unknown numbers.

use std::collections::HashMap;
use std::sync::Arc;

use super::expr::{Expr, Symbol};
use crate::circuit::Interval;

/// An unknown byte, by its number.
pub(super) type Byte = usize;

/// The number of values of a byte.
pub(super) const BYTES: usize = 256;

/// What is known in a case, besides the ranges that symbols always have.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    /// The values that some bytes can have.
    bytes: HashMap<Byte, Arc<[bool; BYTES]>>,
    /// The ranges of some free symbols.
    free: HashMap<Symbol, Interval>,
    /// The ranges of some sums whose coefficients have no common divisor and whose first one is positive.
    sums: HashMap<Vec<(Symbol, i128)>, Interval>,
}

impl Region {
    /// The values that a byte can have; `None` if all.
    pub fn values(&self, byte: Byte) -> Option<&[bool; BYTES]> {
        self.bytes.get(&byte).map(|values| &**values)
    }

    pub fn free(&self, symbol: Symbol) -> Option<Interval> {
        self.free.get(&symbol).copied()
    }

    /// The range of a sum of at least two symbols, if the case says something about the sum.
    pub fn sum(&self, expr: &Expr) -> Option<Interval> {
        if self.sums.is_empty() || expr.terms.len() < 2 {
            return None;
        }
        let content = expr.content();
        let range = if content == 1 {
            self.sums.get(&expr.terms)?
        } else {
            let terms: Vec<_> = expr.terms.iter().map(|(symbol, coefficient)| (*symbol, coefficient / content)).collect();
            self.sums.get(&terms)?
        };
        Some(*range * Interval::point(content) + Interval::point(expr.constant))
    }

    /// What the case says, without what it says of sums.
    pub fn without_sums(&self) -> Region {
        Region { sums: HashMap::new(), ..self.clone() }
    }

    /// What the case says, without what it says of one sum.
    pub fn without_sum(&self, terms: &[(Symbol, i128)]) -> Region {
        let mut region = self.clone();
        region.sums.remove(terms);
        region
    }

    /// What the case says of sums.
    pub fn sums(&self) -> impl Iterator<Item = (&Vec<(Symbol, i128)>, &Interval)> {
        self.sums.iter()
    }

    /// Restricts a byte to the values that are `kept`. `None` if there are none.
    pub fn restrict(&self, byte: Byte, kept: impl Fn(usize) -> bool) -> Option<Region> {
        let values: [bool; BYTES] = std::array::from_fn(|value| self.values(byte).is_none_or(|values| values[value]) && kept(value));
        let mut region = self.clone();
        region.bytes.insert(byte, Arc::new(values));
        values.contains(&true).then_some(region)
    }

    /// Narrows a free symbol, whose range so far is given.
    pub fn narrow(&self, symbol: Symbol, range: Interval, to: Interval) -> Option<Region> {
        let mut region = self.clone();
        region.free.insert(symbol, range.intersect(to)?);
        Some(region)
    }

    /// Narrows a sum, whose range so far is given, to what is at least 0 after adding `constant`.
    pub fn narrow_sum(&self, terms: Vec<(Symbol, i128)>, to: Interval) -> Option<Region> {
        let mut region = self.clone();
        let range = region.sums.get(&terms).map_or(Some(to), |range| range.intersect(to))?;
        region.sums.insert(terms, range);
        Some(region)
    }

    /// What is known, for reports.
    pub fn shown(&self, symbol: impl Fn(Symbol) -> String, sum: impl Fn(&[(Symbol, i128)]) -> String) -> Vec<String> {
        let mut shown: Vec<String> = Vec::new();
        for (byte, values) in &self.bytes {
            let possible: Vec<usize> = (0..BYTES).filter(|value| values[*value]).collect();
            let [first, .., last] = possible[..] else {
                shown.extend(possible.first().map(|value| format!("byte {byte} is {value}")));
                continue;
            };
            shown.push(format!("byte {byte} is one of {} from {first} to {last}", possible.len()));
        }
        shown.extend(self.free.iter().map(|(of, range)| format!("{} is in {range}", symbol(*of))));
        shown.extend(self.sums.iter().map(|(terms, range)| format!("{} is in {range}", sum(terms))));
        shown.sort();
        shown
    }
}
