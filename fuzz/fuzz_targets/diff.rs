//! All engines in lockstep: on the program that the bytes are, or else on the program that is generated from them.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, diff, "../corpus");
