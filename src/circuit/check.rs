//! The check that a forward pass keeps what the analysis proved and what the circuit stated.

use std::fmt;

use super::{Bounds, Interval};
use crate::transformer::{Number, Observer, Stage};

/// A lane found outside its range, or not an integer.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Where in the forward pass.
    pub stage: Stage,
    /// The lane's index.
    pub lane: usize,
    /// What it held.
    pub value: f64,
    /// Its range.
    pub range: Interval,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { stage, lane, value, range } = self;
        write!(f, "lane {lane} holds {value} after {stage}, outside the integers {range}")
    }
}

/// Watches every lane of every row at every stage.
#[derive(Clone, Debug)]
pub struct RangeCheck<'b> {
    bounds: &'b Bounds,
    /// The ranges of each stage's lanes, as numbers: the check runs for every lane of every pass.
    ranges: Vec<(Stage, Vec<(f64, f64)>)>,
    /// The first violation, if there was one.
    pub violation: Option<Violation>,
    /// How many values were looked at.
    pub checked: u64,
}

impl<'b> RangeCheck<'b> {
    /// A check against these bounds.
    pub fn new(bounds: &'b Bounds) -> RangeCheck<'b> {
        let numbers = |lanes: &Vec<Interval>| lanes.iter().map(|range| (range.low as f64, range.high as f64)).collect();
        let ranges = bounds.lanes.iter().map(|(stage, lanes)| (*stage, numbers(lanes))).collect();
        RangeCheck { bounds, ranges, violation: None, checked: 0 }
    }

    fn violated(&mut self, stage: Stage, lane: usize, value: f64) {
        let ranges = self.bounds.at(stage).unwrap_or_default();
        let range = ranges.get(lane).copied().unwrap_or(Interval::point(0));
        self.violation.get_or_insert(Violation { stage, lane, value, range });
    }
}

impl<T: Number> Observer<T> for RangeCheck<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let Some((_, ranges)) = self.ranges.iter().find(|(s, _)| *s == stage) else { return };
        self.checked += lanes.len() as u64;
        // Lanes without a name are unused and stay 0.
        let unused = ranges.len()..lanes.len();
        let named = lanes.iter().zip(ranges).position(|(value, (low, high))| {
            let value = value.to_f64();
            !(value >= *low && value <= *high && value == value.trunc())
        });
        let outside = named.or_else(|| unused.into_iter().find(|lane| lanes[*lane] != T::default()));
        if let Some(lane) = outside {
            self.violated(stage, lane, lanes[lane].to_f64());
        }
    }
}
