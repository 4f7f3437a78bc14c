//! Proofs about weights: that *every* run of *every* program gives the reference VM's tokens.
//!
//! A proof reads a model's weights and config, and nothing else: never the circuit that the weights were
//! compiled from. It states an invariant, what each lane of each row that can exist holds, and discharges
//! named [obligations](Obligation). Each has a [method](Method): a symbolic identity of the weights, an
//! enumeration of all cases through the weights' own arithmetic, an interval analysis, or an argument on
//! paper. An argument is a text, and is reported as an argument; it names its premises, most of which are
//! obligations that the code checks.
//!
//! `wasmformer prove` proves the byte machine, all of it:
//!
//! | obligations | what they say | method |
//! | --- | --- | --- |
//! | retrieval | each hard-max and cross head chooses the wanted row among all that can exist | symbolic: the score is −σ·(x − y)² plus marks of less than σ; else by enumeration |
//! | computation | the operands give the reference VM's token; the wrap-around is right; a fault traps | enumeration: all operands, all rows that can be found |
//! | independence | all neurons that an instruction does not use are shut, whatever else the lanes hold | intervals |
//! | induction | each layer writes what the invariant says, and nothing else | enumeration; arguments |
//! | exactness | the magnitudes of no sum's terms add up to 2^24 | intervals |
//!
//! `wasmformer prove --machine full` proves the full machine, instruction by instruction, and says which
//! instructions are not proved and why:
//!
//! | obligations | what they say | method |
//! | --- | --- | --- |
//! | retrieval | all heads have the score y² − (x − y)²; x is the row's number and y the one asked for, in all rows and phases | symbolic, for every token and every operation |
//! | computation | the token is what is stated of the operation, for all operands, in every phase of its result | cases: split at gates, in each an identity; bytes enumerated, alone and in pairs |
//! | computation | what is stated is what the reference VM does | samples: a test |
//! | independence | the neurons that an operation does not use are shut | intervals |
//! | induction | what tokens add to the registers; what is emitted of a value; arguments | enumeration; symbolic; arguments |
//!
//! The chain from the specification to the network has these links:
//!
//! | link | byte | full |
//! | --- | --- | --- |
//! | WebAssembly → reference VM | tested: `suite`, `diff` and `soak` compare the VM with wasmi, step by step | tested: `spec`, `diff`, `soak` |
//! | program → listing | there is none | tested: `diff`, `soak`, `exhaustive` run what is lowered |
//! | reference VM → statement of an instruction | none: the VM gives the tokens | tested: sampled for integer arithmetic, on the edges of operands |
//! | statement → weights | proved, with the host as an assumption | proved for the instructions that the command lists as proved; the others are tested |
//! | weights → engines | proved: f32 gives these integers in any order; engines are compared to the bit | the compiler's bounds; engines are compared to the bit |
//!
//! No proof speaks of a host, which is code, or of the stock machine, whose attention is a softmax: that
//! softmax has a proof of its own ([`crate::circuit::llama`]).
//!
//! `engines/python/check_certificate` derives all machine-checked obligations again, by other means, from an
//! exported folder of the byte machine, and compares them with the certificate that `prove --certificate`
//! writes.

pub mod byte;
pub mod certificate;
pub mod full;
mod network;
mod obligation;
mod retrieval;

pub use network::NotExact;
pub use obligation::{Failure, Kind, Method, Obligation, Proof, Refutation};
