//! Proofs about weights: that *every* run of *every* program gives the reference VM's tokens.
//!
//! A proof reads a model's weights and config, and nothing else: never the circuit that the weights were
//! compiled from. It states an invariant, what each lane of each row that can exist holds, and discharges
//! named [obligations](Obligation). Each has a [method](Method): a symbolic identity of the weights, an
//! enumeration of all cases through the weights' own arithmetic, an interval analysis, or an argument on
//! paper. An argument is a text, and is reported as an argument; it names its premises, most of which are
//! obligations that the code checks.
//!
//! `wasmformer prove` proves the byte machine:
//!
//! | obligations | what they say | method |
//! | --- | --- | --- |
//! | retrieval | each hard-max and cross head chooses the wanted row among all that can exist | symbolic: the score is −σ·(x − y)² plus marks of less than σ; else by enumeration |
//! | computation | the operands give the reference VM's token; the wrap-around is right; a fault traps | enumeration: all operands, all rows that can be found |
//! | independence | all neurons that an instruction does not use are shut, whatever else the lanes hold | intervals |
//! | induction | each layer writes what the invariant says, and nothing else | enumeration; arguments |
//! | exactness | the magnitudes of no sum's terms add up to 2^24 | intervals |
//!
//! The chain from the specification to the network has three links:
//!
//! | link | what it rests on |
//! | --- | --- |
//! | WebAssembly → reference VM | tests: `wasmformer suite`, `diff` and `soak` compare the VM with wasmi, step by step |
//! | reference VM → weights | the proof, with the host as an assumption |
//! | weights → engines | the exactness obligation: f32 gives these integers in any order; tests compare engines to the bit |
//!
//! The proof does not speak of the host, which is code: that it tracks pc, files and faults as the VM does is
//! tested. It does not speak of the full machine or the stock machine; theirs are tested, and the stock
//! machine's softmax has a proof of its own ([`crate::circuit::llama`]).
//!
//! `engines/python/check_certificate` derives all machine-checked obligations again, by other means, from an
//! exported folder, and compares them with the certificate that `prove --certificate` writes.

pub mod byte;
pub mod certificate;
mod network;
mod obligation;
mod retrieval;

pub use network::NotExact;
pub use obligation::{Failure, Kind, Method, Obligation, Proof, Refutation};
