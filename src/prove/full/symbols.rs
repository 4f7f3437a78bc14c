//! What the unknown numbers are, and the normal form of sums of them.
//!
//! Most unknown numbers are functions of one byte or of two bytes. Such functions are tables. In normal form,
//! all functions of the same bytes in a sum are one table; so two sums of functions of disjoint bytes are
//! equal for all values of the bytes exactly if their normal forms are. This is where bytes are enumerated.
//! Outputs of neurons that are not known in a case are unknown numbers too, named by gate and value.

use std::collections::HashMap;
use std::sync::Arc;

use super::expr::{Expr, Symbol, gcd};
use super::region::{BYTES, Byte, Region};
use crate::circuit::Interval;

/// A gate with so many values, or fewer, is enumerated if it is a function of two bytes, and is split until
/// it is known if it is above 0.
pub(super) const FEW: i128 = 16;

type Terms = [(Symbol, i128)];

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    /// A number of a range, by its name, that the case says nothing else about.
    Free(String, [i128; 2]),
    /// A function of a byte.
    Of(Byte, Arc<[i128]>),
    /// A function of two bytes, the first of which counts 256-fold in the table's index.
    Pair([Byte; 2], Arc<[i64]>),
    /// `[gate ≥ 0]`.
    Step(Expr),
    /// `relu(gate) · value`.
    Gated(Expr, Expr),
    /// `[gate ≥ 0] · value`.
    Chosen(Expr, Expr),
    /// `[number = 0] · value`.
    Equal(Expr, Expr),
}

/// All symbols of a proof.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols {
    meanings: Vec<Meaning>,
    /// The ranges of symbols without parts.
    ranges: Vec<Interval>,
    pub index: HashMap<Meaning, Symbol>,
    /// Sums of functions of two bytes, and their normal form.
    pub pairs: HashMap<Vec<(Symbol, i128)>, Expr>,
    gated_pairs: HashMap<(Expr, Expr), Expr>,
    /// The number of values and pairs of values that tables were made of.
    pub enumerated: u64,
}

/// A step of a sum: the number that is reached there, its symbol and its weight.
type Reached = (i128, Symbol, i128);

impl Symbols {
    pub fn meaning(&self, symbol: Symbol) -> &Meaning {
        &self.meanings[symbol as usize]
    }

    fn intern(&mut self, meaning: Meaning, range: impl FnOnce() -> Interval) -> Symbol {
        if let Some(symbol) = self.index.get(&meaning) {
            return *symbol;
        }
        let symbol = self.meanings.len() as Symbol;
        self.ranges.push(range());
        self.meanings.push(meaning.clone());
        self.index.insert(meaning, symbol);
        symbol
    }

    /// A number of a range, by its name. The same name and range give the same number.
    pub fn free(&mut self, name: impl Into<String>, low: i128, high: i128) -> Expr {
        if low == high {
            return Expr::constant(low);
        }
        Expr::symbol(self.intern(Meaning::Free(name.into(), [low, high]), || Interval::new(low, high)))
    }

    /// A function of a byte, on the values that the byte can have.
    pub fn of_byte(&mut self, region: &Region, byte: Byte, function: impl Fn(usize) -> i128) -> Expr {
        let values = region.values(byte);
        let can_be = |value: &usize| values.is_none_or(|values| values[*value]);
        let possible: Vec<(usize, i128)> = (0..BYTES).filter(can_be).map(|value| (value, function(value))).collect();
        self.enumerated += possible.len() as u64;
        let Some((_, first)) = possible.first().copied() else { return Expr::default() };
        let mut unit = possible.iter().fold(0, |unit, (_, value)| gcd(unit, value - first));
        if unit == 0 {
            return Expr::constant(first);
        }
        if possible.iter().find(|(_, value)| *value != first).is_some_and(|(_, value)| *value < first) {
            unit = -unit;
        }
        let mut table = vec![0; BYTES];
        possible.iter().for_each(|(value, of)| table[*value] = (of - first) / unit);
        let range = Interval::new(table.iter().copied().min().unwrap_or(0), table.iter().copied().max().unwrap_or(0));
        let symbol = self.intern(Meaning::Of(byte, table.into()), || range);
        Expr { terms: vec![(symbol, unit)], constant: first }
    }

    /// A byte.
    pub fn byte(&mut self, byte: Byte) -> Expr {
        self.of_byte(&Region::default(), byte, |value| value as i128)
    }

    /// A function of two bytes, each of which can have all values. `None` if its values differ by too much.
    pub fn of_pair(&mut self, bytes: [Byte; 2], function: impl Fn(usize, usize) -> i128) -> Option<Expr> {
        let all: Vec<i128> = (0..BYTES * BYTES).map(|index| function(index / BYTES, index % BYTES)).collect();
        self.enumerated += all.len() as u64;
        let first = all[0];
        let mut unit = all.iter().fold(0, |unit, value| gcd(unit, value - first));
        if unit == 0 {
            return Some(Expr::constant(first));
        }
        if all.iter().find(|value| **value != first).is_some_and(|value| *value < first) {
            unit = -unit;
        }
        let table: Vec<i64> = all.iter().map(|value| i64::try_from((value - first) / unit).ok()).collect::<Option<_>>()?;
        let range = Interval::new(table.iter().copied().min().unwrap_or(0).into(), table.iter().copied().max().unwrap_or(0).into());
        let symbol = self.intern(Meaning::Pair(bytes, table.into()), || range);
        Some(Expr { terms: vec![(symbol, unit)], constant: first })
    }

    /// The value of a function of bytes.
    pub fn value(&self, symbol: Symbol, of: impl Fn(Byte) -> usize) -> i128 {
        match self.meaning(symbol) {
            Meaning::Of(byte, table) => table[of(*byte)],
            Meaning::Pair([high, low], table) => table[of(*high) * BYTES + of(*low)].into(),
            _ => 0,
        }
    }

    /// A sum of functions of bytes, on these bytes.
    pub fn on(&self, expr: &Expr, of: impl Fn(Byte) -> usize) -> i128 {
        expr.terms.iter().map(|(symbol, coefficient)| coefficient * self.value(*symbol, &of)).sum::<i128>() + expr.constant
    }

    /// The bytes of which a sum is a function; `None` if the sum depends on anything else, or on more than
    /// two bytes.
    fn bytes_of<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Option<Vec<Byte>> {
        let mut bytes = Vec::new();
        for (symbol, _) in exprs.into_iter().flat_map(|expr| &expr.terms) {
            let of: &[Byte] = match self.meaning(*symbol) {
                Meaning::Of(byte, _) => &[*byte],
                Meaning::Pair(bytes, _) => bytes,
                _ => return None,
            };
            for byte in of {
                if !bytes.contains(byte) {
                    bytes.push(*byte);
                }
            }
            if bytes.len() > 2 {
                return None;
            }
        }
        bytes.sort_unstable();
        Some(bytes)
    }

    /// `relu(gate) · value`, in normal form, if it is a function of at most two bytes.
    pub fn gated_by_bytes(&mut self, region: &Region, gate: &Expr, value: &Expr) -> Option<Expr> {
        let product = |symbols: &Symbols, of: &dyn Fn(Byte) -> usize| symbols.on(gate, of).max(0) * symbols.on(value, of);
        match self.bytes_of([gate, value])?[..] {
            [] => Some(Expr::constant(product(self, &|_| 0))),
            [byte] => {
                let table: Vec<i128> = (0..BYTES).map(|number| product(self, &|_| number)).collect();
                Some(self.of_byte(region, byte, |number| table[number]))
            }
            [high, low] if [high, low].iter().all(|byte| region.values(*byte).is_none()) && self.has_few(region, gate) => {
                let key = (gate.clone(), value.clone());
                if let Some(known) = self.gated_pairs.get(&key) {
                    return Some(known.clone());
                }
                let of =
                    |symbols: &Symbols, index: usize| product(symbols, &|byte| if byte == high { index / BYTES } else { index % BYTES });
                let table: Vec<i128> = (0..BYTES * BYTES).map(|index| of(self, index)).collect();
                let normal = self.of_pair([high, low], |a, b| table[a * BYTES + b])?;
                self.gated_pairs.insert(key, normal.clone());
                Some(normal)
            }
            _ => None,
        }
    }

    /// Whether a gate is a function of one byte, or has few values. A sum of larger numbers is better split,
    /// so that the case says something of the sum.
    fn has_few(&self, region: &Region, gate: &Expr) -> bool {
        let range = self.range(region, gate);
        range.high - range.low <= FEW || self.bytes_of([gate]).is_some_and(|bytes| bytes.len() < 2)
    }

    /// The byte that alone decides the sign of a sum, whatever the rest of the sum is.
    fn decided_by(&self, region: &Region, gate: &Expr) -> Option<Expr> {
        let is_of = |(symbol, _): &&(Symbol, i128)| matches!(self.meaning(*symbol), Meaning::Of(..));
        let widest = |(symbol, coefficient): &&(Symbol, i128)| {
            let range = self.range_of(region, *symbol);
            (range.high - range.low) * coefficient.abs()
        };
        let (symbol, coefficient) = gate.terms.iter().filter(is_of).max_by_key(widest)?;
        let Meaning::Of(byte, table) = self.meaning(*symbol) else { return None };
        let mut rest = gate.clone();
        rest.terms.retain(|(of, _)| of != symbol);
        let rest = self.range_of_parts(region, &rest);
        let can_be = |value: &usize| region.values(*byte).is_none_or(|values| values[*value]);
        let is_decided = |value: usize| {
            let of = table[value] * coefficient;
            of + rest.low >= 0 || of + rest.high < 0
        };
        let alone = Expr { terms: vec![(*symbol, *coefficient)], constant: rest.low };
        (0..BYTES).filter(can_be).all(is_decided).then_some(alone)
    }

    /// `[gate ≥ 0]`.
    pub fn step(&mut self, region: &Region, gate: &Expr) -> Expr {
        let gate = self.normal(region, gate);
        let range = self.range(region, &gate);
        if range.low >= 0 || range.high < 0 {
            return Expr::constant(i128::from(range.low >= 0));
        }
        // [k·f + c ≥ 0] is [f + ⌊c/k⌋ ≥ 0].
        let content = gate.content().abs();
        let terms = gate.terms.iter().map(|(symbol, coefficient)| (*symbol, coefficient / content)).collect();
        let gate = Expr { terms, constant: gate.constant.div_euclid(content) };
        let gate = self.decided_by(region, &gate).unwrap_or(gate);
        if let Some(bytes) = self.bytes_of([&gate])
            && let [byte] = bytes[..]
        {
            let table: Vec<bool> = (0..BYTES).map(|number| self.on(&gate, |_| number) >= 0).collect();
            return self.of_byte(region, byte, |number| table[number].into());
        }
        Expr::symbol(self.intern(Meaning::Step(gate), || Interval::new(0, 1)))
    }

    /// `[gate ≥ 0] · value`.
    pub fn chosen(&mut self, region: &Region, gate: &Expr, value: &Expr) -> Expr {
        let step = self.step(region, gate);
        match (step.as_constant(), value.as_constant(), &step.terms[..]) {
            (Some(step), ..) => value.times(step),
            (_, Some(value), _) => step.times(value),
            (.., [(symbol, 1)]) if let Meaning::Step(gate) = self.meaning(*symbol).clone() => {
                Expr::symbol(self.intern(Meaning::Chosen(gate, value.clone()), || Interval::point(0)))
            }
            _ => Expr::symbol(self.intern(Meaning::Chosen(gate.clone(), value.clone()), || Interval::point(0))),
        }
    }

    /// `[number = 0] · value`.
    pub fn equal(&mut self, number: &Expr, value: &Expr) -> Expr {
        Expr::symbol(self.intern(Meaning::Equal(number.clone(), value.clone()), || Interval::point(0)))
    }

    /// `relu(gate) · value`, where nothing else is known about it.
    pub fn gated(&mut self, gate: &Expr, value: &Expr) -> Expr {
        Expr::symbol(self.intern(Meaning::Gated(gate.clone(), value.clone()), || Interval::point(0)))
    }

    /// The range of a symbol in a case.
    pub fn range_of(&self, region: &Region, symbol: Symbol) -> Interval {
        let own = self.ranges[symbol as usize];
        match self.meaning(symbol) {
            Meaning::Free(..) => region.free(symbol).unwrap_or(own),
            Meaning::Of(byte, table) => region.values(*byte).map_or(own, |values| {
                let possible = table.iter().zip(values).filter(|(_, can_be)| **can_be).map(|(of, _)| Interval::point(*of));
                possible.reduce(Interval::hull).unwrap_or(own)
            }),
            Meaning::Pair(..) | Meaning::Step(_) => own,
            Meaning::Gated(gate, value) => self.range(region, gate).relu() * self.range(region, value),
            Meaning::Chosen(_, value) | Meaning::Equal(_, value) => self.range(region, value).hull(Interval::point(0)),
        }
    }

    /// The range of a sum in normal form: from the ranges of its symbols, and from what the case says of it
    /// or of a part of it.
    pub fn range(&self, region: &Region, expr: &Expr) -> Interval {
        let range = self.range_of_parts(region, expr);
        if let Some(known) = region.sum(expr).and_then(|known| known.intersect(range)) {
            return known;
        }
        let with = |range: Interval, (terms, known): (&Vec<(Symbol, i128)>, &Interval)| {
            let of = |symbol: Symbol| expr.terms.iter().find(|(of, _)| *of == symbol).map(|(_, weight)| *weight);
            let Some((first, weight)) = terms.first() else { return range };
            let Some(factor) = of(*first).filter(|of| of % weight == 0).map(|of| of / weight) else { return range };
            if !terms.iter().all(|(symbol, weight)| of(*symbol) == Some(weight * factor)) {
                return range;
            }
            let part = Expr { terms: terms.clone(), constant: 0 };
            let rest = self.range_of_parts(region, &expr.minus(&part.times(factor)));
            (rest + *known * Interval::point(factor)).intersect(range).unwrap_or(range)
        };
        region.sums().fold(range, with)
    }

    fn range_of_parts(&self, region: &Region, expr: &Expr) -> Interval {
        if let Some((range, rest)) = self.remainder(region, expr) {
            return range + self.range_of_parts(region, &rest);
        }
        let parts = expr.terms.iter().map(|(symbol, coefficient)| self.range_of(region, *symbol) * Interval::point(*coefficient));
        parts.fold(Interval::point(expr.constant), |sum, part| sum + part)
    }

    /// A part of a sum that is a·(x − d·n), where n is the number of multiples of d from t on that x reaches:
    /// `Σ [x ≥ t + k·d]`. Gives the part's range, and the rest of the sum.
    fn remainder(&self, region: &Region, expr: &Expr) -> Option<(Interval, Expr)> {
        let mut groups: Vec<(&Terms, Vec<Reached>)> = Vec::new();
        for (symbol, coefficient) in &expr.terms {
            let Meaning::Step(gate) = self.meaning(*symbol) else { continue };
            let step = (-gate.constant, *symbol, *coefficient);
            match groups.iter_mut().find(|(terms, _)| *terms == gate.terms) {
                Some((_, steps)) => steps.push(step),
                None => groups.push((&gate.terms, vec![step])),
            }
        }
        // The longest x first: another one may be a part of it.
        groups.sort_by_key(|(terms, _)| std::cmp::Reverse(terms.len()));
        groups.into_iter().find_map(|(terms, mut steps)| {
            let of = |symbol: Symbol| expr.terms.iter().find(|(of, _)| *of == symbol).map(|(_, weight)| *weight);
            let (first, weight) = terms.first()?;
            let factor = of(*first).filter(|of| of % weight == 0)? / weight;
            if !terms.iter().all(|(symbol, weight)| of(*symbol) == Some(weight * factor)) {
                return None;
            }
            steps.sort_unstable();
            let (least, _, coefficient) = *steps.first()?;
            let unit = Some(-coefficient / factor).filter(|unit| *unit > 0 && unit * factor == -coefficient)?;
            let multiples = (0..).zip(&steps);
            if !multiples.into_iter().all(|(index, (at, _, of))| (*at, *of) == (least + index * unit, coefficient)) {
                return None;
            }
            let x = Expr { terms: terms.to_vec(), constant: 0 };
            let of_x = self.range(region, &x);
            let count = steps.len() as i128;
            let last = least + (count - 1) * unit;
            // What is left of x below t, between multiples, and from the last multiple on.
            let pieces = [
                (of_x.low < least).then(|| Interval { low: of_x.low, high: of_x.high.min(least - 1) }),
                (of_x.high >= least && of_x.low < last).then(|| Interval { low: least - unit, high: least - 1 }),
                (of_x.high >= last).then(|| Interval { low: of_x.low.max(last) - count * unit, high: of_x.high - count * unit }),
            ];
            let left = pieces.into_iter().flatten().reduce(Interval::hull)?;
            let mut rest = expr.minus(&x.times(factor));
            rest.terms.retain(|(symbol, _)| !steps.iter().any(|(_, step, _)| step == symbol));
            Some((left * Interval::point(factor), rest))
        })
    }
}
