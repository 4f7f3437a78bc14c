//! All engines in lockstep: on the bytes as a program, or, if they are not a program, on a program generated
//! from the bytes.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Byte, diff, "../corpus");
