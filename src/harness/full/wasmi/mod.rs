//! wasmi as an engine: an independent implementation to compare with.
//!
//! wasmi runs the program's module, [instrumented](steps), and is configured with the profile's limits.

mod link;
mod references;

use std::fmt;
use std::ops::ControlFlow;

use wasmi::errors::HostError;
use wasmi::{Config, Engine as Wasmi, Error, Instance, Linker, Store, StoreLimits, StoreLimitsBuilder, TrapCode, Val};

use super::{Case, Full, Run, Watch};
use crate::full::isa::Trap;
use crate::full::isa::{Op, ValType};
use crate::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_PAGES, PAGE};
use crate::full::program::{Function, Immediate, Module, Program, Value, input};
use crate::full::trace::{Effect, End, State, Step};
use crate::harness::engine::{Engine, EngineError, Observed};
use crate::harness::full::instrument::index_of;
use crate::harness::full::instrument::steps::{self, MEMORY, function_name, global_name, table_name};
use link::{link, link_unserved};
pub(super) use references::{Functions, to_val};

/// wasmi on the instrumented module of a program.
#[derive(Clone, Debug)]
pub struct WasmiEngine {
    wasmi: Wasmi,
}

impl Default for WasmiEngine {
    fn default() -> WasmiEngine {
        WasmiEngine { wasmi: Wasmi::new(&config()) }
    }
}

/// wasmi's configuration with the features of the profile and the profile's limit of calls in progress.
pub(super) fn config() -> Config {
    let mut config = Config::default();
    config
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .set_max_recursion_depth(MAX_CALL_DEPTH as usize)
        // In bytes. A program must never reach this limit before the profile's limits. wasmi keeps a few more
        // values per frame than the program has slots, so 64 more per frame are allowed.
        .set_max_stack_height(MAX_CALL_DEPTH as usize * (MAX_FRAME_SLOTS as usize + 64) * size_of::<u64>());
    config
}

/// The profile's memory limit.
pub(super) fn limits() -> StoreLimits {
    StoreLimitsBuilder::new().memory_size(MAX_PAGES as usize * PAGE as usize).build()
}

/// The trap for a trap of wasmi.
pub(super) fn trap(code: TrapCode) -> Option<Trap> {
    Some(match code {
        TrapCode::UnreachableCodeReached => Trap::Unreachable,
        TrapCode::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => Trap::TableOutOfBounds,
        TrapCode::IndirectCallToNull => Trap::UninitializedElement,
        TrapCode::IntegerDivisionByZero => Trap::DivisionByZero,
        TrapCode::IntegerOverflow => Trap::IntegerOverflow,
        TrapCode::BadConversionToInteger => Trap::InvalidConversion,
        TrapCode::StackOverflow => Trap::CallStackExhausted,
        TrapCode::BadSignature => Trap::IndirectCallType,
        _ => return None,
    })
}

impl Engine<Full> for WasmiEngine {
    fn name(&self) -> &str {
        "wasmi"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let fail = |reason: String| EngineError::new("wasmi", reason);
        let module =
            case.module.ok_or_else(|| fail("a program linked from several modules is not a single WebAssembly module".to_string()))?;
        let wasm = steps::instrument(module).map_err(|error| fail(error.to_string()))?;
        let world = World {
            watch,
            program: case.program,
            input: case.input.bytes(),
            outputs: Vec::new(),
            errors: Vec::new(),
            requests: Vec::new(),
            pending: None,
            end: None,
            limits: limits(),
            functions: Functions::default(),
        };
        self.execute(case, module, &wasm, world).map_err(|error| fail(error.to_string()))
    }
}

impl WasmiEngine {
    fn execute<'w>(&self, case: Case<'_>, module: &Module, wasm: &[u8], world: World<'w>) -> Result<Run, Error> {
        let compiled = wasmi::Module::new(&self.wasmi, wasm)?;
        let mut store = Store::new(&self.wasmi, world);
        store.limiter(|world| &mut world.limits);
        let mut linker = Linker::new(&self.wasmi);
        link(&mut linker)?;
        link_unserved(&mut linker, module, case.program)?;
        let instance = linker.instantiate_and_start(&mut store, &compiled)?;
        store.data_mut().functions = Functions::of(&store, instance, module, case.program);

        let starts = case.program.starts.iter().map(|function| (*function, &[][..]));
        let calls = case.calls.iter().map(|call| (call.function, &call.arguments[..]));
        let results = starts.chain(calls).map(|(function, arguments)| {
            let name = function_name(index_of(case.program, module, function));
            invoke(&mut store, instance, &name, arguments)
        });
        let end = match results.collect::<Result<Vec<_>, _>>().map(|results| results.concat()) {
            Ok(values) => End::Returned(values),
            Err(error) => match (store.data_mut().end.take(), error.as_trap_code().and_then(trap)) {
                (Some(end), _) => end,
                (None, Some(trap)) => End::Trapped(trap),
                (None, None) => return Err(error),
            },
        };
        let trapped = matches!(end, End::Trapped(_));
        // The last step. The watch's answer is ignored: the run ends anyway.
        let stopped = end == End::Stopped;
        if !stopped {
            let _ = store.data_mut().flush(trapped);
        }
        let memory = instance.get_memory(&store, MEMORY).map(|memory| memory.data(&store).to_vec()).unwrap_or_default();
        let globals = (0..)
            .map_while(|index| instance.get_global(&store, &global_name(index)))
            .filter_map(|global| store.data().functions.value_of(&store, &global.get(&store)))
            .collect();
        let functions = &store.data().functions;
        let places = |table: wasmi::Table| {
            let references = (0..table.size(&store)).map_while(|place| table.get(&store, place));
            references.map(|reference| functions.in_table(&store, reference)).collect()
        };
        let tables = (0..).map_while(|index| instance.get_table(&store, &table_name(index))).map(places).collect();
        let World { outputs, errors, requests, .. } = store.into_data();
        Ok(Run { end, state: State { outputs, errors, requests, memory, globals, tables, dropped: Vec::new() } })
    }
}

/// Calls a function by the name of its export and returns its results.
fn invoke(store: &mut Store<World<'_>>, instance: Instance, name: &str, arguments: &[Value]) -> Result<Vec<Value>, Error> {
    let function = instance.get_func(&*store, name);
    let function = function.ok_or_else(|| Error::new("the function invoked is not exported"))?;
    let ty = function.ty(&*store);
    let arguments: Vec<Val> = arguments.iter().zip(ty.params()).map(|(value, ty)| to_val(&mut *store, *value, *ty)).collect();
    let mut results = vec![Val::I32(0); ty.results().len()];
    function.call(&mut *store, &arguments, &mut results)?;
    Ok(results.iter().filter_map(|value| store.data().functions.value_of(&*store, value)).collect())
}

/// The state that the host functions use.
struct World<'w> {
    watch: &'w mut Watch<'w>,
    program: &'w Program,
    input: input::Bytes<'w>,
    outputs: Vec<u8>,
    errors: Vec<u8>,
    requests: Vec<u8>,
    /// The step in progress, with what it has written so far.
    pending: Option<Step>,
    /// How the run ended, if a host function ended it.
    end: Option<End>,
    limits: StoreLimits,
    functions: Functions,
}

impl World<'_> {
    /// Begins the step at `pc`. The step before it is complete and is reported.
    fn at(&mut self, pc: i32) -> Result<(), Error> {
        if self.flush(false).is_break() {
            return Err(self.finish(End::Stopped));
        }
        self.pending = Some(Step { pc: pc as u32, effect: Effect::Nothing });
        Ok(())
    }

    /// Reports the step in progress. A step that trapped has written nothing.
    fn flush(&mut self, trapped: bool) -> ControlFlow<()> {
        let Some(step) = self.pending.take() else { return ControlFlow::Continue(()) };
        (self.watch)(&Observed::Step(if trapped { Step { effect: Effect::Nothing, ..step } } else { step }))
    }

    fn wrote(&mut self, effect: Effect) {
        if let Some(step) = &mut self.pending {
            step.effect = effect;
        }
    }

    /// Records a call of a host function with its arguments and effect. Where the function is not called by
    /// name, but through the table or from outside, the program has a function that passes the arguments on.
    /// The steps of that function are reported here.
    fn call(&mut self, op: Op, arguments: &[i32], effect: Effect) -> Result<(), Error> {
        let code = &self.program.code;
        if self.pending.is_some_and(|step| code[step.pc as usize].op == op) {
            self.wrote(effect);
            return Ok(());
        }
        let passing_on = |function: &&Function| {
            function.passes_on && code.get(function.entry as usize + arguments.len()).is_some_and(|instr| instr.op == op)
        };
        let entry = self.program.functions.iter().find(passing_on).map_or(0, |function| function.entry as i32);
        for (pc, argument) in (entry..).zip(arguments) {
            self.at(pc)?;
            self.wrote(Effect::Push(Value::I32(*argument)));
        }
        self.at(entry + arguments.len() as i32)?;
        self.wrote(effect);
        if op != Op::Exit {
            self.at(entry + arguments.len() as i32 + 1)?;
        }
        Ok(())
    }

    /// Answers a call of `host.input`, `host.poll` or `host.receive`.
    fn read(&mut self, op: Op) -> Result<i32, Error> {
        let answer = match op {
            Op::Receive => self.input.receive(),
            Op::Poll => self.input.poll(),
            _ => self.input.ask(),
        };
        let answer = answer.value();
        self.call(op, &[], Effect::Push(Value::I32(answer))).map(|()| answer)
    }

    fn finish(&mut self, end: End) -> Error {
        self.end = Some(end);
        Error::host(Ended)
    }

    /// Ends the run at a refused instruction.
    fn refuse(&mut self, pc: u32) -> Error {
        match &self.program.code[pc as usize].immediate {
            Immediate::Refused(what) => self.finish(End::Refused(what.clone())),
            _ => Error::new(format!("pc {pc} refuses nothing")),
        }
    }

    fn store(&mut self, address: i32, value: u64, offset: i32, width: i32) {
        // Where the sum overflows, the store traps and has written nothing.
        let address = (address as u32).wrapping_add(offset as u32);
        self.wrote(Effect::Memory { address, width: width as u32, value });
    }
}

/// The error that unwinds wasmi once the run has ended.
#[derive(Debug)]
struct Ended;

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run has ended")
    }
}

impl HostError for Ended {}

/// A type as a type of wasmi.
pub(super) fn val_type(ty: ValType) -> wasmi::ValType {
    match ty {
        ValType::I32 => wasmi::ValType::I32,
        ValType::I64 => wasmi::ValType::I64,
        ValType::F32 => wasmi::ValType::F32,
        ValType::F64 => wasmi::ValType::F64,
        ValType::FuncRef => wasmi::ValType::FuncRef,
        ValType::ExternRef => wasmi::ValType::ExternRef,
    }
}
