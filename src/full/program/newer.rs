//! The WebAssembly features that a module needs and that are newer than the profile, and the compiler flags
//! that turn them off.

use wasmparser::{Validator, WasmFeatures};

use super::reader::FEATURES;

/// The features with their names, and the compiler flags that turn them off, where there are any.
const NEWER: [(WasmFeatures, &str, &str); 9] = [
    (WasmFeatures::SIMD, "SIMD", "clang -mno-simd128, rustc -C target-feature=-simd128"),
    (WasmFeatures::GC, "garbage collection", ""),
    (WasmFeatures::EXCEPTIONS, "exceptions", "clang -fno-exceptions, rustc -C panic=abort"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "legacy exceptions", "clang -fno-exceptions"),
    (WasmFeatures::TAIL_CALL, "tail calls", "clang -mno-tail-call"),
    (WasmFeatures::THREADS, "threads", "clang -mno-atomics, without -pthread"),
    (WasmFeatures::MEMORY64, "64-bit memories", "the target wasm32"),
    (WasmFeatures::MULTI_MEMORY, "several memories", ""),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "other page sizes", ""),
];

/// The newer features that a module needs, as the end of a sentence. The module must be valid in all of
/// WebAssembly. Empty if the features needed are not listed here.
pub(super) fn needs(wasm: &[u8]) -> String {
    let without = |feature| Validator::new_with_features(WasmFeatures::all().difference(feature)).validate_all(wasm).is_err();
    let needed = NEWER.iter().filter(|(feature, ..)| !FEATURES.contains(*feature) && without(*feature));
    let names = needed.map(|(_, name, flag)| if flag.is_empty() { name.to_string() } else { format!("{name} (to do without: {flag})") });
    match names.collect::<Vec<_>>() {
        none if none.is_empty() => String::new(),
        names => format!("; the module needs {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::full::program::reader::read_bytes;
    use crate::wasm::Source;

    #[test]
    fn what_is_newer_is_named_with_a_way_out_where_there_is_one() {
        for (text, needed) in [
            ("(type (func (param v128))) (func (export \"main\"))", "; the module needs SIMD (to do without: clang -mno-simd128"),
            ("(type (struct)) (func (export \"main\"))", "garbage collection"),
            ("(tag) (func (export \"main\"))", "exceptions (to do without: clang -fno-exceptions"),
            ("(memory 1 1 shared)", "threads (to do without"),
            ("(memory i64 1)", "64-bit memories (to do without: the target wasm32)"),
            ("(func $f (return_call $f))", "tail calls (to do without: clang -mno-tail-call)"),
        ] {
            let error = read_bytes(&Source::named("a.wat"), text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("newer than the profile") && error.contains(needed), "{text}: {error}");
        }
    }
}
