//! The first difference between two engines' forward passes on one case: row, stage and lane.
//!
//! Both engines run again, twice. The first repetition computes a digest of each row's residual streams,
//! which shows the first row that differs. The second repetition records that row's lanes. So at most eight
//! bytes per row are kept, whatever the length of the trace. Engines that agree have no extra cost.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::engine::{Case, Engine, EngineError, Transformer, on_steps};
use super::language::Language;
use super::random::mix;
use super::residuals::Residuals;
use crate::transformer::Stage;

/// A row's residual stream after a stage.
type Stream = (Stage, Vec<f64>);

/// The first lane in which two forward passes differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaneDifference {
    /// Index of the row in the sequence.
    pub row: usize,
    /// Whether the row is a row of the prompt, but not the prompt's last row.
    pub in_prompt: bool,
    /// The part of the pass after which the lane differs.
    pub stage: String,
    /// The lane's name, or its number where the lane has no name.
    pub lane: String,
    /// The lane's value in the judge, the engine that is compared against.
    pub expected: f64,
    /// The lane's value in the other engine.
    pub actual: f64,
    /// What is often wrong in an engine that differs there first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'static str>,
}

/// Rows tie in every program, and an engine's arg-max often takes the first of them.
const TIES: &str = "of rows with equal scores a head finds the latest";

impl fmt::Display for LaneDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LaneDifference { row, in_prompt, stage, lane, expected, actual, hint } = self;
        let prompt = if *in_prompt { " of the prompt" } else { "" };
        write!(f, "first in lane {lane} after {stage} of row {row}{prompt}: expected {expected}, actual {actual}")?;
        hint.map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// The first place where an engine's forward passes differ from the judge's, up to the pass that completes
/// `step`. `None` if one of the two engines shows no residual streams, if they take the case in different
/// forms, or if their passes do not differ.
///
/// # Errors
/// Where an engine cannot run the case at all.
pub fn origin<L: Language>(
    case: Case<'_, L>,
    judge: &dyn Engine<L>,
    engine: &dyn Engine<L>,
    step: usize,
) -> Result<Option<LaneDifference>, EngineError> {
    let (Some(judge), Some(engine)) = (judge.transformer(), engine.transformer()) else { return Ok(None) };
    let (Some(names), Some(_)) = (judge.lanes(), engine.lanes()) else { return Ok(None) };
    if judge.form() != engine.form() {
        return Ok(None);
    }
    let (expected, actual) = (digests(case, judge, step)?, digests(case, engine, step)?);
    let differ = |(expected, actual): (&Option<u64>, &Option<u64>)| expected.is_some() && actual.is_some() && expected != actual;
    let Some(row) = expected.iter().zip(&actual).position(differ) else { return Ok(None) };
    let in_prompt = row + 1 < judge.prompt_rows(case)?;
    let (expected, actual) = (streams(case, judge, step, row)?, streams(case, engine, step, row)?);
    let part = |((stage, expected), (_, actual)): (&Stream, &Stream)| {
        let mut pairs = expected.iter().zip(actual).enumerate();
        let (lane, (expected, actual)) = pairs.find(|(_, (expected, actual))| expected.to_bits() != actual.to_bits())?;
        let lane = names.get(lane).cloned().unwrap_or_else(|| lane.to_string());
        let hint = matches!(stage, Stage::Attention(_)).then_some(TIES);
        Some(LaneDifference { row, in_prompt, stage: stage.to_string(), lane, expected: *expected, actual: *actual, hint })
    };
    Ok(expected.iter().zip(&actual).find_map(part))
}

/// A digest of each row's residual streams. `None` for a row that the engine does not show.
fn digests<L: Language>(case: Case<'_, L>, engine: &dyn Transformer<L>, step: usize) -> Result<Vec<Option<u64>>, EngineError> {
    let mut digests: Vec<Option<u64>> = Vec::new();
    each_row(case, engine, step, |row, _, lanes| {
        digests.resize(digests.len().max(row + 1), None);
        let so_far = digests[row].unwrap_or(0);
        digests[row] = Some(lanes.iter().fold(so_far, |digest, lane| mix(digest ^ lane.to_bits())));
    })?;
    Ok(digests)
}

/// One row's residual streams, by stage.
fn streams<L: Language>(case: Case<'_, L>, engine: &dyn Transformer<L>, step: usize, wanted: usize) -> Result<Vec<Stream>, EngineError> {
    let mut streams = Vec::new();
    each_row(case, engine, step, |row, stage, lanes| {
        if row == wanted {
            streams.push((stage, lanes.to_vec()));
        }
    })?;
    Ok(streams)
}

/// Runs a case up to a step, and calls `tell` with each row's residual stream after each stage.
fn each_row<L: Language>(
    case: Case<'_, L>,
    engine: &dyn Transformer<L>,
    step: usize,
    mut tell: impl FnMut(usize, Stage, &[f64]),
) -> Result<(), EngineError> {
    let mut index = 0;
    let watch = &mut on_steps(|_| {
        index += 1;
        if index > step { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    engine.run_seen(case, watch, Residuals::new(&mut tell)).map(|_| ())
}
