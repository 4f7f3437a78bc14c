//! Runs code: on the variables of a row, and on the memories.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use wasmformer_native::{self as native, Code};

use super::CompiledModel;
use super::code::{Action, Given, MOST_ROWS, Pair, Place, SEARCHES, Steps, VARS, Vars};
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
    pub vars: Vars,
    /// Per search, what it found. All searches are below `SEARCHES`; a remainder saves a check.
    pub found: [Slot; SEARCHES],
    /// The parts that the row was passed by, in order.
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
    fn new() -> Numbers {
        let mut vars = [0.0; VARS];
        vars[0] = 1.0;
        Numbers { vars, found: [Slot::NONE; SEARCHES], parts: Vec::new(), compiled: 0 }
    }

    /// Forgets the parts: no values wait to be computed from the numbers.
    pub fn forget(&mut self) {
        self.parts.clear();
        self.compiled = 0;
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
#[derive(Clone, Debug)]
pub(super) struct Running<'m, T> {
    pub indexed: IndexedSession<'m, T>,
    /// What a search gives that finds nothing.
    zeros: &'m [T],
    /// Per memory, the branch that searches it.
    branch_of: &'m [Option<usize>],
    pub last: Box<Numbers>,
    pub before: Box<Numbers>,
    /// What code puts out: all lanes, numbers that tokens are compared by, and values for memories.
    pub outputs: Vec<T>,
    pub found: Vec<Found>,
    /// Per known key, its slot, if it has been seen.
    slots: Vec<u32>,
}

impl<'m, T: Number> Running<'m, T> {
    /// An empty sequence with empty stores.
    pub fn new(model: &'m CompiledModel<T>) -> Running<'m, T> {
        let special = model.special.as_ref();
        let numbers = Box::new(Numbers::new());
        Running {
            indexed: IndexedSession::new(&model.indexed),
            zeros: special.map_or(&[], |special| &special.zeros),
            branch_of: special.map_or(&[], |special| &special.branch_of),
            last: numbers.clone(),
            before: numbers,
            outputs: vec![T::default(); special.map_or(0, |special| special.source.outputs)],
            found: vec![Found::default(); special.map_or(0, |special| special.classes.branches.len())],
            slots: Vec::new(),
        }
    }

    /// Begins a row: the last row becomes the row before.
    #[inline(always)]
    pub fn next_row(&mut self) {
        std::mem::swap(&mut self.before, &mut self.last);
        self.last.forget();
    }

    /// Sets the variables of a token's varying lanes. Returns those that follow, which are for the positional
    /// encoding.
    #[inline(always)]
    pub fn begin(&mut self, varying: &[f64]) -> &mut [f64] {
        let (of_token, rest) = self.last.vars[1..].split_at_mut(varying.len());
        copy(of_token, varying);
        rest
    }

    /// Begins a part of the row.
    #[inline(always)]
    pub fn begin_part<'p>(&mut self, parts: &'p [Arc<Part<T>>], part: u32) -> &'p Part<T> {
        self.last.parts.push(part);
        let part = &*parts[part as usize];
        self.last.compiled = part.layers.end;
        part
    }

    /// Runs steps of a part. `parts` are all parts by which rows have been passed.
    #[inline(always)]
    pub fn run(&mut self, parts: &[Arc<Part<T>>], code: &Code<T>, all: &Steps) {
        let (mut actions, mut rows) = (&all.actions[..], &all.rows[..]);
        for step in &all.steps {
            let (now, later) = actions.split_at(usize::from(step.actions));
            actions = later;
            // Closures might not be inlined.
            for action in now {
                self.act(parts, all, action);
            }
            let (given, later) = rows.split_at(usize::from(step.rows));
            rows = later;
            if let Some(function) = step.function {
                let function = usize::from(function);
                match given.len() {
                    0 => code.run(function, &mut self.last.vars, &[], &mut self.outputs),
                    1 => self.compute::<1>(code, function, given),
                    2 => self.compute::<2>(code, function, given),
                    3 => self.compute::<3>(code, function, given),
                    4 => self.compute::<4>(code, function, given),
                    _ => self.compute::<MOST_ROWS>(code, function, given),
                }
            }
        }
    }

    /// Runs a function that is given some rows, at most `ROWS`.
    #[inline(always)]
    fn compute<const ROWS: usize>(&mut self, code: &Code<T>, function: usize, rows: &[Given]) {
        let mut inputs = [native::Row::from(self.zeros); ROWS];
        for (input, given) in inputs.iter_mut().zip(rows) {
            *input = row(&self.indexed.memories, self.zeros, &self.last.found, *given).into();
        }
        code.run(function, &mut self.last.vars, &inputs[..rows.len()], &mut self.outputs);
    }

    #[inline(always)]
    fn act(&mut self, parts: &[Arc<Part<T>>], all: &Steps, action: &Action) {
        match action {
            Action::Search { at, search, query } => self.last.found[usize::from(*search) % SEARCHES] = self.search(parts, all, *at, query),
            Action::Insert { at, key, output } => self.insert(parts, all, *at, key, *output),
            other => self.act_apart(all, *other),
        }
    }

    /// The actions of which a row has few. They are apart so that the others, of which it has many, are told
    /// by comparisons and not by a table of jumps.
    #[inline(never)]
    fn act_apart(&mut self, all: &Steps, action: Action) {
        match action {
            Action::Add { at, first, count } => {
                if let Memory::Sum(totals) = &mut self.indexed.memories[usize::from(at.memory)] {
                    let sums = &all.sums[first as usize..][..usize::from(count)];
                    sums.iter().for_each(|(sum, var)| totals[usize::from(*sum)] += T::narrow(self.last.vars[usize::from(*var)]));
                }
            }
            Action::LayOut { at, search } => {
                let Slot { slot, .. } = self.last.found[usize::from(search) % SEARCHES];
                self.lay_out(at, slot);
            }
            Action::Search { .. } | Action::Insert { .. } => unreachable!("they have been told"),
        }
    }

    #[inline(always)]
    fn insert(&mut self, parts: &[Arc<Part<T>>], all: &Steps, at: Place, key: &Pair, output: Option<u16>) {
        let Running { indexed, slots, last, outputs, .. } = self;
        let Memory::Keys(keys) = &mut indexed.memories[usize::from(at.memory)] else { return };
        let waiting = match (key, output) {
            (Pair::Given(key), Some(first)) => {
                let (slot, waiting) = keys.insert_pair(pair(&last.vars, *key), indexed.position);
                keys.values.set(slot, |row| copy(row, &outputs[usize::from(first)..][..row.len()]));
                waiting
            }
            (Pair::Given(key), None) => keys.insert_waiting_pair(pair(&last.vars, *key), indexed.position),
            (Pair::Known(id), _) => {
                let slot = match slot_of_known(slots, *id) {
                    Some(slot) => slot,
                    None => know(slots, *id, keys.slot_of(all.key(*id))),
                };
                keys.insert_waiting_at(slot, indexed.position)
            }
            (Pair::One(_), _) => unreachable!("only queries have it"),
        };
        if let Some(slot) = waiting {
            self.settle_slot(parts, at, slot, false);
        }
    }

    /// The slot that a search finds. Its values are computed, if they wait, and laid out.
    #[inline(always)]
    fn search(&mut self, parts: &[Arc<Part<T>>], all: &Steps, at: Place, query: &Pair) -> Slot {
        let Running { indexed, slots, last, .. } = self;
        match &mut indexed.memories[usize::from(at.memory)] {
            Memory::Keys(keys) => {
                let slot = match query {
                    Pair::One(x) => keys.best_slot_of_one(integer(&last.vars, *x)),
                    Pair::Given(query) => keys.best_slot_of(pair(&last.vars, *query)),
                    Pair::Known(id) => {
                        let known = slot_of_known(slots, *id).filter(|_| keys.are_below_parabola());
                        known.or_else(|| search_known(keys, slots, all.key(*id), *id))
                    }
                };
                let Some(slot) = slot else { return Slot::NONE };
                let found = Slot::of(slot, keys);
                if keys.take_waiting(Some(slot)).is_some() {
                    self.settle_slot(parts, at, slot, true);
                }
                found
            }
            Memory::Store(store) => {
                let keys = store.keys_mut();
                let slot = match query {
                    Pair::One(x) => keys.best_slot_of_one(integer(&last.vars, *x)),
                    Pair::Given(query) => keys.best_slot_of(pair(&last.vars, *query)),
                    Pair::Known(_) => None,
                };
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
    fn settle_slot(&mut self, parts: &[Arc<Part<T>>], at: Place, slot: usize, of_last: bool) {
        let (layer, memory) = (usize::from(at.layer), usize::from(at.memory));
        let numbers = if of_last { &mut *self.last } else { &mut *self.before };
        let Memory::Keys(keys) = &mut self.indexed.memories[memory] else { return };
        let mut passed = numbers.parts.iter().map(|part| &parts[*part as usize]);
        if let Some(part) = passed.find(|part| part.layers.contains(&layer)) {
            if let Some(Late { constants, function }) = &part.late[usize::from(at.memory - part.first)] {
                keys.values.set(slot, |row| {
                    if !constants.is_empty() {
                        row.copy_from_slice(constants);
                    }
                    if let Some(function) = function {
                        part.code.run(*function, &mut numbers.vars, &[], row);
                    }
                });
            }
        } else if let Some(late) = &self.indexed.model.layers[layer].family(memory).late {
            let left = &self.indexed.left[layer].last;
            keys.values.set(slot, |row| late.dots(left, row));
        }
        // The class of a slot whose values have changed is not known any more.
        if let Some(branch) = self.branch_of[memory]
            && let Some(class) = self.found[branch].of_slot.get_mut(slot)
        {
            *class = NONE;
        }
    }

    /// Computes the values of the row before that wait in a layer.
    pub fn settle_before(&mut self, parts: &[Arc<Part<T>>], layer: usize) {
        for memory in self.indexed.model.layers[layer].memories.clone() {
            if let Memory::Keys(keys) = &mut self.indexed.memories[memory]
                && let Some(slot) = keys.take_waiting(None)
            {
                self.settle_slot(parts, Place { layer: layer as u16, memory: memory as u16 }, slot, false);
            }
        }
    }
}

/// The numbers that a function is given; zeros if a search found nothing.
#[inline(always)]
fn row<'r, T: Number>(memories: &'r [Memory<T>], zeros: &'r [T], found: &[Slot; SEARCHES], given: Given) -> &'r [T] {
    let (Given::Found { at, .. } | Given::Totals { at }) = given;
    let memory = &memories[usize::from(at.memory)];
    let Given::Found { search, .. } = given else {
        return if let Memory::Sum(totals) = memory { totals } else { zeros };
    };
    let values = match memory {
        Memory::Keys(keys) => &keys.values,
        Memory::Store(store) => &store.keys().values,
        Memory::Sum(_) => return zeros,
    };
    values.laid_out(found[usize::from(search) % SEARCHES].start).unwrap_or(zeros)
}

/// A variable with the bits of an integer. All are below `VARS`; the remainder saves a check.
#[inline(always)]
fn integer(vars: &Vars, var: Var) -> i64 {
    vars[usize::from(var) % VARS].to_bits() as i64
}

/// Two variables with the bits of integers.
#[inline(always)]
fn pair(vars: &Vars, [a, b]: [Var; 2]) -> [i64; 2] {
    [integer(vars, a), integer(vars, b)]
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
fn slot_of_known(slots: &[u32], id: u16) -> Option<usize> {
    slots.get(usize::from(id)).filter(|slot| **slot != NONE).map(|slot| *slot as usize)
}

/// Searches for a known key whose slot is not known, or need not score highest.
#[cold]
fn search_known<T: Number>(keys: &mut Keys<T>, slots: &mut Vec<u32>, key: [i64; 2], id: u16) -> Option<usize> {
    let j = key[0] / 2;
    match keys.slot_on_parabola(j) {
        Some(slot) => Some(know(slots, id, slot)),
        None => keys.best_slot_of_one(j),
    }
}

/// Notes the slot of a known key.
#[cold]
fn know(slots: &mut Vec<u32>, id: u16, slot: usize) -> usize {
    let id = usize::from(id);
    if slots.len() <= id {
        slots.resize(id + 1, NONE);
    }
    slots[id] = slot as u32;
    slot
}
