//! The work of the fuzz targets on their input bytes. The code in `fuzz/` only passes the bytes on.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::compare::{Verdict, compare};
use super::engine::{Engine, SharedEngine};
use super::generate::Generate;
use super::statistics::Statistics;

/// The engines that programs are run on.
pub struct Fuzzer<L: Generate> {
    /// The engines that run every case, the reference first.
    always: Vec<SharedEngine<L>>,
    /// The engines that are too slow to run every case.
    seldom: Vec<Seldom<L>>,
    /// The number of steps after which the run of a program is stopped.
    limit: usize,
    /// Digests of the cases on which the `seldom` engines agreed with the others. Many mutated inputs decode
    /// to a case that was already compared.
    agreed: Mutex<HashSet<u64>>,
    statistics: Mutex<Statistics<L>>,
}

/// An engine that is too slow to run every case.
pub struct Seldom<L: Generate> {
    /// The engine.
    pub engine: SharedEngine<L>,
    /// One case per this many runs on the engine.
    pub share: u64,
}

/// What a coverage-guided fuzzer should do with an input that covers something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// Keep the input, and make other inputs from it.
    Keep,
    /// Discard the input. Slow engines ran on it, so its coverage is new because of the sampling and not
    /// because of the input. If such inputs were kept, they and their mutants would become one input in
    /// fifty.
    Reject,
}

impl From<()> for Corpus {
    fn from((): ()) -> Corpus {
        Corpus::Keep
    }
}

/// Compiled engines make code for the first row that needs it. The code is kept for all cases. So a later run
/// of one case alone has compiled rows where this one has, and a finding can be repeated.
pub(super) const PATIENCE: u32 = 1;

/// The number of programs per line of statistics on standard error.
const TOLD_EVERY: u64 = 1_000;

impl<L: Generate> Fuzzer<L> {
    /// A fuzzer with these engines, the reference first. The run of a program is stopped after `limit` steps.
    pub fn new(always: Vec<SharedEngine<L>>, seldom: Vec<Seldom<L>>, limit: usize) -> Fuzzer<L> {
        Fuzzer { always, seldom, limit, agreed: Mutex::default(), statistics: Mutex::default() }
    }

    /// The fuzzer with the cases on which another fuzzer's engines already agreed.
    #[cfg(test)]
    pub(super) fn after(self, other: Fuzzer<L>) -> Fuzzer<L> {
        Fuzzer { agreed: other.agreed, ..self }
    }

    /// The fuzzer with all engines on every case, for replaying inputs.
    #[must_use]
    pub fn thorough(mut self) -> Fuzzer<L> {
        self.seldom.iter_mut().for_each(|seldom| seldom.share = 1);
        self
    }

    /// Runs all engines in lockstep on the program that the bytes encode, or else on the program generated
    /// from the bytes.
    ///
    /// # Panics
    /// Where engines diverge. The message has the report and the shrunk program.
    pub fn diff(&self, bytes: &[u8]) -> Corpus {
        L::from_bytes(bytes).map_or(Corpus::Keep, |generated| self.agree(&generated))
    }

    /// Checks that all engines agree on a case. Which slow engines are included depends on the case alone, so
    /// that a finding can be repeated.
    ///
    /// # Panics
    /// As [`Fuzzer::diff`].
    pub fn agree(&self, generated: &L::Generated) -> Corpus {
        let digest = L::digest(generated);
        let agreed = || self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |seldom: &&Seldom<L>| digest.is_multiple_of(seldom.share);
        let is_new = self.seldom.iter().any(|seldom| is_due(&seldom)) && !agreed().contains(&digest);
        let seldom = self.seldom.iter().filter(|seldom| is_new && is_due(seldom)).map(|seldom| &seldom.engine);
        let engines: Vec<&dyn Engine<L>> = self.always.iter().chain(seldom).map(|engine| engine.as_ref() as &dyn Engine<L>).collect();

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
            Ok(Verdict::Agree { .. }) if is_new => {
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

    /// Counts a case, and prints the counts every [`TOLD_EVERY`] programs when fuzzing.
    fn count(&self, count: impl FnOnce(&mut Statistics<L>)) {
        let mut statistics = self.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut statistics);
        if cfg!(fuzzing) && statistics.programs().is_multiple_of(TOLD_EVERY) {
            eprintln!("{}", statistics.summary());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::harness::engine::Observed;
    use crate::harness::generate::program;
    use crate::harness::machine::Machine;
    use crate::harness::{Byte, Full, NetworkEngine};
    use crate::transformer::CompiledSession;

    /// The number of generated programs, of twenty, for whose first 300 tokens code is compiled.
    fn with_code<L: Generate + Machine>() -> usize {
        let engine = NetworkEngine::<L>::compiled().with_patience(PATIENCE);
        let parts = |index| {
            let mut session = CompiledSession::new(engine.compiled_model().unwrap());
            let mut tokens = 0;
            let watch = &mut |_: &Observed<'_, L>| {
                tokens += 1;
                if tokens < 300 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            L::with_case(&program::<L>(1, index), |case| engine.generate_by(&mut session, case, watch)).unwrap().unwrap();
            session.parts()
        };
        (0..20).filter(|index| parts(*index) > 0).count()
    }

    #[test]
    fn short_programs_reach_compiled_code() {
        let reached = [with_code::<Byte>(), with_code::<Full>()];
        assert!(reached.iter().all(|programs| *programs > 10), "{reached:?}");
    }
}
