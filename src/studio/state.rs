//! The state of the reference VM before a step of a full program, as JSON: what a debugger shows can be held
//! to it.

use serde_json::{Value as Json, json};

use crate::full::isa::ValType;
use crate::full::program::limits::PAGE;
use crate::full::program::{Call, Program, Value};
use crate::full::trace::End;
use crate::full::vm::Vm;

/// The state before the next step of the VM, which is this one: calls in progress with locals and operands,
/// globals, and the bytes of memory that are not 0.
pub fn state(program: &Program, vm: &Vm<'_>, step: u64) -> Json {
    let typed = |value: &Value, ty: ValType| value.typed(ty).to_string();
    let calls = vm.calls().map(|(function, locals, operands)| {
        let types = &program.functions[function as usize].locals;
        json!({
            "function": program.function_name(function),
            "locals": locals.iter().zip(types).map(|(value, ty)| typed(value, *ty)).collect::<Vec<_>>(),
            "operands": operands.iter().map(|value| format!("{:x}", value.bits())).collect::<Vec<_>>(),
        })
    });
    let calls: Vec<Json> = calls.collect();
    let left = vm.clone().into_state();
    let globals = left.globals.iter().zip(&program.globals).map(|(value, global)| typed(value, global.ty.value));
    let globals: Vec<String> = globals.collect();
    // Runs of bytes that are not 0, each with its address.
    let mut memory: Vec<(usize, String)> = Vec::new();
    let mut next = usize::MAX;
    for (address, byte) in left.memory.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match memory.last_mut() {
            Some((_, run)) if address == next => run.push_str(&format!("{byte:02x}")),
            _ => memory.push((address, format!("{byte:02x}"))),
        }
        next = address + 1;
    }
    json!({
        "step": step,
        "pc": vm.pc(),
        "calls": calls,
        "globals": globals,
        "pages": left.memory.len() / PAGE as usize,
        "memory": memory,
        "outputs": left.outputs,
        "end": vm.end().map(End::to_string),
    })
}

/// The state before the last step of a run, and how the run ends. `None` if the run does not end within a
/// number of steps.
pub fn before_the_end(program: &Program, calls: &[Call], input: &[u8], limit: u64) -> Option<Json> {
    let mut vm = Vm::new(program, calls, input);
    let mut steps = 0;
    while vm.step().is_some() {
        steps += 1;
        if steps > limit {
            return None;
        }
    }
    let end = vm.end().map(End::to_string);
    let mut vm = Vm::new(program, calls, input);
    let last = steps.saturating_sub(1);
    for _ in 0..last {
        vm.step();
    }
    let mut state = state(program, &vm, last);
    state["end"] = json!(end);
    Some(state)
}
