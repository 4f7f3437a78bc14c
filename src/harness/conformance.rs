//! Whether an external engine conforms. Its trace is compared with the expected trace. Where the engine sends
//! logits, each logit must be bit-identical to the dense engine's.

use serde::Serialize;

use super::compare::{Logits, differs};
use super::engine::{Case, Engine, EngineError, Recorded};
use super::engines::ExternalEngine;
use super::machine::Machine;
use super::origin::origin;
use super::report::{Difference, Report};

/// The verdict on an engine for one program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Conformance {
    /// The engine did the same as the reference.
    Agree {
        /// Steps of the trace. 0 where the engine reports no steps.
        steps: usize,
        /// The number of tokens whose logits were compared. All of these logits are bit-identical.
        logits: usize,
    },
    /// The engine did something else.
    Diverge {
        /// The difference.
        report: Box<Report>,
    },
    /// The engine did not keep to the protocol, and is retired.
    Failed {
        /// What the engine did.
        reason: String,
    },
    /// The engine was not run.
    NotRun {
        /// Why.
        reason: String,
    },
}

/// Runs a case on an engine, and compares the run with the reference's expected run. The engine's logits are
/// compared with `logits`, the logits of `dense`, which all engines of the same form must have.
pub fn conform<'e, L: Machine>(
    case: Case<'_, L>,
    (reference, expected): (&str, &Recorded<L>),
    engine: &'e ExternalEngine<L>,
    dense: Option<&dyn Engine<L>>,
    mut logits: Logits<'e, L>,
) -> Conformance {
    if engine.partner().retired().is_some() {
        return Conformance::NotRun { reason: "retired".to_string() };
    }
    let compared = logits.len_for(engine);
    let difference = match differs(case, expected, engine, &mut logits) {
        Ok(difference) => difference,
        Err(EngineError { reason, .. }) if engine.partner().retired().is_some() => return Conformance::Failed { reason },
        Err(EngineError { reason, .. }) => return Conformance::NotRun { reason },
    };
    let Some(difference) = difference else {
        let steps = if engine.tells_steps() { expected.steps.len() } else { 0 };
        return Conformance::Agree { steps, logits: compared };
    };
    // The origin is left out where no logits could be compared, because the engines within this process
    // differ, and where the external process fails when it is run again.
    let dense = dense.filter(|_| compared > 0);
    let origin = difference.step().zip(dense).and_then(|(step, dense)| origin(case, dense, engine, step).ok().flatten());
    let reference = dense.filter(|_| matches!(difference, Difference::Logits(_))).map_or(reference, |dense| dense.name());
    let (engine, reference) = (engine.name().to_string(), reference.to_string());
    Conformance::Diverge { report: Report { engine, reference, difference, origin }.into() }
}
