//! Any bytes into the reader: no panic, and what it accepts runs on every engine alike.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, parse, "../corpus");
