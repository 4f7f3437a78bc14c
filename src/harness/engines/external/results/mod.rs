//! The results level: a process as an engine of the full language that tells no steps, which any engine of
//! WebAssembly can be.
//!
//! The process is given a module with the profile's limits built in, what to
//! call and what it reads; it answers how the run ended and what it left.

pub mod message;
mod question;

use super::failure::WrongAnswer;
use super::partner::Partner;
use crate::harness::engine::EngineError;
use crate::harness::full::results::ResultsRun;
use crate::harness::full::{Case, Run};
use crate::shown;
use message::{Answer, Question};

/// Bytes in a line: the largest memory in base64, and as much again for all else.
pub const MAX_LINE: usize = 1 << 27;

/// Has a process run a case.
///
/// # Errors
/// Where the case has no module, or the process cannot run it, or does not answer as it should.
pub fn run(case: Case<'_>, partner: &Partner) -> Result<Run, EngineError> {
    let run = ResultsRun::new(case).map_err(|error| partner.error(error.to_string()))?;
    let answer = partner.ask("run", &Question::of(&run, case.input), |answer| match answer {
        Answer::Result(outcome) => Ok(Ok(outcome.of(&run)?)),
        Answer::Cannot { reason } => Ok(Err(format!("cannot make this run: {}", shown::message(&reason)))),
        Answer::Error { reason } => Err(WrongAnswer::Cannot { what: "go on", reason: shown::shown(&reason) }.into()),
    })?;
    answer.map_err(|reason| partner.error(reason))
}
