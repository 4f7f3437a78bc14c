//! The reference VM as an engine.

use super::engine::{Case, Engine, Run, Watch};
use crate::full::trace::End;
use crate::full::vm::Vm;
use crate::harness::EngineError;

/// The reference VM: the specification.
#[derive(Clone, Copy, Debug, Default)]
pub struct VmEngine;

impl Engine for VmEngine {
    fn name(&self) -> &str {
        "vm"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut vm = Vm::new(case.program, case.function, case.arguments, case.input);
        while let Some(step) = vm.step() {
            if watch(step).is_break() {
                break;
            }
        }
        let end = vm.end().cloned().unwrap_or(End::Stopped);
        Ok(Run { end, state: vm.into_state() })
    }
}
