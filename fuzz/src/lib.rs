//! What the fuzz targets have in common.

/// A fuzz target named after the method of `Fuzzer` that its inputs go to. Without a fuzzer it is a program that
/// replays the files given, all engines on every one; its tests replay `corpus/` and take random bytes.
#[macro_export]
macro_rules! target {
    ($method:ident) => {
        #[cfg(any(fuzzing, test))]
        static FUZZER: std::sync::LazyLock<wasmformer::harness::fuzz::Fuzzer> = std::sync::LazyLock::new(Default::default);

        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| FUZZER.$method(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            let fuzzer = wasmformer::harness::fuzz::Fuzzer::thorough();
            let mut replayed = 0;
            for path in std::env::args_os().skip(1) {
                fuzzer.$method(&std::fs::read(path)?);
                replayed += 1;
            }
            println!("{replayed} inputs replayed");
            Ok(())
        }

        #[cfg(test)]
        mod tests {
            use super::FUZZER;

            #[test]
            fn replays_the_corpus() {
                for path in wasmformer::program::reader::find_programs("../corpus".as_ref()).unwrap() {
                    FUZZER.$method(&std::fs::read(path).unwrap());
                }
            }

            #[test]
            fn takes_any_bytes() {
                let mut state = 1;
                for length in (0..400).step_by(7) {
                    let bytes: Vec<u8> = std::iter::repeat_with(|| {
                        state = wasmformer::harness::generate::mix(state);
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
