//! Functions that call themselves until the number of calls in progress, or of the slots of their frames, is
//! close to its limit.

use arbitrary::{Result, Unstructured};
use wasm_encoder::{BlockType, Function, HeapType, InstructionSink};

use super::stack::{ABSENT, EXIT, IMPORTS, INPUT, OUTPUT, World, rarely, val_type};
use crate::full::isa::ValType as Type;
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS};

/// The signatures of the last two functions of a module: one that starts the recursion, and one that calls
/// itself.
pub(super) const SIGNATURES: [(&[Type], &[Type]); 2] = [(&[], &[]), (&[Type::I32], &[])];

/// The maximum number of operands of the function that calls itself.
const OPERANDS: u32 = 4;

/// The code of the two functions. At the greatest depth another function is called, by name or through the
/// table.
pub(super) fn functions(u: &mut Unstructured<'_>, world: &mut World) -> Result<[Function; 2]> {
    let down = world.signatures.len() as u32 - 1;
    let mut begin = Function::new([]);
    // The call of the first function and the first call of the second function are two of the calls in
    // progress.
    let depth = MAX_CALL_DEPTH - 2 + u.int_in_range(0..=2)? - 1;
    begin.instructions().i32_const(depth as i32).call(down).end();

    let locals = *u.choose(&[0, 1, 100, 519, 520, MAX_FRAME_SLOTS - OPERANDS - 1])?;
    let mut function = Function::new((locals > 0).then_some((locals, val_type(*u.choose(&[Type::I32, Type::I64])?))));
    let mut sink = function.instructions();
    sink.local_get(0).if_(BlockType::Empty).local_get(0).i32_const(1).i32_sub();
    if let (Some(place), true) = (world.table.iter().position(|function| *function == down), u.arbitrary()?) {
        let ty = world.type_of(&(vec![Type::I32], Vec::new()));
        sink.i32_const(place as i32).call_indirect(0, ty);
    } else {
        sink.call(down);
    }
    sink.else_();
    last(u, world, &mut sink)?;
    sink.end().end();
    Ok([begin, function])
}

/// The call at the greatest depth: most often of a function of the host.
fn last(u: &mut Unstructured<'_>, world: &mut World, sink: &mut InstructionSink<'_>) -> Result<()> {
    let by_table = u.int_in_range(0..=world.table.len() - 1)?;
    let (place, function) = if u.arbitrary()? {
        (None, *u.choose(&[OUTPUT, INPUT, EXIT, ABSENT])?)
    } else {
        let rare = rarely(u, 4)?;
        let host = world.table.iter().position(|function| (*function as usize) < IMPORTS.len()).filter(|_| !rare);
        let place = host.unwrap_or(by_table);
        (Some(place), world.table[place])
    };
    let signature = world.signatures[function as usize].clone();
    for ty in &signature.0 {
        match ty {
            Type::I32 => sink.local_get(0),
            Type::I64 => sink.i64_const(1),
            Type::F32 => sink.f32_const(1.0.into()),
            Type::F64 => sink.f64_const(1.0.into()),
            Type::FuncRef => sink.ref_null(HeapType::FUNC),
            Type::ExternRef => sink.ref_null(HeapType::EXTERN),
        };
    }
    match place {
        Some(place) => sink.i32_const(place as i32).call_indirect(0, world.type_of(&signature)),
        None => sink.call(function),
    };
    for _ in &signature.1 {
        sink.drop();
    }
    Ok(())
}
