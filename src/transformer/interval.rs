//! Ranges of integers.

use std::fmt;
use std::ops::{Add, Mul};

/// All integers from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The lowest integer.
    pub low: i128,
    /// The highest integer.
    pub high: i128,
}

impl Interval {
    /// The range from `low` to `high`.
    pub fn new(low: i128, high: i128) -> Interval {
        debug_assert!(low <= high);
        Interval { low, high }
    }

    /// The range of one integer.
    pub fn point(value: i128) -> Interval {
        Interval { low: value, high: value }
    }

    /// The smallest range that contains both ranges.
    pub fn hull(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The integers that are in both ranges; `None` if the ranges do not overlap.
    pub fn intersect(self, other: Interval) -> Option<Interval> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Interval { low, high })
    }

    /// The range of `max(0, x)`.
    pub fn relu(self) -> Interval {
        Interval { low: self.low.max(0), high: self.high.max(0) }
    }

    /// The largest absolute value in the range.
    pub fn magnitude(self) -> i128 {
        self.low.abs().max(self.high.abs())
    }
}

impl Add for Interval {
    type Output = Interval;

    fn add(self, other: Interval) -> Interval {
        Interval { low: self.low + other.low, high: self.high + other.high }
    }
}

impl Mul<i64> for Interval {
    type Output = Interval;

    fn mul(self, factor: i64) -> Interval {
        self * Interval::point(i128::from(factor))
    }
}

impl Mul for Interval {
    type Output = Interval;

    fn mul(self, other: Interval) -> Interval {
        let products = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        let (mut low, mut high) = (products[0], products[0]);
        for product in products {
            low = low.min(product);
            high = high.max(product);
        }
        Interval { low, high }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.low, self.high)
    }
}
