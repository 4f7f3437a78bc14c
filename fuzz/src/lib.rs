//! The parts that all fuzz targets share.

use std::process::ExitCode;
use std::{env, fs};

/// Gives `check` the contents of every file named on the command line, and prints the number of files. The
/// exit status is 2 if a file cannot be read or if no file is named.
pub fn replay(check: impl Fn(&[u8])) -> ExitCode {
    let mut replayed = 0;
    for path in env::args_os().skip(1) {
        match fs::read(&path) {
            Ok(data) => check(&data),
            Err(error) => {
                eprintln!("error: {}: {error}", path.display());
                return ExitCode::from(2);
            }
        }
        replayed += 1;
    }
    if replayed == 0 {
        eprintln!("error: name the inputs to replay, such as those that fuzzing left in fuzz/corpus");
        return ExitCode::from(2);
    }
    println!("{replayed} inputs replayed");
    ExitCode::SUCCESS
}

/// A fuzz target: a language, the method of its `Fuzzer` that takes inputs, and the folder of the programs
/// that the target's tests replay. Built without a fuzzer, the target is a program that runs all engines on
/// every file given ([`replay`]). The target's tests replay the folder's programs and random bytes.
#[macro_export]
macro_rules! target {
    ($language:ident, $method:ident, $corpus:literal) => {
        type Fuzzer = wasmformer::harness::fuzz::Fuzzer<wasmformer::harness::$language>;

        #[cfg(any(fuzzing, test))]
        static FUZZER: std::sync::LazyLock<Fuzzer> = std::sync::LazyLock::new(Default::default);

        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus {
            use wasmformer::harness::fuzz::Corpus;
            match Corpus::from(FUZZER.$method(data)) {
                Corpus::Keep => libfuzzer_sys::Corpus::Keep,
                Corpus::Reject => libfuzzer_sys::Corpus::Reject,
            }
        });

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            let fuzzer = Fuzzer::default().thorough();
            $crate::replay(|data| _ = fuzzer.$method(data))
        }

        #[cfg(test)]
        mod tests {
            use super::FUZZER;

            #[test]
            fn replays_the_corpus() {
                for path in wasmformer::wasm::find::find_programs($corpus.as_ref()).unwrap() {
                    FUZZER.$method(&std::fs::read(path).unwrap());
                }
            }

            #[test]
            fn takes_any_bytes() {
                let mut state = 1;
                for length in (0..400).step_by(7) {
                    let bytes: Vec<u8> = std::iter::repeat_with(|| {
                        state = wasmformer::harness::random::mix(state);
                        state as u8
                    })
                    .take(length)
                    .collect();
                    FUZZER.$method(&bytes);
                }
            }
        }
    };
}
