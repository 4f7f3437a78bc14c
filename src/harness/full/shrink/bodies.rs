//! Reductions of code: emptying bodies, cutting bodies off, deleting stretches, unwrapping blocks, lowering
//! constants.

use wasm_encoder::Instruction;

use super::Shrinker;
use super::draft::Draft;
use crate::harness::shrink::stretches;

/// Tries every reduction of code. Returns whether one applied.
pub(super) fn reduce(shrinker: &mut Shrinker<'_>) -> bool {
    let mut any = empty_bodies(shrinker);
    let reductions = [cut, delete, unwrap_blocks, lower_constants];
    for index in 0..bodies(shrinker) {
        for reduction in reductions {
            let wasm = shrinker.wasm().to_vec();
            let Some(mut draft) = Draft::read(&wasm) else { return any };
            any |= reduction(shrinker, &mut draft, index);
        }
    }
    any
}

fn bodies(shrinker: &Shrinker<'_>) -> usize {
    Draft::read(shrinker.wasm()).map_or(0, |draft| draft.bodies.len())
}

/// Shortens chains of calls: a call of a function is replaced by a call of a function that the callee calls,
/// where both have the same type.
pub(super) fn shorten_calls(shrinker: &mut Shrinker<'_>) -> bool {
    let mut any = false;
    for index in 0..bodies(shrinker) {
        let wasm = shrinker.wasm().to_vec();
        let Some(mut draft) = Draft::read(&wasm) else { return any };
        for at in 0..draft.bodies[index].code.len() {
            // At most one try per function, because functions may call each other without end.
            for _ in 0..draft.bodies.len() {
                let callees = draft.bodies[index].code[at].calls().map(|function| draft.calls(function)).unwrap_or_default();
                let shortened = callees.into_iter().find_map(|callee| {
                    let body = draft.bodies[index].with(at, Instruction::Call(callee));
                    shrinker.accept_wasm(draft.with_body(index, &body)).then_some(body)
                });
                let Some(body) = shortened else { break };
                draft.set_body(index, body);
                any = true;
            }
        }
    }
    any
}

/// Replaces bodies by bodies that only push constants.
fn empty_bodies(shrinker: &mut Shrinker<'_>) -> bool {
    let wasm = shrinker.wasm().to_vec();
    let Some(mut draft) = Draft::read(&wasm) else { return false };
    stretches(draft.bodies.len(), |range| {
        if draft.is_empty(range.clone()) {
            return None;
        }
        shrinker.accept_wasm(draft.emptied(range.clone())).then(|| {
            draft.empty(range);
            0
        })
    })
}

/// Cuts a body off as early as possible, where it diverges before its end.
fn cut(shrinker: &mut Shrinker<'_>, draft: &mut Draft<'_>, index: usize) -> bool {
    let most = draft.bodies[index].code.len().checked_sub(3);
    let mut try_at = |at: usize| {
        let body = draft.bodies[index].cut(at);
        let is_taken = body.code.len() < draft.bodies[index].code.len() && shrinker.accept_wasm(draft.with_body(index, &body));
        if is_taken {
            draft.set_body(index, body);
        }
        is_taken
    };
    // A cut adds a trap and an end, so it must remove at least three instructions to make the body smaller.
    // If the divergence is lost by the latest cut, it is also lost by earlier cuts, so these are not tried.
    let Some(mut late) = most.filter(|late| try_at(*late)) else { return false };
    let mut early = 0;
    while early < late {
        let middle = early + (late - early) / 2;
        if try_at(middle) { late = middle } else { early = middle + 1 }
    }
    true
}

/// Replaces stretches of code by constants of the types that they leave on the stack, long stretches first.
fn delete(shrinker: &mut Shrinker<'_>, draft: &mut Draft<'_>, index: usize) -> bool {
    let mut any = false;
    let mut length = draft.bodies[index].code.len();
    while length > 0 {
        let mut start = 0;
        while let Some(end) = draft.bodies[index].whole(start, length) {
            // A short stretch is tried later, with a smaller `length`.
            let body = if (end - start) * 2 > length { draft.bodies[index].without(start..end) } else { None };
            let taken = body.filter(|body| shrinker.accept_wasm(draft.with_body(index, body)));
            start = end.max(start + 1);
            if let Some(body) = taken {
                start -= draft.bodies[index].code.len() - body.code.len();
                draft.set_body(index, body);
                any = true;
            }
        }
        length /= 2;
    }
    any
}

/// Replaces blocks by their contents.
fn unwrap_blocks(shrinker: &mut Shrinker<'_>, draft: &mut Draft<'_>, index: usize) -> bool {
    let mut any = false;
    for start in (0..draft.bodies[index].code.len()).rev() {
        let opens =
            |instruction: &Instruction<'_>| matches!(instruction, Instruction::Block(_) | Instruction::Loop(_) | Instruction::If(_));
        for keeps_else in [true, false] {
            let Some(body) = draft.bodies.get(index) else { break };
            if !body.code.get(start).is_some_and(|placed| opens(&placed.instruction)) {
                break;
            }
            let Some(unwrapped) = body.unwrapped(start, keeps_else) else { continue };
            if shrinker.accept_wasm(draft.with_body(index, &unwrapped)) {
                draft.set_body(index, unwrapped);
                any = true;
            }
        }
    }
    any
}

/// Lowers constants.
fn lower_constants(shrinker: &mut Shrinker<'_>, draft: &mut Draft<'_>, index: usize) -> bool {
    let mut any = false;
    for at in 0..draft.bodies[index].code.len() {
        let lower = lower(&draft.bodies[index].code[at].instruction);
        any |= lower.into_iter().any(|instruction| {
            let body = draft.bodies[index].with(at, instruction);
            let is_taken = shrinker.accept_wasm(draft.with_body(index, &body));
            if is_taken {
                draft.set_body(index, body);
            }
            is_taken
        });
    }
    any
}

/// Candidates for a constant instruction, with values nearer to 0.
fn lower<'a>(instruction: &Instruction<'_>) -> Vec<Instruction<'a>> {
    let nearer = |value: i64| [0, 1, value / 2].into_iter().filter(move |other| other.unsigned_abs() < value.unsigned_abs());
    match *instruction {
        Instruction::I32Const(value) => nearer(value.into()).map(|value| Instruction::I32Const(value as i32)).collect(),
        Instruction::I64Const(value) => nearer(value).map(Instruction::I64Const).collect(),
        _ => Vec::new(),
    }
}
