//! The results level: a process as an engine of the full language that does not report steps. Any engine of
//! WebAssembly can be used on this level.
//!
//! The process receives a module with the profile's limits built in, the calls to make, and the input to
//! read. It answers how the run ended and the final state.

pub mod message;
mod question;

use super::failure::WrongAnswer;
use super::partner::Partner;
use crate::harness::engine::EngineError;
use crate::harness::full::results::ResultsRun;
use crate::harness::full::{Case, Run};
use crate::shown;
use message::{Answer, Question};

/// The maximum number of bytes per line: the largest memory in base64, and the same amount again for
/// everything else.
pub const MAX_LINE: usize = 1 << 27;

/// Runs a case in a process.
///
/// # Errors
/// Where the case has no module, the process cannot run the case, or the process does not answer correctly.
pub fn run(case: Case<'_>, partner: &Partner) -> Result<Run, EngineError> {
    let run = ResultsRun::new(case).map_err(|error| partner.error(error.to_string()))?;
    let answer = partner.ask("run", &Question::of(&run, case.input), |answer| match answer {
        Answer::Result(outcome) => Ok(Ok(outcome.of(&run)?)),
        Answer::Cannot { reason } => Ok(Err(format!("cannot make this run: {}", shown::message(&reason)))),
        Answer::Error { reason } => Err(WrongAnswer::Cannot { what: "go on", reason: shown::shown(&reason) }.into()),
    })?;
    answer.map_err(|reason| partner.error(reason))
}
