//! `wasmformer trace --at` on a full program.

use std::io::Write;

use serde_json::{Value as Json, json};

use super::FullInput;
use crate::cli::{CliError, Outcome};
use crate::full::isa::ValType;
use crate::full::program::{Program, Value};
use crate::full::trace::End;
use crate::full::vm::Vm;

/// Prints the state of the reference VM before each of these steps, in ascending order. A step beyond the
/// last stands for the end.
pub(in crate::cli) fn states(input: &FullInput, steps: &[u64], out: &mut dyn Write) -> Result<Outcome, CliError> {
    let program = &input.invoked.loaded.program;
    let case = input.case();
    let mut vm = Vm::new(program, case.calls, case.input);
    let mut sorted = steps.to_vec();
    sorted.sort_unstable();
    let mut made = 0;
    for wanted in sorted {
        while made < wanted && vm.step().is_some() {
            made += 1;
        }
        writeln!(out, "{}", state(program, &vm, made))?;
    }
    Ok(Outcome::Good)
}

fn state(program: &Program, vm: &Vm<'_>, step: u64) -> Json {
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
        "memory": memory,
        "outputs": left.outputs,
        "end": vm.end().map(End::to_string),
    })
}
