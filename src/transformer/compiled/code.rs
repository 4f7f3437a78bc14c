//! What a specialised pass does with a row: actions on the memories, and functions between them that compute.

use std::collections::HashSet;

use wasmformer_native as native;
use wasmformer_native::{Op, Sum};

use super::form::{Form, Var};

/// The number of variables of a row.
pub(super) const VARS: usize = 2048;

/// The number of variables, the last ones, that actions are given forms in. No action is given more.
pub(super) const GIVEN: usize = 128;

/// The variables that a pass may have. What needs more is not specialised.
pub(super) const MOST_VARS: usize = VARS - GIVEN;

/// The variables of a row.
pub(super) type Vars = [f64; VARS];

/// The place of a memory: layer and family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub layer: u16,
    pub family: u16,
}

/// What is done with a memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Nothing.
    None,
    /// The row's key joins a memory. Its values wait until they are needed. Keys and queries are variables
    /// with the bits of integers.
    Insert { at: Place, key: [Var; 2] },
    /// Adds variables to running sums.
    Add { at: Place, sums: Vec<(u16, Var)> },
    /// Gives the running sums.
    Totals { at: Place },
    /// Searches a memory, and gives the values of the row found.
    Search { at: Place, search: u16, query: [Var; 2] },
    /// Gives the values of the row that a search found before.
    Found { at: Place, search: u16 },
}

impl Action {
    /// Whether two actions give the same numbers.
    fn gives_the_same(&self, other: &Action) -> bool {
        match (self, other) {
            (Action::Search { search: a, .. } | Action::Found { search: a, .. }, Action::Found { search: b, .. }) => a == b,
            (Action::Totals { at: a }, Action::Totals { at: b }) => a == b,
            _ => false,
        }
    }
}

/// An action, and the function that computes with what it gives, if there is anything to compute.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub action: Action,
    pub function: Option<usize>,
}

/// Steps that are being put together.
#[derive(Debug)]
pub(super) struct Draft {
    steps: Vec<(Action, Vec<Op>)>,
    /// The number of variables given to the last action.
    given: usize,
}

impl Draft {
    pub fn new() -> Draft {
        Draft { steps: vec![(Action::None, Vec::new())], given: 0 }
    }

    /// Adds an operation.
    pub fn compute(&mut self, op: Op) {
        self.last().push(op);
    }

    /// A variable with the value of a form, for the next action.
    pub fn given(&mut self, form: &Form) -> Var {
        if let ([(var, 1)], 0) = (&form.terms[..], form.constant) {
            return *var;
        }
        let to = self.next_given();
        self.compute(Op::Sum { to, sum: sum(form) });
        to
    }

    /// Variables with the bits of forms as integers, for the next action.
    pub fn integers(&mut self, forms: [&Form; 2]) -> [Var; 2] {
        [0, 1].map(|at| {
            let to = self.next_given();
            self.compute(Op::Integer { to, sum: sum(forms[at]) });
            to
        })
    }

    fn next_given(&mut self) -> Var {
        let to = (MOST_VARS + self.given) as Var;
        self.given += 1;
        assert!(usize::from(to) < VARS, "an action is given too many forms");
        to
    }

    /// Adds an action.
    pub fn act(&mut self, action: Action) {
        self.steps.push((action, Vec::new()));
        self.given = 0;
    }

    /// Loads a number that an action gives into a variable: where the same is given first.
    pub fn load(&mut self, from: Action, index: u16, to: Var) {
        let load = Op::Input { to, from: index };
        match self.steps.iter_mut().find(|(action, _)| action.gives_the_same(&from)) {
            Some((_, ops)) => ops.insert(0, load),
            None => {
                self.act(from);
                self.compute(load);
            }
        }
    }

    fn last(&mut self) -> &mut Vec<Op> {
        let last = self.steps.len() - 1;
        &mut self.steps[last].1
    }

    /// The steps. Their functions join `functions`.
    pub fn steps(self, functions: &mut Vec<Vec<Op>>) -> Vec<Step> {
        let does_something = |(action, ops): &(Action, Vec<Op>)| *action != Action::None || !ops.is_empty();
        let step = |(action, ops): (Action, Vec<Op>)| {
            let function = (!ops.is_empty()).then_some(functions.len());
            functions.extend(function.map(|_| ops));
            Step { action, function }
        };
        self.steps.into_iter().filter(does_something).map(step).collect()
    }
}

/// A form as a sum of numbers.
pub(super) fn sum(form: &Form) -> Sum {
    Sum { constant: form.constant as f64, terms: form.terms.iter().map(|(var, weight)| (*var, *weight as f64)).collect() }
}

/// The variables that must outlive the function that computes them: those that actions of these steps are
/// given, and those that a function reads without computing them.
pub(super) fn outliving<'s>(functions: &[Vec<Op>], steps: impl Iterator<Item = &'s Step>) -> HashSet<Var> {
    let given = steps.flat_map(|step| match &step.action {
        Action::Insert { key: pair, .. } | Action::Search { query: pair, .. } => pair.to_vec(),
        Action::Add { sums, .. } => sums.iter().map(|(_, var)| *var).collect(),
        Action::None | Action::Totals { .. } | Action::Found { .. } => Vec::new(),
    });
    let mut outliving: HashSet<Var> = given.collect();
    for function in functions {
        let mut computed = HashSet::new();
        for op in function {
            outliving.extend(op.read().filter(|var| !computed.contains(var)));
            computed.extend(op.computed());
        }
    }
    outliving
}

/// Compiles functions over the variables of a row. Those that are not kept need not outlive the function that
/// computes them.
pub(super) fn compiled<T: native::Number>(functions: Vec<Vec<Op>>, is_kept: &dyn Fn(Var) -> bool) -> native::Code<T> {
    native::Code::new(functions, VARS, is_kept).expect("all variables are below their number, and computed first")
}
