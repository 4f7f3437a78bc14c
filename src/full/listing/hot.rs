//! The constants of a program that are worth a slot of their own: those in code that may run many times.
//!
//! A constant in a slot costs two steps at the start of a run and saves one step per use. So a slot pays off
//! in loops, in functions called from loops, and in recursive functions.

use std::collections::HashSet;

use crate::full::isa::Op;
use crate::full::program::{Immediate, Program, Value};

/// The distinct constants of code that may run many times, in the order of their first use.
pub(super) fn constants(program: &Program) -> Vec<Value> {
    let looping = loops(program);
    let recurring = recurring(program, &looping);
    let mut seen = HashSet::new();
    let functions = program.functions.iter().zip(recurring);
    let code = functions.flat_map(|(function, recurs)| (function.entry..function.end).map(move |pc| (pc as usize, recurs)));
    let constants = code.filter(|(pc, recurs)| *recurs || looping[*pc]).filter_map(|(pc, _)| program.code[pc].immediate.constant());
    constants.filter(|value| seen.insert(*value)).collect()
}

/// Per pc: whether the pc lies between a branch and that branch's earlier target.
fn loops(program: &Program) -> Vec<bool> {
    let mut ends = vec![0; program.code.len()];
    for (pc, instr) in program.code.iter().enumerate() {
        for branch in program.branches_of(instr) {
            let target = branch.target as usize;
            if target <= pc {
                ends[target] = ends[target].max(pc + 1);
            }
        }
    }
    let mut end = 0;
    let inside = ends.iter().enumerate().map(|(pc, reach)| {
        end = end.max(*reach);
        pc < end
    });
    inside.collect()
}

/// Per function: whether the function is called in a loop, is recursive, or is called by such a function.
/// Functions without callers are removed one by one, callers first; the functions that remain are the
/// recurring ones.
fn recurring(program: &Program, looping: &[bool]) -> Vec<bool> {
    // The last index is an additional node for the table: indirect calls go to it, and it calls every
    // function in the table.
    let table = program.functions.len();
    let mut callees = vec![Vec::new(); table + 1];
    callees[table] = referred(program).map(|function| function as usize).collect();
    let mut callers = vec![0u32; table + 1];
    for (index, function) in program.functions.iter().enumerate() {
        for pc in function.entry..function.end {
            let callee = match (program.code[pc as usize].op, &program.code[pc as usize].immediate) {
                (Op::Call, Immediate::Function(callee)) => *callee as usize,
                (Op::CallIndirect, _) => table,
                _ => continue,
            };
            callees[index].push(callee);
            // A loop counts as an additional caller that is never removed.
            callers[callee] += u32::from(looping[pc as usize]);
        }
    }
    callees.iter().flatten().for_each(|callee| callers[*callee] += 1);
    let mut leaving: Vec<usize> = (0..=table).filter(|function| callers[*function] == 0).collect();
    while let Some(function) = leaving.pop() {
        for callee in std::mem::take(&mut callees[function]) {
            callers[callee] -= 1;
            if callers[callee] == 0 {
                leaving.push(callee);
            }
        }
    }
    callers[..table].iter().map(|callers| *callers > 0).collect()
}

/// The functions that references refer to.
fn referred(program: &Program) -> impl Iterator<Item = u32> {
    let values = program.tables.iter().map(|table| &table.places).chain(&program.segments).flatten();
    let values = values.filter_map(|value| value.referred()).filter(|function| (*function as usize) < program.functions.len());
    let code = program.code.iter().filter_map(|instr| match instr.immediate {
        Immediate::Reference(function) => Some(function),
        _ => None,
    });
    values.chain(code)
}
