//! The parts that a sequence knows, and how often it had the combinations that they are for.

use std::sync::Arc;

use super::library::{Combination, Library};
use super::part::Part;
use super::running::Found;
use super::{CompiledModel, Special};
use crate::transformer::{Number, Row};

/// The maximum number of lists of lanes that positional encodings write.
const MOST_SHAPES: usize = 64;

/// How many rows had a combination, and its part once it is known.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    count: u32,
    part: Option<u32>,
}

/// The parts of a sequence.
#[derive(Clone, Debug)]
pub(super) struct Parts<'m, T> {
    model: &'m CompiledModel<T>,
    library: Arc<Library<T>>,
    /// The lists of lanes that positional encodings wrote.
    shapes: Vec<Vec<usize>>,
    /// Per shape and class of token.
    roots: Vec<Rows>,
    /// Per part and class found.
    next: Vec<Vec<Rows>>,
    /// The parts of the library, as far as they are known here.
    pub parts: Vec<Arc<Part<T>>>,
}

impl<'m, T: Number> Parts<'m, T> {
    pub fn new(model: &'m CompiledModel<T>) -> Parts<'m, T> {
        Parts { model, library: model.library.library(), shapes: Vec::new(), roots: Vec::new(), next: Vec::new(), parts: Vec::new() }
    }

    /// The part with which a row begins. `vars` become the numbers of the row's positional encoding.
    #[inline(always)]
    pub fn root(&mut self, special: &Special<T>, row: &Row<T>, vars: &mut [f64]) -> Option<u32> {
        let classes = &special.classes;
        let shape = match self.shapes.iter().position(|shape| set(vars, row, shape)) {
            Some(shape) => shape,
            None if self.shapes.len() == MOST_SHAPES => return None,
            None => {
                self.shapes.push(row.positional.iter().map(|(lane, _)| *lane).collect());
                self.roots.resize(self.shapes.len() * classes.tokens.len(), Default::default());
                set(vars, row, &self.shapes[self.shapes.len() - 1]);
                self.shapes.len() - 1
            }
        };
        let class = usize::from(*classes.of_token.get(row.token)?);
        let root = shape * classes.tokens.len() + class;
        let rows = &mut self.roots[root];
        if rows.part.is_none() {
            rows.count = rows.count.saturating_add(1);
            let count = rows.count;
            let built = self.part(count, |parts| Combination::Root { shape: parts.shapes[shape].clone(), class });
            self.roots[root].part = built;
            return built;
        }
        rows.part
    }

    /// The part that follows a branch for a class of rows found.
    #[inline(always)]
    pub fn after(&mut self, part: u32, branch: usize, class: u32, found: &Found) -> Option<u32> {
        let class = class as usize;
        if self.next.len() <= part as usize {
            self.next.resize(self.parts.len(), Vec::new());
        }
        let next = &mut self.next[part as usize];
        if next.len() <= class {
            next.resize(class + 1, Rows::default());
        }
        let rows = &mut next[class];
        if rows.part.is_none() {
            rows.count = rows.count.saturating_add(1);
            let count = rows.count;
            let built = self.part(count, |_| Combination::After { part, branch, numbers: found.classes[class].clone() });
            self.next[part as usize][class].part = built;
        }
        self.next[part as usize][class].part
    }

    /// The part of a combination that so many rows of this sequence have had. The library, which locks, is
    /// asked seldom.
    fn part(&mut self, rows: u32, combination: impl Fn(&Self) -> Combination) -> Option<u32> {
        if !rows.is_power_of_two() {
            return None;
        }
        let combination = combination(self);
        self.library.part(combination, rows - rows / 2, self.model, &mut self.parts)
    }
}

/// Sets variables to the numbers of a row's positional encoding. `false` if it does not write these lanes.
///
/// Number by number: they have just been written so, and would be slow to read as vectors.
#[inline(always)]
fn set<T: Number>(vars: &mut [f64], row: &Row<T>, lanes: &[usize]) -> bool {
    if row.positional.len() != lanes.len() {
        return false;
    }
    for ((var, (lane, number)), of) in vars.iter_mut().zip(&row.positional).zip(lanes) {
        if lane != of {
            return false;
        }
        *var = number.widen();
    }
    true
}
