//! Sums of unknown numbers with integer coefficients.

use crate::prove::network::Linear;

/// An unknown number: what it is, [`Symbols`](super::symbols::Symbols) knows.
pub(super) type Symbol = u32;

/// `Σ coefficient · symbol + constant`. The symbols ascend, and no coefficient is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Expr {
    pub terms: Vec<(Symbol, i128)>,
    pub constant: i128,
}

impl Expr {
    pub fn constant(constant: i128) -> Expr {
        Expr { terms: Vec::new(), constant }
    }

    pub fn symbol(symbol: Symbol) -> Expr {
        Expr { terms: vec![(symbol, 1)], constant: 0 }
    }

    /// The number, if nothing in it is unknown.
    pub fn as_constant(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn is_zero(&self) -> bool {
        self.as_constant() == Some(0)
    }

    /// The sum of expressions, each times a factor.
    pub fn sum<'e>(parts: impl IntoIterator<Item = (&'e Expr, i128)>) -> Expr {
        let mut sum = Expr::default();
        let mut sorted = true;
        for (part, factor) in parts.into_iter().filter(|(_, factor)| *factor != 0) {
            sum.constant += part.constant * factor;
            sorted &= sum.terms.is_empty() || part.terms.is_empty();
            sum.terms.extend(part.terms.iter().map(|(symbol, coefficient)| (*symbol, coefficient * factor)));
        }
        if !sorted {
            sum.terms.sort_unstable_by_key(|(symbol, _)| *symbol);
            sum.terms.dedup_by(|next, first| {
                let same = next.0 == first.0;
                first.1 += if same { next.1 } else { 0 };
                same
            });
            sum.terms.retain(|(_, coefficient)| *coefficient != 0);
        }
        sum
    }

    pub fn plus(&self, other: &Expr) -> Expr {
        Expr::sum([(self, 1), (other, 1)])
    }

    pub fn minus(&self, other: &Expr) -> Expr {
        Expr::sum([(self, 1), (other, -1)])
    }

    pub fn times(&self, factor: i128) -> Expr {
        Expr::sum([(self, factor)])
    }

    pub fn add(&self, constant: i128) -> Expr {
        Expr { terms: self.terms.clone(), constant: self.constant + constant }
    }

    /// A form of the weights on lanes that hold these numbers.
    pub fn of(form: &Linear, lanes: &[Expr]) -> Expr {
        Expr::sum(form.terms().map(|(lane, weight)| (&lanes[lane], i128::from(weight))))
    }

    /// The greatest common divisor of the coefficients, with the sign of the first; 1 if there are none.
    pub fn content(&self) -> i128 {
        let content = self.terms.iter().fold(0, |content, (_, coefficient)| gcd(content, *coefficient));
        match self.terms.first() {
            Some((_, first)) if *first < 0 => -content,
            Some(_) => content,
            None => 1,
        }
    }
}

/// The greatest common divisor, not negative.
pub(super) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
