//! The table of the byte language's instructions.
//!
//! A row has what every other part needs to know about an instruction: its spelling, its opcode byte in the
//! token prefix, its immediate, its pops and pushes, the byte that its step reports, and its meaning. The
//! reader, the reference VM, the byte machine, the lowering for wasmi, the documentation and the command's
//! help all read this table, so nothing repeats it.
//!
//! Core WebAssembly instructions keep their WebAssembly opcode. The imported functions do not have an opcode
//! in WebAssembly; they use bytes that WebAssembly 1.0 leaves unassigned.

mod trap;

use std::fmt;

pub use trap::Trap;

/// The origin of an instruction in a WebAssembly module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A core instruction. Its opcode byte is WebAssembly's own.
    Core,
    /// A call of the imported function with this module and name.
    Import(&'static str, &'static str),
}

/// The kind of an instruction's operand byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Immediate {
    /// No immediate; the operand byte is 0.
    None,
    /// A constant, 0..=255.
    Value,
    /// The index of a local, 0..=255.
    Local,
    /// The offset of a memory access, 0..=255.
    Offset,
    /// The relative depth of the enclosing loop that the branch goes to.
    Label,
}

/// The byte that the trace reports for one step of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reports {
    /// The byte that the step pushed.
    Pushed,
    /// A byte that the step consumed: 0 is the top of the operand stack, 1 is the value below it.
    Consumed(usize),
    /// The special token `halt`.
    Halt,
    /// Nothing: a structural marker takes no step.
    Nothing,
}

/// How an instruction is narrowed from i32 to a byte, for engines that run real WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// The result on byte operands is already a byte.
    Exact,
    /// The result is masked with 255.
    Mask,
    /// The instruction is replaced by the one-byte access with this WebAssembly opcode.
    ByteAccess(u8),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The instruction.
    pub op: Op,
    /// The spelling in listings, traces and reports.
    pub mnemonic: &'static str,
    /// The byte for the instruction in the token prefix.
    pub opcode: u8,
    /// The origin in a module.
    pub source: Source,
    /// The kind of the operand byte.
    pub immediate: Immediate,
    /// Number of values popped from the operand stack.
    pub pops: usize,
    /// Number of values pushed onto the operand stack, 0 or 1.
    pub pushes: usize,
    /// The byte that the step reports.
    pub reports: Reports,
    /// How the instruction is narrowed to a byte.
    pub narrowing: Narrowing,
    /// The meaning in one line.
    pub meaning: &'static str,
}

macro_rules! instructions {
    ($($op:ident $mnemonic:literal $opcode:literal $source:expr, $immediate:ident, $pops:literal -> $pushes:literal,
       $reports:expr, $narrowing:expr, $meaning:literal;)*) => {
        /// An instruction of the profile.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op {
            $(#[doc = concat!("`", $mnemonic, "`: ", $meaning)] $op,)*
        }

        /// The table, in the order of [`Op`].
        pub const TABLE: &[Row] = &[
            $(Row {
                op: Op::$op, mnemonic: $mnemonic, opcode: $opcode, source: $source,
                immediate: Immediate::$immediate, pops: $pops, pushes: $pushes,
                reports: $reports, narrowing: $narrowing, meaning: $meaning,
            },)*
        ];
    };
}

use Narrowing::{ByteAccess, Exact, Mask};
use Reports::{Consumed, Nothing, Pushed};
use Source::{Core, Import};

instructions! {
    I32Const "i32.const" 0x41 Core, Value, 0 -> 1, Pushed, Exact, "push the immediate";
    I32Add "i32.add" 0x6a Core, None, 2 -> 1, Pushed, Mask, "second + top, mod 256";
    I32Sub "i32.sub" 0x6b Core, None, 2 -> 1, Pushed, Mask, "second - top, mod 256";
    I32Mul "i32.mul" 0x6c Core, None, 2 -> 1, Pushed, Mask, "second * top, mod 256";
    I32And "i32.and" 0x71 Core, None, 2 -> 1, Pushed, Exact, "bitwise and";
    I32Or "i32.or" 0x72 Core, None, 2 -> 1, Pushed, Exact, "bitwise or";
    I32Eq "i32.eq" 0x46 Core, None, 2 -> 1, Pushed, Exact, "1 if second = top, else 0";
    I32Ne "i32.ne" 0x47 Core, None, 2 -> 1, Pushed, Exact, "1 if second ≠ top, else 0";
    I32LtS "i32.lt_s" 0x48 Core, None, 2 -> 1, Pushed, Exact, "1 if second < top, else 0";
    I32GtS "i32.gt_s" 0x4a Core, None, 2 -> 1, Pushed, Exact, "1 if second > top, else 0";
    I32LeS "i32.le_s" 0x4c Core, None, 2 -> 1, Pushed, Exact, "1 if second ≤ top, else 0";
    I32GeS "i32.ge_s" 0x4e Core, None, 2 -> 1, Pushed, Exact, "1 if second ≥ top, else 0";
    I32Load "i32.load" 0x28 Core, Offset, 1 -> 1, Pushed, ByteAccess(0x2d), "push the byte cell at top + offset";
    I32Store "i32.store" 0x36 Core, Offset, 2 -> 0, Consumed(0), ByteAccess(0x3a), "store top in the byte cell at second + offset";
    LocalGet "local.get" 0x20 Core, Local, 0 -> 1, Pushed, Exact, "push a local";
    LocalSet "local.set" 0x21 Core, Local, 1 -> 0, Consumed(0), Exact, "pop top into a local";
    LocalTee "local.tee" 0x22 Core, Local, 1 -> 1, Pushed, Exact, "copy top into a local";
    FdOpen "fd_open" 0xf0 Import("fs", "fd_open"), None, 1 -> 1, Pushed, Exact, "open the file of descriptor top at offset 0, push the descriptor";
    FdRead "fd_read" 0xf1 Import("fs", "fd_read"), None, 1 -> 1, Pushed, Exact, "push the next byte of descriptor top and advance; 0 at the end";
    FdWrite "fd_write" 0xf2 Import("fs", "fd_write"), None, 2 -> 0, Consumed(1), Exact, "write byte second to descriptor top and advance";
    FdClose "fd_close" 0xf3 Import("fs", "fd_close"), None, 1 -> 0, Consumed(0), Exact, "close descriptor top";
    Loop "loop" 0x03 Core, None, 0 -> 0, Nothing, Exact, "start of a loop body (a marker: no step)";
    EndLoop "end_loop" 0x0b Core, None, 0 -> 0, Nothing, Exact, "end of a loop body (a marker: no step)";
    BrIf "br_if" 0x0d Core, Label, 1 -> 0, Consumed(0), Exact, "pop top; if not 0, go to the start of the enclosing loop of that depth";
    Output "output" 0xf8 Import("host", "output"), None, 1 -> 0, Consumed(0), Exact, "pop top and output it";
    Halt "halt" 0x0f Core, None, 0 -> 0, Reports::Halt, Exact, "end the run (`return`, a call of `host.halt`, or the function's end)";
}

/// The import that halts (module, name). `return` and the function's end halt too.
pub const HALT_IMPORT: (&str, &str) = ("host", "halt");

/// The table for people: one line per instruction with mnemonic, opcode byte, immediate, stack effect and
/// meaning. The columns are separated by `separator`.
pub fn table_lines(separator: &str) -> Vec<String> {
    let line = |row: &Row| {
        let immediate = match row.immediate {
            Immediate::None => "",
            Immediate::Value => "value",
            Immediate::Local => "local",
            Immediate::Offset => "offset",
            Immediate::Label => "depth",
        };
        let cells = [
            format!("{:<10}", row.mnemonic),
            format!("{:#04x}", row.opcode),
            format!("{immediate:<6}"),
            format!("{} → {}", row.pops, row.pushes),
            row.meaning.to_string(),
        ];
        cells.join(separator)
    };
    TABLE.iter().map(line).collect()
}

impl Op {
    /// This instruction's row of the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The instruction with this opcode byte.
    pub fn from_opcode(opcode: u8) -> Option<Op> {
        TABLE.iter().find(|row| row.opcode == opcode).map(|row| row.op)
    }

    /// The instruction that calls this import. `host.halt` gives [`Op::Halt`].
    pub fn from_import(module: &str, name: &str) -> Option<Op> {
        if (module, name) == HALT_IMPORT {
            return Some(Op::Halt);
        }
        let calls = |row: &&Row| matches!(row.source, Import(m, n) if (m, n) == (module, name));
        TABLE.iter().find(calls).map(|row| row.op)
    }

    /// Whether the instruction is a structural marker. A marker has a place in the listing but takes no step.
    pub fn is_marker(self) -> bool {
        self.row().reports == Nothing
    }

    /// Whether the instruction's top operand is a file descriptor.
    pub fn takes_descriptor(self) -> bool {
        matches!(self.row().source, Import("fs", _))
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().mnemonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_are_distinct_and_found() {
        for row in TABLE {
            assert_eq!(Op::from_opcode(row.opcode), Some(row.op), "{}", row.mnemonic);
            assert_eq!(row.op.row().mnemonic, row.mnemonic);
        }
    }

    #[test]
    fn imports_are_found_by_name() {
        assert_eq!(Op::from_import("fs", "fd_read"), Some(Op::FdRead));
        assert_eq!(Op::from_import("host", "halt"), Some(Op::Halt));
        assert_eq!(Op::from_import("host", "fd_read"), None);
    }

    #[test]
    fn what_a_step_reports_exists() {
        for row in TABLE {
            match row.reports {
                Pushed => assert_eq!(row.pushes, 1, "{}", row.mnemonic),
                Consumed(depth) => assert!(depth < row.pops && row.pushes == 0, "{}", row.mnemonic),
                Reports::Halt | Nothing => assert_eq!(row.pops + row.pushes, 0, "{}", row.mnemonic),
            }
        }
    }
}
