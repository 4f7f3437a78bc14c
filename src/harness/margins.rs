//! Margins: how far a model's choices are from going wrong.
//!
//! The logit margin of a token is the highest logit minus the second highest. The score gap of a query is the
//! score of the chosen row minus the next lower score of any row. Rows that share the highest score are a
//! tie, and the latest of them wins. A tie between rows with different values is decided by that rule alone.
//! Such ties are counted, because an engine with another tie-breaking rule would go wrong there.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::engine::{Case, Emitted, Engine, EngineError, Transformer, on_tokens};
use super::engines::NetworkEngine;
use super::machine::Machine;
use super::report::{Difference, Report};
use crate::circuit::Circuit;
use crate::transformer::attention::KeyValues;
use crate::transformer::{Number, Observer};

/// The smallest margins of the passes observed. As an [`Observer`] it sees attention. Logits must be passed
/// to [`Margins::logits`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// The number of tokens whose logits were seen.
    pub steps: u64,
    /// The smallest logit margin.
    pub logit: Option<f64>,
    /// The heads that choose a row, by layer, then by slot.
    pub layers: BTreeMap<usize, BTreeMap<usize, HeadMargins>>,
}

/// The margins of one head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadMargins {
    /// Queries answered: one per row, including rows that execute nothing.
    pub queries: u64,
    /// The smallest gap to a lower score. `None` if no row ever scored lower than the chosen row.
    pub gap: Option<f64>,
    /// The number of ties between rows with different values.
    pub ties: u64,
}

impl Margins {
    /// Adds the logits of one token.
    pub fn logits(&mut self, logits: &[f64]) {
        let (mut best, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for logit in logits {
            if *logit > best {
                (best, second) = (*logit, best);
            } else if *logit > second {
                second = *logit;
            }
        }
        self.steps += 1;
        self.logit = smaller(self.logit, Some(best - second));
    }

    /// Adds the margins of another measurement.
    pub fn merge(&mut self, other: &Margins) {
        self.steps += other.steps;
        self.logit = smaller(self.logit, other.logit);
        for (layer, slot, head) in other.heads() {
            self.head(layer, slot).add(head);
        }
    }

    /// The heads that choose a row: layer, slot and margins.
    pub fn heads(&self) -> impl Iterator<Item = (usize, usize, &HeadMargins)> {
        self.layers.iter().flat_map(|(layer, heads)| heads.iter().map(|(slot, head)| (*layer, *slot, head)))
    }

    fn head(&mut self, layer: usize, slot: usize) -> &mut HeadMargins {
        self.layers.entry(layer).or_default().entry(slot).or_default()
    }

    /// The smallest gap of any head.
    pub fn smallest_gap(&self) -> Option<f64> {
        self.heads().fold(None, |least, (_, _, head)| smaller(least, head.gap))
    }

    /// A table with one line per head, with the names of a circuit. Heads with the same name in a layer are
    /// combined.
    pub fn table(&self, circuit: &Circuit) -> String {
        let number = |number: Option<f64>| number.map_or_else(|| "-".to_string(), |number| number.to_string());
        let mut text = String::new();
        let mut line = |line: String| writeln!(text, "{line}").expect("a string takes anything");
        line(format!("smallest logit margin {} over {} tokens", number(self.logit), self.steps));
        line(format!("{:<44}  {:>9}  smallest score gap  ties that the latest won", "head", "queries"));
        for (layer, name, heads, HeadMargins { queries, gap, ties }) in self.by_name(circuit) {
            let count = if heads > 1 { format!(" ({heads} heads)") } else { String::new() };
            line(format!("{:<44}  {queries:>9}  {:>18}  {ties:>24}", format!("layer {layer}, {name}{count}"), number(gap)));
        }
        text
    }

    /// Margins by layer and name, with the number of heads, in the order of the first head of each group.
    fn by_name<'c>(&self, circuit: &'c Circuit) -> Vec<(usize, &'c str, usize, HeadMargins)> {
        let mut groups: Vec<(usize, &str, usize, HeadMargins)> = Vec::new();
        for (layer, slot, head) in self.heads() {
            let name = circuit.layers().get(layer).and_then(|layer| layer.heads.get(slot)).map_or("unused", |head| head.name.as_str());
            match groups.iter_mut().find(|group| (group.0, group.1) == (layer, name)) {
                None => groups.push((layer, name, 1, *head)),
                Some((_, _, heads, sum)) => {
                    *heads += 1;
                    sum.add(head);
                }
            }
        }
        groups
    }
}

/// The outcome of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// The margins were measured.
    Added,
    /// The prompt is too long.
    TooLong,
    /// The language refuses the program.
    Refused,
    /// The passes emit a token that differs from the token fed in.
    Differs(Box<Report>),
}

/// Adds the margins of the beginning of a case's run to `margins`. The engine must be
/// [forced](NetworkEngine::forced) and must use dense passes, because every score and every logit is needed.
///
/// # Errors
/// Where the engine cannot run the case.
pub fn measure<L: Machine>(engine: &NetworkEngine<L>, case: Case<'_, L>, margins: &mut Margins) -> Result<Measured, EngineError> {
    let (most_rows, most_tokens) = L::MEASURED;
    if engine.prompt_rows(case)? > most_rows {
        return Ok(Measured::TooLong);
    }
    let mut of_logits = Margins::default();
    let see = |token: &Emitted<'_>| {
        token.logits.iter().for_each(|logits| of_logits.logits(&logits()));
        if of_logits.steps < most_tokens { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let run = engine.run_observed(case, &mut on_tokens(see), margins)?;
    margins.merge(&of_logits);
    Ok(if L::end_kind(&run.end) == L::end_kind(&L::lost(String::new())) {
        let (engine, reference) = (engine.name().to_string(), "the tokens fed in".to_string());
        let (expected, actual) = L::ends_apart(case, &L::stopped(), &run.end);
        Measured::Differs(Report { engine, reference, difference: Difference::End { expected, actual }, origin: None }.into())
    } else {
        Measured::Added
    })
}

impl HeadMargins {
    fn add(&mut self, other: &HeadMargins) {
        self.queries += other.queries;
        self.gap = smaller(self.gap, other.gap);
        self.ties += other.ties;
    }
}

impl<T: Number> Observer<T> for Margins {
    fn attended(&mut self, layer: usize, head: usize, query: &[T], rows: &KeyValues<T>, chosen: usize) {
        let best = rows.score(chosen, query).to_f64();
        let mut next = f64::NEG_INFINITY;
        let mut tie = false;
        for row in 0..rows.len() {
            let score = rows.score(row, query).to_f64();
            if score < best {
                next = next.max(score);
            } else {
                tie |= rows.value(row) != rows.value(chosen);
            }
        }
        let margins = self.head(layer, head);
        margins.queries += 1;
        margins.gap = smaller(margins.gap, next.is_finite().then_some(best - next));
        margins.ties += u64::from(tie);
    }
}

fn smaller(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
