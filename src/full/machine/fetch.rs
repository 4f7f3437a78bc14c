//! The registers of the run, and the instruction at pc.
//!
//! The embedding of each row's token gives the changes of the pc, the frame and the call depth. The running
//! sums of these changes are the machine's registers. The listing's instructions are found by their number.
//! An immediate precedes its opcode, so the immediate is the increase of the running sum of immediates since
//! the opcode before.

use std::collections::BTreeMap;

use super::held::Held;
use super::own::Own;
use super::{FRAME_TOP, MAX_ROWS, NESTED_ROUTINES};
use crate::circuit::{Form, Graph, Key, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::{MAX_IMMEDIATES, MAX_LISTING};
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_PAGES, MAX_TABLE};

/// Upper bound of the magnitude of shifts.
const SHIFT: i128 = 1 << 15;

/// Where the network finds the program.
#[derive(Clone, Copy)]
pub enum Source<'h> {
    Prompt,
    Weights(&'h Held),
}

/// The running sums.
pub struct Registers {
    /// The row's position.
    pub position: Lane,
    pub pc: Lane,
    /// The number of slots below the current frame.
    pub frame: Lane,
    pub depth: Lane,
    /// In a row with a byte of memory: the byte's address plus 1.
    pub data_address: Lane,
    pub max_pages: Lane,
    immediates: [Lane; 2],
    immediates_mod_4: Lane,
    indices: Lane,
    shifts: [Lane; 4],
    below: [Lane; 4],
    adds: Lane,
    height: Lane,
    /// The key of instructions, and of elements of the table.
    instruction: Key,
    element: Key,
    /// The key of calls in progress.
    call: Key,
}

/// The key `number` in rows where `mark` is 1; in other rows the key is 0.
fn marked(g: &mut Graph, number: Lane, mark: Lane) -> Key {
    let gate = number - (Form::from(1) - mark) * (1 << 26);
    Key { key: g.relu(&gate), square: g.neuron(gate, number) }
}

impl Registers {
    /// Places the sums over the rows so far.
    pub fn place(g: &mut Graph, own: &Own) -> Registers {
        let listing = MAX_LISTING as i128;
        let position = g.sum("position", 1, (1, MAX_ROWS as i128), "the limit of a trace's length");
        let count = g.sum("instruction number", own.is_opcode, (0, listing), "the limit of a listing's length");
        let elements = g.sum("element number", own.is_element, (0, i128::from(MAX_TABLE) + 1), "the limit of a table's length");
        let depth = g.sum(
            "call depth",
            own.depth_delta,
            (0, i128::from(MAX_CALL_DEPTH + NESTED_ROUTINES)),
            "one call more traps, and no more routines are nested",
        );
        Registers {
            position,
            pc: g.sum("pc", own.pc_delta, (0, listing), "a pc is an instruction's number"),
            frame: g.sum("frame", own.frame_delta, (0, FRAME_TOP as i128), "the limits of call depth, of a frame's slots and of globals"),
            depth,
            data_address: g.sum("data address", own.address_delta, (0, i128::from(MAX_PAGES) * 65536), "data lies in memory"),
            max_pages: g.sum("max pages", own.max_pages, (0, i128::from(MAX_PAGES)), "given once, and limited"),
            immediates: own
                .immediate
                .map(|half| g.sum("immediates", half, (0, MAX_IMMEDIATES as i128), "the limit of a listing's immediates")),
            immediates_mod_4: g.sum("immediates mod 4", own.immediate_mod_4, (0, 3 * listing), "at most 3 an instruction"),
            indices: g.sum("indices", own.index, (0, 65535 * listing), "16 bits an instruction"),
            shifts: own
                .shifts
                .map(|what| g.sum("shifts", what, (-SHIFT * listing, SHIFT * listing), "at most one of a kind an instruction")),
            below: own.below.map(|what| g.sum("slots below", what, (0, listing), "at most one of a kind an instruction")),
            adds: g.sum("addends", own.adds, (0, listing), "at most one an instruction"),
            height: g.sum(
                "height",
                own.height_delta,
                (-4, i128::from(MAX_GLOBALS + MAX_FRAME_SLOTS) + 4),
                "the limits of a frame's slots and of globals",
            ),
            instruction: marked(g, count, own.is_opcode),
            element: marked(g, elements, own.is_element),
            call: marked(g, depth, own.is_enter),
        }
    }
}

/// The instruction at pc, and the values that it needs from other instructions.
pub struct Instruction {
    pub features: BTreeMap<Feature, Lane>,
    /// The instruction's pc. In the middle of a jump, the register pc has already changed.
    pub pc: Form,
    /// The immediate, per half; and the immediate modulo 4.
    pub immediate: [Lane; 2],
    pub immediate_mod_4: Lane,
    pub index: Lane,
    /// The height before the instruction, parameters and locals included.
    pub height: Lane,
    /// The slot offsets of the operands top, second and third, from the slots that follow from the height.
    pub shifts: [Lane; 3],
    /// Whether these operands are in slots below all frames. The frame is then not added to the slot number.
    pub below: [Lane; 3],
    /// Whether third is added to the address of an access to memory.
    pub adds: Lane,
    /// The index of the previous instruction in the listing, and whether that instruction writes a local, a
    /// global, or the memory's length.
    pub previous_index: Lane,
    pub previous_sets_local: Lane,
    pub previous_sets_global: Lane,
    pub previous_grows: Lane,
    /// The slot offset of the previous instruction's result, and whether it is in a slot below all frames.
    pub previous_shift: Lane,
    pub previous_below: Lane,
    pub calls: Calls,
}

/// The calls that matter to the instruction at pc.
pub struct Calls {
    /// The pc of the call that made the current frame, and the number of slots by which that call moved the
    /// frame.
    pub caller_pc: Lane,
    pub caller_shift: Lane,
    /// The number of slots by which the latest call moved the frame.
    pub latest_shift: Lane,
}

impl Calls {
    fn find(g: &mut Graph, own: &Own, registers: &Registers, pc: &Form) -> Calls {
        let caller =
            g.nearest("caller", registers.depth + own.is_leave + own.is_jump_high, &registers.call, [pc.clone(), own.entered.into()]);
        let kind = Key { key: own.kind.into(), square: own.kind_squared.into() };
        let [latest_shift] = g.nearest("latest call", own.kinds.enter, &kind, [own.entered.into()]);
        Calls { caller_pc: caller[0], caller_shift: caller[1], latest_shift }
    }
}

impl Instruction {
    /// Fetches the instruction.
    pub fn fetch(g: &mut Graph, own: &Own, registers: &Registers, source: Source<'_>) -> Instruction {
        let pc = registers.pc - own.jump_high;
        match source {
            Source::Prompt => Instruction::fetch_from_prompt(g, own, registers, pc),
            Source::Weights(held) => {
                let calls = Calls::find(g, own, registers, &pc);
                held.fetch(g, own, pc, calls)
            }
        }
    }

    fn fetch_from_prompt(g: &mut Graph, own: &Own, registers: &Registers, pc: Form) -> Instruction {
        let [low, high] = registers.immediates;
        let names: Vec<Feature> = own.features().map(|(feature, _)| feature).collect();
        let mut values: Vec<Form> = own.features().map(|(_, lane)| lane.into()).collect();
        values.extend([low.into(), high.into(), registers.immediates_mod_4.into(), registers.indices.into(), registers.height - own.delta]);
        let [to_top, to_second, to_third, to_result] = registers.shifts.map(Form::from);
        let [top_below, second_below, third_below, result_below] = registers.below.map(Form::from);
        let shifting = [to_top, to_second, to_third, top_below, second_below, third_below, registers.adds.into()];
        values.extend(shifting.clone());
        let current = g.nearest_of("fetch", &pc, &registers.instruction, values);
        let (features, current) = current.split_at(names.len());
        let set = |feature| Form::from(own.feature(feature));
        let previous = g.nearest_of(
            "fetch previous",
            &pc - 1,
            &registers.instruction,
            [
                low.into(),
                high.into(),
                registers.immediates_mod_4.into(),
                registers.indices.into(),
                set(Feature::LocalSet),
                set(Feature::GlobalSet),
                set(Feature::GrowTry),
                to_result.clone(),
                result_below.clone(),
            ]
            .into_iter()
            .chain(shifting)
            .collect(),
        );
        let before = [registers.indices.into(), to_result, result_below];
        let [indices_before, to_result_before, result_below_before] =
            g.nearest("fetch one before", &pc - 2, &registers.instruction, before);
        let calls = Calls::find(g, own, registers, &pc);

        let difference = "what stands between two opcodes";
        let mut gained = |name: &str, after: Lane, before: Lane, range: (i128, i128)| {
            let lane = g.lane(name, after - before);
            g.state(lane, range, difference);
            lane
        };
        let (half, short, shift) = ((0, (1 << 32) - 1), (0, (1 << 16) - 1), (-SHIFT, SHIFT - 1));
        let immediate = [gained("immediate low", current[0], previous[0], half), gained("immediate high", current[1], previous[1], half)];
        let immediate_mod_4 = gained("immediate mod 4 of instruction", current[2], previous[2], (0, 3));
        let index = gained("index of instruction", current[3], previous[3], short);
        let previous_index = gained("previous index", previous[3], indices_before, short);
        let mut shifted = |index: usize, name: &str, range| gained(name, current[5 + index], previous[9 + index], range);
        let shifts = [shifted(0, "shift of top", shift), shifted(1, "shift of second", shift), shifted(2, "shift of third", shift)];
        let below = [(3, "top is below"), (4, "second is below"), (5, "third is below")].map(|(index, name)| shifted(index, name, (0, 1)));
        let adds = shifted(6, "has an addend", (0, 1));
        let previous_shift = gained("previous shift of result", previous[7], to_result_before, shift);
        let previous_below = gained("previous result is below", previous[8], result_below_before, (0, 1));
        Instruction {
            features: names.into_iter().zip(features.iter().copied()).collect(),
            pc,
            immediate,
            immediate_mod_4,
            index,
            height: current[4],
            shifts,
            below,
            adds,
            previous_index,
            previous_sets_local: previous[4],
            previous_sets_global: previous[5],
            previous_grows: previous[6],
            previous_shift,
            previous_below,
            calls,
        }
    }

    /// The places at which some instructions always begin their result: a lane is 1 if this one begins there.
    pub fn given_places(&self) -> impl Iterator<Item = (u8, Lane)> {
        self.features.iter().filter_map(|(feature, lane)| if let Feature::From(place) = feature { Some((*place, *lane)) } else { None })
    }

    /// A feature of the instruction.
    pub fn is(&self, feature: Feature) -> Lane {
        self.features[&feature]
    }
}

/// The element of the table that is sought.
pub struct Element {
    /// The number of the element found.
    pub found: Lane,
    /// The pc and the type in the element.
    pub target: Form,
    pub ty: Form,
}

impl Element {
    /// The element of an index.
    pub fn find(g: &mut Graph, registers: &Registers, source: Source<'_>, index: Lane) -> Element {
        if let Source::Weights(held) = source {
            let [found, target, ty] = held.find_element(g, index);
            return Element { found, target: target.into(), ty: ty.into() };
        }
        let [found, pc, ty] = {
            let values = [registers.element.key.clone(), registers.immediates[0].into(), registers.indices.into()];
            g.nearest("element", index + 2, &registers.element, values)
        };
        let [pc_before, ty_before] =
            g.nearest("element before", index + 1, &registers.element, [registers.immediates[0].into(), registers.indices.into()]);
        let target = g.lane("element's pc", pc - pc_before);
        let ty = g.lane("element's type", ty - ty_before);
        Element { found, target: target.into(), ty: ty.into() }
    }
}
