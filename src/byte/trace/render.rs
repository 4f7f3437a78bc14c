//! The text form of traces. Snapshots, the command and reports all print this form.

use std::fmt;

use super::{End, Step, Token};
use crate::byte::profile;
use crate::byte::program::Program;

pub use crate::shown::bytes;

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Byte(byte) => write!(f, "{byte}"),
            special => f.write_str(Self::SPECIALS[special.id() - 256].0),
        }
    }
}

/// The heading above the lines of [`step_line`].
pub const HEADING: &str = "  step    pc  instruction       token  depth";

/// One step as a line of the table: step, pc, instruction, token, and the operand stack's height after the
/// step.
pub fn step_line(program: &Program, index: usize, step: Step) -> String {
    let instruction = program.code()[step.pc].to_string();
    let depth = profile::height_after(program, step.pc);
    format!("{index:>6}  {:>4}  {instruction:<16}  {:>5}  {depth:>5}", step.pc, step.token.to_string())
}

/// A whole trace as a table.
pub fn table(program: &Program, steps: &[Step]) -> String {
    let mut text = format!("{HEADING}\n");
    for (index, step) in steps.iter().enumerate() {
        text += &step_line(program, index, *step);
        text.push('\n');
    }
    text
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Halt => f.write_str("halt"),
            End::Trap(trap) => write!(f, "trap: {trap}"),
            End::Stopped => f.write_str("stopped"),
            End::Lost => f.write_str("lost: it emitted a token, or trapped in a way, that the profile does not have"),
        }
    }
}
