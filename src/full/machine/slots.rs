//! Slots: locals, operands and globals, which share one numbering and are found by their number.
//!
//! Local i of a frame is slot frame + 1 + i. The operand at height h is slot frame + h, where the height
//! includes the locals. A global is slot 1 + its index, below all frames. In the fused form, operands and the
//! result of an instruction can be in other slots, which are given by shifts. The row that ends a value
//! writes the value to the slot given by the instruction *before* the one at pc, because pc has advanced in
//! this row. The latest row with a slot's number holds the current value of the slot.

use super::fetch::{Instruction, Registers};
use super::own::{HALF, Own};
use super::value::Value;
use super::{FRAME_TOP, SLOT_LIMIT};
use crate::circuit::{Form, Graph, Key, Lane};
use crate::full::listing::features::Feature;
use crate::full::program::limits::MAX_PAGES;

/// An operand.
pub struct Operand {
    pub bytes: Vec<Lane>,
    /// Whether the operand is negative as a number of 32 and of 64 bits.
    pub negative: [Lane; 2],
    pub low: Lane,
    pub high: Lane,
    /// The number of bytes of the lower half that are not 0.
    pub low_filled: Lane,
    /// The lowest bit of the exponent of a 32-bit float, and the lowest four of a 64-bit one.
    pub exponent: [Lane; 2],
}

/// The operands of the instruction at pc.
pub struct Operands {
    /// The operand on top of the stack. For a store: the address, which is below the value.
    pub top: Operand,
    /// The operand below top. For a store: the value.
    pub second: Operand,
    /// The operand below second.
    pub third: Operand,
    /// The addend of an address, and its lowest byte modulo 4; 0 where there is none.
    pub addend: Lane,
    pub addend_mod_4: Lane,
    /// The lowest byte of top modulo 4, and as a shift distance.
    pub mod_4: Lane,
    /// The factor of a shift by fewer than 8 places to the left.
    pub factor: Lane,
    pub shift_left: [Lane; 8],
    pub shift_right: [Lane; 8],
    /// The memory's length in pages.
    pub pages: Lane,
}

impl Operands {
    /// Finds the operands.
    pub fn find(g: &mut Graph, own: &Own, registers: &Registers, instruction: &Instruction, value: &Value) -> Operands {
        let is = |feature| instruction.is(feature);
        let key = written(g, registers, instruction, value);
        let grown = value.ends + instruction.previous_grows - own.ones - 1;
        let page_key = g.relu(grown) + own.is_pages;

        // In the middle of a call, the frame has already moved, but the operands are still those in the
        // caller's frame.
        let frame = registers.frame;
        let height = instruction.height;
        let calling = own.is_jump_high + is(Feature::Call) - 1;
        let moved = own.entered + g.neuron(calling, instruction.calls.latest_shift);
        let local = g.neuron(is(Feature::LocalGet), instruction.index + 1 - height);
        let global = g.neuron(is(Feature::GlobalGet), instruction.index + 1 - height - frame);
        let shifted = |g: &mut Graph, operand: usize| instruction.shifts[operand] - g.neuron(instruction.below[operand], frame);
        let top = frame + height - is(Feature::Store) - moved + local + global + shifted(g, 0);
        let top = g.lane("slot of top", top);
        g.state(top, (-1, SLOT_LIMIT as i128), "a slot of a frame, or of a global");

        let numbers = |g: &mut Graph, name: &str, query: Form, extra: Vec<Form>| {
            let mut values: Vec<Form> = value
                .bytes
                .iter()
                .chain(&value.negative)
                .chain([&value.low_filled])
                .chain(&value.exponent)
                .map(|lane| (*lane).into())
                .collect();
            values.extend(extra);
            let found = g.nearest_of(name, query, &key, values);
            let half = |bytes: &[Lane]| (0..4).map(|k| bytes[k] * (1 << (8 * k))).sum::<Form>();
            let (low, high) = (half(&found[..4]), half(&found[4..8]));
            let (low, high) = (g.lane(format!("{name} low"), low), g.lane(format!("{name} high"), high));
            let low_filled = g.lane(format!("{name} bytes of the lower half"), found[10]);
            let (negative, exponent) = ([found[8], found[9]], [found[11], found[12]]);
            (Operand { bytes: found[..8].to_vec(), negative, low, high, low_filled, exponent }, found[13..].to_vec())
        };
        let shifts = own.shift_left.iter().chain(&own.shift_right).map(|lane| (*lane).into());
        let extra: Vec<Form> = [own.mod_4.into()].into_iter().chain(shifts).collect();
        let (top, extra) = numbers(g, "top", top.into(), extra);
        let factor: Form = extra[1..9].iter().map(|lane| Form::from(*lane)).sum();
        let factor = g.lane("factor of shift", factor);
        g.state(factor, (0, 128), "of the eight lanes at most one is not 0");
        let second = frame + height - 1 + is(Feature::Store) + shifted(g, 1);
        let (second, _) = numbers(g, "second", second, Vec::new());
        let third = frame + height - 2 + shifted(g, 2);
        let (third, _) = numbers(g, "third", third, Vec::new());

        // The addend is third. Where there is none, the slot sought is 0. Rows with this number write no
        // slot, and have 0.
        let (adds, below) = (instruction.adds, instruction.below[2]);
        let slot = g.neuron(adds, frame + height - 2 + instruction.shifts[2]) - g.neuron(adds + below - 1, frame);
        let slot = g.lane("slot of addend", slot);
        g.state(slot, (0, SLOT_LIMIT as i128), "a slot of a frame, or of a global, or none");
        let lowest = g.neuron(own.places[0], own.byte);
        let low = lowest + (1..4).map(|k| value.bytes[k] * (1 << (8 * k))).sum::<Form>();
        let [addend, addend_mod_4] = g.nearest("addend", slot, &key, [low, own.mod_4.into()]);

        let length: Form = (0..4).map(|k| value.bytes[k] * (1 << (8 * k))).sum();
        // The key is 0 in a row that neither changes the memory's length nor holds the token for pages, so
        // the value of such a row is never returned.
        let [pages] = g.nearest("pages", 1, &Key { key: page_key.clone(), square: page_key }, [length + own.pages]);
        let pages_lane = g.lane("pages found", pages);
        g.state(pages_lane, (0, i128::from(MAX_PAGES)), "the memory never grows beyond the limit");
        Operands {
            top,
            second,
            third,
            addend,
            addend_mod_4,
            mod_4: extra[0],
            factor,
            shift_left: std::array::from_fn(|k| extra[1 + k]),
            shift_right: std::array::from_fn(|k| extra[9 + k]),
            pages: pages_lane,
        }
    }
}

/// The key of the slot that this row writes; 0 if the row does not write a slot.
fn written(g: &mut Graph, registers: &Registers, instruction: &Instruction, value: &Value) -> Key {
    let (to_local, to_global) = (instruction.previous_sets_local, instruction.previous_sets_global);
    let (offset, below) = (instruction.height + instruction.previous_shift, instruction.previous_below);
    let ends = Form::from(value.ends);
    let big = 1 << 26;
    let cases = [
        (registers.frame + &offset, Form::from(1) - to_local - to_global - below),
        (offset, below.into()),
        (registers.frame + instruction.previous_index + 1, to_local.into()),
        (instruction.previous_index + 1, to_global.into()),
    ];
    let (mut number, mut square) = (Form::default(), Form::default());
    for (slot, applies) in cases {
        let gate = &slot - (Form::from(2) - &ends - applies) * big;
        number += g.relu(&gate);
        square += g.neuron(gate, slot);
    }
    let (number, square) = (g.lane("slot written", number), g.lane("slot written squared", square));
    let limit = SLOT_LIMIT as i128;
    g.state(number, (0, limit), "one of the four cases, or none");
    g.state(square, (0, limit * limit), "one of the four cases, or none");
    Key { key: number.into(), square: square.into() }
}

const _: () = assert!(FRAME_TOP < SLOT_LIMIT && SLOT_LIMIT < HALF);
