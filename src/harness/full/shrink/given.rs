//! Reductions of the inputs of a run: calls, their arguments, and the bytes to read.

use std::ops::Range;

use super::{Generated, Shrinker};
use crate::harness::shrink::stretches;

/// Tries to leave out calls, to lower every argument and input byte, and to shorten the input. Returns
/// whether any reduction was taken.
pub(super) fn reduce(shrinker: &mut Shrinker<'_>) -> bool {
    let mut any = stretches(shrinker.given().choices.len(), |range| {
        let gone = range.len();
        without(shrinker.given(), range).is_some_and(|candidate| shrinker.accept(candidate)).then_some(gone)
    });
    any |= stretches(shrinker.given().input.len(), |range| {
        let mut candidate = shrinker.given().clone();
        let gone = candidate.input.drain(range).count();
        shrinker.accept(candidate).then_some(gone)
    });
    for index in 0..shrinker.given().input.len() {
        any |= lower(shrinker, |generated| Some(&mut generated.input[index]));
    }
    for index in 0..shrinker.given().numbers.len() {
        any |= lower(shrinker, |generated| generated.numbers.get_mut(index));
    }
    any
}

/// The candidate without some calls. The other calls keep their arguments. `None` if no call would be left,
/// because without a call no command could repeat the run.
fn without(given: &Generated, range: Range<usize>) -> Option<Generated> {
    let mut calls = given.calls(&given.load().ok()?);
    let mut candidate = given.clone();
    candidate.choices.drain(range.clone());
    calls.drain(range);
    if calls.is_empty() {
        return None;
    }
    candidate.numbers = calls.iter().flat_map(|call| &call.arguments).map(|argument| argument.bits()).collect();
    Some(candidate)
}

/// Lowers a number as long as the candidate is taken. Returns whether any was.
fn lower<N: Copy + Into<u64> + TryFrom<u64>>(shrinker: &mut Shrinker<'_>, number: impl Fn(&mut Generated) -> Option<&mut N>) -> bool {
    let mut any = false;
    loop {
        let candidates = [0, 1, 2].map(|step| {
            let mut candidate = shrinker.given().clone();
            let place = number(&mut candidate)?;
            let value: u64 = (*place).into();
            let lower = if step == 2 { value / 2 } else { step };
            *place = N::try_from(lower).ok().filter(|_| lower < value)?;
            Some(candidate)
        });
        if !candidates.into_iter().flatten().any(|candidate| shrinker.accept(candidate)) {
            return any;
        }
        any = true;
    }
}
