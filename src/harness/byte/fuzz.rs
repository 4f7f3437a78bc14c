//! The fuzz targets of the byte machine: its engines, its reader, the loader of its weights.

use std::sync::LazyLock;

use super::{Byte, Generated, NetworkEngine, WasmiEngine};
use crate::byte::program::Header;
use crate::byte::program::reader::{Module, read_bytes};
use crate::harness::compare::compare;
use crate::harness::fuzz::{Corpus, Fuzzer};
use crate::harness::generate::program;
use crate::harness::machine::Machine;
use crate::harness::vm::VmEngine;
use crate::transformer::folder::{parse_config, parse_weights, serialize, serialize_config};
use crate::wasm::Source;

/// Steps after which a program is given up.
const STEP_LIMIT: usize = 2_000;

/// The share of the dense pass while fuzzing: on one case it takes as long as all else does on a dozen.
/// Inputs that are kept run on it when they are replayed.
const DENSE_SHARE: u64 = 128;

/// A valid config with its weights.
static VALID: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let (model, _) = Byte::compiled();
    (serialize_config::<f32>(&model.config), serialize(&model))
});

impl Default for Fuzzer<Byte> {
    /// The engines as users have them.
    fn default() -> Fuzzer<Byte> {
        fuzzer(NetworkEngine::dense())
    }
}

/// All engines, with this dense pass.
fn fuzzer(dense: NetworkEngine) -> Fuzzer<Byte> {
    let indexed = NetworkEngine::indexed();
    let forced = indexed.clone().forced();
    let always = vec![Box::new(VmEngine) as _, Box::new(WasmiEngine::default()) as _, Box::new(indexed) as _];
    Fuzzer::new(always, vec![Box::new(dense), Box::new(forced)], DENSE_SHARE, STEP_LIMIT)
}

impl Fuzzer<Byte> {
    /// Any bytes into the reader; what it accepts must run on every engine alike.
    ///
    /// # Panics
    /// As [`Fuzzer::diff`]; or where a program that was accepted is not read again as the same.
    pub fn parse(&self, bytes: &[u8]) -> Corpus {
        let Ok(Module { program, header, .. }) = read_bytes(&Source::named("input"), bytes) else { return Corpus::Keep };
        let printed = program.to_wat(&Header::default());
        let again = read_bytes(&Source::named("printed"), printed.as_bytes());
        assert_eq!(again.map(|module| module.program), Ok(program.clone()), "printed as\n{printed}");
        self.agree(&Generated { files: header.files(), program })
    }

    /// Any bytes into the loader of model folders; what it accepts must run without a panic. The bytes are a
    /// config and weights with the config's length before them, or, where the first byte is odd, changes to
    /// valid ones.
    ///
    /// # Panics
    /// Where loading or running does.
    pub fn weights(&self, bytes: &[u8]) {
        let Some((kind, rest)) = bytes.split_first() else { return };
        let (config, weights) = if kind % 2 == 1 {
            let (mut config, mut weights) = VALID.clone();
            // Three bytes say where, as the header of the weights is long; one says what.
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
        // Weights that load may be of another machine, or wrong: any verdict will do.
        if let Ok(engine) = NetworkEngine::new(model) {
            let _ = compare(program.case(), &[&VmEngine, &engine], STEP_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// With a dense pass whose logits are of other bits than the indexed pass's.
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
