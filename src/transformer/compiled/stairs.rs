//! Sums of positive parts of one number, as what they are: a function in straight pieces.
//!
//! Neurons count by steps: `relu(x + 1 − k·unit) − relu(x − k·unit)` for many k. All of them read one number,
//! so their sum is a table over this number. For a number in a piece it gives `slope · x + height`.

use std::collections::BTreeMap;

use super::form::Var;
use crate::transformer::Interval;

/// A piece: the lowest number in it, and the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub from: i64,
    pub slope: i64,
    pub height: i64,
}

impl Piece {
    pub fn native(&self) -> wasmformer_native::Piece {
        let [from, slope, height] = [self.from, self.slope, self.height].map(|number| number as f64);
        wasmformer_native::Piece { from, slope, height }
    }

    fn at(&self, x: i128) -> i128 {
        i128::from(self.slope) * x + i128::from(self.height)
    }
}

/// The pieces of a sum `Σ weight · max(0, x + constant)`, and the sum's range for x in a range. Below the
/// first piece the sum is 0. `None` if a product may leave the exact integers.
pub(super) fn pieces(parts: &[(i64, i64)], x: Interval, exact: i128) -> Option<(Vec<Piece>, Interval)> {
    let mut changes: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (weight, constant) in parts {
        let (slope, height) = changes.entry(constant.checked_neg()?).or_default();
        *slope = slope.checked_add(*weight)?;
        *height = height.checked_add(weight.checked_mul(*constant)?)?;
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut line = Piece { from: i64::MIN, slope: 0, height: 0 };
    let mut kept = line;
    let mut range: Option<Interval> = None;
    let ends: Vec<i64> = changes.keys().copied().skip(1).collect();
    let mut see = |line: &Piece, low: i128, high: i128| {
        let (low, high) = (low.max(x.low), high.min(x.high));
        if low > high {
            return true;
        }
        let (a, b) = (line.at(low), line.at(high));
        let here = Interval { low: a.min(b), high: a.max(b) };
        range = Some(range.map_or(here, |range| range.hull(here)));
        let magnitude = low.abs().max(high.abs());
        i128::from(line.slope).abs() * magnitude + i128::from(line.height).abs() < exact
    };
    let first = changes.keys().next().copied()?;
    let mut fits = see(&line, i128::MIN, i128::from(first) - 1);
    for (index, (from, (slope, height))) in changes.iter().enumerate() {
        let next = Piece { from: *from, slope: line.slope.checked_add(*slope)?, height: line.height.checked_add(*height)? };
        let end = ends.get(index).map_or(i128::MAX, |end| i128::from(*end) - 1);
        // A piece of one number where the piece before gives the same is no piece.
        let is_point = end == i128::from(*from) && next.at(end) == kept.at(end);
        fits &= see(&next, i128::from(*from), end);
        line = next;
        if !is_point {
            pieces.push(next);
            kept = next;
        }
    }
    fits.then_some((pieces, range?))
}

/// The terms of a form, by what they are positive parts of.
pub(super) type Groups = BTreeMap<Vec<(Var, i64)>, Vec<(i64, i64)>>;
