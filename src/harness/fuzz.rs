//! What the fuzz targets do with their bytes. `fuzz/` only passes them on.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::compare::{Verdict, compare};
use super::engine::{Engine, SharedEngine};
use super::generate::Generate;
use super::statistics::Statistics;

/// The engines that programs are run on.
pub struct Fuzzer<L: Generate> {
    /// Those that run every case, the reference first.
    always: Vec<SharedEngine<L>>,
    /// Those that are too slow for every case.
    seldom: Vec<SharedEngine<L>>,
    /// One case in this many runs on those too.
    share: u64,
    /// Steps after which a program is given up.
    limit: usize,
    /// Digests of the cases that those agreed on with the others. Many mutants decode to a case already
    /// judged.
    agreed: Mutex<HashSet<u64>>,
    statistics: Mutex<Statistics<L>>,
}

/// What a fuzzer that is led by coverage is to do with an input that covers something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// Make other inputs from it.
    Keep,
    /// Leave it: slow engines ran, and what it covers is new by the draw and not by the input. Kept, such
    /// inputs and their mutants become one in fifty.
    Reject,
}

impl From<()> for Corpus {
    fn from((): ()) -> Corpus {
        Corpus::Keep
    }
}

/// Programs between two lines of statistics on standard error.
const TOLD_EVERY: u64 = 1_000;

impl<L: Generate> Fuzzer<L> {
    /// On these engines, the reference first; `seldom` run one case in `share`. A program is given up after
    /// `limit` steps.
    pub fn new(always: Vec<SharedEngine<L>>, seldom: Vec<SharedEngine<L>>, share: u64, limit: usize) -> Fuzzer<L> {
        Fuzzer { always, seldom, share, limit, agreed: Mutex::default(), statistics: Mutex::default() }
    }

    /// With the cases that another's engines agreed on already.
    #[cfg(test)]
    pub(super) fn after(self, other: Fuzzer<L>) -> Fuzzer<L> {
        Fuzzer { agreed: other.agreed, ..self }
    }

    /// With all engines on every case, as inputs are replayed.
    #[must_use]
    pub fn thorough(self) -> Fuzzer<L> {
        Fuzzer { share: 1, ..self }
    }

    /// All engines in lockstep: on the program that the bytes are, or else on the one generated from them.
    ///
    /// # Panics
    /// With the report and the shrunk program where engines diverge.
    pub fn diff(&self, bytes: &[u8]) -> Corpus {
        L::from_bytes(bytes).map_or(Corpus::Keep, |generated| self.agree(&generated))
    }

    /// All engines agree on a case; it alone decides whether the slow ones are among them, so that a finding
    /// can be repeated.
    ///
    /// # Panics
    /// As [`Fuzzer::diff`].
    pub fn agree(&self, generated: &L::Generated) -> Corpus {
        let digest = L::digest(generated);
        let agreed = || self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        let seldom = !self.seldom.is_empty() && digest % self.share == 0 && !agreed().contains(&digest);
        let engines = self.always.iter().chain(if seldom { &self.seldom[..] } else { &[] });
        let engines: Vec<&dyn Engine<L>> = engines.map(|engine| engine.as_ref() as &dyn Engine<L>).collect();

        let judged = L::with_case(generated, |case| {
            let (verdict, recorded) = compare(case, &engines, self.limit).unwrap_or_else(|error| {
                panic!("{error}\n{}", L::text(generated, "found by fuzzing"));
            });
            self.count(|statistics| statistics.count(case.program, &verdict, &recorded));
            verdict
        });
        match judged {
            Ok(Verdict::Diverge(report)) => {
                let shrunk = L::shrink(generated, &engines, self.limit).ok().flatten();
                let (small, report) = shrunk.map_or((generated.clone(), *report), |shrunk| (shrunk.generated, shrunk.report));
                panic!("{report}\n{}", L::text(&small, "found by fuzzing"));
            }
            Ok(Verdict::Agree { .. }) if seldom => {
                agreed().insert(digest);
                Corpus::Reject
            }
            Ok(_) => Corpus::Keep,
            Err(refusal) => {
                self.count(|statistics| statistics.refuse(&refusal.reason));
                Corpus::Keep
            }
        }
    }

    /// Counts a case, and tells the counts now and then.
    fn count(&self, count: impl FnOnce(&mut Statistics<L>)) {
        let mut statistics = self.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut statistics);
        if cfg!(fuzzing) && statistics.programs().is_multiple_of(TOLD_EVERY) {
            eprintln!("{}", statistics.summary());
        }
    }
}
