//! Runs a module in wasmi with only a console to import: `host.output`, `host.error`, `host.input`,
//! `host.poll` and `host.exit`.

use std::collections::VecDeque;
use std::fmt;

use wasmformer::full::wasi::world::World;
use wasmi::errors::HostError;
use wasmi::{Caller, Engine, Error, Linker, Module, Store};

/// The outputs of a run, and its end.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub output: Vec<u8>,
    pub errors: Vec<u8>,
    /// The exit status, which is one byte, or wasmi's message of a trap.
    pub end: Result<i32, String>,
}

#[derive(Debug)]
struct Exit(i32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}", self.0)
    }
}

impl HostError for Exit {}

struct Console {
    input: VecDeque<u8>,
    output: Vec<u8>,
    errors: Vec<u8>,
    world: World<'static>,
}

/// Runs an exported function without parameters or results.
pub fn run(wasm: &[u8], entry: &str, input: &[u8]) -> Ran {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm).unwrap();
    let input = input.iter().copied().collect();
    let mut store = Store::new(&engine, Console { input, output: Vec::new(), errors: Vec::new(), world: World::new(None) });
    let mut linker = Linker::<Console>::new(&engine);
    linker
        .func_wrap("host", "output", |mut host: Caller<'_, Console>, byte: i32| host.data_mut().output.push(byte as u8))
        .unwrap()
        .func_wrap("host", "error", |mut host: Caller<'_, Console>, byte: i32| host.data_mut().errors.push(byte as u8))
        .unwrap()
        .func_wrap("host", "input", |mut host: Caller<'_, Console>| host.data_mut().input.pop_front().map_or(-1, i32::from))
        .unwrap()
        .func_wrap("host", "poll", |mut host: Caller<'_, Console>| host.data_mut().input.pop_front().map_or(-1, i32::from))
        .unwrap()
        .func_wrap("host", "send", |mut host: Caller<'_, Console>, byte: i32| host.data_mut().world.send(byte as u8))
        .unwrap()
        .func_wrap("host", "receive", |mut host: Caller<'_, Console>| host.data_mut().world.receive().map_or(-1, i32::from))
        .unwrap()
        .func_wrap("host", "exit", |status: i32| Err::<(), _>(Error::host(Exit(status & 0xff))))
        .unwrap();
    let ended = linker
        .instantiate_and_start(&mut store, &module)
        .and_then(|instance| instance.get_typed_func::<(), ()>(&store, entry)?.call(&mut store, ()));
    let end = match ended {
        Ok(()) => Ok(0),
        Err(error) => error.downcast_ref::<Exit>().map(|exit| exit.0).ok_or_else(|| error.to_string()),
    };
    let Console { output, errors, .. } = store.into_data();
    Ran { output, errors, end }
}
