//! A sequence in progress.

#[cfg(test)]
use std::sync::Arc;

use super::code::Place;
use super::part::{End, Part};
use super::parts::Parts;
use super::running::{Found, NONE, Numbers, Running, Slot};
use super::{CompiledModel, Special};
use crate::transformer::indexed::{Memory, silent};
use crate::transformer::{Batched, IndexedSession, Network, Number, Observer, Row};

/// A sequence in progress, by compiled passes.
#[derive(Clone, Debug)]
pub struct CompiledSession<'m, T> {
    model: &'m CompiledModel<T>,
    indexed: IndexedSession<'m, T>,
    parts: Parts<'m, T>,
    found: Vec<Found>,
    /// Per known key, its slot, if it has been seen.
    slots: Vec<u32>,
    /// What code puts out: all lanes, numbers that tokens are compared by, and values for memories.
    outputs: Vec<T>,
    last: Numbers,
    before: Numbers,
    /// The last part of the last row, and the row's token, if the row was compiled to its end.
    ended: Option<(u32, usize)>,
}

impl<'m, T: Number> CompiledSession<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m CompiledModel<T>) -> CompiledSession<'m, T> {
        let special = model.special.as_ref();
        let searches = special.map_or(0, |special| special.source.searches);
        let outputs = special.map_or(0, |special| special.source.outputs);
        let numbers = Numbers::new(searches, model.indexed.layers.len());
        let found = special.map_or_else(Vec::new, |special| vec![Found::default(); special.classes.branches.len()]);
        CompiledSession {
            model,
            indexed: IndexedSession::new(&model.indexed),
            parts: Parts::new(model),
            found,
            slots: Vec::new(),
            outputs: vec![T::default(); outputs],
            last: numbers.clone(),
            before: numbers,
            ended: None,
        }
    }

    /// The number of compiled parts that the sequence knows.
    pub fn parts(&self) -> usize {
        self.parts.parts.len()
    }

    #[inline(always)]
    fn pass_row(&mut self, row: &Row<T>) {
        std::mem::swap(&mut self.before, &mut self.last);
        self.last.compiled = 0;
        self.ended = None;
        let root = self.parts.root(row);
        let (Some(special), Some(mut part)) = (&self.model.special, root) else {
            self.indexed.embed(row);
            self.pass_indexed(0, false);
            self.indexed.position += 1;
            return;
        };
        let varying = &special.varying[row.token];
        let vars = &mut self.last.vars;
        vars[1..=varying.len()].copy_from_slice(varying);
        for (var, (_, number)) in vars[varying.len() + 1..].iter_mut().zip(&row.positional) {
            *var = number.widen();
        }
        loop {
            let Part { code, steps, layers, end, .. } = &*self.parts.parts[part as usize];
            self.last.parts[layers.clone()].fill(part);
            self.last.compiled = layers.end;
            let mut running = Running {
                indexed: &mut self.indexed,
                parts: &self.parts.parts,
                last: &mut self.last,
                before: &mut self.before,
                outputs: &mut self.outputs,
                found: &mut self.found,
                slots: &mut self.slots,
                special,
            };
            running.run(code, steps);
            match end {
                End::Token { candidates, .. } => {
                    let token = match (&candidates.planes[..], &candidates.others[..]) {
                        ([], [token]) => *token,
                        (planes, others) => {
                            let (lanes, compared) = self.outputs.split_at(self.indexed.lanes.len());
                            let (logits, bounds) = compared.split_at(others.len());
                            self.model.indexed.unembedding.token_among(candidates, logits, &bounds[..planes.len()], lanes)
                        }
                    };
                    self.ended = Some((part, token));
                    break;
                }
                End::Branch { branch, at, search, .. } => {
                    let (branch, at) = (*branch, *at);
                    let Slot { slot, .. } = self.last.found[usize::from(*search)];
                    match self.class(special, branch, at, slot).and_then(|class| self.parts.after(part, branch, class, &self.found[branch]))
                    {
                        Some(next) => part = next,
                        None => {
                            self.leave(part);
                            break;
                        }
                    }
                }
            }
        }
        self.indexed.position += 1;
    }

    /// The rest of a row whose combination is not compiled.
    #[cold]
    fn leave(&mut self, part: u32) {
        let special = self.model.special.as_ref();
        let Part { code, end: End::Branch { lanes, .. }, .. } = &*self.parts.parts[part as usize] else { return };
        let width = self.indexed.lanes.len();
        self.outputs[..width].fill(T::default());
        if let Some(special) = special {
            let mut running = Running {
                indexed: &mut self.indexed,
                parts: &self.parts.parts,
                last: &mut self.last,
                before: &mut self.before,
                outputs: &mut self.outputs,
                found: &mut self.found,
                slots: &mut self.slots,
                special,
            };
            running.run(code, lanes);
        }
        self.indexed.lanes.copy_from_slice(&self.outputs[..width]);
        self.pass_indexed(self.last.compiled, true);
    }

    /// Passes the lanes from a layer's attention on, or from the neurons before it.
    fn pass_indexed(&mut self, first: usize, neurons_before: bool) {
        if neurons_before {
            self.indexed.feed_forward(first - 1);
        }
        self.forget_latest(first);
        for layer in first..self.model.indexed.layers.len() {
            self.settle_layer(layer);
            self.indexed.attend(layer);
            self.indexed.feed_forward(layer);
        }
        self.forget_latest(first);
    }

    /// Forgets the classes of the rows inserted last, from a layer on: their values may change, or have
    /// changed.
    fn forget_latest(&mut self, first: usize) {
        let branches = self.model.special.iter().flat_map(|special| &special.classes.branches);
        for (branch, found) in branches.zip(&mut self.found).filter(|(branch, _)| branch.layer >= first) {
            for memory in &self.indexed.memories[self.model.indexed.layers[branch.layer].memories.clone()] {
                if let Memory::Keys(keys) = memory
                    && let Some(class) = found.of_slot.get_mut(keys.latest())
                {
                    *class = NONE;
                }
            }
        }
    }

    /// Computes the values of the row before that wait in a layer, if its attention was compiled.
    fn settle_layer(&mut self, layer: usize) {
        let CompiledSession { model, indexed, parts, last, before, outputs, found, slots, .. } = self;
        if layer < before.compiled
            && let Some(special) = &model.special
        {
            Running { indexed, parts: &parts.parts, last, before, outputs, found, slots, special }.settle_before(layer);
        }
    }

    /// Computes all values that wait, before other rows are passed by the indexed pass.
    fn settle(&mut self) {
        std::mem::swap(&mut self.before, &mut self.last);
        (0..self.before.compiled).for_each(|layer| self.settle_layer(layer));
        (self.before.compiled, self.last.compiled) = (0, 0);
        self.found.iter_mut().for_each(|found| found.of_slot.clear());
        self.ended = None;
    }

    /// The class of a row that a branch found.
    #[inline(always)]
    fn class(&mut self, special: &Special<T>, branch: usize, at: Place, slot: u32) -> Option<u32> {
        match self.found[branch].of_slot.get(slot as usize) {
            Some(class) if *class != NONE => Some(*class),
            _ => self.find_class(special, branch, at, slot),
        }
    }

    #[cold]
    fn find_class(&mut self, special: &Special<T>, branch: usize, at: Place, slot: u32) -> Option<u32> {
        let Memory::Keys(keys) = &mut self.indexed.memories[usize::from(at.memory)] else { return None };
        if slot == NONE {
            return None;
        }
        let row = keys.values.row(slot as usize);
        let numbers: Vec<i64> = special.classes.branches[branch].values.iter().map(|value| row[usize::from(*value)].to_integer()).collect();
        let Found { classes, by_numbers, of_slot } = &mut self.found[branch];
        let class = *by_numbers.entry(numbers.clone()).or_insert(classes.len() as u32);
        if class as usize == classes.len() {
            classes.push(numbers);
        }
        if of_slot.len() <= slot as usize {
            of_slot.resize(slot as usize + 1, NONE);
        }
        of_slot[slot as usize] = class;
        Some(class)
    }
}

/// Rows passed one after another, with the widest vector instructions of the processor.
struct RowByRow<'s, 'm, 'r, T> {
    session: &'s mut CompiledSession<'m, T>,
    rows: &'r [Row<T>],
}

impl<T: Number> pulp::NullaryFnOnce for RowByRow<'_, '_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for row in self.rows {
            self.session.pass_row(row);
        }
    }
}

impl<T: Number> Network<T> for CompiledSession<'_, T> {
    fn write_store(&mut self, store: usize, index: usize, row: &Row<T>) {
        self.indexed.write_store(store, index, row);
    }

    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        if observer.observes() {
            self.settle();
            return self.indexed.pass(rows, observer);
        }
        let (silent, rows) = silent::split(rows);
        if !silent.is_empty() {
            self.settle();
            self.indexed.pass_silent(silent);
        }
        pulp::Arch::new().dispatch(RowByRow { session: self, rows });
    }

    fn token(&self) -> usize {
        self.ended.map_or_else(|| self.indexed.token(), |(_, token)| token)
    }

    fn logits(&self) -> Vec<T> {
        let Some((part, _)) = self.ended else { return self.indexed.logits() };
        let Part { code, end: End::Token { all, .. }, .. } = &*self.parts.parts[part as usize] else { return Vec::new() };
        let mut vars = self.last.vars.clone();
        let mut lanes = vec![T::default(); self.indexed.lanes.len()];
        all.iter().for_each(|function| code.run(*function, &mut *vars, &[], &mut lanes));
        self.model.indexed.unembedding.logits(|lane| lanes[lane])
    }

    fn kept(&self) -> usize {
        self.indexed.kept()
    }
}

impl<T: Number> Batched<T> for CompiledSession<'_, T> {
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        self.settle();
        self.indexed.pass_batch(rows, observer);
    }

    fn tokens_at(&mut self, rows: &[usize]) -> Vec<usize> {
        self.indexed.tokens_at(rows)
    }

    fn logits_at(&self, row: usize) -> Vec<T> {
        self.indexed.logits_at(row)
    }
}

#[cfg(test)]
impl<T: Number> CompiledSession<'_, T> {
    /// The parts that were compiled.
    pub(super) fn compiled_parts(&mut self) -> &mut [Arc<Part<T>>] {
        &mut self.parts.parts
    }

    /// A planted fault: the numbers of the last row are overwritten.
    pub(super) fn lose_numbers(&mut self) {
        self.last.vars[1..].fill(0.0);
    }

    /// A planted fault: all rows that branches find have the class that was found first.
    pub(super) fn confuse_classes(&mut self) {
        self.found.iter_mut().flat_map(|found| &mut found.of_slot).filter(|class| **class != NONE).for_each(|class| *class = 0);
    }
}
