//! Integer linear forms: over lanes, as the weights give them, and over the variables of a specialised pass.

use crate::transformer::Interval;

/// Lanes with integer weights: a row of a weight matrix.
pub(super) type Terms = Vec<(u32, i64)>;

/// A number that a specialised pass computes.
pub(super) type Var = u16;

/// A linear form over variables, plus a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub constant: i64,
    /// Variables in ascending order, with weights that are not zero.
    pub terms: Vec<(Var, i64)>,
}

impl Form {
    pub fn constant(constant: i64) -> Form {
        Form { constant, terms: Vec::new() }
    }

    pub fn var(var: Var) -> Form {
        Form { constant: 0, terms: vec![(var, 1)] }
    }

    pub fn is_zero(&self) -> bool {
        self.constant == 0 && self.terms.is_empty()
    }

    /// The number, if the form is a constant.
    pub fn known(&self) -> Option<i64> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// The form plus a multiple of another. `None` if a weight does not fit an `i64`.
    pub fn plus(&self, other: &Form, factor: i64) -> Option<Form> {
        let constant = self.constant.checked_add(other.constant.checked_mul(factor)?)?;
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let (var, weight) = match (left.peek(), right.peek()) {
                (None, None) => return Some(Form { constant, terms }),
                (Some((a, x)), Some((b, y))) if a == b => {
                    let sum = (*a, x.checked_add(y.checked_mul(factor)?)?);
                    left.next();
                    right.next();
                    sum
                }
                (Some((a, x)), right) if right.is_none_or(|(b, _)| a < b) => {
                    let term = (*a, *x);
                    left.next();
                    term
                }
                (_, Some((b, y))) => {
                    let term = (*b, y.checked_mul(factor)?);
                    right.next();
                    term
                }
                (Some(_), None) => unreachable!("a left term without a right one comes first"),
            };
            if weight != 0 {
                terms.push((var, weight));
            }
        }
    }

    /// The range of the form's value, given the ranges of variables.
    pub fn range(&self, of: impl Fn(Var) -> Interval) -> Interval {
        self.terms.iter().fold(Interval::point(self.constant.into()), |sum, (var, weight)| sum + of(*var) * *weight)
    }

    /// What no partial sum of the form exceeds in magnitude.
    pub fn magnitude(&self, of: impl Fn(Var) -> Interval) -> i128 {
        let terms = self.terms.iter().map(|(var, weight)| (of(*var) * *weight).magnitude());
        i128::from(self.constant).abs() + terms.sum::<i128>()
    }
}
