//! The upper hull of two-dimensional keys, for hard-max in logarithmic time.
//!
//! For a query `(q, r)` with r > 0, the highest score `q·a + r·b` is reached on the upper convex hull of the
//! keys `(a, b)`. Points on the edges of the hull are kept too: such a point may tie with a corner, and then
//! the position decides. Along the hull the scores rise, stay at their highest, and fall, so that a binary
//! search finds the highest. On a parabola of evenly spaced points the slopes fall evenly, and the first
//! guess is right.

use std::cmp::Ordering;

/// A key with integer coordinates, and the slot of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// First coordinate.
    pub a: i64,
    /// Second coordinate.
    pub b: i64,
    /// The slot, which the caller chooses.
    pub slot: u32,
}

/// An upper hull that grows.
#[derive(Clone, Debug, Default)]
pub struct Hull {
    /// The points from left to right: `a` strictly rises, and slopes never rise.
    pub(super) points: Vec<Point>,
    /// The slope of the first edge.
    first_slope: f64,
    /// The number of edges per unit by which the slope falls. Guesses are computed from it.
    edges_per_slope: f64,
}

/// A little less than a half: what is added to it is rounded up, but not what is an integer.
const ALMOST_HALF: f64 = 0.5 - 1e-9;
/// 1.5 · 2^52.
const LARGE: f64 = 6_755_399_441_055_744.0;

/// Whether `m` lies strictly below the line from `l` to `r`.
fn is_below(l: Point, m: Point, r: Point) -> bool {
    let (dx, dy) = (i128::from(r.a - l.a), i128::from(r.b - l.b));
    i128::from(m.b - l.b) * dx < i128::from(m.a - l.a) * dy
}

impl Hull {
    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        self.points.len() * size_of::<Point>()
    }

    /// Adds a key. The key must not be there yet.
    pub fn insert(&mut self, point: Point) {
        let at = self.points.partition_point(|other| other.a < point.a);
        if let Some(same) = self.points.get(at).filter(|other| other.a == point.a) {
            if point.b < same.b {
                return;
            }
            self.points.remove(at);
        }
        let points = &self.points;
        if at > 0 && at < points.len() && is_below(points[at - 1], point, points[at]) {
            return;
        }
        let mut right = at;
        while right + 1 < self.points.len() && is_below(point, self.points[right], self.points[right + 1]) {
            right += 1;
        }
        let mut left = at;
        while left >= 2 && is_below(self.points[left - 2], self.points[left - 1], point) {
            left -= 1;
        }
        self.points.splice(left..right, [point]);
        self.prepare_guesses();
    }

    fn prepare_guesses(&mut self) {
        let slope = |pair: &[Point]| (pair[1].b - pair[0].b) as f64 / (pair[1].a - pair[0].a) as f64;
        let edges = self.points.len() - 1;
        if edges == 0 {
            return;
        }
        self.first_slope = slope(&self.points[..2]);
        let fall = self.first_slope - slope(&self.points[edges - 1..]);
        self.edges_per_slope = if fall > 0.0 { (edges - 1) as f64 / fall } else { 0.0 };
    }

    /// The slots with the highest score for the query `(q, r)`; `r` must be positive.
    #[inline(always)]
    pub fn best(&self, q: i64, r: i64) -> impl Iterator<Item = u32> + '_ {
        let (first, last) = self.highest(q, r);
        self.points.get(first..=last).unwrap_or_default().iter().map(|point| point.slot)
    }

    /// The first and the last of the points with the highest score.
    #[inline(always)]
    fn highest(&self, q: i64, r: i64) -> (usize, usize) {
        // Whether the score rises, stays or falls from a point to its right neighbour.
        let change = |edge: usize| {
            let (left, right) = (&self.points[edge], &self.points[edge + 1]);
            (q * (right.a - left.a) + r * (right.b - left.b)).cmp(&0)
        };
        let rises = |edge: usize| change(edge) == Ordering::Greater;
        let (mut low, mut high) = (0, self.points.len().saturating_sub(1));
        // An edge rises if q + r · slope > 0. The guess only decides where the search begins.
        let slope = if r == 1 { q as f64 } else { q as f64 / r as f64 };
        let edges = (slope + self.first_slope) * self.edges_per_slope;
        // Rounded up: in a sum with so large a number, the low bits are the nearest integer.
        let nearest = (edges + ALMOST_HALF + LARGE).to_bits() as i32;
        let guess = nearest.clamp(0, high as i32) as usize;
        // Mostly the guess is the one highest point.
        if (guess == 0 || rises(guess - 1)) && (guess == high || change(guess) == Ordering::Less) {
            return (guess, guess);
        }
        if guess < high {
            if rises(guess) { low = guess + 1 } else { high = guess }
        }
        if guess > low {
            if rises(guess - 1) { low = guess } else { high = guess - 1 }
        }
        while low < high {
            let middle = low.midpoint(high);
            if rises(middle) { low = middle + 1 } else { high = middle }
        }
        let first = low;
        let mut last = first;
        while last + 1 < self.points.len() && change(last) == Ordering::Equal {
            last += 1;
        }
        (first, last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// Compares the hull's answer with the answer of scoring every key, on keys of a small grid in shuffled
    /// order.
    #[test]
    fn finds_what_a_scan_finds() {
        let mut random = Random::new(1);
        for round in 0..200 {
            let mut hull = Hull::default();
            let mut keys: Vec<Point> = Vec::new();
            for slot in 0..40 {
                let a = random.below(12) as i64 - 6;
                // In every other round the keys lie on a parabola and just below it, so that edges and ties
                // occur.
                let b = if round % 2 == 0 { random.below(12) as i64 } else { -a * a / 4 - random.below(3) as i64 };
                if keys.iter().any(|key| (key.a, key.b) == (a, b)) {
                    continue;
                }
                let point = Point { a, b, slot };
                hull.insert(point);
                keys.push(point);
                for q in -8..8 {
                    for r in 1..4 {
                        let score = |key: &Point| q * key.a + r * key.b;
                        let highest = keys.iter().map(score).max().unwrap();
                        let mut expected: Vec<u32> = keys.iter().filter(|key| score(key) == highest).map(|key| key.slot).collect();
                        let mut found: Vec<u32> = hull.best(q, r).collect();
                        expected.sort_unstable();
                        found.sort_unstable();
                        assert_eq!(found, expected, "query ({q}, {r}) on {keys:?}");
                    }
                }
            }
        }
    }
}
