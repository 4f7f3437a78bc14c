//! Runs code: on the variables of a row, and on the memories.

use std::collections::HashMap;
use std::sync::Arc;

use wasmformer_native::Code;

use super::Special;
use super::code::{Action, Place, Step, VARS, Vars};
use super::form::Var;
use super::part::{Late, Part};
use crate::transformer::indexed::Memory;
use crate::transformer::{IndexedSession, Number};

/// No slot, no class.
pub(super) const NONE: u32 = u32::MAX;

/// A row's numbers, which outlive the row's pass: values that wait are computed from them.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    pub vars: Box<Vars>,
    /// Per search, the slot found.
    pub found: Vec<u32>,
    /// Per layer below `compiled`, the part that passed its attention.
    pub parts: Vec<u32>,
    /// The number of layers whose attention was compiled. The indexed pass did the others.
    pub compiled: usize,
}

impl Numbers {
    pub fn new(searches: usize, layers: usize) -> Numbers {
        let mut vars = Box::new([0.0; VARS]);
        vars[0] = 1.0;
        Numbers { vars, found: vec![NONE; searches], parts: vec![0; layers], compiled: 0 }
    }
}

/// The classes of the rows that a branch finds.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The numbers of each class.
    pub classes: Vec<Vec<i64>>,
    pub by_numbers: HashMap<Vec<i64>, u32>,
    /// Per slot of the branch's memory, its class, if it is known.
    pub of_slot: Vec<u32>,
}

/// What code works on.
pub(super) struct Running<'r, 'm, T> {
    pub indexed: &'r mut IndexedSession<'m, T>,
    pub parts: &'r [Arc<Part<T>>],
    pub last: &'r mut Numbers,
    pub before: &'r mut Numbers,
    pub found: &'r mut [Found],
    pub special: &'r Special<T>,
}

impl<T: Number> Running<'_, '_, T> {
    /// Runs steps of a part. What they put out goes to the lanes.
    #[inline(always)]
    pub fn run(&mut self, code: &Code<T>, steps: &[Step]) {
        for Step { action, function } in steps {
            let inputs: &[T] = match action {
                Action::None => &[],
                Action::Insert { at, key } => {
                    let key = self.pair(key);
                    let position = self.indexed.position;
                    if let Memory::Keys(keys) = self.memory(*at)
                        && let Some(slot) = keys.insert_waiting_integers(&key, position)
                    {
                        self.settle_slot(*at, slot, false);
                    }
                    &[]
                }
                Action::Add { at, sums } => {
                    if let Memory::Sum(totals) = &mut self.indexed.memories[usize::from(at.layer)][usize::from(at.family)] {
                        sums.iter().for_each(|(sum, var)| totals[usize::from(*sum)] += T::narrow(self.last.vars[usize::from(*var)]));
                    }
                    &[]
                }
                Action::Totals { at } => match &self.indexed.memories[usize::from(at.layer)][usize::from(at.family)] {
                    Memory::Sum(totals) => totals,
                    _ => &[],
                },
                Action::Search { at, search, query } => {
                    let query = self.pair(query);
                    let slot = self.search(*at, query);
                    self.last.found[usize::from(*search)] = slot;
                    row(&mut self.indexed.memories, &self.special.zeros, *at, slot)
                }
                Action::Found { at, search } => {
                    row(&mut self.indexed.memories, &self.special.zeros, *at, self.last.found[usize::from(*search)])
                }
            };
            if let Some(function) = function {
                code.run(*function, &mut *self.last.vars, inputs, &mut self.indexed.lanes);
            }
        }
    }

    #[inline(always)]
    fn pair(&self, vars: &[Var; 2]) -> [i64; 2] {
        vars.map(|var| self.last.vars[usize::from(var)].to_bits() as i64)
    }

    /// The slot that a search finds.
    #[inline(always)]
    fn search(&mut self, at: Place, query: [i64; 2]) -> u32 {
        let slot = match self.memory(at) {
            Memory::Keys(keys) => {
                let slot = keys.best_slot_of(&query);
                if let Some(slot) = slot
                    && keys.take_waiting(Some(slot)).is_some()
                {
                    self.settle_slot(at, slot, true);
                }
                slot
            }
            Memory::Store(store) => store.keys_mut().best_slot_of(&query),
            Memory::Sum(_) => None,
        };
        slot.map_or(NONE, |slot| slot as u32)
    }

    #[inline(always)]
    fn memory(&mut self, at: Place) -> &mut Memory<T> {
        &mut self.indexed.memories[usize::from(at.layer)][usize::from(at.family)]
    }

    /// Computes the values of a slot: those of the last row, or of the row before it.
    fn settle_slot(&mut self, at: Place, slot: usize, of_last: bool) {
        let (layer, family) = (usize::from(at.layer), usize::from(at.family));
        let numbers = if of_last { &mut *self.last } else { &mut *self.before };
        let Memory::Keys(keys) = &mut self.indexed.memories[layer][family] else { return };
        if layer < numbers.compiled {
            let part = &self.parts[numbers.parts[layer] as usize];
            if let Some(Late { constants, function }) = &part.late[layer - part.first][family] {
                keys.values.set(slot, |row| {
                    if !constants.is_empty() {
                        row.copy_from_slice(constants);
                    }
                    if let Some(function) = function {
                        part.code.run(*function, &mut *numbers.vars, &[], row);
                    }
                });
            }
        } else if let Some(late) = &self.indexed.model.layers[layer].families[family].late {
            let left = &self.indexed.left[layer].last;
            keys.values.set(slot, |row| late.dots(left, row));
        }
        self.forget_class(layer, family, slot);
    }

    /// Forgets the class of a slot whose values have changed.
    fn forget_class(&mut self, layer: usize, family: usize, slot: usize) {
        if let Some(branch) = self.special.branch_of[layer][family]
            && let Some(class) = self.found[branch].of_slot.get_mut(slot)
        {
            *class = NONE;
        }
    }

    /// Computes the values of the row before that wait in a layer.
    pub fn settle_before(&mut self, layer: usize) {
        for family in 0..self.indexed.memories[layer].len() {
            if let Memory::Keys(keys) = &mut self.indexed.memories[layer][family]
                && let Some(slot) = keys.take_waiting(None)
            {
                self.settle_slot(Place { layer: layer as u16, family: family as u16 }, slot, false);
            }
        }
    }
}

/// The values of the row that a search found; zeros if it found nothing.
#[inline(always)]
fn row<'r, T: Number>(memories: &'r mut [Vec<Memory<T>>], zeros: &'r [T], at: Place, slot: u32) -> &'r [T] {
    match &mut memories[usize::from(at.layer)][usize::from(at.family)] {
        _ if slot == NONE => zeros,
        Memory::Keys(keys) => keys.values.row(slot as usize),
        Memory::Store(store) => store.keys_mut().values.row(slot as usize),
        Memory::Sum(_) => zeros,
    }
}
