//! The unembedding: in each family of tokens, the logit is a polynomial of degree 2 in the token's number.
//!
//! If the logit of number b is `p + (2X + 1)·b − Y·(b² + b)` with Y > 0, the next number's logit is
//! `2X + 1 − 2(b + 1)·Y` more. X and Y are integers, so this is more than 0 exactly where X ≥ (b + 1)·Y, and
//! never 0. So the family's best token is ⌊X / Y⌋, if the family has this number, and no other token is as
//! good.

use super::expr::Expr;
use super::machine::Machine;
use super::region::Region;
use super::symbols::Symbols;
use crate::circuit::Interval;
use crate::full::listing::token::{Event, Family, Token};
use crate::prove::Failure;
use crate::prove::network::Linear;
use crate::prove::obligation::Tally;

/// The logits of a family: `constant + slope · b + curve · (b² + b)`.
#[derive(Clone, Debug)]
pub(super) struct Logits {
    /// The family's token with number 0; of events, each is a family of its own.
    pub first: Token,
    pub size: i128,
    pub constant: Linear,
    pub slope: Linear,
    pub curve: Linear,
}

/// A family's logits in a case.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub constant: Expr,
    pub slope: Expr,
    pub curve: Expr,
}

fn combined(parts: &[(&Linear, i64)]) -> Linear {
    let mut weights: std::collections::BTreeMap<usize, i64> = std::collections::BTreeMap::new();
    for (form, factor) in parts {
        form.terms().for_each(|(lane, weight)| *weights.entry(lane).or_default() += weight * factor);
    }
    Linear(weights.into_iter().filter(|(_, weight)| *weight != 0).collect())
}

fn sorted(form: &Linear) -> Linear {
    combined(&[(form, 1)])
}

/// The logits of all families. Tokens that only listings have must have the logit 0.
pub(super) fn logits(machine: &Machine<'_>, tally: &mut Tally) -> Result<Vec<Logits>, Failure> {
    let logits = &machine.network.logits;
    let mut families = Vec::new();
    for family in Family::all() {
        let ids = machine.ids(family);
        if !family.is_emitted() {
            if let Some(token) = ids.clone().find(|token| !logits[*token].is_zero()) {
                return Err(Failure::new(format!("the logit of token {token}, which is only for listings, is not 0")));
            }
            tally.cases += ids.len() as u64;
            continue;
        }
        if family == Family::Event {
            for (number, event) in ids.zip(Event::all()) {
                let [slope, curve] = [(); 2].map(|()| Linear::default());
                families.push(Logits { first: event.token(), size: 1, constant: sorted(&logits[number]), slope, curve });
                tally.cases += 1;
            }
            continue;
        }
        let start = ids.start;
        let at = |number: usize| &logits[start + number];
        // From the logits of 0, 1 and 2: 2·curve = (L2 − L0) − 2·(L1 − L0).
        let twice = combined(&[(at(2), 1), (at(1), -2), (at(0), 1)]);
        if twice.terms().any(|(_, weight)| weight % 2 != 0) {
            return Err(Failure::new(format!("the logits of {family:?} are no polynomial of the number")));
        }
        let curve = Linear(twice.terms().map(|(lane, weight)| (lane, weight / 2)).collect());
        let slope = combined(&[(at(1), 1), (at(0), -1), (&curve, -2)]);
        let constant = sorted(at(0));
        for (number, token) in (0..).zip(ids.clone()) {
            tally.cases += 1;
            let wanted = combined(&[(&constant, 1), (&slope, number), (&curve, number * number + number)]);
            if sorted(&logits[token]) != wanted {
                let token = Token { family, number: number as u16 };
                return Err(Failure::new(format!("the logit of {token} is not the polynomial of its family")));
            }
        }
        families.push(Logits { first: Token { family, number: 0 }, size: ids.len() as i128, constant, slope, curve });
    }
    Ok(families)
}

impl Logits {
    /// The lanes that the logits read.
    pub fn lanes(&self) -> impl Iterator<Item = usize> + '_ {
        [&self.constant, &self.slope, &self.curve].into_iter().flat_map(|form| form.terms().map(|(lane, _)| lane))
    }

    pub fn held(&self, symbols: &mut Symbols, region: &Region, lanes: &[Expr]) -> Held {
        let mut of = |form: &Linear| symbols.normal(region, &Expr::of(form, lanes));
        Held { constant: of(&self.constant), slope: of(&self.slope), curve: of(&self.curve) }
    }
}

impl Held {
    /// The range of the family's best logit: not less than that of number 0, and not more than all parts can
    /// give.
    pub fn range(&self, symbols: &Symbols, region: &Region, size: i128) -> Interval {
        let [constant, slope, curve] = [&self.constant, &self.slope, &self.curve].map(|part| symbols.range(region, part));
        let last = size - 1;
        Interval { low: constant.low, high: constant.high + last * slope.high.max(0) + (last * last + last) * curve.high.max(0) }
    }
}
