//! wasmi as an engine: an independent implementation to compare with.

use std::fmt;
use std::ops::ControlFlow;

use wasmi::errors::{HostError, LinkerError};
use wasmi::{Caller, CompilationMode, Config, Engine as Wasmi, Error, Linker, Module, Store, TrapCode, Val};

use super::lower::{Lowering, local_name, lower, mirrored};
use super::{Byte, Case, Observed, Run, Watch};
use crate::byte::isa::Trap;
use crate::byte::profile::CELLS;
use crate::byte::program::Files;
use crate::byte::trace::{End, State, Step, Token};
use crate::byte::vm::FileSystem;
use crate::harness::engine::{Engine, EngineError};

/// wasmi on the narrowed, instrumented module of a program.
#[derive(Clone, Debug)]
pub struct WasmiEngine {
    wasmi: Wasmi,
    lowering: Lowering,
}

impl Default for WasmiEngine {
    fn default() -> WasmiEngine {
        WasmiEngine::new(Lowering::NARROWED)
    }
}

impl WasmiEngine {
    /// wasmi on modules lowered in this way. The value that a step reports is truncated to a byte.
    pub fn new(lowering: Lowering) -> WasmiEngine {
        // `main` is the only function, and it is called. With eager compilation, validation and translation
        // are one pass over `main`, not two.
        let wasmi = Wasmi::new(Config::default().compilation_mode(CompilationMode::Eager));
        WasmiEngine { wasmi, lowering }
    }
}

impl Engine<Byte> for WasmiEngine {
    fn name(&self) -> &str {
        "wasmi"
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let wasm = lower(case.program, self.lowering);
        let mirrored = mirrored(case.program);
        let (world, memory, values) = execute(&self.wasmi, &wasm, case.files, watch, &mirrored, None)?;
        let outputs = world.outputs.into_iter().map(byte).collect();
        let mut locals = vec![0; case.program.locals()];
        for (local, value) in mirrored.into_iter().zip(values) {
            locals[usize::from(local)] = byte(value);
        }
        Ok(Run { end: world.end, state: State { outputs, memory, locals, files: world.files.into_contents() } })
    }
}

/// A run whose values are WebAssembly's i32, not narrowed to bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnarrowed {
    /// The output values.
    pub outputs: Vec<i32>,
    /// How the run ended: [`End::Stopped`] if the fuel ran out, [`End::Lost`] if WebAssembly itself trapped.
    pub end: End,
    /// The files' contents.
    pub files: Files,
    /// Whether every value reported by a step was a byte. Always true for a module that is not instrumented.
    pub within_byte: bool,
}

/// Runs a module in wasmi without changing it. `fuel` limits the number of instructions, since without the
/// profile's limit a loop may be endless.
///
/// # Errors
/// Where wasmi refuses the module.
pub fn run_unnarrowed(wasm: &[u8], files: &Files, fuel: u64) -> Result<Unnarrowed, EngineError> {
    let wasmi = Wasmi::new(Config::default().consume_fuel(true));
    let mut watch = |_: &Observed<'_>| ControlFlow::Continue(());
    let (world, ..) = execute(&wasmi, wasm, files, &mut watch, &[], Some(fuel))?;
    let World { outputs, end, files, within_byte, .. } = world;
    Ok(Unnarrowed { outputs, end, files: files.into_contents(), within_byte })
}

/// The state that the host functions use.
struct World<'w> {
    watch: &'w mut Watch<'w>,
    outputs: Vec<i32>,
    files: FileSystem,
    /// The pc of the import call in progress.
    at: usize,
    end: End,
    within_byte: bool,
}

impl World<'_> {
    /// Reports a step. The run continues unless the watch stops it.
    fn step(&mut self, pc: usize, token: Token) -> Result<(), Error> {
        match (self.watch)(&Observed::Step(Step { pc, token })) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::host(Ended)),
        }
    }

    /// Reports the last step and ends the run.
    fn finish(&mut self, pc: usize, token: Token, end: End) -> Error {
        self.end = end;
        // The run ends here, so the watch's answer is not used.
        let _ = self.step(pc, token);
        Error::host(Ended)
    }

    /// Ends the run by a trap of the import call in progress.
    fn trap(&mut self, trap: Trap) -> Error {
        self.finish(self.at, Token::Trap, End::Trap(trap))
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

/// A value truncated to a byte. A narrowed value is always a byte already.
fn byte(value: i32) -> u8 {
    value as u8
}

/// Runs the `main` of a module. Returns the world, the memory's first cells and the values of the mirrored
/// locals.
fn execute<'w>(
    wasmi: &Wasmi,
    wasm: &[u8],
    files: &Files,
    watch: &'w mut Watch<'w>,
    mirrored: &[u8],
    fuel: Option<u64>,
) -> Result<(World<'w>, Vec<u8>, Vec<i32>), EngineError> {
    let fail = |error: Error| EngineError::new("wasmi", error.to_string());
    let module = Module::new(wasmi, wasm).map_err(fail)?;
    let end = End::Stopped;
    let world = World { watch, outputs: Vec::new(), files: FileSystem::new(files), at: 0, end, within_byte: true };
    let mut store = Store::new(wasmi, world);
    if let Some(fuel) = fuel {
        store.set_fuel(fuel).map_err(fail)?;
    }
    let mut linker = Linker::new(wasmi);
    link(&mut linker).map_err(|error| fail(error.into()))?;
    let instance = linker.instantiate_and_start(&mut store, &module).map_err(fail)?;
    let main = instance.get_typed_func::<(), ()>(&store, "main").map_err(fail)?;
    match main.call(&mut store, ()) {
        Ok(()) => store.data_mut().end = End::Halt,
        Err(error) if error.downcast_ref::<Ended>().is_some() => {}
        Err(error) => match error.as_trap_code() {
            Some(TrapCode::OutOfFuel) => {}
            Some(_) => store.data_mut().end = End::Lost,
            None => return Err(fail(error)),
        },
    }

    let mut memory = vec![0; CELLS];
    if let Some(exported) = instance.get_memory(&store, "memory") {
        exported.read(&store, 0, &mut memory).map_err(|error| fail(error.into()))?;
    }
    let local = |index: &u8| match instance.get_global(&store, &local_name(*index)).map(|global| global.get(&store)) {
        Some(Val::I32(value)) => value,
        _ => 0,
    };
    let values = mirrored.iter().map(local).collect();
    Ok((store.into_data(), memory, values))
}

/// The host functions.
fn link<'w>(linker: &mut Linker<World<'w>>) -> Result<(), LinkerError> {
    linker
        .func_wrap("trace", "step", |mut host: Caller<'_, World<'w>>, value: i32, pc: i32| {
            let world = host.data_mut();
            world.within_byte &= u8::try_from(value).is_ok();
            world.step(pc as usize, Token::Byte(byte(value))).map(|()| value)
        })?
        .func_wrap("trace", "at", |mut host: Caller<'_, World<'w>>, pc: i32| host.data_mut().at = pc as usize)?
        .func_wrap("trace", "limit", |mut host: Caller<'_, World<'w>>, pc: i32| -> Result<(), Error> {
            Err(host.data_mut().finish(pc as usize, Token::Trap, End::Trap(Trap::LoopLimit)))
        })?
        .func_wrap("trace", "halt", |mut host: Caller<'_, World<'w>>, pc: i32| -> Result<(), Error> {
            Err(host.data_mut().finish(pc as usize, Token::Halt, End::Halt))
        })?
        .func_wrap("host", "halt", |mut host: Caller<'_, World<'w>>| -> Result<(), Error> {
            host.data_mut().end = End::Halt;
            Err(Error::host(Ended))
        })?
        .func_wrap("host", "output", |mut host: Caller<'_, World<'w>>, value: i32| host.data_mut().outputs.push(value))?
        .func_wrap("fs", "fd_open", |mut host: Caller<'_, World<'w>>, descriptor: i32| {
            host.data_mut().files.open(byte(descriptor));
            descriptor
        })?
        .func_wrap("fs", "fd_read", |mut host: Caller<'_, World<'w>>, descriptor: i32| {
            let read = host.data_mut().files.read(byte(descriptor));
            read.map(i32::from).map_err(|trap| host.data_mut().trap(trap))
        })?
        .func_wrap("fs", "fd_write", |mut host: Caller<'_, World<'w>>, value: i32, descriptor: i32| {
            let written = host.data_mut().files.write(byte(descriptor), byte(value));
            written.map_err(|trap| host.data_mut().trap(trap))
        })?
        .func_wrap("fs", "fd_close", |mut host: Caller<'_, World<'w>>, descriptor: i32| host.data_mut().files.close(byte(descriptor)))?;
    Ok(())
}
