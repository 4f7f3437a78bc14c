//! The programs that the full machine's mutants are run on: those of `corpus/full`, generated ones, and
//! probes.

mod probes;

use std::ops::ControlFlow;

use rayon::prelude::*;

use super::{Origin, Programs, Tape};
use crate::full::listing::token::Vocabulary;
use crate::full::program::{Loaded, load};
use crate::full::trace::End;
use crate::full::wasi::Process;
use crate::harness::corpus::Place;
use crate::harness::engine::{EngineError, Observed, Transformer, record};
use crate::harness::full::{Case, Full, Generated, NetworkEngine};
use crate::harness::generate::Generate;
use crate::harness::vm::{VM, VmEngine};
use crate::transformer::Model;
use crate::wasm::{Bytes, Source};

/// Generated programs that mutants are run on, by their seeds from 0 on.
pub const GENERATED: u64 = 100;

/// The folder of the corpus.
const CORPUS: &str = "corpus/full";
/// Bytes that a generated program is made of: of so few its listing is short.
const SEEDED_BYTES: usize = 512;
/// Rows of the longest tapes. Programs whose listing alone takes as many are left out; runs are cut off
/// there.
const ROWS: usize = 1000;

/// The programs, so many generated ones among them, less those that are too long or that the profile refuses;
/// for a token, a probe that has it.
///
/// # Errors
/// Where the model is not the full machine, or does not run a program as the reference VM does.
pub fn programs(model: &Model<f64>, generated: u64) -> Result<Programs<'_, f64>, EngineError> {
    let engine = NetworkEngine::exact(model);
    let corpus = Place::of_corpus(CORPUS).into_par_iter().filter_map(|place| {
        let Place::Corpus(name) = place else { return None };
        let loaded = place.read().and_then(|Bytes { source, bytes }| load(&source, &bytes, &Process::default()));
        let tape = loaded.map_err(|error| unusable(&error)).and_then(|loaded| invoked(&engine, model, &loaded));
        tape.map(|tape| Some((Origin::Suite(name), tape?))).transpose()
    });
    let generated = (0..generated).into_par_iter().filter_map(|seed| {
        let generated = Generated::from_start_of_seed(seed, SEEDED_BYTES);
        let tape = Full::with_case(&generated, |case| tape(&engine, model, case)).ok()?;
        tape.map(|tape| Some((Origin::Generated(seed), tape?))).transpose()
    });
    let tapes = corpus.chain(generated).collect::<Result<_, _>>()?;
    Ok(Programs { tapes, probe: Box::new(move |token| probe(&engine, model, token)) })
}

/// The probe for a token, if there is one: it has the token in its listing or its run.
fn probe(engine: &NetworkEngine, model: &Model<f64>, id: usize) -> Result<Option<(Origin, Tape<f64>)>, EngineError> {
    let Some(token) = Vocabulary::new().token(id) else { return Ok(None) };
    for text in probes::candidates(token) {
        // A number may be beyond what a program can have.
        let Ok(loaded) = load(&Source::named("probe.wat"), text.as_bytes(), &Process::default()) else { continue };
        let Some(tape) = invoked(engine, model, &loaded)? else { continue };
        if tape.is_fed(id) || tape.is_emitted(id) {
            return Ok(Some((Origin::Probe(token.to_string()), tape)));
        }
    }
    Ok(None)
}

fn invoked(engine: &NetworkEngine, model: &Model<f64>, loaded: &Loaded) -> Result<Option<Tape<f64>>, EngineError> {
    let calls = loaded.invocation().map_err(|error| unusable(&error))?;
    tape(engine, model, Case::of(loaded, &calls, loaded.header.input()))
}

fn unusable(error: &dyn ToString) -> EngineError {
    EngineError::new(VM, error.to_string())
}

/// The tape of the tokens that the unchanged model emits, which the reference VM's run confirms; `None` where
/// it would be too long.
fn tape(engine: &NetworkEngine, model: &Model<f64>, case: Case<'_>) -> Result<Option<Tape<f64>>, EngineError> {
    let Some(room) = ROWS.checked_sub(engine.prompt_rows(case)?).filter(|room| *room > 0) else { return Ok(None) };
    let (mut tokens, mut steps) = (Vec::new(), Vec::new());
    let mut watch = |observed: &Observed<'_, Full>| {
        match observed {
            Observed::Token(emitted) => tokens.push(emitted.token),
            Observed::Step(step) => steps.push(*step),
        }
        if tokens.len() < room { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let run = engine.run_observed(case, &mut watch, &mut ())?;
    let expected = record(&VmEngine, case, steps.len() + 1)?;
    let is_right =
        if run.end == End::Stopped { expected.steps.starts_with(&steps) } else { expected.steps == steps && expected.run == run };
    if !is_right {
        return Err(EngineError::new("mutation", "the unchanged model is wrong on a program"));
    }
    Tape::new::<Full>(case, tokens, &model.config).map(Some)
}
