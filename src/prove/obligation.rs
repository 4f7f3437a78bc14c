//! What a proof consists of: obligations, discharged one after the other, up to the first that fails.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::byte::Situation;
use super::full::claims::Claim;
use super::network::NotExact;

/// What an obligation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A head chooses the wanted row among all rows that can exist.
    Retrieval,
    /// An instruction's token is right, for all operands.
    Computation,
    /// Lanes that an instruction does not use cannot change its token.
    Independence,
    /// A step re-establishes the invariant.
    Induction,
    /// All numbers are integers that the number type holds exactly, in every order of summation.
    Exactness,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Retrieval => "retrieval",
            Kind::Computation => "computation",
            Kind::Independence => "independence",
            Kind::Induction => "induction",
            Kind::Exactness => "exactness",
        })
    }
}

/// How an obligation is discharged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// An identity of polynomials whose coefficients are weights.
    Symbolic,
    /// All cases, through the arithmetic of the weights.
    Enumeration,
    /// Ranges of everything that lanes can hold.
    Intervals,
    /// Cases, split at the gates of neurons; in each, an identity of linear forms that holds for all numbers
    /// of the case. Functions of one byte or of two bytes are enumerated.
    Cases,
    /// Some cases of many: a test, which proves nothing of the others.
    Samples,
    /// A text. The obligations that it names as premises are checked by machine.
    Argument,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Symbolic => "symbolic",
            Method::Enumeration => "enumeration",
            Method::Intervals => "intervals",
            Method::Cases => "cases",
            Method::Samples => "samples",
            Method::Argument => "argument",
        })
    }
}

/// An obligation that was discharged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Obligation {
    /// What it is about.
    pub kind: Kind,
    /// Its name, unique in the proof.
    pub name: String,
    /// What holds.
    pub statement: String,
    /// How it was discharged.
    pub method: Method,
    /// The number of cases checked: of an enumeration and of cases, the cases; of intervals, the neurons; of
    /// a symbolic identity, the kinds of rows; of an argument, 0.
    pub cases: u64,
    /// The time that it took.
    pub seconds: f64,
}

/// Why an obligation could not be discharged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The reason, in one sentence.
    pub reason: String,
    /// The case that fails, where there is one that a program may be built for.
    pub situation: Option<Situation>,
}

impl Failure {
    /// A failure without a case.
    pub fn new(reason: impl Into<String>) -> Failure {
        Failure { reason: reason.into(), situation: None }
    }

    /// A failure with the case that fails.
    pub fn at(situation: Situation, reason: impl Into<String>) -> Failure {
        Failure { reason: reason.into(), situation: Some(situation) }
    }
}

/// The first obligation of a proof that could not be discharged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation {
    /// What the obligation is about.
    pub kind: Kind,
    /// The obligation's name.
    pub name: String,
    /// What should hold.
    pub statement: String,
    /// Why it was not discharged.
    pub failure: Failure,
}

impl Refutation {
    /// The refutation of weights that are not integers of a number type.
    pub(super) fn not_exact(error: &NotExact, number: &str) -> Box<Refutation> {
        Box::new(Refutation {
            kind: Kind::Exactness,
            name: "integers".to_string(),
            statement: format!("every weight is an integer that {number} holds exactly"),
            failure: Failure::new(error.to_string()),
        })
    }
}

impl fmt::Display for Refutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}\n  required: {}", self.kind, self.name, self.failure.reason, self.statement)
    }
}

/// A proof: what it states, what it assumes, and its obligations.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The machine.
    pub machine: &'static str,
    /// The statement.
    pub theorem: &'static str,
    /// What is assumed, besides arithmetic.
    pub assumptions: &'static [&'static str],
    /// The obligations that were discharged, in order.
    pub obligations: Vec<Obligation>,
    /// What is claimed of each instruction, where that differs between instructions.
    pub claims: Vec<Claim>,
    /// The obligation at which the proof ended, if it failed. Obligations after it were not tried.
    pub refutation: Option<Refutation>,
}

impl Proof {
    /// Whether all obligations were discharged.
    pub fn holds(&self) -> bool {
        self.refutation.is_none()
    }

    /// The number of cases of all obligations but those that are samples.
    pub fn cases(&self) -> u64 {
        let proved = self.obligations.iter().filter(|obligation| obligation.method != Method::Samples);
        proved.map(|obligation| obligation.cases).sum()
    }
}

/// What a check reports besides its result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub method: Method,
    pub cases: u64,
}

/// An obligation to be discharged: its name, what holds, and the check.
pub(super) type Job<'j, T> = (String, String, Box<dyn FnOnce(&mut Tally) -> Result<T, Failure> + Send + 'j>);

/// The obligations of a proof in progress.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub obligations: Vec<Obligation>,
}

impl Log {
    /// Discharges an obligation. `check` counts its cases and may change the method.
    pub fn discharge<T>(
        &mut self,
        (kind, method): (Kind, Method),
        name: impl Into<String>,
        statement: impl Into<String>,
        check: impl FnOnce(&mut Tally) -> Result<T, Failure>,
    ) -> Result<T, Box<Refutation>> {
        let start = Instant::now();
        let mut tally = Tally { method, cases: 0 };
        let (name, statement) = (name.into(), statement.into());
        match check(&mut tally) {
            Ok(result) => {
                let Tally { method, cases } = tally;
                let seconds = start.elapsed().as_secs_f64();
                self.obligations.push(Obligation { kind, name, statement, method, cases, seconds });
                Ok(result)
            }
            Err(failure) => Err(Box::new(Refutation { kind, name, statement, failure })),
        }
    }

    /// Discharges obligations at the same time, on all threads. They are recorded in their order, up to the
    /// first that fails.
    pub fn discharge_all<T: Send>(&mut self, kinds: (Kind, Method), jobs: Vec<Job<'_, T>>) -> Result<Vec<T>, Box<Refutation>> {
        let first_failed = AtomicUsize::new(usize::MAX);
        let one = |(index, (name, statement, check)): (usize, Job<'_, T>)| {
            if index > first_failed.load(Ordering::Relaxed) {
                return None;
            }
            let mut log = Log::default();
            let result = log.discharge(kinds, name, statement, check);
            if result.is_err() {
                first_failed.fetch_min(index, Ordering::Relaxed);
            }
            Some((log, result))
        };
        let all: Vec<_> = jobs.into_par_iter().enumerate().map(one).collect();
        let record = |(log, result): (Log, Result<T, Box<Refutation>>)| {
            self.obligations.extend(log.obligations);
            result
        };
        // Only obligations after one that failed were left out.
        all.into_iter().flatten().map(record).collect()
    }

    /// Records an argument on paper.
    pub fn argue(&mut self, kind: Kind, name: &str, text: &str) {
        let (name, statement) = (name.to_string(), text.to_string());
        self.obligations.push(Obligation { kind, name, statement, method: Method::Argument, cases: 0, seconds: 0.0 });
    }
}
