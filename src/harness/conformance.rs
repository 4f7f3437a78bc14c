//! Whether a stranger's engine conforms: its trace with the expected one, and where it sends logits, each of them to
//! the bit with the dense engine's.

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
        /// Steps of the trace.
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

/// Runs a case on an engine and compares it with the reference's expected run, and with the logits that engines of its form
/// must have, those of `dense`.
///
/// # Errors
/// Where the case is not for the machine.
pub fn conform<'e, L: Machine>(
    case: Case<'_, L>,
    (reference, expected): (&str, &Recorded<L>),
    engine: &'e ExternalEngine<L>,
    dense: &dyn Engine<L>,
    mut logits: Logits<'e, L>,
) -> Result<Conformance, EngineError> {
    if let Some(reason) = engine.retired() {
        return Ok(Conformance::NotRun { reason: format!("retired, because it {reason}") });
    }
    let compared = logits.len_for(engine);
    let difference = match differs(case, expected, engine, &mut logits) {
        Ok(difference) => difference,
        Err(EngineError { reason, .. }) if engine.retired().is_some() => return Ok(Conformance::Failed { reason }),
        Err(error) => return Err(error),
    };
    let Some(difference) = difference else {
        return Ok(Conformance::Agree { steps: expected.steps.len(), logits: compared });
    };
    // Where the engines within this process differ, or the process fails when it is run again, nothing is said of the origin.
    let origin = difference.step().filter(|_| compared > 0).and_then(|step| origin(case, dense, engine, step).ok().flatten());
    let reference = if let Difference::Logits(_) = difference { dense.name() } else { reference };
    let (engine, reference) = (engine.name().to_string(), reference.to_string());
    Ok(Conformance::Diverge { report: Report { engine, reference, difference, origin }.into() })
}
