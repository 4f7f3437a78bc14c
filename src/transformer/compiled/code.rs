//! What a specialised pass does with a row: actions on the memories, and functions between them that compute.

use rustc_hash::{FxHashMap, FxHashSet};
use wasmformer_native as native;
use wasmformer_native::{Op, Sum};

use super::form::{Form, Var};

/// The number of variables of a row.
pub(super) const VARS: usize = 2048;

/// The number of variables, the last ones, that actions are given forms in. No actions are given more at
/// once.
pub(super) const GIVEN: usize = 128;

/// The maximum number of rows that a function is given.
pub(super) const MOST_ROWS: usize = 24;

/// The number of searches that a model may have. A model that has more is not specialised.
pub(super) const SEARCHES: usize = 64;

/// The variables that a pass may have. What needs more is not specialised.
pub(super) const MOST_VARS: usize = VARS - GIVEN;

/// The variables of a row.
pub(super) type Vars = [f64; VARS];

/// The place of a family: its layer, and its memory among those of all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub layer: u16,
    pub memory: u16,
}

/// A key or a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pair {
    /// Variables with the bits of integers.
    Given([Var; 2]),
    /// A query `(x, 1)`, where a variable has the bits of x.
    One(Var),
    /// A key that is the same for all rows, by its number among [`Constants`]. For a search it is the key
    /// that scores highest, if it is there: `(2j, −j²)` for the query `(j, 1)`.
    Known(u16),
}

impl Pair {
    /// The variables that it is given.
    fn variables(&self) -> &[Var] {
        match self {
            Pair::Given(pair) => pair,
            Pair::One(var) => std::slice::from_ref(var),
            Pair::Known(_) => &[],
        }
    }
}

/// The keys that are the same for all rows of some part, of all parts of a model.
#[derive(Debug, Default)]
pub(super) struct Constants(FxHashMap<(Place, [i64; 2]), u16>);

impl Constants {
    /// The number of a key; `None` if there are too many.
    pub fn id(&mut self, at: Place, key: [i64; 2]) -> Option<u16> {
        if let Some(id) = self.0.get(&(at, key)) {
            return Some(*id);
        }
        let next = u16::try_from(self.0.len()).ok()?;
        self.0.insert((at, key), next);
        Some(next)
    }
}

/// What is done with a memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Action {
    /// Searches a memory.
    Search { at: Place, search: u16, query: Pair },
    /// The row's key joins a memory. Its values are those from an output on, or wait until they are needed.
    Insert { at: Place, key: Pair, output: Option<u16> },
    /// Adds variables to running sums: `count` of [`Steps::sums`] from `first` on.
    Add { at: Place, first: u32, count: u16 },
    /// Lays out again what a search has found before, if it is kept without its zeros.
    LayOut { at: Place, search: u16 },
}

/// A row of numbers that a function is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// The values of the row that a search found.
    Found { at: Place, search: u16 },
    /// Running sums.
    Totals { at: Place },
}

/// Some actions, and the function that computes with what they give, if there is anything to compute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The number of actions, and of the rows that the function is given.
    pub actions: u16,
    pub rows: u16,
    pub function: Option<u16>,
}

/// Steps. What they do lies together, since each row goes through it from the first to the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    pub steps: Box<[Step]>,
    /// The actions and the rows of all steps.
    pub actions: Box<[Action]>,
    pub rows: Box<[Given]>,
    /// Running sums, with the variables that are added to them.
    pub sums: Box<[(u16, Var)]>,
    /// Keys that are the same for all rows, by their numbers.
    known: Box<[(u16, [i64; 2])]>,
}

impl Steps {
    /// A key that is the same for all rows.
    #[cold]
    pub fn key(&self, id: u16) -> [i64; 2] {
        self.known.iter().find(|(of, _)| *of == id).expect("the key of each number that actions have is noted").1
    }
}

/// Steps that are being put together.
#[derive(Debug, Default)]
pub(super) struct Draft {
    steps: Vec<(Vec<Action>, Vec<Given>, Vec<Op>)>,
    sums: Vec<(u16, Var)>,
    known: Vec<(u16, [i64; 2])>,
    /// The operations after the last step's actions, or before the first step.
    ops: Vec<Op>,
    /// The number of variables given to the next actions.
    given: usize,
}

impl Draft {
    /// Adds an operation.
    pub fn compute(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// A variable with the value of a form, for the next actions.
    pub fn given(&mut self, form: &Form) -> Var {
        if let ([(var, 1)], 0) = (&form.terms[..], form.constant) {
            return *var;
        }
        let to = self.next_given();
        self.compute(Op::Sum { to, sum: sum(form) });
        to
    }

    /// Variables with the bits of forms as integers, for the next actions.
    pub fn integers<const COUNT: usize>(&mut self, forms: &[Form; COUNT]) -> [Var; COUNT] {
        forms.each_ref().map(|form| {
            let to = self.next_given();
            self.compute(Op::Integer { to, sum: sum(form) });
            to
        })
    }

    /// A key that is the same for all rows.
    pub fn known(&mut self, id: u16, key: [i64; 2]) -> Pair {
        self.known.push((id, key));
        Pair::Known(id)
    }

    /// Adds variables to running sums.
    pub fn add(&mut self, at: Place, sums: Vec<(u16, Var)>) -> Action {
        let first = self.sums.len();
        self.sums.extend(sums);
        Action::Add { at, first: first as u32, count: (self.sums.len() - first) as u16 }
    }

    /// Whether the next actions can be given so many variables more.
    pub fn has_room(&self, variables: usize) -> bool {
        self.given + variables <= GIVEN
    }

    fn next_given(&mut self) -> Var {
        let to = (MOST_VARS + self.given) as Var;
        self.given += 1;
        assert!(usize::from(to) < VARS, "actions are given too many forms");
        to
    }

    /// Adds actions, and the rows that they give to what is computed next.
    pub fn act(&mut self, actions: Vec<Action>, rows: Vec<Given>) {
        let ops = std::mem::take(&mut self.ops);
        self.last(ops);
        self.steps.push((actions, rows, Vec::new()));
        self.given = 0;
    }

    fn last(&mut self, ops: Vec<Op>) {
        match self.steps.last_mut() {
            Some((.., last)) => *last = ops,
            None if ops.is_empty() => {}
            None => self.steps.push((Vec::new(), Vec::new(), ops)),
        }
    }

    /// The steps. Their functions join `functions`.
    pub fn steps(mut self, functions: &mut Vec<Vec<Op>>) -> Steps {
        let ops = std::mem::take(&mut self.ops);
        self.last(ops);
        let (mut steps, mut all_actions, mut all_rows) = (Vec::new(), Vec::new(), Vec::new());
        for (actions, rows, ops) in self.steps.into_iter().filter(|(actions, _, ops)| !actions.is_empty() || !ops.is_empty()) {
            let function = (!ops.is_empty()).then_some(functions.len() as u16);
            functions.extend(function.map(|_| ops));
            steps.push(Step { actions: actions.len() as u16, rows: rows.len() as u16, function });
            all_actions.extend(actions);
            all_rows.extend(rows);
        }
        Steps { steps: steps.into(), actions: all_actions.into(), rows: all_rows.into(), sums: self.sums.into(), known: self.known.into() }
    }
}

/// A form as a sum of numbers.
pub(super) fn sum(form: &Form) -> Sum {
    Sum { constant: form.constant as f64, terms: form.terms.iter().map(|(var, weight)| (*var, *weight as f64)).collect() }
}

/// The variables that must outlive the function that computes them: those that actions of these steps are
/// given, and those that a function reads without computing them.
pub(super) fn outliving<'s>(functions: &[Vec<Op>], steps: impl Iterator<Item = &'s Steps>) -> FxHashSet<Var> {
    let given = steps.flat_map(|steps| {
        let pairs = steps.actions.iter().flat_map(|action| match action {
            Action::Insert { key: pair, .. } | Action::Search { query: pair, .. } => pair.variables(),
            Action::LayOut { .. } | Action::Add { .. } => &[],
        });
        pairs.copied().chain(steps.sums.iter().map(|(_, var)| *var))
    });
    let mut outliving: FxHashSet<Var> = given.collect();
    for function in functions {
        let mut computed = FxHashSet::default();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_number_as_long_as_there_are_numbers() {
        let (mut constants, at) = (Constants::default(), Place { layer: 0, memory: 0 });
        let ids: Vec<Option<u16>> = (0..=1 << 16).map(|a| constants.id(at, [a, 0])).collect();
        assert!(ids[..1 << 16].iter().enumerate().all(|(index, id)| *id == Some(index as u16)));
        assert_eq!([ids[1 << 16], constants.id(at, [7, 0])], [None, Some(7)]);
    }
}
