//! Any bytes into the loader of model folders: the loader must not panic, and accepted models must run
//! without a panic.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, weights, "../corpus");
