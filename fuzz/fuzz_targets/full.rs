//! Full programs in lockstep: the bytes as a module, or, if they are not a module, a module generated from
//! the bytes.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Full, diff, "../corpus/full");
