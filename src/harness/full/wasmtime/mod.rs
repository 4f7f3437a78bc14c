//! wasmtime as an engine that gives results only. It exists only with the feature `wasmtime`.

mod asked;
mod parts;

use std::sync::LazyLock;
use std::thread;

use thiserror::Error;
use wasmtime::{Caller, Config, Engine as Wasmtime, Error, ExternType, FuncType, Instance, Linker, Module, Store, Trap as Code, Val};

use super::instrument::results::{ENDS, MEMORY, call_name};
use super::results::ResultsRun;
use super::{Case, Full, Run, Watch};
use crate::full::isa::Trap;
use crate::full::program::Value;
use crate::full::trace::{End, State};
use crate::harness::engine::{Engine, EngineError};
use asked::Asked;
use parts::Parts;

const NAME: &str = "wasmtime";

/// The stack's size in bytes. It is enough for the profile's maximum number of calls in progress, each with
/// the maximum number of slots.
const STACK: usize = 1 << 30;

/// The number of WebAssembly instructions after which a run is stopped. They take about ten seconds.
const FUEL: u64 = 1 << 34;

/// wasmtime with its compiler Cranelift.
#[derive(Clone, Copy, Debug, Default)]
pub struct WasmtimeEngine;

/// The compiler, created once.
static WASMTIME: LazyLock<Result<Wasmtime, EngineError>> = LazyLock::new(|| {
    let mut config = Config::new();
    // The stack of asynchronous runs must not be smaller than `max_wasm_stack`, although there are no such
    // runs.
    config.max_wasm_stack(STACK).async_stack_size(STACK).consume_fuel(true);
    Wasmtime::new(&config).map_err(|error| EngineError::new(NAME, error.to_string()))
});

/// The state that the host functions use.
struct World {
    input: Parts,
    outputs: Vec<u8>,
    errors: Vec<u8>,
    asked: Asked,
}

/// The end of a run inside an import.
#[derive(Debug, Error)]
enum Ended {
    #[error("it exited with {0}")]
    Exited(u8),
    #[error("{module}.{name} was called")]
    Called { module: String, name: String, argument: Option<i32> },
}

impl Engine<Full> for WasmtimeEngine {
    fn name(&self) -> &str {
        NAME
    }

    fn tells_steps(&self) -> bool {
        false
    }

    fn run(&self, case: Case<'_>, _: &mut Watch<'_>) -> Result<Run, EngineError> {
        let fail = |reason: String| EngineError::new(NAME, reason);
        let run = ResultsRun::new(case).map_err(|error| fail(error.to_string()))?;
        let wasmtime = WASMTIME.as_ref().map_err(Clone::clone)?;
        // A program runs on a thread of its own, since the caller's stack may be too small.
        thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(2 * STACK).spawn_scoped(scope, || execute(wasmtime, &run, case));
            let ended = thread.map_err(|error| fail(format!("no thread for it: {error}")))?.join();
            ended.map_err(|_| fail("it panicked".to_string()))?.map_err(|error| fail(format!("{error:#}")))
        })
    }
}

/// Runs a case. An error says why the case cannot be run or the run cannot be continued.
fn execute(wasmtime: &Wasmtime, run: &ResultsRun<'_>, case: Case<'_>) -> Result<Run, Error> {
    let module = Module::new(wasmtime, &run.wasm)?;
    let mut linker = Linker::new(wasmtime);
    link(&mut linker, &module)?;
    let mut store = Store::new(
        wasmtime,
        World { input: Parts::of(case.input), outputs: Vec::new(), errors: Vec::new(), asked: Asked::of(&run.answers) },
    );
    store.set_fuel(FUEL)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let calls = run.calls.iter().enumerate();
    let results = calls.map(|(index, arguments)| call(&mut store, &instance, &call_name(index), arguments));
    let end = match results.collect::<Result<Vec<_>, _>>() {
        Ok(results) => End::Returned(results.concat()),
        Err(error) => end(run, &error).ok_or(error)?,
    };
    let globals: Result<Vec<_>, Error> = run.globals().map(|name| call(&mut store, &instance, &name, &[])).collect();
    let memory = instance.get_memory(&mut store, MEMORY).map(|memory| memory.data(&store).to_vec()).unwrap_or_default();
    let World { outputs, errors, asked, .. } = store.into_data();
    Ok(Run {
        end,
        state: State {
            outputs,
            errors,
            requests: asked.requests,
            memory,
            globals: globals?.concat(),
            tables: Vec::new(),
            dropped: Vec::new(),
        },
    })
}

/// Calls an export and returns its results.
fn call(store: &mut Store<World>, instance: &Instance, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Error> {
    let function = instance.get_func(&mut *store, name).ok_or_else(|| Error::msg(format!("{name} is not exported")))?;
    let arguments: Vec<Val> = arguments.iter().map(|value| to_val(*value)).collect();
    let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
    function.call(store, &arguments, &mut results)?;
    Ok(results.iter().filter_map(from_val).collect())
}

/// A value as a value of wasmtime.
fn to_val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
    }
}

/// A value of wasmtime as a value. `None` for other types than integers, which the exports that are called do
/// not have.
fn from_val(value: &Val) -> Option<Value> {
    match *value {
        Val::I32(value) => Some(Value::I32(value)),
        Val::I64(value) => Some(Value::I64(value)),
        _ => None,
    }
}

/// The end that an error stands for. `None` where the error is not the end of a program.
fn end(run: &ResultsRun<'_>, error: &Error) -> Option<End> {
    match error.downcast_ref::<Ended>() {
        Some(Ended::Exited(status)) => return Some(End::Exited(*status)),
        Some(Ended::Called { module, name, argument }) => return run.called(module, name, *argument),
        None => {}
    }
    error.downcast_ref::<Code>().and_then(|code| trap(*code)).map(End::Trapped)
}

/// The trap for a trap of wasmtime. The profile's limit of calls in progress is built into the module. If the
/// stack is exhausted below this limit, wasmtime cannot make the run, and the result is `None`.
fn trap(code: Code) -> Option<Trap> {
    Some(match code {
        Code::UnreachableCodeReached => Trap::Unreachable,
        Code::IntegerDivisionByZero => Trap::DivisionByZero,
        Code::IntegerOverflow => Trap::IntegerOverflow,
        Code::BadConversionToInteger => Trap::InvalidConversion,
        Code::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        Code::TableOutOfBounds => Trap::TableOutOfBounds,
        Code::IndirectCallToNull => Trap::UninitializedElement,
        Code::BadSignature => Trap::IndirectCallType,
        _ => return None,
    })
}

/// Links the host's functions. A call of any other import ends the run.
fn link(linker: &mut Linker<World>, module: &Module) -> Result<(), Error> {
    linker.func_wrap("host", "output", |mut host: Caller<'_, World>, byte: i32| host.data_mut().outputs.push(byte as u8))?;
    linker.func_wrap("host", "error", |mut host: Caller<'_, World>, byte: i32| host.data_mut().errors.push(byte as u8))?;
    linker.func_wrap("host", "input", |mut host: Caller<'_, World>| host.data_mut().input.ask().value())?;
    linker.func_wrap("host", "poll", |mut host: Caller<'_, World>| host.data_mut().input.poll().value())?;
    linker.func_wrap("host", "send", |mut host: Caller<'_, World>, byte: i32| host.data_mut().asked.send(byte as u8))?;
    linker.func_wrap("host", "receive", |mut host: Caller<'_, World>| host.data_mut().asked.receive())?;
    linker.func_wrap("host", "exit", |status: i32| -> Result<(), Error> { Err(Ended::Exited(status as u8).into()) })?;
    for import in module.imports().filter(|import| import.module() != "host") {
        if let ExternType::Func(ty) = import.ty() {
            end_with(linker, import.module(), import.name(), ty)?;
        }
    }
    Ok(())
}

/// Links an import that ends the run.
fn end_with(linker: &mut Linker<World>, module: &str, name: &str, ty: FuncType) -> Result<(), Error> {
    let (of, called) = (module.to_string(), name.to_string());
    linker.func_new(module, name, ty, move |_, arguments, _| {
        let argument = arguments.first().filter(|_| of == ENDS).and_then(Val::i32);
        Err(Ended::Called { module: of.clone(), name: called.clone(), argument }.into())
    })?;
    Ok(())
}
