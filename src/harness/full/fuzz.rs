//! What the fuzz target `full` does with its bytes. `fuzz/` only passes them on.

use arbitrary::{Arbitrary, Unstructured};

use super::engine::Engine;
use super::generate::Generated;
use super::soak::{Statistics, judge};
use super::{NetworkEngine, VmEngine, WasmiEngine};

/// Steps after which a program is given up: with a sanitizer and debug assertions a step takes a millisecond.
const STEP_LIMIT: usize = 2_000;

/// The engines that programs are run on.
#[derive(Clone, Debug)]
pub struct Fuzzer {
    vm: VmEngine,
    wasmi: WasmiEngine,
    plain: NetworkEngine,
    fused: NetworkEngine,
}

impl Default for Fuzzer {
    /// The engines as users have them.
    fn default() -> Fuzzer {
        let plain = NetworkEngine::indexed();
        Fuzzer { vm: VmEngine, wasmi: WasmiEngine::default(), fused: plain.clone().fused(), plain }
    }
}

impl Fuzzer {
    /// All engines in lockstep: on the module that the bytes are, in either format, or else on the one generated from them.
    ///
    /// # Panics
    /// With the report where engines diverge.
    pub fn full(&self, bytes: &[u8]) {
        let given = Generated { wasm: bytes.to_vec(), choice: 0, numbers: [0; 4], input: Vec::new() };
        let generated = match given.load() {
            Ok(_) => given,
            Err(_) => match Generated::arbitrary(&mut Unstructured::new(bytes)) {
                Ok(generated) => generated,
                Err(_) => return,
            },
        };
        let engines: [&dyn Engine; 4] = [&self.vm, &self.wasmi, &self.plain, &self.fused];
        match judge(&generated, &engines, STEP_LIMIT, &mut Statistics::default()) {
            Ok(None) => {}
            Ok(Some(report)) => panic!("{report}\n{generated:?}"),
            Err(error) => panic!("{error}\n{generated:?}"),
        }
    }
}
