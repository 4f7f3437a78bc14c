//! Full programs from text, and the network that runs them.

use std::sync::OnceLock;

use wasmformer::full::program::{Call, Loaded, Value, load};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::NetworkEngine;
use wasmformer::wasm::{ReadError, Source};

/// One engine for all tests. It checks every lane of every pass against the proven bounds.
pub fn network() -> &'static NetworkEngine {
    static NETWORK: OnceLock<NetworkEngine> = OnceLock::new();
    NETWORK.get_or_init(|| NetworkEngine::indexed().checked())
}

/// The engine of [`network`], on programs in the fused form.
pub fn fused() -> &'static NetworkEngine {
    static FUSED: OnceLock<NetworkEngine> = OnceLock::new();
    FUSED.get_or_init(|| network().clone().fused())
}

/// The network without the check of every lane, for long runs.
pub fn unchecked() -> &'static NetworkEngine {
    static UNCHECKED: OnceLock<NetworkEngine> = OnceLock::new();
    UNCHECKED.get_or_init(NetworkEngine::indexed)
}

/// The calls of a run that invokes this function; no calls if `function` is `None`.
pub fn called(function: Option<u32>, arguments: &[Value]) -> Vec<Call> {
    function.map(|function| Call::new(function, arguments)).into_iter().collect()
}

pub fn read(text: &str) -> Result<Loaded, ReadError> {
    load(&Source::named("test.wat"), text.as_bytes(), &Process::default())
}

pub fn program(text: &str) -> Loaded {
    read(text).unwrap_or_else(|error| panic!("{error}"))
}
