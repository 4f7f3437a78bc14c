//! The byte machine with a program in its weights: the first Futamura projection.
//!
//! The program is in rows of the embedding after those of the tokens, one per instruction: the number of the
//! instruction, the flags of its opcode, and the bits of its operand. A first row stands for "instruction
//! −1". These rows fill a store after those of the files. The heads that fetch from the prompt in the
//! universal machine fetch from this store here, by the same keys. All other weights are the same for every
//! program, and most of them are those of the universal machine.
//!
//! The prompt is the start token, whose row executes the first step.

use super::fetch::Listing;
use super::lanes::Lanes;
use super::{budget, place};
use crate::byte::profile::FILES;
use crate::byte::program::Program;
use crate::byte::trace::Token;
use crate::circuit::{Budget, Circuit};
use crate::transformer::HeldStore;

/// The store that the program is in.
const STORE: usize = FILES;

/// What fills the stores, for a program of this many instructions.
pub fn stores(instructions: usize) -> Vec<HeldStore> {
    vec![HeldStore { store: STORE, first: Token::COUNT, count: instructions + 1 }]
}

/// The tokens of the prompt.
pub fn prompt() -> Vec<usize> {
    vec![Token::Start.id()]
}

/// The machine with these rows for a program, without their contents.
pub fn without_program(rows: usize) -> Circuit {
    empty(rows).0
}

fn empty(rows: usize) -> (Circuit, Lanes) {
    let mut circuit = Circuit::new(Budget { vocab_size: Token::COUNT + rows, ..budget() });
    let lanes = Lanes::declare(&mut circuit, false);
    place(&mut circuit, &lanes, &Listing::in_store(&lanes, STORE));
    // No row that holds an instruction is ever the next token.
    (Token::COUNT..Token::COUNT + rows).for_each(|row| circuit.unembed(row, -lanes.one));
    (circuit, lanes)
}

/// The machine with a program in it.
pub fn circuit(program: &Program) -> Circuit {
    let (mut circuit, lanes) = empty(program.code().len() + 1);
    let number = |index: i64| lanes.index * index + lanes.index_squared * (index * index);
    circuit.embed(Token::COUNT, number(-1));
    for (index, instr) in program.code().iter().enumerate() {
        let form = number(index as i64) + lanes.opcode(instr.op.row()) + lanes.byte(instr.arg);
        circuit.embed(Token::COUNT + 1 + index, form);
    }
    circuit
}

/// What a row of a program of these instructions holds.
pub fn row_name(program: &Program, row: usize) -> String {
    match row.checked_sub(1).and_then(|pc| Some((pc, program.code().get(pc)?))) {
        Some((pc, instr)) => format!("pc {pc}: {instr}"),
        None => "before the first instruction".to_string(),
    }
}
