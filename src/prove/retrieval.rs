//! That a head chooses the row that is wanted, among all rows that can exist.
//!
//! Keys are polynomials of degree 2 in the number x by which a row is found, plus a mark that depends on the
//! kind of the row. Queries are linear in the number y that is wanted. If the score is
//! `σ·(2xy − x²) + mark`, it is `σ·y² − σ·(x − y)² + mark`. So a row with another number scores lower by at
//! least σ, and the chosen row has the number y if no mark gives it that much. This is checked symbolically,
//! from the coefficients; it then holds for all integers. Other scores are enumerated.

use super::obligation::{Method, Tally};

/// One dimension of a head: key `quadratic·x² + linear·x + mark`, query `slope·y + constant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dimension {
    pub quadratic: i64,
    pub linear: i64,
    pub slope: i64,
    pub constant: i64,
}

/// What a kind of rows is to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The rows that are wanted: the latest of those with the number y must be chosen.
    Wanted,
    /// A later row with the same value as the wanted row before it: it may be chosen or not.
    Repeats,
    /// Rows that must not be chosen.
    Other,
    /// Rows that must not be chosen, and that come before the wanted row of the same number.
    Earlier,
}

/// A kind of rows.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub name: String,
    /// The part of each dimension's key that depends on the kind.
    pub mark: Vec<i64>,
    /// The numbers, from the first to the last, that such rows can have.
    pub numbers: (i64, i64),
    pub role: Role,
}

/// A row that is chosen, or may be chosen, in place of the wanted row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub wanted: i64,
    pub number: i64,
    pub class: String,
}

/// Checks that for each y in `wanted` the chosen row is of the wanted class with x = y.
pub(super) fn check(dimensions: &[Dimension], wanted: (i64, i64), classes: &[Class], tally: &mut Tally) -> Result<(), Wrong> {
    if is_symbolic(dimensions, wanted, classes) {
        tally.method = Method::Symbolic;
        tally.cases += classes.len() as u64;
        return Ok(());
    }
    tally.method = Method::Enumeration;
    enumerate(dimensions, wanted, classes, tally)
}

fn is_symbolic(dimensions: &[Dimension], wanted: (i64, i64), classes: &[Class]) -> bool {
    let sum = |of: fn(&Dimension) -> (i64, i64)| {
        let products = dimensions.iter().map(of).map(|(a, b)| i128::from(a) * i128::from(b));
        products.sum::<i128>()
    };
    // The coefficients of y·x², y·x, x² and x.
    let (cubic, product) = (sum(|d| (d.slope, d.quadratic)), sum(|d| (d.slope, d.linear)));
    let (square, linear) = (sum(|d| (d.constant, d.quadratic)), sum(|d| (d.constant, d.linear)));
    let sigma = -square;
    if cubic != 0 || linear != 0 || sigma <= 0 || product != 2 * sigma {
        return false;
    }
    let Some(first) = classes.iter().find(|class| class.role == Role::Wanted) else { return false };
    let lead = |class: &Class, y: i64| {
        let marks = dimensions.iter().zip(&class.mark).zip(&first.mark);
        let lead = |((d, a), b): ((&Dimension, &i64), &i64)| d.query(y) * (i128::from(*a) - i128::from(*b));
        marks.map(lead).sum::<i128>()
    };
    classes.iter().all(|class| {
        // A lead is linear in y, so its extremes are at the ends of a range.
        let everywhere = [wanted.0, wanted.1].map(|y| lead(class, y));
        let (low, high) = (wanted.0.max(class.numbers.0), wanted.1.min(class.numbers.1));
        let same = if low <= high { [lead(class, low), lead(class, high)] } else { [i128::MIN; 2] };
        let elsewhere = everywhere.iter().all(|lead| *lead < sigma);
        elsewhere
            && match class.role {
                Role::Wanted => everywhere == [0, 0],
                Role::Repeats | Role::Earlier => same.iter().all(|lead| *lead <= 0),
                Role::Other => same.iter().all(|lead| *lead < 0),
            }
    })
}

impl Dimension {
    fn query(&self, y: i64) -> i128 {
        i128::from(self.slope) * i128::from(y) + i128::from(self.constant)
    }

    fn key(&self, x: i64, mark: i64) -> i128 {
        i128::from(self.quadratic) * i128::from(x) * i128::from(x) + i128::from(self.linear) * i128::from(x) + i128::from(mark)
    }
}

fn enumerate(dimensions: &[Dimension], wanted: (i64, i64), classes: &[Class], tally: &mut Tally) -> Result<(), Wrong> {
    let rows: Vec<(usize, i64, Vec<i128>)> = classes
        .iter()
        .enumerate()
        .flat_map(|(index, class)| (class.numbers.0..=class.numbers.1).map(move |x| (index, x, class)))
        .map(|(index, x, class)| (index, x, dimensions.iter().zip(&class.mark).map(|(d, mark)| d.key(x, *mark)).collect()))
        .collect();
    for y in wanted.0..=wanted.1 {
        let query: Vec<i128> = dimensions.iter().map(|d| d.query(y)).collect();
        let score = |key: &[i128]| query.iter().zip(key).map(|(q, k)| q * k).sum::<i128>();
        let is_wanted = |index: usize, x: i64| x == y && classes[index].role == Role::Wanted;
        let scores = rows.iter().filter(|(index, x, _)| is_wanted(*index, *x)).map(|(_, _, key)| score(key));
        let (best, worst) = scores.fold((i128::MIN, i128::MAX), |(high, low), score| (high.max(score), low.min(score)));
        for (index, x, key) in &rows {
            let score = score(key);
            let is_fine = match classes[*index].role {
                Role::Wanted if *x == y => best == worst,
                Role::Repeats | Role::Earlier if *x == y => score <= worst,
                _ => score < worst,
            };
            if !is_fine {
                return Err(Wrong { wanted: y, number: *x, class: classes[*index].name.clone() });
            }
        }
        tally.cases += rows.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(other: i64) -> Vec<Class> {
        let class = |name: &str, mark, role| Class { name: name.to_string(), mark: vec![0, mark], numbers: (0, 20), role };
        vec![class("wanted", 0, Role::Wanted), class("other", other, Role::Other)]
    }

    fn quadratic(scale: i64) -> [Dimension; 2] {
        let first = Dimension { quadratic: 0, linear: 2, slope: scale, constant: 0 };
        [first, Dimension { quadratic: -1, linear: 0, slope: 0, constant: scale }]
    }

    fn run(dimensions: &[Dimension], classes: &[Class]) -> (Result<(), Wrong>, Method) {
        let mut tally = Tally { method: Method::Argument, cases: 0 };
        (check(dimensions, (0, 20), classes, &mut tally), tally.method)
    }

    #[test]
    fn a_mark_decides_ties_and_only_ties() {
        assert_eq!(run(&quadratic(1), &classes(-1)), (Ok(()), Method::Symbolic));
        assert_eq!(run(&quadratic(3), &classes(-1)), (Ok(()), Method::Symbolic));
        let (tie, method) = run(&quadratic(1), &classes(0));
        assert_eq!((tie, method), (Err(Wrong { wanted: 0, number: 0, class: "other".to_string() }), Method::Enumeration));
        assert!(run(&quadratic(1), &classes(2)).0.is_err());
    }

    #[test]
    fn what_is_not_the_identity_is_enumerated() {
        let [first, second] = quadratic(1);
        let skewed = [Dimension { linear: 3, ..first }, second];
        assert!(run(&skewed, &classes(-1)).0.is_err());
        // Scores 2xy − x² + x: right for all y, since x = y and x = y + 1 tie only with each other.
        let shifted = [first, Dimension { linear: 1, ..second }];
        assert!(run(&shifted, &classes(-1)).0.is_err());
        let (ok, method) = run(&[Dimension { constant: 1, ..first }, Dimension { linear: -2, ..second }], &classes(-1));
        assert_eq!((ok, method), (Ok(()), Method::Symbolic));
    }
}
