//! The profile: the rules for programs, every limit with its reason, and what traps.

use thiserror::Error;

use super::isa::{Immediate, Op, Reports};
use super::program::{Instr, Program};

/// Maximum number of instructions in a listing, markers included. A key of the byte machine's instruction
/// fetch reaches 3·pc² in one score, which must stay below 2^24. This limit also bounds the height of the
/// operand stack.
pub const MAX_INSTRUCTIONS: usize = 2048;
/// Maximum number of locals: the index of a local must fit in the operand byte.
pub const MAX_LOCALS: usize = 256;
/// Maximum nesting of loops: the relative depth of a branch must fit in the operand byte.
pub const MAX_NESTING: usize = 256;
/// Maximum number of iterations of a loop per entry into the loop (the seed document's limit).
pub const MAX_ITERATIONS: u32 = 256;
/// Number of files. The index of a file is its descriptor.
pub const FILES: usize = 4;
/// Maximum number of bytes in a file (the seed document's limit).
pub const FILE_CAPACITY: usize = 32;
/// Number of byte cells of memory: addresses 0..=255 plus offsets 0..=255.
pub const CELLS: usize = 511;

/// The contents of the files, by descriptor. Each file has at most [`FILE_CAPACITY`] bytes.
pub type Files = [Vec<u8>; FILES];

/// Why a listing is not a program: the broken rule, and the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The pc of the offending instruction, if the rule is about one instruction.
    pub pc: Option<usize>,
    /// The rule.
    pub reason: Rule,
}

/// A broken rule of the profile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rule {
    /// Too many instructions.
    #[error("the program has {0} instructions; at most {MAX_INSTRUCTIONS} fit")]
    TooLong(usize),
    /// Too many locals.
    #[error("the function has {0} locals; at most {MAX_LOCALS} fit")]
    TooManyLocals(usize),
    /// A local that is not declared.
    #[error("local {0} is not declared")]
    NoSuchLocal(u8),
    /// Loops nested too deeply.
    #[error("loops are nested more than {MAX_NESTING} deep")]
    TooDeep,
    /// An operand where the instruction has none.
    #[error("{0} takes no immediate")]
    NoImmediate(Op),
    /// Too few operands.
    #[error("{0} needs {1} operand(s) here, but the stack of this block holds {2}")]
    Underflow(Op, usize, usize),
    /// A branch to a loop that does not enclose it.
    #[error("br_if {0} has no enclosing loop of that depth")]
    NoSuchLoop(u8),
    /// A branch that would have to remove operands from the stack.
    #[error("this br_if, when taken, would unwind {0} value(s) from the operand stack")]
    Unwinds(usize),
    /// A descriptor that the host cannot know in advance.
    #[error("the descriptor of {0} must be an i32.const 0..=3 directly before it")]
    Descriptor(Op),
    /// A loop that leaves more values than a block may leave.
    #[error("this loop leaves {0} values; a loop may leave one at most")]
    LoopResults(usize),
    /// An `end_loop` without its `loop`.
    #[error("end_loop without loop")]
    UnmatchedEnd,
    /// A `loop` without its `end_loop`.
    #[error("loop without end_loop")]
    UnmatchedLoop,
    /// Values left on the operand stack at the end.
    #[error("the function ends with {0} value(s) on the operand stack")]
    LeftOver(usize),
}

struct OpenLoop {
    pc: usize,
    entry: usize,
}

/// Checks `code` against every rule, appends the final `halt` if it is missing, and resolves heights and
/// branch targets.
pub(super) fn check(mut code: Vec<Instr>, locals: usize) -> Result<Program, Refusal> {
    let whole = |reason| Err(Refusal { pc: None, reason });
    if locals > MAX_LOCALS {
        return whole(Rule::TooManyLocals(locals));
    }
    let falls_off = code.iter().rev().find(|instr| instr.op != Op::EndLoop).is_none_or(|last| last.op != Op::Halt);
    if falls_off {
        code.push(Op::Halt.into());
    }
    if code.len() > MAX_INSTRUCTIONS {
        return whole(Rule::TooLong(code.len()));
    }

    // If the code ends with a `halt`, the ends of loops after the `halt` cannot be reached, and the operand
    // stack there may be anything.
    let reachable = code.iter().rposition(|instr| instr.op != Op::EndLoop).map_or(0, |last| last + 1);
    let mut heights = Vec::with_capacity(code.len());
    let mut targets = vec![0; code.len()];
    let mut leaves = vec![false; code.len()];
    let mut open: Vec<OpenLoop> = Vec::new();
    let mut height = 0;
    for (pc, &Instr { op, arg }) in code.iter().enumerate() {
        heights.push(height);
        let refuse = |reason| Err(Refusal { pc: Some(pc), reason });
        let row = op.row();
        match row.immediate {
            Immediate::None if arg != 0 => return refuse(Rule::NoImmediate(op)),
            Immediate::Local if usize::from(arg) >= locals => return refuse(Rule::NoSuchLocal(arg)),
            _ => {}
        }
        let floor = open.last().map_or(0, |l| l.entry);
        if height < floor + row.pops {
            return refuse(Rule::Underflow(op, row.pops, height - floor));
        }
        if op.takes_descriptor() && !follows_descriptor(&code, pc) {
            return refuse(Rule::Descriptor(op));
        }
        height = height - row.pops + row.pushes;
        match op {
            Op::Loop if open.len() == MAX_NESTING => return refuse(Rule::TooDeep),
            Op::Loop => open.push(OpenLoop { pc, entry: height }),
            Op::EndLoop => {
                let Some(OpenLoop { pc: start, entry }) = open.pop() else { return refuse(Rule::UnmatchedEnd) };
                if pc >= reachable {
                    height = entry;
                } else if height > entry + 1 {
                    return refuse(Rule::LoopResults(height - entry));
                }
                leaves[start] = height > entry;
            }
            Op::BrIf => {
                let Some(index) = open.len().checked_sub(1 + usize::from(arg)) else {
                    return refuse(Rule::NoSuchLoop(arg));
                };
                let OpenLoop { pc: target, entry } = open[index];
                if height != entry {
                    return refuse(Rule::Unwinds(height - entry));
                }
                targets[pc] = target;
            }
            _ => {}
        }
    }
    if let Some(unclosed) = open.last() {
        return Err(Refusal { pc: Some(unclosed.pc), reason: Rule::UnmatchedLoop });
    }
    if falls_off && height != 0 {
        return whole(Rule::LeftOver(height));
    }
    Ok(Program { code, locals, heights, targets, leaves })
}

/// Whether the instruction before `pc` is an `i32.const` naming a descriptor.
fn follows_descriptor(code: &[Instr], pc: usize) -> bool {
    pc > 0 && code[pc - 1].op == Op::I32Const && usize::from(code[pc - 1].arg) < FILES
}

/// The descriptor that the instruction at `pc` uses, if it uses one.
pub fn descriptor(program: &Program, pc: usize) -> Option<usize> {
    let uses = program.code()[pc].op.takes_descriptor();
    uses.then(|| usize::from(program.code()[pc - 1].arg))
}

/// The operand stack's height after the step at `pc`.
pub fn height_after(program: &Program, pc: usize) -> usize {
    let row = program.code()[pc].op.row();
    debug_assert!(row.reports != Reports::Nothing, "markers take no step");
    program.height(pc) - row.pops + row.pushes
}
