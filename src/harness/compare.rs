//! The lockstep comparison of engines, and its verdicts.
//!
//! The first engine's trace is the expected trace. Every other engine is stopped at its first step that
//! differs. Where no step differs, the ends and the final states are compared. Transformers that take a
//! program in the same form must have bit-identical logits. If the reference's run reaches the step limit,
//! only the steps up to the limit are compared.

use std::ops::ControlFlow;

use serde::Serialize;

use super::engine::{Case, Emitted, Engine, EngineError, Observed, Recorded, Transformer, on_tokens, record};
use super::language::Language;
use super::origin::origin;
use super::report::{Difference, LogitDifference, Report, StepDifference, TokenLogit};

/// The result of comparing engines on one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// All engines did the same.
    Agree {
        /// Steps of the trace.
        steps: usize,
        /// Engines that were compared on the first steps only.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        partial: Vec<Partial>,
    },
    /// Two engines differ.
    Diverge(Box<Report>),
    /// No verdict was possible, or none about the whole run.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// Whether all engines did the same.
    pub fn is_agreement(&self) -> bool {
        matches!(self, Verdict::Agree { .. })
    }
}

/// An engine that was compared only on the beginning of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Partial {
    /// The engine.
    pub engine: String,
    /// The number of steps compared.
    pub steps: usize,
}

/// Runs a case on the reference engine and on the other engines, and compares each of these with the
/// reference. Returns the reference's trace too. Unless the engines differ, the verdict is inconclusive for a
/// run of more than `limit` steps, for a run that the language cuts short, and for a run that one of the
/// other engines cannot execute.
///
/// # Errors
/// Where the reference engine cannot run the case, or where an engine finds a fault in itself.
pub fn compare_with<L: Language>(
    case: Case<'_, L>,
    reference: &dyn Engine<L>,
    others: &[&dyn Engine<L>],
    limit: usize,
) -> Result<(Verdict, Recorded<L>), EngineError> {
    let expected = record(reference, case, limit)?;
    let mut logits = Logits::of_several(others);
    let mut doubt = None;
    for engine in others {
        let difference = match differs(case, &expected, *engine, &mut logits) {
            Ok(None) => continue,
            Ok(Some(difference)) => difference,
            Err(error) if error.is_fault => return Err(error),
            Err(error) => {
                doubt = doubt.or_else(|| Some(error.to_string()));
                continue;
            }
        };
        let judge = logits.judge(*engine).unwrap_or(reference);
        let by = if let Difference::Logits(_) = difference { judge } else { reference };
        let origin = difference.step().map(|step| origin(case, judge, *engine, step)).transpose()?.flatten();
        let (engine, reference) = (engine.name().to_string(), by.name().to_string());
        return Ok((Verdict::Diverge(Report { engine, reference, difference, origin }.into()), expected));
    }
    let doubt = doubt.or_else(|| given_up(&expected)).or_else(|| L::cut_short(&expected.run.end));
    let steps = expected.steps.len();
    let compared = others.iter().map(|engine| (engine.name().to_string(), engine.most_steps(case)));
    let partial = compared.filter(|(_, most)| *most < steps).map(|(engine, steps)| Partial { engine, steps }).collect();
    Ok((doubt.map_or(Verdict::Agree { steps, partial }, |reason| Verdict::Inconclusive { reason }), expected))
}

/// Like [`compare_with`], with the first of `engines` as the reference.
///
/// # Errors
/// As [`compare_with`], or where `engines` is empty.
pub fn compare<L: Language>(case: Case<'_, L>, engines: &[&dyn Engine<L>], limit: usize) -> Result<(Verdict, Recorded<L>), EngineError> {
    let Some((reference, others)) = engines.split_first() else {
        return Err(EngineError::new("none", "there are no engines to compare"));
    };
    compare_with(case, *reference, others, limit)
}

/// The expected logits: for each form of programs, the logits of one engine.
#[derive(Clone, Default)]
pub struct Logits<'e, L: Language> {
    /// The forms that several engines take.
    forms: Vec<&'e str>,
    judges: Vec<Judge<'e, L>>,
}

/// An engine whose logits the other engines of its form must have, to the bit. An engine that agrees and runs
/// for more tokens replaces the judge.
#[derive(Clone)]
struct Judge<'e, L: Language> {
    engine: &'e dyn Engine<L>,
    form: &'e str,
    /// A digest of the logits of each token, as far as the engine was run.
    digests: Vec<u64>,
}

/// An engine as a transformer that has logits.
fn with_logits<L: Language>(engine: &dyn Engine<L>) -> Option<&dyn Transformer<L>> {
    engine.transformer().filter(|transformer| transformer.has_logits())
}

impl<'e, L: Language> Logits<'e, L> {
    /// Compares no logits. Listing all logits can double the cost of a run.
    pub fn ignored() -> Logits<'e, L> {
        Logits { forms: Vec::new(), judges: Vec::new() }
    }

    /// Compares logits for the forms that several of these engines take.
    pub fn of_several(engines: &[&'e dyn Engine<L>]) -> Logits<'e, L> {
        let mut forms: Vec<&str> = engines.iter().filter_map(|engine| with_logits(*engine)).map(Transformer::form).collect();
        forms.sort_unstable();
        let several = forms.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).collect();
        Logits { forms: several, judges: Vec::new() }
    }

    /// Compares logits for the form of one engine.
    pub fn of(engine: &'e dyn Engine<L>) -> Logits<'e, L> {
        Logits { forms: with_logits(engine).map(Transformer::form).into_iter().collect(), judges: Vec::new() }
    }

    /// The engine whose logits `engine` must have.
    fn judge(&self, engine: &dyn Engine<L>) -> Option<&'e dyn Engine<L>> {
        let form = with_logits(engine)?.form();
        self.judges.iter().find(|judge| judge.form == form).map(|judge| judge.engine)
    }

    /// The number of tokens whose logits are known and must be met by an engine.
    pub fn len_for(&self, engine: &dyn Engine<L>) -> usize {
        let form = with_logits(engine).map(Transformer::form);
        self.judges.iter().find(|judge| Some(judge.form) == form).map_or(0, |judge| judge.digests.len())
    }

    /// Stores the logits of an engine that agreed, if they cover more tokens than those stored.
    fn take(&mut self, engine: &'e dyn Engine<L>, form: &'e str, digests: Vec<u64>) {
        match self.judges.iter_mut().find(|judge| judge.form == form) {
            Some(judge) if judge.digests.len() < digests.len() => *judge = Judge { engine, form, digests },
            Some(_) => {}
            None => self.judges.push(Judge { engine, form, digests }),
        }
    }
}

/// If a run was stopped: the reason why it says nothing about how the program ends.
pub fn given_up<L: Language>(expected: &Recorded<L>) -> Option<String> {
    (expected.run.end == L::stopped()).then(|| format!("more than {} steps", expected.steps.len()))
}

/// How an engine's run differs from the expected run, if it differs. Compared are at most the engine's
/// [`Engine::most_steps`], and, where the expected run was stopped, at most that run's steps.
///
/// # Errors
/// Where the engine cannot run the case at all.
pub fn differs<'e, L: Language>(
    case: Case<'_, L>,
    expected: &Recorded<L>,
    engine: &'e dyn Engine<L>,
    logits: &mut Logits<'e, L>,
) -> Result<Option<Difference>, EngineError> {
    let form = with_logits(engine).map(Transformer::form).filter(|form| logits.forms.contains(form));
    let wanted = form.and_then(|form| logits.judges.iter().find(|judge| judge.form == form));
    let is_stopped = expected.run.end == L::stopped();
    let most_steps = engine.most_steps(case).min(if is_stopped { expected.steps.len() } else { usize::MAX });
    // Where the expected run has no end, an engine that reports no steps gives nothing to compare.
    if most_steps == 0 || (is_stopped && !engine.tells_steps()) {
        return Ok(None);
    }
    let is_partial = is_stopped || most_steps < expected.steps.len();
    let mut steps = 0;
    let mut emitted = 0;
    let mut other_step = None;
    let mut other_logits = None;
    let mut digests = Vec::new();
    let run = engine.run(case, &mut |observed| {
        match observed {
            Observed::Token(token) => {
                let digest = || token.digest.or_else(|| token.logits.map(|logits| logits_digest(&logits())));
                if let (Some(_), None) = (form, &other_logits)
                    && let Some(digest) = digest()
                {
                    if wanted.and_then(|judge| judge.digests.get(emitted)).is_some_and(|wanted| *wanted != digest) {
                        // The step that the token belongs to is not complete yet.
                        other_logits = Some((emitted, steps));
                    }
                    digests.push(digest);
                }
                emitted += 1;
                return ControlFlow::Continue(());
            }
            Observed::Step(step) if expected.steps.get(steps) != Some(step) => other_step = Some(*step),
            Observed::Step(_) => steps += 1,
        }
        // A step that differs is more informative than the logits of the step's tokens.
        let is_done = other_step.is_some() || other_logits.is_some() || (is_partial && steps >= most_steps);
        if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let is_cut = is_partial && steps >= most_steps;
    let ended_early = engine.tells_steps() && steps < expected.steps.len() && !is_cut && other_logits.is_none();
    if other_step.is_some() || ended_early {
        let top_logits = match other_step.and(emitted.checked_sub(1)).filter(|_| with_logits(engine).is_some()) {
            Some(last) => TokenLogit::highest::<L>(&logits_of(engine, case, last)?),
            None => Vec::new(),
        };
        return Ok(Some(Difference::Step(StepDifference::new(case, expected, steps, other_step, top_logits))));
    }
    if let (Some((emitted, step)), Some(judge)) = (other_logits, wanted) {
        let [wanted, actual] = [logits_of(judge.engine, case, emitted)?, logits_of(engine, case, emitted)?];
        let in_progress = (step, expected.steps.get(step).copied());
        return Ok(Some(Difference::Logits(LogitDifference::new(case, in_progress, emitted, &wanted, &actual))));
    }
    if let Some(form) = form {
        logits.take(engine, form, digests);
    }
    Ok(if is_cut {
        None
    } else if run.end != expected.run.end {
        let (expected, actual) = L::ends_apart(case, &expected.run.end, &run.end);
        Some(Difference::End { expected, actual })
    } else {
        L::state_difference(&expected.run.state, &run.state).map(Difference::from)
    })
}

/// A digest of the bits of logits. Each half is a sum over all words, the lower word of a logit first, so
/// that engines can compute it with vectors; one word that differs always makes another sum.
pub fn logits_digest(logits: &[f64]) -> u64 {
    let words = logits.iter().flat_map(|logit| [logit.to_bits() as u32, (logit.to_bits() >> 32) as u32]);
    let [mut low, mut high] = [0u32; 2];
    for (word, place) in words.zip(1u32..) {
        low = low.wrapping_add(mixed(word ^ place.wrapping_mul(0x9e37_79b9)));
        high = high.wrapping_add(mixed(word ^ place.wrapping_mul(0x7feb_352d)));
    }
    u64::from(high) << 32 | u64::from(low)
}

/// The last step of MurmurHash3 (Appleby 2011), a bijection.
fn mixed(word: u32) -> u32 {
    let h = (word ^ (word >> 16)).wrapping_mul(0x85eb_ca6b);
    let h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// Runs an engine again up to a token, and returns the logits that the token was chosen from.
fn logits_of<L: Language>(engine: &dyn Engine<L>, case: Case<'_, L>, emitted: usize) -> Result<Vec<f64>, EngineError> {
    let mut found = Vec::new();
    let mut index = 0;
    let mut watch = on_tokens(|token: &Emitted<'_>| {
        if index == emitted {
            found = token.logits.map(|logits| logits()).unwrap_or_default();
            return ControlFlow::Break(());
        }
        index += 1;
        ControlFlow::Continue(())
    });
    let with_logits = engine.transformer().and_then(|transformer| transformer.run_with_logits(case, &mut watch));
    with_logits.unwrap_or_else(|| engine.run(case, &mut watch))?;
    drop(watch);
    Ok(found)
}
