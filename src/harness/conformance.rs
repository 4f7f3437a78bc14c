//! Whether a stranger's engine conforms: its trace with the expected one, and where it sends logits, each of
//! them to the bit with the dense engine's.

use serde::Serialize;

use super::compare::{Logits, differs};
use super::engine::{Case, Engine, EngineError, Recorded};
use super::engines::ExternalEngine;
use super::machine::Machine;
use super::origin::origin;
use super::report::{Difference, Report};

/// What is said of an engine on one program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Conformance {
    /// It did the same.
    Agree {
        /// Steps of the trace; 0 where the engine tells none.
        steps: usize,
        /// Tokens whose logits were compared, all of them equal to the bit.
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

/// Runs a case on an engine and compares it with the reference's expected run, and with the logits that
/// engines of its form must have, those of `dense`.
pub fn conform<'e, L: Machine>(
    case: Case<'_, L>,
    (reference, expected): (&str, &Recorded<L>),
    engine: &'e ExternalEngine<L>,
    dense: Option<&dyn Engine<L>>,
    mut logits: Logits<'e, L>,
) -> Conformance {
    if let Some(reason) = engine.partner().retired() {
        return Conformance::NotRun { reason: format!("retired, because it {reason}") };
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
    // Where the engines within this process differ, or the process fails when it is run again, nothing is
    // said of the origin.
    let dense = dense.filter(|_| compared > 0);
    let origin = difference.step().zip(dense).and_then(|(step, dense)| origin(case, dense, engine, step).ok().flatten());
    let reference = dense.filter(|_| matches!(difference, Difference::Logits(_))).map_or(reference, |dense| dense.name());
    let (engine, reference) = (engine.name().to_string(), reference.to_string());
    Conformance::Diverge { report: Report { engine, reference, difference, origin }.into() }
}
