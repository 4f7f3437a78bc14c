//! The parts that a sequence has compiled so far, and the combinations that they are for.

use super::build::{Builder, Known};
use super::part::Part;
use super::running::Found;
use super::state::{Definition, State};
use super::{CompiledModel, Special};
use crate::transformer::{Interval, Number, Row};

/// The maximum number of parts of a sequence. Combinations beyond are passed by the indexed pass.
const MOST_PARTS: usize = 1024;
/// The maximum number of lists of lanes that positional encodings write.
const MOST_SHAPES: usize = 64;

/// A combination: how many rows had it, and its part once it is built.
#[derive(Clone, Copy, Debug, Default)]
struct Combination {
    rows: u32,
    part: Option<u32>,
}

impl Combination {
    /// Counts a row. Returns whether the part is due now.
    fn count(&mut self, patience: u32) -> bool {
        self.rows = self.rows.saturating_add(1);
        self.rows == patience.max(1)
    }
}

/// The parts of a sequence.
#[derive(Clone, Debug)]
pub(super) struct Parts<'m, T> {
    model: &'m CompiledModel<T>,
    /// The lists of lanes that positional encodings wrote.
    shapes: Vec<Vec<usize>>,
    /// Per shape and class of token.
    roots: Vec<Vec<Combination>>,
    /// Per part and class found.
    next: Vec<Vec<Combination>>,
    pub parts: Vec<Part<T>>,
    known: Vec<Option<Known<'m>>>,
}

impl<'m, T: Number> Parts<'m, T> {
    pub fn new(model: &'m CompiledModel<T>) -> Parts<'m, T> {
        Parts { model, shapes: Vec::new(), roots: Vec::new(), next: Vec::new(), parts: Vec::new(), known: Vec::new() }
    }

    /// The part with which a row begins.
    #[inline(always)]
    pub fn root(&mut self, special: &'m Special<T>, row: &Row<T>) -> Option<u32> {
        let is_of = |shape: &Vec<usize>| shape.len() == row.positional.len() && shape.iter().zip(&row.positional).all(|(a, (b, _))| a == b);
        let shape = match self.shapes.iter().position(is_of) {
            Some(shape) => shape,
            None if self.shapes.len() == MOST_SHAPES => return None,
            None => {
                self.shapes.push(row.positional.iter().map(|(lane, _)| *lane).collect());
                self.roots.push(vec![Combination::default(); special.classes.tokens.len()]);
                self.shapes.len() - 1
            }
        };
        let class = usize::from(*special.classes.of_token.get(row.token)?);
        let combination = &mut self.roots[shape][class];
        if combination.part.is_none() && combination.count(self.model.patience) {
            let built = self.build_root(special, shape, class);
            self.roots[shape][class].part = built;
        }
        self.roots[shape][class].part
    }

    #[cold]
    fn build_root(&mut self, special: &'m Special<T>, shape: usize, class: usize) -> Option<u32> {
        let class = &special.classes.tokens[class];
        let mut state = State::new(&special.source);
        class.known.iter().for_each(|(lane, number)| state.lanes[*lane as usize].constant = *number);
        for (lane, range) in &class.varying {
            let var = state.add(*range, Definition::Given);
            state.lanes[*lane as usize].terms.push((var, 1));
        }
        for lane in &self.shapes[shape] {
            let exact = special.source.exact;
            let var = state.add(Interval::new(-exact, exact), Definition::Given);
            state.lanes.get_mut(*lane)?.terms.push((var, 1));
        }
        let builder = Builder::new(state);
        self.keep(builder.part(0, &special.classes.branches, &self.model.indexed.unembedding))
    }

    /// The part that follows a branch for a class of rows found.
    #[inline(always)]
    pub fn after(&mut self, special: &'m Special<T>, part: u32, branch: usize, class: u32, found: &Found) -> Option<u32> {
        let (next, class) = (&mut self.next[part as usize], class as usize);
        if next.len() <= class {
            next.resize(class + 1, Combination::default());
        }
        if next[class].part.is_none() && next[class].count(self.model.patience) {
            let built = self.build_after(special, part, branch, &found.classes[class]);
            self.next[part as usize][class].part = built;
        }
        self.next[part as usize][class].part
    }

    #[cold]
    fn build_after(&mut self, special: &'m Special<T>, part: u32, branch: usize, numbers: &[i64]) -> Option<u32> {
        let known = self.known[part as usize].as_ref()?;
        let branch = &special.classes.branches[branch];
        let builder = Builder::after(known, branch, numbers);
        let built = builder.part(branch.layer + 1, &special.classes.branches, &self.model.indexed.unembedding);
        self.keep(built)
    }

    fn keep(&mut self, built: Option<(Part<T>, Option<Known<'m>>)>) -> Option<u32> {
        let (part, known) = built.filter(|_| self.parts.len() < MOST_PARTS)?;
        self.parts.push(part);
        self.known.push(known);
        self.next.push(Vec::new());
        Some(self.parts.len() as u32 - 1)
    }
}
