//! How an engine differs from the engine it is compared with.

use std::fmt;

use serde::Serialize;

use super::engine::{Case, Recorded};
use super::language::{Language, Shown, StateDifference};
use super::origin::LaneDifference;

/// How an engine differs from the engine it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The engine that differs.
    pub engine: String,
    /// The engine whose trace was expected.
    pub reference: String,
    /// What differs.
    pub difference: Difference,
    /// Where in the forward passes the difference began, if both engines are transformers that show their
    /// lanes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<LaneDifference>,
}

/// What differs between two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// A step.
    Step(StepDifference),
    /// A logit, after equal steps.
    Logits(LogitDifference),
    /// The end of the run, after equal steps.
    End {
        /// The expected end.
        expected: String,
        /// The actual end.
        actual: String,
    },
    /// A part of the final state, after equal steps and ends.
    State {
        /// The name of the part.
        part: String,
        /// The expected value.
        expected: String,
        /// The actual value.
        actual: String,
    },
}

/// The first step that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepDifference {
    /// The step's index in the trace.
    pub step: usize,
    /// The pc of the expected step.
    pub pc: u64,
    /// The instruction at that pc.
    pub instruction: String,
    /// The operand stack before the step, bottom first, where the stack is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Vec<i64>>,
    /// What the expected step did. `None` if the trace should have ended before this step.
    pub expected: Option<String>,
    /// What the actual step did. `None` if the trace ended before this step.
    pub actual: Option<String>,
    /// The actual pc, where it differs from the expected pc.
    pub actual_pc: Option<u64>,
    /// The instruction of the previous step, where execution continued at a wrong pc.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The highest logits of the token that completed the step, where the engine has logits.
    pub top_logits: Vec<TokenLogit>,
}

/// The first token whose logits differ from another transformer engine's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogitDifference {
    /// The index of the step in progress.
    pub step: usize,
    /// The pc of the step in progress.
    pub pc: u64,
    /// The instruction at that pc.
    pub instruction: String,
    /// The index of the token whose logits differ, among the emitted tokens.
    pub emitted: usize,
    /// The first token of the vocabulary whose logit differs.
    pub token: String,
    /// The token's logit in the reference engine.
    pub expected: Option<f64>,
    /// The token's logit in the engine that differs.
    pub actual: Option<f64>,
    /// The number of logits that differ.
    pub differing: usize,
}

/// A token and its logit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenLogit {
    /// The token.
    pub token: String,
    /// The token's logit.
    pub logit: f64,
}

/// The number of logits shown in a report.
const TOP: usize = 3;

impl TokenLogit {
    /// The highest logits of a list, with the names of their tokens.
    pub fn highest<L: Language>(logits: &[f64]) -> Vec<TokenLogit> {
        let mut tokens: Vec<usize> = (0..logits.len()).collect();
        tokens.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
        tokens.into_iter().take(TOP).map(|token| TokenLogit { token: L::token_name(token), logit: logits[token] }).collect()
    }
}

impl StepDifference {
    /// The difference between a step of an expected trace, or the trace's end, and what the engine did
    /// instead.
    pub fn new<L: Language>(
        case: Case<'_, L>,
        expected: &Recorded<L>,
        step: usize,
        actual: Option<L::Step>,
        top_logits: Vec<TokenLogit>,
    ) -> StepDifference {
        let show = |step| L::shown(case, step);
        let (wanted, found) = (expected.steps.get(step).copied().map(show), actual.map(show));
        let alike = matches!((&wanted, &found), (Some(wanted), Some(found)) if wanted.pc == found.pc && wanted.effect == found.effect);
        let effect = |shown: &Shown| if alike { shown.typed_effect.clone() } else { shown.effect.clone() };
        let at = wanted.as_ref().or(found.as_ref());
        let pc = at.map_or(0, |at| at.pc);
        let actual_pc = found.as_ref().map(|found| found.pc).filter(|actual| *actual != pc);
        StepDifference {
            step,
            pc,
            instruction: at.map(|at| at.instruction.clone()).unwrap_or_default(),
            stack: L::stack_before(case, expected, step),
            expected: wanted.as_ref().map(effect),
            actual: found.as_ref().map(effect),
            after: actual_pc.and_then(|_| expected.steps.get(step.checked_sub(1)?)).map(|before| L::shown(case, *before).instruction),
            actual_pc,
            top_logits,
        }
    }
}

impl LogitDifference {
    /// The difference between the logits that a token was chosen from and the expected logits, while a step
    /// was in progress.
    pub fn new<L: Language>(
        case: Case<'_, L>,
        in_progress: (usize, Option<L::Step>),
        emitted: usize,
        expected: &[f64],
        actual: &[f64],
    ) -> LogitDifference {
        let pairs = || expected.iter().zip(actual);
        let differ = |(expected, actual): (&f64, &f64)| expected.to_bits() != actual.to_bits();
        let token = pairs().position(differ).unwrap_or(expected.len().min(actual.len()));
        let (step, at) = in_progress;
        let shown = at.map(|at| L::shown(case, at));
        LogitDifference {
            step,
            pc: shown.as_ref().map_or(0, |shown| shown.pc),
            instruction: shown.map(|shown| shown.instruction).unwrap_or_default(),
            emitted,
            token: L::token_name(token),
            expected: expected.get(token).copied(),
            actual: actual.get(token).copied(),
            differing: pairs().filter(|pair| differ(*pair)).count(),
        }
    }
}

impl Difference {
    /// The index of the step at which a step or a logit differs.
    pub fn step(&self) -> Option<usize> {
        match self {
            Difference::Step(at) => Some(at.step),
            Difference::Logits(at) => Some(at.step),
            Difference::End { .. } | Difference::State { .. } => None,
        }
    }
}

impl From<StateDifference> for Difference {
    fn from(StateDifference { part, expected, actual }: StateDifference) -> Difference {
        Difference::State { part, expected, actual }
    }
}

impl Report {
    /// The manner of the difference: the engine, and the instruction or the part of the state. Where
    /// execution continued at a wrong pc, the instruction is the one before. Shrinking keeps the manner.
    pub fn manner(&self) -> (&str, &str) {
        let what = match &self.difference {
            Difference::Step(step) => step.after.as_ref().unwrap_or(&step.instruction).split(' ').next().unwrap_or_default(),
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
            Difference::Step(at) => write!(f, "{engine} differs from {reference} at {at}")?,
            Difference::Logits(at) => write!(f, "{engine} computes different logits than {reference} at {at}")?,
            Difference::End { expected, actual } => {
                write!(f, "{engine} ends differently from {reference}: expected {expected}, actual {actual}")?;
            }
            Difference::State { part, expected, actual } => {
                write!(f, "{engine} leaves different {part} than {reference}: expected {expected}, actual {actual}")?;
            }
        }
        origin.iter().try_for_each(|origin| write!(f, "; {origin}"))
    }
}

impl fmt::Display for StepDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}, pc {}, {}", self.step, self.pc, self.instruction)?;
        if let Some(stack) = &self.stack {
            write!(f, "; stack before [{}]", stack.iter().map(i64::to_string).collect::<Vec<_>>().join(" "))?;
        }
        let effect = |effect: &Option<String>| effect.clone().unwrap_or_else(|| "the end of the trace".to_string());
        write!(f, "; expected {}, actual {}", effect(&self.expected), effect(&self.actual))?;
        if let Some(pc) = self.actual_pc {
            match &self.after {
                Some(after) => write!(f, " (at pc {pc}, after {after})")?,
                None => write!(f, " (at pc {pc})")?,
            }
        }
        if let [first, second, ..] = &self.top_logits[..] {
            let logits = self.top_logits.iter().map(|t| format!("{} {}", t.token, t.logit)).collect::<Vec<_>>();
            write!(f, "; highest logits {}, margin {}", logits.join(", "), first.logit - second.logit)?;
        }
        Ok(())
    }
}

impl fmt::Display for LogitDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let logit = |logit: Option<f64>| logit.map_or("none".to_string(), |logit| logit.to_string());
        write!(f, "step {}, pc {}, {}: {} differ, ", self.step, self.pc, self.instruction, self.differing)?;
        write!(f, "the first is of token {}, expected {}, actual {}", self.token, logit(self.expected), logit(self.actual))
    }
}
