//! Engines of the harness as backends.
//!
//! An engine can run closed programs only. So for each invocation a program is
//! [linked](crate::full::program::link) from everything that the function can reach, with the state in the
//! store. The final state of the run is written back to the store.

use std::collections::HashMap;
use std::ops::ControlFlow;

use wasmparser::Validator;

use super::Version;
use super::backend::{Backend, Failure, SPECTEST_MEMORY, SPECTEST_PRINTS, SPECTEST_TABLE, spectest_globals};
use crate::full::isa::Op;
use crate::full::program::join::join_linked;
use crate::full::program::limits::MAX_PAGES;
use crate::full::program::store::{Extern, InstantiationError, Store};
use crate::full::program::{Call, FuncType, Global, GlobalType, Import, Input, Program, Value, reader};
use crate::full::trace::{Effect, End, Step};
use crate::harness::full::{Case, Full};
use crate::harness::{Engine, on_steps};
use crate::wasm::{ReadError, Source};

/// The number of steps after which an invocation is stopped.
const STEP_LIMIT: usize = 20_000_000;

/// An engine, and the store that its runs read and change.
pub struct StoreBackend<'e> {
    engine: &'e dyn Engine<Full>,
    store: Store,
    spectest: HashMap<&'static str, Extern>,
    registered: HashMap<String, usize>,
    limit_met: Option<String>,
}

impl<'e> StoreBackend<'e> {
    /// A backend that has the module `spectest` only.
    pub fn new(engine: &'e dyn Engine<Full>) -> StoreBackend<'e> {
        let mut store = Store::default();
        let print = |store: &mut Store, params: &[_]| store.inert_function(FuncType { params: params.to_vec(), results: Vec::new() });
        let mut spectest: HashMap<_, _> = SPECTEST_PRINTS.iter().map(|(name, params)| (*name, print(&mut store, params))).collect();
        for (name, ty, bits) in spectest_globals() {
            let global = Global { ty: GlobalType { value: ty, mutable: false }, value: Value::from_bits(ty, bits) };
            spectest.insert(name, store.global(global));
        }
        spectest.insert("memory", store.memory(SPECTEST_MEMORY));
        spectest.insert("table", store.table(SPECTEST_TABLE));
        StoreBackend { engine, store, spectest, registered: HashMap::new(), limit_met: None }
    }

    /// Runs a function of the store.
    fn run(&mut self, address: usize, arguments: &[Value]) -> Result<Vec<Value>, Failure> {
        let results = self.store.function_type(address).results.clone();
        let linked = self.store.link_function(address).map_err(|error| Failure::Unsupported(error.to_string()))?;
        let program = &linked.program;
        let calls = [Call::new(0, arguments)];
        let case = Case::new(program, &calls, Input::default());
        let mut steps = 0;
        let mut limit_met = None;
        let run = self.engine.run(
            case,
            &mut on_steps(|step| {
                steps += 1;
                if grow_failed_by_limit(program, step) {
                    limit_met = Some(format!("memory.grow beyond {MAX_PAGES} pages fails, as WebAssembly permits"));
                }
                if steps < STEP_LIMIT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            }),
        );
        let run = run.map_err(|error| Failure::Unsupported(error.reason))?;
        self.limit_met = self.limit_met.take().or(limit_met);
        self.store.absorb(&linked, &run.state);
        match run.end {
            End::Returned(values) => Ok(values.iter().zip(results).map(|(value, ty)| linked.in_store(*value, ty)).collect()),
            End::Trapped(trap) => Err(Failure::Trap(trap)),
            End::Refused(what) => Err(Failure::Unsupported(what.reason())),
            end => Err(Failure::Broken(end.to_string())),
        }
    }
}

impl Backend for StoreBackend<'_> {
    fn validate(&mut self, wasm: &[u8], version: Version) -> Result<(), Failure> {
        read(wasm).map_err(|error| Failure::Invalid(error.to_string()))?;
        Validator::new_with_features(version.features()).validate_all(wasm).map(drop).map_err(|error| Failure::Invalid(error.to_string()))
    }

    fn instantiate(&mut self, wasm: &[u8]) -> Result<usize, Failure> {
        let joined = read(wasm).and_then(|file| join_linked(&Source::named("module"), file.module));
        let module = joined.map_err(|error| Failure::Unsupported(error.reason))?;
        let Self { store, spectest, registered, .. } = self;
        let exporters = store.clone();
        let resolve = |import: &Import| match registered.get(&import.module) {
            Some(instance) => exporters.export(*instance, &import.name),
            None if import.module == "spectest" => spectest.get(import.name.as_str()).copied(),
            None => None,
        };
        let instance = store.instantiate(module, &resolve).map_err(|error| match error {
            InstantiationError::Segment(fault) => Failure::Trap(fault.trap),
            error => Failure::Unlinkable(error.to_string()),
        })?;
        if let Some(start) = self.store.start(instance) {
            self.run(start, &[])?;
        }
        Ok(instance)
    }

    fn register(&mut self, module: &str, instance: usize) {
        self.registered.insert(module.to_string(), instance);
    }

    fn invoke(&mut self, instance: usize, function: &str, arguments: &[Value]) -> Result<Vec<Value>, Failure> {
        match self.store.export(instance, function) {
            Some(Extern::Function(address)) => self.run(address, arguments),
            _ => Err(Failure::Broken(format!("no function {function:?} is exported"))),
        }
    }

    fn get(&mut self, instance: usize, global: &str) -> Result<Value, Failure> {
        match self.store.export(instance, global) {
            Some(Extern::Global(address)) => Ok(self.store.global_value(address)),
            _ => Err(Failure::Broken(format!("no global {global:?} is exported"))),
        }
    }

    fn limit_met(&self) -> Option<String> {
        self.limit_met.clone()
    }
}

/// Whether a step is a `memory.grow` that failed because of the profile's limit. That is the case where the
/// module itself does not set a lower limit.
fn grow_failed_by_limit(program: &Program, step: Step) -> bool {
    step.effect == Effect::Push(Value::I32(-1))
        && program.code[step.pc as usize].op == Op::MemoryGrow
        && program.memory.as_ref().is_some_and(|memory| memory.max_pages == MAX_PAGES)
}

fn read(wasm: &[u8]) -> Result<reader::File, ReadError> {
    reader::read_bytes(&Source::named("module"), wasm)
}
