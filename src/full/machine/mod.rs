//! The full machine: WebAssembly itself, computed by the network alone.
//!
//! A run is one sequence. It begins with the [listing](super::listing): the initial contents of memory and
//! table, and the program as tokens, with the immediates of an instruction before it. After the listing, the
//! network emits tokens and the [host] appends them. Nothing else reaches the network, except bytes of input.
//!
//! | file | attention | neurons |
//! | --- | --- | --- |
//! | `own` | – | the embedding of a token |
//! | `fetch` | running sums: pc, frame, call depth; the instruction at pc, its neighbours, the caller | keys of instructions |
//! | `held` | the same from stores, where the weights hold the program | – |
//! | `value` | the latest byte at each place | the value that ends in this row |
//! | `slots` | top, second and third operand; the memory's length | the number of the slot that this row writes |
//! | `arithmetic`, `product`, `shift` | – | sums shared by all instructions, from the operands' bytes |
//! | `significand` | – | sums and products of floats' significands |
//! | `round` | – | floats, rounded and packed |
//! | `compare`, `float` | – | comparisons of integers and floats, `select` |
//! | `divide` | – | the rest of the dividend |
//! | `bits` | the bits of the operands' bytes | and, or, xor, counts |
//! | `memory` | the bytes of memory, in four families | addresses, alignment, bounds |
//! | `control` | the table's element | jumps, calls, traps |
//! | `digits` | – | wrapping, the place of the first byte |
//! | `unembed` | – | the token: numbers are divided into digits here |
//!
//! The layer of each head and neuron follows from the lanes that it reads: `circuit::Graph` places it.

mod accumulator;
mod arithmetic;
mod bits;
mod compare;
mod control;
pub mod decode;
mod digits;
mod divide;
mod fetch;
mod float;
mod gate;
mod held;
pub mod host;
mod memory;
mod own;
mod product;
mod round;
mod shift;
mod significand;
mod slots;
pub mod specialized;
mod unembed;
mod value;

use super::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS};
use crate::circuit::{Bounds, Circuit, CircuitError, Form, Graph};
use crate::transformer::{Model, Number};

use super::listing::features::Feature;
use super::listing::operation::Width;
use super::listing::token::Vocabulary;
use accumulator::Accumulator;
use control::{Conditions, Control};
use digits::{Begins, Digits, Late};
use divide::Division;
use fetch::{Element, Instruction, Registers, Source};
use gate::{BEYOND_HALF, relu_if, step_if};
use own::Own;
use round::Floats;
use slots::Operands;
use value::Value;

/// The machine's name in configs and on the command line.
pub const NAME: &str = "full";

/// Maximum number of rows of a trace, including the rows of the listing.
pub const MAX_ROWS: u64 = 1 << 40;
/// Maximum number of calls in progress that do not count: of routines, one inside the other, and of a
/// function of the host. A routine of a float instruction, two functions below it, and two of a long
/// division.
const NESTED_ROUTINES: u32 = 6;
/// Maximum number of slots below the last frame: the slots of the globals, and of all calls in progress,
/// including calls of routines.
const FRAME_TOP: i64 = (MAX_GLOBALS + (MAX_CALL_DEPTH + NESTED_ROUTINES) * MAX_FRAME_SLOTS) as i64;
/// Upper bound of the numbers of slots.
const SLOT_LIMIT: i64 = FRAME_TOP + (1 << 17);

/// The lanes of a row: of its own token, and of the instruction at pc with its operands.
pub(crate) struct Row<'a> {
    own: &'a Own,
    registers: &'a Registers,
    instruction: &'a Instruction,
    operands: &'a Operands,
    value: &'a Value,
}

/// The machine before its lanes, heads and neurons are placed in layers.
pub fn graph() -> Graph {
    let vocabulary = Vocabulary::new();
    let mut graph = Graph::new(vocabulary.size());
    let g = &mut graph;
    let own = Own::embed(g, &vocabulary, true);
    place(g, &vocabulary, &own, Source::Prompt);
    graph
}

/// Places everything that follows from the embedding.
fn place(g: &mut Graph, vocabulary: &Vocabulary, own: &Own, source: Source<'_>) {
    let registers = Registers::place(g, own);
    let instruction = Instruction::fetch(g, own, &registers, source);
    let value = Value::collect(g, own, &registers);
    let operands = Operands::find(g, own, &registers, &instruction, &value);
    let begins = Begins::place(g, &instruction, &value);
    let (i, o) = (&instruction, &operands);
    let row = Row { own, registers: &registers, instruction: i, operands: o, value: &value };

    let mut sum = Accumulator::default();
    arithmetic::place(g, i, o, &mut sum);
    product::place(g, i, o, &mut sum);
    shift::place(g, i, o, &mut sum);
    let ordered = significand::place(g, i, o, &mut sum);
    let totals = sum.gather(g);
    let division = Division::place(g, own, i, o, &value);
    let not_zero = compare::NotZero::place(g, o);
    let compared = compare::place(g, i, o, &not_zero);
    let compared = g.lane("comparison holds", compared);
    g.state(compared, (0, 1), "one comparison");
    let [select_low, select_high] = compare::select(g, i, o, &not_zero);
    let bits = bits::place(g, own, source, i, o);
    let floats = Floats::place(g, i, o, ordered, &bits.of_top);
    let ([bits_low, bits_high], counts) = (bits.common, bits.counts);
    let element = Element::find(g, &registers, source, o.top.low);
    let access = memory::Access::place(g, own, &registers, source, i, o);

    // Where memory.grow fails, the sum of lengths becomes −1.
    let length = o.pages + o.top.low;
    let fails = step_if(g, &length - registers.max_pages - 1, i.is(Feature::GrowTry), BEYOND_HALF);
    let fails = g.lane("cannot grow", fails);
    let taken_back = relu_if(g, length + 1, fails, BEYOND_HALF);
    let target = g.neuron(i.is(Feature::TableGet), &element.target);
    let remainders = i.is(Feature::Remainder(Width::W32)) + i.is(Feature::Remainder(Width::W64));
    let late = Late {
        low: target - taken_back + bits_low + select_low + counts + compared + &floats.low,
        high: bits_high + select_high + &floats.high,
        carry: Form::from(fails) + shift::handed_down(g, i, &value, &totals, begins.wide),
        loaded: access.loaded,
        // A remainder is less than the divisor. The bound is capped at 2^31: a bound whose upper bytes are
        // 255 would look like the start of a negative result.
        packed: floats.packed,
        remainder_bound: g.neuron(&remainders, o.second.low) - relu_if(g, o.second.low - (1 << 31), remainders, BEYOND_HALF),
    };
    let digits = Digits::place(g, &row, &begins, &totals, &division, late);
    let conditions = Conditions { not_zero: &not_zero, compared };
    let exceptions = division.jumps.clone() + floats.jumps;
    let control = Control::place(g, &row, conditions, &exceptions, &division, &element, &access.out_of_bounds);
    unembed::place(g, vocabulary, &digits, &division, &control);
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
