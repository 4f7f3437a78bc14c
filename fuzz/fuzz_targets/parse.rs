//! Any bytes into the reader: it must not panic, and every engine must run an accepted program alike.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, parse, "../corpus");
