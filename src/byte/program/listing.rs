//! Programs typed as a listing: one instruction per line, in the spelling of traces.

use thiserror::Error;

use super::{Instr, Program, Refusal};
use crate::byte::isa::{Immediate, Op, TABLE};

/// Why a line is not an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// The profile has no such instruction.
    #[error("{0} is not in the profile")]
    Unknown(String),
    /// The line has more operands than the instruction.
    #[error("{0} has too many operands")]
    TooMany(&'static str),
    /// The operand is missing, or the instruction cannot have it.
    #[error("{mnemonic} needs {operand} 0 to 255")]
    Operand {
        /// The instruction.
        mnemonic: &'static str,
        /// How the operand of the instruction is written.
        operand: &'static str,
    },
}

/// Reads one line as an instruction; `None` for an empty line. `;;` begins a comment.
///
/// # Errors
/// What is wrong with the line.
pub fn parse_line(line: &str) -> Result<Option<Instr>, LineError> {
    let code = line.split(";;").next().unwrap_or_default();
    let mut words = code.split_whitespace();
    let Some(mnemonic) = words.next() else { return Ok(None) };
    let Some(row) = TABLE.iter().find(|row| row.mnemonic == mnemonic) else {
        return Err(LineError::Unknown(mnemonic.to_string()));
    };
    let operand = words.next();
    if words.next().is_some() || (row.immediate == Immediate::None && operand.is_some()) {
        return Err(LineError::TooMany(row.mnemonic));
    }
    let operand = match (row.immediate, operand) {
        (Immediate::None, _) | (Immediate::Offset, None) => Some("0"),
        (Immediate::Offset, Some(operand)) => operand.strip_prefix("offset="),
        (Immediate::Value | Immediate::Local | Immediate::Label, operand) => operand,
    };
    let number = operand.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).and_then(|digits| digits.parse().ok());
    let operand = if row.immediate == Immediate::Offset { "offset=N, N from" } else { "an operand of" };
    number.map(|arg| Some(Instr::new(row.op, arg))).ok_or(LineError::Operand { mnemonic: row.mnemonic, operand })
}

/// Makes a program of a listing that is still being written: appends a `halt` and closes the open loops after
/// it. A listing that already ends with a `halt` stays as it is.
///
/// # Errors
/// The same as for [`Program::new`].
pub fn so_far(listing: &[Instr]) -> Result<Program, Refusal> {
    if listing.iter().rfind(|instr| instr.op != Op::EndLoop).is_some_and(|last| last.op == Op::Halt) {
        return Program::from_code(listing.to_vec());
    }
    let count = |op| listing.iter().filter(|instr| instr.op == op).count();
    let open = count(Op::Loop).saturating_sub(count(Op::EndLoop));
    let mut code = listing.to_vec();
    code.push(Op::Halt.into());
    code.extend(std::iter::repeat_n(Instr::from(Op::EndLoop), open));
    Program::from_code(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read() {
        for row in TABLE {
            for arg in if row.immediate == Immediate::None { vec![0] } else { vec![0, 7, 255] } {
                let instr = Instr::new(row.op, arg);
                assert_eq!(parse_line(&format!("  {instr} ;; comment")), Ok(Some(instr)));
            }
        }
        assert_eq!(parse_line(" ;; nothing"), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = [
            ("i32.div_s", "i32.div_s is not in the profile"),
            ("i32.add 1", "i32.add has too many operands"),
            ("i32.const 1 2", "i32.const has too many operands"),
            ("i32.const", "i32.const needs an operand of 0 to 255"),
            ("i32.const 256", "i32.const needs an operand of 0 to 255"),
            ("i32.const -1", "i32.const needs an operand of 0 to 255"),
            ("local.get +1", "local.get needs an operand of 0 to 255"),
            ("i32.load 4", "i32.load needs offset=N, N from 0 to 255"),
        ];
        for (line, reason) in wrong {
            assert_eq!(parse_line(line).map_err(|error| error.to_string()), Err(reason.to_string()), "{line}");
        }
    }

    #[test]
    fn an_open_loop_is_closed_after_the_end() {
        let typed = ["i32.const 1", "loop", "i32.const 2"].map(|line| parse_line(line).unwrap().unwrap());
        let program = so_far(&typed).unwrap();
        assert_eq!(program.code()[3..], [Instr::from(Op::Halt), Instr::from(Op::EndLoop)]);
        assert_eq!(so_far(&program.code()[..5]).unwrap(), program);
        assert!(so_far(&[Op::EndLoop.into()]).is_err());
        assert!(so_far(&[Op::I32Add.into()]).is_err());
    }
}
