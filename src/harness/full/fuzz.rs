//! The engines of the full machine's fuzz target.

use super::{Full, NetworkEngine, WasmiEngine};
use crate::harness::fuzz::Fuzzer;
use crate::harness::vm::VmEngine;

/// The number of steps after which the run of a program is stopped. With a sanitizer and debug assertions,
/// the cost is a millisecond per step.
const STEP_LIMIT: usize = 2_000;

impl Default for Fuzzer<Full> {
    /// The engines as in the command line tool.
    fn default() -> Fuzzer<Full> {
        let plain = NetworkEngine::indexed();
        let fused = plain.clone().fused();
        let always = vec![Box::new(VmEngine) as _, Box::new(WasmiEngine::default()) as _, Box::new(plain) as _, Box::new(fused) as _];
        Fuzzer::new(always, Vec::new(), 1, STEP_LIMIT)
    }
}
