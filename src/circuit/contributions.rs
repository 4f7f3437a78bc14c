//! What the neurons of a layer together can add to each lane: narrower ranges than the sum of the ranges of
//! single neurons.
//!
//! Neurons with the same value, and with gates that differ only by a constant, together add a piecewise
//! linear function of one number: `relu(x + 1) − relu(x)` is 0 or 1 however large x is. Such a function has
//! its maximum and minimum at its bends or at the ends of the number's range. A neuron with a constant gate
//! adds a form, which may cancel the lane's former content.

use std::collections::BTreeMap;

use super::{Form, Interval, Lane, Neuron};

/// A piecewise linear function of one number: per neuron, the constant of its gate and its weight.
type Bends = Vec<(i128, i128)>;

/// The varying part of a gate, and the value. An empty form stands for a constant value; the constant is then
/// a factor of the weights.
type Shape = (Form, Form);

/// What the neurons of a layer add to the lanes.
pub(super) struct Contributions<'l> {
    lanes: &'l [Interval],
    /// Per lane, its content after the neurons with constant gates.
    linear: Vec<Form>,
    /// Per lane and shape, the functions that the other neurons add.
    bends: Vec<BTreeMap<Shape, Bends>>,
}

impl<'l> Contributions<'l> {
    /// Contributions without any neuron, to lanes with these ranges.
    pub(super) fn new(lanes: &'l [Interval]) -> Contributions<'l> {
        Contributions { lanes, linear: (0..lanes.len()).map(|lane| Lane(lane).into()).collect(), bends: vec![BTreeMap::new(); lanes.len()] }
    }

    /// The varying part of a form, and its constant part.
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

    /// Adds the output of a neuron.
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

    /// The range of each lane after all neurons.
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
