//! Runs code: on the variables of a row, and on the memories.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use wasmformer_native::{Code, Row};

use super::Special;
use super::code::{Action, Given, MOST_ROWS, Pair, Place, Step, VARS, Vars};
use super::form::Var;
use super::part::{Late, Part};
use crate::transformer::indexed::Memory;
use crate::transformer::indexed::keys::Keys;
use crate::transformer::{IndexedSession, Number};

/// No slot, no class.
pub(super) const NONE: u32 = u32::MAX;

/// A row's numbers, which outlive the row's pass: values that wait are computed from them.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    pub vars: Box<Vars>,
    /// Per search, what it found.
    pub found: Vec<Slot>,
    /// Per layer below `compiled`, the part that passed its attention.
    pub parts: Vec<u32>,
    /// The number of layers whose attention was compiled. The indexed pass did the others.
    pub compiled: usize,
}

/// What a search finds: a slot, and the start of its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub slot: u32,
    start: usize,
}

impl Slot {
    /// Its start is beyond all values.
    const NONE: Slot = Slot { slot: NONE, start: usize::MAX / 2 };

    #[inline(always)]
    fn of<T: Number>(slot: usize, keys: &mut Keys<T>) -> Slot {
        Slot { slot: slot as u32, start: keys.values.lay_out(slot) }
    }
}

impl Numbers {
    pub fn new(searches: usize, layers: usize) -> Numbers {
        let mut vars = Box::new([0.0; VARS]);
        vars[0] = 1.0;
        Numbers { vars, found: vec![Slot::NONE; searches], parts: vec![0; layers], compiled: 0 }
    }
}

/// The classes of the rows that a branch finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The numbers of each class.
    pub classes: Vec<Vec<i64>>,
    pub by_numbers: FxHashMap<Vec<i64>, u32>,
    /// Per slot of the branch's memory, its class, if it is known.
    pub of_slot: Vec<u32>,
}

/// What code works on.
pub(super) struct Running<'r, 'm, T> {
    pub indexed: &'r mut IndexedSession<'m, T>,
    pub parts: &'r [Arc<Part<T>>],
    pub last: &'r mut Numbers,
    pub before: &'r mut Numbers,
    pub outputs: &'r mut [T],
    pub found: &'r mut [Found],
    /// Per known key, its slot, if it has been seen.
    pub slots: &'r mut Vec<u32>,
    pub special: &'r Special<T>,
}

impl<T: Number> Running<'_, '_, T> {
    /// Runs steps of a part.
    #[inline(always)]
    pub fn run(&mut self, code: &Code<T>, steps: &[Step]) {
        for Step { actions, rows, function } in steps {
            // Closures might not be inlined.
            for action in actions {
                self.act(action);
            }
            if let Some(function) = *function {
                match rows.len() {
                    0 => code.run(function, &mut *self.last.vars, &[], self.outputs),
                    1 => self.compute::<1>(code, function, rows),
                    2 => self.compute::<2>(code, function, rows),
                    3..=4 => self.compute::<4>(code, function, rows),
                    _ => self.compute::<MOST_ROWS>(code, function, rows),
                }
            }
        }
    }

    /// Runs a function that is given some rows, at most `ROWS`.
    #[inline(always)]
    fn compute<const ROWS: usize>(&mut self, code: &Code<T>, function: usize, rows: &[Given]) {
        let zeros = &self.special.zeros[..];
        let mut inputs = [Row::from(zeros); ROWS];
        for (input, given) in inputs.iter_mut().zip(rows) {
            *input = row(&self.indexed.memories, zeros, &self.last.found, *given).into();
        }
        code.run(function, &mut *self.last.vars, &inputs[..rows.len()], self.outputs);
    }

    #[inline(always)]
    fn act(&mut self, action: &Action) {
        match action {
            Action::Insert { at, key, output } => self.insert(*at, key, *output),
            Action::Add { at, sums } => {
                if let Memory::Sum(totals) = &mut self.indexed.memories[usize::from(at.memory)] {
                    sums.iter().for_each(|(sum, var)| totals[usize::from(*sum)] += T::narrow(self.last.vars[usize::from(*var)]));
                }
            }
            Action::Search { at, search, query } => self.last.found[usize::from(*search)] = self.search(*at, query),
            Action::LayOut { at, search } => {
                let Slot { slot, .. } = self.last.found[usize::from(*search)];
                self.lay_out(*at, slot);
            }
        }
    }

    #[inline(always)]
    fn insert(&mut self, at: Place, key: &Pair, output: Option<u16>) {
        let Running { indexed, slots, last, outputs, .. } = self;
        let Memory::Keys(keys) = &mut indexed.memories[usize::from(at.memory)] else { return };
        let waiting = match (key, output) {
            (Pair::Given(key), Some(first)) => {
                let (slot, waiting) = keys.insert_integers(&integers(&last.vars, key), indexed.position);
                keys.values.set(slot, |row| copy(row, &outputs[usize::from(first)..][..row.len()]));
                self.forget_class(usize::from(at.memory), slot);
                waiting
            }
            (Pair::Given(key), None) => keys.insert_waiting_integers(&integers(&last.vars, key), indexed.position),
            (Pair::Known { key, id }, _) => {
                let slot = slot_of_known(slots, *id).unwrap_or_else(|| know(slots, *id, keys.slot_of(*key)));
                keys.insert_waiting_at(slot, indexed.position)
            }
        };
        if let Some(slot) = waiting {
            self.settle_slot(at, slot, false);
        }
    }

    /// The slot that a search finds. Its values are computed, if they wait, and laid out.
    #[inline(always)]
    fn search(&mut self, at: Place, query: &Pair) -> Slot {
        let Running { indexed, slots, last, .. } = self;
        match &mut indexed.memories[usize::from(at.memory)] {
            Memory::Keys(keys) => {
                let slot = match query {
                    Pair::Given(query) => keys.best_slot_of(&integers(&last.vars, query)),
                    Pair::Known { key, id } => {
                        let known = slot_of_known(slots, *id).filter(|_| keys.are_below_parabola());
                        known.or_else(|| search_known(keys, slots, *key, *id))
                    }
                };
                let Some(slot) = slot else { return Slot::NONE };
                let found = Slot::of(slot, keys);
                if keys.take_waiting(Some(slot)).is_some() {
                    self.settle_slot(at, slot, true);
                }
                found
            }
            Memory::Store(store) => {
                let Pair::Given(query) = query else { return Slot::NONE };
                let keys = store.keys_mut();
                let slot = keys.best_slot_of(&integers(&last.vars, query));
                slot.map_or(Slot::NONE, |slot| Slot::of(slot, keys))
            }
            Memory::Sum(_) => Slot::NONE,
        }
    }

    #[inline(always)]
    fn lay_out(&mut self, at: Place, slot: u32) {
        match &mut self.indexed.memories[usize::from(at.memory)] {
            _ if slot == NONE => {}
            Memory::Keys(keys) => _ = keys.values.lay_out(slot as usize),
            Memory::Store(store) => _ = store.keys_mut().values.lay_out(slot as usize),
            Memory::Sum(_) => {}
        }
    }

    /// Computes the values of a slot: those of the last row, or of the row before it.
    fn settle_slot(&mut self, at: Place, slot: usize, of_last: bool) {
        let (layer, memory) = (usize::from(at.layer), usize::from(at.memory));
        let numbers = if of_last { &mut *self.last } else { &mut *self.before };
        let Memory::Keys(keys) = &mut self.indexed.memories[memory] else { return };
        if layer < numbers.compiled {
            let part = &self.parts[numbers.parts[layer] as usize];
            if let Some(Late { constants, function }) = &part.late[usize::from(at.memory - part.first)] {
                keys.values.set(slot, |row| {
                    if !constants.is_empty() {
                        row.copy_from_slice(constants);
                    }
                    if let Some(function) = function {
                        part.code.run(*function, &mut *numbers.vars, &[], row);
                    }
                });
            }
        } else if let Some(late) = &self.indexed.model.layers[layer].family(memory).late {
            let left = &self.indexed.left[layer].last;
            keys.values.set(slot, |row| late.dots(left, row));
        }
        self.forget_class(memory, slot);
    }

    /// Forgets the class of a slot whose values have changed.
    fn forget_class(&mut self, memory: usize, slot: usize) {
        if let Some(branch) = self.special.branch_of[memory]
            && let Some(class) = self.found[branch].of_slot.get_mut(slot)
        {
            *class = NONE;
        }
    }

    /// Computes the values of the row before that wait in a layer.
    pub fn settle_before(&mut self, layer: usize) {
        for memory in self.indexed.model.layers[layer].memories.clone() {
            if let Memory::Keys(keys) = &mut self.indexed.memories[memory]
                && let Some(slot) = keys.take_waiting(None)
            {
                self.settle_slot(Place { layer: layer as u16, memory: memory as u16 }, slot, false);
            }
        }
    }
}

/// The numbers that a function is given; zeros if a search found nothing.
#[inline(always)]
fn row<'r, T: Number>(memories: &'r [Memory<T>], zeros: &'r [T], found: &[Slot], given: Given) -> &'r [T] {
    match given {
        Given::Found { at, search } => {
            let start = found[usize::from(search)].start;
            let values = match &memories[usize::from(at.memory)] {
                Memory::Keys(keys) => &keys.values,
                Memory::Store(store) => &store.keys().values,
                Memory::Sum(_) => return zeros,
            };
            values.laid_out(start).unwrap_or(zeros)
        }
        Given::Totals { at } => match &memories[usize::from(at.memory)] {
            Memory::Sum(totals) => totals,
            _ => zeros,
        },
    }
}

/// Variables with the bits of integers. All are below `VARS`; the mask saves a check.
#[inline(always)]
fn integers(vars: &Vars, pair: &[Var; 2]) -> [i64; 2] {
    pair.map(|var| vars[usize::from(var) % VARS].to_bits() as i64)
}

/// Copies numbers. One or two are not worth a call.
#[inline(always)]
fn copy<T: Number>(to: &mut [T], from: &[T]) {
    match (to, from) {
        ([to], [from]) => *to = *from,
        ([to, second], [from, and]) => (*to, *second) = (*from, *and),
        (to, from) => to.copy_from_slice(from),
    }
}

#[inline(always)]
fn slot_of_known(slots: &[u32], id: u32) -> Option<usize> {
    slots.get(id as usize).filter(|slot| **slot != NONE).map(|slot| *slot as usize)
}

/// Searches for a known key whose slot is not known, or need not score highest.
#[cold]
fn search_known<T: Number>(keys: &mut Keys<T>, slots: &mut Vec<u32>, key: [i64; 2], id: u32) -> Option<usize> {
    let j = key[0] / 2;
    match keys.slot_on_parabola(j) {
        Some(slot) => Some(know(slots, id, slot)),
        None => keys.best_slot_of(&[j, 1]),
    }
}

/// Notes the slot of a known key.
#[cold]
fn know(slots: &mut Vec<u32>, id: u32, slot: usize) -> usize {
    if slots.len() <= id as usize {
        slots.resize(id as usize + 1, NONE);
    }
    slots[id as usize] = slot as u32;
    slot
}
