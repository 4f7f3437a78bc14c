//! Whether a stranger's engine conforms: its trace with the expected one, and where it sends logits, each of them to
//! the bit with the dense engine's. Where they part and it sends lanes too, the run is made again to find the layer
//! and the lane in which they parted first.

use std::cell::RefCell;
use std::ops::ControlFlow;

use serde::Serialize;

use super::compare::{Difference, Logits, Report, differs};
use super::engine::{Case, Engine, EngineError, Observed, Recorded, Watch};
use super::engines::DenseEngine;
use super::engines::external::ExternalEngine;
use super::engines::external::message::Want;
use super::origin::{LaneDifference, emitting};
use crate::transformer::{Observer, Stage};

/// What is said of an engine on one program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Conformance {
    /// It did the same.
    Agree {
        /// Steps of the trace.
        steps: usize,
        /// Steps whose logits were compared, all of them equal to the bit.
        logits: usize,
    },
    /// It did something else.
    Diverge {
        /// What.
        report: Box<Report>,
    },
    /// It did not keep to the protocol, and is retired.
    Failed {
        /// What it did.
        reason: String,
    },
    /// It was not run.
    NotRun {
        /// Why.
        reason: String,
    },
}

/// Runs a case on an engine and compares it with the reference's expected run and with the dense engine's logits,
/// where there are some: see [`differs`].
///
/// # Errors
/// Where the model is not a byte machine.
pub fn conform<'e>(
    case: Case<'_>,
    (reference, expected): (&str, &Recorded),
    engine: &'e ExternalEngine,
    dense: Option<(&'e DenseEngine, Logits<'e>)>,
) -> Result<Conformance, EngineError> {
    if let Some(reason) = engine.retired() {
        return Ok(Conformance::NotRun { reason: format!("retired, because it {reason}") });
    }
    let (dense, logits) = dense.filter(|_| engine.offers_logits()).unzip();
    let mut logits = logits.unwrap_or(Logits::Ignored);
    let compared = logits.len();
    let difference = match differs(case, expected, engine, &mut logits) {
        Ok(difference) => difference,
        Err(EngineError { reason, .. }) if engine.retired().is_some() => return Ok(Conformance::Failed { reason }),
        Err(error) => return Err(error),
    };
    let Some(difference) = difference else {
        let steps = expected.steps.len();
        return Ok(Conformance::Agree { steps, logits: compared.min(steps) });
    };
    let (reference, origin) = match (&difference, dense) {
        (Difference::Logits(_), Some(dense)) => (dense.name(), origin(case, engine, dense)?),
        (Difference::Step(_), Some(dense)) => (reference, origin(case, engine, dense)?),
        _ => (reference, None),
    };
    let (engine, reference) = (engine.name().to_string(), reference.to_string());
    Ok(Conformance::Diverge { report: Report { engine, reference, difference, origin }.into() })
}

/// Keeps the last row's lanes of each pass.
struct Lanes<'c>(&'c RefCell<Vec<(Stage, Vec<f32>)>>);

impl Observer<f32> for Lanes<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[f32]) {
        let mut kept = self.0.borrow_mut();
        if stage == Stage::Embedded {
            kept.clear();
        }
        match kept.last_mut() {
            Some((last, kept)) if *last == stage => kept.copy_from_slice(lanes),
            _ => kept.push((stage, lanes.to_vec())),
        }
    }
}

/// Runs a case again, step by step with the dense engine, to find the first lane that differs. `None` if the engine
/// does not send lanes, none differs, or the process fails at it.
fn origin(case: Case<'_>, engine: &ExternalEngine, dense: &DenseEngine) -> Result<Option<LaneDifference>, EngineError> {
    if !engine.offers_lanes() {
        return Ok(None);
    }
    let mut run = engine.begin(case, vec![Want::Lanes])?;
    let kept: RefCell<Vec<(Stage, Vec<f32>)>> = RefCell::default();
    let mut found = None;
    let mut index = 0;
    let watch: &mut Watch<'_> = &mut |observed: &Observed<'_>| {
        let Ok(Some(answer)) = run.answer() else { return ControlFlow::Break(()) };
        for ((stage, expected), actual) in kept.borrow().iter().zip(answer.lanes.iter().flatten()) {
            let (names, expected) = (&dense.model().config.lanes, expected.iter().copied().map(f64::from));
            found = LaneDifference::between(case, names, emitting(case, index), *stage, expected, actual.iter().copied());
            if found.is_some() {
                return ControlFlow::Break(());
            }
        }
        index += 1;
        let same = run.as_step(&answer) == observed.step;
        run.accept(&answer);
        if same { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    dense.run_observed(case, watch, &mut Lanes(&kept))?;
    run.finish();
    Ok(found)
}
