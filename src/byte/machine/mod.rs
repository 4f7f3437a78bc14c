//! The byte machine: eight layers that execute one instruction of the byte profile per token.
//!
//! | layer | attention | neurons |
//! | --- | --- | --- |
//! | 0 `fetch` | the current instruction's flags and operand; what the previous step did | – |
//! | 1 `depth` | running sum of stack deltas | depth before this step |
//! | 2 `depth` | – | depth², for keys |
//! | 3 `operands` | the bits of top and second | – |
//! | 4 `alu` | what the previous step wrote, and where | arithmetic, comparison, bitwise |
//! | 5 `locals` | the local's latest value | its selection; first step of the wrap-around |
//! | 6 `memory` | the cell's latest value | its selection; second step of the wrap-around |
//! | 7 `files` | the byte at each file's offset | its selection; the wrapped result |
//!
//! The row that executes the instruction at *pc* carries the previous step's token. If that token was pushed,
//! it is the value at the height that the stack has before this step. So one depth lane serves as key (what
//! this row holds) and as query (what this step needs). [`meaning`] lists what each instruction does.
//! [`host`] has everything that the host supplies.

mod alu;
mod depth;
mod fetch;
mod files;
pub mod host;
mod lanes;
mod locals;
pub mod meaning;
mod memory;
mod operands;
pub mod specialized;
mod unembed;

use super::isa::TABLE;
use super::trace::Token;
use crate::circuit::{Bounds, Budget, Circuit, CircuitError};
use crate::transformer::{Model, Number};

use fetch::Listing;
pub use host::{ByteHost, ConfigError};
use lanes::Lanes;

/// The machine's name in configs and on the command line.
pub const NAME: &str = "byte";

/// The shape that the seed document publishes: 316,000 parameters.
pub fn budget() -> Budget {
    Budget { machine: NAME, d_model: 100, d_head: 2, d_ffn: 100, heads_per_layer: vec![13, 1, 0, 8, 2, 1, 1, 4], vocab_size: Token::COUNT }
}

/// The machine as a circuit.
pub fn circuit() -> Circuit {
    let mut circuit = Circuit::new(budget());
    let lanes = Lanes::declare(&mut circuit, true);
    for row in TABLE {
        circuit.embed(Token::Byte(row.opcode).id(), lanes.opcode(row));
    }
    place(&mut circuit, &lanes, &Listing::in_prompt(&lanes));
    circuit
}

/// Places everything in the layers.
fn place(circuit: &mut Circuit, lanes: &Lanes, listing: &Listing) {
    for (name, token) in Token::SPECIALS {
        circuit.special_token(name, token.id());
    }
    fetch::place(circuit, lanes, listing);
    depth::place(circuit, lanes);
    operands::place(circuit, lanes);
    alu::place(circuit, lanes, listing);
    locals::place(circuit, lanes);
    memory::place(circuit, lanes);
    files::place(circuit, lanes);
    unembed::place(circuit, lanes);
}

/// The machine as weights, with the proof that its arithmetic is exact.
///
/// # Errors
/// If the circuit is over budget or not exact. The tests show that it is neither in f32 and f64.
pub fn compile<T: Number>() -> Result<(Model<T>, Bounds), CircuitError> {
    circuit().compile()
}
