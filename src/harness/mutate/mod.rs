//! Weight mutation: what the suites are worth as tests of the weights.
//!
//! A weight that is not zero is changed ([`Change`]), and the programs must notice: a mutant is killed by the
//! first program on which its forward pass emits another token than the unchanged model does, whose run is
//! the reference VM's. A program's tokens are fed in, so that the first that differs is the first that
//! generating would give; programs are tried by origin, and short ones first. The pass skips whatever is as
//! it was (`network`); a kill counts once the plain forward pass of the mutant confirms it. Nothing rests on
//! the [indexed pass](crate::transformer::indexed), which is compiled of the form that keys and neurons have,
//! and a changed weight may break that form.
//!
//! Of the **byte machine** all mutants are run, or a sample.
//!
//! - Programs: the compliance suite, [generated](byte::GENERATED) ones, [probes](byte::probes). The tokens
//!   that they must emit are the reference VM's steps.
//! - A survivor is equivalent by one of eight [rules](byte::equivalence), or unexplained: a test is missing,
//!   or a rule.
//!
//! Of the **full machine** a sample is run; all mutants, three for each of some 260,000 weights, take about a
//! day on two cores.
//!
//! - Programs: `corpus/full` and [generated](full::GENERATED) ones, of up to a thousand rows; for a weight of
//!   a token that survives these, a probe that has the token. The tokens that they must emit are the
//!   unchanged model's, held against the reference VM's steps, end and state.
//! - A survivor is equivalent by the one [rule](equivalence::General) that rests on derived ranges alone; or
//!   *not exercised*, where the weight belongs to a token that no program has; or else *survived*.
//!
//! A survivor of the full machine may be equivalent for a reason that no rule here gives, or show that a test
//! is missing. Which of both is not known, and it is counted as neither. That it survived rests on the pass
//! that skips: where a changed weight takes numbers out of the exact integers, the plain pass may round
//! otherwise, and tell.
//!
//! `wasmformer mutate` ends with status 1 where a rule is refuted by a kill; of the byte machine also where a
//! survivor is unexplained. Of the full machine survivors are printed and counted, and change no status.
#![doc = include_str!("README.md")]

pub mod ablate;
pub mod byte;
mod columns;
pub mod equivalence;
pub mod full;
mod network;
mod site;
mod tape;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::engine::EngineError;
use crate::transformer::{Model, Number};
use network::{Baseline, Network};
pub use site::{Change, Mutant, Site, Tensor};
pub use tape::Tape;

/// Where a program comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The suite of the language: its path.
    Suite(&'static str),
    /// The generators: its seed.
    Generated(u64),
    /// Written to tell mutants that the others do not: its name.
    Probe(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Suite(path) => f.write_str(path),
            Origin::Generated(seed) => write!(f, "generated, seed {seed}"),
            Origin::Probe(name) => write!(f, "probe {name}"),
        }
    }
}

/// The probe for a token: a program that has it, if there is one.
pub type Probe<'m, T> = dyn Fn(usize) -> Result<Option<(Origin, Tape<T>)>, EngineError> + Send + Sync + 'm;

/// The programs that the mutants of a machine are run on.
pub struct Programs<'m, T> {
    /// Those that all are run on.
    pub tapes: Vec<(Origin, Tape<T>)>,
    /// What a mutant of a token's embedding or unembedding is run on besides, where those do not kill it.
    pub probe: Box<Probe<'m, T>>,
}

/// A program that mutants are run on, with the unchanged model's pass over its trace.
struct Trial<T> {
    origin: Origin,
    tape: Tape<T>,
    baseline: Baseline<T>,
}

/// All programs, in the order in which they are tried: by origin, and short ones first.
pub struct Trials<'m, T> {
    model: &'m Model<T>,
    network: Network<T>,
    trials: Vec<Trial<T>>,
    probe: Box<Probe<'m, T>>,
    /// Copies of the model, in which weights are changed and set back.
    copies: Mutex<Vec<Model<T>>>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// The mutant.
    pub mutant: Mutant,
    /// The first program that killed it, and which of the tokens that it emits; in the byte machine each is a
    /// step.
    pub killer: Option<(Origin, usize)>,
    /// Whether a program has the token that the weight belongs to, if it belongs to one.
    pub exercised: bool,
}

impl<T: Number> Trial<T> {
    fn new(network: &Network<T>, origin: Origin, tape: Tape<T>) -> Result<Trial<T>, EngineError> {
        let baseline = network.run(&tape);
        if let Some(step) = network.any_fault(&tape, &baseline) {
            let reason = format!("the unchanged model is wrong on {origin}, step {step}");
            return Err(EngineError::new("mutation", reason));
        }
        Ok(Trial { origin, tape, baseline })
    }
}

impl<'m, T: Number> Trials<'m, T> {
    /// Runs the model on every program, in the current thread pool.
    ///
    /// # Errors
    /// Where the model is wrong on a program even unchanged.
    pub fn new(model: &'m Model<T>, Programs { tapes, probe }: Programs<'m, T>) -> Result<Trials<'m, T>, EngineError> {
        let network = Network::new(model);
        let trial = |(origin, tape)| Trial::new(&network, origin, tape);
        let mut trials: Vec<Trial<T>> = tapes.into_par_iter().map(trial).collect::<Result<_, _>>()?;
        let group = |origin: &Origin| match origin {
            Origin::Suite(_) => 0,
            Origin::Generated(_) => 1,
            Origin::Probe(_) => 2,
        };
        trials.sort_by_key(|trial| (group(&trial.origin), trial.tape.len()));
        Ok(Trials { model, network, trials, probe, copies: Mutex::default() })
    }

    /// The number of programs.
    pub fn len(&self) -> usize {
        self.trials.len()
    }

    /// Whether there are no programs.
    pub fn is_empty(&self) -> bool {
        self.trials.is_empty()
    }

    /// Runs a mutant until a program kills it. A kill counts once the plain forward pass of the mutant
    /// confirms it.
    ///
    /// # Errors
    /// Where the model is wrong on a probe even unchanged.
    pub fn judge(&self, mutant: Mutant) -> Result<Fate, EngineError> {
        let Mutant { site, change } = mutant;
        let network = self.network.with(site, change.apply(site.weight(self.model)));
        let killed = |Trial { origin, tape, baseline }: &Trial<T>| {
            let emitted = network.first_fault(site, tape, baseline)?;
            self.confirms(mutant, tape, emitted).then(|| (origin.clone(), emitted))
        };
        let mut killer = self.trials.iter().find_map(killed);
        let mut exercised = killer.is_some() || self.trials.iter().any(|trial| trial.tape.exercises(site));
        if killer.is_none()
            && let Tensor::Embedding | Tensor::Unembedding = site.tensor
            && let Some((origin, tape)) = (self.probe)(site.row)?
        {
            let trial = Trial::new(&self.network, origin, tape)?;
            killer = killed(&trial);
            exercised |= trial.tape.exercises(site);
        }
        Ok(Fate { mutant, killer, exercised })
    }

    /// Whether the plain forward pass of a mutant emits another token than it must.
    fn confirms(&self, mutant: Mutant, tape: &Tape<T>, emitted: usize) -> bool {
        let copies = || self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = copies().pop();
        let mut model = copy.unwrap_or_else(|| self.model.clone());
        let old = mutant.change_in(&mut model);
        let (row, token) = tape.emits[emitted];
        let differs = tape.emitted_by(&model, row) != token;
        mutant.site.set(&mut model, old);
        copies().push(model);
        differs
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::byte::trace::End;
    use crate::full::listing::token::{Family, Vocabulary};
    use crate::harness::byte::{Generated, NetworkEngine, compliance::STEP_LIMIT};
    use crate::harness::{VmEngine, on_steps, record};

    /// The pass that skips what is as it was, against the plain one, on mutants all over the model.
    #[test]
    fn finds_the_faults_that_the_plain_pass_has() {
        let (model, _) = crate::byte::machine::compile::<f32>().unwrap();
        let network = Network::new(&model);
        let mutants = Mutant::all(&model);
        let mut faults = 0;
        for (index, mutant) in mutants.iter().step_by(mutants.len() / 120).enumerate() {
            let generated = Generated::from_seed(index as u64);
            let recorded = record(&VmEngine, generated.case(), STEP_LIMIT).unwrap();
            let tape = byte::tape(&generated, &model.config).unwrap();
            let baseline = network.run(&tape);
            assert_eq!(network.any_fault(&tape, &baseline), None, "seed {index}");
            let changed = network.with(mutant.site, mutant.change.apply(mutant.site.weight(&model)));
            let mutated = mutant.of(&model);
            let mut index = 0;
            let see = |step| {
                index += usize::from(step == recorded.steps[index]);
                ControlFlow::Continue(())
            };
            let run = NetworkEngine::new(mutated.clone()).unwrap().forced().run_observed(generated.case(), &mut on_steps(see), &mut ());
            let plain = (run.unwrap().end == End::Lost).then_some(index);
            assert_eq!(changed.first_fault(mutant.site, &tape, &baseline), plain, "{mutant:?}");
            if let Some(emitted) = plain {
                let (row, token) = tape.emits[emitted];
                assert_ne!(tape.emitted_by(&mutated, row), token, "{mutant:?}");
            }
            faults += usize::from(plain.is_some());
        }
        assert!(faults > 20, "{faults} of the mutants told anything");
    }

    /// Mutants of the full machine on which the plain pass is held against the other's verdict.
    const OF_EACH_VERDICT: usize = 6;

    /// The same of the full machine, on mutants all over its layers.
    #[test]
    fn finds_the_faults_that_the_plain_pass_has_in_the_full_machine() {
        let (model, _) = crate::full::machine::compile::<f64>().unwrap();
        let network = Network::new(&model);
        let Programs { probe, .. } = full::programs(&model, 0).unwrap();
        // A call and a return: short, and every token of it is looked at.
        let (_, tape) = probe(Vocabulary::new().id(Family::Enter.token(3))).unwrap().unwrap();
        let baseline = network.run(&tape);
        assert_eq!(network.any_fault(&tape, &baseline), None);
        let mut copy = model.clone();
        let layers: Vec<Site> = Site::non_zero(&model).into_iter().filter(|site| site.tensor.layer().is_some()).collect();
        let mut judged = [0; 2];
        for (index, site) in layers.iter().step_by(layers.len() / 500).enumerate() {
            let mutant = Mutant { site: *site, change: Change::ALL[index % 3] };
            let old = mutant.change_in(&mut copy);
            let found = network.with(*site, site.weight(&copy)).first_fault(*site, &tape, &baseline);
            let judged = &mut judged[usize::from(found.is_some())];
            if *judged < OF_EACH_VERDICT {
                *judged += 1;
                assert_eq!(found, tape.first_fault_of(&copy), "{mutant:?}");
            }
            site.set(&mut copy, old);
        }
        assert_eq!(judged, [OF_EACH_VERDICT; 2], "mutants that survive, and that are told");
    }
}
