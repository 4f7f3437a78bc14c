//! Soaking: running all engines on as many generated programs as time allows.

use std::ops::Range;

use rayon::prelude::*;

use super::compare::{Verdict, compare};
use super::engine::{Engine, EngineError, record};
use super::engines::NetworkEngine;
use super::generate::{Generate, Shrunk, program};
use super::machine::Machine;
use super::margins::{Margins, Measured, measure};
use super::report::Report;
use super::statistics::Statistics;

/// A divergence that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding<G> {
    /// The index of the program in the sequence of its seed.
    pub index: u64,
    /// The program as generated.
    pub original: G,
    /// The shrunk program.
    pub shrunk: Shrunk<G>,
}

/// The results of some programs of a sequence.
#[derive(Clone, Debug)]
pub struct Batch<L: Generate> {
    /// The statistics of the programs.
    pub statistics: Statistics<L>,
    /// The divergences, by index.
    pub findings: Vec<Finding<L::Generated>>,
    /// The margins of the runs that were measured.
    pub margins: Margins,
    /// The number of runs whose margins were measured.
    pub measured: u64,
    /// The number of runs that were selected for measuring but whose prompt is too long.
    pub too_long: u64,
}

impl<L: Generate> Default for Batch<L> {
    fn default() -> Batch<L> {
        let (statistics, margins) = (Statistics::default(), Margins::default());
        Batch { statistics, findings: Vec::new(), margins, measured: 0, too_long: 0 }
    }
}

/// Checks that are made on one program per `share` only, because they are slow.
#[derive(Clone, Copy)]
pub struct Sampled<'e, L: Machine> {
    /// Slow engines.
    pub engines: &'e [&'e (dyn Engine<L> + Sync)],
    /// Engines with dense passes on known tokens. Their margins are measured.
    pub margins: &'e [NetworkEngine<L>],
    /// One program per this many is checked.
    pub share: u64,
}

impl<L: Machine> Default for Sampled<'_, L> {
    /// No checks.
    fn default() -> Self {
        Sampled { engines: &[], margins: &[], share: 1 }
    }
}

/// Runs the programs at these indices of a seed's sequence, in parallel on rayon's current pool. Programs of
/// which the first engine makes more than `most` steps are passed over, and counted.
///
/// # Errors
/// Where an engine cannot run a program at all.
pub fn run<L: Generate + Machine>(
    seed: u64,
    indices: Range<u64>,
    engines: &[&(dyn Engine<L> + Sync)],
    sampled: Sampled<'_, L>,
    most: Option<usize>,
) -> Result<Batch<L>, EngineError> {
    let one = |index| -> Result<Batch<L>, EngineError> {
        let sampled = (index % sampled.share == 0).then_some(sampled);
        let engines = engines.iter().chain(sampled.map(|sampled| sampled.engines).unwrap_or_default()).copied();
        let engines: Vec<&dyn Engine<L>> = engines.map(|engine| engine as &dyn Engine<L>).collect();
        let original = program::<L>(seed, index);
        let mut batch = Batch::default();
        if let (Some(most), [first, ..]) = (most, &engines[..])
            && is_longer::<L>(&original, *first, most)?
        {
            batch.statistics.passed_over += 1;
            return Ok(batch);
        }
        if let Some(report) = judge::<L>(&original, &engines, L::STEP_LIMIT, &mut batch.statistics)? {
            batch.find(index, original, &engines, report)?;
        } else if let Some(sampled) = sampled
            && let Some(report) = batch.measure(sampled, &original)?
        {
            batch.statistics.recount_as_divergence();
            let shrunk = Shrunk { generated: original.clone(), report, candidates: 0 };
            batch.findings.push(Finding { index, original, shrunk });
        }
        Ok(batch)
    };
    indices.into_par_iter().map(one).try_reduce(Batch::default, |mut sum, batch| {
        sum.statistics.merge(batch.statistics);
        sum.findings.extend(batch.findings);
        sum.margins.merge(&batch.margins);
        sum.measured += batch.measured;
        sum.too_long += batch.too_long;
        Ok(sum)
    })
}

/// Whether an engine makes more than this many steps of a program. A program that the language refuses has
/// none.
fn is_longer<L: Generate>(generated: &L::Generated, engine: &dyn Engine<L>, steps: usize) -> Result<bool, EngineError> {
    let ran = L::with_case(generated, |case| record(engine, case, steps.saturating_add(1)));
    ran.map_or(Ok(false), |ran| Ok(ran?.steps.len() > steps))
}

impl<L: Generate + Machine> Batch<L> {
    fn find(&mut self, index: u64, original: L::Generated, engines: &[&dyn Engine<L>], report: Report) -> Result<(), EngineError> {
        let shrunk = L::shrink(&original, engines, L::STEP_LIMIT)?;
        let shrunk = shrunk.unwrap_or_else(|| Shrunk { generated: original.clone(), report, candidates: 0 });
        self.findings.push(Finding { index, original, shrunk });
        Ok(())
    }

    /// Adds a program's margins. Returns a report where the dense pass emits a token other than the known
    /// one.
    fn measure(&mut self, sampled: Sampled<'_, L>, generated: &L::Generated) -> Result<Option<Report>, EngineError> {
        for engine in sampled.margins {
            // A program that the language refuses was already counted by `judge`.
            match L::with_case(generated, |case| measure(engine, case, &mut self.margins)).unwrap_or(Ok(Measured::Refused))? {
                Measured::Added => self.measured += 1,
                Measured::TooLong => self.too_long += 1,
                Measured::Refused => {}
                Measured::Differs(report) => return Ok(Some(*report)),
            }
        }
        Ok(None)
    }
}

/// Runs one program on all engines, up to `limit` steps, and counts the program. Returns a report where the
/// engines differ.
///
/// # Errors
/// Where the first engine cannot run the program at all.
pub fn judge<L: Generate>(
    generated: &L::Generated,
    engines: &[&dyn Engine<L>],
    limit: usize,
    statistics: &mut Statistics<L>,
) -> Result<Option<Report>, EngineError> {
    let judged = L::with_case(generated, |case| -> Result<Option<Report>, EngineError> {
        let (verdict, recorded) = compare(case, engines, limit)?;
        statistics.count(case.program, &verdict, &recorded);
        Ok(if let Verdict::Diverge(report) = verdict { Some(*report) } else { None })
    });
    match judged {
        Ok(judged) => judged,
        Err(refusal) => {
            statistics.refuse(&refusal.reason);
            Ok(None)
        }
    }
}
