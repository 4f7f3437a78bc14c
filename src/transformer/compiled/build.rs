//! From what is known of a row to the code of the rest of its pass.

use std::collections::HashMap;
use std::sync::Arc;

use wasmformer_native::Op;

use super::classes::Branch;
use super::code::{Action, Draft, MOST_VARS, Place, Step, compiled, outliving, sum};
use super::form::{Form, Var};
use super::part::{End, Late, Part};
use super::stairs::Piece;
use super::state::{Definition, State};
use crate::transformer::indexed::unembed::Unembedding;
use crate::transformer::{Attention, Interval, Number};

/// What is known at the end of a part, from which further parts are built.
#[derive(Clone, Debug)]
pub(super) struct Known {
    state: State,
    /// Per variable, whether it has been computed.
    computed: Vec<bool>,
    /// Per search, whether it has been made.
    searched: Vec<bool>,
    /// Per search of the layers so far: where, and for what.
    queries: Vec<Option<(Place, [Form; 2])>>,
}

pub(super) struct Builder<T> {
    known: Known,
    draft: Draft,
    functions: Vec<Vec<Op>>,
    late: Vec<Vec<Option<Late<T>>>>,
}

impl<T: Number> Builder<T> {
    /// Begins a pass, with the variables that are given.
    pub fn new(state: State) -> Builder<T> {
        let computed = vec![true; state.vars.len()];
        let searches = state.source.searches;
        Builder::from(Known { state, computed, searched: vec![false; searches], queries: vec![None; searches] })
    }

    fn from(known: Known) -> Builder<T> {
        Builder { known, draft: Draft::new(), functions: Vec::new(), late: Vec::new() }
    }

    /// Goes on after a branch of `layer`, for rows of a class: the numbers of the branch's values.
    pub fn after(known: &Known, branch: &Branch, class: &[i64]) -> Builder<T> {
        let mut builder = Builder::from(known.clone());
        let mut facts = Vec::new();
        for (var, variable) in builder.known.state.vars.iter().enumerate() {
            if let Definition::Found { search, value } = variable.definition
                && search == branch.search
                && let Some(at) = branch.values.iter().position(|of_branch| *of_branch == value)
            {
                facts.push((var as Var, class[at]));
            }
        }
        builder.known.state.know(&facts);
        builder.known.state.feed_forward(branch.layer);
        builder
    }

    /// Builds the part that begins with the attention of layer `first`, or with the unembedding. `None` if
    /// the part has too many variables.
    pub fn part(mut self, first: usize, branches: &[Branch], unembedding: &Unembedding<T>) -> Option<(Part<T>, Option<Known>)> {
        let source = Arc::clone(&self.known.state.source);
        for layer in first..source.layers.len() {
            self.attention(layer, branches);
            if let Some(index) = branches.iter().position(|branch| branch.layer == layer) {
                let branch = &branches[index];
                self.search(branch.search);
                let (at, _) = self.known.queries[usize::from(branch.search)].clone()?;
                let all: Vec<u32> = (0..source.lanes as u32).collect();
                let lanes = self.lanes(&all, false);
                let end = End::Branch { branch: index, at, search: branch.search, lanes };
                return self.finish(first, end).map(|(part, known)| (part, Some(known)));
            }
            self.known.state.feed_forward(layer);
        }
        let end = self.token(unembedding);
        self.finish(first, end).map(|(part, _)| (part, None))
    }

    fn finish(mut self, first: usize, end: End) -> Option<(Part<T>, Known)> {
        if self.known.state.vars.len() > MOST_VARS {
            return None;
        }
        let steps = self.draft.steps(&mut self.functions);
        let mut kept = outliving(&self.functions, steps.iter().chain(end.steps()));
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
            first,
            late: self.late,
            end,
        };
        Some((part, self.known))
    }

    fn attention(&mut self, layer: usize, branches: &[Branch]) {
        let source = Arc::clone(&self.known.state.source);
        let stage = 2 * layer;
        let families = &source.layers[layer].families;
        let state = &mut self.known.state;
        let mut forms = Vec::new();
        for (index, family) in families.iter().enumerate() {
            let place = Place { layer: layer as u16, family: index as u16 };
            for search in family.searches.iter().filter(|_| family.kind != Attention::Sum) {
                let query = [0, 1].map(|at| state.form(stage, &search.query[at]));
                self.known.queries[usize::from(search.id)] = Some((place, query));
            }
            forms.push(if let Attention::Cross(_) = family.kind {
                [Vec::new(), Vec::new()]
            } else {
                [&family.key, &family.values].map(|forms| forms.iter().map(|form| state.form(stage, form)).collect::<Vec<Form>>())
            });
        }
        let mut late = Vec::new();
        let mut changes = HashMap::new();
        for (index, (family, [key, values])) in families.iter().zip(forms).enumerate() {
            let at = Place { layer: layer as u16, family: index as u16 };
            late.push(match family.kind {
                Attention::HardMax => Some(self.insert(at, &key, &values)),
                Attention::Sum => {
                    self.add(at, &values);
                    None
                }
                Attention::Cross(_) => None,
            });
            for search in &family.searches {
                // Every key scores 0, so the latest row wins: the row itself.
                let finds_itself = family.kind == Attention::HardMax
                    && self.known.queries[usize::from(search.id)].as_ref().is_some_and(|(_, query)| query.iter().all(Form::is_zero))
                    && branches.iter().all(|branch| branch.search != search.id);
                let mut found: HashMap<u16, Form> = HashMap::new();
                for (value, lane, weight) in &search.outputs {
                    let found = found.entry(*value).or_insert_with(|| match family.kind {
                        _ if finds_itself => values[usize::from(*value)].clone(),
                        Attention::Sum => {
                            let all = Interval::new(-source.exact, source.exact);
                            let total = Definition::Total { layer: at.layer, family: at.family, value: *value };
                            Form::var(self.known.state.add(all, total))
                        }
                        _ => {
                            let range = family.ranges[usize::from(*value)];
                            Form::var(self.known.state.add(range, Definition::Found { search: search.id, value: *value }))
                        }
                    });
                    self.known.state.change(&mut changes, *lane, found, *weight);
                }
            }
        }
        self.late.push(late);
        self.known.state.apply(changes);
    }

    fn insert(&mut self, at: Place, key: &[Form], values: &[Form]) -> Late<T> {
        values.iter().for_each(|form| self.fetch(form));
        key.iter().for_each(|form| self.compute_form(form));
        let key = self.draft.integers([&key[0], &key[1]]);
        self.draft.act(Action::Insert { at, key });
        let waiting: Vec<(u16, &Form)> = (0..).zip(values).filter(|(_, form)| form.known().is_none()).collect();
        let are_all_computed = waiting.len() == values.len();
        let constants = values.iter().filter(|_| !are_all_computed).map(|form| form.known().map_or(T::default(), T::from_integer));
        let constants = constants.collect();
        let steps = self.outputs(&waiting);
        Late { constants, function: steps.first().and_then(|step| step.function) }
    }

    fn add(&mut self, at: Place, values: &[Form]) {
        values.iter().for_each(|form| self.compute_form(form));
        let sums = (0..).zip(values).filter(|(_, form)| !form.is_zero());
        let sums: Vec<(u16, Var)> = sums.map(|(sum, form)| (sum, self.draft.given(form))).collect();
        if !sums.is_empty() {
            self.draft.act(Action::Add { at, sums });
        }
    }

    /// Steps apart from those of the part: they put out forms, and compute what these depend on.
    fn outputs(&mut self, forms: &[(u16, &Form)]) -> Vec<Step> {
        let draft = std::mem::replace(&mut self.draft, Draft::new());
        let (computed, searched) = (self.known.computed.clone(), self.known.searched.clone());
        forms.iter().for_each(|(_, form)| self.compute_form(form));
        forms.iter().for_each(|(to, form)| self.draft.compute(Op::Output { to: *to, sum: sum(form) }));
        (self.known.computed, self.known.searched) = (computed, searched);
        std::mem::replace(&mut self.draft, draft).steps(&mut self.functions)
    }

    /// Steps that put out some lanes. With `at_once`, all searches that they depend on are made in the part
    /// itself.
    fn lanes(&mut self, lanes: &[u32], at_once: bool) -> Vec<Step> {
        let forms: Vec<(u16, Form)> = lanes.iter().map(|lane| (*lane as u16, self.known.state.lanes[*lane as usize].clone())).collect();
        let forms: Vec<(u16, &Form)> = forms.iter().filter(|(_, form)| !form.is_zero()).map(|(lane, form)| (*lane, form)).collect();
        if at_once {
            forms.iter().for_each(|(_, form)| self.fetch(form));
        }
        self.outputs(&forms)
    }

    fn token(&mut self, unembedding: &Unembedding<T>) -> End {
        let source = Arc::clone(&self.known.state.source);
        let stage = 2 * source.layers.len();
        let mut ranges = vec![Interval::point(0); source.lanes];
        let mut forms: HashMap<u32, Form> = HashMap::new();
        for lane in &source.read_last {
            ranges[*lane as usize] = self.known.state.lane_range(stage, *lane);
            let form = self.known.state.form(stage, &vec![(*lane, 1)]);
            forms.insert(*lane, form);
        }
        let (planes, others, read) = unembedding.candidates(&ranges, &source.unembedding);
        let zero = Form::default();
        let read: Vec<(u16, &Form)> = read.into_iter().map(|lane| (lane as u16, forms.get(&lane).unwrap_or(&zero))).collect();
        read.iter().for_each(|(_, form)| self.compute_form(form));
        read.iter().for_each(|(to, form)| self.draft.compute(Op::Output { to: *to, sum: sum(form) }));
        let all = self.lanes(&source.read_last, true).first().and_then(|step| step.function);
        End::Token { planes, others, all }
    }

    /// Makes the searches, and loads the sums, that a form depends on.
    fn fetch(&mut self, form: &Form) {
        for (var, _) in &form.terms {
            if self.is_computed(*var) {
                continue;
            }
            match self.known.state.vars[usize::from(*var)].definition.clone() {
                Definition::Given => {}
                Definition::Linear(form) | Definition::Relu(form) | Definition::Stairs(form, _) => self.fetch(&form),
                Definition::Product(gate, value) => [Form::var(gate), value].iter().for_each(|form| self.fetch(form)),
                Definition::Found { .. } | Definition::Total { .. } => self.compute(*var),
            }
        }
    }

    fn is_computed(&self, var: Var) -> bool {
        self.known.computed.get(usize::from(var)).copied().unwrap_or(false)
    }

    fn compute_form(&mut self, form: &Form) {
        form.terms.iter().for_each(|(var, _)| self.compute(*var));
    }

    fn compute(&mut self, to: Var) {
        if self.is_computed(to) {
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
            Definition::Found { search, value } => {
                self.search(search);
                let (at, _) = self.known.queries[usize::from(search)].clone().expect("a search that is in the layers so far");
                self.draft.load(Action::Found { at, search }, value, to);
                return self.has_computed(to);
            }
            Definition::Total { layer, family, value } => {
                self.draft.load(Action::Totals { at: Place { layer, family } }, value, to);
                return self.has_computed(to);
            }
        };
        self.draft.compute(op);
        self.has_computed(to);
    }

    fn has_computed(&mut self, var: Var) {
        self.known.computed.resize(self.known.state.vars.len(), false);
        self.known.computed[usize::from(var)] = true;
    }

    fn search(&mut self, search: u16) {
        if std::mem::replace(&mut self.known.searched[usize::from(search)], true) {
            return;
        }
        let (at, query) = self.known.queries[usize::from(search)].clone().expect("a search that is in the layers so far");
        query.iter().for_each(|form| self.compute_form(form));
        let query = self.draft.integers([&query[0], &query[1]]);
        self.draft.act(Action::Search { at, search, query });
    }
}
