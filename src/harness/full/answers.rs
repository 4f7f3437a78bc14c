//! The answers of a run's system, for engines that have no world of their own.

use super::Case;
use crate::full::isa::Op;
use crate::full::program::Value;
use crate::full::trace::Effect;
use crate::full::vm::Vm;

/// What the system answers to each question of a run, as far as the reference VM reads the answer.
///
/// An engine that asks something else gets these answers too. What it asked is part of its final state, so
/// the difference is found there.
pub fn answers(case: Case<'_>) -> Vec<Vec<u8>> {
    let code = &case.program.code;
    if code.iter().all(|instr| instr.op != Op::Receive) {
        return Vec::new();
    }
    let mut answers: Vec<Vec<u8>> = Vec::new();
    let mut asks = false;
    let mut vm = Vm::new(case.program, case.calls, case.input);
    while let Some(step) = vm.step() {
        match step.effect {
            Effect::Send(_) => asks = true,
            Effect::Push(Value::I32(byte)) if code[step.pc as usize].op == Op::Receive => {
                if std::mem::take(&mut asks) {
                    answers.push(Vec::new());
                }
                if let (Some(answer), Ok(byte)) = (answers.last_mut(), u8::try_from(byte)) {
                    answer.push(byte);
                }
            }
            _ => {}
        }
    }
    answers
}
