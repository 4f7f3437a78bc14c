//! What operations mean.

use super::{Number, Op, Row, Sum};

/// Runs operations. The slices must be as long as the operations need.
#[inline(never)]
pub(super) fn run<N: Number>(function: &[Op], numbers: &mut [f64], inputs: &[Row<'_, N>], outputs: &mut [N]) {
    for op in function {
        match op {
            Op::Sum { to, sum } => numbers[usize::from(*to)] = sum.of(numbers),
            Op::Positive { to, sum } => {
                let sum = sum.of(numbers);
                numbers[usize::from(*to)] = if sum > 0.0 { sum } else { 0.0 };
            }
            // A product with zero may be a negative zero.
            Op::Product { to, factor, sum } => numbers[usize::from(*to)] = numbers[usize::from(*factor)] * sum.of(numbers) + 0.0,
            Op::Pieces { to, sum, pieces } => {
                let x = sum.of(numbers);
                let piece = pieces[..pieces.partition_point(|piece| piece.from <= x)].last();
                numbers[usize::from(*to)] = piece.map_or(0.0, |piece| piece.slope * x + piece.height + 0.0);
            }
            Op::Input { to, row, from } => numbers[usize::from(*to)] = inputs[usize::from(*row)].numbers()[usize::from(*from)].widen(),
            Op::Integer { to, sum } => numbers[usize::from(*to)] = f64::from_bits(sum.of(numbers) as i64 as u64),
            Op::Output { to, sum } => outputs[usize::from(*to)] = N::narrow(sum.of(numbers)),
        }
    }
}

impl Sum {
    fn of(&self, numbers: &[f64]) -> f64 {
        self.terms.iter().fold(self.constant, |sum, (index, weight)| sum + weight * numbers[usize::from(*index)])
    }
}
