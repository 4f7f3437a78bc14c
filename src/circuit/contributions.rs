//! What the neurons of a layer can add to each lane, more closely than each neuron by itself.
//!
//! Neurons whose gates differ by a constant and whose values are the same add a piecewise linear function of
//! one number: `relu(x + 1) − relu(x)` is 0 or 1 however large x. Such a function is greatest and least where
//! it bends, or at the ends of the number's range. A neuron whose gate is constant adds a form, which may
//! cancel what the lane held.

use std::collections::BTreeMap;

use super::{Form, Interval, Lane, Neuron};

/// A function of one number: for each neuron its gate's constant and its weight.
type Bends = Vec<(i128, i128)>;

/// The varying part of a gate, and the value; an empty value stands for a constant one, whose size is in the
/// weights.
type Shape = (Form, Form);

/// What the neurons of a layer add to the lanes.
pub(super) struct Contributions<'l> {
    lanes: &'l [Interval],
    /// By lane: what it holds after neurons with constant gates.
    linear: Vec<Form>,
    /// By lane and shape.
    bends: Vec<BTreeMap<Shape, Bends>>,
}

impl<'l> Contributions<'l> {
    /// No neurons, over lanes of these ranges.
    pub(super) fn new(lanes: &'l [Interval]) -> Contributions<'l> {
        Contributions { lanes, linear: (0..lanes.len()).map(|lane| Lane(lane).into()).collect(), bends: vec![BTreeMap::new(); lanes.len()] }
    }

    /// The part of a form that varies, and its constant part.
    fn split(&self, form: &Form) -> (Form, i128) {
        let mut varying = Form::default();
        let mut constant = 0;
        for (lane, weight) in form.terms() {
            let range = self.lanes[lane.0];
            if range.low == range.high {
                constant += range.low * i128::from(weight);
            } else {
                varying += lane * weight;
            }
        }
        (varying, constant)
    }

    /// The range of a form.
    fn range(&self, form: &Form) -> Interval {
        form.terms().fold(Interval::point(0), |sum, (lane, weight)| sum + self.lanes[lane.0] * weight)
    }

    /// Adds what a neuron writes.
    pub(super) fn add(&mut self, neuron: &Neuron) {
        let (gate, constant) = self.split(&neuron.gate);
        if gate.is_zero() {
            let Ok(factor) = i64::try_from(constant.max(0)) else { return self.bend(gate, constant, neuron) };
            for (lane, weight) in neuron.output.terms() {
                self.linear[lane.0] += &neuron.value * (weight * factor);
            }
        } else {
            self.bend(gate, constant, neuron);
        }
    }

    fn bend(&mut self, gate: Form, constant: i128, neuron: &Neuron) {
        let (varying, value) = self.split(&neuron.value);
        let (value, factor) = if varying.is_zero() { (varying, value) } else { (neuron.value.clone(), 1) };
        for (lane, weight) in neuron.output.terms() {
            let bends = self.bends[lane.0].entry((gate.clone(), value.clone())).or_default();
            bends.push((constant, factor * i128::from(weight)));
        }
    }

    /// The range of each lane afterwards.
    pub(super) fn ranges(&self) -> Vec<Interval> {
        let lanes = self.linear.iter().zip(&self.bends);
        lanes
            .map(|(linear, shapes)| {
                shapes.iter().fold(self.range(linear), |sum, ((gate, value), bends)| {
                    let function = function_range(bends, self.range(gate));
                    sum + if value.is_zero() { function } else { function * self.range(value) }
                })
            })
            .collect()
    }
}

/// The range of `Σ weight · relu(x + constant)` for x in a range.
fn function_range(bends: &Bends, x: Interval) -> Interval {
    let at = |x: i128| Interval::point(bends.iter().map(|(constant, weight)| weight * (x + constant).max(0)).sum());
    let inside = bends.iter().map(|(constant, _)| -constant).filter(|bend| (x.low..=x.high).contains(bend));
    inside.fold(at(x.low).hull(at(x.high)), |range, bend| range.hull(at(bend)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_zero_or_one_and_tents_too() {
        let wide = Interval::new(-1 << 40, 1 << 40);
        assert_eq!(function_range(&vec![(1, 1), (0, -1)], wide), Interval::new(0, 1));
        assert_eq!(function_range(&vec![(1, 1), (0, -2), (-1, 1)], wide), Interval::new(0, 1));
        assert_eq!(function_range(&vec![(0, 1)], Interval::new(-3, 5)), Interval::new(0, 5));
    }

    #[test]
    fn a_lane_is_cleared_by_its_own_value() {
        let lanes = [Interval::point(1), Interval::new(-7, 9)];
        let mut contributions = Contributions::new(&lanes);
        contributions.add(&Neuron { name: String::new(), gate: Lane(0).into(), value: -Lane(1), output: Lane(1).into() });
        assert_eq!(contributions.ranges(), [Interval::point(1), Interval::point(0)]);
    }
}
