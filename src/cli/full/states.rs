//! `wasmformer trace --at` on a full program.

use std::io::Write;

use super::FullInput;
use crate::cli::{CliError, Outcome};
use crate::full::vm::Vm;
use crate::studio::state::state;

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
