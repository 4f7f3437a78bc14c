//! Weights with a program in them, beside the universal weights with the program in the prompt: sizes and
//! speeds, and that the traces are equal.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::RaceError;
use crate::harness::engine::{Case, Emitted, EngineError, Observed, Transformer};
use crate::harness::engines::NetworkEngine;
use crate::harness::machine::Machine;
use crate::harness::specialize::Specialization;
use crate::transformer::folder::serialize_sparse;

/// A program on both.
pub struct Measured {
    /// The name of the machine's form of programs; empty if there is only one.
    pub form: &'static str,
    /// Number of rows of the embedding that hold the program.
    pub rows: usize,
    /// Number of parameters, and of those that are not 0.
    pub parameters: usize,
    /// Number of parameters that are not 0.
    pub non_zeros: usize,
    /// Size of the weights in sparse form, in bytes; `None` if the sparse form cannot hold them.
    pub bytes: Option<usize>,
    /// Number of tokens of the trace: the same ones on both.
    pub tokens: u64,
    /// Rows of the prompt of the universal weights.
    pub prompt_rows: usize,
    /// Runs with the universal weights.
    pub universal: Timed,
    /// Runs with the specialised weights.
    pub specialized: Timed,
}

/// The best of some runs.
#[derive(Clone, Copy, Debug)]
pub struct Timed {
    /// Until the first token: the prompt, and the rows of stores.
    pub begin: Duration,
    /// All tokens after the first.
    pub tokens: Duration,
}

/// Measures a program in the best of `rounds` rounds by indexed passes, and compares the traces token for
/// token.
///
/// # Errors
/// Where the program cannot be in the weights, or cannot be run, or where the traces differ.
pub fn measure<L: Machine>(
    name: &str,
    case: Case<'_, L>,
    form: L::Form,
    universal: &NetworkEngine<L>,
    rounds: usize,
) -> Result<Measured, RaceError> {
    let fail = |error: String| EngineError::new("specialized", error);
    let Specialization { model, rows, .. } =
        Specialization::<L>::of(case.shorten(), form, name).map_err(|error| fail(error.to_string()))?;
    let specialized = NetworkEngine::exact(&model);
    let universal = universal.clone().in_form(form);
    let prompt_rows = universal.prompt_rows(case.shorten())?;
    let mut best: Option<(u64, Timed, Timed)> = None;
    for _ in 0..rounds {
        let (expected, of_universal) = run(&universal, case.shorten())?;
        let (tokens, of_specialized) = run(&specialized, case.shorten())?;
        if let Some(at) = (0..expected.len().max(tokens.len())).find(|at| expected.get(*at) != tokens.get(*at)) {
            return Err(RaceError::Tokens { name: name.to_string(), at });
        }
        let least = |a: Timed, b: Timed| Timed { begin: a.begin.min(b.begin), tokens: a.tokens.min(b.tokens) };
        best = Some(match best {
            None => (tokens.len() as u64, of_universal, of_specialized),
            Some((count, a, b)) => (count, least(a, of_universal), least(b, of_specialized)),
        });
    }
    let (tokens, universal, specialized) = best.ok_or_else(|| fail("no round was run".to_string()))?;
    Ok(Measured {
        form: L::form_name(form).unwrap_or_default(),
        rows: rows.len(),
        parameters: model.config.parameters(),
        non_zeros: model.non_zeros(),
        bytes: serialize_sparse(&model).ok().map(|bytes| bytes.len()),
        tokens,
        prompt_rows,
        universal,
        specialized,
    })
}

/// Runs a case; returns its tokens and the time.
fn run<L: Machine>(network: &NetworkEngine<L>, case: Case<'_, L>) -> Result<(Vec<usize>, Timed), EngineError> {
    let start = Instant::now();
    let (mut tokens, mut first) = (Vec::new(), None);
    let watch = &mut |observed: &Observed<'_, L>| {
        if let Observed::Token(Emitted { token, .. }) = observed {
            first.get_or_insert_with(|| start.elapsed());
            tokens.push(*token);
        }
        ControlFlow::Continue(())
    };
    network.run_observed(case, watch, &mut ())?;
    let all = start.elapsed();
    let begin = first.unwrap_or(all);
    Ok((tokens, Timed { begin, tokens: all.saturating_sub(begin) }))
}
