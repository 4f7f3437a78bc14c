//! The lockstep comparison of engines, and its verdicts.
//!
//! The first engine's trace is the expected one. Every other engine is stopped at its first step that differs;
//! where no step does, the ends and the final states are compared: outputs, memory, locals, files.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::engine::{Case, Engine, EngineError, Observed, Recorded, record};
use super::generate::digest;
use super::origin::{LaneDifference, origin};
use crate::byte::program::Program;
use crate::byte::trace::{End, Replay, State, Step, Token};
use crate::shown::bytes;

/// The result of comparing engines on one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// All engines did the same.
    Agree {
        /// Steps of the trace.
        steps: usize,
        /// Tokens of the whole sequence: the prefix and one a step.
        tokens: usize,
        /// Engines that were compared on the first steps only.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        partial: Vec<Partial>,
    },
    /// Two engines differ.
    Diverge(Box<Report>),
    /// Nothing could be said.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

/// An engine that was compared on the beginning of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partial {
    /// The engine.
    pub engine: String,
    /// The steps compared.
    pub steps: usize,
}

/// How an engine differs from the one it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The engine that differs.
    pub engine: String,
    /// The engine whose trace was expected.
    pub reference: String,
    /// What differs.
    pub difference: Difference,
    /// Where in the forward passes it began, if both engines are transformers that show their lanes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<LaneDifference>,
}

/// What differs between two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// A step.
    Step(StepDifference),
    /// A logit, where the steps are the same.
    Logits(LogitDifference),
    /// The way in which the run ended, after equal steps.
    End {
        /// How it should have ended.
        expected: String,
        /// How it ended.
        actual: String,
    },
    /// A part of the final state, after equal steps and ends.
    State {
        /// Which part.
        part: String,
        /// What it should have been.
        expected: String,
        /// What it was.
        actual: String,
    },
}

impl Difference {
    /// The step at which a token or a logit differs.
    fn step(&self) -> Option<usize> {
        match self {
            Difference::Step(at) => Some(at.step),
            Difference::Logits(at) => Some(at.step),
            Difference::End { .. } | Difference::State { .. } => None,
        }
    }
}

/// The first step that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepDifference {
    /// Its index in the trace.
    pub step: usize,
    /// The pc of the expected step.
    pub pc: usize,
    /// The instruction there.
    pub instruction: String,
    /// The operand stack before it, bottom first.
    pub stack: Vec<u8>,
    /// The expected token; `None` if the trace should have ended before.
    pub expected: Option<String>,
    /// The actual token; `None` if the trace ended before.
    pub actual: Option<String>,
    /// The actual pc, where it differs too.
    pub actual_pc: Option<usize>,
    /// The highest logits, where the engine has some.
    pub top_logits: Vec<TokenLogit>,
}

/// The first step whose logits differ from another transformer engine's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogitDifference {
    /// Its index in the trace.
    pub step: usize,
    /// Its pc.
    pub pc: usize,
    /// The instruction there.
    pub instruction: String,
    /// The first token whose logit differs.
    pub token: String,
    /// Its logit in the other engine.
    pub expected: Option<f64>,
    /// Its logit in this one.
    pub actual: Option<f64>,
    /// How many logits differ.
    pub differing: usize,
}

/// A token and its logit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenLogit {
    /// The token.
    pub token: String,
    /// Its logit.
    pub logit: f64,
}

/// The logits shown in a report.
const TOP: usize = 3;

/// Runs a case on all engines and compares each with the first. A run of more than `limit` steps is
/// inconclusive.
///
/// # Errors
/// Where an engine cannot run the case at all.
pub fn compare(case: Case<'_>, engines: &[&dyn Engine], limit: usize) -> Result<Verdict, EngineError> {
    Ok(compare_recorded(case, engines, limit)?.0)
}

/// As [`compare()`], with the first engine's trace.
///
/// # Errors
/// Where an engine cannot run the case at all.
pub fn compare_recorded(case: Case<'_>, engines: &[&dyn Engine], limit: usize) -> Result<(Verdict, Recorded), EngineError> {
    let [reference, others @ ..] = engines else {
        return Err(EngineError { engine: "none".to_string(), reason: "there is nothing to compare".to_string() });
    };
    let expected = record(*reference, case, limit)?;
    if expected.run.end == End::Stopped {
        return Ok((Verdict::Inconclusive { reason: format!("more than {limit} steps") }, expected));
    }
    let comparable = others.iter().filter(|engine| engine.has_logits()).count() > 1;
    let mut logits = if comparable { Logits::Wanted } else { Logits::Ignored };
    for engine in others {
        if let Some(difference) = differs(case, &expected, *engine, &mut logits)? {
            let judge = if let Logits::Of { engine, .. } = &logits { *engine } else { *reference };
            let reference = if let Difference::Logits(_) = difference { judge } else { *reference };
            let origin = match difference.step() {
                Some(step) if judge.has_logits() && engine.has_logits() => origin(case, judge, *engine, step)?,
                _ => None,
            };
            let (engine, reference) = (engine.name().to_string(), reference.name().to_string());
            return Ok((Verdict::Diverge(Report { engine, reference, difference, origin }.into()), expected));
        }
    }
    let steps = expected.steps.len();
    let short = others.iter().filter(|engine| engine.most_steps() < steps);
    let partial = short.map(|engine| Partial { engine: engine.name().to_string(), steps: engine.most_steps() }).collect();
    Ok((Verdict::Agree { steps, tokens: 1 + 2 * case.program.code().len() + steps, partial }, expected))
}

/// What is made of the logits of engines that have some.
#[derive(Clone)]
pub enum Logits<'e> {
    /// Nothing: listing them all can cost as much again as the run.
    Ignored,
    /// The next engine's become those that later engines are judged by.
    Wanted,
    /// Those of the engine must be had by others, to the bit. Of an engine that agrees for longer, its own take their place.
    Of {
        /// The engine.
        engine: &'e dyn Engine,
        /// A digest of each step's logits, as far as it was run.
        digests: Vec<u64>,
    },
}

impl Logits<'_> {
    /// The steps whose logits others must have.
    pub fn len(&self) -> usize {
        if let Logits::Of { digests, .. } = self { digests.len() } else { 0 }
    }

    /// Whether others may have any logits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A digest of the logits of a step, where they must be had.
    fn digest(&self, step: usize) -> Option<u64> {
        if let Logits::Of { digests, .. } = self { digests.get(step).copied() } else { None }
    }
}

/// How an engine's run differs from the expected one, if it does: within its [`Engine::most_steps`].
///
/// # Errors
/// Where the engine cannot run the case at all.
pub fn differs<'e>(
    case: Case<'_>,
    expected: &Recorded,
    engine: &'e dyn Engine,
    logits: &mut Logits<'e>,
) -> Result<Option<Difference>, EngineError> {
    let most_steps = engine.most_steps();
    let is_partial = most_steps < expected.steps.len();
    let mut index = 0;
    let mut found = None;
    let mut other_logits = None;
    let mut digests = Vec::new();
    let run = engine.run(case, &mut |observed: &Observed<'_>| {
        if expected.steps.get(index) != Some(&observed.step) {
            found = Some(step_difference(case.program, expected, index, Some(observed)));
            return ControlFlow::Break(());
        }
        if let Some(own) = observed.logits.filter(|_| !matches!(logits, Logits::Ignored)) {
            let own = own();
            let digest = logits_digest(&own);
            if logits.digest(index).is_some_and(|wanted| wanted != digest) {
                other_logits = Some(own);
                return ControlFlow::Break(());
            }
            digests.push(digest);
        }
        index += 1;
        if is_partial && index >= most_steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let is_cut = is_partial && index >= most_steps;
    if found.is_none() && other_logits.is_none() && index < expected.steps.len() && !is_cut {
        found = Some(step_difference(case.program, expected, index, None));
    }
    if let (Some(actual), Logits::Of { engine, .. }) = (other_logits, &logits) {
        return Ok(Some(Difference::Logits(logit_difference(case, expected, index, *engine, &actual)?)));
    }
    if digests.len() > logits.len() {
        *logits = Logits::Of { engine, digests };
    }
    Ok(match found {
        Some(step) => Some(Difference::Step(step)),
        None if is_cut => None,
        None if run.end != expected.run.end => {
            Some(Difference::End { expected: expected.run.end.to_string(), actual: run.end.to_string() })
        }
        None => state_difference(&expected.run.state, &run.state),
    })
}

/// A digest of logits' bits.
fn logits_digest(logits: &[f64]) -> u64 {
    digest(logits.iter().map(|logit| logit.to_bits()))
}

/// Runs the judge again up to a step and says where its logits differ.
fn logit_difference(
    case: Case<'_>,
    expected: &Recorded,
    index: usize,
    judge: &dyn Engine,
    actual: &[f64],
) -> Result<LogitDifference, EngineError> {
    let mut wanted = Vec::new();
    let mut step = 0;
    judge.run(case, &mut |observed: &Observed<'_>| {
        if step == index {
            wanted = observed.logits.map(|logits| logits()).unwrap_or_default();
            return ControlFlow::Break(());
        }
        step += 1;
        ControlFlow::Continue(())
    })?;
    let pairs = || wanted.iter().zip(actual);
    let token = pairs().position(|(wanted, actual)| wanted.to_bits() != actual.to_bits()).unwrap_or(wanted.len().min(actual.len()));
    let pc = expected.steps.get(index).map_or(0, |step| step.pc);
    Ok(LogitDifference {
        step: index,
        pc,
        instruction: case.program.code()[pc].to_string(),
        token: token_name(token),
        expected: wanted.get(token).copied(),
        actual: actual.get(token).copied(),
        differing: pairs().filter(|(wanted, actual)| wanted.to_bits() != actual.to_bits()).count(),
    })
}

fn step_difference(program: &Program, expected: &Recorded, index: usize, actual: Option<&Observed<'_>>) -> StepDifference {
    let mut replay = Replay::new(program);
    expected.steps[..index].iter().for_each(|step| replay.step(step.pc, step.token));
    let wanted: Option<Step> = expected.steps.get(index).copied();
    let actual_step = actual.map(|observed| observed.step);
    let pc = wanted.or(actual_step).map_or(0, |step| step.pc);
    StepDifference {
        step: index,
        pc,
        instruction: program.code()[pc].to_string(),
        stack: replay.stack().to_vec(),
        expected: wanted.map(|step| step.token.to_string()),
        actual: actual_step.map(|step| step.token.to_string()),
        actual_pc: actual_step.map(|step| step.pc).filter(|actual| *actual != pc),
        top_logits: actual.and_then(|observed| observed.logits).map(|logits| top_logits(&logits())).unwrap_or_default(),
    }
}

fn top_logits(logits: &[f64]) -> Vec<TokenLogit> {
    let mut tokens: Vec<usize> = (0..logits.len()).collect();
    tokens.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    tokens.into_iter().take(TOP).map(|id| TokenLogit { token: token_name(id), logit: logits[id] }).collect()
}

fn token_name(id: usize) -> String {
    Token::from_id(id).map_or_else(|| id.to_string(), |token| token.to_string())
}

fn state_difference(expected: &State, actual: &State) -> Option<Difference> {
    let mut parts = vec![
        ("outputs".to_string(), &expected.outputs, &actual.outputs),
        ("memory".to_string(), &expected.memory, &actual.memory),
        ("locals".to_string(), &expected.locals, &actual.locals),
    ];
    let files = expected.files.iter().zip(&actual.files).enumerate();
    parts.extend(files.map(|(file, (expected, actual))| (format!("file {file}"), expected, actual)));
    parts.into_iter().find(|(_, expected, actual)| expected != actual).map(|(part, expected, actual)| Difference::State {
        part,
        expected: bytes(expected),
        actual: bytes(actual),
    })
}

impl Report {
    /// The manner of the difference: engine, and the instruction or the part of the state. Shrinking keeps it.
    pub fn manner(&self) -> (&str, &str) {
        let what = match &self.difference {
            Difference::Step(step) => step.instruction.split(' ').next().unwrap_or_default(),
            Difference::Logits(_) => "logits",
            Difference::End { .. } => "end",
            Difference::State { part, .. } => part.split(' ').next().unwrap_or_default(),
        };
        (&self.engine, what)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { engine, reference, difference, origin } = self;
        match difference {
            Difference::Step(at) => {
                write!(f, "{engine} differs from {reference} at step {}, pc {}, {}", at.step, at.pc, at.instruction)?;
                write!(f, "; stack before {}", bytes(&at.stack))?;
                let token = |token: &Option<String>| token.clone().unwrap_or_else(|| "the end of the trace".to_string());
                write!(f, "; expected {}, actual {}", token(&at.expected), token(&at.actual))?;
                if let Some(pc) = at.actual_pc {
                    write!(f, " (at pc {pc})")?;
                }
                if let [first, second, ..] = &at.top_logits[..] {
                    let logits = at.top_logits.iter().map(|t| format!("{} {}", t.token, t.logit)).collect::<Vec<_>>();
                    write!(f, "; highest logits {}, margin {}", logits.join(", "), first.logit - second.logit)?;
                }
            }
            Difference::Logits(at) => {
                write!(f, "{engine} has other logits than {reference} at step {}, pc {}, {}: ", at.step, at.pc, at.instruction)?;
                let logit = |logit: Option<f64>| logit.map_or("none".to_string(), |logit| logit.to_string());
                write!(
                    f,
                    "{} differ, the first is of token {}, expected {}, actual {}",
                    at.differing,
                    at.token,
                    logit(at.expected),
                    logit(at.actual)
                )?;
            }
            Difference::End { expected, actual } => {
                write!(f, "{engine} ends differently from {reference}: expected {expected}, actual {actual}")?;
            }
            Difference::State { part, expected, actual } => {
                write!(f, "{engine} leaves other {part} than {reference}: expected {expected}, actual {actual}")?;
            }
        }
        origin.iter().try_for_each(|origin| write!(f, "; {origin}"))
    }
}
