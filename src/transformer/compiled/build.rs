//! From what is known of a row to the code of the rest of its pass.
//!
//! All layers of a part are passed in forms first. So it is known what is needed of them when their code is
//! put together: per layer, one function for all keys and queries, and then all actions on memories. Layers
//! that do not need what the layer before found are put together with it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use wasmformer_native::Op;

use super::classes::Branch;
use super::code::{Action, Constants, Draft, Given, MOST_ROWS, MOST_VARS, Pair, Place, Steps, compiled, outliving, sum};
use super::form::{Form, Var};
use super::known::{Joining, Known};
use super::needed::Needed;
use super::part::{End, Late, Part};
use super::stairs::Piece;
use super::state::Definition;
use crate::transformer::indexed::unembed::Unembedding;
use crate::transformer::indexed::values::is_packed;
use crate::transformer::{Attention, Interval, Number};

/// What is done with a memory between two functions.
#[derive(Clone, Debug)]
enum Task {
    Join(Joining),
    Search(u16),
    /// What was found or added up before is given again.
    Give(Given),
}

/// Square root of the largest number in keys that are known for queries.
const MOST_KNOWN: i64 = 1 << 30;

pub(super) struct Builder<'b, T> {
    known: Known,
    constants: &'b mut Constants,
    draft: Draft,
    /// The step that is being put together.
    step: Actions,
    /// What can be loaded by the function that is being put together: row and index.
    loads: FxHashMap<Var, (u16, u16)>,
    functions: Vec<Vec<Op>>,
    /// Per memory of the layers from `first` on.
    late: Vec<Option<Late<T>>>,
    first: usize,
    /// The number of layers that are put together.
    layers: usize,
}

impl<'b, T: Number> Builder<'b, T> {
    /// Begins with the attention of layer `first`, or with the unembedding.
    pub fn new(known: Known, first: usize, constants: &'b mut Constants) -> Builder<'b, T> {
        Builder {
            known,
            constants,
            draft: Draft::default(),
            step: Actions::default(),
            loads: FxHashMap::default(),
            functions: Vec::new(),
            late: Vec::new(),
            first,
            layers: 0,
        }
    }

    /// Builds the part. `None` if it has too many variables or functions.
    pub fn part(mut self, branches: &[Branch], unembedding: &Unembedding<T>) -> Option<(Part<T>, Option<Known>)> {
        let source = Arc::clone(&self.known.state.source);
        let earlier: Vec<u16> = (0..).zip(&self.known.queries).filter(|(_, query)| query.is_some()).map(|(search, _)| search).collect();
        let mut layers = Vec::new();
        for layer in self.first..source.layers.len() {
            layers.push(self.known.attention(layer, branches));
            if let Some(index) = branches.iter().position(|branch| branch.layer == layer) {
                return self.part_to_branch(&earlier, layers, index, branches[index].search).map(|(part, known)| (part, Some(known)));
            }
            self.known.state.feed_forward(layer);
        }
        self.part_to_token(&earlier, layers, unembedding).map(|part| (part, None))
    }

    fn part_to_branch(mut self, earlier: &[u16], layers: Vec<Vec<Joining>>, branch: usize, search: u16) -> Option<(Part<T>, Known)> {
        self.pass(earlier, layers, &[], Some(search));
        let lanes = Box::new(self.lanes_for_the_indexed_pass());
        let (at, _) = self.known.queries[usize::from(search)].clone()?;
        self.finish(End::Branch { branch, at, search, lanes })
    }

    fn part_to_token(mut self, earlier: &[u16], layers: Vec<Vec<Joining>>, unembedding: &Unembedding<T>) -> Option<Part<T>> {
        let source = Arc::clone(&self.known.state.source);
        let stage = 2 * source.layers.len();
        let mut ranges = vec![Interval::point(0); source.lanes];
        let mut all: Vec<(u16, Form)> = Vec::new();
        for lane in &source.read_last {
            ranges[*lane as usize] = self.known.state.lane_range(stage, *lane);
            all.push((*lane as u16, self.known.state.form(stage, &vec![(*lane, 1)])));
        }
        let candidates = unembedding.candidates(&ranges, &source.unembedding);
        let exact = Form::constant(i64::try_from(source.exact).unwrap_or(i64::MAX));
        let state = &mut self.known.state;
        let logits: Vec<Form> = candidates.others.iter().map(|token| state.form(stage, &source.unembedding[*token])).collect();
        // No logit is above the exact integers.
        let extremes = || candidates.planes.iter().map(|plane| unembedding.extremes(*plane));
        let bounds = extremes().map(|extremes| state.bound(stage, extremes).unwrap_or_else(|| exact.clone()));
        let mut compared: Vec<(u16, Form)> = (source.lanes as u16..).zip(logits.into_iter().chain(bounds)).collect();
        let lanes: FxHashSet<u32> = extremes().flatten().map(|(lane, _)| *lane).collect();
        compared.extend(all.iter().filter(|(lane, _)| lanes.contains(&u32::from(*lane))).cloned());
        if let ([], [_]) = (&candidates.planes[..], &candidates.others[..]) {
            compared.clear();
        }
        let forms: Vec<Form> = all.iter().chain(&compared).map(|(_, form)| form.clone()).collect();
        self.pass(earlier, layers, &forms, None);
        self.output(&compared);
        self.load_all();
        all.retain(|(_, form)| !form.is_zero());
        let all = self.apart(|builder| builder.output(&all));
        self.finish(End::Token { candidates, all }).map(|(part, _)| part)
    }

    fn finish(mut self, end: End) -> Option<(Part<T>, Known)> {
        if self.known.state.vars.len() > MOST_VARS {
            return None;
        }
        self.load_all();
        let first_memory = self.first_memory();
        let steps = self.draft.steps(&mut self.functions);
        // Steps have their numbers in 16 bits.
        if self.functions.len() > usize::from(u16::MAX) {
            return None;
        }
        let mut kept = outliving(&self.functions, std::iter::once(&steps).chain(end.steps()));
        if let End::Branch { .. } = end {
            // What follows reads variables by the lanes, and by the queries of searches to come. What else it
            // needs, it computes again.
            let queries = self.known.queries.iter().flatten().flat_map(|(_, query)| query);
            kept.extend(queries.chain(&self.known.state.lanes).flat_map(|form| &form.terms).map(|(var, _)| *var));
            for (var, computed) in self.known.computed.iter_mut().enumerate() {
                *computed &= kept.contains(&(var as Var));
            }
        }
        let part = Part {
            #[cfg(test)]
            functions: self.functions.clone(),
            code: Arc::new(compiled(self.functions, &|var| kept.contains(&var))),
            steps,
            layers: self.first..self.first + self.layers,
            first: first_memory,
            late: self.late,
            end,
        };
        Some((part, self.known))
    }

    /// Puts the code of layers together, and makes all searches that `forms` depend on, and `search`.
    fn pass(&mut self, earlier: &[u16], layers: Vec<Vec<Joining>>, forms: &[Form], search: Option<u16>) {
        let source = Arc::clone(&self.known.state.source);
        let joining = layers.iter().flatten().flat_map(Joining::forms);
        let queries = search.iter().flat_map(|search| &self.known.queries[usize::from(*search)]).flat_map(|(_, query)| query);
        let needed = Needed::of(&self.known, joining.chain(forms).chain(queries));
        self.act_again(self.first, earlier, &needed);
        for (index, joining) in layers.into_iter().enumerate() {
            let families = &source.layers[self.first + index].families;
            self.layers += 1;
            self.late.extend(families.iter().map(|_| None));
            let searches = families.iter().filter(|family| family.kind != Attention::Sum).flat_map(|family| &family.searches);
            let searches = searches.map(|of| of.id).filter(|of| needed.searches[usize::from(*of)] || Some(*of) == search);
            let totals = families.iter().filter(|family| family.kind == Attention::Sum).map(|family| Given::Totals { at: family.at });
            let tasks = joining.into_iter().map(Task::Join).chain(searches.map(Task::Search)).chain(totals.map(Task::Give));
            self.act(tasks.collect(), &needed);
        }
        self.end_step(&needed);
    }

    /// Does what is needed of searches and sums in the layers before, layer by layer: queries may depend on
    /// what was found in an earlier one.
    fn act_again(&mut self, layers: usize, searches: &[u16], needed: &Needed) {
        let mut tasks: Vec<Vec<Task>> = vec![Vec::new(); layers];
        for search in searches.iter().copied().filter(|search| needed.searches[usize::from(*search)]) {
            if let Some(at) = self.place(search) {
                let is_made = self.known.searched[usize::from(search)];
                tasks[usize::from(at.layer)].push(if is_made { Task::Give(Given::Found { at, search }) } else { Task::Search(search) });
            }
        }
        let mut totals = FxHashSet::default();
        for var in &needed.given {
            if let Definition::Total { at, .. } = self.known.state.vars[usize::from(*var)].definition
                && usize::from(at.layer) < layers
                && totals.insert(at)
            {
                tasks[usize::from(at.layer)].push(Task::Give(Given::Totals { at }));
            }
        }
        tasks.into_iter().for_each(|tasks| self.act(tasks, needed));
    }

    /// Steps that put out all lanes at the end of the part.
    fn lanes_for_the_indexed_pass(&mut self) -> Steps {
        let lanes = (0..).zip(&self.known.state.lanes).filter(|(_, form)| !form.is_zero());
        let lanes: Vec<(u16, Form)> = lanes.map(|(lane, form)| (lane, form.clone())).collect();
        self.load_all();
        let needed = Needed::of(&self.known, lanes.iter().map(|(_, form)| form));
        let searches: Vec<u16> = (0..self.known.queries.len() as u16).collect();
        let layers = self.first + self.layers;
        self.steps_apart(|builder| {
            builder.act_again(layers, &searches, &needed);
            builder.end_step(&needed);
            builder.output(&lanes);
        })
    }

    /// Steps apart from those of the part.
    fn steps_apart(&mut self, put_together: impl FnOnce(&mut Self)) -> Steps {
        let (draft, loads) = (std::mem::take(&mut self.draft), std::mem::take(&mut self.loads));
        let (computed, searched) = (self.known.computed.clone(), self.known.searched.clone());
        put_together(self);
        (self.known.computed, self.known.searched, self.loads) = (computed, searched, loads);
        std::mem::replace(&mut self.draft, draft).steps(&mut self.functions)
    }

    /// A function apart from those of the part; `None` if it has nothing to do. What it needs of memories
    /// must have been loaded.
    fn apart(&mut self, put_together: impl FnOnce(&mut Self)) -> Option<usize> {
        self.steps_apart(put_together).steps.first().and_then(|step| step.function).map(usize::from)
    }

    /// Does things with memories, in as few steps as possible.
    fn act(&mut self, tasks: Vec<Task>, needed: &Needed) {
        if self.depend_on_step(&tasks) {
            self.end_step(needed);
        }
        for task in tasks {
            let row = match &task {
                Task::Join(_) => None,
                Task::Search(search) => self.place(*search).map(|at| Given::Found { at, search: *search }),
                Task::Give(given) => Some(*given),
            };
            // Only rows of which something is needed.
            let row = row.filter(|row| needed.given.iter().any(|var| self.is_of(*var, *row)));
            let packed = row.and_then(|row| self.packed(row));
            let is_full = row.is_some() && self.step.rows.len() == MOST_ROWS || packed.is_some_and(|at| self.step.packed.contains(&at));
            if is_full || !self.draft.has_room(task.variables()) {
                self.end_step(needed);
            }
            self.step.packed.extend(packed);
            self.step.rows.extend(row);
            match task {
                Task::Join(Joining::Insert { at, key, values }) => {
                    let key = self.key(at, key);
                    // Rows with one and the same key replace each other: their values are seldom needed.
                    let output = self.known.state.source.family(at).output.filter(|_| matches!(key, Pair::Given(_)));
                    match output {
                        Some(first) => self.step.put_out.extend((first..).zip(values)),
                        None => self.step.waiting.push((at, values)),
                    }
                    self.step.actions.push(Action::Insert { at, key, output });
                }
                Task::Join(Joining::Add { at, sums }) => {
                    sums.iter().for_each(|(_, form)| self.compute_form(form));
                    let sums: Vec<(u16, Var)> = sums.iter().map(|(sum, form)| (*sum, self.draft.given(form))).collect();
                    self.step.actions.push(self.draft.add(at, sums));
                }
                Task::Search(search) => {
                    self.known.searched[usize::from(search)] = true;
                    if let Some((at, query)) = self.known.queries[usize::from(search)].clone() {
                        let query = self.query(at, query);
                        self.step.actions.push(Action::Search { at, search, query });
                    }
                }
                Task::Give(Given::Found { at, search }) => self.step.actions.extend(packed.map(|_| Action::LayOut { at, search })),
                Task::Give(Given::Totals { .. }) => {}
            }
        }
    }

    /// Whether tasks need numbers that the step being put together gives.
    fn depend_on_step(&self, tasks: &[Task]) -> bool {
        let forms = tasks.iter().flat_map(|task| match task {
            Task::Join(joining) => joining.forms(),
            Task::Search(search) => self.known.queries[usize::from(*search)].iter().flat_map(|(_, query)| query).collect(),
            Task::Give(_) => Vec::new(),
        });
        let given = Needed::of(&self.known, forms).given;
        given.iter().any(|var| self.step.rows.iter().any(|row| self.is_of(*var, *row)))
    }

    /// Ends the step that is being put together, if it does anything.
    fn end_step(&mut self, needed: &Needed) {
        let Actions { actions, rows, put_out, waiting, .. } = std::mem::take(&mut self.step);
        if actions.is_empty() && rows.is_empty() {
            return;
        }
        self.load_all();
        self.output(&put_out);
        for (at, values) in waiting {
            let late = self.late(&values);
            let first = self.first_memory();
            self.late[usize::from(at.memory - first)] = Some(late);
        }
        for var in &needed.given {
            let row = (0..).zip(&rows).find(|(_, row)| self.is_of(*var, **row));
            let (Definition::Found { value, .. } | Definition::Total { value, .. }) = self.known.state.vars[usize::from(*var)].definition
            else {
                continue;
            };
            self.loads.extend(row.map(|(row, _)| (*var, (row, value))));
        }
        self.draft.act(actions, rows);
    }

    fn place(&self, search: u16) -> Option<Place> {
        self.known.queries[usize::from(search)].as_ref().map(|(at, _)| *at)
    }

    /// Whether a variable is a number of a row.
    fn is_of(&self, var: Var, row: Given) -> bool {
        match (&self.known.state.vars[usize::from(var)].definition, row) {
            (Definition::Found { search, .. }, Given::Found { search: of, .. }) => *search == of,
            (Definition::Total { at, .. }, Given::Totals { at: of }) => *at == of,
            _ => false,
        }
    }

    /// The memory of a row, if rows are laid out there when they are found, each in place of another.
    fn packed(&self, row: Given) -> Option<Place> {
        let Given::Found { at, .. } = row else { return None };
        is_packed(self.known.state.source.family(at).values.len()).then_some(at)
    }

    /// The first memory of the part's layers.
    fn first_memory(&self) -> u16 {
        let later = self.known.state.source.layers.iter().skip(self.first).flat_map(|layer| &layer.families);
        later.map(|family| family.at.memory).next().unwrap_or(0)
    }

    fn key(&mut self, at: Place, key: [Form; 2]) -> Pair {
        let known = match (key[0].known(), key[1].known()) {
            (Some(a), Some(b)) => self.known_key(at, [a, b]),
            _ => None,
        };
        known.unwrap_or_else(|| Pair::Given(self.integers(key)))
    }

    fn query(&mut self, at: Place, query: [Form; 2]) -> Pair {
        let kind = self.known.state.source.family(at).kind;
        let known = match (query[0].known(), query[1].known()) {
            (Some(q), Some(1)) if kind == Attention::HardMax && q.abs() < MOST_KNOWN => self.known_key(at, [2 * q, -(q * q)]),
            _ => None,
        };
        known.unwrap_or_else(|| match query {
            [x, one] if one.known() == Some(1) => {
                let [x] = self.integers([x]);
                Pair::One(x)
            }
            query => Pair::Given(self.integers(query)),
        })
    }

    fn known_key(&mut self, at: Place, key: [i64; 2]) -> Option<Pair> {
        let id = self.constants.id(at, key)?;
        Some(self.draft.known(id, key))
    }

    fn integers<const COUNT: usize>(&mut self, forms: [Form; COUNT]) -> [Var; COUNT] {
        forms.iter().for_each(|form| self.compute_form(form));
        self.draft.integers(&forms)
    }

    /// The values that a row leaves in a memory.
    fn late(&mut self, values: &[Form]) -> Late<T> {
        let waiting: Vec<(u16, Form)> = (0..).zip(values.iter().cloned()).filter(|(_, form)| form.known().is_none()).collect();
        let are_all_computed = waiting.len() == values.len();
        let constants = values.iter().filter(|_| !are_all_computed).map(|form| form.known().map_or(T::default(), T::from_integer));
        Late { constants: constants.collect(), function: self.apart(|builder| builder.output(&waiting)) }
    }

    fn output(&mut self, forms: &[(u16, Form)]) {
        forms.iter().for_each(|(_, form)| self.compute_form(form));
        forms.iter().for_each(|(to, form)| self.draft.compute(Op::Output { to: *to, sum: sum(form) }));
    }

    /// Loads what has not been loaded of the rows that are given.
    fn load_all(&mut self) {
        let mut loads: Vec<(Var, (u16, u16))> = self.loads.drain().collect();
        loads.sort_unstable_by_key(|(_, from)| *from);
        loads.into_iter().for_each(|(to, from)| self.load(to, from));
    }

    fn load(&mut self, to: Var, (row, from): (u16, u16)) {
        if !self.known.is_computed(to) {
            self.draft.compute(Op::Input { to, row, from });
            self.known.has_computed(to);
        }
    }

    fn compute_form(&mut self, form: &Form) {
        form.terms.iter().for_each(|(var, _)| self.compute(*var));
    }

    fn compute(&mut self, to: Var) {
        if self.known.is_computed(to) {
            return;
        }
        let variable = self.known.state.vars[usize::from(to)].clone();
        let op = match variable.definition {
            Definition::Given => return,
            _ if variable.range.low == variable.range.high => Op::Sum { to, sum: sum(&Form::constant(variable.range.low as i64)) },
            Definition::Linear(form) => {
                self.compute_form(&form);
                Op::Sum { to, sum: sum(&form) }
            }
            Definition::Relu(form) => {
                self.compute_form(&form);
                Op::Positive { to, sum: sum(&form) }
            }
            Definition::Stairs(x, pieces) => {
                self.compute_form(&x);
                Op::Pieces { to, sum: sum(&x), pieces: pieces.iter().map(Piece::native).collect() }
            }
            Definition::Product(gate, value) => {
                self.compute(gate);
                self.compute_form(&value);
                Op::Product { to, factor: gate, sum: sum(&value) }
            }
            Definition::Found { .. } | Definition::Total { .. } => {
                let from = *self.loads.get(&to).expect("what is needed of a row is loaded with it");
                return self.load(to, from);
            }
        };
        self.draft.compute(op);
        self.known.has_computed(to);
    }
}

/// The actions of a step.
#[derive(Default)]
struct Actions {
    actions: Vec<Action>,
    rows: Vec<Given>,
    /// The memories of rows that are laid out in each other's place.
    packed: FxHashSet<Place>,
    /// The values that are put out.
    put_out: Vec<(u16, Form)>,
    /// The values that wait to be computed.
    waiting: Vec<(Place, Vec<Form>)>,
}

impl Task {
    /// The number of variables that are given to it.
    fn variables(&self) -> usize {
        match self {
            Task::Join(Joining::Add { sums, .. }) => sums.len(),
            Task::Join(Joining::Insert { .. }) | Task::Search(_) => 2,
            Task::Give(_) => 0,
        }
    }
}
