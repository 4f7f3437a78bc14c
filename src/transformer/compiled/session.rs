//! A sequence in progress.

#[cfg(test)]
use std::sync::Arc;

use super::code::{Place, SEARCHES};
use super::part::{End, Part};
use super::parts::Parts;
use super::running::{Found, NONE, Running, Slot};
use super::{CompiledModel, Special};
use crate::transformer::indexed::{Memory, silent};
use crate::transformer::{Batched, Network, Number, Observer, Row};

/// A sequence in progress, by compiled passes.
#[derive(Clone, Debug)]
pub struct CompiledSession<'m, T> {
    model: &'m CompiledModel<T>,
    running: Running<'m, T>,
    parts: Parts<'m, T>,
    /// The last part of the last row, and the row's token, if the row was compiled to its end.
    ended: Option<(u32, usize)>,
    /// The processor's vector instructions.
    arch: pulp::Arch,
}

impl<'m, T: Number> CompiledSession<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m CompiledModel<T>) -> CompiledSession<'m, T> {
        CompiledSession { model, running: Running::new(model), parts: Parts::new(model), ended: None, arch: pulp::Arch::new() }
    }

    /// The number of compiled parts that the sequence knows.
    pub fn parts(&self) -> usize {
        self.parts.parts.len()
    }

    #[inline(always)]
    fn pass_row(&mut self, row: &Row<T>) {
        self.running.next_row();
        self.ended = None;
        // Closures might not be inlined.
        let Some(special) = &self.model.special else { return self.pass_uncompiled(row) };
        let Some(varying) = special.varying.get(row.token) else { return self.pass_uncompiled(row) };
        let Some(mut part) = self.parts.root(special, row, self.running.begin(varying)) else { return self.pass_uncompiled(row) };
        loop {
            let Part { code, steps, end, .. } = self.running.begin_part(&self.parts.parts, part);
            self.running.run(&self.parts.parts, code, steps);
            match end {
                End::Token { candidates, .. } => {
                    let token = match (&candidates.planes[..], &candidates.others[..]) {
                        ([], [token]) => *token,
                        (planes, others) => {
                            let (lanes, compared) = self.running.outputs.split_at(self.running.indexed.lanes.len());
                            let (logits, bounds) = compared.split_at(others.len());
                            self.model.indexed.unembedding.token_among(candidates, logits, &bounds[..planes.len()], lanes)
                        }
                    };
                    self.ended = Some((part, token));
                    break;
                }
                End::Branch { branch, at, search, .. } => {
                    let (branch, at) = (*branch, *at);
                    let Slot { slot, .. } = self.running.last.found[usize::from(*search) % SEARCHES];
                    let class = self.class(special, branch, at, slot);
                    match class.and_then(|class| self.parts.after(part, branch, class, &self.running.found[branch])) {
                        Some(next) => part = next,
                        None => {
                            self.leave(part);
                            break;
                        }
                    }
                }
            }
        }
        self.running.indexed.position += 1;
    }

    #[cold]
    fn pass_uncompiled(&mut self, row: &Row<T>) {
        self.running.indexed.embed(row);
        self.pass_indexed(0, false);
        self.running.indexed.position += 1;
    }

    /// The rest of a row whose combination is not compiled.
    #[cold]
    fn leave(&mut self, part: u32) {
        let Part { code, end: End::Branch { lanes, .. }, .. } = &*self.parts.parts[part as usize] else { return };
        let width = self.running.indexed.lanes.len();
        self.running.outputs[..width].fill(T::default());
        self.running.run(&self.parts.parts, code, lanes);
        self.running.indexed.lanes.copy_from_slice(&self.running.outputs[..width]);
        self.pass_indexed(self.running.last.compiled, true);
    }

    /// Passes the lanes from a layer's attention on, or from the neurons before it.
    fn pass_indexed(&mut self, first: usize, neurons_before: bool) {
        if neurons_before {
            self.running.indexed.feed_forward(first - 1);
        }
        self.forget_latest(first);
        for layer in first..self.model.indexed.layers.len() {
            self.settle_layer(layer);
            self.running.indexed.attend(layer);
            self.running.indexed.feed_forward(layer);
        }
        self.forget_latest(first);
    }

    /// Forgets the classes of the rows inserted last, from a layer on: their values may change, or have
    /// changed.
    fn forget_latest(&mut self, first: usize) {
        let branches = self.model.special.iter().flat_map(|special| &special.classes.branches);
        for (branch, found) in branches.zip(&mut self.running.found).filter(|(branch, _)| branch.layer >= first) {
            for memory in &self.running.indexed.memories[self.model.indexed.layers[branch.layer].memories.clone()] {
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
        if layer < self.running.before.compiled {
            self.running.settle_before(&self.parts.parts, layer);
        }
    }

    /// Computes all values that wait, before other rows are passed by the indexed pass.
    fn settle(&mut self) {
        self.running.next_row();
        (0..self.running.before.compiled).for_each(|layer| self.settle_layer(layer));
        self.running.before.forget();
        self.running.found.iter_mut().for_each(|found| found.of_slot.clear());
        self.ended = None;
    }

    /// The class of a row that a branch found.
    #[inline(always)]
    fn class(&mut self, special: &Special<T>, branch: usize, at: Place, slot: u32) -> Option<u32> {
        match self.running.found[branch].of_slot.get(slot as usize) {
            Some(class) if *class != NONE => Some(*class),
            _ => self.find_class(special, branch, at, slot),
        }
    }

    #[cold]
    fn find_class(&mut self, special: &Special<T>, branch: usize, at: Place, slot: u32) -> Option<u32> {
        let Memory::Keys(keys) = &mut self.running.indexed.memories[usize::from(at.memory)] else { return None };
        if slot == NONE {
            return None;
        }
        let row = keys.values.row(slot as usize);
        let numbers: Vec<i64> = special.classes.branches[branch].values.iter().map(|value| row[usize::from(*value)].to_integer()).collect();
        let Found { classes, by_numbers, of_slot } = &mut self.running.found[branch];
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
        self.running.indexed.write_store(store, index, row);
    }

    fn pass(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        if observer.observes() {
            self.settle();
            return self.running.indexed.pass(rows, observer);
        }
        let (silent, rows) = silent::split(rows);
        if !silent.is_empty() {
            self.settle();
            self.running.indexed.pass_silent(silent);
        }
        self.arch.dispatch(RowByRow { session: self, rows });
    }

    fn token(&self) -> usize {
        self.ended.map_or_else(|| self.running.indexed.token(), |(_, token)| token)
    }

    fn logits(&self) -> Vec<T> {
        let Some((part, _)) = self.ended else { return self.running.indexed.logits() };
        let Part { code, end: End::Token { all, .. }, .. } = &*self.parts.parts[part as usize] else { return Vec::new() };
        let mut vars = self.running.last.vars;
        let mut lanes = vec![T::default(); self.running.indexed.lanes.len()];
        all.iter().for_each(|function| code.run(*function, &mut vars, &[], &mut lanes));
        self.model.indexed.unembedding.logits(|lane| lanes[lane])
    }

    fn kept(&self) -> usize {
        self.running.indexed.kept()
    }
}

impl<T: Number> Batched<T> for CompiledSession<'_, T> {
    fn pass_batch(&mut self, rows: &[Row<T>], observer: &mut impl Observer<T>) {
        self.settle();
        self.running.indexed.pass_batch(rows, observer);
    }

    fn tokens_at(&mut self, rows: &[usize]) -> Vec<usize> {
        self.running.indexed.tokens_at(rows)
    }

    fn logits_at(&self, row: usize) -> Vec<T> {
        self.running.indexed.logits_at(row)
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
        self.running.last.vars[1..].fill(0.0);
    }

    /// A planted fault: all rows that branches find have the class that was found first.
    pub(super) fn confuse_classes(&mut self) {
        self.running.found.iter_mut().flat_map(|found| &mut found.of_slot).filter(|class| **class != NONE).for_each(|class| *class = 0);
    }
}
