//! Traces of the full profile: what a step wrote, how a run ends, and the state that the run leaves.

use std::fmt;

use super::isa::{Op, Trap, ValType, Writes};
use super::program::typed::typed;
use super::program::{Immediate, Program, Refusal, Value};
use crate::shown;

/// One executed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The instruction's pc.
    pub pc: u32,
    /// What the step wrote. A step that traps wrote nothing.
    pub effect: Effect,
}

/// What a step wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: a jump, a call or return (arguments and results stay where they are), `drop`, `nop`.
    Nothing,
    /// A new top of the operand stack.
    Push(Value),
    /// A local of the function in progress (by `local.tee` too).
    Local(u32, Value),
    /// A global.
    Global(u32, Value),
    /// Memory: the low `width` bytes of a value, at an address.
    Memory {
        /// The address of the lowest byte.
        address: u32,
        /// The number of bytes.
        width: u32,
        /// The value that holds them.
        value: u64,
    },
    /// A place of a table.
    Table {
        /// The table.
        table: u32,
        /// The place.
        place: u32,
        /// The reference put there.
        reference: Value,
    },
    /// A byte of output.
    Output(u8),
    /// A byte of an error message.
    Error(u8),
    /// A byte of a question to the system.
    Send(u8),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The functions invoked returned these results; empty if no function was invoked.
    Returned(Vec<Value>),
    /// By `host.exit`, with this status.
    Exited(u8),
    /// By a trap.
    Trapped(Trap),
    /// At an instruction or import that the engines do not support.
    Refused(Refusal),
    /// The caller stopped the run.
    Stopped,
    /// The engine did something that no program can do, so the run cannot be continued.
    Lost(String),
}

/// Everything observable at the end of a run, besides its trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The bytes output, in order.
    pub outputs: Vec<u8>,
    /// The bytes of error messages, in order.
    pub errors: Vec<u8>,
    /// The bytes of the questions to the system, in order.
    pub requests: Vec<u8>,
    /// The whole memory; empty if there is none.
    pub memory: Vec<u8>,
    /// The values of the globals.
    pub globals: Vec<Value>,
    /// The references in each table.
    pub tables: Vec<Vec<Value>>,
    /// Per element segment: whether it was dropped. Empty where an engine cannot say it.
    pub dropped: Vec<bool>,
}

impl End {
    /// The end with results of these types. The format `{:#}` shows the types.
    pub fn typed<'e>(&'e self, results: &'e [ValType]) -> TypedEnd<'e> {
        TypedEnd { end: self, results }
    }
}

/// An end, and the types of what was returned.
#[derive(Clone, Copy, Debug)]
pub struct TypedEnd<'e> {
    end: &'e End,
    results: &'e [ValType],
}

impl fmt::Display for TypedEnd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            End::Returned(values) => {
                f.write_str("returned")?;
                typed(values, self.results).into_iter().try_for_each(|value| f.write_str(" ").and_then(|()| value.fmt(f)))
            }
            End::Exited(status) => write!(f, "exited with {status}"),
            End::Trapped(trap) => write!(f, "trap: {trap}"),
            End::Refused(what) => write!(f, "refused: {}", what.reason()),
            End::Stopped => f.write_str("stopped"),
            End::Lost(what) => write!(f, "lost: {}", shown::message(what)),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.typed(&[]).fmt(f)
    }
}

impl Effect {
    /// The kind of what was written.
    pub fn writes(self) -> Writes {
        match self {
            Effect::Nothing => Writes::Nothing,
            Effect::Push(_) => Writes::Pushed,
            Effect::Local(..) => Writes::Local,
            Effect::Global(..) => Writes::Global,
            Effect::Memory { .. } => Writes::Memory,
            Effect::Table { .. } => Writes::Table,
            Effect::Output(_) => Writes::Output,
            Effect::Error(_) => Writes::Error,
            Effect::Send(_) => Writes::Request,
        }
    }

    /// The effect with the type of the value written, if the type is known.
    pub fn typed(self, ty: Option<ValType>) -> TypedEffect {
        TypedEffect { effect: self, ty }
    }
}

/// An effect, and the type of the value that was written.
#[derive(Clone, Copy, Debug)]
pub struct TypedEffect {
    effect: Effect,
    ty: Option<ValType>,
}

impl fmt::Display for TypedEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, value) = match self.effect {
            Effect::Nothing => return Ok(()),
            Effect::Push(value) => (String::new(), value),
            Effect::Local(index, value) => (format!("local {index} = "), value),
            Effect::Global(index, value) => (format!("global {index} = "), value),
            Effect::Memory { address, width, value } => return write!(f, "[{address}..+{width}] = {value:#x}"),
            Effect::Table { table, place, reference } => (format!("table {table} place {place} = "), reference),
            Effect::Output(byte) => return write!(f, "output {byte}"),
            Effect::Error(byte) => return write!(f, "error {byte}"),
            Effect::Send(byte) => return write!(f, "send {byte}"),
        };
        f.write_str(&place)?;
        value.typed(self.ty.unwrap_or(value.ty())).fmt(f)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.typed(None).fmt(f)
    }
}

/// The type of the value that a step wrote, if the instruction determines it: by itself, or by a local or a
/// global. For `select`, `None`.
pub(crate) fn written(program: &Program, step: Step) -> Option<ValType> {
    let local = |index: u32| {
        let function = program.function_at(step.pc).and_then(|function| program.functions.get(function as usize))?;
        function.locals.get(index as usize).copied()
    };
    let global = |index: u32| program.globals.get(index as usize).map(|global| global.ty.value);
    let instr = program.code.get(step.pc as usize)?;
    match instr.immediate {
        Immediate::Local(index) => local(index),
        Immediate::Global(index) => global(index),
        Immediate::Null(ty) => Some(ty),
        Immediate::Table(index) if matches!(instr.op, Op::TableGet | Op::TableSet) => Some(program.tables.get(index as usize)?.element),
        _ => instr.op.row().pushes.first()?.ty(),
    }
}

/// The heading of a table whose rows are [`step_line`]s.
pub const HEADING: &str = "    step      pc  function          instruction               wrote";

/// One step as a line of the table: step, pc, function, instruction, and what the step wrote.
pub fn step_line(program: &Program, index: usize, step: Step) -> String {
    let function = program.function_at(step.pc).map(|function| program.function_name(function)).unwrap_or_default();
    let instruction = program.code.get(step.pc as usize).map(ToString::to_string).unwrap_or_default();
    let effect = step.effect.typed(written(program, step));
    format!("{index:>8}  {:>6}  {function:<16}  {instruction:<24}  {effect}", step.pc).trim_end().to_string()
}
