//! The engines of the full machine's fuzz target.

use super::{Full, NetworkEngine, WasmiEngine};
use crate::harness::engines::Bounded;
use crate::harness::fuzz::{Fuzzer, PATIENCE, Seldom};
use crate::harness::vm::VmEngine;

/// The number of steps after which the run of a program is stopped. With a sanitizer and debug assertions,
/// the cost is a millisecond per step.
const STEP_LIMIT: usize = 2_000;

/// The compiled engines run one case per this many: a part of the full machine's code takes a millisecond to
/// compile, and new cases need new parts.
const COMPILED_SHARE: u64 = 16;
/// The compiled engines run at most this many steps of a program, because longer runs compile ever more code.
const COMPILED_STEPS: usize = 100;

impl Default for Fuzzer<Full> {
    /// The engines that `diff` runs without being asked for one, and the compiled ones.
    fn default() -> Fuzzer<Full> {
        let plain = NetworkEngine::indexed();
        let fused = plain.clone().fused();
        let compiled = NetworkEngine::compiled().with_patience(PATIENCE);
        let seldom = [compiled.clone(), compiled.fused()].map(|compiled| {
            let engine = Bounded::new(Box::new(compiled), (COMPILED_STEPS, usize::MAX));
            Seldom { engine: Box::new(engine), share: COMPILED_SHARE }
        });
        let always = vec![Box::new(VmEngine) as _, Box::new(WasmiEngine::default()) as _, Box::new(plain) as _, Box::new(fused) as _];
        Fuzzer::new(always, seldom.into(), STEP_LIMIT)
    }
}
