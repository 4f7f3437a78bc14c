//! Shrinking: a smaller program that still diverges in the same manner.
//!
//! Reductions are tried from coarse to fine until none applies: dropping stretches of code, replacing
//! expressions by constants, unwrapping loops, lowering immediates, emptying files. Each reduction makes the
//! program smaller in one fixed order, so shrinking ends. Nothing is random, so the same program always
//! shrinks to the same result.

use super::{Byte, Generated};
use crate::byte::isa::{Op, Reports};
use crate::byte::program::{Instr, Program};
use crate::byte::trace::Token;
use crate::harness::compare::{Verdict, compare};
use crate::harness::engine::{Engine, EngineError, record};
use crate::harness::generate;
use crate::harness::vm::VmEngine;

/// The maximum number of candidates that are tried.
const CANDIDATES: usize = 20_000;

/// The number of steps that a candidate may make beyond the steps of the original program. The limit exists
/// because an endless candidate costs every engine the whole step limit.
const MORE_STEPS: usize = 100;

/// A diverging program, shrunk.
type Shrunk = generate::Shrunk<Generated>;

/// Shrinks a program on which the engines diverge. `None` if the engines do not diverge.
///
/// # Errors
/// Where the first engine cannot run the program, or an engine finds a fault in itself.
pub fn shrink(generated: &Generated, engines: &[&dyn Engine<Byte>], limit: usize) -> Result<Option<Shrunk>, EngineError> {
    let (Verdict::Diverge(report), recorded) = compare(generated.case(), engines, limit)? else { return Ok(None) };
    let shrunk = Shrunk { generated: generated.clone(), report: *report, candidates: 0 };
    let mut shrinker = Shrinker { engines, limit: limit.min(recorded.steps.len() + MORE_STEPS), shrunk };
    while shrinker.round() {}
    Ok(Some(shrinker.shrunk))
}

struct Shrinker<'e> {
    engines: &'e [&'e dyn Engine<Byte>],
    limit: usize,
    shrunk: Shrunk,
}

impl Shrinker<'_> {
    /// Tries every reduction once. Returns whether one applied.
    fn round(&mut self) -> bool {
        // `|` and not `||`: every reduction must be tried.
        let reductions = [Self::drop_code, Self::fold_expressions, Self::unwrap_loops, Self::lower_immediates, Self::lower_files];
        reductions.into_iter().fold(false, |any, reduce| reduce(self) | any)
    }

    fn code(&self) -> &[Instr] {
        self.shrunk.generated.program.code()
    }

    /// Replaces the program with a candidate if the candidate still diverges in the same manner.
    fn accept(&mut self, candidate: Generated) -> bool {
        if self.shrunk.candidates == CANDIDATES || candidate == self.shrunk.generated {
            return false;
        }
        self.shrunk.candidates += 1;
        match compare(candidate.case(), self.engines, self.limit).map(|(verdict, _)| verdict) {
            Ok(Verdict::Diverge(report)) if report.manner() == self.shrunk.report.manner() => {
                self.shrunk.generated = candidate;
                self.shrunk.report = *report;
                true
            }
            _ => false,
        }
    }

    fn accept_code(&mut self, code: Vec<Instr>) -> bool {
        let Ok(program) = Program::from_code(code) else { return false };
        self.accept(Generated { program, files: self.shrunk.generated.files.clone() })
    }

    /// Replaces the instructions of `range`.
    fn splice(&mut self, range: std::ops::Range<usize>, with: &[Instr]) -> bool {
        let mut code = self.code().to_vec();
        code.splice(range, with.iter().copied());
        self.accept_code(code)
    }

    /// Ends the program early, then drops stretches of code, long ones first.
    fn drop_code(&mut self) -> bool {
        let mut any = false;
        for length in 0..self.code().len().saturating_sub(1) {
            let mut code = self.code()[..length].to_vec();
            let open = code.iter().map(|instr| i32::from(instr.op == Op::Loop) - i32::from(instr.op == Op::EndLoop)).sum::<i32>();
            code.push(Op::Halt.into());
            code.resize(code.len() + open.unsigned_abs() as usize, Op::EndLoop.into());
            if self.accept_code(code) {
                any = true;
                break;
            }
        }
        let mut length = self.code().len() / 2;
        while length > 0 {
            let mut start = 0;
            while start + length <= self.code().len() {
                if self.splice(start..start + length, &[]) { any = true } else { start += 1 }
            }
            length /= 2;
        }
        any
    }

    /// Replaces an instruction that pushes, and the code that computes its operands, by a constant.
    fn fold_expressions(&mut self) -> bool {
        let mut any = false;
        let mut end = self.code().len();
        while end > 0 {
            end -= 1;
            let Some(start) = self.expression(end) else { continue };
            if start == end && self.code()[end].op == Op::I32Const {
                continue;
            }
            let values = [Some(0), Some(1), self.value_at(end)];
            for value in values.into_iter().flatten() {
                if self.splice(start..end + 1, &[Instr::new(Op::I32Const, value)]) {
                    (any, end) = (true, start);
                    break;
                }
            }
        }
        any
    }

    /// The start of the code that ends at `end` and whose only effect on the stack is the value pushed by the
    /// instruction at `end`.
    fn expression(&self, end: usize) -> Option<usize> {
        let row = self.code().get(end)?.op.row();
        let mut wanted = if row.reports == Reports::Pushed { row.pops } else { return None };
        let mut start = end;
        while wanted > 0 {
            start = start.checked_sub(1)?;
            let row = self.code()[start].op.row();
            if row.reports == Reports::Nothing || row.op == Op::BrIf || row.pushes > wanted {
                return None;
            }
            wanted = wanted - row.pushes + row.pops;
        }
        Some(start)
    }

    /// The byte that the instruction at `pc` should push at its first execution.
    fn value_at(&self, pc: usize) -> Option<u8> {
        let recorded = record(&VmEngine, self.shrunk.generated.case(), self.limit).ok()?;
        recorded.steps.iter().find(|step| step.pc == pc).and_then(|step| match step.token {
            Token::Byte(byte) => Some(byte),
            _ => None,
        })
    }

    /// Drops the markers of a loop. A candidate that is not a valid program without them is not taken.
    fn unwrap_loops(&mut self) -> bool {
        let mut any = false;
        let mut start = 0;
        while start < self.code().len() {
            start += 1;
            if self.code()[start - 1].op != Op::Loop {
                continue;
            }
            let Some(end) = self.end_of(start - 1) else { continue };
            let mut code = self.code().to_vec();
            code.remove(end);
            code.remove(start - 1);
            any |= self.accept_code(code);
        }
        any
    }

    fn end_of(&self, start: usize) -> Option<usize> {
        let mut open = 0;
        (start..self.code().len()).find(|pc| {
            open += i32::from(self.code()[*pc].op == Op::Loop) - i32::from(self.code()[*pc].op == Op::EndLoop);
            open == 0
        })
    }

    fn lower_immediates(&mut self) -> bool {
        let mut any = false;
        for pc in 0..self.code().len() {
            let Some(&Instr { op, arg }) = self.code().get(pc) else { break };
            for lower in lower(arg) {
                if self.splice(pc..pc + 1, &[Instr::new(op, lower)]) {
                    any = true;
                    break;
                }
            }
        }
        any
    }

    fn lower_files(&mut self) -> bool {
        let mut any = false;
        for file in 0..self.shrunk.generated.files.len() {
            let lengths = [0, self.shrunk.generated.files[file].len() / 2, self.shrunk.generated.files[file].len().saturating_sub(1)];
            for length in lengths {
                let mut candidate = self.shrunk.generated.clone();
                candidate.files[file].truncate(length);
                any |= self.accept(candidate);
            }
            for index in 0..self.shrunk.generated.files[file].len() {
                for lower in lower(self.shrunk.generated.files[file][index]) {
                    let mut candidate = self.shrunk.generated.clone();
                    candidate.files[file][index] = lower;
                    if self.accept(candidate) {
                        any = true;
                        break;
                    }
                }
            }
        }
        any
    }
}

/// Smaller bytes to try in place of `byte`, the smallest first.
fn lower(byte: u8) -> impl Iterator<Item = u8> {
    let mut candidates = vec![0, 1, byte / 2, byte.saturating_sub(1)];
    candidates.retain(|candidate| *candidate < byte);
    candidates.dedup();
    candidates.into_iter()
}
