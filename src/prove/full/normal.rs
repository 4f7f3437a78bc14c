//! The normal form of sums of unknown numbers, and what cases say of them.

use std::collections::BTreeMap;

use super::expr::{Expr, Symbol};
use super::region::{BYTES, Byte, Region};
use super::symbols::{FEW, Meaning, Symbols};
use crate::circuit::Interval;

impl Symbols {
    /// The terms of a sum with each `[g ≥ 0]·v − [g ≥ 1]·v` as `[g = 0]·v`.
    fn with_equalities(&mut self, terms: Vec<(Symbol, i128)>) -> Vec<(Symbol, i128)> {
        let chosen = |symbols: &Symbols, symbol: Symbol| match symbols.meaning(symbol) {
            Meaning::Chosen(gate, value) => Some((gate.clone(), value.clone())),
            _ => None,
        };
        let mut left = terms;
        let mut equalities = Vec::new();
        let mut index = 0;
        while index < left.len() {
            let (symbol, coefficient) = left[index];
            let next = chosen(self, symbol).and_then(|(gate, value)| {
                let next = *self.index.get(&Meaning::Chosen(gate.add(-1), value.clone()))?;
                let place = left.iter().position(|term| *term == (next, -coefficient))?;
                Some((place, gate, value))
            });
            match next {
                Some((place, gate, value)) => {
                    equalities.push(self.equal(&gate, &value).times(coefficient));
                    left = left.into_iter().enumerate().filter(|(at, _)| *at != index && *at != place).map(|(_, term)| term).collect();
                    index = 0;
                }
                None => index += 1,
            }
        }
        left.extend(equalities.into_iter().flat_map(|equality| equality.terms));
        left.sort_unstable();
        left
    }

    /// The normal form of a sum in a case.
    pub fn normal(&mut self, region: &Region, expr: &Expr) -> Expr {
        let mut rest = Expr::constant(expr.constant);
        let mut by_byte: BTreeMap<Byte, Vec<(Symbol, i128)>> = BTreeMap::new();
        let mut by_pair: BTreeMap<[Byte; 2], Vec<(Symbol, i128)>> = BTreeMap::new();
        for (symbol, coefficient) in expr.terms.iter().copied() {
            match self.meaning(symbol) {
                Meaning::Of(byte, _) => by_byte.entry(*byte).or_default().push((symbol, coefficient)),
                Meaning::Pair(bytes, _) => by_pair.entry(*bytes).or_default().push((symbol, coefficient)),
                Meaning::Free(..) if let Some(range) = region.free(symbol).filter(|range| range.low == range.high) => {
                    rest.constant += range.low * coefficient;
                }
                _ => rest.terms.push((symbol, coefficient)),
            }
        }
        let is_chosen = |(symbol, _): &&(Symbol, i128)| matches!(self.meaning(*symbol), Meaning::Chosen(..));
        if rest.terms.iter().filter(is_chosen).count() >= 2 {
            rest.terms = self.with_equalities(rest.terms);
        }
        let is_plain = |(byte, group): (&Byte, &Vec<(Symbol, i128)>)| group.len() == 1 && region.values(*byte).is_none();
        if by_pair.is_empty() && by_byte.iter().all(is_plain) {
            rest.terms.extend(by_byte.into_values().flatten());
            rest.terms.sort_unstable();
            return rest;
        }
        let mut parts = vec![rest];
        for (bytes, mut group) in by_pair {
            if bytes.iter().any(|byte| region.values(*byte).is_some()) {
                parts.push(Expr { terms: group, constant: 0 });
                continue;
            }
            bytes.iter().for_each(|byte| group.extend(by_byte.remove(byte).unwrap_or_default()));
            group.sort_unstable();
            parts.push(self.normal_pair(bytes, group));
        }
        for (byte, group) in by_byte {
            if group.len() == 1 && region.values(byte).is_none() {
                parts.push(Expr { terms: group, constant: 0 });
                continue;
            }
            let sum = Expr { terms: group, constant: 0 };
            let table: Vec<i128> = (0..BYTES).map(|number| self.on(&sum, |_| number)).collect();
            parts.push(self.of_byte(region, byte, |number| table[number]));
        }
        Expr::sum(parts.iter().map(|part| (part, 1)))
    }

    /// `relu(gate) · value`, both in normal form and the gate of this range, if it is known in a case.
    pub fn product(&mut self, region: &Region, gate: &Expr, range: Interval, value: &Expr) -> Option<Expr> {
        if range.high <= 0 {
            return Some(Expr::default());
        }
        if range.low == range.high {
            return Some(value.times(range.low));
        }
        if range.low >= 0
            && let Some(value) = value.as_constant()
        {
            return Some(gate.times(value));
        }
        if let Some(product) = self.gated_by_bytes(region, gate, value) {
            return Some(product);
        }
        if range.high == 1 {
            // relu(g) is [g ≥ 1].
            return Some(self.chosen(region, &gate.add(-1), value));
        }
        if range.low == -1
            && let Some(value) = value.as_constant()
        {
            // relu(g) is g + 1 − [g ≥ 0].
            return Some(gate.add(1).minus(&self.step(region, gate)).times(value));
        }
        None
    }

    /// Whether a sum has outputs of neurons that were not known where it was made.
    pub fn has_gates(&self, expr: &Expr) -> bool {
        let is_gate =
            |(symbol, _): &(Symbol, i128)| !matches!(self.meaning(*symbol), Meaning::Free(..) | Meaning::Of(..) | Meaning::Pair(..));
        expr.terms.iter().any(is_gate)
    }

    /// The normal form in a case of a sum that was made in a more general case, with the outputs of neurons
    /// as they are in this case.
    pub fn resolved(&mut self, region: &Region, expr: &Expr) -> Expr {
        if !self.has_gates(expr) {
            return self.normal(region, expr);
        }
        let mut parts = vec![Expr::constant(expr.constant)];
        for (symbol, coefficient) in expr.terms.iter().copied() {
            let part = match self.meaning(symbol).clone() {
                Meaning::Step(gate) => {
                    let gate = self.resolved(region, &gate);
                    self.step(region, &gate)
                }
                Meaning::Gated(gate, value) => {
                    let [gate, value] = [gate, value].map(|part| self.resolved(region, &part));
                    let range = self.range(region, &gate);
                    self.product(region, &gate, range, &value).unwrap_or_else(|| self.gated(&gate, &value))
                }
                Meaning::Chosen(gate, value) => {
                    let [gate, value] = [gate, value].map(|part| self.resolved(region, &part));
                    self.chosen(region, &gate, &value)
                }
                Meaning::Equal(number, value) => {
                    let [number, value] = [number, value].map(|part| self.resolved(region, &part));
                    match self.range(region, &number) {
                        Interval { low: 0, high: 0 } => value,
                        Interval { low, high } if low > 0 || high < 0 => Expr::default(),
                        _ => self.equal(&number, &value),
                    }
                }
                _ => Expr::symbol(symbol),
            };
            parts.push(part.times(coefficient));
        }
        let sum = Expr::sum(parts.iter().map(|part| (part, 1)));
        self.normal(region, &sum)
    }

    fn normal_pair(&mut self, bytes: [Byte; 2], group: Vec<(Symbol, i128)>) -> Expr {
        if group.len() == 1 {
            return Expr { terms: group, constant: 0 };
        }
        if let Some(known) = self.pairs.get(&group) {
            return known.clone();
        }
        let sum = Expr { terms: group.clone(), constant: 0 };
        let of = |index: usize| self.on(&sum, |byte| if byte == bytes[0] { index / BYTES } else { index % BYTES });
        let table: Vec<i128> = (0..BYTES * BYTES).map(of).collect();
        let normal = self.of_pair(bytes, |a, b| table[a * BYTES + b]).unwrap_or(sum);
        self.pairs.insert(group, normal.clone());
        normal
    }

    /// The case in which a sum is at least 0, besides what a case says. `None` if there is no such case.
    pub fn assume(&mut self, region: &Region, expr: &Expr) -> Option<Region> {
        let narrowed = self.narrowed(region, expr)?;
        let narrowed = self.in_normal_form(narrowed)?;
        let is_possible = |(terms, known): (&Vec<(Symbol, i128)>, &Interval)| {
            let sum = Expr { terms: terms.clone(), constant: 0 };
            let others = narrowed.without_sum(terms);
            self.range(&others, &sum).intersect(*known).is_some()
        };
        let is_possible = narrowed.sums().all(is_possible);
        is_possible.then_some(narrowed)
    }

    /// A case with its sums in their normal form in this case, so that they are found by it. `None` if there
    /// is no such case.
    fn in_normal_form(&mut self, region: Region) -> Option<Region> {
        let sums: Vec<(Expr, Interval)> =
            region.sums().map(|(terms, range)| (Expr { terms: terms.clone(), constant: 0 }, *range)).collect();
        let normal: Vec<Expr> = sums.iter().map(|(sum, _)| self.resolved(&region, sum)).collect();
        if normal.iter().zip(&sums).all(|(normal, (sum, _))| normal == sum) {
            return Some(region);
        }
        let mut all = region.without_sums();
        for (normal, (_, range)) in normal.iter().zip(&sums) {
            for gate in [normal.add(-range.low), normal.times(-1).add(range.high)] {
                all = self.narrowed(&all, &gate)?;
            }
        }
        Some(all)
    }

    fn narrowed(&mut self, region: &Region, expr: &Expr) -> Option<Region> {
        let expr = self.resolved(region, expr);
        let range = self.range(region, &expr);
        if range.high < 0 {
            return None;
        }
        if range.low >= 0 {
            return Some(region.clone());
        }
        if let [(symbol, coefficient)] = expr.terms[..] {
            match self.meaning(symbol).clone() {
                Meaning::Of(byte, table) => {
                    return region.restrict(byte, |value| table[value] * coefficient + expr.constant >= 0);
                }
                Meaning::Free(..) => {
                    let bound = |sign: i128| (expr.constant * sign).div_euclid(coefficient.abs());
                    // c·s + k ≥ 0: s ≥ −⌊k / c⌋, or s ≤ ⌊k / −c⌋.
                    let now = self.range_of(region, symbol);
                    let to = if coefficient > 0 { (-bound(1), now.high) } else { (now.low, bound(1)) };
                    return (to.0 <= to.1).then(|| region.narrow(symbol, now, Interval::new(to.0, to.1))).flatten();
                }
                _ => {}
            }
        }
        let content = expr.content();
        let terms: Vec<_> = expr.terms.iter().map(|(symbol, coefficient)| (*symbol, coefficient / content)).collect();
        let sum = Expr { terms: terms.clone(), constant: 0 };
        let now = self.range(region, &sum);
        let bound = expr.constant.div_euclid(content.abs());
        let to = if content > 0 { (-bound, now.high) } else { (now.low, bound) };
        (to.0 <= to.1).then(|| region.narrow_sum(terms, Interval::new(to.0, to.1))).flatten()
    }

    /// A gate whose sign decides an unknown output of a neuron in a sum; `None` if there is no such output.
    pub fn undecided(&self, region: &Region, expr: &Expr) -> Option<Expr> {
        expr.terms.iter().find_map(|(symbol, _)| match self.meaning(*symbol) {
            Meaning::Step(gate) => Some(self.undecided(region, gate).unwrap_or_else(|| gate.clone())),
            Meaning::Chosen(gate, value) => {
                let inner = self.undecided(region, gate).or_else(|| self.undecided(region, value));
                Some(inner.unwrap_or_else(|| gate.clone()))
            }
            Meaning::Gated(gate, value) => self.undecided(region, gate).or_else(|| self.undecided(region, value)).or_else(|| {
                let range = self.range(region, gate);
                let crosses = (range.low < 0 && range.high > 0).then(|| gate.clone());
                crosses.or_else(|| (1..=FEW).contains(&(range.high - range.low)).then(|| gate.add(-range.low - 1)))
            }),
            _ => None,
        })
    }

    /// A function of a byte in a sum that is not known, halved: a gate whose sign says more of the function.
    pub fn unknown_byte(&self, region: &Region, expr: &Expr) -> Option<Expr> {
        expr.terms.iter().find_map(|(symbol, _)| {
            let range = self.range_of(region, *symbol);
            let is_of = matches!(self.meaning(*symbol), Meaning::Of(..)) && range.low < range.high;
            is_of.then(|| Expr::symbol(*symbol).add(-(range.low + range.high + 1).div_euclid(2)))
        })
    }

    /// What a case says of bytes and free numbers, for reports.
    pub fn example(&self, region: &Region) -> String {
        let shown =
            region.shown(|symbol| self.shown(&Expr::symbol(symbol)), |terms| self.shown(&Expr { terms: terms.to_vec(), constant: 0 }));
        if shown.is_empty() { "nothing else is known".to_string() } else { shown.join(", ") }
    }

    /// What a symbol is, for reports.
    pub fn shown(&self, expr: &Expr) -> String {
        let shown = |(symbol, coefficient): &(Symbol, i128)| match self.meaning(*symbol) {
            Meaning::Free(name, _) => format!("{coefficient}·{name}"),
            Meaning::Of(byte, _) => format!("{coefficient}·f(byte {byte})"),
            Meaning::Pair([a, b], _) => format!("{coefficient}·f(byte {a}, byte {b})"),
            Meaning::Step(gate) => format!("{coefficient}·[{} ≥ 0]", self.shown(gate)),
            Meaning::Gated(gate, value) => format!("{coefficient}·relu({})·({})", self.shown(gate), self.shown(value)),
            Meaning::Chosen(gate, value) => format!("{coefficient}·[{} ≥ 0]·({})", self.shown(gate), self.shown(value)),
            Meaning::Equal(number, value) => format!("{coefficient}·[{} = 0]·({})", self.shown(number), self.shown(value)),
        };
        let terms: Vec<String> = expr.terms.iter().map(shown).chain([expr.constant.to_string()]).collect();
        terms.join(" + ")
    }
}
