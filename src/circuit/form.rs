//! Lanes, and linear forms over them.
//!
//! By convention the first lane of a circuit is 1 in every row ([`ONE`]), so an integer is a form too.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// One dimension of the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub usize);

/// The lane that is 1 in every row.
pub const ONE: Lane = Lane(0);

/// A linear form `Σ weight · lane` with integer weights. The usual operators add, subtract and scale forms,
/// and a lane is a form too.
///
/// The terms are in the order of their lanes. Most forms have a few terms, and building a machine makes
/// hundreds of thousands of forms: a list takes far less time than a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form(Vec<(Lane, i64)>);

impl Form {
    /// The lanes of the form with their weights; a weight is never zero.
    pub fn terms(&self) -> impl Iterator<Item = (Lane, i64)> + '_ {
        self.0.iter().copied()
    }

    /// The weight of a lane.
    pub fn weight(&self, lane: Lane) -> i64 {
        self.find(lane).map_or(0, |place| self.0[place].1)
    }

    /// The place of a lane's term; if there is none, the place where it would be.
    fn find(&self, lane: Lane) -> Result<usize, usize> {
        self.0.binary_search_by_key(&lane, |(of, _)| *of)
    }

    /// The form in which every lane is replaced by another form.
    pub fn substitute(&self, mut of: impl FnMut(Lane) -> Form) -> Form {
        self.terms().map(|(lane, weight)| of(lane) * weight).sum()
    }

    /// Whether the form is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<i64> for Form {
    fn from(constant: i64) -> Form {
        Form::from(ONE) * constant
    }
}

impl From<&Form> for Form {
    fn from(form: &Form) -> Form {
        form.clone()
    }
}

impl From<Lane> for Form {
    fn from(lane: Lane) -> Form {
        Form(vec![(lane, 1)])
    }
}

impl<F: Into<Form>> AddAssign<F> for Form {
    fn add_assign(&mut self, other: F) {
        let other = other.into();
        if self.is_zero() {
            *self = other;
            return;
        }
        for (lane, weight) in other.0 {
            match self.find(lane) {
                Ok(place) if self.0[place].1 == -weight => drop(self.0.remove(place)),
                Ok(place) => self.0[place].1 += weight,
                Err(place) => self.0.insert(place, (lane, weight)),
            }
        }
    }
}

impl<F: Into<Form>> SubAssign<F> for Form {
    fn sub_assign(&mut self, other: F) {
        *self += -other.into();
    }
}

impl Sum for Form {
    fn sum<I: Iterator<Item = Form>>(forms: I) -> Form {
        forms.fold(Form::default(), |total, form| total + form)
    }
}

macro_rules! operators {
    ($($type:ty)*) => {$(
        impl<F: Into<Form>> Add<F> for $type {
            type Output = Form;

            fn add(self, other: F) -> Form {
                let mut sum = Form::from(self);
                sum += other;
                sum
            }
        }

        impl<F: Into<Form>> Sub<F> for $type {
            type Output = Form;

            fn sub(self, other: F) -> Form {
                self + other.into() * -1
            }
        }

        impl Mul<i64> for $type {
            type Output = Form;

            fn mul(self, factor: i64) -> Form {
                let scaled = Form::from(self).0.into_iter().map(|(lane, weight)| (lane, weight * factor));
                Form(scaled.filter(|(_, weight)| *weight != 0).collect())
            }
        }

        impl Neg for $type {
            type Output = Form;

            fn neg(self) -> Form {
                self * -1
            }
        }
    )*};
}

operators!(Form &Form Lane);
