//! Margins of the full machine: how far its network is from ever being wrong. [`Margins`] says what is measured.
//!
//! A run's tokens are found by the network, then forced on the dense pass, of which every score and every logit is looked at.
//! Scoring every row against every other is slow: so only the beginning of a run is measured.

use std::ops::ControlFlow;

use super::engine::Case;
use super::network::{Emitted, NetworkEngine};
use crate::full::listing::token::Vocabulary;
use crate::full::machine::host::FullHost;
use crate::harness::EngineError;
use crate::harness::margins::Margins;
use crate::transformer::{Batched, Model, Session, teacher_forced};

/// Tokens of a run that are measured at most.
pub const TOKENS: usize = 1_000;
/// Rows of a prompt at most; a run with a longer one is not measured.
pub const PROMPT: usize = 4_000;

/// The dense pass, to be measured.
#[derive(Clone, Debug)]
pub struct Measure {
    model: Model<f64>,
    vocabulary: Vocabulary,
}

/// What came of a measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measured {
    /// It was measured.
    Added,
    /// The prompt is too long.
    TooLong,
    /// The dense pass emits something else than the network did.
    Differs(String),
}

impl Measure {
    /// Of these weights, which must be for the full machine: those of a [`NetworkEngine`].
    pub fn new(model: Model<f64>) -> Measure {
        Measure { model, vocabulary: Vocabulary::new() }
    }

    /// Adds the beginning of a case's run to `margins`.
    ///
    /// # Errors
    /// Where the network cannot run the case.
    pub fn measure(&self, network: &NetworkEngine, case: Case<'_>, margins: &mut Margins) -> Result<Measured, EngineError> {
        let prompt = network.prompt(case)?;
        if prompt.len() > PROMPT {
            return Ok(Measured::TooLong);
        }
        let mut tokens = Vec::new();
        let mut keep = |emitted: &Emitted<'_>| {
            tokens.push(emitted.token);
            if tokens.len() < TOKENS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        network.run_observed(case, &mut |_| ControlFlow::Continue(()), &mut keep, &mut ())?;

        let mut of_logits = Margins::default();
        let mut differs = None;
        let mut host = FullHost::new(&self.vocabulary, &prompt, case.input);
        let mut session = Session::new(&self.model);
        let mut expected = tokens.iter();
        // The last token is seen to be emitted, and not fed in.
        let fed = tokens.iter().copied().take(tokens.len().saturating_sub(1));
        teacher_forced(&mut session, &mut host, fed, margins, |session, row, token| {
            let logits = session.logits_at(row);
            let Some(wanted) = expected.next() else { return false };
            if token != *wanted {
                let name = |id| self.vocabulary.token(id).map_or_else(|| format!("token {id}"), |token| token.to_string());
                differs = Some(format!("dense emits {} as token {}, where {} was emitted", name(token), of_logits.steps, name(*wanted)));
                return false;
            }
            of_logits.logits(&logits);
            true
        });
        margins.merge(&of_logits);
        Ok(differs.map_or(Measured::Added, Measured::Differs))
    }
}
