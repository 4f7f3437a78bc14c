//! Bounds: numbers that are not less than any of a group of forms.
//!
//! The bound of a group is a sum over the lanes: for each lane, the largest product of the lane with its
//! weight in one of the forms. The products are added up in the order of the lanes. The forms' own partial
//! sums are exact, and rounding is monotone, so a rounded bound is still a bound.

use super::kernel::{BLOCK, Terms};
use super::tile::{Across, TILE};
use crate::transformer::Number;

/// The bounds of groups of forms, computed a block of groups at a time.
///
/// The weights of a lane are the largest ones in the forms of each group, and then the smallest ones.
#[derive(Clone, Debug)]
pub(super) struct Bounds<T>(pub(super) Terms<T, { 2 * BLOCK }>);

impl<T: Number> Bounds<T> {
    /// Bounds of no groups.
    pub(super) fn none() -> Bounds<T> {
        Bounds(Terms::new())
    }

    /// Compiles the bounds of groups of forms, which are given as dense weights.
    pub(super) fn new<F: AsRef<[T]>>(groups: &[Vec<F>]) -> Bounds<T> {
        let mut bounds = Bounds::none();
        for groups in groups.chunks(BLOCK) {
            let lanes = groups.iter().flatten().map(|form| form.as_ref().len()).max().unwrap_or(0);
            let extreme = |lane: usize, group: usize, beats: fn(&T, &T) -> bool| {
                let weights = groups.get(group).into_iter().flatten().map(|form| form.as_ref()[lane]);
                weights.reduce(|a, b| if beats(&b, &a) { b } else { a }).unwrap_or_default()
            };
            let extremes = |lane: usize| {
                std::array::from_fn(|at| match at {
                    BLOCK.. => extreme(lane, at - BLOCK, |a, b| a < b),
                    _ => extreme(lane, at, |a, b| a > b),
                })
            };
            bounds.0.push((0..lanes).map(|lane| (lane as u32, extremes(lane))));
        }
        bounds
    }

    /// The bounds of a block's groups.
    // Not in a closure, which might not be inlined, and then would not be vectorised.
    #[inline(always)]
    fn block(&self, block: usize, lanes: &[T]) -> [T; BLOCK] {
        let mut sums = [T::default(); BLOCK];
        for (lane, extremes) in self.0.block(block) {
            let x = lanes[*lane as usize];
            for group in 0..BLOCK {
                sums[group] += (extremes[group] * x).max(extremes[BLOCK + group] * x);
            }
        }
        sums
    }

    /// Writes the bounds of all groups to `room`, or of as many blocks of groups as there is room for.
    #[inline(always)]
    pub(super) fn all(&self, lanes: &[T], room: &mut [[T; BLOCK]]) {
        for (block, bounds) in room.iter_mut().enumerate().take(self.0.len()) {
            *bounds = self.block(block, lanes);
        }
    }

    /// Appends the bounds of all groups, for all rows of a tile.
    #[inline(always)]
    pub(super) fn all_across(&self, lanes: &[Across<T>], room: &mut Vec<Across<T>>) {
        for block in 0..self.0.len() {
            let mut sums = [[T::default(); TILE]; BLOCK];
            for (lane, extremes) in self.0.block(block) {
                let Across(lane) = &lanes[*lane as usize];
                for (group, sums) in sums.iter_mut().enumerate() {
                    let (highest, lowest) = (extremes[group], extremes[BLOCK + group]);
                    *sums = std::array::from_fn(|row| sums[row] + (highest * lane[row]).max(lowest * lane[row]));
                }
            }
            room.extend(sums.map(Across));
        }
    }

    /// Calls `found` with each group whose bound is positive.
    #[inline(always)]
    pub(super) fn positive(&self, lanes: &[T], mut found: impl FnMut(usize)) {
        for block in 0..self.0.len() {
            for (group, bound) in self.block(block, lanes).into_iter().enumerate() {
                if bound > T::default() {
                    found(block * BLOCK + group);
                }
            }
        }
    }
}
