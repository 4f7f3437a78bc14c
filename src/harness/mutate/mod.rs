//! Weight mutation: what the suites are worth as tests of the weights.
//!
//! Every weight that is not zero is changed in turn ([`Change`]), and the suites must notice: a mutant is
//! killed by the first program on which the forward pass emits another token than the reference VM. A mutant
//! that no program kills is either equivalent, by one of the rules in [`equivalence`], or shows that a test
//! is missing.
#![doc = include_str!("README.md")]

pub mod equivalence;
mod network;
pub mod probes;
mod site;
mod tape;

use std::fmt;
use std::ops::ControlFlow;

use rayon::prelude::*;

use super::byte::compliance::{STEP_LIMIT, suite};
use super::byte::{Case, Generated, NetworkEngine};
use super::engine::{EngineError, record};
use super::vm::{VM, VmEngine};
use crate::byte::trace::End;
use crate::transformer::Model;
use network::{Baseline, Network};
pub use site::{Change, Mutant, Site, Tensor};
use tape::Tape;

/// Generated programs that mutants are run on, by their seeds from 0 on.
pub const GENERATED: u64 = 1000;

/// Where a program comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The compliance suite: its path.
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

/// A program that mutants are run on, with the unchanged model's pass over its trace.
struct Trial {
    origin: Origin,
    generated: Generated,
    tape: Tape,
    baseline: Baseline,
}

/// All programs, in the order in which they are tried: by origin, and short ones first.
pub struct Trials<'m> {
    model: &'m Model<f32>,
    network: Network,
    trials: Vec<Trial>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// The mutant.
    pub mutant: Mutant,
    /// The first program that killed it, and the step.
    pub killer: Option<(Origin, usize)>,
}

impl<'m> Trials<'m> {
    /// Runs the model on every program, in the current thread pool.
    ///
    /// # Errors
    /// Where the model is not a byte machine, or is wrong on a program even unchanged.
    pub fn new(model: &'m Model<f32>) -> Result<Trials<'m>, EngineError> {
        Trials::with_generated(model, GENERATED)
    }

    /// As [`Trials::new`], with another number of generated programs.
    ///
    /// # Errors
    /// As [`Trials::new`].
    pub fn with_generated(model: &'m Model<f32>, generated: u64) -> Result<Trials<'m>, EngineError> {
        let network = Network::new(model);
        let mut programs: Vec<(Origin, Generated)> = Vec::new();
        for entry in suite().map_err(|error| EngineError::new(VM, error.to_string()))? {
            let files = entry.module.header.files();
            programs.push((Origin::Suite(entry.path), Generated { program: entry.module.program, files }));
        }
        programs.extend((0..generated).map(|seed| (Origin::Generated(seed), Generated::from_seed(seed))));
        programs.extend(probes::probes().into_iter().map(|(name, generated)| (Origin::Probe(name), generated)));

        let trial = |(origin, generated): (Origin, Generated)| {
            let recorded = record(&VmEngine, generated.case(), STEP_LIMIT)?;
            let tape = Tape::new(generated.case(), &recorded, &model.config)?;
            let baseline = network.run(&tape);
            if let Some(step) = network.any_fault(&tape, &baseline) {
                let reason = format!("the unchanged model is wrong on {origin}, step {step}");
                return Err(EngineError::new("mutation", reason));
            }
            Ok(Trial { origin, generated, tape, baseline })
        };
        let mut trials: Vec<Trial> = programs.into_par_iter().map(trial).collect::<Result<_, _>>()?;
        let group = |origin: &Origin| match origin {
            Origin::Suite(_) => 0,
            Origin::Generated(_) => 1,
            Origin::Probe(_) => 2,
        };
        trials.sort_by_key(|trial| (group(&trial.origin), trial.tape.len()));
        Ok(Trials { model, network, trials })
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
    /// Where the model is not a byte machine.
    pub fn judge(&self, mutant: Mutant) -> Result<Fate, EngineError> {
        let network = self.network.with(mutant.site, mutant.change.apply(mutant.site.weight(self.model)));
        let mut engine = None;
        for trial in &self.trials {
            if let Some(step) = network.first_fault(mutant.site, &trial.tape, &trial.baseline) {
                let engine = match &engine {
                    Some(engine) => engine,
                    None => engine.insert(NetworkEngine::new(mutant.of(self.model))?.forced()),
                };
                if diverges(engine, trial.generated.case())? {
                    return Ok(Fate { mutant, killer: Some((trial.origin.clone(), step)) });
                }
            }
        }
        Ok(Fate { mutant, killer: None })
    }
}

/// Whether the plain forward pass emits another token than the reference VM.
fn diverges(engine: &NetworkEngine, case: Case<'_>) -> Result<bool, EngineError> {
    Ok(engine.run_observed(case, &mut |_| ControlFlow::Continue(()), &mut ())?.end == End::Lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::byte;
    use crate::harness::on_steps;

    /// The pass that skips what is as it was, against the plain one, on mutants all over the model.
    #[test]
    fn finds_the_faults_that_the_plain_pass_has() {
        let (model, _) = byte::machine::compile::<f32>().unwrap();
        let network = Network::new(&model);
        let mutants = Mutant::all(&model);
        let mut faults = 0;
        for (index, mutant) in mutants.iter().step_by(mutants.len() / 120).enumerate() {
            let generated = Generated::from_seed(index as u64);
            let recorded = record(&VmEngine, generated.case(), STEP_LIMIT).unwrap();
            let tape = Tape::new(generated.case(), &recorded, &model.config).unwrap();
            let baseline = network.run(&tape);
            assert_eq!(network.any_fault(&tape, &baseline), None, "seed {index}");
            let changed = network.with(mutant.site, mutant.change.apply(mutant.site.weight(&model)));
            let mutated = mutant.of(&model);
            let mut index = 0;
            let see = |step| {
                index += usize::from(step == recorded.steps[index]);
                ControlFlow::Continue(())
            };
            let run = NetworkEngine::new(mutated).unwrap().forced().run_observed(generated.case(), &mut on_steps(see), &mut ());
            let plain = (run.unwrap().end == End::Lost).then_some(index);
            assert_eq!(changed.first_fault(mutant.site, &tape, &baseline), plain, "{mutant:?}");
            faults += usize::from(plain.is_some());
        }
        assert!(faults > 20, "{faults} of the mutants told anything");
    }
}
