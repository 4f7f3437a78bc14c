//! Finds the highest logit without computing all the products.
//!
//! Tokens whose logits are forms over the same n lanes are points in a space of n dimensions. If these points
//! lie in a plane, `base + a·u + b·v`, the point with the highest logit lies on their upper
//! [hull](super::hull) over (a, b). For a parabola of 256 tokens this takes eight comparisons instead of 256
//! products. The few other tokens are computed one by one. The bound of a plane (see `bounds`) is not less
//! than any of the plane's logits. A plane is searched only if its bound is not less than the highest logit
//! so far. The plane with the highest bound comes first.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bounds;
use super::hull::{Hull, Point};
use super::kernel::{BLOCK, Rows};
use super::tile::{Across, TILE, dot};
use crate::transformer::{Interval, Matrix, Number};

/// Number of tokens from which on a hull is worth its cost.
const WORTH_A_HULL: usize = 8;

/// Maximum number of planes that have bounds.
const BOUNDED: usize = 64;

/// Tokens with logits `base + a·u + b·v` for forms base, u and v over the same lanes.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    /// Per lane, its weight in u and in v.
    lanes: Vec<(u32, i64, i64)>,
    pub(super) hull: Hull,
    /// Whether all tokens have different a. Only then does the hull give the highest token even if b does not
    /// count.
    distinct: bool,
    /// The token of each slot. The first one is the lowest token.
    tokens: Vec<usize>,
    /// Per lane, the lowest and the highest weight of all tokens.
    extremes: Vec<(u32, [i64; 2])>,
}

/// What may have the highest logit.
#[derive(Clone, Debug)]
pub(in crate::transformer) struct Candidates {
    /// Planes, by their index, and tokens that do not lie in a plane.
    pub planes: Vec<usize>,
    pub others: Vec<usize>,
}

/// An unembedding, compiled.
#[derive(Clone, Debug)]
pub struct Unembedding<T> {
    rows: Rows<T>,
    pub(super) planes: Vec<Plane>,
    /// The bounds of the planes' logits.
    bounds: Bounds<T>,
    others: Vec<usize>,
}

/// The best token so far.
#[derive(Clone, Copy, Debug)]
struct Best<T> {
    logit: T,
    token: usize,
}

impl<T: Number> Best<T> {
    fn none() -> Best<T> {
        Best { logit: T::LOWEST, token: usize::MAX }
    }

    #[inline(always)]
    fn consider(&mut self, logit: T, token: usize) {
        if logit > self.logit || logit == self.logit && token < self.token {
            *self = Best { logit, token };
        }
    }
}

impl<T> Unembedding<T> {
    /// The number of planes and other tokens.
    pub(in crate::transformer) fn candidates_at_most(&self) -> usize {
        self.planes.len() + self.others.len()
    }
}

impl<T: Number> Unembedding<T> {
    /// Compiles the unembedding matrix.
    pub fn new(matrix: &Matrix<T>) -> Unembedding<T> {
        let rows = Rows::from(matrix);
        let mut groups: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
        for token in 0..rows.len() {
            groups.entry(rows.terms(token).iter().map(|(lane, _)| *lane).collect()).or_default().push(token);
        }
        let (mut planes, mut extremes) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for (lanes, tokens) in groups {
            // Among equal forms, the lowest token wins.
            let mut distinct: BTreeMap<Vec<i64>, usize> = BTreeMap::new();
            for token in tokens {
                distinct.entry(rows.terms(token).iter().map(|(_, weight)| weight.to_integer()).collect()).or_insert(token);
            }
            let mut forms: Vec<(Vec<i64>, usize)> = distinct.into_iter().collect();
            forms.sort_by_key(|(_, token)| *token);
            match Plane::through(&lanes, &forms) {
                Some(plane) if forms.len() >= WORTH_A_HULL => {
                    extremes.push(plane.dense_extremes(matrix.columns()));
                    planes.push(plane);
                }
                _ => others.extend(forms.iter().map(|(_, token)| *token)),
            }
        }
        Unembedding { rows, planes, bounds: Bounds::new(&extremes), others }
    }

    /// All logits of a row with these lanes.
    pub fn logits(&self, lane: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.rows.len()).map(|token| self.logit(token, &lane)).collect()
    }

    /// The token with the highest logit; among equal logits, the lowest token.
    #[inline(always)]
    pub fn token(&self, lanes: &[T]) -> usize {
        let lane = |lane: usize| lanes[lane];
        let mut best = Best::none();
        self.others.iter().for_each(|token| best.consider(self.logit(*token, &lane), *token));
        let mut bounds = [[T::LOWEST; BLOCK]; BOUNDED / BLOCK];
        self.bounds.all(lanes, &mut bounds);
        self.best_of_planes(best, |plane| bounds.as_flattened().get(plane).copied(), lane)
    }

    /// [`Unembedding::token`] of all rows of a tile. `bounds` is memory for one number per row and plane.
    #[inline(always)]
    pub(super) fn tokens(&self, rows: usize, lanes: &[Across<T>], bounds: &mut Vec<Across<T>>) -> [usize; TILE] {
        let mut best = [Best::none(); TILE];
        for token in &self.others {
            let Across(logits) = dot(&self.rows, *token, lanes);
            best.iter_mut().zip(logits).for_each(|(best, logit)| best.consider(logit, *token));
        }
        bounds.clear();
        self.bounds.all_across(lanes, bounds);
        let mut tokens = [0; TILE];
        for row in 0..rows.min(TILE) {
            tokens[row] = self.best_of_planes(best[row], |plane| Some(bounds[plane].0[row]), |lane| lanes[lane].0[row]);
        }
        tokens
    }

    /// The best of all tokens. `best` is the best of the tokens that do not lie in a plane, and `bound` gives
    /// the bounds of planes that have one.
    #[inline(always)]
    fn best_of_planes(&self, mut best: Best<T>, bound: impl Fn(usize) -> Option<T>, lane: impl Fn(usize) -> T) -> usize {
        let mut first = (0, T::LOWEST);
        for plane in 0..self.planes.len() {
            if let Some(bound) = bound(plane)
                && bound > first.1
            {
                first = (plane, bound);
            }
        }
        for index in first_then_others(first.0, self.planes.len()) {
            if bound(index).is_none_or(|bound| bound >= best.logit) {
                self.consider_plane(&mut best, &self.planes[index], &lane);
            }
        }
        best.token
    }

    /// What may have the highest logit where lanes have these ranges. `rows` is the unembedding with integer
    /// weights.
    pub(in crate::transformer) fn candidates(&self, ranges: &[Interval], rows: &[Vec<(u32, i64)>]) -> Candidates {
        let logit =
            |token: usize| rows[token].iter().fold(Interval::point(0), |sum, (lane, weight)| sum + ranges[*lane as usize] * *weight);
        let first = self.planes.iter().map(|plane| plane.tokens[0]);
        let reached = first.chain(self.others.iter().copied()).map(|token| logit(token).low).max();
        let reaches = |token: &usize| reached.is_none_or(|reached| logit(*token).high >= reached);
        // Most planes are bounded without looking at each of their tokens.
        let may_reach = |plane: &Plane| reached.is_none_or(|reached| plane.bound(ranges) >= reached);
        let planes = (0..).zip(&self.planes).filter(|(_, plane)| may_reach(plane) && plane.tokens.iter().any(reaches));
        let planes: Vec<usize> = planes.map(|(plane, _)| plane).collect();
        let others: Vec<usize> = self.others.iter().copied().filter(reaches).collect();
        Candidates { planes, others }
    }

    /// The lanes that the logits of a plane's tokens depend on, each with the lowest and the highest weight
    /// of these tokens.
    pub(in crate::transformer) fn extremes(&self, plane: usize) -> &[(u32, [i64; 2])] {
        &self.planes[plane].extremes
    }

    /// The token with the highest logit among candidates; among equal logits, the lowest. Given are the
    /// logits of the other tokens, the bounds of the planes, and the lanes that the planes' logits depend on.
    #[inline(always)]
    pub(in crate::transformer) fn token_among(&self, candidates: &Candidates, logits: &[T], bounds: &[T], lanes: &[T]) -> usize {
        let mut best = Best::none();
        for (token, logit) in candidates.others.iter().zip(logits) {
            best.consider(*logit, *token);
        }
        let mut first = 0;
        for (plane, bound) in bounds.iter().enumerate() {
            if *bound > bounds[first] {
                first = plane;
            }
        }
        for at in first_then_others(first, candidates.planes.len()) {
            if bounds[at] >= best.logit {
                self.consider_plane(&mut best, &self.planes[candidates.planes[at]], &|lane: usize| lanes[lane]);
            }
        }
        best.token
    }

    /// Considers all tokens of a plane that may have its highest logit.
    #[inline(always)]
    fn consider_plane(&self, best: &mut Best<T>, plane: &Plane, lane: &impl Fn(usize) -> T) {
        let (mut q, mut r) = (0, 0);
        for (index, u, v) in &plane.lanes {
            let x = lane(*index as usize).to_integer();
            (q, r) = (q + u * x, r + v * x);
        }
        if r > 0 || r == 0 && q != 0 && plane.distinct {
            for slot in plane.hull.best(q, r) {
                let token = plane.tokens[slot as usize];
                best.consider(self.logit(token, lane), token);
            }
            return;
        }
        // If both are zero, all logits are equal.
        let tokens = if (q, r) == (0, 0) { &plane.tokens[..1] } else { &plane.tokens };
        for token in tokens {
            best.consider(self.logit(*token, lane), *token);
        }
    }

    #[inline(always)]
    fn logit(&self, token: usize, lane: &impl Fn(usize) -> T) -> T {
        let mut sum = T::default();
        for (index, weight) in self.rows.terms(token) {
            sum += *weight * lane(*index as usize);
        }
        sum
    }
}

/// The numbers below `count`: one of them first, and then the others.
#[inline(always)]
fn first_then_others(first: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| if turn == 0 { first } else { turn - usize::from(turn <= first) })
}

impl Plane {
    /// What no logit exceeds where lanes have these ranges.
    fn bound(&self, ranges: &[Interval]) -> i128 {
        let highest = |(lane, extremes): &(u32, [i64; 2])| {
            let [a, b] = extremes.map(|weight| (ranges[*lane as usize] * weight).high);
            a.max(b)
        };
        self.extremes.iter().map(highest).sum()
    }

    /// The largest and the smallest weights of all tokens, as dense weights.
    fn dense_extremes<T: Number>(&self, d_model: usize) -> Vec<Vec<T>> {
        let (mut highest, mut lowest) = (vec![T::default(); d_model], vec![T::default(); d_model]);
        for (lane, [low, high]) in &self.extremes {
            lowest[*lane as usize] = T::from_integer(*low);
            highest[*lane as usize] = T::from_integer(*high);
        }
        vec![highest, lowest]
    }

    /// The plane that contains these distinct forms over some lanes, if there is one that two of the lanes
    /// span.
    fn through(lanes: &[u32], forms: &[(Vec<i64>, usize)]) -> Option<Plane> {
        let (base, _) = forms.first()?;
        let steps: Vec<Vec<i64>> =
            forms.iter().map(|(form, _)| form.iter().zip(base).map(|(weight, base)| weight - base).collect()).collect();
        // Of two lanes, the lane whose weights grow faster (such as squares) comes second.
        let mut order: Vec<usize> = (0..lanes.len()).collect();
        order.sort_by_key(|lane| steps.iter().map(|step| step[*lane].abs()).max());
        let pairs = order.iter().enumerate().flat_map(|(at, i)| order[at + 1..].iter().map(move |j| (*i, *j)));
        let (i, j, span) = pairs.filter_map(|(i, j)| Some((i, j, span(&steps, i, j)?))).next()?;
        let mut hull = Hull::default();
        for (slot, step) in steps.iter().enumerate() {
            hull.insert(Point { a: step[i], b: step[j], slot: slot as u32 });
        }
        let distinct = steps.iter().map(|step| step[i]).collect::<BTreeSet<_>>().len() == steps.len();
        let extremes = lanes.iter().enumerate().map(|(at, lane)| {
            let weights = || forms.iter().map(|(form, _)| form[at]);
            (*lane, [weights().min().unwrap_or(0), weights().max().unwrap_or(0)])
        });
        let extremes = extremes.collect();
        let lanes = lanes.iter().zip(span).map(|(lane, (u, v))| (*lane, u, v)).filter(|(_, u, v)| (*u, *v) != (0, 0));
        let tokens = forms.iter().map(|(_, token)| *token).collect();
        Some(Plane { lanes: lanes.collect(), hull, distinct, tokens, extremes })
    }
}

/// Per lane, the integers (u, v) for which the lane's weight in every step is u times the weight of lane i
/// plus v times the weight of lane j.
fn span(steps: &[Vec<i64>], i: usize, j: usize) -> Option<Vec<(i64, i64)>> {
    let wide = |step: &[i64], lane: usize| i128::from(step[lane]);
    let first = steps.iter().find(|step| step[i] != 0)?;
    let determinant = |step: &[i64]| wide(first, i) * wide(step, j) - wide(first, j) * wide(step, i);
    let second = steps.iter().find(|step| determinant(step) != 0)?;
    let whole = |numerator: i128| (numerator % determinant(second) == 0).then(|| i64::try_from(numerator / determinant(second)).ok())?;
    let coefficients = (0..first.len()).map(|lane| {
        let (x, y) = (wide(first, lane), wide(second, lane));
        let u = whole(x * wide(second, j) - y * wide(first, j))?;
        let v = whole(y * wide(first, i) - x * wide(second, i))?;
        let fits = |step: &Vec<i64>| wide(step, lane) == i128::from(u) * wide(step, i) + i128::from(v) * wide(step, j);
        steps.iter().all(fits).then_some((u, v))
    });
    coefficients.collect()
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;
    use crate::transformer::argmax;

    const FAMILIES: usize = 6;
    const TOKENS: usize = 20;

    /// Whether parabolas, each raised by a flag of its own, ever give another token than the highest of all
    /// logits. With the planted fault `are_too_low`, the bounds of the planes are too low.
    fn told_from_all_logits(are_too_low: bool) -> bool {
        let mut matrix = Matrix::zeros(FAMILIES * TOKENS, 2 + 2 * FAMILIES);
        for family in 0..FAMILIES {
            for token in 0..TOKENS {
                let (row, t) = (family * TOKENS + token, token as f64);
                *matrix.get_mut(row, 0) = -t * t;
                *matrix.get_mut(row, 2 + family) = 2.0 * t;
                *matrix.get_mut(row, 2 + FAMILIES + family) = 500.0;
            }
        }
        let mut unembedding = Unembedding::new(&matrix);
        assert_eq!(unembedding.planes.len(), FAMILIES);
        if are_too_low {
            unembedding.bounds.0.terms.iter_mut().for_each(|(_, extremes)| extremes.fill(0.0));
        }
        let mut random = Random::new(3);
        let mut random = move |limit: usize| random.below(limit) as f64;
        (0..2000).any(|_| {
            let mut lanes: Vec<f64> = (0..2 + 2 * FAMILIES).map(|_| random(30) - 5.0).collect();
            lanes[0] = random(2);
            lanes[2 + FAMILIES..].iter_mut().for_each(|flag| *flag = random(3) - 1.0);
            let logits = unembedding.logits(|lane| lanes[lane]);
            unembedding.token(&lanes) != argmax(&logits)
        })
    }

    #[test]
    fn finds_the_highest_of_all_logits() {
        assert!(!told_from_all_logits(false));
    }

    #[test]
    fn bounds_that_are_too_low_are_told() {
        assert!(told_from_all_logits(true));
    }
}
