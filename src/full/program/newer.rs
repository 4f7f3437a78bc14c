//! The WebAssembly features that a module needs and that are newer than the profile: which they are, where
//! they are used, and the compiler flags that turn them off.

use wasmparser::{KnownCustom, Parser, Payload, Validator, WasmFeatures};

use super::reader::{FEATURES, function_names, imported_functions};
use super::{Export, Module};
use crate::shown::shown;
use crate::wasm::complaints::mnemonic;

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

/// An instruction and the function that it is in, given by the index of the defined function and the index in
/// its body. `module` has the imports and exports already.
pub(super) fn instruction(wasm: &[u8], module: &Module, (function, instruction): (usize, usize)) -> Option<String> {
    let bodies = Parser::new(0).parse_all(wasm).flatten().filter_map(|payload| match payload {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let operators = bodies.into_iter().nth(function)?.get_operators_reader().ok()?;
    let operator = operators.into_iter().nth(instruction)?.ok()?;
    let function = (imported_functions(module) + function) as u32;
    Some(format!("{} in {}", mnemonic(&operator), function_name(wasm, module, function)))
}

/// What a function is called: its own name, the name that it is exported by, or its index.
fn function_name(wasm: &[u8], module: &Module, function: u32) -> String {
    let names = Parser::new(0).parse_all(wasm).flatten().filter_map(|payload| match payload {
        Payload::CustomSection(section) => match section.as_known() {
            KnownCustom::Name(names) => Some(names),
            _ => None,
        },
        _ => None,
    });
    let own = names.flat_map(function_names).find(|naming| naming.index == function).map(|naming| naming.name.to_string());
    let exported = || module.exports.iter().find(|(_, export)| *export == Export::Function(function)).map(|(name, _)| name.clone());
    own.or_else(exported).map_or_else(|| format!("function {function}"), |name| shown(&name))
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
