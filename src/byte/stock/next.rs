//! Layers 2 and 3, neurons, and the unembedding: which word comes next.
//!
//! | row | next word |
//! | --- | --- |
//! | pc | the byte that the step reports; of a load or store the address; of a loop its count; of an end of a loop the next pc; `halt`, or a trap of files |
//! | address | the byte |
//! | byte | the next pc; if the byte takes a branch, the loop's count, or the trap; of a file, its offset |
//! | count, offset | the next pc; of a branch, the one after the loop's |
//! | `halt`, trap | the end |

use super::lanes::{Lanes, number};
use super::words::{CLOSED, HALT, Vocabulary, Word};
use crate::byte::isa::Trap;
use crate::byte::machine::meaning::Flag;
use crate::byte::profile::{FILE_CAPACITY, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::circuit::{Circuit, Form, Interval, Lane, ONE};
use crate::transformer::Stage;

const DECIDE: usize = 2;
const COMPLETE: usize = 3;
/// By how much a word that is not a byte outbids the byte that every row computes, whose logit is at most
/// 255² + 1.
const OUTBID: i64 = 1 << 17;
/// By how much a trap outbids a count.
const OUTBID_COUNT: i64 = 4 * OUTBID;

/// The place of a trap among the lanes.
fn trap(trap: Trap) -> usize {
    Trap::ALL.iter().position(|known| *known == trap).expect("ALL has every trap")
}

pub fn place(circuit: &mut Circuit, lanes: &Lanes) {
    place_pc(circuit, lanes);
    place_others(circuit, lanes);
    place_traps(circuit, lanes);
    let next = Interval::new(0, MAX_INSTRUCTIONS as i128);
    for layer in [DECIDE, COMPLETE] {
        circuit.state(Stage::Ffn(layer), lanes.next, next, "one word comes next, and no number of a word is larger");
    }
}

/// Both hold: a lane of the row's kind, and a form of the instruction.
fn both(is: Lane, here: impl Into<Form>) -> Form {
    is + here.into() - ONE
}

fn place_pc(circuit: &mut Circuit, lanes: &Lanes) {
    let (is, here) = (&lanes.is, &lanes.here);
    let mut neuron = |name: &str, gate: Form, pc: Form| {
        circuit.neuron(DECIDE, name, gate.clone(), pc + ONE, lanes.next);
        circuit.neuron(DECIDE, format!("{name}: a pc"), gate, ONE, lanes.to_pc);
    };
    let following = number(&lanes.pc);
    neuron("after a byte", is.byte - lanes.branches - here.uses_file(), following.clone());
    neuron("after an end of a loop", both(is.pc, here.leaves), following.clone());
    neuron("after an offset", is.offset.into(), following.clone());
    neuron("after an entry's count", both(is.count, here.enters), following);
    neuron("after a branch's count", both(is.count, here.flag(Flag::BrIf)), number(&lanes.label));
}

fn place_others(circuit: &mut Circuit, lanes: &Lanes) {
    let (is, here) = (&lanes.is, &lanes.here);
    let flag = |flag| here.flag(flag);
    let immediate = number(&lanes.immediate);
    let cursor = number(&lanes.cursor);
    let mut neuron = |layer: usize, name: &str, gate: Form, value: Form, output: Lane| circuit.neuron(layer, name, gate, value, output);
    neuron(DECIDE, "address of a load", both(is.pc, flag(Flag::Load)), number(&lanes.top) + &immediate, lanes.next);
    neuron(DECIDE, "address of a store", both(is.pc, flag(Flag::Store)), number(&lanes.second) + &immediate, lanes.next);
    neuron(DECIDE, "an address", both(is.pc, here.any([Flag::Load, Flag::Store])), ONE.into(), lanes.to_address);

    neuron(DECIDE, "first iteration", both(is.pc, here.enters), ONE.into(), lanes.next);
    neuron(COMPLETE, "next iteration", lanes.branches.into(), lanes.count + ONE, lanes.next);
    neuron(DECIDE, "a count, entry", both(is.pc, here.enters), ONE.into(), lanes.to_count);
    neuron(DECIDE, "a count, branch", lanes.branches.into(), ONE.into(), lanes.to_count);

    neuron(DECIDE, "offset when closed", both(is.byte, flag(Flag::FdClose)), ONE * i64::from(CLOSED), lanes.next);
    neuron(DECIDE, "offset when read", both(is.byte, flag(Flag::FdRead)), cursor.clone(), lanes.next);
    neuron(COMPLETE, "offset when read, advanced", both(is.byte, flag(Flag::FdRead)), lanes.has_content.into(), lanes.next);
    neuron(DECIDE, "offset when written", both(is.byte, flag(Flag::FdWrite)), cursor + ONE, lanes.next);
    neuron(DECIDE, "an offset", both(is.byte, here.uses_file()), ONE.into(), lanes.to_offset);

    neuron(DECIDE, "halt", both(is.pc, flag(Flag::Halt)), ONE.into(), lanes.to_halt);
}

fn place_traps(circuit: &mut Circuit, lanes: &Lanes) {
    let (is, here) = (&lanes.is, &lanes.here);
    let cursor = number(&lanes.cursor);
    // The cursor less an offset if both flags are 1, and not positive otherwise.
    let beyond = |offset: usize, flags: Form| cursor.clone() - ONE * offset as i64 + (flags - ONE) * i64::from(CLOSED);
    let [closed, full, loops] = [Trap::ClosedDescriptor, Trap::FileFull, Trap::LoopLimit].map(|kind| lanes.to_traps[trap(kind)]);
    let uses = both(is.pc, here.any([Flag::FdRead, Flag::FdWrite]));
    circuit.neuron(DECIDE, "closed descriptor", beyond(FILE_CAPACITY, uses), ONE, closed);
    let writes = both(is.pc, here.flag(Flag::FdWrite));
    circuit.neuron(DECIDE, "file full", beyond(FILE_CAPACITY - 1, writes.clone()), ONE, full);
    circuit.neuron(DECIDE, "file full, not closed", beyond(FILE_CAPACITY, writes), ONE * -2, full);
    let most = i64::from(MAX_ITERATIONS);
    circuit.neuron(COMPLETE, "loop limit", lanes.count - ONE * (most - 1) + (lanes.branches - ONE) * most, ONE, loops);
    for lane in lanes.to_traps {
        let reason = "an offset is at most that of a closed file, a count at most the limit";
        circuit.state(Stage::Ffn(COMPLETE), lane, Interval::new(0, 1), reason);
    }
}

/// The logits. A number's word scores `2ty − t²`, highest at t = y.
pub fn unembed(circuit: &mut Circuit, vocabulary: &Vocabulary, lanes: &Lanes) {
    let byte = lanes.result - lanes.wraps * 256;
    let peak = |number: &Form, at: i64| number * (2 * at) - ONE * (at * at);
    let other = |family: Lane, at: u16| peak(&lanes.next.into(), at.into()) + family * OUTBID;
    for id in 0..Word::count() {
        let logit = match vocabulary.word(id) {
            Some(Word::Byte(at)) => peak(&byte, at.into()) + ONE,
            Some(Word::Pc(at)) => other(lanes.to_pc, at),
            Some(Word::Address(at)) => other(lanes.to_address, at),
            Some(Word::Count(at)) => other(lanes.to_count, at),
            Some(Word::Offset(at)) => other(lanes.to_offset, at.into()),
            Some(Word::Trap(kind)) => lanes.to_traps[trap(kind)] * OUTBID_COUNT,
            Some(Word::End) => lanes.is.last * OUTBID,
            Some(word) if word == HALT => lanes.to_halt * OUTBID,
            _ => Form::default(),
        };
        circuit.unembed(id, logit);
    }
}
