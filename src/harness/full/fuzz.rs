//! The fuzz target of the full machine: its engines.

use super::{Full, NetworkEngine, WasmiEngine};
use crate::harness::fuzz::Fuzzer;
use crate::harness::vm::VmEngine;

/// Steps after which a program is given up: with a sanitizer and debug assertions a step takes a millisecond.
const STEP_LIMIT: usize = 2_000;

impl Default for Fuzzer<Full> {
    /// The engines as users have them.
    fn default() -> Fuzzer<Full> {
        let plain = NetworkEngine::indexed();
        let fused = plain.clone().fused();
        let always = vec![Box::new(VmEngine) as _, Box::new(WasmiEngine::default()) as _, Box::new(plain) as _, Box::new(fused) as _];
        Fuzzer::new(always, Vec::new(), 1, STEP_LIMIT)
    }
}
