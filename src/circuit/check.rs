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
    /// The first violation, if there was one.
    pub violation: Option<Violation>,
    /// How many values were looked at.
    pub checked: u64,
}

impl<'b> RangeCheck<'b> {
    /// A check against these bounds.
    pub fn new(bounds: &'b Bounds) -> RangeCheck<'b> {
        RangeCheck { bounds, violation: None, checked: 0 }
    }
}

impl<T: Number> Observer<T> for RangeCheck<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let Some(ranges) = self.bounds.at(stage) else { return };
        let unused = Interval::point(0);
        for (lane, value) in lanes.iter().enumerate() {
            let (value, range) = (value.to_f64(), *ranges.get(lane).unwrap_or(&unused));
            self.checked += 1;
            if self.violation.is_none() && !(range.contains(value) && value.fract() == 0.0) {
                self.violation = Some(Violation { stage, lane, value, range });
            }
        }
    }
}
