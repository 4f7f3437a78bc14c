//! What the fuzz targets do with their bytes. `fuzz/` only passes them on.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use arbitrary::{Arbitrary, Unstructured};

use super::compare::{Verdict, compare};
use super::engine::Engine;
use super::engines::{DenseEngine, IndexedEngine, TeacherForcedEngine, VmEngine, WasmiEngine};
use super::generate::{Generated, digest};
use super::shrink::shrink;
use crate::byte::program::Header;
use crate::byte::program::reader::{Module, read_bytes};
use crate::transformer::folder::{parse_config, parse_weights, serialize, serialize_config};
use crate::wasm::Source;

/// Steps after which a program is given up.
const STEP_LIMIT: usize = 2_000;

/// The engines that programs are run on.
#[derive(Debug)]
pub struct Fuzzer {
    vm: VmEngine,
    wasmi: WasmiEngine,
    indexed: IndexedEngine,
    dense: DenseEngine,
    forced: TeacherForcedEngine<'static>,
    /// One case in this many runs on the dense pass and by teacher forcing too.
    dense_share: u64,
    /// Digests of the cases that these two agreed on with the others. Many mutants are the same case again, of which the same
    /// passes would say the same again.
    agreed: Mutex<HashSet<u64>>,
}

/// The share of the dense pass while fuzzing: on one case it takes as long as all else does on a dozen. Inputs that are kept run
/// on it when they are replayed.
const DENSE_SHARE: u64 = 128;

/// What a fuzzer that is led by coverage is to do with an input that covers something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// Make other inputs from it.
    Keep,
    /// Leave it: the dense pass ran, and what it covers is new by the draw and not by the input. Kept, such inputs and their
    /// mutants become one in fifty.
    Reject,
}

impl From<()> for Corpus {
    fn from((): ()) -> Corpus {
        Corpus::Keep
    }
}

impl Default for Fuzzer {
    /// The engines as users have them.
    fn default() -> Fuzzer {
        let dense = DenseEngine::compiled();
        let indexed = IndexedEngine::exact(dense.model());
        let forced = TeacherForcedEngine::indexed(&indexed);
        let (dense_share, agreed) = (DENSE_SHARE, Mutex::default());
        Fuzzer { vm: VmEngine, wasmi: WasmiEngine::default(), indexed, dense, forced, dense_share, agreed }
    }
}

impl Fuzzer {
    /// With all engines on every case, as inputs are replayed: where the indexed pass differs from the dense one in a
    /// bit of a logit, each input tells.
    pub fn thorough() -> Fuzzer {
        Fuzzer { dense_share: 1, ..Fuzzer::default() }
    }

    /// All engines in lockstep: on the program that the bytes are, or else on the one generated from them.
    ///
    /// # Panics
    /// With the report and the shrunk program where engines diverge.
    pub fn diff(&self, bytes: &[u8]) -> Corpus {
        let generated = match read_bytes(&Source::named("input"), bytes) {
            Ok(Module { program, header, .. }) => Generated { files: header.files(), program },
            Err(_) => match Generated::arbitrary(&mut Unstructured::new(bytes)) {
                Ok(generated) => generated,
                Err(_) => return Corpus::Keep,
            },
        };
        self.agree(&generated)
    }

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
            let mut config = serialize_config::<f32>(&self.dense.model().config);
            let mut weights = serialize(self.dense.model());
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
        let program = super::soak::program(0, u64::from(bytes[bytes.len() - 1]));
        // Weights that load may be of another machine, or wrong: any verdict will do.
        let _ = compare(program.case(), &[&self.vm, &DenseEngine::new(model)], STEP_LIMIT);
    }

    /// All engines agree on a case; it alone decides whether the dense pass is among them, so that a finding can be repeated.
    fn agree(&self, generated: &Generated) -> Corpus {
        let instrs = generated.program.code().iter();
        let code = instrs.map(|instr| u64::from(instr.op.row().opcode) << 8 | u64::from(instr.arg)).chain([END]);
        let files = generated.files.iter().flat_map(|file| file.iter().map(|byte| u64::from(*byte)).chain([END]));
        let case = digest(code.chain(files));
        let agreed = || self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        let dense = case % self.dense_share == 0 && !agreed().contains(&case);

        let mut engines: Vec<&dyn Engine> = vec![&self.vm, &self.wasmi, &self.indexed];
        if dense {
            engines.extend([&self.dense as &dyn Engine, &self.forced]);
        }
        let verdict = compare(generated.case(), &engines, STEP_LIMIT).unwrap_or_else(|error| panic!("{error}\n{}", wat(generated)));
        match verdict {
            Verdict::Diverge(report) => {
                let shrunk = shrink(generated, &engines, STEP_LIMIT).ok().flatten();
                let (small, report) = shrunk.map_or((generated.clone(), *report), |shrunk| (shrunk.generated, shrunk.report));
                panic!("{report}\n{}", wat(&small));
            }
            Verdict::Agree { .. } if dense => {
                agreed().insert(case);
                Corpus::Reject
            }
            Verdict::Agree { .. } | Verdict::Inconclusive { .. } => Corpus::Keep,
        }
    }
}

/// Neither an instruction nor a byte: where the code or a file ends in a digest.
const END: u64 = u64::MAX;

/// The program for a person to run: a file for `wasmformer diff`.
fn wat(generated: &Generated) -> String {
    let run = super::engine::record(&VmEngine, generated.case(), STEP_LIMIT);
    let header = run.map(|recorded| recorded.run.header("found by fuzzing", &generated.files));
    generated.program.to_wat(&header.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// A dense pass whose logits are of other bits than the indexed pass's.
    fn spoiled(fuzzer: &Fuzzer) -> DenseEngine {
        let mut model = fuzzer.dense.model().clone();
        *model.unembedding.get_mut(0, 0) += 1.0;
        DenseEngine::new(model)
    }

    fn diverges(fuzzer: &Fuzzer, generated: &Generated) -> bool {
        catch_unwind(AssertUnwindSafe(|| fuzzer.agree(generated))).is_err()
    }

    #[test]
    fn a_divergence_is_found_again() {
        let fuzzer = Fuzzer::thorough();
        let fuzzer = Fuzzer { dense: spoiled(&fuzzer), ..fuzzer };
        let generated = Generated::from_seed(1);
        assert!(diverges(&fuzzer, &generated) && diverges(&fuzzer, &generated));
    }

    #[test]
    fn only_a_case_that_agreed_is_spared_the_dense_pass() {
        let fuzzer = Fuzzer::thorough();
        let generated = Generated::from_seed(1);
        assert_eq!([fuzzer.agree(&generated), fuzzer.agree(&generated)], [Corpus::Reject, Corpus::Keep]);
        let fuzzer = Fuzzer { dense: spoiled(&fuzzer), ..fuzzer };
        assert!(!diverges(&fuzzer, &generated));
        let mut other_files = generated.clone();
        other_files.files[0].push(1);
        let other_program = Generated { program: Generated::from_seed(2).program, ..generated };
        assert!(diverges(&fuzzer, &other_files) && diverges(&fuzzer, &other_program));
    }
}
