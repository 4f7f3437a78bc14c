//! Soaking: generated programs, as many as time allows, through all engines.

use std::ops::Range;

use rayon::prelude::*;

use super::compare::{Verdict, compare_recorded};
use super::engine::{Engine, EngineError};
use super::generate::{Generated, mix};
use super::margins::Margins;
use super::shrink::{Shrunk, shrink};
use super::statistics::Statistics;
use crate::transformer::Model;

/// Steps after which a program is given up.
pub const STEP_LIMIT: usize = 20_000;

/// A divergence that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The index of the program in the sequence of its seed.
    pub index: u64,
    /// The program as generated.
    pub original: Generated,
    /// The program made small.
    pub shrunk: Shrunk,
}

/// What some programs of a sequence gave.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The counts.
    pub statistics: Statistics,
    /// The divergences, by index.
    pub findings: Vec<Finding>,
    /// The margins of the programs whose margins were measured.
    pub margins: Margins,
}

/// The program at an index of the sequence that a seed gives.
pub fn program(seed: u64, index: u64) -> Generated {
    Generated::from_seed(mix(seed) ^ index)
}

/// What is too slow for every program.
#[derive(Clone, Copy)]
pub struct Sampled<'e> {
    /// Engines.
    pub engines: &'e [&'e (dyn Engine + Sync)],
    /// A model whose margins are measured.
    pub margins: Option<&'e Model<f32>>,
    /// One program in this many is for them too.
    pub share: u64,
}

/// Runs the programs at these indices of a seed's sequence, in parallel on rayon's current pool.
///
/// # Errors
/// Where an engine cannot run a program at all.
pub fn run(seed: u64, indices: Range<u64>, engines: &[&(dyn Engine + Sync)], sampled: Sampled<'_>) -> Result<Batch, EngineError> {
    let one = |index| -> Result<Batch, EngineError> {
        let sampled = (index % sampled.share == 0).then_some(sampled);
        let engines = engines.iter().chain(sampled.map(|sampled| sampled.engines).unwrap_or_default()).copied();
        let engines: Vec<&dyn Engine> = engines.map(|engine| engine as &dyn Engine).collect();
        let original = program(seed, index);
        let (verdict, expected) = compare_recorded(original.case(), &engines, STEP_LIMIT)?;
        let mut batch = Batch::default();
        batch.statistics.count(&original.program, &verdict, &expected);
        if let Verdict::Diverge(_) = verdict
            && let Some(shrunk) = shrink(&original, &engines, STEP_LIMIT)?
        {
            batch.findings.push(Finding { index, original, shrunk });
        } else if let Some(model) = sampled.and_then(|sampled| sampled.margins) {
            batch.margins.measure(model, original.case())?;
        }
        Ok(batch)
    };
    indices.into_par_iter().map(one).try_reduce(Batch::default, |mut sum, batch| {
        sum.statistics.merge(batch.statistics);
        sum.findings.extend(batch.findings);
        sum.margins.merge(&batch.margins);
        Ok(sum)
    })
}
