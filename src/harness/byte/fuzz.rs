//! The fuzz targets of the byte machine: engines, reader, and loader of weights.

use std::sync::LazyLock;

use super::{Byte, Generated, NetworkEngine, WasmiEngine};
use crate::byte::program::Header;
use crate::byte::program::reader::{Module, read_bytes};
use crate::harness::compare::compare;
use crate::harness::fuzz::{Corpus, Fuzzer, PATIENCE, Seldom};
use crate::harness::generate::program;
use crate::harness::machine::Machine;
use crate::harness::vm::VmEngine;
use crate::transformer::folder::{parse_config, parse_weights, serialize, serialize_config};
use crate::wasm::Source;

/// The number of steps after which the run of a program is stopped.
const STEP_LIMIT: usize = 2_000;

/// The dense engine runs one case per this many while fuzzing: it takes as long for one case as all other
/// engines together take for a dozen. Inputs that are kept run on the dense engine when they are replayed.
const DENSE_SHARE: u64 = 128;

/// The compiled engine runs one case per this many, because it has most in common with the indexed one, which
/// runs all.
const COMPILED_SHARE: u64 = 4;

/// A valid config with its weights.
static VALID: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let (model, _) = Byte::compiled();
    (serialize_config::<f32>(&model.config), serialize(&model))
});

impl Default for Fuzzer<Byte> {
    /// The engines that `diff` runs without being asked for one, and the compiled ones.
    fn default() -> Fuzzer<Byte> {
        fuzzer(NetworkEngine::dense())
    }
}

/// All engines, with this dense engine.
fn fuzzer(dense: NetworkEngine) -> Fuzzer<Byte> {
    let indexed = NetworkEngine::indexed();
    let forced = indexed.clone().forced();
    let compiled = NetworkEngine::compiled().with_patience(PATIENCE);
    let always = vec![Box::new(VmEngine) as _, Box::new(WasmiEngine::default()) as _, Box::new(indexed) as _];
    let seldom = vec![
        Seldom { engine: Box::new(compiled), share: COMPILED_SHARE },
        Seldom { engine: Box::new(dense), share: DENSE_SHARE },
        Seldom { engine: Box::new(forced), share: DENSE_SHARE },
    ];
    Fuzzer::new(always, seldom, STEP_LIMIT)
}

impl Fuzzer<Byte> {
    /// Gives the bytes to the reader. A program that the reader accepts must run in the same way on every
    /// engine.
    ///
    /// # Panics
    /// As [`Fuzzer::diff`], or where an accepted program, printed and read again, is not the same program.
    pub fn parse(&self, bytes: &[u8]) -> Corpus {
        let Ok(Module { program, header, .. }) = read_bytes(&Source::named("input"), bytes) else { return Corpus::Keep };
        let printed = program.to_wat(&Header::default());
        let again = read_bytes(&Source::named("printed"), printed.as_bytes());
        assert_eq!(again.map(|module| module.program), Ok(program.clone()), "printed as\n{printed}");
        self.agree(&Generated { files: header.files(), program })
    }

    /// Gives the bytes to the loader of model folders. A model that the loader accepts must run without a
    /// panic. If the first byte is even, the bytes are the config's length, a config and weights. If it is
    /// odd, the bytes are changes to a valid config or to valid weights.
    ///
    /// # Panics
    /// Where loading or running panics.
    pub fn weights(&self, bytes: &[u8]) {
        let Some((kind, rest)) = bytes.split_first() else { return };
        let (config, weights) = if kind % 2 == 1 {
            let (mut config, mut weights) = VALID.clone();
            // Three bytes give the position, since the header of the weights is long. One byte gives the
            // change.
            for change in rest.chunks_exact(4) {
                let at = usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
                let file = if kind % 4 == 1 { &mut config } else { &mut weights };
                let at = at % file.len();
                file[at] ^= change[3];
            }
            (config, weights)
        } else {
            let Some((length, rest)) = rest.split_first_chunk::<2>() else { return };
            let (config, weights) = rest.split_at(rest.len().min(usize::from(u16::from_le_bytes(*length))));
            (config.to_vec(), weights.to_vec())
        };
        let Ok(config) = parse_config::<f32>(&config) else { return };
        let Ok(model) = parse_weights::<f32>(config, &weights) else { return };
        let program = program::<Byte>(0, u64::from(bytes[bytes.len() - 1]));
        // Weights that load may belong to another machine or be wrong, so any verdict is allowed.
        if let Ok(engine) = NetworkEngine::new(model) {
            let _ = compare(program.case(), &[&VmEngine, &engine], STEP_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// A fuzzer with a dense engine whose logits differ from the indexed engine's logits.
    fn spoiled() -> Fuzzer<Byte> {
        let mut model = NetworkEngine::dense().model().unwrap().clone();
        *model.unembedding.get_mut(0, 0) += 1.0;
        fuzzer(NetworkEngine::new(model).unwrap()).thorough()
    }

    fn diverges(fuzzer: &Fuzzer<Byte>, generated: &Generated) -> bool {
        catch_unwind(AssertUnwindSafe(|| fuzzer.agree(generated))).is_err()
    }

    #[test]
    fn a_divergence_is_found_again() {
        let fuzzer = spoiled();
        let generated = Generated::from_seed(1);
        assert!(diverges(&fuzzer, &generated) && diverges(&fuzzer, &generated));
    }

    #[test]
    fn only_a_case_that_agreed_is_spared_the_dense_pass() {
        let fuzzer = Fuzzer::<Byte>::default().thorough();
        let generated = Generated::from_seed(1);
        assert_eq!([fuzzer.agree(&generated), fuzzer.agree(&generated)], [Corpus::Reject, Corpus::Keep]);
        let fuzzer = spoiled().after(fuzzer);
        assert!(!diverges(&fuzzer, &generated));
        let mut other_files = generated.clone();
        other_files.files[0].push(1);
        let other_program = Generated { program: Generated::from_seed(2).program, ..generated };
        assert!(diverges(&fuzzer, &other_files) && diverges(&fuzzer, &other_program));
    }
}
