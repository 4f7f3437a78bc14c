//! The reference VMs as an engine. They are the specification.

use super::byte::Byte;
use super::engine::{Case, Engine, EngineError, Observed, Run, Watch};
use super::full::Full;
use super::language::Language;
use crate::{byte, full};

/// The reference VM of each language.
#[derive(Clone, Copy, Debug, Default)]
pub struct VmEngine;

/// The reference VM's name.
pub const VM: &str = "vm";

impl Engine<Byte> for VmEngine {
    fn name(&self) -> &str {
        VM
    }

    fn run(&self, case: Case<'_, Byte>, watch: &mut Watch<'_, Byte>) -> Result<Run<Byte>, EngineError> {
        let mut vm = byte::vm::Vm::new(case.program, case.files);
        while vm.step().is_some_and(|step| watch(&Observed::Step(step)).is_continue()) {}
        let end = vm.end().unwrap_or(Byte::stopped());
        Ok(Run { end, state: vm.into_state() })
    }
}

impl Engine<Full> for VmEngine {
    fn name(&self) -> &str {
        VM
    }

    fn run(&self, case: Case<'_, Full>, watch: &mut Watch<'_, Full>) -> Result<Run<Full>, EngineError> {
        let mut vm = full::vm::Vm::new(case.program, case.calls, case.input);
        while vm.step().is_some_and(|step| watch(&Observed::Step(step)).is_continue()) {}
        let end = vm.end().cloned().unwrap_or(Full::stopped());
        Ok(Run { end, state: vm.into_state() })
    }
}
