//! What forms depend on.

use super::form::{Form, Var};
use super::known::Known;
use super::state::Definition;

/// What is needed to compute some forms, of what is not computed yet.
pub(super) struct Needed {
    /// Per search, whether its row is needed.
    pub searches: Vec<bool>,
    /// The values found, and the running sums.
    pub given: Vec<Var>,
}

impl Needed {
    /// What is needed to compute forms.
    pub fn of<'f>(known: &Known, forms: impl Iterator<Item = &'f Form>) -> Needed {
        let mut needed = Needed { searches: vec![false; known.queries.len()], given: Vec::new() };
        let mut seen = vec![false; known.state.vars.len()];
        let mut open: Vec<Var> = Vec::new();
        let read = |form: &Form, open: &mut Vec<Var>| open.extend(form.terms.iter().map(|(var, _)| *var));
        forms.for_each(|form| read(form, &mut open));
        while let Some(var) = open.pop() {
            if known.is_computed(var) || std::mem::replace(&mut seen[usize::from(var)], true) {
                continue;
            }
            let variable = &known.state.vars[usize::from(var)];
            match &variable.definition {
                _ if variable.range.low == variable.range.high => {}
                Definition::Given => {}
                Definition::Linear(form) | Definition::Relu(form) | Definition::Stairs(form, _) => read(form, &mut open),
                Definition::Product(gate, value) => {
                    open.push(*gate);
                    read(value, &mut open);
                }
                Definition::Found { search, .. } => {
                    needed.given.push(var);
                    needed.search(known, *search, &mut open);
                }
                Definition::Total { .. } => needed.given.push(var),
            }
        }
        needed
    }

    /// A search is needed, and so is what its query depends on.
    fn search(&mut self, known: &Known, search: u16, open: &mut Vec<Var>) {
        let search = usize::from(search);
        if !std::mem::replace(&mut self.searches[search], true) && !known.searched[search] {
            let query = known.queries[search].iter().flat_map(|(_, query)| query);
            open.extend(query.flat_map(|form| &form.terms).map(|(var, _)| *var));
        }
    }
}
