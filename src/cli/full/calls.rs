//! `wasmformer run --verbose`: the functions of WASI that a program calls, with what they answer.

use std::collections::BTreeMap;

use crate::full::program::{Program, Value};
use crate::full::trace::{Effect, Step};
use crate::full::wasi::{self, world::errno};

/// Follows the steps of a run and tells its calls of WASI's functions.
pub(super) struct SystemCalls<'p> {
    program: &'p Program,
    /// The pc at which each routine of WASI in the program begins, with the name of the function that it
    /// serves.
    entries: Vec<(u32, String)>,
    /// The call in progress.
    call: Option<Call>,
    /// The function of the step before.
    last: Option<u32>,
}

/// A call in progress.
struct Call {
    /// The index of the function of WASI among the entries.
    entry: usize,
    /// The function that called it. `None` if the call is the run's first.
    caller: Option<u32>,
    /// The last value pushed in it. When it has returned, this is its result.
    pushed: Option<Value>,
}

impl<'p> SystemCalls<'p> {
    /// Routines are told by their names. They come after the program's own functions, so of several functions
    /// with such a name the last is the routine.
    pub(super) fn new(program: &'p Program) -> SystemCalls<'p> {
        let named = program.functions.iter().filter_map(|function| {
            let name = function.name.as_deref()?;
            wasi::served_by(name).map(|served| (name, (function.entry, served.to_string())))
        });
        let entries: BTreeMap<_, _> = named.collect();
        SystemCalls { program, entries: entries.into_values().collect(), call: None, last: None }
    }

    /// A line about the call that this step shows to have returned, if it does.
    pub(super) fn step(&mut self, step: Step) -> Option<String> {
        let function = self.program.function_at(step.pc);
        let returned = self.call.take_if(|call| call.caller.is_some() && call.caller == function);
        let line = returned.map(|call| self.line(&call));
        if let Some(call) = &mut self.call {
            if let Effect::Push(value) = step.effect {
                call.pushed = Some(value);
            }
        } else if let Some(entry) = self.entries.iter().position(|(pc, _)| *pc == step.pc) {
            let pushed = if let Effect::Push(value) = step.effect { Some(value) } else { None };
            self.call = Some(Call { entry, caller: self.last, pushed });
        }
        self.last = function;
        line
    }

    /// A line about the call in which the run ended, if it ended in one.
    pub(super) fn end(self) -> Option<String> {
        self.call.map(|call| format!("wasi: {}: the run ended in it", self.entries[call.entry].1))
    }

    /// A line about a call that has returned.
    fn line(&self, call: &Call) -> String {
        let name = &self.entries[call.entry].1;
        let Some(number) = call.pushed.map(|value| value.bits()) else { return format!("wasi: {name}") };
        match errno::name(number) {
            Some(error) if number > 0 => format!("wasi: {name} = {number}, {error}"),
            _ => format!("wasi: {name} = {number}"),
        }
    }
}
