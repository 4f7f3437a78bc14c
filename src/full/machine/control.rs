//! Jumps, calls and returns, steps without a result, and traps.
//!
//! The network emits tokens that say where the run continues. A jump is the length of the jump. A call or a
//! return is the number of slots by which the frame moves, and then a jump. Between these tokens, the same
//! instruction is still in progress; the row's token shows how much of it is done.

use super::Row;
use super::compare::NotZero;
use super::divide::Division;
use super::fetch::Element;
use super::gate::{BEYOND_HALF, all, is_zero_if, not, relu_if, step_if};
use crate::circuit::{Form, Graph, Lane};
use crate::full::isa::Trap;
use crate::full::listing::MAX_LISTING;
use crate::full::listing::features::Feature;
use crate::full::listing::token::{Event, RADIX};
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS};

/// The lanes of control that the unembedding reads: 1 for the wanted family, and the families' numbers.
pub struct Control {
    /// The part of the jump's length that is still to be emitted.
    pub distance: Lane,
    /// Per direction (forward, back): whether a high digit of the jump is still to be emitted (`high`), or
    /// only the low digit (`low`).
    pub high: [Form; 2],
    pub low: [Form; 2],
    pub enters: Form,
    pub leaves: Form,
    /// The number of slots by which the frame moves.
    pub shift: Lane,
    pub outputs: Form,
    pub errors: Form,
    pub sends: Form,
    pub exits: Form,
    /// The byte for output, an error message, the system or exit.
    pub byte: Lane,
    pub events: Vec<(Event, Form)>,
}

/// The weight of a jump, in units of the weight of a result: an instruction jumps instead of giving a result.
const JUMP: i64 = 2;
/// The weight of a trap, in units of the weight of any other wanted family.
const TRAP: i64 = 3;

/// What branches depend on.
pub struct Conditions<'a> {
    pub not_zero: &'a NotZero,
    /// Whether the comparison holds.
    pub compared: Lane,
}

impl Control {
    /// Places the neurons of control.
    pub fn place(
        g: &mut Graph,
        row: &Row,
        Conditions { not_zero, compared }: Conditions<'_>,
        exceptions: &Form,
        division: &Division,
        element: &Element,
        out_of_bounds: &Form,
    ) -> Control {
        let Row { own, registers: r, instruction: i, operands: o, .. } = row;
        let is = |feature| i.is(feature);
        let (call, returns) = (is(Feature::Call), is(Feature::Return));
        let target = i.immediate[0];

        // The length of the jump, if there is a jump.
        let direct = is(Feature::Branch)
            + is(Feature::BranchIf)
            + is(Feature::BranchIfZero)
            + is(Feature::BranchIfHolds)
            + is(Feature::MayJump)
            + call
            - is(Feature::CallValue);
        let jump = g.neuron(direct, target - &i.pc) + g.neuron(returns, i.calls.caller_pc + 1 - &i.pc);
        let jump = g.lane("jump", jump);
        let by_value = o.top.low - &i.pc;
        let to_value = is(Feature::CallValue);
        let ahead = relu_if(g, &by_value, to_value, BEYOND_HALF);
        let behind = relu_if(g, -&by_value, to_value, BEYOND_HALF);
        let table = is(Feature::BranchTable);
        let chosen = relu_if(g, o.top.low, table, BEYOND_HALF) - relu_if(g, o.top.low - target, table, BEYOND_HALF) + table;
        let length = g.relu(jump) + g.relu(-jump) + ahead + behind + chosen;
        let length = g.lane("jump length", length);
        g.state(length, (0, MAX_LISTING as i128), "jumps stay within the listing");
        let backward = g.step(-jump - 1) + step_if(g, -by_value - 1, to_value, BEYOND_HALF);
        let backward = g.lane("jump goes back", backward);
        g.state(backward, (0, 1), "one of the two");

        // Whether there is a jump, or a token that must precede the jump.
        let in_call = own.is_enter + own.is_jump_high;
        let in_return = own.is_leave + own.is_jump_high;
        let enters = g.relu(call - &in_call);
        let leaves = g.relu(returns - &in_return);
        let jumps_back_from_call = g.relu(returns + in_return - 1);
        let jumps_to_callee = g.relu(call + in_call - 1);
        let by_comparison = all(g, &[is(Feature::BranchIfHolds), compared]);
        let taken = all(g, &[is(Feature::BranchIf), not_zero.low]) + g.relu(is(Feature::BranchIfZero) - not_zero.low) + by_comparison;
        let excepted = Form::from(1) - {
            let none = not(exceptions.clone());
            g.relu(none)
        };
        let jumps = is(Feature::Branch) + table + jumps_to_callee + jumps_back_from_call + &taken + excepted;
        let jumps = g.lane("jumps", jumps);
        g.state(jumps, (0, 1), "one reason to jump");

        let radix = i64::from(RADIX);
        let long = length - radix - not(jumps) * BEYOND_HALF - own.is_jump_high * BEYOND_HALF;
        let high = g.step_lane("jump has a high digit", long.clone());
        let high_back = g.step_lane("jump back has a high digit", long - not(backward) * BEYOND_HALF);
        let back = all(g, &[jumps, backward]);
        let back = g.lane("jumps back", back);

        let frame_shift = g.neuron(&enters, i.height - i.index) + g.neuron(&leaves, i.calls.caller_shift);
        let shift = g.lane("frame shift", frame_shift);
        g.state(shift, (0, i128::from(MAX_FRAME_SLOTS)), "the limit of a frame's slots");
        let distance = g.lane("distance left", length - own.jump_magnitude);

        let exhausted = {
            let counts = &enters + is(Feature::CallCounts) - 1;
            step_if(g, r.depth - i64::from(MAX_CALL_DEPTH), counts, 1 << 20)
        };
        let steps = is(Feature::Step) + is(Feature::BranchIf) + is(Feature::BranchIfZero) + is(Feature::BranchIfHolds) - taken;
        let mut events = vec![
            (Event::Step, steps),
            (Event::Halt, is(Feature::Halt).into()),
            (Event::Ask, is(Feature::Ask).into()),
            (Event::Poll, is(Feature::Poll).into()),
            (Event::Receive, is(Feature::Receive).into()),
            (Event::Refused, is(Feature::Refused).into()),
        ];
        let gets = is(Feature::TableGet);
        let present = is_zero_if(g, element.found - o.top.low - 2, gets, BEYOND_HALF);
        let empty = is_zero_if(g, element.ty.clone(), gets, BEYOND_HALF);
        let right = is_zero_if(g, &element.ty - i.index, gets, BEYOND_HALF);
        // If several traps apply at once, the one of the greatest weight is reported: the table's end, then
        // an empty place.
        let traps = [
            (Trap::Unreachable, is(Feature::Trap(Trap::Unreachable)) * TRAP),
            (Trap::DivisionByZero, &division.by_zero * TRAP),
            (Trap::IntegerOverflow, (&division.overflows + is(Feature::Trap(Trap::IntegerOverflow))) * TRAP),
            (Trap::InvalidConversion, is(Feature::Trap(Trap::InvalidConversion)) * TRAP),
            (Trap::MemoryOutOfBounds, out_of_bounds * TRAP),
            (Trap::TableOutOfBounds, (gets - present) * (TRAP + 2)),
            (Trap::UninitializedElement, empty * (TRAP + 1)),
            (Trap::IndirectCallType, (gets - right) * TRAP),
            (Trap::CallStackExhausted, exhausted * TRAP),
        ];
        events.extend(traps.map(|(trap, wanted)| (Event::Trap(trap), wanted)));
        Control {
            distance,
            high: [(high - high_back) * JUMP, high_back * JUMP],
            low: [(jumps - back - high + high_back) * JUMP, (back - high_back) * JUMP],
            enters,
            leaves,
            shift,
            outputs: is(Feature::Output).into(),
            errors: is(Feature::Error).into(),
            sends: is(Feature::Send).into(),
            exits: is(Feature::Exit).into(),
            byte: o.top.bytes[0],
            events,
        }
    }
}
