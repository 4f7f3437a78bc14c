//! The reference VM as an engine.

use crate::byte::trace::End;
use crate::byte::vm::Vm;
use crate::harness::engine::{Case, Engine, EngineError, Observed, Run, Watch};

/// The reference VM: the specification.
#[derive(Clone, Copy, Debug, Default)]
pub struct VmEngine;

impl Engine for VmEngine {
    fn name(&self) -> &str {
        "vm"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut vm = Vm::new(case.program, case.files);
        while let Some(step) = vm.step() {
            if watch(&Observed { step, logits: None }).is_break() {
                break;
            }
        }
        let end = vm.end().unwrap_or(End::Stopped);
        Ok(Run { end, state: vm.into_state() })
    }
}
