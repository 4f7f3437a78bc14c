//! Full programs in lockstep: the module that the bytes are, or else the one that is generated from them.

#![cfg_attr(fuzzing, no_main)]

use std::sync::LazyLock;

use wasmformer::harness::full::fuzz::Fuzzer;

static FUZZER: LazyLock<Fuzzer> = LazyLock::new(Fuzzer::default);

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| FUZZER.full(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    wasmformer_fuzz::replay(|data| FUZZER.full(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replays_the_corpus() {
        for path in wasmformer::wasm::find::find_programs("../corpus/full".as_ref()).unwrap() {
            FUZZER.full(&std::fs::read(path).unwrap());
        }
    }

    #[test]
    fn takes_any_bytes() {
        let mut state = 7;
        for length in (0..3000).step_by(61) {
            let bytes: Vec<u8> = std::iter::repeat_with(|| {
                state = wasmformer::harness::generate::mix(state);
                state as u8
            })
            .take(length)
            .collect();
            FUZZER.full(&bytes);
        }
    }
}
