//! wasmi as a backend. wasmi itself links modules and keeps their state.

use wasmi::errors::{ErrorKind, InstantiationError};
use wasmi::{
    Engine, Error, Func, FuncType, Global, Instance, Linker, Memory, MemoryType, Module, Mutability, Store, Table, TableType, Val,
};

use super::Version;
use super::backend::{Backend, Failure, SPECTEST_MEMORY, SPECTEST_PRINTS, SPECTEST_TABLE, spectest_globals};
use crate::full::isa::Trap;
use crate::full::isa::ValType;
use crate::full::program::Value;
use crate::harness::full::wasmi::{Functions, config, to_val, trap, val_type};

/// wasmi with the modules of a script.
pub struct WasmiBackend {
    store: Store<()>,
    linker: Linker<()>,
    instances: Vec<Instance>,
}

impl Default for WasmiBackend {
    fn default() -> WasmiBackend {
        let engine = Engine::new(&config());
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        link_spectest(&mut store, &mut linker).unwrap_or_else(|error| unreachable!("spectest is within every limit: {error}"));
        WasmiBackend { store, linker, instances: Vec::new() }
    }
}

fn link_spectest(store: &mut Store<()>, linker: &mut Linker<()>) -> Result<(), Error> {
    for (name, params) in SPECTEST_PRINTS {
        let ty = FuncType::new(params.iter().map(|ty| val_type(*ty)), []);
        let print = Func::new(&mut *store, ty, |_, _, _| Ok(()));
        linker.define("spectest", name, print)?;
    }
    for (name, ty, bits) in spectest_globals() {
        let value = match ty {
            ValType::I32 => Val::I32(bits as i32),
            ValType::I64 => Val::I64(bits as i64),
            ValType::F32 => Val::F32(wasmi::F32::from_bits(bits as u32)),
            _ => Val::F64(wasmi::F64::from_bits(bits)),
        };
        linker.define("spectest", name, Global::new(&mut *store, value, Mutability::Const))?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(SPECTEST_MEMORY.min, SPECTEST_MEMORY.max))?;
    linker.define("spectest", "memory", memory)?;
    let limits = SPECTEST_TABLE.limits;
    let table = TableType::new(wasmi::RefType::Func, limits.min, limits.max);
    let table = Table::new(&mut *store, table, wasmi::Ref::Func(wasmi::Nullable::Null))?;
    linker.define("spectest", "table", table)?;
    Ok(())
}

impl WasmiBackend {
    fn compile(&self, wasm: &[u8]) -> Result<Module, Failure> {
        Module::new(self.linker.engine(), wasm).map_err(|error| Failure::Invalid(error.to_string()))
    }
}

/// The reason why a run or an instantiation failed.
fn failure(error: Error) -> Failure {
    match (error.as_trap_code().and_then(trap), error.kind()) {
        (Some(trap), _) => Failure::Trap(trap),
        (None, ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. })) => Failure::Trap(Trap::TableOutOfBounds),
        (None, ErrorKind::Linker(_) | ErrorKind::Instantiation(_)) => Failure::Unlinkable(error.to_string()),
        (None, _) => Failure::Broken(error.to_string()),
    }
}

impl Backend for WasmiBackend {
    fn validate(&mut self, wasm: &[u8], version: Version) -> Result<(), Failure> {
        let mut config = config();
        if version == Version::One {
            config.wasm_sign_extension(false).wasm_multi_value(false).wasm_saturating_float_to_int(false);
            config.wasm_reference_types(false).wasm_bulk_memory(false).wasm_extended_const(false);
        }
        Module::new(&Engine::new(&config), wasm).map(drop).map_err(|error| Failure::Invalid(error.to_string()))
    }

    fn instantiate(&mut self, wasm: &[u8]) -> Result<usize, Failure> {
        let module = self.compile(wasm)?;
        let instance = self.linker.instantiate_and_start(&mut self.store, &module).map_err(failure)?;
        self.instances.push(instance);
        Ok(self.instances.len() - 1)
    }

    fn register(&mut self, module: &str, instance: usize) {
        // A name that is registered again refers to the newer instance.
        self.linker.allow_shadowing(true);
        self.linker
            .instance(&mut self.store, module, self.instances[instance])
            .unwrap_or_else(|error| unreachable!("shadowing is allowed: {error}"));
    }

    fn invoke(&mut self, instance: usize, function: &str, arguments: &[Value]) -> Result<Vec<Value>, Failure> {
        let exported = self.instances[instance].get_func(&self.store, function);
        let exported = exported.ok_or_else(|| Failure::Broken(format!("no function {function:?} is exported")))?;
        let ty = exported.ty(&self.store);
        let arguments: Vec<Val> = arguments.iter().zip(ty.params()).map(|(value, ty)| to_val(&mut self.store, *value, *ty)).collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        exported.call(&mut self.store, &arguments, &mut results).map_err(failure)?;
        Ok(results.iter().filter_map(|value| Functions::default().value_of(&self.store, value)).collect())
    }

    fn get(&mut self, instance: usize, global: &str) -> Result<Value, Failure> {
        let exported = self.instances[instance].get_global(&self.store, global);
        let value = exported.and_then(|exported| Functions::default().value_of(&self.store, &exported.get(&self.store)));
        value.ok_or_else(|| Failure::Broken(format!("no global {global:?} is exported")))
    }

    fn limit_met(&self) -> Option<String> {
        None
    }
}
