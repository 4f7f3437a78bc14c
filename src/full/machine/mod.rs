//! The full machine: WebAssembly itself, computed by the network alone.
//!
//! A run is one sequence. It begins with the [listing](super::listing): the program as tokens, every
//! instruction with its immediates before it, and what memory and table hold at the start. From then on the
//! network emits and the [host] appends; nothing else reaches the network but bytes of input.
//!
//! | file | attention | neurons |
//! | --- | --- | --- |
//! | `own` | – | what a token is by itself |
//! | `fetch` | running sums: pc, frame, call depth; the instruction at pc, its neighbours, the caller | keys of instructions |
//! | `value` | the latest byte at each place | the value that ends in this row |
//! | `slots` | top, second and third operand; the memory's length | the slot that this row writes |
//! | `arithmetic`, `product`, `shift` | – | sums for all instructions, from the operands' bytes |
//! | `compare` | – | comparisons, `select` |
//! | `divide` | – | what is left of the dividend |
//! | `bits` | the bits of the operands' bytes | and, or, xor, counts |
//! | `memory` | four families of bytes | addresses, alignment, bounds |
//! | `control` | the table's element | jumps, calls, traps |
//! | `digits` | – | wrapping, the place of the first byte |
//! | `unembed` | – | the token: here numbers are divided into digits |
//!
//! Which layer anything is in follows from what it reads: `circuit::Graph` places it.

mod accumulator;
mod arithmetic;
mod bits;
mod compare;
mod control;
pub mod decode;
mod digits;
mod divide;
mod fetch;
mod gate;
pub mod host;
mod memory;
mod own;
mod product;
mod shift;
mod slots;
mod unembed;
mod value;

use super::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS};
use crate::circuit::{Bounds, Circuit, CircuitError, Form, Graph};
use crate::transformer::{Model, Number};

use super::listing::features::Feature;
use super::listing::operation::Width;
use super::listing::token::Vocabulary;
use accumulator::Accumulator;
use control::Control;
use digits::{Begins, Digits, Late};
use divide::Division;
use fetch::{Element, Instruction, Registers};
use gate::{BEYOND_HALF, relu_if, step_if};
use own::Own;
use slots::Operands;
use value::Value;

/// The machine's name in configs and on the command line.
pub const NAME: &str = "full";

/// Rows of a trace, the listing's included.
pub const MAX_ROWS: u64 = 1 << 40;
/// Slots below the last frame: those of the globals, and of all calls in progress, of routines too.
const FRAME_TOP: i64 = (MAX_GLOBALS + (MAX_CALL_DEPTH + 3) * MAX_FRAME_SLOTS) as i64;
/// Slots.
const SLOT_LIMIT: i64 = FRAME_TOP + (1 << 17);

/// What a row is about: its own token, and the instruction at pc with its operands.
pub(crate) struct Row<'a> {
    own: &'a Own,
    registers: &'a Registers,
    instruction: &'a Instruction,
    operands: &'a Operands,
    value: &'a Value,
}

/// The machine before its lanes, heads and neurons have places.
pub fn graph() -> Graph {
    let vocabulary = Vocabulary::new();
    let mut graph = Graph::new(vocabulary.size());
    let g = &mut graph;
    let own = Own::embed(g, &vocabulary);
    let registers = Registers::place(g, &own);
    let instruction = Instruction::fetch(g, &own, &registers);
    let value = Value::collect(g, &own, &registers);
    let operands = Operands::find(g, &own, &registers, &instruction, &value);
    let begins = Begins::place(g, &instruction, &value);
    let (i, o) = (&instruction, &operands);
    let row = Row { own: &own, registers: &registers, instruction: i, operands: o, value: &value };

    let mut sum = Accumulator::default();
    arithmetic::place(g, i, o, &mut sum);
    product::place(g, i, o, &mut sum);
    shift::place(g, i, o, &mut sum);
    let totals = sum.gather(g);
    let division = Division::place(g, &own, i, o, &value);
    let not_zero = compare::NotZero::place(g, o);
    let compared = compare::place(g, i, o, &not_zero);
    let [select_low, select_high] = compare::select(g, i, o, &not_zero);
    let ([bits_low, bits_high], counts) = bits::place(g, &own, i, o);
    let element = Element::find(g, &registers, o.top.low);
    let access = memory::Access::place(g, &own, &registers, i, o);

    // memory.grow that fails: the sum of lengths becomes −1.
    let length = o.pages + o.top.low;
    let fails = step_if(g, &length - registers.max_pages - 1, i.is(Feature::GrowTry), BEYOND_HALF);
    let fails = g.lane("cannot grow", fails);
    let taken_back = relu_if(g, length + 1, fails, BEYOND_HALF);
    let target = g.neuron(i.is(Feature::TableGet), &element.target);
    let remainders = i.is(Feature::Remainder(Width::W32)) + i.is(Feature::Remainder(Width::W64));
    let late = Late {
        low: target - taken_back + bits_low + select_low + counts + compared,
        high: bits_high + select_high,
        carry: Form::from(fails) + shift::handed_down(g, i, &value, &totals, begins.wide),
        loaded: access.loaded,
        // Less than the divisor; and its high byte is never all ones, which would look like a valid place.
        remainder_bound: g.neuron(&remainders, o.second.low) - relu_if(g, o.second.low - (1 << 31), remainders, BEYOND_HALF),
    };
    let digits = Digits::place(g, &row, &begins, &totals, &division, late);
    let control = Control::place(g, &row, &not_zero, &division, &element, &access.out_of_bounds);
    unembed::place(g, &vocabulary, &digits, &division, &control);
    graph
}

/// The machine as a circuit.
pub fn circuit() -> Circuit {
    graph().place(NAME, 2)
}

/// The machine as weights, with the proof that its arithmetic is exact.
///
/// # Errors
/// Where the circuit is not exact in this number type: it needs f64.
pub fn compile<T: Number>() -> Result<(Model<T>, Bounds), CircuitError> {
    circuit().compile()
}
