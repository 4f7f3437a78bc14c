//! The stock machine: the byte language on the Llama architecture, for runtimes that know nothing of it.
//!
//! The machine has no host and no positional data. A prompt is the listing with the files, as text; greedy
//! decoding continues it with the trace, as text. What a step leaves for later rows is in its words: at most
//! three, the pc, what the instruction needs in between or leaves behind, and the byte that the step reports.
//!
//! | layer | attention | neurons |
//! | --- | --- | --- |
//! | 0 `fetch` | the latest pc; the latest address or place in a file | – |
//! | 1 `fetch` | instruction, height and label at this pc; the immediate before it | what the row's byte is to later rows |
//! | 2 `operands` | the bits of top and second; the file's offset | arithmetic; which word comes next |
//! | 3 `operands` | the byte of the file, the local, the memory cell; the loop's count | their selection; wrap-around |
//!
//! Keys are bits (`keys.rs`), and of equal rows the latest counts: a slot, a local, a cell, a byte of a file,
//! an offset and a count each are what was told last. What was never told is read from the row that begins
//! the sequence.

mod alu;
mod fetch;
mod keys;
mod lanes;
mod next;
mod operands;
mod prompt;
mod reader;
mod words;

use crate::circuit::llama::{LlamaError, LlamaProof};
use crate::circuit::{Budget, Circuit};
use crate::transformer::llama::LlamaModel;

use lanes::Lanes;
pub use prompt::{prompt, run};
pub use reader::{Reader, Unreadable};
pub use words::{CLOSED, HALT, Vocabulary, Word, text};

/// The machine's name on the command line.
pub const NAME: &str = "stock";
/// The most words of a prompt and its run for which the machine is proven.
pub const MAX_ROWS: usize = 32_000;

/// The shape: heads of 64, four of which are the width.
pub fn budget() -> Budget {
    Budget { machine: NAME, d_model: 256, d_head: 64, d_ffn: 128, heads_per_layer: vec![4; 4], vocab_size: Word::count() }
}

/// The machine as a circuit.
pub fn circuit() -> Circuit {
    let mut circuit = Circuit::new(budget());
    let vocabulary = Vocabulary::new();
    for (name, id) in [("begin", Vocabulary::BEGIN), ("end", Vocabulary::END)] {
        circuit.special_token(name, id);
    }
    let lanes = Lanes::declare(&mut circuit, &vocabulary);
    fetch::place(&mut circuit, &lanes);
    operands::place(&mut circuit, &lanes);
    alu::place(&mut circuit, &lanes);
    next::place(&mut circuit, &lanes);
    next::unembed(&mut circuit, &vocabulary, &lanes);
    circuit
}

/// The machine as weights, with the proof that they are exact in every sequence of up to [`MAX_ROWS`] words.
///
/// # Errors
/// If the circuit is not exact. The tests show that it is.
pub fn compile() -> Result<(LlamaModel, LlamaProof), LlamaError> {
    circuit().compile_llama(MAX_ROWS)
}
