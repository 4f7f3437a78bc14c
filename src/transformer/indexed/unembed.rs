//! The highest logit without all the products.
//!
//! Tokens whose logits are forms over the same two lanes are points in a plane, and the highest of them lies on
//! their upper [hull](super::hull): for a parabola of 256 tokens eight comparisons instead of 256 products. The
//! few others are computed one by one.

use std::collections::BTreeMap;

use super::hull::{Hull, Point};
use super::kernel::Rows;
use crate::transformer::{Matrix, Number};

/// Tokens that are worth a hull.
const WORTH_A_HULL: usize = 8;

/// Tokens with logits over the same two lanes.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    lanes: (u32, u32),
    pub(super) hull: Hull,
    tokens: Vec<usize>,
}

/// An unembedding, compiled.
#[derive(Clone, Debug)]
pub struct Unembedding<T> {
    rows: Rows<T>,
    pub(super) planes: Vec<Plane>,
    others: Vec<usize>,
}

impl<T: Number> Unembedding<T> {
    /// From the unembedding matrix.
    pub fn new(matrix: &Matrix<T>) -> Unembedding<T> {
        let rows: Rows<T> = (0..matrix.rows()).map(|token| matrix.row(token)).collect();
        // The lane that most forms of two lanes share comes second: it is the constant one.
        let mut common: BTreeMap<u32, usize> = BTreeMap::new();
        for token in 0..rows.len() {
            rows.terms(token).iter().for_each(|(lane, _)| *common.entry(*lane).or_default() += 1);
        }
        let mut groups: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        let mut others = Vec::new();
        for token in 0..rows.len() {
            match rows.terms(token) {
                [(a, _), (b, _)] if common[a] <= common[b] => groups.entry((*a, *b)).or_default().push(token),
                [(a, _), (b, _)] => groups.entry((*b, *a)).or_default().push(token),
                _ => others.push(token),
            }
        }
        let mut planes = Vec::new();
        for (lanes, tokens) in groups {
            if tokens.len() < WORTH_A_HULL {
                others.extend(tokens);
                continue;
            }
            let weight = |token: usize, lane| rows.terms(token).iter().find(|term| term.0 == lane).map_or(0, |term| term.1.to_f64() as i64);
            let mut hull = Hull::default();
            let mut points: Vec<(i64, i64)> = Vec::new();
            let mut kept = Vec::new();
            for token in tokens {
                let point = (weight(token, lanes.0), weight(token, lanes.1));
                // Of equal forms the lowest token wins.
                if !points.contains(&point) {
                    hull.insert(Point { a: point.0, b: point.1, slot: kept.len() as u32 });
                    points.push(point);
                    kept.push(token);
                }
            }
            planes.push(Plane { lanes, hull, tokens: kept });
        }
        Unembedding { rows, planes, others }
    }

    /// All logits of a row with these lanes.
    pub fn logits(&self, lane: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.rows.len()).map(|token| self.logit(token, &lane)).collect()
    }

    /// The token with the highest logit; of equal ones the lowest.
    pub fn token(&self, lane: impl Fn(usize) -> T) -> usize {
        let mut best: Option<(T, usize)> = None;
        let mut consider = |token: usize| {
            let logit = self.logit(token, &lane);
            if best.is_none_or(|(highest, lowest)| logit > highest || logit == highest && token < lowest) {
                best = Some((logit, token));
            }
        };
        self.others.iter().for_each(|token| consider(*token));
        for Plane { lanes: (a, b), hull, tokens } in &self.planes {
            let (q, r) = (lane(*a as usize).to_f64() as i64, lane(*b as usize).to_f64() as i64);
            if r > 0 {
                hull.best(q, r).for_each(|slot| consider(tokens[slot as usize]));
            } else {
                tokens.iter().for_each(|token| consider(*token));
            }
        }
        best.map_or(0, |(_, token)| token)
    }

    fn logit(&self, token: usize, lane: &impl Fn(usize) -> T) -> T {
        let mut sum = T::default();
        for (index, weight) in self.rows.terms(token) {
            sum += *weight * lane(*index as usize);
        }
        sum
    }
}
