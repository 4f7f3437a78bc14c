//! The functions that an instrumented module imports: those that report what it does, the host's, and those
//! that nobody serves.

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, ExternRef, Func, FuncType, Linker, Nullable, Val};

use super::{World, references, val_type};
use crate::full::isa::{Op, ValType};
use crate::full::program::{Function, Immediate, ImportKind, Module, Program, Refusal, Value};
use crate::full::trace::{Effect, End};
use crate::harness::full::instrument::UNSERVED;
use crate::harness::full::instrument::steps::REPORTS;

/// Links the host functions: the reporting functions, and the module `host`.
pub(super) fn link<'w>(linker: &mut Linker<World<'w>>) -> Result<(), LinkerError> {
    type Host<'c, 'w> = Caller<'c, World<'w>>;
    linker
        .func_wrap(REPORTS, "at", |mut host: Host<'_, 'w>, pc: i32| host.data_mut().at(pc))?
        .func_wrap(REPORTS, "refuse", |mut host: Host<'_, 'w>, pc: i32| -> Result<(), Error> {
            let world = host.data_mut();
            Err(world.refuse(pc as u32))
        })?
        .func_wrap(REPORTS, "push32", |mut host: Host<'_, 'w>, value: i32| {
            host.data_mut().wrote(Effect::Push(Value::I32(value)));
            value
        })?
        .func_wrap(REPORTS, "push64", |mut host: Host<'_, 'w>, value: i64| {
            host.data_mut().wrote(Effect::Push(Value::I64(value)));
            value
        })?
        .func_wrap(REPORTS, "local32", |mut host: Host<'_, 'w>, value: i32, index: i32| {
            host.data_mut().wrote(Effect::Local(index as u32, Value::I32(value)));
            value
        })?
        .func_wrap(REPORTS, "local64", |mut host: Host<'_, 'w>, value: i64, index: i32| {
            host.data_mut().wrote(Effect::Local(index as u32, Value::I64(value)));
            value
        })?
        .func_wrap(REPORTS, "global32", |mut host: Host<'_, 'w>, value: i32, index: i32| {
            host.data_mut().wrote(Effect::Global(index as u32, Value::I32(value)));
            value
        })?
        .func_wrap(REPORTS, "global64", |mut host: Host<'_, 'w>, value: i64, index: i32| {
            host.data_mut().wrote(Effect::Global(index as u32, Value::I64(value)));
            value
        })?
        .func_wrap(REPORTS, "store32", |mut host: Host<'_, 'w>, address: i32, value: i32, offset: i32, width: i32| {
            host.data_mut().store(address, u64::from(value as u32), offset, width);
            (address, value)
        })?
        .func_wrap(REPORTS, "store64", |mut host: Host<'_, 'w>, address: i32, value: i64, offset: i32, width: i32| {
            host.data_mut().store(address, value as u64, offset, width);
            (address, value)
        })?
        .func_wrap(REPORTS, "push func", |mut host: Host<'_, 'w>, value: Nullable<Func>| {
            let reference = host.data().functions.value(value);
            host.data_mut().wrote(Effect::Push(reference));
            value
        })?
        .func_wrap(REPORTS, "push extern", |mut host: Host<'_, 'w>, value: Nullable<ExternRef>| {
            let reference = references::number(&host, value);
            host.data_mut().wrote(Effect::Push(reference));
            value
        })?
        .func_wrap(REPORTS, "local func", |mut host: Host<'_, 'w>, value: Nullable<Func>, index: i32| {
            let reference = host.data().functions.value(value);
            host.data_mut().wrote(Effect::Local(index as u32, reference));
            value
        })?
        .func_wrap(REPORTS, "local extern", |mut host: Host<'_, 'w>, value: Nullable<ExternRef>, index: i32| {
            let reference = references::number(&host, value);
            host.data_mut().wrote(Effect::Local(index as u32, reference));
            value
        })?
        .func_wrap(REPORTS, "global func", |mut host: Host<'_, 'w>, value: Nullable<Func>, index: i32| {
            let reference = host.data().functions.value(value);
            host.data_mut().wrote(Effect::Global(index as u32, reference));
            value
        })?
        .func_wrap(REPORTS, "global extern", |mut host: Host<'_, 'w>, value: Nullable<ExternRef>, index: i32| {
            let reference = references::number(&host, value);
            host.data_mut().wrote(Effect::Global(index as u32, reference));
            value
        })?
        .func_wrap(REPORTS, "table func", |mut host: Host<'_, 'w>, place: i32, value: Nullable<Func>, table: i32| {
            let reference = host.data().functions.value(value);
            host.data_mut().wrote(Effect::Table { table: table as u32, place: place as u32, reference });
            (place, value)
        })?
        .func_wrap(REPORTS, "table extern", |mut host: Host<'_, 'w>, place: i32, value: Nullable<ExternRef>, table: i32| {
            let reference = references::number(&host, value);
            host.data_mut().wrote(Effect::Table { table: table as u32, place: place as u32, reference });
            (place, value)
        })?
        .func_wrap("host", "output", |mut host: Host<'_, 'w>, value: i32| {
            let world = host.data_mut();
            world.outputs.push(value as u8);
            world.call(Op::Output, &[value], Effect::Output(value as u8))
        })?
        .func_wrap("host", "error", |mut host: Host<'_, 'w>, value: i32| {
            let world = host.data_mut();
            world.errors.push(value as u8);
            world.call(Op::Error, &[value], Effect::Error(value as u8))
        })?
        .func_wrap("host", "input", |mut host: Host<'_, 'w>| host.data_mut().read(Op::Input))?
        .func_wrap("host", "poll", |mut host: Host<'_, 'w>| host.data_mut().read(Op::Poll))?
        .func_wrap("host", "send", |mut host: Host<'_, 'w>, value: i32| {
            let world = host.data_mut();
            world.requests.push(value as u8);
            world.input.send(value as u8);
            world.call(Op::Send, &[value], Effect::Send(value as u8))
        })?
        .func_wrap("host", "receive", |mut host: Host<'_, 'w>| host.data_mut().read(Op::Receive))?
        .func_wrap("host", "exit", |mut host: Host<'_, 'w>, status: i32| -> Result<(), Error> {
            let world = host.data_mut();
            world.call(Op::Exit, &[status], Effect::Nothing)?;
            Err(world.finish(End::Exited(status as u8)))
        })?;
    Ok(())
}

/// Links the unserved functions. A direct call of such a function is refused at the call instruction. A call
/// through the table is refused in the function that the program has for the import.
pub(super) fn link_unserved(linker: &mut Linker<World<'_>>, module: &Module, program: &Program) -> Result<(), LinkerError> {
    for (index, import) in module.imports.iter().enumerate().filter(|(_, import)| import.is_unserved()) {
        let ImportKind::Function(ty) = import.kind else { continue };
        let ty = &module.types[ty as usize];
        let path = import.path();
        let stands_for_it = |function: &&Function| {
            program.types[function.ty as usize] == *ty
                && matches!(&program.code[function.entry as usize].immediate, Immediate::Refused(Refusal::Import(of)) if **of == *path)
        };
        let entry = program.functions.iter().filter(|function| function.passes_on).find(stands_for_it).map_or(0, |function| function.entry);
        let refuse = move |mut host: Caller<'_, World<'_>>, _: &[Val], _: &mut [Val]| {
            host.data_mut().at(entry as i32)?;
            Err(host.data_mut().refuse(entry))
        };
        let list = |types: &[ValType]| types.iter().map(|ty| val_type(*ty)).collect::<Vec<_>>();
        linker.func_new(UNSERVED, &index.to_string(), FuncType::new(list(&ty.params), list(&ty.results)), refuse)?;
    }
    Ok(())
}
