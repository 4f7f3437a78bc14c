//! Any bytes into the loader of model folders: no panic, and what it accepts runs without one.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, weights, "../corpus");
