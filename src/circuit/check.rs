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
    /// The lowest and highest value of each lane per stage, in the order of `bounds`. These are
    /// floating-point numbers because every value of the forward pass is compared with them.
    ranges: Vec<Vec<[f64; 2]>>,
    /// The first violation, if there was one.
    pub violation: Option<Violation>,
    /// The number of values checked.
    pub checked: u64,
}

impl<'b> RangeCheck<'b> {
    /// A check against these bounds.
    pub fn new(bounds: &'b Bounds) -> RangeCheck<'b> {
        let ends = |range: &Interval| [range.low as f64, range.high as f64];
        let ranges = bounds.lanes.iter().map(|(_, lanes)| lanes.iter().map(ends).collect()).collect();
        RangeCheck { bounds, ranges, violation: None, checked: 0 }
    }
}

impl<T: Number> Observer<T> for RangeCheck<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let Some(at) = self.bounds.lanes.iter().position(|(s, _)| *s == stage) else { return };
        let ranges = &self.ranges[at];
        self.checked += lanes.len() as u64;
        let holds = |value: T, [low, high]: [f64; 2]| {
            let value = value.to_f64();
            // A value within its range fits in an `i64`, so the conversion to an integer drops only a
            // fraction.
            value >= low && value <= high && value as i64 as f64 == value
        };
        let unnamed = lanes.len().saturating_sub(ranges.len());
        let all = ranges.iter().copied().chain(std::iter::repeat_n([0.0; 2], unnamed));
        let violated = lanes.iter().zip(all).position(|(value, range)| !holds(*value, range));
        if let (None, Some(lane)) = (&self.violation, violated) {
            let range = self.bounds.lanes[at].1.get(lane).copied().unwrap_or(Interval::point(0));
            self.violation = Some(Violation { stage, lane, value: lanes[lane].to_f64(), range });
        }
    }
}
