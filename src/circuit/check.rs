//! The check that a forward pass stays within the ranges that the analysis proved and the circuit stated.

use std::fmt;

use super::{Bounds, Interval};
use crate::transformer::{Number, Observer, Stage};

/// A lane whose value is outside its range, or is not an integer.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The place in the forward pass.
    pub stage: Stage,
    /// The lane's index.
    pub lane: usize,
    /// The value that the lane held.
    pub value: f64,
    /// The lane's range.
    pub range: Interval,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { stage, lane, value, range } = self;
        write!(f, "lane {lane} holds {value} after {stage}, outside the integers {range}")
    }
}

/// Checks every lane of every row at every stage.
#[derive(Clone, Debug)]
pub struct RangeCheck<'b> {
    bounds: &'b Bounds,
    /// The lowest values of the lanes and their highest values, per stage, in the order of `bounds`. These
    /// are floating-point numbers in lists of their own, so that the lanes of a row are compared as vectors.
    ranges: Vec<[Vec<f64>; 2]>,
    /// The first violation, if there was one.
    pub violation: Option<Violation>,
    /// The number of values checked.
    pub checked: u64,
}

impl<'b> RangeCheck<'b> {
    /// A check against these bounds.
    pub fn new(bounds: &'b Bounds) -> RangeCheck<'b> {
        let ends = |lanes: &[Interval]| {
            [lanes.iter().map(|range| range.low as f64).collect(), lanes.iter().map(|range| range.high as f64).collect()]
        };
        let ranges = bounds.lanes.iter().map(|(_, lanes)| ends(lanes)).collect();
        RangeCheck { bounds, ranges, violation: None, checked: 0 }
    }
}

impl<T: Number> Observer<T> for RangeCheck<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let Some(at) = self.bounds.lanes.iter().position(|(s, _)| *s == stage) else { return };
        let [lows, highs] = &self.ranges[at];
        self.checked += lanes.len() as u64;
        let (named, unnamed) = lanes.split_at(lows.len().min(lanes.len()));
        // Without a branch, which would keep the compiler from comparing vectors.
        let out = named.iter().zip(lows).zip(highs).fold(false, |out, ((value, low), high)| out | !holds(*value, *low, *high));
        if !out && unnamed.iter().all(|value| holds(*value, 0.0, 0.0)) {
            return;
        }
        let all = lows.iter().zip(highs).chain(std::iter::repeat(&0.0).zip(std::iter::repeat(&0.0)));
        let violated = lanes.iter().zip(all).position(|(value, (low, high))| !holds(*value, *low, *high));
        if let (None, Some(lane)) = (&self.violation, violated) {
            let range = self.bounds.lanes[at].1.get(lane).copied().unwrap_or(Interval::point(0));
            self.violation = Some(Violation { stage, lane, value: lanes[lane].to_f64(), range });
        }
    }
}

/// Whether a value is an integer of a range.
fn holds<T: Number>(value: T, low: f64, high: f64) -> bool {
    let value = value.to_f64();
    // From here on every number of this type is an integer, and the sum of one and a smaller number is
    // rounded to an integer.
    const INTEGERS: f64 = (1_u64 << 52) as f64;
    let is_integer = (value.abs() >= INTEGERS) | ((value.abs() + INTEGERS) - INTEGERS == value.abs());
    (value >= low) & (value <= high) & is_integer
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn integers_of_the_range_hold_and_nothing_else() {
        let large = (1_i64 << 53) as f64;
        for value in [-large, 1.0 - large, -4_503_599_627_370_495.0, -2.0, -0.0, 0.0, 1.0, 4_503_599_627_370_497.0, large] {
            assert!(holds(value, -large, large), "{value}");
        }
        for value in [-4_503_599_627_370_495.5, -0.5, 1e-300, 2.5, 2_251_799_813_685_248.5, f64::NAN, f64::INFINITY, large + 2.0] {
            assert!(!holds(value, -large, large), "{value}");
        }
        assert!(!holds(4.0, 5.0, 7.0) && holds(5.0, 5.0, 7.0) && holds(7.0, 5.0, 7.0) && !holds(8.0, 5.0, 7.0));
    }
}
