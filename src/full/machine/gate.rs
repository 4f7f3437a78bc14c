//! Conditions (forms that are 1 or 0), and gates that open only where a condition holds.

use crate::circuit::{Form, Graph};

/// More than any half of a value and any sum of two halves: subtracting it makes any such gate negative.
pub const BEYOND_HALF: i64 = 1 << 34;
/// More than any unwrapped result.
pub const BEYOND_RESULT: i64 = 1 << 44;

/// `1 − x`.
pub fn not(x: impl Into<Form>) -> Form {
    Form::from(1) - x.into()
}

/// 1 if all of some conditions hold: one neuron.
#[track_caller]
pub fn all<F: Into<Form> + Clone>(g: &mut Graph, conditions: &[F]) -> Form {
    let count = conditions.len() as i64;
    let sum: Form = conditions.iter().cloned().map(Into::into).sum();
    g.relu(sum - (count - 1))
}

/// `x` where a condition holds and x is positive, else 0; `beyond` is more than x can be.
#[track_caller]
pub fn relu_if(g: &mut Graph, x: impl Into<Form>, condition: impl Into<Form>, beyond: i64) -> Form {
    g.relu(x.into() - not(condition) * beyond)
}

/// `[x ≥ 0]` where a condition holds, else 0; `beyond` is more than x can be.
#[track_caller]
pub fn step_if(g: &mut Graph, x: impl Into<Form>, condition: impl Into<Form>, beyond: i64) -> Form {
    g.step(x.into() - not(condition) * beyond)
}

/// `[x ≥ 0]` where a condition holds, else 0. The value of the neurons is the condition: where the lanes of a
/// condition are 0, as those of features mostly are, an engine need not compute the gate.
#[track_caller]
pub fn step_guarded(g: &mut Graph, x: impl Into<Form>, condition: impl Into<Form>) -> Form {
    let (x, condition) = (x.into(), condition.into());
    g.neuron(&x + 1, &condition) - g.neuron(x, condition)
}

/// `[x = 0]` where a condition holds, else 0; `beyond` is more than x can be.
#[track_caller]
pub fn is_zero_if(g: &mut Graph, x: impl Into<Form>, condition: impl Into<Form>, beyond: i64) -> Form {
    g.is_zero(x.into() - not(condition) * beyond)
}

/// ⌊x / unit⌋, at most `limit`, and 0 for a negative x. Each lane sums `share` steps, so that no partial sum
/// gets too large.
pub fn times(g: &mut Graph, name: &str, x: &Form, unit: i64, limit: i64, share: usize) -> Form {
    let multiples: Vec<i64> = (1..=limit).collect();
    let lanes = multiples.chunks(share).map(|multiples| {
        let steps: Form = multiples.iter().map(|multiple| g.step(x - *multiple * unit)).sum();
        Form::from(g.lane(name, steps))
    });
    lanes.collect::<Vec<_>>().into_iter().sum()
}
