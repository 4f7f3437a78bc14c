//! What was compiled from a model. Its sequences share it, on all threads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::build::Builder;
use super::code::Constants;
use super::known::Known;
use super::part::Part;
use super::state::{Definition, State};
use super::{CompiledModel, Special};
use crate::transformer::indexed::unembed::Unembedding;
use crate::transformer::{Interval, Number};

/// The maximum number of parts of a library: some 60 MB for a large machine. Combinations beyond are passed
/// by the indexed pass.
const MOST_PARTS: usize = 1024;

/// What a part is compiled for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Combination {
    /// The beginning of a row, by the lanes that its positional encoding writes and the class of its token.
    Root { shape: Vec<usize>, class: usize },
    /// What follows a part, by the numbers of the branch's values in the row found.
    After { part: u32, branch: usize, numbers: Vec<i64> },
}

/// The library of a model. Once it is full and a part was wanted, new sequences get a new one, since they may
/// need parts for other programs.
#[derive(Debug)]
pub(super) struct Current<T>(Mutex<Arc<Library<T>>>);

impl<T> Default for Current<T> {
    fn default() -> Current<T> {
        Current(Mutex::default())
    }
}

impl<T: Number> Current<T> {
    /// The library for a new sequence.
    pub fn library(&self) -> Arc<Library<T>> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_used_up = current.shelf().is_used_up;
        if is_used_up {
            *current = Arc::default();
        }
        Arc::clone(&current)
    }
}

/// Parts, for sequences that share them.
#[derive(Debug)]
pub(super) struct Library<T>(Mutex<Shelf<T>>);

#[derive(Debug)]
struct Shelf<T> {
    parts: Vec<Arc<Part<T>>>,
    /// Per part, what further parts are built from.
    known: Vec<Option<Known>>,
    seen: FxHashMap<Combination, Seen>,
    constants: Constants,
    /// Whether a part was wanted for which there was no room.
    is_used_up: bool,
}

/// What is known of a combination.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The number of rows that had it.
    rows: u32,
    /// Whether it was tried to build its part.
    is_tried: bool,
    /// The part; `None` if it has not been built, or has too many variables.
    part: Option<u32>,
}

impl<T> Default for Library<T> {
    fn default() -> Library<T> {
        let (parts, known) = (Vec::new(), Vec::new());
        Library(Mutex::new(Shelf { parts, known, seen: FxHashMap::default(), constants: Constants::default(), is_used_up: false }))
    }
}

impl<T: Number> Library<T> {
    /// The part of a combination that so many more rows have had. It is built when it is worth it: when
    /// `patience` rows have had it, in all sequences. `parts` are those that the caller knows: it gets the
    /// others. `None` if the part has not been built, or cannot be.
    pub fn part(&self, combination: Combination, rows: u32, model: &CompiledModel<T>, parts: &mut Vec<Arc<Part<T>>>) -> Option<u32> {
        let special = model.special.as_ref()?;
        // Sequences on other threads wait meanwhile: most of them are about to need the same part.
        let mut shelf = self.shelf();
        let seen = shelf.seen.entry(combination.clone()).or_default();
        seen.rows = seen.rows.saturating_add(rows);
        if !seen.is_tried && seen.rows >= model.patience {
            let part = shelf.build(&combination, special, &model.indexed.unembedding);
            if let Some(seen) = shelf.seen.get_mut(&combination) {
                (seen.is_tried, seen.part) = (true, part);
            }
        }
        shelf.copy_to(parts);
        shelf.seen.get(&combination).and_then(|seen| seen.part)
    }

    // A thread that panicked while it built has left nothing half built.
    fn shelf(&self) -> MutexGuard<'_, Shelf<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Number> Shelf<T> {
    fn copy_to(&self, parts: &mut Vec<Arc<Part<T>>>) {
        let new = self.parts.iter().skip(parts.len()).cloned();
        parts.extend(new);
    }

    fn build(&mut self, combination: &Combination, special: &Special<T>, unembedding: &Unembedding<T>) -> Option<u32> {
        if self.parts.len() == MOST_PARTS {
            self.is_used_up = true;
            return None;
        }
        let branches = &special.classes.branches;
        let (known, first) = match combination {
            Combination::Root { shape, class } => (Known::new(root(special, shape, *class)?), 0),
            Combination::After { part, branch, numbers } => {
                let branch = &branches[*branch];
                (self.known[*part as usize].as_ref()?.after(branch, numbers), branch.layer + 1)
            }
        };
        let (part, known) = Builder::new(known, first, &mut self.constants).part(branches, unembedding)?;
        self.parts.push(Arc::new(part));
        self.known.push(known);
        Some(self.parts.len() as u32 - 1)
    }
}

/// What is known of a row before its first layer. `None` if the positional encoding writes a lane that does
/// not exist.
fn root<T>(special: &Special<T>, shape: &[usize], class: usize) -> Option<State> {
    let class = &special.classes.tokens[class];
    let mut state = State::new(Arc::clone(&special.source));
    class.known.iter().for_each(|(lane, number)| state.lanes[*lane as usize].constant = *number);
    for (lane, range) in &class.varying {
        let var = state.add(*range, Definition::Given);
        state.lanes[*lane as usize].terms.push((var, 1));
    }
    for lane in shape {
        let exact = special.source.exact;
        let var = state.add(Interval::new(-exact, exact), Definition::Given);
        state.lanes.get_mut(*lane)?.terms.push((var, 1));
    }
    Some(state)
}
