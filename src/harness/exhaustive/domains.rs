//! The domains. Each has the programs that cover it, and a function that gives the case tested by a step.
//!
//! The programs are loops over many cases, because in straight-line code the two tokens of prompt per
//! instruction would cost more than the steps. The programs are short, because attention costs the square of
//! the trace's length. Neighbouring cases have different values, so that a value read from a wrong place is
//! detected.

use super::listing::Listing;
use super::situation::Situation;
use crate::byte::isa::{Op, TABLE};
use crate::byte::profile::{CELLS, FILE_CAPACITY, FILES, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::byte::program::{Files, Instr};
use crate::byte::trace::{Step, Token};
use crate::harness::byte::Generated;

/// Makes the program with an index.
type ProgramOf = dyn Fn(usize) -> Generated + Send + Sync;
/// The case that a step tests, given the state before it.
type CaseOf = dyn Fn(&Situation<'_>, Instr, Step) -> Option<usize> + Send + Sync;

/// A finite set of cases.
pub struct Domain {
    /// The domain's name.
    pub name: String,
    /// The number of cases.
    pub cases: usize,
    /// The number of programs that cover the domain.
    pub programs: usize,
    program: Box<ProgramOf>,
    case: Box<CaseOf>,
}

impl Domain {
    fn new(
        name: impl Into<String>,
        cases: usize,
        programs: usize,
        program: impl Fn(usize) -> Generated + Send + Sync + 'static,
        case: impl Fn(&Situation<'_>, Instr, Step) -> Option<usize> + Send + Sync + 'static,
    ) -> Domain {
        Domain { name: name.into(), cases, programs, program: Box::new(program), case: Box::new(case) }
    }

    /// One of the domain's programs.
    pub fn program(&self, index: usize) -> Generated {
        (self.program)(index)
    }

    /// The case, `0..cases`, that a step tests.
    pub fn case(&self, before: &Situation<'_>, instr: Instr, step: Step) -> Option<usize> {
        (self.case)(before, instr, step)
    }
}

/// The number of cases per iteration of a loop's body. [`BLOCKS`] blocks cover all values of a byte.
const BLOCK: usize = 16;
const BLOCKS: usize = 256 / BLOCK;
/// The number of iterations of a loop over one operand. [`WINDOWS`] windows cover all values of a byte.
const WINDOW: usize = 32;
const WINDOWS: usize = 256 / WINDOW;
/// Locals of the programs: a value that runs through its range, and the loop's counter.
const VALUE: u8 = 0;
const COUNTER: u8 = 1;
/// An odd number, so that its multiples modulo 256 cover all bytes.
const SPREAD: usize = 37;

/// Every domain.
pub fn domains() -> Vec<Domain> {
    let mut domains: Vec<Domain> = TABLE.iter().filter(|row| (row.pops, row.pushes) == (2, 1)).map(|row| binary(row.op)).collect();
    domains.extend([constants(), outputs(), conditions(), iterations(), heights()]);
    domains.extend([locals(Op::LocalSet), locals(Op::LocalTee), unset_locals()]);
    domains.extend([cells_by_split(), cells_by_value(), unset_cells()]);
    domains.extend([descriptors(Op::FdOpen), descriptors(Op::FdClose), reads(), reads_at_end(), writes(true), writes(false)]);
    domains.extend([closed(Op::FdRead), closed(Op::FdWrite), full_files()]);
    domains
}

/// The byte that a step reported, if it reported one.
fn byte(step: Step) -> Option<usize> {
    match step.token {
        Token::Byte(byte) => Some(usize::from(byte)),
        _ => None,
    }
}

fn binary(op: Op) -> Domain {
    let program = move |index: usize| {
        let (block, window) = (index / WINDOWS, index % WINDOWS);
        let mut code = Listing::default();
        code.constant((window * WINDOW) as u8).set(VALUE);
        code.repeat(COUNTER, WINDOW, |body| {
            for second in block * BLOCK..(block + 1) * BLOCK {
                body.constant(second as u8).get(VALUE).op(op).op(Op::Output);
            }
            body.increase(VALUE, 1);
        });
        code.finish(Files::default())
    };
    let case = move |before: &Situation<'_>, instr: Instr, _| (instr.op == op).then(|| before.operand(1) * 256 + before.operand(0));
    Domain::new(format!("{op}: second × top"), 256 * 256, BLOCKS * WINDOWS, program, case)
}

fn constants() -> Domain {
    let program = |_| {
        let mut code = Listing::default();
        (0..=255).for_each(|value| {
            code.constant(value).op(Op::Output);
        });
        code.finish(Files::default())
    };
    Domain::new("i32.const: value", 256, 1, program, |_, instr, _| (instr.op == Op::I32Const).then_some(usize::from(instr.arg)))
}

fn outputs() -> Domain {
    let program = |_| {
        let mut code = Listing::default();
        code.repeat(COUNTER, 256, |body| {
            body.get(COUNTER).op(Op::Output);
        });
        code.finish(Files::default())
    };
    Domain::new("output: value", 256, 1, program, |before, instr, _| (instr.op == Op::Output).then(|| before.operand(0)))
}

/// Each condition decides whether a loop has a second iteration. Every condition except 0 takes the branch.
/// The second iteration's condition is 0, so the loop ends there.
fn conditions() -> Domain {
    let program = |index: usize| {
        let mut code = Listing::default();
        for condition in index * BLOCK..(index + 1) * BLOCK {
            // If the condition holds, the body is executed once more, with the local set to 0.
            code.constant(condition as u8).set(VALUE).op(Op::Loop).get(VALUE).constant(0).set(VALUE).op(Op::BrIf);
            code.constant(condition as u8).op(Op::Output).op(Op::EndLoop);
        }
        code.finish(Files::default())
    };
    Domain::new("br_if: condition", 256, BLOCKS, program, |before, instr, _| (instr.op == Op::BrIf).then(|| before.operand(0)))
}

/// One loop per number of iterations within the limit, and one loop that traps.
fn iterations() -> Domain {
    let most = MAX_ITERATIONS as usize;
    let program = move |index: usize| {
        let mut code = Listing::default();
        if index < most {
            code.repeat(COUNTER, index + 1, |_| ());
        } else {
            code.op(Op::Loop).constant(1).op(Op::BrIf).op(Op::EndLoop);
        }
        code.get(COUNTER).op(Op::Output).finish(Files::default())
    };
    let case = move |before: &Situation<'_>, instr: Instr, step: Step| match (instr.op, step.token) {
        (_, Token::Trap) => Some(most),
        // The first value of the counter is the number of iterations.
        (Op::LocalSet, _) => Some((before.operand(0) + most - 1) % most),
        _ => None,
    };
    Domain::new("loop: iterations", most + 1, most + 1, program, case)
}

/// One value per possible height of the operand stack, and one instruction per pc.
fn heights() -> Domain {
    const HEIGHTS: usize = (MAX_INSTRUCTIONS - 1) / 2;
    let program = |_| {
        let mut code = Listing::default();
        (0..HEIGHTS).for_each(|height| {
            code.constant((height * SPREAD) as u8);
        });
        (0..HEIGHTS).for_each(|_| {
            code.op(Op::Output);
        });
        code.finish(Files::default())
    };
    Domain::new("operand stack: height", HEIGHTS, 1, program, |before, instr, _| (instr.op == Op::Output).then(|| before.height() - 1))
}

fn locals(writer: Op) -> Domain {
    let program = move |index: usize| {
        let (block, start) = (index / BLOCKS * BLOCK, index % BLOCKS);
        // `value` and `counter` are locals outside the block.
        let value = ((block + BLOCK) % 256) as u8;
        let counter = value + 1;
        let mut code = Listing::default();
        code.constant(start as u8).set(value);
        code.repeat(counter, BLOCK, |body| {
            for local in block..block + BLOCK {
                // The value increases by one per local, and so by 16 per iteration.
                body.increase(value, 1).get(value).with(writer, local as u8);
                if writer == Op::LocalTee {
                    body.op(Op::Output);
                }
                body.get(local as u8).op(Op::Output);
            }
        });
        code.finish(Files::default())
    };
    let case = move |before: &Situation<'_>, instr: Instr, step: Step| {
        (instr.op == Op::LocalGet && before.local_writer(instr.arg) == Some(writer)).then_some(())?;
        Some(usize::from(instr.arg) * 256 + byte(step)?)
    };
    Domain::new(format!("{writer}, local.get: local × value"), 256 * 256, BLOCKS * BLOCKS, program, case)
}

/// Reads a local that was never written, between two locals that were, after the memory cell with the local's
/// number was written.
fn unset_locals() -> Domain {
    let program = |index: usize| {
        let local = index as u8;
        let mut code = Listing::default();
        code.constant(255).set(local.wrapping_sub(1)).constant(254).set(local.wrapping_add(1));
        code.constant(local).constant(253).op(Op::I32Store);
        code.get(local).op(Op::Output).get(local.wrapping_add(1)).op(Op::Output).finish(Files::default())
    };
    Domain::new("local.get: local never set", 256, 256, program, |before, instr, _| {
        (instr.op == Op::LocalGet && before.local_writer(instr.arg).is_none()).then_some(usize::from(instr.arg))
    })
}

/// The address that a load or store uses. `above` is the number of operands above the address on the stack.
fn address(before: &Situation<'_>, instr: Instr, above: usize) -> usize {
    before.operand(above) + usize::from(instr.arg)
}

fn cells_by_split() -> Domain {
    let program = |index: usize| {
        let (block, window) = (index / WINDOWS * BLOCK, index % WINDOWS);
        let mut code = Listing::default();
        code.constant((window * WINDOW) as u8).set(VALUE);
        code.repeat(COUNTER, WINDOW, |body| {
            for offset in block..block + BLOCK {
                // The value depends on base and offset, so that equal sums of both have different values.
                body.get(VALUE).get(VALUE).constant((offset * SPREAD) as u8).op(Op::I32Add).with(Op::I32Store, offset as u8);
                body.get(VALUE).with(Op::I32Load, offset as u8).op(Op::Output);
            }
            body.increase(VALUE, 1);
        });
        code.finish(Files::default())
    };
    Domain::new("i32.store, i32.load: base × offset", 256 * 256, BLOCKS * WINDOWS, program, |before, instr, _| {
        (instr.op == Op::I32Load && before.cell_is_written(address(before, instr, 0)))
            .then(|| before.operand(0) * 256 + usize::from(instr.arg))
    })
}

fn cells_by_value() -> Domain {
    let program = |index: usize| {
        let (block, start) = (index / BLOCKS * BLOCK, index % BLOCKS);
        let mut code = Listing::default();
        code.constant(start as u8).set(VALUE);
        code.repeat(COUNTER, BLOCK, |body| {
            for address in block..block + BLOCK {
                let offset = (address / 2) as u8;
                let base = (address.min(CELLS - 1) - usize::from(offset)) as u8;
                body.increase(VALUE, 1).constant(base).get(VALUE).with(Op::I32Store, offset);
                body.constant(base).with(Op::I32Load, offset).op(Op::Output);
            }
        });
        code.finish(Files::default())
    };
    let case = |before: &Situation<'_>, instr: Instr, step: Step| {
        (instr.op == Op::I32Load).then_some(())?;
        Some(address(before, instr, 0) * 256 + byte(step)?)
    };
    Domain::new("i32.store, i32.load: address × value", CELLS * 256, CELLS.div_ceil(BLOCK) * BLOCKS, program, case)
}

/// Reads a cell that was never written, between two cells that were, after the local with the cell's number
/// modulo 256 was written.
fn unset_cells() -> Domain {
    let program = |index: usize| {
        let access = |code: &mut Listing, op: Op, cell: usize, value: Option<u8>| {
            let offset = cell.saturating_sub(255);
            code.constant((cell - offset) as u8);
            value.into_iter().for_each(|value| {
                code.constant(value);
            });
            code.with(op, offset as u8);
        };
        let mut code = Listing::default();
        access(&mut code, Op::I32Store, (index + CELLS - 1) % CELLS, Some(255));
        access(&mut code, Op::I32Store, (index + 1) % CELLS, Some(254));
        code.constant(253).set((index % 256) as u8);
        access(&mut code, Op::I32Load, index, None);
        code.op(Op::Output).finish(Files::default())
    };
    Domain::new("i32.load: cell never stored to", CELLS, CELLS, program, |before, instr, _| {
        let unset = instr.op == Op::I32Load && !before.cell_is_written(address(before, instr, 0));
        unset.then(|| address(before, instr, 0))
    })
}

fn descriptors(op: Op) -> Domain {
    let program = move |index: usize| {
        let mut code = Listing::default();
        code.open(index as u8).file(op, index as u8);
        if op == Op::FdOpen {
            code.op(Op::Output);
        }
        code.finish(Files::default())
    };
    Domain::new(format!("{op}: descriptor"), FILES, FILES, program, move |before, instr, _| (instr.op == op).then(|| before.operand(0)))
}

/// Full files whose bytes differ between files, between offsets and between programs.
fn full(index: usize) -> Files {
    std::array::from_fn(|file| (0..FILE_CAPACITY).map(|offset| (index + file * 64 + offset * SPREAD) as u8).collect())
}

/// The case of a file, an offset below the file's capacity, and a byte.
fn file_case(file: usize, offset: usize, byte: usize) -> usize {
    (file * FILE_CAPACITY + offset) * 256 + byte
}

const FILE_CASES: usize = FILES * FILE_CAPACITY * 256;

fn reads() -> Domain {
    let program = |index: usize| {
        let mut code = Listing::default();
        (0..FILES as u8).for_each(|file| {
            code.open(file);
        });
        code.repeat(COUNTER, FILE_CAPACITY, |body| {
            (0..FILES as u8).for_each(|file| {
                body.file(Op::FdRead, file).op(Op::Output);
            });
        });
        code.finish(full(index))
    };
    let case = |before: &Situation<'_>, instr: Instr, step: Step| match before.file(step.pc) {
        Some((file, Some(offset), length)) if instr.op == Op::FdRead && offset < length => Some(file_case(file, offset, byte(step)?)),
        _ => None,
    };
    Domain::new("fd_read: file × offset × byte", FILE_CASES, 256, program, case)
}

fn reads_at_end() -> Domain {
    let program = |length: usize| {
        let mut code = Listing::default();
        for file in 0..FILES as u8 {
            code.open(file).repeat(COUNTER, length + 2, |body| {
                body.file(Op::FdRead, file).op(Op::Output);
            });
        }
        code.finish(full(length).map(|contents| contents[..length].to_vec()))
    };
    let case = |before: &Situation<'_>, instr: Instr, step: Step| match before.file(step.pc) {
        Some((file, Some(offset), length)) if instr.op == Op::FdRead && offset == length => Some(file * (FILE_CAPACITY + 1) + length),
        _ => None,
    };
    Domain::new("fd_read at the end: file × length", FILES * (FILE_CAPACITY + 1), FILE_CAPACITY + 1, program, case)
}

/// Writes that overwrite full files or extend empty files. All bytes are read back.
fn writes(overwrite: bool) -> Domain {
    let program = move |index: usize| {
        let mut code = Listing::default();
        (0..FILES as u8).for_each(|file| {
            code.open(file);
        });
        code.constant((index + 128) as u8).set(VALUE);
        code.repeat(COUNTER, FILE_CAPACITY, |body| {
            for file in 0..FILES as u8 {
                body.get(VALUE).constant(64 * file).op(Op::I32Add).file(Op::FdWrite, file);
            }
            body.increase(VALUE, SPREAD as u8);
        });
        (0..FILES as u8).for_each(|file| {
            code.open(file);
        });
        code.repeat(COUNTER, FILE_CAPACITY, |body| {
            (0..FILES as u8).for_each(|file| {
                body.file(Op::FdRead, file).op(Op::Output);
            });
        });
        code.finish(if overwrite { full(index) } else { Files::default() })
    };
    let case = move |before: &Situation<'_>, instr: Instr, step: Step| match before.file(step.pc) {
        Some((file, Some(offset), length)) if instr.op == Op::FdWrite && (offset < length) == overwrite => {
            Some(file_case(file, offset, byte(step)?))
        }
        _ => None,
    };
    let what = if overwrite { "overwrites" } else { "extends" };
    Domain::new(format!("fd_write {what}: file × offset × byte"), FILE_CASES, 256, program, case)
}

/// A trap on a closed descriptor. The file was never opened, or was opened and closed again.
fn closed(op: Op) -> Domain {
    let program = move |index: usize| {
        let file = (index / 2) as u8;
        let mut code = Listing::default();
        if index % 2 == 1 {
            code.open(file).file(Op::FdClose, file);
        }
        if op == Op::FdWrite {
            code.constant(7);
        }
        code.file(op, file);
        if op == Op::FdRead {
            code.op(Op::Output);
        }
        code.finish(full(index))
    };
    let case = move |before: &Situation<'_>, instr: Instr, step: Step| match before.file(step.pc) {
        // Where the file was opened before, the program has more instructions before the trap, so the pc is
        // above 2.
        Some((file, None, _)) if instr.op == op && step.token == Token::Trap => Some(file * 2 + usize::from(step.pc > 2)),
        _ => None,
    };
    Domain::new(format!("{op} on a closed descriptor: file × history"), FILES * 2, FILES * 2, program, case)
}

/// A write beyond the last offset of a full file. It traps.
fn full_files() -> Domain {
    let program = |index: usize| {
        let file = index as u8;
        let mut code = Listing::default();
        code.open(file);
        code.op(Op::Loop).constant(9).file(Op::FdWrite, file).constant(1).op(Op::BrIf).op(Op::EndLoop);
        code.finish(Files::default())
    };
    let case = |before: &Situation<'_>, instr: Instr, step: Step| match before.file(step.pc) {
        Some((file, Some(_), _)) if instr.op == Op::FdWrite && step.token == Token::Trap => Some(file),
        _ => None,
    };
    Domain::new("fd_write past the capacity: file", FILES, FILES, program, case)
}
