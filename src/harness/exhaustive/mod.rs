//! Exhaustive domains: every case of what is small enough, through the transformer.
//!
//! A [`Domain`] is a finite set of cases and programs that go through all of them. Which case a step tests is
//! read off the trace, so that the count of a domain is what was tested and not what was meant to be. Each
//! trace is fed to the network (teacher forcing), each of its tokens must come out, and what it leaves behind
//! must be the reference VM's; every lane of every pass is held against the proven and stated ranges.

mod domains;
mod listing;
mod situation;

use std::cell::RefCell;

use rayon::prelude::*;

use super::byte::{Byte, Case, NetworkEngine, Run, Watch};
use super::compare::{Logits, differs};
use super::engine::{Engine, EngineError, record};
use super::report::{Difference, Report};
use super::stop::{Stop, Tick};
use super::vm::{VM, VmEngine};
use crate::byte::trace::End;
use crate::circuit::Bounds;
use crate::circuit::check::RangeCheck;
use crate::transformer::Model;
pub use domains::{Domain, domains};
pub use situation::Situation;

/// More steps than any program of a domain takes.
const STEP_LIMIT: usize = 100_000;

/// What running a domain gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Programs run.
    pub programs: usize,
    /// Cases tested, each counted once.
    pub cases: usize,
    /// Steps compared.
    pub steps: usize,
    /// Lane values held against their ranges.
    pub lane_values: u64,
    /// Each divergence, with the index of its program.
    pub divergences: Vec<(usize, Report)>,
}

/// Runs each `stride`-th program of a domain through a model (1 is all of them), in the current thread pool,
/// and holds each pass against `bounds`. `tick` is called after each program; once it says so, no other is
/// begun.
///
/// # Errors
/// Where the model is not a byte machine, or a lane leaves its range.
pub fn run(domain: &Domain, model: &Model<f32>, bounds: &Bounds, stride: usize, tick: &Tick<'_>) -> Result<Tally, EngineError> {
    let engine = NetworkEngine::new(model.clone())?.forced();
    let stop = Stop::default();
    let empty = || (Tally::default(), vec![false; domain.cases]);
    let (mut tally, tested) = (0..domain.programs)
        .into_par_iter()
        .step_by(stride.max(1))
        .try_fold(empty, |mut sum, index| {
            if !stop.is_requested() {
                run_program(domain, index, &engine, bounds, &mut sum.0, &mut sum.1)?;
                stop.heed(tick());
            }
            Ok(sum)
        })
        .try_reduce(empty, |mut a, b| {
            a.0.programs += b.0.programs;
            a.0.steps += b.0.steps;
            a.0.lane_values += b.0.lane_values;
            a.0.divergences.extend(b.0.divergences);
            a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a |= b);
            Ok(a)
        })?;
    tally.cases = tested.into_iter().filter(|tested| *tested).count();
    Ok(tally)
}

fn run_program(
    domain: &Domain,
    index: usize,
    engine: &NetworkEngine,
    bounds: &Bounds,
    tally: &mut Tally,
    tested: &mut [bool],
) -> Result<(), EngineError> {
    let generated = domain.program(index);
    let expected = record(&VmEngine, generated.case(), STEP_LIMIT)?;
    if expected.run.end == End::Stopped {
        let reason = format!("{}, program {index}: more than {STEP_LIMIT} steps", domain.name);
        return Err(EngineError::new(VM, reason));
    }
    let engine = Checked { engine, check: RefCell::new(RangeCheck::new(bounds)) };
    let difference = differs(generated.case(), &expected, &engine, &mut Logits::ignored())?;

    // A trace that went wrong tests nothing more.
    let steps = match &difference {
        None => &expected.steps[..],
        Some(Difference::Step(at)) => &expected.steps[..at.step],
        Some(_) => &[],
    };
    let mut situation = Situation::new(&generated.program, &generated.files);
    for step in steps {
        if let Some(case) = domain.case(&situation, generated.program.code()[step.pc], *step) {
            tested[case] = true;
        }
        situation.step(*step);
    }
    let (name, reference) = (engine.name().to_string(), VM.to_string());
    tally.programs += 1;
    tally.steps += steps.len();
    tally.lane_values += engine.check.borrow().checked;
    tally.divergences.extend(difference.map(|difference| (index, Report { engine: name, reference, difference, origin: None })));
    Ok(())
}

/// The teacher-forced engine, each pass held against the ranges. After a step has come out wrong nothing is
/// held against them: the divergence says more.
struct Checked<'a> {
    engine: &'a NetworkEngine,
    check: RefCell<RangeCheck<'a>>,
}

impl Engine<Byte> for Checked<'_> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let check = &mut *self.check.borrow_mut();
        let run = self.engine.run_observed(case, watch, check)?;
        match &check.violation {
            Some(violation) if run.end != End::Lost => Err(EngineError::fault(self.name(), violation.to_string())),
            _ => Ok(run),
        }
    }
}
