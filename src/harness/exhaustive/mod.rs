//! Exhaustive domains: the transformer is run on every case of a domain that is small enough.
//!
//! A [`Domain`] is a finite set of cases, with programs that cover all of them. The case that a step tests is
//! read from the trace, so the count of a domain is the number of cases that were really tested. Each trace
//! is fed to the network (teacher forcing), and the network must emit each of its tokens. The final state
//! must be the reference VM's. Every lane of every pass is checked against the proven and stated ranges.

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

/// The maximum number of steps. Every program of a domain needs fewer.
const STEP_LIMIT: usize = 100_000;

/// The results of running a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// The number of programs run.
    pub programs: usize,
    /// The number of different cases tested.
    pub cases: usize,
    /// The number of steps compared.
    pub steps: usize,
    /// The number of lane values checked against their ranges.
    pub lane_values: u64,
    /// Each divergence, with the index of its program.
    pub divergences: Vec<(usize, Report)>,
}

/// Runs every `stride`-th program of a domain (1 means all programs) through a model, in the current thread
/// pool, and checks each pass against `bounds`. `tick` is called after each program. Once it returns a break,
/// no further program is started.
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

    // Steps after a divergence do not test any case.
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

/// The teacher-forced engine, with each pass checked against the ranges. If a step is wrong, a violated range
/// is not reported, because the divergence is more informative.
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
