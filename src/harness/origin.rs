//! Where two forward passes of one case part first: row, stage and lane.
//!
//! Both engines run again, twice: for a digest of each row's residual streams, which tells the first row that
//! differs, and for that row's lanes. So no more than eight bytes a row are kept, however long the trace, and
//! engines that agree pay nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::engine::{Case, Engine, EngineError, Residuals, Watch};
use super::generate::mix;
use crate::transformer::Stage;

/// A row's residual stream after a stage.
type Stream = (Stage, Vec<f32>);

/// The first lane in which two forward passes differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaneDifference {
    /// Index of the step that the row emits; `None` for a row of the prompt before the last.
    pub step: Option<usize>,
    /// Index of the row in the sequence.
    pub row: usize,
    /// The part of the pass after which the lane differs.
    pub stage: String,
    /// The lane's name, or its number where it has none.
    pub lane: String,
    /// Its value in the engine that is judged by.
    pub expected: f64,
    /// Its value in the other.
    pub actual: f64,
}

impl fmt::Display for LaneDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LaneDifference { step, row, stage, lane, expected, actual } = self;
        write!(f, "first in lane {lane} after {stage} of ")?;
        match step {
            Some(step) => write!(f, "step {step}")?,
            None => write!(f, "row {row} of the prompt")?,
        }
        write!(f, ": expected {expected}, actual {actual}")
    }
}

impl LaneDifference {
    /// The first lane that differs, bit by bit, between a row's residual streams after one stage.
    pub fn between(
        case: Case<'_>,
        names: &[String],
        row: usize,
        stage: Stage,
        expected: impl Iterator<Item = f64>,
        actual: impl Iterator<Item = f64>,
    ) -> Option<LaneDifference> {
        let mut pairs = expected.zip(actual).enumerate();
        let (lane, (expected, actual)) = pairs.find(|(_, (expected, actual))| expected.to_bits() != actual.to_bits())?;
        let lane = names.get(lane).cloned().unwrap_or_else(|| lane.to_string());
        let step = row.checked_sub(emitting(case, 0));
        Some(LaneDifference { step, row, stage: stage.to_string(), lane, expected, actual })
    }
}

/// The row that emits a step: the prompt is one row and two an instruction, and its last row emits the first step.
pub fn emitting(case: Case<'_>, step: usize) -> usize {
    2 * case.program.code().len() + step
}

/// Where an engine's forward passes part from the judge's, up to the one that emits a step. `None` if one of them is
/// no transformer within this process, or they do not part.
///
/// # Errors
/// Where an engine cannot run the case at all.
pub fn origin(case: Case<'_>, judge: &dyn Engine, engine: &dyn Engine, step: usize) -> Result<Option<LaneDifference>, EngineError> {
    let (expected, actual) = (digests(case, judge, step)?, digests(case, engine, step)?);
    let Some(row) = expected.iter().zip(&actual).position(|(expected, actual)| expected != actual) else { return Ok(None) };
    let (expected, actual) = (streams(case, judge, step, row)?, streams(case, engine, step, row)?);
    let part = |((stage, expected), (_, actual)): (&Stream, &Stream)| {
        let wide = |lanes: &[f32]| lanes.iter().copied().map(f64::from).collect::<Vec<f64>>().into_iter();
        LaneDifference::between(case, judge.lanes(), row, *stage, wide(expected), wide(actual))
    };
    Ok(expected.iter().zip(&actual).find_map(part))
}

/// A digest of each row's residual streams.
fn digests(case: Case<'_>, engine: &dyn Engine, step: usize) -> Result<Vec<u64>, EngineError> {
    let mut digests: Vec<u64> = Vec::new();
    each_row(case, engine, step, |row, _, lanes| {
        digests.resize(digests.len().max(row + 1), 0);
        digests[row] = lanes.iter().fold(digests[row], |digest, lane| mix(digest ^ u64::from(lane.to_bits())));
    })?;
    Ok(digests)
}

/// One row's residual streams, by stage.
fn streams(case: Case<'_>, engine: &dyn Engine, step: usize, wanted: usize) -> Result<Vec<Stream>, EngineError> {
    let mut streams = Vec::new();
    each_row(case, engine, step, |row, stage, lanes| {
        if row == wanted {
            streams.push((stage, lanes.to_vec()));
        }
    })?;
    Ok(streams)
}

/// Runs a case up to a step, and tells each row's residual stream after each stage. Engines pass rows one by one or in
/// batches, but each stage in the order of the rows.
fn each_row(case: Case<'_>, engine: &dyn Engine, step: usize, mut tell: impl FnMut(usize, Stage, &[f32])) -> Result<(), EngineError> {
    let mut rows = BTreeMap::new();
    let mut residual = |stage: Stage, lanes: &[f32]| {
        let row = rows.entry(stage).or_insert(0);
        tell(*row, stage, lanes);
        *row += 1;
    };
    let mut index = 0;
    let watch: &mut Watch<'_> = &mut |_| {
        index += 1;
        if index > step { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    engine.run_seen(case, watch, Residuals(&mut residual)).map(|_| ())
}
