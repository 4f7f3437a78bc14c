//! What is known of a row while its pass is specialised: a form for each lane, over variables with ranges.
//!
//! Copies, clearing and scaling cost nothing: they change forms. A sum becomes a variable when it is read, so
//! that it is computed once. All forms keep the guarantee of the weights: no partial sum leaves the exact
//! integers. Where a substituted form might, its parts become variables first, and the form is the one of the
//! weights again.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::code::Place;
use super::form::{Form, Terms, Var};
use super::source::{Neuron, Source};
use super::stairs::{Groups, Piece, pieces};
use crate::transformer::Interval;

/// How a variable is computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Definition {
    /// Given with the row: of the token's embedding or of the positional encoding.
    Given,
    Linear(Form),
    /// `max(0, form)`.
    Relu(Form),
    /// A function in pieces of a form.
    Stairs(Form, Vec<Piece>),
    /// A variable times a form: the positive part of a gate, or a sum of such parts, times a value.
    Product(Var, Form),
    /// A value of the row that a search finds.
    Found {
        search: u16,
        value: u16,
    },
    /// A running sum.
    Total {
        at: Place,
        value: u16,
    },
}

/// A product in a sum: its gate, its weight, and the product itself.
type ProductTerm = (Var, i64, Var);

#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub range: Interval,
    pub definition: Definition,
}

/// The variables and lanes of a row at some stage.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub source: Arc<Source>,
    pub vars: Vec<Variable>,
    pub lanes: Vec<Form>,
    relus: FxHashMap<Form, Var>,
    products: FxHashMap<(Var, Form), Var>,
    /// The variables, or constants, that sums have become.
    sums: FxHashMap<Form, Form>,
}

impl State {
    /// A row whose lanes are all zero. Variable 0 is the constant 1.
    pub fn new(source: Arc<Source>) -> State {
        let one = Variable { range: Interval::point(1), definition: Definition::Given };
        State {
            lanes: vec![Form::default(); source.lanes],
            source,
            vars: vec![one],
            relus: FxHashMap::default(),
            products: FxHashMap::default(),
            sums: FxHashMap::default(),
        }
    }

    pub fn add(&mut self, range: Interval, definition: Definition) -> Var {
        self.vars.push(Variable { range, definition });
        (self.vars.len() - 1) as Var
    }

    fn range_of(&self, form: &Form) -> Interval {
        form.range(|var| self.vars[usize::from(var)].range)
    }

    fn is_exact(&self, form: &Form) -> bool {
        form.magnitude(|var| self.vars[usize::from(var)].range) < self.source.exact
    }

    /// A lane's range at a stage.
    pub fn lane_range(&self, stage: usize, lane: u32) -> Interval {
        let (known, proven) = (self.range_of(&self.lanes[lane as usize]), self.source.ranges[stage][lane as usize]);
        known.intersect(proven).unwrap_or(known)
    }

    /// The lowest and the highest number of each lane at a stage. All lanes are exact integers.
    fn lane_ranges(&self, stage: usize) -> Vec<[i64; 2]> {
        let exact = self.source.exact;
        let ends = |(lane, form): (u32, &Form)| match form.known() {
            Some(known) => [known; 2],
            None => {
                let range = self.lane_range(stage, lane);
                [range.low, range.high].map(|end| end.clamp(-exact, exact) as i64)
            }
        };
        (0..).zip(&self.lanes).map(ends).collect()
    }

    /// A variable with the value of a form.
    fn variable(&mut self, form: &Form, range: Interval) -> Form {
        let form = self.with_products(form);
        let form = self.with_stairs(&form);
        let known = self.range_of(&form);
        let range = range.intersect(known).unwrap_or(range);
        if range.low == range.high {
            return Form::constant(range.low as i64);
        }
        if let ([(var, 1)], 0) = (&form.terms[..], form.constant) {
            return Form::var(*var);
        }
        Form::var(self.add(range, Definition::Linear(form)))
    }

    /// A form, with the positive parts of one number put together.
    fn with_stairs(&mut self, form: &Form) -> Form {
        let mut groups = Groups::new();
        for (var, weight) in &form.terms {
            if let Definition::Relu(of) = &self.vars[usize::from(*var)].definition {
                groups.entry(of.terms.clone()).or_default().push((*weight, of.constant));
            }
        }
        groups.retain(|_, parts| parts.len() > 1);
        let mut together = FxHashMap::default();
        for (terms, parts) in groups {
            let x = Form { constant: 0, terms };
            let range = self.range_of(&x);
            if self.is_exact(&x)
                && let Some((pieces, range)) = pieces(&parts, range, self.source.exact)
            {
                let var = self.add(range, Definition::Stairs(x.clone(), pieces));
                together.insert(x.terms, var);
            }
        }
        let mut sum = Form::constant(form.constant);
        sum.terms = form.terms.clone();
        sum.terms.retain(|(var, _)| match &self.vars[usize::from(*var)].definition {
            Definition::Relu(of) => !together.contains_key(&of.terms),
            _ => true,
        });
        // New variables come after all others.
        let mut new: Vec<(Var, i64)> = together.into_values().map(|var| (var, 1)).collect();
        new.sort_unstable();
        sum.terms.extend(new);
        sum
    }

    /// A lane as a form of at most one variable.
    fn read(&mut self, stage: usize, lane: u32) -> Form {
        let form = &self.lanes[lane as usize];
        if form.known().is_some() {
            return form.clone();
        }
        let range = self.lane_range(stage, lane);
        let read = match form.terms[..] {
            _ if range.low == range.high => Form::constant(range.low as i64),
            [(var, weight)] => {
                if weight.abs() == 1 {
                    let constant = i128::from(form.constant);
                    let (a, b) = ((range.low - constant) * i128::from(weight), (range.high - constant) * i128::from(weight));
                    let known = &mut self.vars[usize::from(var)].range;
                    *known = known.intersect(Interval { low: a.min(b), high: a.max(b) }).unwrap_or(*known);
                }
                return form.clone();
            }
            _ => {
                let form = form.clone();
                self.variable(&form, range)
            }
        };
        self.lanes[lane as usize].clone_from(&read);
        read
    }

    /// A form over lanes as a form over variables.
    pub fn form(&mut self, stage: usize, terms: &Terms) -> Form {
        let mut sum = Some(Form::default());
        for (lane, weight) in terms {
            let lane = self.read(stage, *lane);
            sum = sum.and_then(|sum| sum.plus(&lane, *weight));
        }
        if let Some(sum) = sum.filter(|sum| self.is_exact(sum)) {
            return sum;
        }
        // The form of the weights itself: each lane that is not a variable or a constant becomes one.
        let mut sum = Form::default();
        for (lane, weight) in terms {
            let mut form = self.lanes[*lane as usize].clone();
            if form.terms.iter().any(|(_, weight)| *weight != 1) || !form.terms.is_empty() && form.constant != 0 {
                let range = self.lane_range(stage, *lane);
                form = self.variable(&form, range);
                self.lanes[*lane as usize].clone_from(&form);
            }
            sum = sum.plus(&form, *weight).expect("the sums of the weights are exact");
        }
        sum
    }

    /// The highest value of forms over lanes of which these are the lowest and the highest weights, or more:
    /// each lane counts with the weight that gives more. `None` if a partial sum may not be exact.
    pub fn bound(&mut self, stage: usize, extremes: &[(u32, [i64; 2])]) -> Option<Form> {
        let mut sum = Form::default();
        for (lane, [low, high]) in extremes {
            let form = self.read(stage, *lane);
            let range = self.range_of(&form);
            let range = range.intersect(self.lane_range(stage, *lane)).unwrap_or(range);
            if low == high || range.high <= 0 {
                sum = sum.plus(&form, *low)?;
            } else if range.low >= 0 {
                sum = sum.plus(&form, *high)?;
            } else {
                sum = sum.plus(&form, *low)?;
                let positive = self.relu(form, range);
                sum = sum.plus(&Form::var(positive), high.checked_sub(*low)?)?;
            }
        }
        Some(sum).filter(|sum| self.is_exact(sum))
    }

    /// A form over lanes whose parts need not be computed: a copy.
    fn symbolic(&mut self, stage: usize, terms: &Terms, factor: i64) -> Form {
        let sum = terms
            .iter()
            .try_fold(Form::default(), |sum, (lane, weight)| sum.plus(&self.lanes[*lane as usize], weight.checked_mul(factor)?));
        match sum.filter(|sum| self.is_exact(sum)) {
            Some(sum) => sum,
            None => {
                let form = self.form(stage, terms);
                Form::default().plus(&form, factor).expect("a product of the weights is exact")
            }
        }
    }

    /// The positive part of a form. A variable that is not negative is its own.
    fn relu(&mut self, form: Form, range: Interval) -> Var {
        if let ([(var, 1)], 0) = (&form.terms[..], form.constant)
            && range.low >= 0
        {
            return *var;
        }
        let form = self.of_one_variable(form);
        if let Some(var) = self.relus.get(&form) {
            return *var;
        }
        let var = self.add(range.relu(), Definition::Relu(form.clone()));
        self.relus.insert(form, var);
        var
    }

    /// The same form over one variable: many gates differ in nothing but their constants.
    fn of_one_variable(&mut self, form: Form) -> Form {
        if form.terms.len() < 2 {
            return form;
        }
        let sum = Form { constant: 0, terms: form.terms };
        self.shared(&sum).plus(&Form::constant(form.constant), 1).expect("a constant of the weights is exact")
    }

    /// A form as a variable, which forms that are equal share.
    fn shared(&mut self, form: &Form) -> Form {
        if let Some(known) = self.sums.get(form) {
            return known.clone();
        }
        let shared = self.variable(form, self.range_of(form));
        self.sums.insert(form.clone(), shared.clone());
        shared
    }

    /// A form, with the products with one number put together.
    fn with_products(&mut self, form: &Form) -> Form {
        let mut groups: Vec<(Form, Vec<ProductTerm>)> = Vec::new();
        for (var, weight) in &form.terms {
            if let Definition::Product(gate, value) = &self.vars[usize::from(*var)].definition {
                match groups.iter_mut().find(|(of, _)| of == value) {
                    Some((_, products)) => products.push((*gate, *weight, *var)),
                    None => groups.push((value.clone(), vec![(*gate, *weight, *var)])),
                }
            }
        }
        let mut sum = form.clone();
        for (value, products) in groups.into_iter().filter(|(_, products)| products.len() > 1) {
            let gates = products.iter().try_fold(Form::default(), |gates, (gate, weight, _)| gates.plus(&Form::var(*gate), *weight));
            let Some(gates) = gates.filter(|gates| self.is_exact(gates)) else { continue };
            let mut rest = sum.clone();
            rest.terms.retain(|(var, _)| products.iter().all(|(.., product)| product != var));
            let gate = self.shared(&gates);
            let (gates, range) = (self.range_of(&gate), self.range_of(&value));
            let together = match (gate.known(), &gate.terms[..]) {
                (Some(gate), _) => rest.plus(&value, gate),
                (None, [(var, 1)]) if gate.constant == 0 && gates.magnitude() * range.magnitude() < self.source.exact => {
                    let product = self.product(*var, value, gates * range);
                    rest.plus(&Form::var(product), 1)
                }
                _ => None,
            };
            sum = together.filter(|sum| self.is_exact(sum)).unwrap_or(sum);
        }
        sum
    }

    fn product(&mut self, gate: Var, value: Form, range: Interval) -> Var {
        let both = (gate, value);
        if let Some(var) = self.products.get(&both) {
            return *var;
        }
        let var = self.add(range, Definition::Product(both.0, both.1.clone()));
        self.products.insert(both, var);
        var
    }

    /// What a neuron adds to lanes, times its output weights; `None` if it is proven to be nothing.
    fn activation(&mut self, stage: usize, neuron: &Neuron, ranges: &[[i64; 2]]) -> Option<Form> {
        let by_lanes = range_of_lanes(&neuron.gate, ranges);
        if by_lanes.high <= 0 {
            return None;
        }
        let value_by_lanes = range_of_lanes(&neuron.value, ranges);
        if (value_by_lanes.low, value_by_lanes.high) == (0, 0) {
            return None;
        }
        if by_lanes.low == by_lanes.high {
            let activation = self.symbolic(stage, &neuron.value, by_lanes.low as i64);
            return Some(activation).filter(|activation| !activation.is_zero());
        }
        let gate = self.form(stage, &neuron.gate);
        let range = self.range_of(&gate);
        let range = range.intersect(by_lanes).unwrap_or(range);
        if range.high <= 0 {
            return None;
        }
        let value = self.form(stage, &neuron.value);
        let value_range = self.range_of(&value);
        let value_range = value_range.intersect(value_by_lanes).unwrap_or(value_range);
        let scaled = |form: &Form, factor: i64| Form::default().plus(form, factor);
        if range.low == range.high {
            return scaled(&value, range.low as i64).filter(|form| !form.is_zero());
        }
        if value_range.low == value_range.high {
            let value = value_range.low as i64;
            if value == 0 {
                return None;
            }
            if range.low >= 0
                && let Some(form) = scaled(&gate, value).filter(|form| self.is_exact(form))
            {
                return Some(form);
            }
            let var = self.relu(gate, range);
            return scaled(&Form::var(var), value);
        }
        let gate = self.relu(gate, range);
        Some(Form::var(self.product(gate, value, range.relu() * value_range)))
    }

    /// Passes the neurons of a layer.
    pub fn feed_forward(&mut self, layer: usize) {
        let (source, stage) = (Arc::clone(&self.source), 2 * layer + 1);
        let ranges = self.lane_ranges(stage);
        let mut changes: FxHashMap<u32, Form> = FxHashMap::default();
        for neuron in &source.layers[layer].neurons {
            let Some(activation) = self.activation(stage, neuron, &ranges) else { continue };
            for (lane, weight) in &neuron.output {
                self.change(&mut changes, *lane, &activation, *weight);
            }
        }
        self.apply(changes);
    }

    /// Adds a multiple of a form to what is added to a lane.
    pub fn change(&mut self, changes: &mut FxHashMap<u32, Form>, lane: u32, form: &Form, weight: i64) {
        let change = changes.entry(lane).or_default();
        let sum = change.plus(form, weight).unwrap_or_else(|| {
            // The product is exact, so the form's value is small enough; its weights are not.
            let range = self.range_of(form);
            let whole = self.variable(form, range);
            change.plus(&whole, weight).expect("an output of the weights is exact")
        });
        *change = sum;
    }

    /// Adds changes to the lanes.
    pub fn apply(&mut self, changes: FxHashMap<u32, Form>) {
        let mut changes: Vec<(u32, Form)> = changes.into_iter().collect();
        changes.sort_unstable_by_key(|(lane, _)| *lane);
        for (lane, change) in changes {
            let before = self.lanes[lane as usize].clone();
            let sum = before.plus(&change, 1).filter(|sum| self.is_exact(sum));
            let sum = sum.unwrap_or_else(|| {
                let range = self.range_of(&before);
                let whole = if before.terms.len() > 1 { self.variable(&before, range) } else { before };
                whole.plus(&change, 1).expect("the sums of the weights are exact")
            });
            self.lanes[lane as usize] = sum;
        }
    }

    /// Makes variables known.
    pub fn know(&mut self, known: &[(Var, i64)]) {
        for (var, number) in known {
            self.vars[usize::from(*var)].range = Interval::point((*number).into());
        }
        for lane in 0..self.lanes.len() {
            for (var, number) in known {
                let form = &self.lanes[lane];
                if let Ok(at) = form.terms.binary_search_by_key(var, |(var, _)| *var) {
                    let (_, weight) = self.lanes[lane].terms.remove(at);
                    self.lanes[lane].constant += weight * number;
                }
            }
        }
    }
}

/// The range of a form over lanes. Each product of two 64-bit numbers fits, which is quicker than the
/// products of [`Interval`].
fn range_of_lanes(terms: &Terms, ranges: &[[i64; 2]]) -> Interval {
    let mut sum = Interval::point(0);
    for (lane, weight) in terms {
        let [a, b] = ranges[*lane as usize].map(|end| i128::from(end) * i128::from(*weight));
        (sum.low, sum.high) = (sum.low + a.min(b), sum.high + a.max(b));
    }
    sum
}
