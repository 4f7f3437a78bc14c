//! Printing: turns a program back into the text format.

use std::fmt::Write;

use super::{Header, Instr, Program};
use crate::byte::isa::{HALT_IMPORT, Immediate, Op, Row, Source, TABLE};

impl Program {
    /// The program as a `.wat` module with a header. Reading this text gives the same program.
    pub fn to_wat(&self, header: &Header) -> String {
        let mut text = header.to_string();
        text += "(module\n";
        for (module, name) in self.imports() {
            let signature = signature(module, name);
            writeln!(text, "  (import \"{module}\" \"{name}\" (func ${name}{signature}))").expect("a string takes anything");
        }
        if self.code.iter().any(|instr| matches!(instr.op.row().immediate, Immediate::Offset)) {
            text += "  (memory 1)\n";
        }
        text += "  (func (export \"main\")";
        if self.locals > 0 {
            text += &format!(" (local{})", " i32".repeat(self.locals));
        }
        text.push('\n');
        let mut depth = 0;
        for (pc, instr) in self.code.iter().enumerate() {
            depth -= usize::from(instr.op == Op::EndLoop);
            writeln!(text, "{:indent$}{}", "", self.instruction(pc, *instr), indent = 4 + 2 * depth).expect("a string takes anything");
            depth += usize::from(instr.op == Op::Loop);
        }
        text += "  ))\n";
        text
    }

    /// The imports that are called, in the order of the table, with `host.halt` last.
    fn imports(&self) -> Vec<(&'static str, &'static str)> {
        let called = |row: &&Row| self.code.iter().any(|instr| instr.op == row.op);
        let mut imports: Vec<_> = TABLE.iter().filter(called).filter_map(|row| import(row.op)).collect();
        if (0..self.code.len()).any(|pc| self.code[pc].op == Op::Halt && !self.is_dead_end(pc + 1)) {
            imports.push(HALT_IMPORT);
        }
        imports
    }

    fn instruction(&self, pc: usize, instr: Instr) -> String {
        match (instr.op, import(instr.op)) {
            (_, Some((_, name))) => format!("call ${name}"),
            (Op::Halt, _) if self.is_dead_end(pc + 1) => "return".to_string(),
            (Op::Halt, _) => format!("call ${}", HALT_IMPORT.1),
            (Op::Loop, _) if self.leaves[pc] => "loop (result i32)".to_string(),
            // The next `end` accepts any operand stack only if it cannot be reached either, hence the
            // `return`.
            (Op::EndLoop, _) if self.is_dead_end(pc) => "end return".to_string(),
            (Op::EndLoop, _) => "end".to_string(),
            _ => instr.to_string(),
        }
    }
}

fn import(op: Op) -> Option<(&'static str, &'static str)> {
    match op.row().source {
        Source::Import(module, name) => Some((module, name)),
        Source::Core => None,
    }
}

fn signature(module: &str, name: &str) -> String {
    let Some(row) = Op::from_import(module, name).map(Op::row) else { return String::new() };
    let list = |keyword: &str, count: usize| match count {
        0 => String::new(),
        _ => format!(" ({keyword}{})", " i32".repeat(count)),
    };
    list("param", row.pops) + &list("result", row.pushes)
}
