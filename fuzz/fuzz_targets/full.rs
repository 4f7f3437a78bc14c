//! Full programs in lockstep: the module that the bytes are, or else the one that is generated from them.

#![cfg_attr(fuzzing, no_main)]

wasmformer_fuzz::target!(Full, diff, "../corpus/full");
