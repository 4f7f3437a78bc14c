//! A row's pass in forms: what attention does with memories, before there is any code.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::Branch;
use super::code::Place;
use super::form::{Form, Var};
use super::state::{Definition, State};
use crate::transformer::{Attention, Interval};

/// What is known of a row: at first, and at the end of a part, from which further parts are built.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub state: State,
    /// Per variable, whether it has been computed.
    pub computed: Vec<bool>,
    /// Per search, whether it has been made.
    pub searched: Vec<bool>,
    /// Per search of the layers so far: where, and for what.
    pub queries: Vec<Option<(Place, [Form; 2])>>,
}

/// What a layer's attention does with a memory besides searching it.
#[derive(Clone, Debug)]
pub(super) enum Joining {
    /// The row's key joins a memory, with values.
    Insert { at: Place, key: [Form; 2], values: Vec<Form> },
    /// Forms are added to running sums.
    Add { at: Place, sums: Vec<(u16, Form)> },
}

impl Joining {
    /// All that it does depends on.
    pub fn forms(&self) -> Vec<&Form> {
        match self {
            Joining::Insert { key, values, .. } => key.iter().chain(values).collect(),
            Joining::Add { sums, .. } => sums.iter().map(|(_, form)| form).collect(),
        }
    }
}

impl Known {
    /// What is known before the first layer. The variables of the state are given.
    pub fn new(state: State) -> Known {
        let searches = state.source.searches;
        Known { computed: vec![true; state.vars.len()], searched: vec![false; searches], queries: vec![None; searches], state }
    }

    /// What is known after a branch, for rows of a class: the numbers of the branch's values.
    pub fn after(&self, branch: &Branch, class: &[i64]) -> Known {
        let mut known = self.clone();
        let mut facts = Vec::new();
        for (var, variable) in known.state.vars.iter().enumerate() {
            if let Definition::Found { search, value } = variable.definition
                && search == branch.search
                && let Some(at) = branch.values.iter().position(|of_branch| *of_branch == value)
            {
                facts.push((var as Var, class[at]));
            }
        }
        known.state.know(&facts);
        known.state.feed_forward(branch.layer);
        known
    }

    pub fn is_computed(&self, var: Var) -> bool {
        self.computed.get(usize::from(var)).copied().unwrap_or(false)
    }

    pub fn has_computed(&mut self, var: Var) {
        self.computed.resize(self.state.vars.len(), false);
        self.computed[usize::from(var)] = true;
    }

    /// Passes a layer's attention.
    pub fn attention(&mut self, layer: usize, branches: &[Branch]) -> Vec<Joining> {
        let source = Arc::clone(&self.state.source);
        let stage = 2 * layer;
        let families = &source.layers[layer].families;
        let state = &mut self.state;
        let mut forms = Vec::new();
        for family in families {
            for search in family.searches.iter().filter(|_| family.kind != Attention::Sum) {
                let query = [0, 1].map(|at| state.form(stage, &search.query[at]));
                self.queries[usize::from(search.id)] = Some((family.at, query));
            }
            forms.push(if let Attention::Cross(_) = family.kind {
                [Vec::new(), Vec::new()]
            } else {
                [&family.key, &family.values].map(|forms| forms.iter().map(|form| state.form(stage, form)).collect::<Vec<Form>>())
            });
        }
        let mut changes = FxHashMap::default();
        for (family, [_, values]) in families.iter().zip(&forms) {
            for search in &family.searches {
                // Every key scores 0, so the latest row wins: the row itself.
                let finds_itself = family.kind == Attention::HardMax
                    && self.queries[usize::from(search.id)].as_ref().is_some_and(|(_, query)| query.iter().all(Form::is_zero))
                    && branches.iter().all(|branch| branch.search != search.id);
                let mut found: FxHashMap<u16, Form> = FxHashMap::default();
                for (value, lane, weight) in &search.outputs {
                    let found = found.entry(*value).or_insert_with(|| match family.kind {
                        _ if finds_itself => values[usize::from(*value)].clone(),
                        Attention::Sum => {
                            let all = Interval::new(-source.exact, source.exact);
                            let total = Definition::Total { at: family.at, value: *value };
                            Form::var(self.state.add(all, total))
                        }
                        _ => {
                            let range = family.ranges[usize::from(*value)];
                            Form::var(self.state.add(range, Definition::Found { search: search.id, value: *value }))
                        }
                    });
                    self.state.change(&mut changes, *lane, found, *weight);
                }
            }
        }
        self.state.apply(changes);
        let joining = families.iter().zip(forms).filter_map(|(family, [key, values])| {
            let at = family.at;
            match family.kind {
                Attention::HardMax => <[Form; 2]>::try_from(key).ok().map(|key| Joining::Insert { at, key, values }),
                Attention::Sum => Some(Joining::Add { at, sums: (0..).zip(values).filter(|(_, form)| !form.is_zero()).collect() }),
                Attention::Cross(_) => None,
            }
        });
        joining.collect()
    }
}
